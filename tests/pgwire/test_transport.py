"""Sockets: ports in use, slow start-ups, too many clients, clients that go away in the middle of an answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.pgwire import transport
from fedgate.pgwire.sockets import listen_tcp
from fedgate.pgwire.transport import Connection, Listener

WAIT_S = 20.0


class Echo:
    """Sends back what it gets; `hang` makes it busy until its client has gone."""

    def __init__(self, connection: Connection) -> None:
        self.authenticated = False
        self.connection = connection
        self.told_gone = threading.Event()
        self.was_closed = threading.Event()

    def received(self, data: bytes) -> None:
        self.authenticated = True
        if data == b"hang":
            self.connection.send(b"hanging")
            assert self.told_gone.wait(WAIT_S)
        elif data == b"end":
            self.connection.close()
        elif data == b"flood":
            while True:
                self.connection.send(bytes(65_536))
        else:
            self.connection.send(data)

    def stop(self, error: SqlError) -> None:
        self.told_gone.set()

    def farewell(self, error: SqlError) -> None:
        self.connection.send(error.sqlstate.encode())

    def closed(self) -> None:
        self.was_closed.set()


@contextmanager
def listening(**options: object) -> Iterator[tuple[tuple[str, int], list[Echo]]]:
    made: list[Echo] = []

    def handler(connection: Connection) -> Echo:
        made.append(Echo(connection))
        return made[-1]

    listener = Listener([listen_tcp("127.0.0.1", 0)], handler, **options)  # type: ignore[arg-type]
    listener.start()
    try:
        yield listener.bounds[0].address, made
    finally:
        listener.close()


def client(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, WAIT_S)


def test_bytes_go_both_ways_and_the_handler_ends_the_connection() -> None:
    with listening() as (address, made), client(address) as sock:
        sock.sendall(b"hello")
        assert sock.recv(100) == b"hello"
        sock.sendall(b"end")
        assert sock.recv(100) == b""
        assert made[0].was_closed.wait(WAIT_S)


def test_a_port_in_use_is_a_clear_error() -> None:
    with listening() as (address, _), pytest.raises(SqlError) as caught:
        listen_tcp(*address)
    assert caught.value.sqlstate == "55006"
    assert str(address[1]) in caught.value.message


def test_a_client_that_disappears_while_a_statement_runs_is_noticed() -> None:
    with listening() as (address, made):
        with client(address) as sock:
            sock.sendall(b"hang")
            assert sock.recv(100) == b"hanging"
        assert made[0].told_gone.wait(WAIT_S)
        assert made[0].was_closed.wait(WAIT_S)


def test_a_startup_that_takes_too_long_is_ended() -> None:
    with listening(startup_s=0.05) as (address, made), client(address) as sock:
        assert sock.recv(100) == b""
        assert made[0].was_closed.wait(WAIT_S)


def test_half_open_connections_are_counted_apart_and_the_oldest_makes_room() -> None:
    with listening(half_open_max=2) as (address, _), client(address) as session:
        session.sendall(b"x")
        assert session.recv(100) == b"x"
        with client(address) as oldest, client(address) as next_, client(address) as newest:
            assert oldest.recv(100) == b""
            for sock in (next_, newest, session):
                sock.sendall(b"y")
                assert sock.recv(100) == b"y"


def test_the_address_that_has_most_half_open_connections_loses_one() -> None:
    with listening(half_open_max=3) as (address, _), ExitStack() as stack:
        lonely = stack.enter_context(socket.create_connection(address, WAIT_S, ("127.0.0.2", 0)))
        crowd = [stack.enter_context(client(address)) for _ in range(3)]
        assert crowd[0].recv(100) == b""
        lonely.sendall(b"y")
        assert lonely.recv(100) == b"y"


def test_a_connection_that_waits_is_ended_with_a_farewell_and_a_busy_one_when_it_is_done() -> None:
    error = SqlError("57P01", "ended")
    with listening() as (address, made), client(address) as idle, client(address) as busy:
        for sock in (idle, busy):
            sock.sendall(b"x")
            assert sock.recv(100) == b"x"
        busy.sendall(b"hang")
        assert busy.recv(100) == b"hanging"
        for handler in made:
            handler.connection.end(error)
        assert idle.recv(100) == b"57P01"
        assert idle.recv(100) == b""
        made[1].stop(error)
        assert busy.recv(100) == b"57P01"


def test_an_idle_connection_ends_at_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "WATCH_S", 0.01)
    with listening() as (address, made), client(address) as sock:
        sock.sendall(b"x")
        assert sock.recv(100) == b"x"
        made[0].connection.idle_error = SqlError("57P05", "idle")
        made[0].connection.idle_until = 0.0
        assert sock.recv(100) == b"57P05"


def test_an_ended_connection_whose_client_reads_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "WATCH_S", 0.01)
    monkeypatch.setattr(limits, "END_S_MAX", 0.05)
    with listening() as (address, made), client(address) as sock:
        sock.sendall(b"flood")
        while not made or not made[0].connection.sends % 2:
            pass
        made[0].connection.end(SqlError("57P01", "ended"))
        assert made[0].was_closed.wait(WAIT_S)


def test_draining_waits_for_what_is_busy_and_no_longer_than_it_may() -> None:
    made: list[Echo] = []

    def handler(connection: Connection) -> Echo:
        made.append(Echo(connection))
        return made[-1]

    listener = Listener([listen_tcp("127.0.0.1", 0)], handler)
    listener.start()
    address = listener.bounds[0].address
    farewells: list[bytes] = []
    with client(address) as idle, client(address) as busy, client(address):
        idle.sendall(b"x")
        busy.sendall(b"hang")
        assert (idle.recv(100), busy.recv(100)) == (b"x", b"hanging")

        def hurried(_: float) -> bool:
            if not farewells:
                assert not made[1].told_gone.is_set()
                farewells.append(idle.recv(100))
                return True  # a second signal: nobody waits for the busy one any more
            return False

        listener.drain(SqlError("57P01", "ended"), WAIT_S, hurried)
        assert farewells == [b"57P01"]
        assert busy.recv(100) == b"57P01"
        with pytest.raises(ConnectionRefusedError):
            client(address)
    assert all(echo.was_closed.is_set() for echo in made)


def test_closing_the_listener_ends_connections_and_frees_the_port() -> None:
    with listening() as (address, made), client(address) as sock:
        sock.sendall(b"x")
        assert sock.recv(100) == b"x"
    assert made[0].was_closed.is_set()
    listen_tcp(*address).close()
