"""The server's side of protocol 3.0 as a state machine: bytes in, events out. No socket, no clock, no thread.

States, and what each does with a message:

| state | meets | goes to |
|---|---|---|
| startup | SSLRequest (once): answered `N`, or `S` and event TlsRequest where TLS is offered | startup |
| startup | GSSENCRequest (once): answered `N` | startup |
| startup | a first byte 0x16, before all else, where TLS is offered: event TlsRequest with what came | startup |
| startup | CancelRequest: event | closed |
| startup | version 3.x: event Startup; NegotiateProtocolVersion if x > 0 or a `_pq_.` option is there | authenticating |
| authenticating | `p`: event PasswordMessage; anything else is fatal | authenticating |
| authenticating | the session calls `authenticated()` | ready |
| ready | a message: its event; CopyData, CopyDone, CopyFail are ignored | ready |
| ready | Terminate: event | closed |
| ready | the session calls `failed()` within an extended message | skipping |
| skipping | all but Sync and Terminate: ignored | skipping |
| skipping | Sync: event | ready |
| ready | the session calls `begin_copy_in()` | copying |
| copying | CopyData: event; CopyDone, CopyFail: event | copying, ready |
| copying | Sync, Flush: ignored; anything else is an error of the copy (Malformed) | copying, ready |

Why skipping is a state of its own: a client may have sent many more extended messages when one of them fails, and it counts on
none of them having an effect, whether a transaction block is open or not. A *simple* query that fails skips nothing.
Why bytes behind SSLRequest or GSSENCRequest are fatal: a client waits for the answer, so somebody else may have put them there, to
be read as if they had come encrypted (CVE-2021-23214). Within TLS neither is asked for again.
Why events are pulled one by one: what the session does with one decides whether the next is looked at or ignored.
Why some errors are events: a bad UTF-8 text or a short Bind concern one statement, the frames around it are
sound. Frames that are not raise ProtocolError: nothing after them can be trusted.
"""

from __future__ import annotations

from typing import Final, Literal

from fedgate.errors import SqlError
from fedgate.pgwire import messages
from fedgate.pgwire.framing import FrameReader, NoClient, ProtocolError, WireLimits
from fedgate.pgwire.messages import CancelRequest, Event, Malformed, Startup, Terminate, TlsRequest

State = Literal["startup", "authenticating", "ready", "skipping", "copying", "closed"]

_Q, _P, _S, _X, _H, _F = b"QPSXHF"
_COPY_KINDS: Final = frozenset(b"dcf")
_PASSWORD: Final = ord("p")
_SIMPLE: Final = frozenset((_Q, _F))
_PROTOCOL_MAJOR: Final = 3
_TLS_HANDSHAKE: Final = 0x16  # the type of a TLS record that starts a handshake
_ENCRYPTION: Final = {messages.SSL_REQUEST: "SSL", messages.GSSENC_REQUEST: "GSSAPI encryption"}


