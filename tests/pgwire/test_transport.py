"""Sockets: ports in use, slow start-ups, too many clients, clients that go away in the middle of an answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fedgate.errors import SqlError
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
        else:
            self.connection.send(data)

    def gone(self) -> None:
        self.told_gone.set()

    def closed(self) -> None:
        self.was_closed.set()


@contextmanager
def listening(**options: object) -> Iterator[tuple[tuple[str, int], list[Echo]]]:
    made: list[Echo] = []

    def handler(connection: Connection) -> Echo:
        made.append(Echo(connection))
        return made[-1]

    listener = Listener("127.0.0.1", 0, handler, **options)  # type: ignore[arg-type]
    listener.start()
    try:
        yield listener.address, made
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
        Listener(*address, Echo)
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


def test_one_client_too_many_is_refused() -> None:
    def refuse(connection: Connection) -> None:
        connection.send(b"full")

    with listening(max_connections=1, refuse=refuse) as (address, _), client(address) as first:
        first.sendall(b"x")
        assert first.recv(100) == b"x"
        with client(address) as second:
            assert second.recv(100) == b"full"
            assert second.recv(100) == b""
        first.sendall(b"y")
        assert first.recv(100) == b"y"


def test_closing_the_listener_ends_connections_and_frees_the_port() -> None:
    with listening() as (address, made), client(address) as sock:
        sock.sendall(b"x")
        assert sock.recv(100) == b"x"
    assert made[0].was_closed.is_set()
    Listener(*address, Echo).close()
