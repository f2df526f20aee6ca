"""What the tests of the executor share: catalogs over real files, and statements run the whole way down."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from fedgate.catalog.snapshot import Snapshot
from fedgate.executor.api import CancelToken, ExecContext, ExecSettings, ResultStream
from fedgate.executor.run import Executor
from fedgate.planner import make_plan
from fedgate.schema import Table
from fedgate.sql.bind import bind
from fedgate.sql.bind.context import BindContext
from fedgate.sql.parse import parse
from fedgate.types.values import Value

Row = tuple[Any, ...]
TABLE = {
    "kind": "table",
    "name": "r",
    "columns": [
        {"name": "device", "type": "text"},
        {"name": "temp", "type": "double precision"},
        {"name": "n", "type": "integer"},
    ],
}


class NoLocal:
    """A LocalSource without tables."""

    def rows(self, table: Table) -> pa.Table:
        raise AssertionError(f"nobody asked for {table.name}")


class Gateway:
    """One executor over one catalog."""

    def __init__(self, *documents: Mapping[str, Any]) -> None:
        self.snapshot = Snapshot.build(documents)
        assert not self.snapshot.problems, self.snapshot.problems
        self.executor = Executor()
        self.ctx = context()

    def stream(self, text: str, ctx: ExecContext | None = None) -> ResultStream:
        """The statement's stream, begun."""
        where = BindContext(
            search_path=("public",), timezone="UTC", datestyle="ISO, MDY", intervalstyle="postgres", user="u", database="fedgate"
        )
        plan = make_plan(bind(parse(text)[0], self.snapshot, where), self.snapshot)
        self.ctx = ctx or context()
        return self.executor.execute(plan, self.snapshot, self.ctx)

    def rows(self, text: str, ctx: ExecContext | None = None) -> list[Row]:
        """All rows of a statement; every batch is checked to have the stream's schema."""
        stream = self.stream(text, ctx)
        try:
            return list(rows_of(stream))
        finally:
            stream.close()

    @property
    def asked(self) -> list[str]:
        """The nodes that the last statement asked, sorted."""
        return sorted(s.node for s in self.ctx.stats)


def rows_of(stream: ResultStream) -> Iterator[Row]:
    """The stream's rows as Python values."""
    for batch in stream:
        assert batch.schema.equals(stream.schema), f"{batch.schema} is not {stream.schema}"
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def context(values: Mapping[str, Value] | None = None, **settings: Any) -> ExecContext:
    """An execution without parameters."""
    return ExecContext(values or {}, ExecSettings(**settings), CancelToken(), NoLocal())


def node(name: str, engine: str, url: str | Path, **more: Any) -> dict[str, Any]:
    return {"kind": "node", "name": name, "engine": engine, "url": str(url), **more}


def placement(name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "placement", "table": "r", "node": name, "relation": "r", **more}


def sqlite_file(path: Path, rows: int, *, first: int = 0, wal: bool = False) -> Path:
    """A file with table r of `rows` rows: device d0…d4, temp n / 2, n from `first` on."""
    with sqlite3.connect(path) as connection:
        if wal:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE r (device TEXT, temp REAL, n INTEGER)")
        connection.executemany("INSERT INTO r VALUES (?, ?, ?)", ((f"d{i % 5}", i / 2, i) for i in range(first, first + rows)))
    connection.close()
    return path


def eventually(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    """Return once the condition holds."""
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.005)  # a poll: what is waited for notifies nobody
