"""The messages of protocol 3.0: what clients send as events, what the server sends as functions that give bytes.

Source: https://www.postgresql.org/docs/15/protocol-message-formats.html. Text is strict UTF-8
(22021), a body that does not hold what its kind needs is 08P01.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from fedgate.errors import SqlError

SSL_REQUEST: Final = 80_877_103
GSSENC_REQUEST: Final = 80_877_104
CANCEL_REQUEST: Final = 80_877_102
PROTOCOL_3_0: Final = 196_608

TransactionStatus = Literal["I", "T", "E"]

# -- events -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Startup:
    """The first message: `params` has user, perhaps database, options, application_name, and settings."""

    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """The only message of its connection; it gets no answer."""

    pid: int
    secret: bytes


@dataclass(frozen=True, slots=True)
class TlsRequest:
    """All that follows is TLS. `hello`: its first bytes, from a client that did not ask before; else none."""

    hello: bytes


@dataclass(frozen=True, slots=True)
class PasswordMessage:
    """Any answer to an authentication request, undecoded."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Query:
    text: str


@dataclass(frozen=True, slots=True)
class Parse:
    """`oids` may be shorter than the statement's parameters; 0 and 705 mean: infer."""

    name: str
    text: str
    oids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bind:
    """Formats as sent: none (all text), one (for all) or one each; see `formats_for`. A value of None is NULL."""

    portal: str
    statement: str
    formats: tuple[int, ...]
    values: tuple[bytes | None, ...]
    result_formats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Describe:
    """Kind S: a prepared statement, P: a portal."""

    kind: Literal["S", "P"]
    name: str


@dataclass(frozen=True, slots=True)
class Execute:
    """`max_rows` 0: all."""

    portal: str
    max_rows: int


@dataclass(frozen=True, slots=True)
class Close:
    kind: Literal["S", "P"]
    name: str


@dataclass(frozen=True, slots=True)
class Flush:
    pass


@dataclass(frozen=True, slots=True)
class Sync:
    pass


@dataclass(frozen=True, slots=True)
class Terminate:
    pass


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """The fast path, which fedgate answers with 0A000 and ReadyForQuery."""


@dataclass(frozen=True, slots=True)
class CopyData:
    data: bytes


@dataclass(frozen=True, slots=True)
class CopyDone:
    pass


