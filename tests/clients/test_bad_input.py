"""What bad input gets: a clear error that names what is wrong and where, and nothing lost. The gateway lives through all of it."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import yaml

from tests.executor.helpers import eventually
from tests.oracle.gateway import Gateway, serving

COLUMNS = [{"name": "device", "type": "text"}, {"name": "temp", "type": "double precision"}, {"name": "n", "type": "integer"}]
BIG = 400_000


def _sqlite(path: Path, rows: list[tuple[Any, ...]]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE r (device TEXT, temp REAL, n INTEGER)")
        connection.executemany("INSERT INTO r VALUES (?, ?, ?)", rows)


NODES = {
    "good": ("sqlite", "good.db"),
    "big": ("sqlite", "big.db"),
    "ill": ("sqlite", "ill.db"),
    "locked": ("sqlite", "locked.db"),
    "gone": ("sqlite", "gone.db"),
    "text": ("sqlite", "text.db"),
    "held": ("duckdb", "held.duckdb"),
    "dgone": ("duckdb", "gone.duckdb"),
    "dtext": ("duckdb", "text.duckdb"),
    "pgone": ("postgres", ""),
    "pq": ("parquet", "pq"),
    "pqgone": ("parquet", "nowhere"),
}


def _documents() -> Iterator[dict[str, Any]]:
    for name, (engine, file) in NODES.items():
        url = f"data/{file}" if file else "postgresql://nobody@127.0.0.1:1/nothing"
        yield {"kind": "node", "name": name, "engine": engine, "url": url}
        yield {"kind": "table", "name": f"t_{name}", "columns": COLUMNS}
        yield {"kind": "placement", "table": f"t_{name}", "node": name, "relation": "x.parquet" if name == "pq" else "r"}
    yield {"kind": "table", "name": "wrong", "columns": [{"name": "nope", "type": "text"}]}
    yield {"kind": "placement", "table": "wrong", "node": "good", "relation": "r"}
    yield {"kind": "table", "name": "twice", "columns": COLUMNS}
    yield {"kind": "table", "name": "twice", "columns": COLUMNS}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("bad")
    data = place / "data"
    (data / "pq").mkdir(parents=True)
    _sqlite(data / "good.db", [("a", 1.5, 1)])
    _sqlite(data / "big.db", [("a" * 50, float(i), i) for i in range(BIG)])
    _sqlite(data / "ill.db", [("a", 1.5, 1), ("b", "warm", 2)])
    _sqlite(data / "locked.db", [("a", 1.5, 1)])
    for name in ("text.db", "text.duckdb", "pq/x.parquet"):
        (data / name).write_text("no database, however long one reads " * 500)
    with duckdb.connect(str(data / "held.duckdb")) as connection:
        connection.execute("CREATE TABLE r AS SELECT 'a' AS device, 1.5::DOUBLE AS temp, 1::INTEGER AS n")
    (place / "fleet.yaml").write_text(yaml.safe_dump_all(_documents()))
    return place


@pytest.fixture(scope="module")
def gateway(directory: Path) -> Iterator[Gateway]:
    with serving(directory) as running:
        yield running


@pytest.fixture
def connection(gateway: Gateway) -> Iterator[psycopg.Connection]:
    with psycopg.connect(gateway.dsn, autocommit=True) as connection:
        yield connection
        assert connection.execute("SELECT n FROM t_good").fetchall() == [(1,)]


def refusal(connection: psycopg.Connection, text: str | bytes) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(text.encode() if isinstance(text, str) else text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "sqlstate", "position", "words"),
    [
        ("SELECT * FROM t_godo", "42P01", "15", "t_good"),
        ("SELECT divice FROM t_good", "42703", "8", "t_good.device"),
        ("SELECT device,, n FROM t_good", "42601", "15", 'syntax error at or near ","'),
        ("SELECT device FROM t_good WHERE", "42601", "32", "end of input"),
        ("DELETE FROM t_good", "25006", None, "written at the nodes"),
        ("INSERT INTO t_good VALUES ('a', 1, 1)", "25006", None, "INSERT"),
        ("CREATE TABLE x (a int)", "25006", None, "read-only"),
        ("SELECT * FROM t_good TABLESAMPLE SYSTEM (10)", "0A000", "34", "TABLESAMPLE"),
        ("SELECT * FROM t_good FOR UPDATE", "0A000", None, "leave FOR UPDATE"),
        ("SELECT pg_read_file('x')", "0A000", "8", "pg_read_file"),
        ("SELECT nosuch(1)", "42883", "8", "nosuch"),
        ("SELECT * FROM twice", "55000", "15", "written more than once"),
        ("SELECT E'a\\000b'", "22021", None, "0x00"),
        ("SELECT chr(0)", "54000", None, "null character"),
    ],
)
def test_statements(connection: psycopg.Connection, text: str, sqlstate: str, position: str | None, words: str) -> None:
    error = refusal(connection, text)
    assert error.sqlstate == sqlstate
    assert error.diag.statement_position == position or position is None
    assert words in f"{error.diag.message_primary} {error.diag.message_detail} {error.diag.message_hint}"


@pytest.mark.parametrize(
    ("name", "sqlstate"),
    [
        ("gone", "08001"),
        ("dgone", "08001"),
        ("pqgone", "08001"),
        ("pgone", "08001"),
        ("text", "58030"),
        ("dtext", "58030"),
        ("pq", "58030"),
    ],
)
@pytest.mark.parametrize("what", ["*", "sum(temp)"])
def test_nodes_that_are_missing_or_no_databases(connection: psycopg.Connection, name: str, sqlstate: str, what: str) -> None:
    error = refusal(connection, f"SELECT {what} FROM t_{name}")
    assert error.sqlstate == sqlstate
    assert f'node "{name}"' in str(error)


def test_a_duckdb_file_held_by_its_writer(connection: psycopg.Connection, directory: Path) -> None:
    path = str(directory / "data" / "held.duckdb")
    code = f"import duckdb, sys\nc = duckdb.connect({path!r})\nprint('held', flush=True)\nsys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        error = refusal(connection, "SELECT * FROM t_held")
        holder.communicate()
    assert error.sqlstate == "55006"
    assert 'node "held"' in str(error)
    assert error.diag.message_hint is not None
    assert connection.execute("SELECT n FROM t_held").fetchall() == [(1,)]


def test_a_sqlite_file_locked_by_its_writer(connection: psycopg.Connection, directory: Path) -> None:
    with contextlib.closing(sqlite3.connect(directory / "data" / "locked.db", isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        error = refusal(connection, "SELECT * FROM t_locked")
        writer.execute("ROLLBACK")
    assert error.sqlstate == "55006"
    assert 'node "locked"' in str(error)
    assert connection.execute("SELECT n FROM t_locked").fetchall() == [(1,)]


@pytest.mark.parametrize("text", ["SELECT * FROM t_ill", "SELECT sum(temp) FROM t_ill", "SELECT n FROM t_ill WHERE temp > 1"])
def test_an_ill_typed_value_is_named(connection: psycopg.Connection, text: str) -> None:
    error = refusal(connection, text)
    assert error.sqlstate == "22P02"
    for words in ('"warm"', 'column "temp"', 'relation "t_ill"', 'node "ill"', "row 2"):
        assert words in str(error)
    assert connection.execute("SELECT device FROM t_ill ORDER BY 1").fetchall() == [("a",), ("b",)]


def test_a_column_that_the_node_lacks(connection: psycopg.Connection) -> None:
    error = refusal(connection, "SELECT * FROM wrong")
    assert 'node "good"' in str(error)
    assert "nope" in str(error)


@pytest.mark.parametrize("depth", [3_000, 100_000])
@pytest.mark.parametrize(
    "shape", ["({})", "NOT {}", "- {}", "1 + {}", "CASE WHEN true THEN {} END", "(SELECT {})", "ARRAY[{}]", "abs({})"]
)
def test_nested_deeply(connection: psycopg.Connection, shape: str, depth: int) -> None:
    before, after = shape.split("{}")
    assert refusal(connection, f"SELECT {before * depth}1{after * depth}").sqlstate == "54001"


def test_a_chain_that_the_merge_engine_finds_too_deep(connection: psycopg.Connection) -> None:
    assert refusal(connection, "SELECT " + "+".join(["n"] * 1_500) + " FROM t_good").sqlstate == "54001"


def test_too_long(connection: psycopg.Connection) -> None:
    assert refusal(connection, "SELECT '" + "x" * 10_500_000 + "'").sqlstate == "54001"
    assert connection.execute("SELECT length('" + "x" * 9_000_000 + "')").fetchone() == (9_000_000,)


def test_a_port_in_use(gateway: Gateway, directory: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "fedgate.cli.main",
        "serve",
        "--catalog",
        str(directory),
        "--listen",
        f"127.0.0.1:{gateway.port}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert f"port {gateway.port} of 127.0.0.1 is in use" in done.stderr
    assert "Traceback" not in done.stderr


def _raw(gateway: Gateway, *, started: bool) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", gateway.port), 20)
    if started:
        body = b"user\0tester\0database\0fedgate\0\0"
        sock.sendall(struct.pack("!ii", len(body) + 8, 196_608) + body)
        seen = b""
        while not seen.endswith(b"Z\0\0\0\x05I"):
            seen += sock.recv(65_536)
    return sock


def _rest(sock: socket.socket) -> bytes:
    seen = b""
    with contextlib.suppress(ConnectionResetError):
        while data := sock.recv(65_536):
            seen += data
    return seen


@pytest.mark.parametrize(
    ("data", "started"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", False),
        (struct.pack("!ii", 2**31 - 1, 196_608), False),
        (b"\xff" * 1_000, False),
        (b"\x16\x03\x01\x02\x00\x01" + bytes(500), False),
        (b"Q" + struct.pack("!i", 2**31 - 1) + b"SELECT 1", True),
        (b"Q" + struct.pack("!i", -1), True),
        (b"Q" + struct.pack("!i", 3), True),
        (b"\0\0\0\0\0\0", True),
        (b"z\0\0\0\4", True),
    ],
)
def test_garbage_ends_its_connection_only(gateway: Gateway, connection: psycopg.Connection, data: bytes, started: bool) -> None:
    with _raw(gateway, started=started) as sock:
        sock.sendall(data)
        answer = _rest(sock)
    if not started:  # who is no client is told nothing, as PostgreSQL does
        assert answer == b""
        return
    assert answer.startswith(b"E")
    assert b"VFATAL" in answer
    assert b"C08P01" in answer or b"C0A000" in answer


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0\0\0\x10\0\3\0\0us"])
def test_half_a_startup(gateway: Gateway, connection: psycopg.Connection, data: bytes) -> None:
    with _raw(gateway, started=False) as sock:
        sock.sendall(data)


@pytest.mark.parametrize("data", [b"Q", b"Q\0\0\0\x20SELECT", b"P\0\0\0\xff\0", b"S\0\0"])
def test_half_a_message(gateway: Gateway, connection: psycopg.Connection, data: bytes) -> None:
    before = _threads(gateway)
    with _raw(gateway, started=True) as sock:
        sock.sendall(data)
    eventually(lambda: _threads(gateway) <= before)


def _threads(gateway: Gateway) -> int:
    return len(os.listdir(f"/proc/{gateway.pid}/task"))


def _open_files(gateway: Gateway) -> list[str]:
    found = []
    for name in os.listdir(f"/proc/{gateway.pid}/fd"):
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"/proc/{gateway.pid}/fd/{name}"))
    return found


@pytest.mark.parametrize("text", ["SELECT * FROM t_big", "SELECT a.n FROM t_big a, t_big b WHERE a.n + b.n > 7"])
def test_a_client_that_disappears_in_mid_result(gateway: Gateway, connection: psycopg.Connection, text: str) -> None:
    """Its query ends, and nothing of it stays open at the node."""
    sock = _raw(gateway, started=True)
    query = text.encode() + b"\0"
    sock.sendall(b"Q" + struct.pack("!i", len(query) + 4) + query)
    assert sock.recv(1) == b"T"
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    running = (
        "SELECT count(*) FROM fedgate.queries WHERE state = 'running' AND query LIKE '%t_big%' AND query NOT LIKE '%fedgate.q%'"
    )
    eventually(lambda: connection.execute(running).fetchone() == (0,))
    eventually(lambda: not any("big.db" in name for name in _open_files(gateway)))
