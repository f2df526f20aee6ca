"""Nodes that are killed or hang, statements that are stopped, and a site's writer beside a client that stalls: end to end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import socket
import sqlite3
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import PostgresServer
from tests.executor.helpers import eventually
from tests.oracle.gateway import Gateway, serving
from tools.faultproxy import Fault, FaultProxy
from tools.lib.cluster import Cluster

PROMPT_S = 1.0
SLACK_S = 3.0  # of a machine that is busy with other tests
ROWS = 1_000_000
MADE = f"CREATE TABLE r AS SELECT 'd' || i % 5 AS device, i / 2.0::float8 AS temp, i AS n FROM generate_series(0, {ROWS - 1}) i"
COLUMNS = [{"name": "device", "type": "text"}, {"name": "temp", "type": "double precision"}, {"name": "n", "type": "integer"}]


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> str:
    dsn = postgres.create_database("client_faults")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(MADE)
    return dsn


@pytest.fixture(scope="module")
def proxy(database: str) -> Iterator[FaultProxy]:
    where = conninfo_to_dict(database)
    with FaultProxy(str(where["host"]), int(str(where["port"]))) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[str]:
    """A PostgreSQL that only these tests use: `kill -9` of one backend ends all of its server's."""
    cluster = Cluster()
    cluster.start()
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute(MADE)
    yield cluster.dsn
    cluster.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("catalog") / "site.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE r (device TEXT, temp REAL, n INTEGER)")
        connection.executemany("INSERT INTO r VALUES (?, ?, ?)", (("d" * 40, i / 2, i) for i in range(300_000)))
    return path


@pytest.fixture(scope="module")
def gateway(proxy: FaultProxy, database: str, own_cluster: str, site: Path) -> Iterator[Gateway]:
    documents: list[dict[str, Any]] = []
    for name, engine, url in (
        ("p", "postgres", _url(database, *proxy.address)),
        ("q", "postgres", _url(database)),
        ("k", "postgres", _url(own_cluster)),
        ("s", "sqlite", str(site)),
    ):
        documents.append({"kind": "node", "name": name, "engine": engine, "url": url})
        documents.append({"kind": "table", "name": f"t_{name}", "columns": COLUMNS})
        documents.append({"kind": "placement", "table": f"t_{name}", "node": name, "relation": "r"})
    (site.parent / "fleet.yaml").write_text(yaml.safe_dump_all(documents))
    with serving(site.parent) as running:
        yield running


def _url(dsn: str, host: str | None = None, port: int | None = None) -> str:
    where = conninfo_to_dict(dsn)
    return f"postgresql://{where['user']}@{host or where['host']}:{port or where['port']}/{where['dbname']}"


@pytest.fixture
def connection(gateway: Gateway) -> Iterator[psycopg.Connection]:
    """Usable after whatever happened."""
    with psycopg.connect(gateway.dsn, autocommit=True) as connection:
        yield connection
        assert connection.execute("SELECT count(*) FROM t_q").fetchone() == (ROWS,)


def test_kill_9_of_a_node_in_mid_stream(connection: psycopg.Connection, own_cluster: str) -> None:
    stream = connection.cursor().stream("SELECT n, device, temp FROM t_k")
    next(stream)
    with psycopg.connect(own_cluster, autocommit=True) as node:
        found = node.execute("SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'").fetchone()
    assert found is not None
    os.kill(found[0], signal.SIGKILL)
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match='node "k"') as caught:
        for _ in stream:
            pass
    assert caught.value.sqlstate == "08006"
    assert time.monotonic() - began < PROMPT_S + SLACK_S  # what had come before the end is delivered first


@pytest.mark.parametrize("text", ["SELECT n, device, temp FROM t_p", "SELECT count(*), max(md5(device)) FROM t_p GROUP BY n"])
def test_a_node_that_hangs(connection: psycopg.Connection, proxy: FaultProxy, text: str) -> None:
    connection.execute("SET fedgate.node_timeout = '700ms'")
    proxy.fault = Fault("hang", after=500_000)
    began = time.monotonic()
    try:
        with pytest.raises(psycopg.Error, match='node "p"') as caught:
            connection.execute(text.encode()).fetchall()
        assert caught.value.sqlstate == "57014"
        assert time.monotonic() - began < 0.7 + PROMPT_S + SLACK_S
    finally:
        proxy.fault = Fault()
    assert connection.execute("SELECT count(*) FROM t_p").fetchone() == (ROWS,)