@dataclass(frozen=True, slots=True)
class CopyFail:
    message: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message whose frame is sound and whose content is not. To be treated as a statement that failed with `error`;
    after a simple query (`simple`) ReadyForQuery follows."""

    error: SqlError
    simple: bool


Event: TypeAlias = (
    Startup
    | CancelRequest
    | TlsRequest
    | PasswordMessage
    | Query
    | Parse
    | Bind
    | Describe
    | Execute
    | Close
    | Flush
    | Sync
    | Terminate
    | FunctionCall
    | CopyData
    | CopyDone
    | CopyFail
    | Malformed
)


class _Body:
    """Reads a message body from front to end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def text(self) -> str:
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise SqlError("08P01", "invalid string in message")
        raw = self._data[self._at : end]
        self._at = end + 1
        return decode_utf8(raw)

    def int16(self) -> int:
        return self._int(2)

    def int32(self) -> int:
        return self._int(4)

    def _int(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big", signed=True)

    def take(self, count: int) -> bytes:
        end = self._at + count
        if count < 0 or end > len(self._data):
            raise SqlError("08P01", "insufficient data left in message")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def count16(self) -> int:
        """A count of things, which PostgreSQL reads unsigned in Bind and Parse."""
        return int.from_bytes(self.take(2), "big")

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    def end(self) -> None:
        if self._at != len(self._data):
            raise SqlError("08P01", "invalid message format")


def decode_utf8(raw: bytes) -> str:
    """Strict UTF-8, as the server encoding UTF8 wants it. Raises SqlError 22021."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # PostgreSQL shows as many bytes as the first one announces.
        first = raw[error.start]
        length = 2 if 0xC0 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 4 if 0xF0 <= first < 0xF8 else 1
        shown = " ".join(f"0x{b:02x}" for b in raw[error.start : error.start + length])
        raise SqlError("22021", f'invalid byte sequence for encoding "UTF8": {shown}') from None


def decode(kind: int, body: bytes) -> Event:
    """The event of one message. Raises SqlError 08P01, 22021."""
    reader = _Body(body)
    event = _DECODERS[kind](reader)
    reader.end()
    return event


def _parse(body: _Body) -> Event:
    name, text = body.text(), body.text()
    return Parse(name, text, tuple(body.int32() & 0xFFFFFFFF for _ in range(body.count16())))


def _bind(body: _Body) -> Event:
    portal, statement = body.text(), body.text()
    formats = tuple(body.int16() for _ in range(body.count16()))
    values: list[bytes | None] = []
    for _ in range(body.count16()):
        length = body.int32()
        values.append(None if length == -1 else body.take(length))
    result_formats = tuple(body.int16() for _ in range(body.count16()))
    if len(formats) > 1 and len(formats) != len(values):
        raise SqlError("08P01", f"bind message has {len(formats)} parameter formats but {len(values)} parameters")
    for code in (*formats, *result_formats):
        if code not in (0, 1):
            raise SqlError("22023", f"unsupported format code: {code}")
    return Bind(portal, statement, formats, tuple(values), result_formats)


def _describe(body: _Body) -> Event:
    return Describe(_object_kind(body, "DESCRIBE"), body.text())


def _close(body: _Body) -> Event:
    return Close(_object_kind(body, "CLOSE"), body.text())


def _object_kind(body: _Body, what: str) -> Literal["S", "P"]:
    kind = body.take(1)
    if kind == b"S":
        return "S"
    if kind == b"P":
        return "P"
    raise SqlError("08P01", f"invalid {what} message subtype {kind[0]}")


def _function_call(body: _Body) -> Event:
    body.rest()
    return FunctionCall()


_DECODERS: Final[dict[int, Callable[[_Body], Event]]] = {
    ord("Q"): lambda body: Query(body.text()),
    ord("P"): _parse,
    ord("B"): _bind,
    ord("D"): _describe,
    ord("C"): _close,
    ord("E"): lambda body: Execute(body.text(), max(body.int32(), 0)),
    ord("H"): lambda body: Flush(),
    ord("S"): lambda body: Sync(),
    ord("X"): lambda body: Terminate(),
    ord("F"): _function_call,
    ord("d"): lambda body: CopyData(body.rest()),
    ord("c"): lambda body: CopyDone(),
    ord("f"): lambda body: CopyFail(body.text()),
    ord("p"): lambda body: PasswordMessage(body.rest()),
}


def sasl_initial_response(body: bytes) -> tuple[str, bytes | None]:
    """The mechanism of a client's first answer and its data, None when it sent none. Raises SqlError 08P01, 22021."""
    reader = _Body(body)
    mechanism, length = reader.text(), reader.int32()
    data = None if length == -1 else reader.take(length)
    reader.end()
    return mechanism, data


def formats_for(codes: Sequence[int], count: int) -> tuple[int, ...]:
    """One format code (0 text, 1 binary) each for `count` values. Raises SqlError 08P01 when the numbers do not fit."""
    if not codes:
        return (0,) * count
    if len(codes) == 1:
        return (codes[0],) * count
    if len(codes) != count:
        raise SqlError("08P01", f"bind message has {len(codes)} result formats but query has {count} columns")
    return tuple(codes)


# -- what the server sends ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """A column of RowDescription; `table_oid` and `attnum` are 0 when it is no plain column."""

    name: str
    type_oid: int
    type_length: int
    typmod: int = -1
    table_oid: int = 0
    attnum: int = 0
    format: int = 0


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def _cstring(text: str) -> bytes:
    # U+0000 would end the string early and leave the rest to be misread.
    return text.encode("utf-8", "replace").replace(b"\0", b"?") + b"\0"


def authentication_ok() -> bytes:
    return _message(b"R", b"\0\0\0\0")


def authentication_sasl(mechanisms: Sequence[str]) -> bytes:
    return _message(b"R", struct.pack("!i", 10) + b"".join(map(_cstring, mechanisms)) + b"\0")


def authentication_sasl_continue(data: bytes) -> bytes:
    return _message(b"R", struct.pack("!i", 11) + data)


def authentication_sasl_final(data: bytes) -> bytes:
    return _message(b"R", struct.pack("!i", 12) + data)


def backend_key_data(pid: int, secret: bytes) -> bytes:
    return _message(b"K", pid.to_bytes(4, "big") + secret)


def parameter_status(name: str, value: str) -> bytes:
    return _message(b"S", _cstring(name) + _cstring(value))


def negotiate_protocol_version(options: Sequence[str]) -> bytes:
    """Says that only 3.0 is spoken, and which `_pq_.` options are not known."""
    return _message(b"v", struct.pack("!ii", PROTOCOL_3_0, len(options)) + b"".join(map(_cstring, options)))


def ready_for_query(status: TransactionStatus) -> bytes:
    return _message(b"Z", status.encode())


def row_description(fields: Iterable[FieldDescription]) -> bytes:
    parts = [
        _cstring(f.name) + struct.pack("!IhIhih", f.table_oid, f.attnum, f.type_oid, f.type_length, f.typmod, f.format)
        for f in fields
    ]
    return _message(b"T", len(parts).to_bytes(2, "big") + b"".join(parts))


def parameter_description(oids: Sequence[int]) -> bytes:
    return _message(b"t", struct.pack(f"!H{len(oids)}I", len(oids), *oids))


def command_complete(tag: str) -> bytes:
    return _message(b"C", _cstring(tag))


def copy_response(kind: bytes, binary: bool, columns: int) -> bytes:
    """CopyInResponse (kind G) or CopyOutResponse (H): the format of the whole, and the same of each column."""
    code = int(binary)
    return _message(kind, struct.pack(f"!bh{columns}h", code, columns, *[code] * columns))


def copy_data(data: bytes) -> bytes:
    """CopyData."""
    return _message(b"d", data)


PARSE_COMPLETE: Final = _message(b"1", b"")
BIND_COMPLETE: Final = _message(b"2", b"")
CLOSE_COMPLETE: Final = _message(b"3", b"")
NO_DATA: Final = _message(b"n", b"")
COPY_DONE: Final = _message(b"c", b"")
PORTAL_SUSPENDED: Final = _message(b"s", b"")
EMPTY_QUERY_RESPONSE: Final = _message(b"I", b"")


def error_response(error: SqlError, severity: str = "ERROR") -> bytes:
    """ErrorResponse, severity ERROR or FATAL."""
    return _message(b"E", _fields(error, severity))


def notice_response(notice: SqlError, severity: str = "NOTICE") -> bytes:
    """NoticeResponse, severity NOTICE, WARNING, INFO or DEBUG."""
    return _message(b"N", _fields(notice, severity))


def _fields(error: SqlError, severity: str) -> bytes:
    parts = [(b"S", severity), (b"V", severity), (b"C", error.sqlstate), (b"M", error.message)]
    if error.detail:
        parts.append((b"D", error.detail))
    if error.hint:
        parts.append((b"H", error.hint))
    if error.position is not None:
        parts.append((b"P", str(error.position)))
    if error.context:
        parts.append((b"W", error.context))
    if error.about is not None:
        about = error.about
        named = ((b"s", about.schema), (b"t", about.table), (b"c", about.column), (b"n", about.constraint))
        parts += [(code, name) for code, name in named if name is not None]
    return b"".join(code + _cstring(text) for code, text in parts) + b"\0"