class Protocol:
    """One connection's protocol. Use: `receive(bytes)`, then `next_event()` until None; send what `outgoing()` gives before more.

    The session tells three things back: `authenticated()`, `failed()` (an ErrorResponse was sent for the last event),
    `begin_copy_in()`. After TlsRequest it is fed plain bytes. `tls`: whether TLS is offered.
    """

    def __init__(self, limits: WireLimits | None = None, *, tls: bool = False) -> None:
        self._frames = FrameReader(limits or WireLimits())
        self._state: State = "startup"
        self._outgoing = bytearray()
        self._tls = tls
        self._asked: set[int] = set()
        self._last_simple = True
        self._copy_simple = True

    @property
    def state(self) -> State:
        return self._state

    @property
    def buffered_bytes(self) -> int:
        """Bytes received and not yet turned into events."""
        return self._frames.buffered_bytes

    def receive(self, data: bytes | bytearray | memoryview) -> None:
        self._frames.feed(data)

    def outgoing(self) -> bytes:
        """What the protocol itself has to say (answers of the start-up), once."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def authenticated(self) -> None:
        assert self._state == "authenticating", self._state
        self._state = "ready"

    def failed(self) -> None:
        """The last event failed: after an extended message everything up to the next Sync is ignored."""
        if self._state == "copying":
            self._state = "ready" if self._copy_simple else "skipping"
        elif self._state == "ready" and not self._last_simple:
            self._state = "skipping"

    def begin_copy_in(self) -> None:
        """CopyInResponse was sent: CopyData, CopyDone and CopyFail are events now, until one of the last two."""
        assert self._state == "ready", self._state
        self._state = "copying"
        self._copy_simple = self._last_simple

    def next_event(self) -> Event | None:
        """The next event, None when more bytes are needed or the connection is over. Raises ProtocolError."""
        while True:
            if self._state == "closed":
                return None
            if self._state == "startup":
                if self._tls and not self._asked and self._frames.next_byte() == _TLS_HANDSHAKE:
                    return self._begin_tls(self._frames.take_all())
                body = self._frames.next_startup()
                if body is None:
                    return None
                event = self._startup(body)
            else:
                frame = self._frames.next_message(login=self._state == "authenticating")
                if frame is None:
                    return None
                event = self._message(*frame)
            if event is not None:
                return event

    # -- start-up -------------------------------------------------------------------------------------------------------------

    def _startup(self, body: bytes) -> Event | None:
        code = int.from_bytes(body[:4], "big")
        if code in _ENCRYPTION and code not in self._asked and len(body) == 4:
            return self._encryption(code)
        if code == messages.CANCEL_REQUEST:
            if not 8 < len(body) <= 8 + 256:
                raise NoClient("08P01", "invalid length of cancel request packet")
            self._state = "closed"
            return CancelRequest(int.from_bytes(body[4:8], "big"), body[8:])
        major, minor = code >> 16, code & 0xFFFF
        if major != _PROTOCOL_MAJOR:
            raise ProtocolError("0A000", f"unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.0")
        params = _startup_params(body)
        options = [name for name in params if name.startswith("_pq_.")]
        if minor > 0 or options:
            self._outgoing += messages.negotiate_protocol_version(options)
        if not params.get("user"):
            raise ProtocolError("28000", "no PostgreSQL user name specified in startup packet")
        self._state = "authenticating"
        return Startup({name: value for name, value in params.items() if name not in options})

    def _encryption(self, code: int) -> Event | None:
        self._asked.add(code)
        begins = code == messages.SSL_REQUEST and self._tls
        self._outgoing += b"" if begins else b"N"
        if self._frames.buffered_bytes:
            raise ProtocolError(
                "08P01",
                f"received unencrypted data after {_ENCRYPTION[code]} request",
                detail="This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.",
            )
        if not begins:
            return None
        self._outgoing += b"S"
        return self._begin_tls(b"")

    def _begin_tls(self, hello: bytes) -> TlsRequest:
        self._asked.update(_ENCRYPTION)
        return TlsRequest(hello)

    # -- messages -------------------------------------------------------------------------------------------------------------

    def _message(self, kind: int, body: bytes) -> Event | None:
        if self._state == "authenticating":
            if kind == _X:
                self._state = "closed"
                return Terminate()
            if kind != _PASSWORD:
                raise ProtocolError("08P01", f"expected password response, got message type {kind}")
        elif kind == _PASSWORD:
            raise ProtocolError("08P01", f"invalid frontend message type {kind}")
        elif self._ignored(kind):
            return None
        if self._state == "copying" and kind not in _COPY_KINDS and kind != _X:
            return self._unexpected_in_copy(kind)
        if self._state == "skipping" and kind == _S:
            self._state = "ready"
        if self._state != "copying":
            self._last_simple = kind in _SIMPLE or kind == _S
        return self._decoded(kind, body)

    def _ignored(self, kind: int) -> bool:
        if self._state == "skipping":
            return kind not in (_S, _X)
        if self._state == "copying":
            return kind in (_S, _H)
        return kind in _COPY_KINDS

    def _unexpected_in_copy(self, kind: int) -> Malformed:
        self._state = "ready"
        self._last_simple = self._copy_simple
        error = SqlError("08P01", f"unexpected message type 0x{kind:02X} during COPY from stdin")
        return Malformed(error, simple=self._copy_simple)

    def _decoded(self, kind: int, body: bytes) -> Event:
        try:
            event = messages.decode(kind, body)
        except SqlError as error:
            return Malformed(error, simple=self._last_simple)
        if isinstance(event, Terminate):
            self._state = "closed"
        elif isinstance(event, (messages.CopyDone, messages.CopyFail)):
            self._state = "ready"
            self._last_simple = self._copy_simple
        return event


def _startup_params(body: bytes) -> dict[str, str]:
    """Name and value pairs. Raises ProtocolError."""
    if len(body) < 5 or body[-1] != 0:
        raise ProtocolError("08P01", "invalid startup packet layout: expected terminator as last byte")
    texts = body[4:-1].split(b"\0")
    if texts == [b""]:
        return {}
    if texts[-1] != b"" or len(texts) % 2 == 0 or b"" in texts[:-1:2]:
        raise ProtocolError("08P01", "invalid startup packet layout: expected terminator as last byte")
    try:
        decoded = [messages.decode_utf8(text) for text in texts[:-1]]
    except SqlError as error:
        raise ProtocolError(error.sqlstate, error.message) from None
    return dict(zip(decoded[::2], decoded[1::2], strict=True))
