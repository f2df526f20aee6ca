"""Bytes -> frames. A length is judged before any memory is taken for it.

`FrameReader` is fed what a socket gives and hands out whole messages. It knows lengths only; messages.py knows contents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fedgate import limits
from fedgate.errors import SqlError

_LENGTH_BYTES: Final = 4


class ProtocolError(SqlError):
    """The connection cannot go on: it is answered with severity FATAL and closed."""


class NoClient(ProtocolError):  # noqa: N818 (what the other end is, more than what went wrong)
    """What came is nothing that a client begins with: as PostgreSQL, say nothing and close."""


@dataclass(frozen=True, slots=True)
class WireLimits:
    """Bounds of one connection, in bytes. How long a statement may be is the parser's business."""

    startup_bytes_max: int = limits.STARTUP_PACKET_BYTES_MAX
    login_bytes_max: int = limits.LOGIN_MESSAGE_BYTES_MAX
    message_bytes_max: int = limits.MESSAGE_BYTES_MAX
    short_message_bytes_max: int = 10_000


# Messages that never are long: Sync, Flush, Terminate, Describe, Close, Execute, CopyDone.
_SHORT: Final = frozenset(b"SHXDCEc")


class FrameReader:
    """Not thread-safe. `startup` frames have no type byte."""

    def __init__(self, limits: WireLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._at = 0

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        self._buffer += data

    @property
    def buffered_bytes(self) -> int:
        return len(self._buffer) - self._at

    def next_startup(self) -> bytes | None:
        """The body of the next untyped message, None until it is whole. Raises ProtocolError."""
        if self.buffered_bytes < _LENGTH_BYTES:
            return None
        length = int.from_bytes(self._buffer[self._at : self._at + _LENGTH_BYTES], "big", signed=True)
        if not _LENGTH_BYTES + 4 <= length <= self._limits.startup_bytes_max:
            raise NoClient("08P01", "invalid length of startup packet")
        return self._body(0, length)

    def next_byte(self) -> int | None:
        """The first byte that is not read yet."""
        return self._buffer[self._at] if self.buffered_bytes else None

    def take_all(self) -> bytes:
        """All bytes that are not read yet: they are no messages."""
        taken = bytes(memoryview(self._buffer)[self._at :])
        self._buffer, self._at = bytearray(), 0
        return taken

    def next_message(self, *, login: bool = False) -> tuple[int, bytes] | None:
        """(type, body) of the next message, None until it is whole; `login`: from somebody unknown yet. Raises ProtocolError."""
        if self.buffered_bytes < 1 + _LENGTH_BYTES:
            return None
        kind = self._buffer[self._at]
        if kind not in _TYPES:
            raise ProtocolError("08P01", f"invalid frontend message type {kind}")
        length = int.from_bytes(self._buffer[self._at + 1 : self._at + 1 + _LENGTH_BYTES], "big", signed=True)
        limit = self._limits.short_message_bytes_max if kind in _SHORT else self._limits.message_bytes_max
        if login:
            limit = min(limit, self._limits.login_bytes_max)
        if not _LENGTH_BYTES <= length <= limit:
            raise ProtocolError(
                "08P01",
                "invalid message length",
                detail=f"Message type {chr(kind)!r} has length {length}; at most {limit} are allowed.",
            )
        body = self._body(1, length)
        return None if body is None else (kind, body)

    def _body(self, type_bytes: int, length: int) -> bytes | None:
        if self.buffered_bytes < type_bytes + length:
            return None
        start, end = self._at + type_bytes + _LENGTH_BYTES, self._at + type_bytes + length
        body = bytes(memoryview(self._buffer)[start:end])
        self._at = end
        if self._at == len(self._buffer):
            self._buffer = bytearray()
            self._at = 0
        elif self._at > 65_536:
            del self._buffer[: self._at]
            self._at = 0
        return body


_TYPES: Final = frozenset(b"QPBDECHSXdcfpF")
