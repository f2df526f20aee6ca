"""One connection's bytes on their way: gathered before they are sent, and under TLS once it has begun.

Contract: `put` gathers what is to be sent and `flush` sends it, at the latest when SEND_BYTES have come together; `received` gives
the plain bytes of what the socket gave. `close` ends the connection cleanly when the handler returns. Sending blocks while the
client is slow and raises ConnectionError when it has gone.
"""

from __future__ import annotations

import contextlib
from typing import Final, Protocol

from fedgate import limits
from fedgate.pgwire.tls import TlsError, TlsLayer

SEND_BYTES: Final = 64 * limits.KIB


class Connection(Protocol):
    """What a channel needs of `transport.Connection`."""

    def send(self, data: bytes | memoryview) -> None: ...

    def close(self) -> None: ...


class Channel:
    """Not thread-safe: for the connection's own thread."""

    def __init__(self, connection: Connection) -> None:
        self.tls: TlsLayer | None = None
        self._connection = connection
        self._out = bytearray()

    def start_tls(self, layer: TlsLayer) -> None:
        """From now on all bytes go through TLS; those put before go out plain."""
        assert self.tls is None
        self.flush()
        self.tls = layer

    def received(self, data: bytes) -> bytes:
        """Raises TlsError, after which only `close` makes sense."""
        if self.tls is None:
            return data
        try:
            plain = self.tls.received(data)
        except TlsError:
            with contextlib.suppress(OSError):  # a client that has gone already is told nothing; the log is
                self._send_own()
            raise
        self._send_own()
        if self.tls.ended:
            self._connection.close()
        return plain

    def put(self, data: bytes | memoryview) -> None:
        if len(data) >= SEND_BYTES:
            self.flush()
            self._send(data)
            return
        self._out += data
        if len(self._out) >= SEND_BYTES:
            self.flush()

    def flush(self) -> None:
        if self._out:
            data, self._out = self._out, bytearray()
            self._send(memoryview(data))

    def close(self) -> None:
        """Send what was put, say goodbye, and end the connection."""
        self.flush()
        if self.tls is not None:
            goodbye = self.tls.close()
            if goodbye:
                self._connection.send(goodbye)
        self._connection.close()

    def _send(self, data: bytes | memoryview) -> None:
        if self.tls is None:
            self._connection.send(data)
            return
        view = memoryview(data)
        for start in range(0, len(view), limits.TLS_WRITE_BYTES_MAX):
            self._connection.send(self.tls.sent(view[start : start + limits.TLS_WRITE_BYTES_MAX]))

    def _send_own(self) -> None:
        assert self.tls is not None
        if own := self.tls.outgoing():
            self._connection.send(own)
