"""Mutated messages on a live socket: the gateway answers in whole messages or ends the connection, and serves the next client."""

from __future__ import annotations

import logging
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from fedgate.config import Config
from fedgate.server import running
from fedgate.serving import Gateway
from tests.pgwire.mutants import message, mutated

QUICK = 1_500
WHOLE = 100_000
WAIT_S = 30.0
_STARTUP = b"user\0fuzz\0database\0fedgate\0\0"
_LOGIN = struct.pack("!ii", len(_STARTUP) + 8, 196608) + _STARTUP
_PREPARED = (  # what the messages name before they are changed
    message(b"P", b"s\0select $1::int4, g from generate_series(1, 50) as g\0" + struct.pack("!hI", 1, 23))
    + message(b"P", b"name\0select $1::int4\0" + struct.pack("!hI", 1, 23))
    + message(b"B", b"portal\0s\0" + struct.pack("!hhi", 0, 1, 1) + b"7" + struct.pack("!h", 0))
)
_KINDS = frozenset(b"RSKZTDCEN123nstIGHv")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(Config(catalog=tmp_path_factory.mktemp("catalog"), listen=("127.0.0.1", 0))) as made:
        yield made


def exchange(gateway: Gateway, data: bytes) -> bytes:
    """All that a new session says until it ends; the client has nothing more to say after the data."""
    with socket.create_connection(gateway.address, WAIT_S) as client:
        client.sendall(_LOGIN + data)
        client.shutdown(socket.SHUT_WR)
        pieces = []
        try:
            while piece := client.recv(65_536):
                pieces.append(piece)
        except ConnectionResetError:  # it was ended with bytes of ours unread
            pass
        return b"".join(pieces)


def messages(answer: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and body of each message; the last may be cut off by a reset."""
    at = 0
    while at + 5 <= len(answer):
        kind, length = answer[at], int.from_bytes(answer[at + 1 : at + 5], "big")
        assert kind in _KINDS, answer[at : at + 50]
        assert length >= 4
        yield kind, answer[at + 5 : at + 1 + length]
        at += 1 + length


@pytest.mark.parametrize("count", [QUICK, pytest.param(WHOLE, marks=pytest.mark.nightly)])
def test_mutated_messages_on_a_live_socket(gateway: Gateway, count: int, caplog: pytest.LogCaptureFixture) -> None:
    random_ = random.Random(count)
    seen: Counter[str] = Counter()
    before = threading.active_count()
    with caplog.at_level(logging.ERROR, "fedgate"):
        sent = 0
        while sent < count:
            several = random_.randint(1, 12)
            data = _PREPARED + b"".join(mutated(random_) for _ in range(several))
            for kind, body in messages(exchange(gateway, data)):
                seen[chr(kind)] += 1
                assert b"CXX000\0" not in body, data
            sent += several
    assert [record.getMessage() for record in caplog.records] == []
    assert exchange(gateway, message(b"Q", b"SELECT 1\0"))[-6:] == b"Z\0\0\0\5I"
    assert seen.keys() >= set("ERSKZTDC123ts")
    assert len(gateway.engine.activity.seats()) <= 1
    assert threading.active_count() <= before + 20
