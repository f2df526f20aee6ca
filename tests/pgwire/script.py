"""Runs wire scripts: readable send/expect files that hold for PostgreSQL 15 and for fedgate alike.

A script is lines: `# comment`, or a command with JSON arguments.

    startup {"user": "$user"}   the start-up packet ($user and $database are the server's); without it or `raw` first, a plain one
    raw "0x…"                   bytes as they are
    Query "select 1"            Parse "name" "text" [oids]       Describe "S" "name"    Execute "portal" 0
    Close "P" "portal"          Bind "portal" "name" {"formats": [0], "values": ["1", null, "0x01"], "results": [1]}
    CopyData "text"   CopyDone   CopyFail "why"
    Sync   Flush   Terminate    cancel                           (cancel: a CancelRequest for this connection, from another one)
    expect                      the indented messages that follow must come exactly so; `...` skips any number of messages
    statuses {"DateStyle": "…"} reads up to ReadyForQuery; these ParameterStatus messages must be there, in any order
    closed                      the server ends the connection (perhaps after a FATAL error)

Expected lines are what `shown` prints. An error's line may leave out fields: `ErrorResponse ERROR 42601`.
`python -m tests.pgwire.script record DSN FILE…` writes the expect blocks anew from what a server answers,
`run DSN FILE…` compares.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from psycopg.conninfo import conninfo_to_dict

TIMEOUT_S: Final = 20.0
# Record only: how long silence lasts before it counts as the end, and before the first answer as none.
_IDLE_S: Final = 0.3
_FIRST_S: Final = 3.0
_CANCEL: Final = 80_877_102
_SIMPLE_NAMES: Final = {
    b"1": "ParseComplete",
    b"2": "BindComplete",
    b"3": "CloseComplete",
    b"n": "NoData",
    b"s": "PortalSuspended",
    b"I": "EmptyQueryResponse",
    b"c": "CopyDone",
}


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    word: str
    args: tuple[Any, ...]
    expected: tuple[str, ...] = ()


class ScriptError(AssertionError):
    """The server did not answer as the script says."""


def read(text: str) -> list[Line]:
    """The commands of a script."""
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if raw.startswith("  ") and lines and lines[-1].word == "expect":
            last = lines[-1]
            lines[-1] = Line(last.number, last.word, last.args, (*last.expected, raw.strip()))
        elif raw.strip() and not raw.startswith("#"):
            word, _, rest = raw.strip().partition(" ")
            lines.append(Line(number, word, tuple(_json_values(rest))))
    return lines


def _json_values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        yield value


class Client:
    """A raw connection that is driven by script lines."""

    def __init__(self, dsn: str) -> None:
        info = conninfo_to_dict(dsn)
        self.user = str(info.get("user", "postgres"))
        self.database = str(info.get("dbname", self.user))
        self._host = str(info.get("host", "127.0.0.1"))
        self._port = int(str(info.get("port", 5432)))
        self._socket = self._connect()
        self._buffer = b""
        self.key = b""

    def _connect(self) -> socket.socket:
        if self._host.startswith("/"):
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(TIMEOUT_S)
            sock.connect(f"{self._host}/.s.PGSQL.{self._port}")
            return sock
        return socket.create_connection((self._host, self._port), TIMEOUT_S)

    def close(self) -> None:
        self._socket.close()

    def startup(self, params: dict[str, str]) -> None:
        named = {k: v.replace("$user", self.user).replace("$database", self.database) for k, v in params.items()}
        version = int(named.pop("protocol", "196608"))
        body = b"".join(text.encode() + b"\0" for pair in named.items() for text in pair) + b"\0"
        self._socket.sendall(struct.pack("!ii", len(body) + 8, version) + body)

    def send(self, line: Line) -> None:
        if line.word == "startup":
            self.startup(line.args[0])
        elif line.word == "raw":
            self._socket.sendall(_bytes(line.args[0]))
        elif line.word == "cancel":
            with self._connect() as other:
                other.sendall(struct.pack("!ii", 12 + len(self.key) - 4, _CANCEL) + self.key)
                assert other.recv(1) == b"", "a cancel request was answered"
        else:
            kind, body = _SENDERS[line.word](*line.args)
            self._socket.sendall(kind + (len(body) + 4).to_bytes(4, "big") + body)

    def message(self) -> tuple[bytes, bytes] | None:
        """The next message, None at the end of the connection."""
        while len(self._buffer) < 5 or len(self._buffer) < 1 + int.from_bytes(self._buffer[1:5], "big"):
            try:
                data = self._socket.recv(65_536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._buffer += data
        end = 1 + int.from_bytes(self._buffer[1:5], "big")
        kind, body = self._buffer[:1], self._buffer[5:end]
        self._buffer = self._buffer[end:]
        if kind == b"K":
            self.key = body
        return kind, body

    def byte(self) -> bytes:
        """One byte outside any message: the answer to SSLRequest."""
        if not self._buffer:
            self._buffer = self._socket.recv(1)
        first, self._buffer = self._buffer[:1], self._buffer[1:]
        return first

    def until_ready(self) -> None:
        while (got := self.message()) is not None:
            if got[0] == b"E":
                raise ScriptError(shown(*got))
            if got[0] == b"Z":
                return
        raise ScriptError("the connection ended during start-up")

    def idle(self, wait_s: float) -> bool:
        """Whether nothing comes for so long (record only)."""
        if self._buffer:
            return False
        self._socket.settimeout(wait_s)
        try:
            data = self._socket.recv(65_536)
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(TIMEOUT_S)
        self._buffer += data
        return not data


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()


def _z(text: str) -> bytes:
    return _bytes(text) + b"\0"


def _bind(portal: str, statement: str, options: dict[str, list[Any]]) -> tuple[bytes, bytes]:
    formats, values, results = options.get("formats", []), options.get("values", []), options.get("results", [])
    body = _z(portal) + _z(statement) + struct.pack(f"!h{len(formats)}h", len(formats), *formats) + len(values).to_bytes(2, "big")
    for value in values:
        raw = None if value is None else _bytes(value)
        body += b"\xff\xff\xff\xff" if raw is None else len(raw).to_bytes(4, "big") + raw
    return b"B", body + struct.pack(f"!h{len(results)}h", len(results), *results)


_SENDERS: Final[dict[str, Any]] = {
    "Query": lambda text: (b"Q", _z(text)),
    "Parse": lambda name, text, oids: (b"P", _z(name) + _z(text) + struct.pack(f"!h{len(oids)}I", len(oids), *oids)),
    "Bind": _bind,
    "Describe": lambda kind, name: (b"D", kind.encode() + _z(name)),
    "Execute": lambda portal, rows: (b"E", _z(portal) + rows.to_bytes(4, "big")),
    "Close": lambda kind, name: (b"C", kind.encode() + _z(name)),
    "Sync": lambda: (b"S", b""),
    "Flush": lambda: (b"H", b""),
    "Terminate": lambda: (b"X", b""),
    "CopyData": lambda text: (b"d", _bytes(text)),
    "CopyDone": lambda: (b"c", b""),
    "CopyFail": lambda text: (b"f", _z(text)),
}


def shown(kind: bytes, body: bytes) -> str:
    """One message as a line of text."""
    if kind in _SIMPLE_NAMES:
        return _SIMPLE_NAMES[kind]
    if kind == b"Z":
        return f"ReadyForQuery {body.decode()}"
    if kind == b"C":
        return f"CommandComplete {body[:-1].decode()}"
    if kind == b"R":
        return f"Authentication {int.from_bytes(body[:4], 'big')}"
    if kind == b"K":
        return "BackendKeyData"
    if kind == b"S":
        name, value = body[:-1].split(b"\0")
        return f"ParameterStatus {name.decode()} {value.decode()}".rstrip()
    if kind == b"v":
        version, count = struct.unpack_from("!ii", body)
        return " ".join(["NegotiateProtocolVersion", str(version), *(o.decode() for o in body[8:].split(b"\0")[:count])])
    if kind == b"t":
        return " ".join(["ParameterDescription", *map(str, struct.unpack(f"!{(len(body) - 2) // 4}I", body[2:]))])
    if kind == b"T":
        return f"RowDescription {' '.join(_fields(body))}".strip()
    if kind == b"D":
        return f"DataRow {' '.join(_cells(body))}".strip()
    if kind in (b"G", b"H"):
        codes = "".join(map(str, struct.unpack(f"!{(len(body) - 3) // 2}h", body[3:])))
        return f"{'CopyInResponse' if kind == b'G' else 'CopyOutResponse'} {body[0]} {codes}".rstrip()
    if kind == b"d":
        return f"CopyData {json.dumps(body.decode(), ensure_ascii=False) if _printable(body[:-1]) else f'0x{body.hex()}'}"
    if kind in (b"E", b"N"):
        return f"{'ErrorResponse' if kind == b'E' else 'NoticeResponse'} {_error(body)}"
    return f"Message {kind!r} {body!r}"


def _fields(body: bytes) -> Iterator[str]:
    at = 2
    for _ in range(int.from_bytes(body[:2], "big")):
        end = body.index(b"\0", at)
        _, _, oid, length, typmod, format_ = struct.unpack_from("!IhIhih", body, end + 1)
        name = json.dumps(body[at:end].decode(), ensure_ascii=False)
        yield f"{name}:{oid}:{length}" + (f":typmod={typmod}" if typmod != -1 else "") + (":binary" if format_ else "")
        at = end + 19


def _cells(body: bytes) -> Iterator[str]:
    at = 2
    for _ in range(int.from_bytes(body[:2], "big")):
        length = int.from_bytes(body[at : at + 4], "big", signed=True)
        at += 4
        if length < 0:
            yield "null"
            continue
        raw = body[at : at + length]
        at += length
        yield json.dumps(raw.decode(), ensure_ascii=False) if _printable(raw) else f"0x{raw.hex()}"


def _printable(raw: bytes) -> bool:
    try:
        return raw.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _error(body: bytes) -> str:
    fields = {part[:1].decode(): part[1:].decode() for part in body.split(b"\0") if part}
    parts = [fields["S"], fields["C"], json.dumps(fields["M"], ensure_ascii=False)]
    if "P" in fields:
        parts.append(f"position={fields['P']}")
    return " ".join(parts)


def run(script: list[Line], dsn: str) -> None:
    """Runs a script against a server. Raises ScriptError at the first difference."""
    client = Client(dsn)
    try:
        if script[0].word not in ("startup", "raw"):
            client.startup({"user": "$user", "database": "$database"})
            client.until_ready()
        for line in script:
            if line.word == "expect":
                _expect(client, line)
            elif line.word == "closed":
                _closed(client, line)
            elif line.word == "statuses":
                _statuses(client, line)
            else:
                client.send(line)
    finally:
        client.close()


def _closed(client: Client, line: Line) -> None:
    while (got := client.message()) is not None:
        if not shown(*got).startswith("ErrorResponse FATAL"):
            raise ScriptError(f"line {line.number}: expected the end of the connection, got {shown(*got)}")


def _statuses(client: Client, line: Line) -> None:
    missing = {f"ParameterStatus {name} {value}" for name, value in line.args[0].items()}
    while (got := client.message()) is not None:
        missing.discard(shown(*got))
        if got[0] == b"Z":
            break
    if missing:
        raise ScriptError(f"line {line.number}: missing {sorted(missing)}")


def _expect(client: Client, line: Line) -> None:
    skipping = False
    for number, expected in enumerate(line.expected, line.number + 1):
        if expected == "...":
            skipping = True
            continue
        if expected.startswith("byte "):
            got_byte = client.byte().decode()
            if got_byte != expected[5:]:
                raise ScriptError(f"line {number}: expected the byte {expected[5:]}, got {got_byte!r}")
            continue
        while True:
            message = client.message()
            got = "the end of the connection" if message is None else shown(*message)
            if matches(expected, got):
                break
            if not skipping or message is None:
                raise ScriptError(f"line {number}: expected {expected}\n{' ' * len(f'line {number}: ')}got      {got}")
        skipping = False


def matches(expected: str, got: str) -> bool:
    """Equal; for errors and notices the fields that are written must be there."""
    if expected == got:
        return True
    if not expected.startswith(("ErrorResponse", "NoticeResponse")):
        return False
    head = " ".join(expected.split(" ")[:3])
    rest = expected[len(head) :].strip()
    message = re.match(r'"(?:[^"\\]|\\.)*"', rest)
    others = rest[message.end() :].split() if message else rest.split()
    parts = got.split(" ")
    return (
        " ".join(parts[: len(head.split(" "))]) == head
        and (message is None or message[0] in got)
        and all(other in parts for other in others)
    )


def record(path: Path, dsn: str) -> None:
    """Rewrites the expect blocks of a script from what the server answers (blocks with `...` or bytes stay)."""
    client = Client(dsn)
    lines = read(path.read_text())
    kept = [raw for raw in path.read_text().splitlines() if not raw.startswith("  ")]
    blocks: list[list[str]] = []
    if lines[0].word not in ("startup", "raw"):
        client.startup({"user": "$user", "database": "$database"})
        client.until_ready()
    for line in lines:
        if line.word == "expect":
            if any(e == "..." or e.startswith("byte ") for e in line.expected):
                _expect(client, line)
                blocks.append(list(line.expected))
                continue
            answers: list[str] = []
            while not client.idle(_IDLE_S if answers else _FIRST_S):
                message = client.message()
                assert message is not None
                answers.append(shown(*message))
            blocks.append(answers)
        elif line.word == "statuses":
            _statuses(client, line)
        elif line.word != "closed":
            client.send(line)
    client.close()
    out: list[str] = []
    for raw in kept:
        out.append(raw)
        if raw.strip() == "expect":
            out.extend("  " + answer for answer in blocks.pop(0))
    path.write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    for name in sys.argv[3:]:
        if sys.argv[1] == "record":
            record(Path(name), sys.argv[2])
            continue
        assert sys.argv[1] == "run", __doc__
        try:
            run(read(Path(name).read_text()), sys.argv[2])
            print("ok  ", name)
        except (ScriptError, OSError) as error:
            print("FAIL", name, error, sep="\n  ")
