"""A gateway as its operator has it: who is there, timeouts, reloading, draining, and clients that misbehave."""

from __future__ import annotations

import dataclasses
import ipaddress
import logging
import os
import re
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fedgate import limits
from fedgate.config import Config, load
from fedgate.errors import SqlError
from fedgate.pgwire import transport
from fedgate.server import running
from fedgate.serving import Gateway
from tests.pgwire.script import Client

WAIT_S = 20.0
SLOW = "SELECT pg_sleep(60)"


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    gateway: Gateway
    directory: Path

    def dsn(self, **more: str) -> str:
        host, port = self.gateway.address
        return psycopg.conninfo.make_conninfo(**{"host": host, "port": str(port), "dbname": "fedgate", "user": "ann", **more})

    def connect(self, **more: str) -> psycopg.Connection:
        return psycopg.connect(self.dsn(**more), autocommit=True)


@contextmanager
def serving(directory: Path, **more: Any) -> Iterator[Place]:
    (directory / "catalog").mkdir()
    config = Config(
        catalog=directory / "catalog", listen=("127.0.0.1", 0), unix_socket_directory=directory, log_connections=True,
        log_disconnections=True, **more,
    )  # fmt: skip
    with running(config) as gateway:
        yield Place(gateway, directory)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "WATCH_S", 0.02)
        with serving(tmp_path_factory.mktemp("g")) as made:
            yield made


@contextmanager
def busy(place: Place, sql: str = SLOW, **more: str) -> Iterator[tuple[int, list[psycopg.Error]]]:
    """A session that runs a statement meanwhile: its process id, and how it ended."""
    ended: list[psycopg.Error] = []
    with psycopg.connect(place.dsn(**more), autocommit=True) as connection:

        def run() -> None:
            try:
                connection.execute(sql.encode())
            except psycopg.Error as error:
                ended.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        pid = connection.info.backend_pid
        until(lambda: state(place, pid) == "active")
        try:
            yield pid, ended
        finally:
            with suppress(psycopg.Error):  # the gateway may have ended meanwhile
                connection.cancel_safe()
            thread.join(WAIT_S)


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def state(place: Place, pid: int) -> str | None:
    seat = place.gateway.engine.activity.find(pid)
    return None if seat is None else seat.session.work.state


def test_who_is_there_and_what_they_do(place: Place) -> None:
    with (
        busy(place, application_name="worker") as (pid, ended),
        place.connect(host=str(place.directory), application_name="local") as local,
        place.connect(application_name="open") as open_,
    ):
        open_.execute("BEGIN")
        with pytest.raises(psycopg.errors.DivisionByZero):
            open_.execute("SELECT 1 / 0")
        rows = local.execute(
            "SELECT application_name, state, client_addr, client_port > 0, wait_event, query FROM pg_stat_activity ORDER BY 1"
        ).fetchall()
        address = ipaddress.ip_address("127.0.0.1")
        assert rows[0][:5] == ("local", "active", None, False, None)
        assert rows[1] == ("open", "idle in transaction (aborted)", address, True, "ClientRead", "SELECT 1 / 0")
        assert rows[2] == ("worker", "active", address, True, None, SLOW)
        times = (
            "SELECT backend_start <= xact_start AND xact_start <= query_start AND query_start <= state_change FROM pg_stat_activity"
        )
        assert local.execute(times.encode() + b" WHERE application_name = 'open'").fetchone() == (True,)
        cancelled = local.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()
        assert cancelled == (True,)
        until(lambda: bool(ended))
        assert ended[0].sqlstate == "57014"


def test_terminated_sessions_are_told_so_busy_or_idle(place: Place) -> None:
    with place.connect() as admin, place.connect() as idle, busy(place) as (pid, ended):
        for target in (pid, idle.info.backend_pid):
            assert admin.execute("SELECT pg_terminate_backend(%s, 20000)", [target]).fetchone() == (True,)
        with pytest.raises(psycopg.errors.AdminShutdown, match="terminating connection due to administrator command"):
            idle.execute("SELECT 1")
        until(lambda: bool(ended))
        assert isinstance(ended[0], psycopg.errors.AdminShutdown)