@pytest.mark.parametrize("text", ["SELECT n, device, temp FROM t_p", "SELECT n, device FROM t_p ORDER BY md5(device), n"])
@pytest.mark.parametrize("by", ["timeout", "cancel"])
def test_a_statement_is_stopped_while_its_node_hangs(connection: psycopg.Connection, proxy: FaultProxy, text: str, by: str) -> None:
    """The node hears neither a cancel nor an end of its connection: the client does not wait for it."""
    connection.execute("SET fedgate.node_timeout = 0")
    connection.execute(f"SET statement_timeout = {300 if by == 'timeout' else 0}")
    proxy.fault = Fault("hang", after=500_000)
    timer = threading.Timer(0.3, connection.cancel)
    began = time.monotonic()
    if by == "cancel":
        timer.start()
    try:
        with pytest.raises(errors.QueryCanceled, match=r"canceling statement due to (statement timeout|user request)"):
            connection.execute(text.encode()).fetchall()
        assert time.monotonic() - began < 0.3 + PROMPT_S + SLACK_S
    finally:
        proxy.fault = Fault()
        timer.cancel()
    connection.execute("RESET statement_timeout")


SLOW = {
    "merge": "SELECT count(*) FROM t_q a, t_q b WHERE a.n + b.n = 7",
    "series": "SELECT count(*) FROM generate_series(1, 100000000000)",
    "node": "SELECT count(*) FROM t_p a JOIN t_p b ON a.n <> b.n",
}


@pytest.mark.parametrize("what", SLOW)
def test_statement_timeout(connection: psycopg.Connection, what: str) -> None:
    connection.execute("SET statement_timeout = 300")
    began = time.monotonic()
    with pytest.raises(errors.QueryCanceled, match="canceling statement due to statement timeout"):
        connection.execute(SLOW[what].encode())
    assert time.monotonic() - began < 0.3 + PROMPT_S + SLACK_S
    connection.execute("RESET statement_timeout")


def _of_this_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_ctrl_c_in_psql(gateway: Gateway, connection: psycopg.Connection) -> None:
    """The key itself, on a terminal: a psql that reads a script would end with its statement."""
    running = "SELECT count(*) FROM fedgate.queries WHERE state = 'running' AND query LIKE 'SELECT count(*) FROM t_q a%'"
    keyboard, terminal = pty.openpty()
    with subprocess.Popen(
        ["psql", "-X", "-n", "-At", "-P", "pager=off", gateway.dsn],
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, preexec_fn=_of_this_terminal,
    ) as psql:  # fmt: skip
        os.close(terminal)
        os.write(keyboard, SLOW["merge"].encode() + b";\n")
        eventually(lambda: connection.execute(running.encode()).fetchone() == (1,))
        began = time.monotonic()
        os.write(keyboard, b"\x03")
        said = _read_to(keyboard, "user request")
        took = time.monotonic() - began
        os.write(keyboard, b"SELECT 'us' || 'able' || :'SQLSTATE';\n")
        said += _read_to(keyboard, "usable")
        os.write(keyboard, b"\\q\n")
        assert psql.wait(20) == 0
    os.close(keyboard)
    assert "ERROR:  canceling statement due to user request" in said
    assert "usable57014" in said
    assert took < PROMPT_S + SLACK_S


def _read_to(terminal: int, words: str) -> str:
    said = ""
    while words not in said:
        assert select.select([terminal], [], [], 20)[0], said
        said += os.read(terminal, 65_536).decode()
    return said


def test_a_writer_goes_on_while_a_client_stalls(gateway: Gateway, connection: psycopg.Connection, site: Path) -> None:
    """The client reads one byte of a result that no socket buffer holds; the writer commits, and what it wrote is seen."""
    with socket.create_connection(("127.0.0.1", gateway.port), 20) as stalled:
        body = b"user\0tester\0database\0fedgate\0\0"
        query = b"SELECT * FROM t_s\0"
        stalled.sendall(struct.pack("!ii", len(body) + 8, 196_608) + body + b"Q" + struct.pack("!i", len(query) + 4) + query)
        assert stalled.recv(1) == b"R"
        stop, written, failures = threading.Event(), [0], list[Exception]()

        def write() -> None:
            with contextlib.closing(sqlite3.connect(site, timeout=0.5, isolation_level=None)) as writer:
                while not stop.is_set():
                    try:
                        writer.execute("INSERT INTO r VALUES ('new', 0, -1)")
                        written[0] += 1
                    except sqlite3.Error as error:
                        failures.append(error)
                        return

        writer = threading.Thread(target=write)
        writer.start()
        counts = []
        for _ in range(5):
            before = written[0]
            row = connection.execute("SELECT count(*) FROM t_s WHERE n = -1").fetchone()
            assert row is not None
            assert row[0] >= before
            counts.append(row[0])
            eventually(lambda: bool(failures) or written[0] > before)  # noqa: B023
        stop.set()
        writer.join()
    assert not failures
    assert counts == sorted(counts)
    files = f"/proc/{gateway.pid}/fd"
    eventually(lambda: not any(str(site) in _target(f"{files}/{name}") for name in os.listdir(files)))


def _target(link: str) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(link)
    return ""
