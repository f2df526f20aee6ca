"""Temporary tables: whose they are, where they lie, and what they may take."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from fedgate import limits
from fedgate.config import Config
from fedgate.errors import SqlError
from fedgate.executor.spool import Room
from fedgate.server import engine
from fedgate.session import temp_rows
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from fedgate.session.temp_rows import Held, Store
from fedgate.types import SqlType

INT8, TEXT = SqlType(20), SqlType(25)
SCHEMA = pa.schema([("c1", pa.int64()), ("c2", pa.string())])


def batch(first: int, rows: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.array(range(first, first + rows)), pa.array([f"v{i}" for i in range(rows)])], schema=SCHEMA
    )


# --------------------------------------------------------------------------------------------------------------------- rows


def test_states_of_a_table_share_pieces_and_do_not_see_later_rows(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one = Held(SCHEMA).with_rows([batch(0, 10)], store)
    two = one.with_row((10, "x"), (INT8, TEXT), store)
    three = two.with_row((11, "y"), (INT8, TEXT), store)
    other = two.with_row((12, "z"), (INT8, TEXT), store)  # after `three`, as after ROLLBACK TO
    fewer = three.without(np.array([0, 11]), store)
    assert [h.rows for h in (one, two, three, other, fewer)] == [10, 11, 12, 12, 10]
    assert three.plain()["c1"].to_pylist() == list(range(12))
    assert other.plain()["c1"].to_pylist() == [*range(11), 12]
    assert fewer.plain()["c1"].to_pylist() == list(range(1, 11))
    assert fewer.table()["c_1"].to_pylist() == list(range(10))


def test_many_small_inserts_make_few_pieces(tmp_path: Path) -> None:
    store = Store(tmp_path)
    held = Held(SCHEMA)
    for i in range(300):
        held = held.with_rows([batch(i, 1)], store)
    assert held.plain()["c1"].to_pylist() == list(range(300))
    assert len(held.pieces) < 12


def test_rows_go_to_disk_and_give_their_room_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TEMP_MEMORY_BYTES_MAX", 1000)
    store = Store(tmp_path)
    held = Held(SCHEMA).with_rows([batch(0, 5000)], store)
    assert held.plain()["c1"].to_pylist() == list(range(5000))
    assert store.used_bytes > 50_000
    assert not list(tmp_path.iterdir()), "the file has no name"
    del held
    assert store.used_bytes == 0


def test_a_limit_is_53400_and_leaves_the_room_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TEMP_BYTES_MAX", 20_000)
    monkeypatch.setattr(temp_rows, "ALL_TEMP", Room(10**9))
    store = Store(tmp_path)
    held = Held(SCHEMA).with_rows([batch(0, 100)], store)
    before = store.used_bytes
    with pytest.raises(SqlError, match="temporary tables of this session exceed") as raised:
        held.with_rows([batch(0, 5000)], store)
    assert raised.value.sqlstate == "53400"
    assert store.used_bytes == before


# ------------------------------------------------------------------------------------------------------------------ sessions


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine(Config(catalog=tmp_path_factory.mktemp("catalog"), listen=("127.0.0.1", 0))) as made:
        yield made


def rows(session: Session, sql: str) -> list[dict[str, object]]:
    """The last statement's rows."""
    found: list[dict[str, object]] = []
    for raw in session.parse_script(sql):
        result = session.run(raw)
        found = [row for b in result.rows.take() for row in b.to_pylist()] if result.rows is not None else []
    session.end_script()
    return found


def test_plans_over_temporary_tables_are_found_by_their_session_only(core: Engine) -> None:
    one, two = Session(core, user="a", process_id=1), Session(core, user="a", process_id=2)
    for session, value in ((one, 1), (two, 2)):
        rows(session, f"CREATE TEMP TABLE t (a int); INSERT INTO t VALUES ({value})")
    assert [list(r.values()) for s in (one, two, one) for r in rows(s, "SELECT a FROM t")] == [[1], [2], [1]]
    rows(one, "DROP TABLE t; CREATE TEMP TABLE t (a text); INSERT INTO t VALUES ('x')")
    assert [list(r.values()) for s in (one, two) for r in rows(s, "SELECT a FROM t")] == [["x"], [2]]
    rows(two, "DROP TABLE t")
    with pytest.raises(SqlError, match='relation "t" does not exist'):
        rows(two, "SELECT a FROM t")


def test_a_plan_is_found_again_until_the_table_has_changed_much(core: Engine) -> None:
    session = Session(core, user="b", process_id=3)
    rows(session, "CREATE TEMP TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100); SELECT sum(a) FROM t")
    misses = core.statements.misses
    assert list(rows(session, "INSERT INTO t VALUES (101); SELECT sum(a) FROM t")[0].values()) == [5151]
    assert core.statements.misses == misses
    rows(session, "INSERT INTO t SELECT generate_series(1, 1000); SELECT sum(a) FROM t")
    assert core.statements.misses == misses + 1
    assert session.temp.tables["t"].table.estimate == 1101


def test_the_end_of_a_session_gives_its_room_back(core: Engine) -> None:
    gc.collect()  # sessions of other tests, which nobody has closed
    before = temp_rows.ALL_TEMP.used_bytes
    session = Session(core, user="c", process_id=4)
    rows(session, "CREATE TEMP TABLE t AS SELECT generate_series(1, 1000) AS a; SELECT count(*) FROM t")
    assert temp_rows.ALL_TEMP.used_bytes > before
    session.close()
    assert temp_rows.ALL_TEMP.used_bytes == before


def test_many_rows_of_a_temporary_table_wait_in_a_spool(core: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LAZY_TABLE_BYTES_MIN", 1000)
    session = Session(core, user="d", process_id=5)
    rows(session, "CREATE TEMP TABLE t AS SELECT generate_series(1, 40000) AS a")
    assert list(rows(session, "SELECT count(*), sum(a) FROM (SELECT a FROM t) AS s")[0].values()) == [40_000, 800_020_000]
    assert list(rows(session, "SELECT count(*) FROM t AS x JOIN t AS y USING (a)")[0].values()) == [40_000]
