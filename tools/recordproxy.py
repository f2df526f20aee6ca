"""A TCP proxy that writes down the statements of a PostgreSQL client: what a tool really asks, to be asked again.

`with RecordingProxy(host, port) as proxy: …` listens on `proxy.address`; `proxy.statements` has what clients had run so far, simple
queries and bound ones, in the order of their arrival. A connection that turns to TLS goes through unread.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_CHUNK_BYTES = 64 * 1024
_SSL_REQUEST, _GSS_REQUEST, _CANCEL_REQUEST = 80877103, 80877104, 80877102


@dataclass(frozen=True, slots=True)
class Recorded:
    """A statement as it was run. `values` is None for the simple protocol, else a value per parameter, with its type (0: not said)
    and format (0 text, 1 binary)."""

    text: str
    values: tuple[bytes | None, ...] | None = None
    types: tuple[int, ...] = ()
    formats: tuple[int, ...] = ()


class Reader:
    """One client's bytes, in pieces of any size → `Recorded`. After `blind` (the server took up TLS) it reads no more."""

    def __init__(self, told: Callable[[Recorded], None]) -> None:
        self._told = told
        self._left = b""
        self._started = False
        self._prepared: dict[bytes, tuple[str, tuple[int, ...]]] = {}
        self.asked_encryption = False
        self._blind = False

    def blind(self) -> None:
        self._blind = True

    def feed(self, data: bytes) -> None:
        if self._blind:
            return
        self._left += data
        while not self._blind and self._one():
            pass

    def _one(self) -> bool:
        """Take one message off, if it is whole."""
        head = 1 if self._started else 0
        if len(self._left) < head + 4:
            return False
        (size,) = struct.unpack_from("!I", self._left, head)
        if len(self._left) < head + size:
            return False
        kind, body = self._left[:head], self._left[head + 4 : head + size]
        self._left = self._left[head + size :]
        if self._started:
            self._message(kind, body)
        else:
            self._start(body)
        return True

    def _start(self, body: bytes) -> None:
        (code,) = struct.unpack_from("!I", body)
        if code in (_SSL_REQUEST, _GSS_REQUEST):
            self.asked_encryption = True
        elif code != _CANCEL_REQUEST:
            self._started = True

    def _message(self, kind: bytes, body: bytes) -> None:
        if kind == b"Q":
            self._told(Recorded(body.rstrip(b"\0").decode(errors="replace")))
        elif kind == b"P":
            name, statement, rest = body.split(b"\0", 2)
            (count,) = struct.unpack_from("!H", rest)
            self._prepared[name] = (statement.decode(errors="replace"), struct.unpack_from(f"!{count}I", rest, 2))
        elif kind == b"B":
            _, name, rest = body.split(b"\0", 2)
            if name in self._prepared:
                text, types = self._prepared[name]
                formats, values = _bound(rest)
                self._told(Recorded(text, values, types, formats))


def _bound(rest: bytes) -> tuple[tuple[int, ...], tuple[bytes | None, ...]]:
    """A Bind's formats, one a value, and its values."""
    (count,) = struct.unpack_from("!H", rest)
    formats = struct.unpack_from(f"!{count}H", rest, 2)
    at = 2 + 2 * count
    (number,) = struct.unpack_from("!H", rest, at)
    at += 2
    values: list[bytes | None] = []
    for _ in range(number):
        (size,) = struct.unpack_from("!i", rest, at)
        at += 4
        values.append(None if size < 0 else rest[at : at + size])
        at += max(size, 0)
    spread = formats * number if len(formats) == 1 else formats or (0,) * number
    return spread, tuple(values)


class RecordingProxy:
    """Forwards connections to one upstream and records. Use it in a `with`."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self.statements: list[Recorded] = []
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        threading.Thread(target=self._accept, daemon=True, name="recordproxy-accept").start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and end every connection; idempotent."""
        for end in (self._listener, *list(self._sockets)):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._upstream)
            except OSError:
                return
            self._sockets |= {client, server}
            reader = Reader(self.statements.append)
            threading.Thread(target=self._pump, args=(client, server, reader.feed), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, _answers(reader)), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, seen: Callable[[bytes], None]) -> None:
        try:
            while data := source.recv(_CHUNK_BYTES):
                seen(data)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def _answers(reader: Reader) -> Callable[[bytes], None]:
    """Watches the answers for the one byte that says yes to encryption."""

    def seen(data: bytes) -> None:
        if reader.asked_encryption:
            if data[:1] in (b"S", b"G"):
                reader.blind()
            reader.asked_encryption = False

    return seen
