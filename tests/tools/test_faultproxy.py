"""The fault proxy does what its table says: the tests of faults rely on it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tools.faultproxy import Fault, FaultProxy

ANSWER = bytes(range(256)) * 40


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    """A server that answers every request with ANSWER."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(peer,), daemon=True).start()

    def answer(peer: socket.socket) -> None:
        with peer:
            try:
                while peer.recv(1):
                    peer.sendall(ANSWER)
            except OSError:
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[:2]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def receive(peer: socket.socket, amount: int) -> bytes:
    got = b""
    while len(got) < amount and (data := peer.recv(amount - len(got))):
        got += data
    return got


def asked(proxy: FaultProxy) -> socket.socket:
    peer = socket.create_connection(proxy.address, timeout=5)
    peer.sendall(b"?")
    return peer


def test_pass_and_refuse(echo: tuple[str, int]) -> None:
    with FaultProxy(*echo) as proxy:
        with asked(proxy) as peer:
            assert receive(peer, len(ANSWER)) == ANSWER
        proxy.fault = Fault("refuse")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(proxy.address, timeout=5)
        proxy.fault = Fault()
        with asked(proxy) as peer:
            assert receive(peer, len(ANSWER)) == ANSWER


def test_cut_and_truncate(echo: tuple[str, int]) -> None:
    with FaultProxy(*echo, fault=Fault("truncate", after=1000)) as proxy:
        with asked(proxy) as peer:
            assert receive(peer, len(ANSWER)) == ANSWER[:1000]
        proxy.fault = Fault("cut", after=0)
        with asked(proxy) as peer, pytest.raises(ConnectionResetError):
            receive(peer, 1)


def test_corrupt(echo: tuple[str, int]) -> None:
    with FaultProxy(*echo, fault=Fault("corrupt", after=7)) as proxy, asked(proxy) as peer:
        assert receive(peer, len(ANSWER)) == ANSWER[:7] + bytes([ANSWER[7] ^ 0xFF]) + ANSWER[8:]


def test_hang_until_told_otherwise(echo: tuple[str, int]) -> None:
    with FaultProxy(*echo, fault=Fault("hang", after=100)) as proxy, asked(proxy) as peer:
        assert receive(peer, 100) == ANSWER[:100]
        peer.settimeout(0.1)
        with pytest.raises(TimeoutError):
            peer.recv(1)
        peer.settimeout(5)
        proxy.fault = Fault()
        assert receive(peer, len(ANSWER) - 100) == ANSWER[100:]
        proxy.wait_forwarded(len(ANSWER))


def test_slow(echo: tuple[str, int]) -> None:
    with FaultProxy(*echo, fault=Fault("slow", rate=20_000)) as proxy, asked(proxy) as peer:
        began = time.monotonic()
        assert receive(peer, 5_000) == ANSWER[:5_000]
        assert time.monotonic() - began > 0.1
