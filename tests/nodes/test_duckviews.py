"""Typed views: chosen by the types that a relation has now, kept between sessions, made again when its files are others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fedgate.errors import SqlError
from fedgate.fragment import Fragment, TypedColumn, TypedView
from fedgate.nodes import duckviews
from fedgate.nodes.duckhost import HOST
from fedgate.nodes.duckviews import IdleCursors, ViewCursor
from tests.nodes.helpers import fragment, node, rows

CASES = (("@ IN ('INTEGER', 'BIGINT')", 'CAST("v" AS VARCHAR)'), ("@ = 'VARCHAR'", "'text ' || \"v\""))
ILL = "error('SQLSTATE:22P02:v is neither')"


def reading(relation: str) -> Fragment:
    view = TypedView(f"{relation} 1", (None, relation), (TypedColumn("c1", '"v"', CASES, ILL),))
    return fragment(f'SELECT c1 FROM temp."{view.name}"', ("c1", pa.string()), relations=(view.relation,), views=(view,))


def write(path: Path, *statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement).fetchall()


def test_the_case_of_the_stored_type(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    write(path, "CREATE TABLE t AS SELECT 7 AS v", "CREATE TABLE s AS SELECT 'x' AS v", "CREATE TABLE d AS SELECT 1.5::DOUBLE AS v")
    assert rows(node("duckdb", path), reading("t"), reading("s"), reading("t")) == [[("7",)], [("text x",)], [("7",)]]
    with pytest.raises(SqlError, match="v is neither") as caught:
        rows(node("duckdb", path), reading("d"))
    assert caught.value.sqlstate == "22P02"
    with pytest.raises(SqlError) as caught:
        rows(node("duckdb", path), reading("gone"))
    assert caught.value.sqlstate == "42P01"


def test_a_column_that_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    write(path, "CREATE TABLE t AS SELECT 7 AS w")
    with pytest.raises(SqlError) as caught:
        rows(node("duckdb", path), reading("t"))
    assert caught.value.sqlstate == "42703"


def test_a_cursor_keeps_its_views(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    write(path, "CREATE TABLE t AS SELECT 7 AS v")
    rows(node("duckdb", path), reading("t"))
    kept = HOST.cursor(str(path))
    assert list(kept.made) == ["t 1"]
    HOST.give(str(path), kept)
    assert rows(node("duckdb", path), reading("t")) == [[("7",)]]
    again = HOST.cursor(str(path))
    assert again is kept
    again.connection.close()


def test_a_changed_table_is_read_by_its_new_type(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    write(path, "CREATE TABLE t AS SELECT 7 AS v")
    assert rows(node("duckdb", path), reading("t")) == [[("7",)]]
    write(path, "ALTER TABLE t ALTER v TYPE VARCHAR")
    assert rows(node("duckdb", path), reading("t")) == [[("text 7",)]]


def test_a_table_changed_in_the_log_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    write(path, "CREATE TABLE t AS SELECT 7 AS v")
    assert rows(node("duckdb", path), reading("t")) == [[("7",)]]
    with duckdb.connect(str(path)) as writer:
        writer.execute("SET checkpoint_threshold = '1TB'").fetchall()
        writer.execute("PRAGMA disable_checkpoint_on_shutdown").fetchall()
        writer.execute("ALTER TABLE t ALTER v TYPE VARCHAR").fetchall()
    assert Path(f"{path}.wal").exists()
    assert rows(node("duckdb", path), reading("t")) == [[("text 7",)]]


def test_a_parquet_file_in_the_place_of_another(tmp_path: Path) -> None:
    pq.write_table(pa.table({"v": [7]}), tmp_path / "f.parquet")
    assert rows(node("parquet", tmp_path), reading("f.parquet")) == [[("7",)]]
    pq.write_table(pa.table({"v": ["7"]}), tmp_path / "f.parquet")
    assert rows(node("parquet", tmp_path), reading("f.parquet")) == [[("text 7",)]]
    pq.write_table(pa.table({"v": [8]}), tmp_path / "g.parquet")
    whole = TypedView("all 1", (None, "."), (TypedColumn("c1", '"v"', CASES, ILL),))
    every = fragment('SELECT c1 FROM temp."all 1"', ("c1", pa.string()), views=(whole,))
    assert rows(node("parquet", tmp_path), every) == [[("text 7",), ("text 8",)]]


def test_a_failed_session_keeps_no_cursor(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    write(path, "CREATE TABLE d AS SELECT 1.5::DOUBLE AS v")
    with pytest.raises(SqlError):
        rows(node("duckdb", path), reading("d"))
    fresh = HOST.cursor(str(path))
    assert not fresh.made
    fresh.connection.close()


def test_idle_cursors_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckviews, "IDLE_MAX", 3)
    monkeypatch.setattr(duckviews, "IDLE_PER_NODE_MAX", 2)
    root = duckdb.connect(":memory:")
    idle = IdleCursors()

    def closed(cursor: ViewCursor) -> bool:
        try:
            cursor.connection.execute("SELECT 1").fetchall()
        except duckdb.ConnectionException:
            return True
        return False

    a, b, c, d, e = (ViewCursor(root, root.cursor()) for _ in range(5))
    for name, cursor in (("x", a), ("x", b), ("x", c)):
        idle.give(name, cursor)
    assert [closed(cursor) for cursor in (a, b, c)] == [True, False, False]
    idle.give("y", d)
    idle.give("z", e)
    assert [closed(cursor) for cursor in (b, c, d, e)] == [True, False, False, False]
    assert idle.take("x") is c
    assert idle.take("x") is None
    full = ViewCursor(root, root.cursor(), {str(n): ("", ()) for n in range(duckviews.VIEWS_PER_CURSOR_MAX + 1)})
    idle.give("x", full)
    assert closed(full)
    idle.clear()
    assert closed(d)
    root.close()
