"""Statements over real nodes: exchanges, preludes, replicas, failures, cancel; nothing is left running or open."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.executor.fanout import FanOut
from fedgate.executor.jobs import Task
from tests.executor.helpers import TABLE, Gateway, context, eventually, node, placement, rows_of, sqlite_file


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Gateway]:
    """Shards a (sqlite, n 0…99), b (duckdb, 100…199), c (parquet, 200…299), e (sqlite, empty)."""
    sqlite_file(tmp_path / "a.db", 100)
    sqlite_file(tmp_path / "e.db", 0)
    made = "SELECT 'd' || (i % 5) AS device, i / 2.0::DOUBLE AS temp, i::INTEGER AS n FROM range({}, {}) t(i)"
    with duckdb.connect(str(tmp_path / "b.duckdb")) as connection:
        connection.execute("CREATE TABLE r AS " + made.format(100, 200)).fetchall()
        (tmp_path / "c" / "r").mkdir(parents=True)
        pq.write_table(connection.sql(made.format(200, 300)).to_arrow_table(), tmp_path / "c" / "r" / "1.parquet")
    gateway = Gateway(
        TABLE,
        node("a", "sqlite", tmp_path / "a.db"),
        node("b", "duckdb", tmp_path / "b.duckdb", labels={"region": "east"}),
        node("c", "parquet", tmp_path / "c"),
        node("e", "sqlite", tmp_path / "e.db"),
        placement("a", check="n < 100"),
        placement("b", check="n >= 100 AND n < 200"),
        placement("c"),
        placement("e"),
    )
    yield gateway
    gateway.executor.close()
    assert not open_files(tmp_path)


def open_files(directory: Path) -> list[str]:
    links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    return [os.readlink(link) for link in links if os.path.exists(link) and os.readlink(link).startswith(str(directory))]


def test_no_exchange(fleet: Gateway) -> None:
    assert fleet.rows("SELECT 1, 'x'") == [(1, "x")]


def test_rows_straight_through(fleet: Gateway) -> None:
    assert sorted(fleet.rows("SELECT n, device FROM r")) == [(i, f"d{i % 5}") for i in range(300)]
    assert fleet.asked == ["a", "b", "c", "e"]
    assert {s.state for s in fleet.ctx.stats} == {"done"}
    assert sum(s.rows for s in fleet.ctx.stats) == 300


def test_partial_aggregates(fleet: Gateway) -> None:
    found = fleet.rows("SELECT device, count(*), sum(n), avg(temp) FROM r GROUP BY 1 ORDER BY 1")
    assert [row[:3] for row in found] == [(f"d{k}", 60, sum(range(k, 300, 5))) for k in range(5)]
    assert [row[3] for row in found] == pytest.approx([sum(range(k, 300, 5)) / 120 for k in range(5)])


def test_a_filter_that_no_node_runs(fleet: Gateway) -> None:
    found = fleet.rows("SELECT count(*) FROM r WHERE md5(n::text) LIKE 'a%'")
    import hashlib

    assert found == [(sum(hashlib.md5(str(i).encode()).hexdigest().startswith("a") for i in range(300)),)]


@pytest.mark.parametrize(("text", "count"), [("SELECT", 1), ("SELECT FROM r", 300), ("SELECT FROM r WHERE n > 9 LIMIT 7", 7)])
def test_rows_without_columns_are_counted(fleet: Gateway, text: str, count: int) -> None:
    stream = fleet.stream(text)
    assert sum(batch.num_rows for batch in stream) == count
    stream.close()


def test_join_at_the_gateway(fleet: Gateway) -> None:
    assert fleet.rows("SELECT count(*) FROM r a JOIN r b ON a.n = b.n + 100") == [(200,)]


def test_pruned_by_check_and_parameter(fleet: Gateway) -> None:
    assert fleet.rows("SELECT n FROM r WHERE n = 150") == [(150,)]
    assert fleet.asked == ["b", "c", "e"]
    assert [(table, shard) for table, shard, _ in fleet.ctx.pruned] == [("public.r", "a")]


def test_selector_restricts_the_session(fleet: Gateway) -> None:
    assert fleet.rows("SELECT count(*) FROM r", context(node_selector="region=east")) == [(100,)]
    assert fleet.asked == ["b"]
    assert len(fleet.ctx.pruned) == 3


def test_preludes(fleet: Gateway) -> None:
    assert fleet.rows("SELECT device FROM r WHERE n = (SELECT max(n) FROM r)") == [("d4",)]
    assert fleet.rows("SELECT count(*) FROM r WHERE n IN (SELECT n + 1 FROM r WHERE n < 3)") == [(3,)]
    with pytest.raises(SqlError) as caught:
        fleet.rows("SELECT device FROM r WHERE n = (SELECT n FROM r)")
    assert caught.value.sqlstate == "21000"


def test_a_prelude_that_fails_is_an_error_only_where_a_row_needs_it(fleet: Gateway) -> None:
    assert fleet.rows("SELECT count(*) FROM r WHERE n < 0 AND n = (SELECT n FROM r)") == [(0,)]
    assert fleet.rows("SELECT count(*) FROM r WHERE n < 0 AND n IN (SELECT 1 / (n - n) FROM r)") == [(0,)]
    assert fleet.rows("SELECT count(*) FROM r WHERE n < 0 AND n IN (SELECT n FROM r WHERE n = (SELECT n FROM r))") == [(0,)]
    with pytest.raises(SqlError) as caught:
        fleet.rows("SELECT count(*) FROM r WHERE n IN (SELECT 1 / (n - n) FROM r)")
    assert caught.value.sqlstate == "22012"


def test_preludes_read_the_same_moment(tmp_path: Path) -> None:
    """A writer commits while the subquery and the rest run: both see the same rows."""
    path = sqlite_file(tmp_path / "a.db", 100, wal=True)
    gateway = Gateway(TABLE, node("a", "sqlite", path), placement("a"))
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    done = threading.Event()

    def write() -> None:
        n = 100
        while not done.is_set():
            writer.execute("INSERT INTO r VALUES ('d', 0, ?)", (n,))
            n += 1

    writing = threading.Thread(target=write)
    writing.start()
    found = [gateway.rows("SELECT count(*) FROM r WHERE n > (SELECT max(n) FROM r)") for _ in range(30)]
    done.set()
    writing.join()
    writer.close()
    gateway.executor.close()
    assert found == [[(0,)]] * 30
    assert not open_files(tmp_path)


def test_repeated_runs_agree_to_the_bit(fleet: Gateway) -> None:
    text = "SELECT sum(sqrt(temp)), avg(sin(n::float8)) FROM r"
    assert len({fleet.rows(text)[0] for _ in range(10)}) == 1


def test_large_exchanges_spill_and_stream(fleet: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STATEMENT_MEMORY_BYTES_MAX", 100)
    monkeypatch.setattr(limits, "LAZY_TABLE_BYTES_MIN", 100)
    found = fleet.rows("SELECT n, lag(n) OVER (ORDER BY n) FROM r ORDER BY n")
    assert found == [(i, i - 1 if i else None) for i in range(300)]


def test_byte_limits(fleet: Gateway) -> None:
    with pytest.raises(SqlError, match="sent more than") as caught:
        fleet.rows("SELECT * FROM r", context(max_node_bytes=100))
    assert (caught.value.sqlstate, caught.value.node is not None) == ("53400", True)
    with pytest.raises(SqlError) as caught:
        fleet.rows("SELECT * FROM r", context(max_result_bytes=100))
    assert (caught.value.sqlstate, caught.value.node) == ("53400", None)


def test_one_bad_value_names_its_place(fleet: Gateway, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "e.db") as connection:
        connection.execute("INSERT INTO r VALUES ('d1', 'n/a', 7)")
    connection.close()
    for text in ("SELECT temp FROM r", "SELECT sum(temp) FROM r", "SELECT count(*) FROM r WHERE temp > 3"):
        with pytest.raises(SqlError, match=r'"n/a".*column "temp".*node "e".*row 1') as caught:
            fleet.rows(text)
        assert (caught.value.sqlstate, caught.value.node) == ("22P02", "e")


def test_a_missing_node_fails_the_statement_and_stops_the_rest(fleet: Gateway, tmp_path: Path) -> None:
    (tmp_path / "e.db").unlink()
    for text in ("SELECT n FROM r", "SELECT count(*) FROM r"):
        with pytest.raises(SqlError) as caught:
            fleet.rows(text)
        assert (caught.value.sqlstate, caught.value.node) == ("08001", "e")
        assert 'node "e"' in caught.value.message


def test_all_missing_nodes_are_named(fleet: Gateway, tmp_path: Path) -> None:
    for name in ("a.db", "b.duckdb", "e.db"):
        (tmp_path / name).rename(tmp_path / f"away-{name}")
    with pytest.raises(SqlError) as caught:
        fleet.rows("SELECT count(*) FROM r")
    assert caught.value.detail is not None
    first = re.search('node "([a-z])"', caught.value.message)
    others = re.search(r"2 other nodes be asked: ([a-z]), ([a-z])\.$", caught.value.detail)
    assert first is not None
    assert others is not None
    assert {*first.groups(), *others.groups()} == {"a", "b", "e"}


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Gateway]:
    """A node whose relation never ends, and a plain one."""
    with sqlite3.connect(tmp_path / "w.db") as connection:
        connection.execute(
            "CREATE VIEW r AS WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n % 1000000 + 1 FROM x)"
            " SELECT 'd' AS device, 0.5 AS temp, n FROM x"
        )
    connection.close()
    sqlite_file(tmp_path / "a.db", 100)
    gateway = Gateway(
        TABLE, node("a", "sqlite", tmp_path / "a.db"), node("w", "sqlite", tmp_path / "w.db"), placement("a"), placement("w")
    )
    yield gateway
    gateway.executor.close()
    assert not open_files(tmp_path)


@pytest.mark.parametrize(
    "text", ["SELECT sum(n) FROM r", "SELECT n FROM r WHERE n < 0", "SELECT md5(device), count(*) FROM r GROUP BY 1"]
)
def test_cancel_reaches_the_nodes(endless: Gateway, tmp_path: Path, text: str) -> None:
    ctx = context()
    stream = endless.stream(text, ctx)
    cancelled_at: list[float] = []

    def cancel() -> None:
        eventually(lambda: any(s.node == "w" for s in ctx.stats), 20)
        cancelled_at.append(time.monotonic())
        ctx.cancel.cancel(SqlError("57014", "canceling statement due to user request"))

    threading.Thread(target=cancel).start()
    with pytest.raises(SqlError, match="user request"):
        list(stream)
    stream.close()
    assert time.monotonic() - cancelled_at[0] < 1
    assert not open_files(tmp_path)
    assert {s.state for s in ctx.stats if s.node == "w"} == {"cancelled"}


def test_closing_early_leaves_nothing_running(endless: Gateway, tmp_path: Path) -> None:
    stream = endless.stream("SELECT n FROM r")
    assert next(rows_of(stream))
    stream.close()
    stream.close()
    assert not open_files(tmp_path)


def test_node_timeout_names_the_node(endless: Gateway) -> None:
    began = time.monotonic()
    with pytest.raises(SqlError, match='node "w"') as caught:
        endless.rows("SELECT count(*) FROM r", context(node_timeout_s=0.2))
    assert (caught.value.sqlstate, caught.value.node) == ("57014", "w")
    assert time.monotonic() - began < 1.2


def test_a_slow_client_does_not_hold_the_writer(endless: Gateway, tmp_path: Path) -> None:
    """The file uses a rollback journal: its writer waits for readers. A client that stalls must not make it wait for long."""
    path = sqlite_file(tmp_path / "big.db", 400_000)
    gateway = Gateway(TABLE, node("a", "sqlite", path), placement("a"))
    stream = gateway.stream("SELECT n, device, temp FROM r", context(node_hold_s=0.3))
    rows = rows_of(stream)
    next(rows)
    with sqlite3.connect(path, timeout=10) as writer:  # the client stalls from here on
        writer.execute("INSERT INTO r VALUES ('d', 1, -1)")
    writer.close()
    assert sum(1 for _ in rows) == 399_999
    stream.close()
    gateway.executor.close()


def replicas(tmp_path: Path, *names: str, **more: Any) -> Gateway:
    for name in names:
        sqlite_file(tmp_path / f"{name}.db", 100)
    return Gateway(
        TABLE,
        *(node(name, "sqlite", tmp_path / f"{name}.db") for name in names),
        *(placement(name, shard="s", priority=i) for i, name in enumerate(names)),
        **more,
    )


def test_the_next_replica_is_tried(tmp_path: Path) -> None:
    gateway = replicas(tmp_path, "a", "b", "c")
    for text in ("SELECT n FROM r", "SELECT count(*), min(_node) FROM r"):
        assert gateway.rows(text)
        assert gateway.asked == ["a"]
    (tmp_path / "a.db").unlink()
    (tmp_path / "b.db").write_bytes(b"garbage" * 1000)
    assert len(gateway.rows("SELECT n FROM r")) == 100
    assert gateway.asked == ["c"]
    assert gateway.rows("SELECT count(*), min(_node) FROM r") == [(100, "a")]
    with pytest.raises(SqlError) as caught:
        gateway.rows("SELECT n FROM r", context(replica="primary"))
    assert (caught.value.sqlstate, caught.value.node) == ("08001", "a")
    (tmp_path / "c.db").unlink()
    with pytest.raises(SqlError) as caught:
        gateway.rows("SELECT n FROM r")
    assert caught.value.sqlstate in ("08001", "58030")
    gateway.executor.close()


def test_a_node_looks_only_at_those_whose_work_it_could_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_file(tmp_path / "n.db", 10)
    names = [f"{kind}{n:02}" for kind in "ab" for n in range(20)]
    gateway = Gateway(
        TABLE,
        *(node(name, "sqlite", tmp_path / "n.db") for name in names),
        *(placement(name, shard=f"s{name[1:]}", priority=ord(name[0])) for name in names),
    )
    looked, seen = FanOut._may_move, []

    def noted(other: Task, to: Task) -> bool:
        seen.append((other.node, to.node))
        return looked(other, to)

    monkeypatch.setattr(FanOut, "_may_move", staticmethod(noted))
    assert gateway.rows("SELECT count(*) FROM r") == [(200,)]
    assert all(other[1:] == to[1:] for other, to in seen)


def test_replicated_tables_are_read_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        sqlite_file(tmp_path / f"{name}.db", 10)
    gateway = Gateway(
        {**TABLE, "distribution": "replicated"},
        *(node(name, "sqlite", tmp_path / f"{name}.db") for name in ("a", "b")),
        placement("a"),
        placement("b"),
    )
    assert len(gateway.rows("SELECT n FROM r")) == 10
    assert gateway.asked == ["a"]
    (tmp_path / "a.db").unlink()
    assert gateway.rows("SELECT count(*) FROM r") == [(10,)]
    gateway.executor.close()


def test_many_statements_at_once(fleet: Gateway) -> None:
    found: list[object] = []

    def ask() -> None:
        try:
            stream = fleet.stream("SELECT device, count(*) FROM r GROUP BY 1 ORDER BY 1", context())
            found.append(list(rows_of(stream)))
            stream.close()
        except BaseException as exc:
            found.append(exc)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[(f"d{k}", 60) for k in range(5)]] * 12


def test_a_writer_in_wal_mode_is_never_held(tmp_path: Path) -> None:
    path = sqlite_file(tmp_path / "a.db", 1000, wal=True)
    writer = sqlite3.connect(path, isolation_level=None)
    gateway = Gateway(TABLE, node("a", "sqlite", path), placement("a"))
    stream = gateway.stream("SELECT n FROM r")
    rows = rows_of(stream)
    next(rows)
    writer.execute("INSERT INTO r VALUES ('d', 1, -1)")
    assert sum(1 for _ in rows) == 999
    stream.close()
    eventually(lambda: gateway.rows("SELECT count(*) FROM r") == [(1001,)])
    writer.close()
    gateway.executor.close()


def test_schema_is_exact(fleet: Gateway) -> None:
    stream = fleet.stream("SELECT n, avg(temp) FROM r GROUP BY 1")
    assert stream.schema.types == [pa.int32(), pa.float64()]
    stream.close()


def test_a_stalled_client_beside_a_duckdb_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer of a DuckDB file cannot open it while it is read: it can as soon as the hold is over, whatever the client does."""
    monkeypatch.setattr(limits, "WRITER_HOLD_S_MAX", 0.5)
    monkeypatch.setattr(limits, "SPOOL_MEMORY_BYTES_MAX", 100_000)
    monkeypatch.setattr(limits, "STREAM_MEMORY_BYTES_MAX", 100_000)
    path = str(tmp_path / "a.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute(
            "CREATE TABLE r AS SELECT 'd' AS device, i / 2.0::DOUBLE AS temp, i::INTEGER AS n FROM range(500000) t(i)"
        ).fetchall()
    gateway = Gateway(TABLE, node("a", "duckdb", path), placement("a"))
    stream = gateway.stream("SELECT n, device FROM r")
    rows = rows_of(stream)
    first = [next(rows)]
    write = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute(\"INSERT INTO r VALUES ('late', 0, -1)\").fetchall()"

    def written() -> bool:
        return subprocess.run([sys.executable, "-c", write, path], capture_output=True, check=False).returncode == 0

    eventually(written, 20)
    assert len(first) + sum(1 for _ in rows) == 500_000
    stream.close()
    assert gateway.rows("SELECT count(*) FROM r") == [(500_001,)]
    gateway.executor.close()
