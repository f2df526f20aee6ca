"""DuckDB and Parquet nodes: shared attachments, snapshots, files by name, writers, cancel."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fedgate.errors import SqlError
from fedgate.nodes.engines import engine
from fedgate.nodes.relations import duckdb_relation
from tests.nodes.helpers import field, fragment, node, rows

T: tuple[str | None, str] = (None, "t")
COUNT = fragment(f"SELECT count(*) FROM {duckdb_relation(T)}", ("c1", pa.int64()), relations=(T,))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT i::INTEGER AS i, i * 0.5 AS f FROM range(10) r(i)").fetchall()
        connection.execute('CREATE SCHEMA s; CREATE TABLE s."T ""x" AS SELECT 7 AS v').fetchall()
        connection.execute("CREATE MACRO abs(x) AS 'shadowed'").fetchall()
    return path


def held(path: Path) -> list[str]:
    links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    return [os.readlink(link) for link in links if os.path.exists(link) and os.readlink(link).startswith(str(path))]


def test_values_in_carriers(database: Path) -> None:
    values = fragment(
        "SELECT 1::HUGEINT AS c1, 1.5::DOUBLE AS c2, 12.5::DECIMAL(5,2) AS c3, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS c4,"
        " uuid '00000000-0000-0000-0000-000000000001' AS c5, INTERVAL '1 month' AS c6, ['a', NULL] AS c7, 'x'::BLOB AS c8,"
        " TIME '10:00' AS c9, [1::BIGINT, NULL] AS c10",
        ("c1", pa.int64()),
        ("c2", pa.float32()),
        ("c3", pa.decimal128(12, 4)),
        ("c4", pa.timestamp("us", tz="UTC")),
        ("c5", pa.string()),
        ("c6", pa.month_day_nano_interval()),
        ("c7", pa.list_(pa.string())),
        ("c8", pa.binary()),
        ("c9", pa.time64("us")),
        ("c10", pa.list_(pa.int32())),
    )
    noon = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    assert rows(node("duckdb", database), values) == [
        [
            (
                1,
                1.5,
                Decimal("12.5000"),
                noon,
                "00000000-0000-0000-0000-000000000001",
                (1, 0, 0),
                ["a", None],
                b"x",
                datetime.time(10),
                [1, None],
            )
        ]
    ]


def test_relations_by_name(database: Path) -> None:
    other: tuple[str | None, str] = ("s", 'T "x')
    both = fragment(
        f"SELECT v, abs(-1) FROM {duckdb_relation(other)}, {duckdb_relation(T)} LIMIT 1",
        ("c1", pa.int32()),
        ("c2", pa.int32()),
        relations=(other, T),
    )
    assert rows(node("duckdb", database), both, COUNT) == [[(7, 1)], [(10,)]]


@pytest.mark.parametrize(
    ("sql", "arrow", "state"),
    [("SELECT 40000", pa.int16(), "22003"), ("SELECT 1e300::DOUBLE", pa.float32(), "22003"), ("SELECT 'x'", pa.int32(), "22P02")],
)
def test_values_that_do_not_fit(database: Path, sql: str, arrow: pa.DataType, state: str) -> None:
    with pytest.raises(SqlError, match='column "temp" of relation "t" at node "n"') as caught:
        rows(node("duckdb", database), fragment(sql, field("c1", arrow, column="temp")))
    assert caught.value.sqlstate == state


def test_errors_name_the_node(database: Path) -> None:
    with pytest.raises(SqlError, match='node "n"') as caught:
        rows(node("duckdb", database), fragment("SELECT 'x'::INTEGER", ("c1", pa.int32())))
    assert (caught.value.node, caught.value.sqlstate[:2]) == ("n", "22")
    missing: tuple[str | None, str] = (None, "gone")
    with pytest.raises(SqlError, match="gone") as caught:
        rows(node("duckdb", database), fragment("SELECT 1", ("c1", pa.int32()), relations=(missing,)))
    assert caught.value.sqlstate == "42P01"


def test_sessions_share_a_file_and_let_it_go(database: Path) -> None:
    first = engine("duckdb").connect(node("duckdb", database), timeout_s=1)
    second = engine("duckdb").connect(node("duckdb", database), timeout_s=1)
    assert [b.num_rows for b in first.run(COUNT)] == [1]
    reading = second.run(fragment(f"SELECT i FROM {duckdb_relation(T)}", ("c1", pa.int32()), relations=(T,)))
    assert next(reading).num_rows == 10
    first.close()
    assert held(database)
    second.close()
    second.close()
    assert not held(database)
    with duckdb.connect(str(database)) as writer:  # the site's own writer goes on
        writer.execute("INSERT INTO t VALUES (10, 5)").fetchall()
    assert rows(node("duckdb", database), COUNT) == [[(11,)]]


def test_a_writer_waits_for_the_whole_session(database: Path) -> None:
    program = f"import duckdb; duckdb.connect({str(database)!r}).execute('DELETE FROM t').fetchall()"
    session = engine("duckdb").connect(node("duckdb", database), timeout_s=1)
    counts = [next(iter(session.run(COUNT))).column(0).to_pylist()]
    written = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert b"Could not set lock" in written.stderr
    counts += [batch.column(0).to_pylist() for batch in session.run(COUNT)]
    session.close()
    assert counts == [[10], [10]]
    subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert rows(node("duckdb", database), COUNT) == [[(0,)]]


def test_held_by_its_writer(database: Path) -> None:
    program = f"import duckdb, sys; c = duckdb.connect({str(database)!r}); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"held\n"
        with pytest.raises(SqlError) as caught:
            engine("duckdb").connect(node("duckdb", database), timeout_s=1)
        assert (caught.value.sqlstate, caught.value.node) == ("55006", "n")
        assert caught.value.hint
        writer.communicate()
    assert rows(node("duckdb", database), COUNT) == [[(10,)]]


def test_cancel_stops_an_aggregate(database: Path) -> None:
    endless = "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE sqrt(a.range * b.range) = 3.5"
    session = engine("duckdb").connect(node("duckdb", database), timeout_s=1)
    threading.Timer(0.1, session.cancel).start()
    began = time.monotonic()
    with pytest.raises(SqlError) as caught:
        list(session.run(fragment(endless, ("c1", pa.int64()))))
    assert caught.value.sqlstate == "57014"
    assert time.monotonic() - began < 1
    session.close()
    assert not held(database)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    root = tmp_path / "lake"
    for name, table in (
        ("2024/a.parquet", pa.table({"i": [1, 2], "s": ["x", "y"]})),
        ("2024/b[1].parquet", pa.table({"s": ["z"], "i": pa.array([3], pa.int32())})),
        ("2025/c.parquet", pa.table({"i": [4]})),
        ("2025/.hidden.parquet", pa.table({"i": [5]})),
        ("_tmp/d.parquet", pa.table({"i": [6]})),
        ("2025/note.txt", None),
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if table is None:
            path.write_text("not parquet")
        else:
            pq.write_table(table, path)
    return root


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (".", [1, 2, 3, 4]),
        ("2024", [1, 2, 3]),
        ("2024/b[1].parquet", [3]),
        ("2024/*.parquet", [1, 2, 3]),
        ("*/[!b].parquet", [1, 2, 4]),
        ("**/?.parquet", [1, 2, 4]),
        ("202?", [1, 2, 3, 4]),
    ],
)
def test_parquet_files_by_pattern(directory: Path, pattern: str, expected: list[int]) -> None:
    relation: tuple[str | None, str] = (None, pattern)
    some = fragment(f"SELECT i FROM {duckdb_relation(relation)} ORDER BY i", ("c1", pa.int64()), relations=(relation,))
    assert rows(node("parquet", directory), some) == [[(i,) for i in expected]]


def test_parquet_columns_by_name(directory: Path) -> None:
    relation: tuple[str | None, str] = (None, ".")
    some = fragment(
        f"SELECT i, s FROM {duckdb_relation(relation)} ORDER BY i",
        ("c1", pa.int32()),
        ("c2", pa.string()),
        relations=(relation,),
    )
    assert rows(node("parquet", directory), some) == [[(1, "x"), (2, "y"), (3, "z"), (4, None)]]


def test_parquet_names_differ_by_case_only(tmp_path: Path) -> None:
    for name, value in (("a", 1), ("A", 2)):
        (tmp_path / name).mkdir()
        pq.write_table(pa.table({"i": [value]}), tmp_path / name / "x.parquet")
    lower, upper = (None, "a"), (None, "A")
    found = rows(
        node("parquet", tmp_path),
        fragment(f"SELECT i FROM {duckdb_relation(lower)}", ("c1", pa.int64()), relations=(lower,)),
        fragment(f"SELECT i FROM {duckdb_relation(upper)}", ("c1", pa.int64()), relations=(upper,)),
    )
    assert found == [[(1,)], [(2,)]]


def test_parquet_list_is_fixed_when_the_session_opens(directory: Path) -> None:
    relation: tuple[str | None, str] = (None, ".")
    count = fragment(f"SELECT count(*) FROM {duckdb_relation(relation)}", ("c1", pa.int64()), relations=(relation,))
    session = engine("parquet").connect(node("parquet", directory), timeout_s=1)
    pq.write_table(pa.table({"i": [9]}), directory / "new.parquet")
    assert [b.to_pydict() for b in session.run(count)] == [{"c1": [4]}]
    session.close()
    assert rows(node("parquet", directory), count) == [[(5,)]]


def test_parquet_errors(directory: Path) -> None:
    with pytest.raises(SqlError) as caught:
        engine("parquet").connect(node("parquet", directory / "none"), timeout_s=1)
    assert caught.value.sqlstate == "08001"
    nothing: tuple[str | None, str] = (None, "2030")
    with pytest.raises(SqlError, match="names no Parquet file") as caught:
        rows(node("parquet", directory), fragment("SELECT 1", ("c1", pa.int32()), relations=(nothing,)))
    assert caught.value.sqlstate == "42P01"
    (directory / "bad.parquet").write_bytes(b"not a parquet file")
    bad: tuple[str | None, str] = (None, "bad.parquet")
    with pytest.raises(SqlError, match='node "n"') as caught:
        rows(node("parquet", directory), fragment("SELECT 1", ("c1", pa.int32()), relations=(bad,)))
    assert caught.value.sqlstate == "58030"


def test_a_query_that_is_asked_again_is_bound_anew(database: Path) -> None:
    """Cursors keep the relation of a query: it must mean what the table is now, not what it was when it was first asked."""
    largest = fragment(f"SELECT max(i)::VARCHAR AS c1 FROM {duckdb_relation(T)}", ("c1", pa.string()), relations=(T,))
    assert rows(node("duckdb", database), largest, largest) == [[("9",)], [("9",)]]
    with duckdb.connect(str(database)) as writer:
        writer.execute("DROP TABLE t").fetchall()
        writer.execute("CREATE TABLE t AS SELECT i::VARCHAR AS i FROM range(12) r(i)").fetchall()
    assert rows(node("duckdb", database), largest) == [[("9",)]]
    with duckdb.connect(str(database)) as writer:
        writer.execute("DROP TABLE t").fetchall()
    with pytest.raises(SqlError, match='node "n"') as raised:
        rows(node("duckdb", database), largest)
    assert raised.value.sqlstate == "42P01"
    with duckdb.connect(str(database)) as writer:
        writer.execute("CREATE TABLE t AS SELECT i AS i FROM range(12) r(i)").fetchall()
    assert rows(node("duckdb", database), largest) == [[("11",)]]
    assert held(database) == []
