"""Exchanges over the gateway's own tables: system and temp ones, alone and joined with nodes' rows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from fedgate.executor.run import Executor
from fedgate.planner import make_plan
from fedgate.schema import Column, Table, View
from fedgate.sql.bind import bind
from fedgate.sql.bind.context import BindContext
from fedgate.sql.parse import parse
from fedgate.types import SqlType
from tests.executor.helpers import TABLE, Gateway, Row, context, node, placement, rows_of, sqlite_file

KINDS = Table("own", "kinds", (Column(1, "name", SqlType(25)), Column(2, "Weight", SqlType(23))), 99_999, kind="system")


class Relations:
    """A snapshot's relations and one system table."""

    def __init__(self, gateway: Gateway) -> None:
        self._snapshot = gateway.snapshot

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        return KINDS if (schema, name) == ("own", "kinds") else self._snapshot.find(schema, name, search_path)

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        return None

    def schema_exists(self, schema: str) -> bool:
        return True


class Local:
    """Its rows."""

    def __init__(self) -> None:
        self.calls = 0

    def rows(self, table: Table) -> pa.Table:
        assert table is KINDS
        self.calls += 1
        return pa.table({"name": ["d1", "d2", None], "Weight": pa.array([10, 20, 30], pa.int32())})


def ask(gateway: Gateway, text: str) -> list[Row]:
    where = BindContext(
        search_path=("public",), timezone="UTC", datestyle="ISO, MDY", intervalstyle="postgres", user="u", database="fedgate"
    )
    plan = make_plan(bind(parse(text)[0], Relations(gateway), where), gateway.snapshot)
    ctx = context()
    ctx.local = Local()
    executor = Executor()
    stream = executor.execute(plan, gateway.snapshot, ctx)
    try:
        return list(rows_of(stream))
    finally:
        stream.close()
        executor.close()


def test_local_tables(tmp_path: Path) -> None:
    gateway = Gateway(TABLE, node("a", "sqlite", sqlite_file(tmp_path / "a.db", 100)), placement("a"))
    assert ask(gateway, 'SELECT name, "Weight" FROM own.kinds WHERE "Weight" > 10 ORDER BY 2') == [("d2", 20), (None, 30)]
    assert ask(gateway, "SELECT count(*) FROM own.kinds") == [(3,)]
    joined = 'SELECT k.name, k."Weight", count(*) FROM r JOIN own.kinds k ON k.name = r.device GROUP BY 1, 2 ORDER BY 1'
    assert ask(gateway, joined) == [("d1", 10, 20), ("d2", 20, 20)]
    assert ask(gateway, "SELECT count(*) FROM r WHERE device IN (SELECT name FROM own.kinds)") == [(40,)]