@pytest.mark.parametrize(
    ("setting", "begin", "sqlstate"),
    [("idle_session_timeout", "SELECT 1", "57P05"), ("idle_in_transaction_session_timeout", "BEGIN", "25P03")],
)
def test_idle_sessions_end_at_their_time(place: Place, setting: str, begin: str, sqlstate: str) -> None:
    with place.connect() as connection:
        connection.execute(f"SET {setting} = '50ms'".encode())
        connection.execute("SELECT pg_sleep(0.2)")  # is not idle
        connection.execute(begin.encode())
        pid = connection.info.backend_pid
        until(lambda: state(place, pid) is None)
        with pytest.raises(psycopg.Error) as caught:
            connection.execute("SELECT 1")
        assert caught.value.sqlstate == sqlstate


def test_keepalives_are_those_of_the_session(place: Place) -> None:
    def options() -> list[tuple[int, int]]:
        sockets = [connection._socket for connection, _ in place.gateway.listener.connections()]
        pairs = (socket.TCP_KEEPIDLE, socket.TCP_KEEPCNT)
        return [(s.getsockopt(socket.IPPROTO_TCP, pairs[0]), s.getsockopt(socket.IPPROTO_TCP, pairs[1])) for s in sockets]

    with place.connect(options="-c tcp_keepalives_idle=42s") as connection:
        connection.execute("SET tcp_keepalives_count = 3")
        until(lambda: (42, 3) in options())


def test_statements_and_portals_of_a_session_are_bounded(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PREPARED_STATEMENTS_MAX", 2)
    monkeypatch.setattr(limits, "PORTALS_MAX", 2)
    with place.connect() as connection:
        for sql, repeated in (("PREPARE p{} AS SELECT 1", 2), ("DECLARE c{} CURSOR WITH HOLD FOR SELECT 1", 1)):
            for n in range(repeated):
                connection.execute(sql.format(n).encode())
            with pytest.raises(psycopg.errors.ProgramLimitExceeded, match=r"\(limit 2\)"):
                connection.execute(sql.format(repeated).encode())


def test_what_the_server_alone_decides_is_refused_in_a_connections_options(place: Place) -> None:
    with pytest.raises(psycopg.OperationalError, match='parameter "max_connections" cannot be changed'):
        place.connect(options="-c max_connections=5")


def test_log_lines_are_lines(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "fedgate"):
        with place.connect(user="eve\nFATAL: x", application_name="a\tb"):
            pass
        until(lambda: any("disconnection" in record.getMessage() for record in caplog.records))
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0].startswith("connection received: host=127.0.0.1 port=")
    assert lines[1] == r"connection authorized: user=eve\x0aFATAL: x database=fedgate application_name=a?b".replace("?", r"\x09")
    assert re.match(r"disconnection: session time: 0:00:\d\d\.\d{3} user=eve", lines[2])
    assert not any("\n" in line for line in lines)


