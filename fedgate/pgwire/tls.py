"""TLS between a connection's socket and its protocol, sans-IO: bytes of the network in, plain bytes out, and the other way.

`TlsLayer` is OpenSSL over two memory buffers. It is fed what the socket gave (`received`), encrypts what is to be sent (`sent`) and
says what the network must be given of its own (`outgoing`: handshake, alerts). No call of it blocks, so a handshake that never ends
is ended by the connection's start-up time. What is wrong with the client's TLS raises TlsError; its alert is in `outgoing` then.

Source: https://www.postgresql.org/docs/17/protocol-flow.html#PROTOCOL-FLOW-SSL. A client that begins with TLS at once must ask for
the protocol `postgresql` by ALPN, so that no other protocol's client can be led here; one that sent SSLRequest first need not.
"""

from __future__ import annotations

import ssl
from typing import Final

from fedgate import limits

ALPN: Final = "postgresql"


class TlsError(Exception):
    """The connection cannot go on; the text is for the log."""


class TlsLayer:
    """The server's side of one TLS connection. Not thread-safe.

    `binding` is the data of tls-server-end-point for the certificate that the context serves, None when it has none.
    """

    def __init__(self, context: ssl.SSLContext, binding: bytes | None, *, direct: bool) -> None:
        self.binding: Final = binding
        self.established = False
        self.ended = False
        self._direct = direct
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._ssl = context.wrap_bio(self._in, self._out, server_side=True)

    def received(self, data: bytes) -> bytes:
        """The plain bytes that are in what the network gave; `ended` tells that the client has said goodbye. Raises TlsError."""
        self._in.write(data)
        plain = bytearray()
        try:
            if not self.established:
                self._ssl.do_handshake()
                self._greeted()
            while piece := self._ssl.read(limits.RECEIVE_BYTES_MAX):
                plain += piece
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        except ssl.SSLError as error:
            what = "TLS" if self.established else "the TLS handshake"
            raise TlsError(f"{what} failed: {told_reason(error)}") from None
        return bytes(plain)

    def _greeted(self) -> None:
        if self._direct and self._ssl.selected_alpn_protocol() != ALPN:
            raise TlsError(f'received direct SSL connection request without ALPN protocol negotiation extension "{ALPN}"')
        self.established = True

    def sent(self, data: bytes | memoryview) -> bytes:
        """What the network is to be given for plain bytes, with anything of the layer's own before it."""
        if data:
            self._ssl.write(data)
        return self._out.read()

    def outgoing(self) -> bytes:
        """What the layer itself has to say, once."""
        return self._out.read() if self._out.pending else b""

    def close(self) -> bytes:
        """The last bytes of a clean end (close_notify): without them a client cannot tell an end from an attack."""
        if self.established:
            try:
                self._ssl.unwrap()
            except ssl.SSLError:
                pass  # the client's own goodbye is not waited for
        return self.outgoing()

    @property
    def facts(self) -> tuple[str, str, int]:
        """Version (`TLSv1.3`), cipher and its bits, as pg_stat_ssl shows them."""
        name, _, bits = self._ssl.cipher() or ("", "", 0)
        return self._ssl.version() or "", name, bits


def told_reason(error: ssl.SSLError) -> str:
    """`TLSV1_ALERT_UNKNOWN_CA` → `tlsv1 alert unknown ca`: OpenSSL's reason without the place in its source."""
    return (error.reason or str(error)).lower().replace("_", " ")
