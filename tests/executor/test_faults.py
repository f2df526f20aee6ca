"""Nodes that hang, break off or are killed: the error names the node, comes in time, and another replica takes over if it may."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from fedgate.errors import SqlError
from fedgate.nodes import postgres as room
from tests.conftest import PostgresServer
from tests.executor.helpers import TABLE, Gateway, context, node, placement, rows_of, sqlite_file
from tools.faultproxy import Fault, FaultProxy
from tools.lib.cluster import Cluster

ROWS = 200_000
MADE = f"CREATE TABLE r AS SELECT 'd' || i % 5 AS device, i / 2.0::float8 AS temp, i AS n FROM generate_series(0, {ROWS - 1}) i"


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    dsn = postgres.create_database("faults")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(MADE)
    yield dsn
    room.IDLE.clear()


@pytest.fixture
def proxy(database: str) -> Iterator[FaultProxy]:
    where = conninfo_to_dict(database)
    with FaultProxy(str(where["host"]), int(str(where["port"]))) as proxy:
        yield proxy


def through(proxy: FaultProxy, database: str) -> str:
    where = conninfo_to_dict(database)
    return f"postgresql://postgres@{proxy.address[0]}:{proxy.address[1]}/{where['dbname']}"


@pytest.fixture
def gateway(proxy: FaultProxy, database: str) -> Iterator[Gateway]:
    gateway = Gateway(TABLE, node("p", "postgres", through(proxy, database)), placement("p"))
    yield gateway
    gateway.executor.close()


def test_a_node_that_hangs_while_connecting(gateway: Gateway, proxy: FaultProxy) -> None:
    proxy.fault = Fault("hang")
    began = time.monotonic()
    with pytest.raises(SqlError, match=r'could not connect to node "p": timeout of 0\.5 s expired') as caught:
        gateway.rows("SELECT count(*) FROM r", context(connect_timeout_s=0.5))
    assert (caught.value.sqlstate, caught.value.node) == ("08001", "p")
    assert time.monotonic() - began < 1.5
    proxy.fault = Fault()
    assert gateway.rows("SELECT count(*) FROM r") == [(ROWS,)]


@pytest.mark.parametrize("text", ["SELECT n, device FROM r", "SELECT md5(max(device)), count(*) FROM r WHERE n > 0 GROUP BY n"])
def test_a_node_that_hangs_in_mid_stream(gateway: Gateway, proxy: FaultProxy, text: str) -> None:
    assert gateway.rows("SELECT count(*) FROM r") == [(ROWS,)]
    stream = gateway.stream(text, context(node_timeout_s=0.7))
    proxy.fault = Fault("hang", after=300_000)
    began = time.monotonic()
    with pytest.raises(SqlError, match='node "p" gave no rows') as caught:
        list(stream)
    stream.close()
    assert (caught.value.sqlstate, caught.value.node) == ("57014", "p")
    assert time.monotonic() - began < 0.7 + 3
    proxy.fault = Fault()
    assert gateway.rows("SELECT count(*) FROM r") == [(ROWS,)]


@pytest.mark.parametrize("kind", ["cut", "truncate"])
def test_a_stream_that_breaks_off(gateway: Gateway, proxy: FaultProxy, kind: str) -> None:
    proxy.fault = Fault("cut" if kind == "cut" else "truncate", after=500_000)
    for text in ("SELECT n, device FROM r", "SELECT a.n FROM r a JOIN r b ON a.n = b.n + 1"):
        with pytest.raises(SqlError, match='node "p"') as caught:
            gateway.rows(text)
        assert (caught.value.sqlstate, caught.value.node) == ("08006", "p")
    proxy.fault = Fault()
    assert gateway.rows("SELECT count(*) FROM r") == [(ROWS,)]


def test_nobody_listens(gateway: Gateway, proxy: FaultProxy) -> None:
    proxy.fault = Fault("refuse")
    with pytest.raises(SqlError, match='could not connect to node "p"') as caught:
        gateway.rows("SELECT count(*) FROM r")
    assert caught.value.sqlstate == "08001"


def with_replica(proxy: FaultProxy, database: str, directory: Path) -> Gateway:
    """One shard at the server behind the proxy, and again in a file."""
    sqlite_file(directory / "q.db", ROWS)
    return Gateway(
        TABLE,
        node("p", "postgres", through(proxy, database)),
        node("q", "sqlite", directory / "q.db"),
        placement("p", shard="s", priority=1),
        placement("q", shard="s", priority=2),
    )


def test_a_broken_stream_goes_on_at_another_replica(proxy: FaultProxy, database: str, tmp_path: Path) -> None:
    gateway = with_replica(proxy, database, tmp_path)
    proxy.fault = Fault("cut", after=500_000)
    assert gateway.rows("SELECT count(*), max(a.n) FROM r a JOIN r b ON a.n = b.n") == [(ROWS, ROWS - 1)]
    assert {(s.node, s.state) for s in gateway.ctx.stats} >= {("p", "failed"), ("q", "done")}
    proxy.fault = Fault("hang")
    assert gateway.rows("SELECT count(*) FROM r", context(connect_timeout_s=0.3)) == [(ROWS,)]
    assert gateway.asked == ["q"]
    gateway.executor.close()


def test_a_reader_that_has_rows_gets_an_error_not_a_second_copy(proxy: FaultProxy, database: str, tmp_path: Path) -> None:
    gateway = with_replica(proxy, database, tmp_path)
    gateway.rows("SELECT count(*) FROM r")
    proxy.fault = Fault("hang", after=4_500_000)
    stream = gateway.stream("SELECT n, device, temp FROM r")
    rows = rows_of(stream)
    next(rows)
    proxy.fault = Fault("cut", after=0)
    with pytest.raises(SqlError, match='node "p"') as caught:
        list(rows)
    assert caught.value.sqlstate == "08006"
    stream.close()
    gateway.executor.close()


def test_kill_9_in_mid_stream() -> None:
    cluster = Cluster()
    cluster.start()
    try:
        with psycopg.connect(cluster.dsn, autocommit=True) as connection:
            connection.execute(MADE.replace(str(ROWS - 1), "2000000"))
            where = conninfo_to_dict(cluster.dsn)
            url = f"postgresql://{where['user']}@{where['host']}:{where['port']}/{where['dbname']}"
            gateway = Gateway(TABLE, node("p", "postgres", url), placement("p"))
            stream = gateway.stream("SELECT n, device, temp FROM r")
            rows = rows_of(stream)
            next(rows)
            found = connection.execute("SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'").fetchone()
        assert found is not None
        os.kill(found[0], signal.SIGKILL)
        began = time.monotonic()
        with pytest.raises(SqlError, match='node "p"') as caught:
            list(rows)
        assert (caught.value.sqlstate, caught.value.node) == ("08006", "p")
        stream.close()
        assert time.monotonic() - began < 5
        gateway.executor.close()
    finally:
        room.IDLE.clear()
        cluster.stop()