def test_too_many_sessions_and_a_change_of_their_number(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    activity = place.gateway.engine.activity
    with place.connect():
        monkeypatch.setattr(activity, "max_sessions", len(activity.seats()))
        with pytest.raises(psycopg.OperationalError, match="sorry, too many clients already"):
            place.connect()


def test_reload_takes_what_can_change_and_a_broken_file_changes_nothing(
    place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gateway, old = place.gateway, place.gateway.config
    file = tmp_path / "fedgate.toml"
    try:
        with caplog.at_level(logging.WARNING, "fedgate"):
            file.write_text(
                f'catalog = "{old.catalog}"\nmax_connections = 77\nmerge_memory = "1GB"\n[settings]\ntimezone = "Asia/Tokyo"'
            )
            gateway.reload(lambda: load(file))
            assert 'parameter "merge_memory_bytes" cannot be changed without restarting the server' in caplog.text
            with place.connect() as connection:
                shown = connection.execute("SELECT current_setting('max_connections'), current_setting('timezone')").fetchone()
                assert shown == ("77", "Asia/Tokyo")
            for broken in ("max_connections = 0", "[settings]\ntimezone = 'Nowhere'", "nonsense"):
                caplog.clear()
                file.write_text(f'catalog = "{old.catalog}"\n{broken}')
                gateway.reload(lambda: load(file))
                assert "the configuration is not changed" in caplog.text
                assert gateway.config.max_connections == 77
    finally:
        gateway.follow(old)


@pytest.mark.parametrize("hurried", [False, True])
def test_draining_lets_what_runs_end_unless_somebody_is_in_a_hurry(tmp_path: Path, hurried: bool) -> None:
    with ExitStack() as stack:
        place = stack.enter_context(serving(tmp_path, shutdown_timeout_s=WAIT_S))
        idle = stack.enter_context(place.connect())
        _, ended = stack.enter_context(busy(place, SLOW if hurried else "SELECT pg_sleep(0.3)"))
        place.gateway.stop()
        place.gateway.wait()
        if hurried:
            place.gateway.stop()
        place.gateway.drain()
        with pytest.raises(psycopg.errors.AdminShutdown):
            idle.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            place.connect()
        if hurried:
            until(lambda: bool(ended))
            assert isinstance(ended[0], psycopg.errors.AdminShutdown)
        else:
            assert ended == []


# -- clients that misbehave -------------------------------------------------------------------------------------------


@contextmanager
def raw(place: Place) -> Iterator[tuple[Client, int]]:
    """A session that is spoken to in bytes, and its process id."""
    client = Client(place.dsn())
    try:
        client.startup({"user": "$user", "database": "fedgate"})
        client.until_ready()
        yield client, int.from_bytes(client.key[:4], "big")
    finally:
        client.close()


def gone(place: Place, pid: int) -> bool:
    return place.gateway.engine.activity.find(pid) is None


def test_a_client_that_stops_reading_waits_alone_and_can_be_terminated(place: Place) -> None:
    with raw(place) as (client, pid), place.connect() as other:
        sql = b"SELECT repeat('x', 1000) FROM generate_series(1, 1000000)\0"
        client._socket.sendall(b"Q" + struct.pack("!i", len(sql) + 4) + sql)
        waits = "SELECT wait_event FROM pg_stat_activity WHERE pid = %s"
        until(lambda: other.execute(waits, [pid]).fetchone() == ("ClientWrite",))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(limits, "END_S_MAX", 0.1)
            assert other.execute("SELECT pg_terminate_backend(%s, 20000)", [pid]).fetchone() == (True,)
        assert gone(place, pid)


def test_a_client_that_disappears_in_a_copy_is_let_go(place: Place) -> None:
    with raw(place) as (client, pid):
        for sql in (b"CREATE TEMP TABLE c (n integer)\0", b"COPY c FROM STDIN\0"):
            client._socket.sendall(b"Q" + struct.pack("!i", len(sql) + 4) + sql)
            until(lambda: (got := client.message()) is not None and got[0] in b"ZG")
        client._socket.sendall(b"d" + struct.pack("!i", 10) + b"1\n2\n3\n")
        client._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, no goodbye
    until(lambda: gone(place, pid))


@pytest.mark.parametrize("header", [b"Q\x7f\xff\xff\xff", b"d\x7f\xff\xff\xff", b"P\xff\xff\xff\xff", b"Q\x80\0\0\0"])
def test_a_message_of_two_gigabytes_is_refused_by_its_header(place: Place, header: bytes) -> None:
    with raw(place) as (client, pid):
        client._socket.sendall(header)
        kind, body = client.message() or (b"", b"")
        assert (kind, b"C08P01\0" in body, b"SFATAL\0" in body) == (b"E", True, True)
        assert client.message() is None
    until(lambda: gone(place, pid))


def test_a_client_that_takes_too_long_to_log_in_is_cut_off(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    listener = place.gateway.listener
    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.WARNING, "fedgate"):
        patch.setattr(listener, "startup_s", 0.1)
        with socket.create_connection(place.gateway.address, WAIT_S) as slow:
            slow.sendall(struct.pack("!ii", 100, 196608) + b"user\0")
            assert slow.recv(100) == b""  # as PostgreSQL: nothing is said
    assert "canceling authentication due to timeout: host=127.0.0.1" in caplog.text


def test_signals_reach_the_gateway(tmp_path: Path) -> None:
    with serving(tmp_path) as place:
        reread: list[str] = []

        def configuration() -> Config:
            reread.append("again")
            os.kill(os.getpid(), signal.SIGTERM)
            raise SqlError("F0000", "broken")

        before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
        try:
            place.gateway.stop_on_signals()
            os.kill(os.getpid(), signal.SIGHUP)
            place.gateway.wait(configuration)
        finally:
            for number, handler in zip((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), before, strict=True):
                signal.signal(number, handler)
        assert reread == ["again"]
