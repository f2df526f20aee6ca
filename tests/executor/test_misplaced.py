"""Nodes that lack what the catalog says of them: errors in the catalog's words, and fedgate.problems until it is mended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.executor.run import Executor
from fedgate.session.engine import Engine
from fedgate.session.session import Session

COLUMNS = [{"name": "x", "type": "integer"}, {"name": "y", "type": "text"}]


@dataclass
class Catalog:
    """A catalog that tests change."""

    only: Snapshot

    def snapshot(self) -> Snapshot:
        return self.only


def snapshot(root: Path, reads: str = "yy") -> Snapshot:
    """Table t: at node lite its column y is read from `reads`."""
    documents: list[dict[str, object]] = [{"kind": "table", "name": "t", "columns": COLUMNS}]
    for name, engine, url, relation, columns in (
        ("lite", "sqlite", "lite.db", "t", {"y": {"from": reads}}),
        ("empty", "sqlite", "empty.db", "t", {}),
        ("duck", "duckdb", "a.duckdb", "t", {"y": {"from": "yy"}}),
        ("other", "duckdb", "a.duckdb", "nope", {}),
        ("files", "parquet", "files", "t.parquet", {}),
        ("none", "parquet", "files", "u/*.parquet", {}),
    ):
        documents.append({"kind": "node", "name": name, "engine": engine, "url": str(root / url)})
        placement: dict[str, object] = {"kind": "placement", "table": "t", "node": name, "relation": relation}
        documents.append({**placement, "columns": columns} if columns else placement)
    made = Snapshot.build(documents, revision=reads)
    assert not made.problems
    return made


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    with closing(sqlite3.connect(tmp_path / "lite.db")) as lite:
        lite.executescript("CREATE TABLE t (x integer, y text); INSERT INTO t VALUES (1, 'a')")
    (tmp_path / "empty.db").touch()
    with duckdb.connect(str(tmp_path / "a.duckdb")) as duck:
        duck.execute("CREATE TABLE t AS SELECT 1 AS x, 'a' AS y")
    (tmp_path / "files").mkdir()
    pq.write_table(pa.table({"x": pa.array([1], pa.int32())}), tmp_path / "files" / "t.parquet")
    return Catalog(snapshot(tmp_path))


@pytest.fixture
def session(catalog: Catalog) -> Iterator[Session]:
    executor = Executor()
    with closing(Session(Engine(catalog, executor), user="u")) as opened:
        yield opened
    executor.close()


def ask(session: Session, text: str) -> list[tuple[object, ...]]:
    (raw,) = session.parse_script(text)
    try:
        rows = session.run(raw).rows
        assert rows is not None
        return [tuple(row.values()) for batch in rows.take() for row in batch.to_pylist()]
    finally:
        session.end_script()


def problems(session: Session) -> list[tuple[object, ...]]:
    return ask(session, "SELECT kind, name, message FROM fedgate.problems ORDER BY 2")


@pytest.mark.parametrize(
    ("node", "state", "lacks"),
    [
        ("lite", "42703", 'column "yy" in relation "t", which the placement of table "t" reads as "y"'),
        ("empty", "42P01", 'relation "t", which the placement of table "t" names'),
        ("duck", "42703", 'column "yy" in relation "t", which the placement of table "t" reads as "y"'),
        ("other", "42P01", 'relation "nope", which the placement of table "t" names'),
        ("files", "42703", 'column "y" in relation "t.parquet", which the placement of table "t" reads'),
        ("none", "42P01", 'relation "u/*.parquet", which the placement of table "t" names'),
    ],
)
def test_what_a_node_lacks(session: Session, node: str, state: str, lacks: str) -> None:
    with pytest.raises(SqlError) as caught:
        ask(session, f"SELECT max(y) FROM t WHERE _node = '{node}'")
    assert (caught.value.sqlstate, caught.value.message) == (state, f'node "{node}" has no {lacks}')
    assert caught.value.hint is not None
    assert "fedgate check" in caught.value.hint
    assert problems(session) == [("placement", f"t at {node}", caught.value.message)]


def test_a_problem_stands_until_what_was_missing_is_there(session: Session, tmp_path: Path) -> None:
    with pytest.raises(SqlError):
        ask(session, "SELECT max(y) FROM t WHERE _node = 'lite'")
    assert ask(session, "SELECT max(x) FROM t WHERE _node = 'lite'") == [(1,)]
    assert len(problems(session)) == 1  # that statement did not need the column
    with closing(sqlite3.connect(tmp_path / "lite.db")) as lite:
        lite.executescript("ALTER TABLE t RENAME COLUMN y TO yy")
    assert ask(session, "SELECT max(y) FROM t WHERE _node = 'lite'") == [("a",)]
    assert problems(session) == []


def test_a_problem_ends_with_the_placement(session: Session, catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(SqlError):
        ask(session, "SELECT max(y) FROM t WHERE _node = 'lite'")
    catalog.only = snapshot(tmp_path, reads="y")
    assert problems(session) == []
    assert ask(session, "SELECT max(y) FROM t WHERE _node = 'lite'") == [("a",)]
