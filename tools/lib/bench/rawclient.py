"""The thinnest client: bytes to a server and back, so that a rate is the server's and not a driver's."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

READY = b"Z\x00\x00\x00\x05I"
CHUNK = 1 << 18


class RawClient:
    """A session without a password. `query` gives the bytes of the answer; `each` is called with every piece's size."""

    def __init__(self, port: int, user: str, database: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = (
            struct.pack("!i", 196608)
            + b"".join(f"{k}\0{v}\0".encode() for k, v in (("user", user), ("database", database)))
            + b"\0"
        )
        self._socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self._until_ready(lambda _: None)

    def query(self, sql: str, *, binary: bool = False, each: Callable[[int], None] = lambda _: None) -> int:
        if binary:
            parse = _message(b"P", b"\0" + sql.encode() + b"\0" + struct.pack("!h", 0))
            bind = _message(b"B", b"\0\0" + struct.pack("!hhhh", 0, 0, 1, 1))
            self._socket.sendall(
                parse + bind + _message(b"D", b"P\0") + _message(b"E", b"\0" + struct.pack("!i", 0)) + _message(b"S", b"")
            )
        else:
            self.ask(sql)
        return self._until_ready(each)

    def ask(self, sql: str) -> None:
        """Send a statement and do not wait; `answer` does."""
        self._socket.sendall(_message(b"Q", sql.encode() + b"\0"))

    def answer(self) -> int:
        """The bytes of the answer to what was asked."""
        return self._until_ready(lambda _: None)

    def close(self) -> None:
        self._socket.close()

    def _until_ready(self, each: Callable[[int], None]) -> int:
        """Read until the last bytes are ReadyForQuery: the server is silent after it, so nothing else can end so for long."""
        total, tail, first = 0, b"", b""
        while tail[-6:] != READY:
            piece = self._socket.recv(CHUNK)
            if not piece:
                raise ConnectionError("the server closed the connection")
            first = first or piece[:400]
            total += len(piece)
            tail = (tail + piece)[-6:]
            each(len(piece))
        if first[:1] == b"E":
            raise RuntimeError(first.decode(errors="replace"))
        return total


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body
