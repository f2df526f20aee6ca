"""A client that logs in step by step and does what it is told, for tests of what others would not do."""

from __future__ import annotations

import socket
import struct
from typing import Final

from fedgate.pgwire import messages as m

WAIT_S: Final = 20.0


class Raw:
    """A client that does what it is told."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, WAIT_S)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def startup(self, user: str = "ann") -> None:
        body = b"user\0" + user.encode() + b"\0database\0fedgate\0\0"
        self.socket.sendall(struct.pack("!ii", len(body) + 8, m.PROTOCOL_3_0) + body)

    def send(self, body: bytes) -> None:
        self.socket.sendall(b"p" + struct.pack("!i", len(body) + 4) + body)

    def choose(self, data: bytes, mechanism: bytes = b"SCRAM-SHA-256") -> None:
        self.send(mechanism + b"\0" + struct.pack("!i", len(data)) + data)

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            assert piece, "the connection ended"
            data += piece
        return data

    def message(self) -> tuple[bytes, bytes]:
        head = self.exactly(5)
        return head[:1], self.exactly(int.from_bytes(head[1:], "big") - 4)

    def asked(self, step: int) -> bytes:
        """The data of the authentication request that must come: 10 which mechanisms, 11 go on."""
        kind, body = self.message()
        assert (kind, int.from_bytes(body[:4], "big")) == (b"R", step), (kind, body)
        return body[4:]

    def error(self) -> tuple[str, str]:
        """SQLSTATE and message of the FATAL error that ends the connection."""
        kind, body = self.message()
        assert kind == b"E", (kind, body)
        fields = {part[:1]: part[1:].decode() for part in body.split(b"\0") if part}
        assert fields[b"S"] == "FATAL"
        assert self.ended()
        return fields[b"C"], fields[b"M"]

    def ended(self) -> bool:
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
