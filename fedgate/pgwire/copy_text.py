"""The records of COPY's text and csv forms: bytes -> lines -> fields.

Source: https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9 and its CopyReadLineText: the first end of a line decides
what all ends are; a backslash keeps an end of line in a field of text, quotes one of csv.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fedgate.errors import SqlError
from fedgate.pgwire.messages import decode_utf8
from fedgate.types.copy_form import CopyForm

END: Final = b"\\."
_ESCAPED: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.|\Z))", re.DOTALL)
_LETTERS: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_BAD: Final = "22P04"
_SHOWN_BYTES: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A record as it came, without its end. `number` counts ends of lines from 1, that of the record's last line."""

    number: int
    data: bytes


def shown(data: bytes) -> str:
    """What the context of an error shows of a line or value: the first bytes of a long one."""
    cut = data[:_SHOWN_BYTES].decode(errors="ignore") + "..." if len(data) > _SHOWN_BYTES else data.decode(errors="replace")
    return f'"{cut}"'


class LineReader:
    """Splits what comes into records. After the marker of the end the rest is ignored."""

    def __init__(self, form: CopyForm) -> None:
        self._csv = form.format == "csv"
        self._null = form.null
        self._quote = form.quote.encode()
        self._escape = form.escape.encode()
        self._left = b""
        self._eol = b""
        self.number = 0
        self._whole = 0
        self._ended = False

    def feed(self, data: bytes, *, last: bool = False) -> Iterator[Line]:
        """The records that are whole now. Raises SqlError 22P04 for one that cannot be."""
        data = b"" if self._ended else self._left + data
        self._left = b""
        if not self._eol and not self._find_eol(data, last=last):
            self._left = data
            return
        parts = data.split(self._eol)
        rest = parts.pop()
        yield from self._records(parts)
        self._left = b"" if self._ended else self._left + rest
        if last and self._left:
            whole, self._left = self._left, b""
            if self._is_open(whole) and self._csv:
                self.number += not self._whole
                raise SqlError(_BAD, "unterminated CSV quoted field", context=f"{self.number}: {shown(whole)}")
            yield from self._records([whole])

    def plain(self, data: bytes, *, last: bool) -> tuple[int, str] | None:
        """Whole records at once, if none of them has anything but plain fields: (number of the first, their text without the
        last end of line). None when they have to be looked at one by one, by `feed`.
        """
        if self._ended or self._eol not in (b"", b"\n") or b"\r" in data or b"\r" in self._left:
            return None
        whole = self._left + data
        special = b"\\" in whole if not self._csv else self._quote in whole or b"\\." in whole
        if special and (self._csv or self._null != "\\N" or whole.count(b"\\") != whole.count(b"\\N")):
            return None
        end = len(whole) if last and not whole.endswith(b"\n") else whole.rfind(b"\n") + 1
        try:
            text = whole[:end].decode()
        except UnicodeDecodeError:
            return None
        if not end or "\0" in text:
            return None
        self._eol = b"\n"
        self._left = whole[end:]
        first = self.number + 1
        text = text.removesuffix("\n")
        lines = text.count("\n") + 1
        self.number += lines
        self._whole += lines
        return first, text

    def _find_eol(self, data: bytes, *, last: bool) -> bool:
        """Look for the first end of a line; whether the data can be split."""
        nl, cr = data.find(b"\n"), data.find(b"\r")
        if nl < 0 and cr < 0:
            self._eol = b"\n" if last else b""
        elif cr < 0 or 0 <= nl < cr:
            self._eol = b"\n"
        elif data[cr + 1 : cr + 2]:
            self._eol = b"\r\n" if data[cr + 1] == 10 else b"\r"
        elif last:
            self._eol = b"\r"
        return bool(self._eol)

    def _records(self, parts: list[bytes]) -> Iterator[Line]:
        """The records that these lines make; one that goes on is left for later."""
        open_, self._left = self._left, b""
        for part in parts:
            whole = open_ + self._eol + part if open_ else part
            if self._is_open(whole):
                open_ = whole
                self.number += bool(self._whole)  # before it has met an end of line, PostgreSQL counts none within quotes
                continue
            open_ = b""
            self.number += 1
            self._whole += 1
            if part == END:
                self._ended = True
                return
            self._check(whole)
            yield Line(self.number, whole)
        self._left = open_ + self._eol if open_ else b""

    def _is_open(self, data: bytes) -> bool:
        """Whether the end of the line is data of the record."""
        if not self._csv:
            return data.endswith(b"\\") and (len(data) - len(data.rstrip(b"\\"))) % 2 == 1
        if self._quote not in data:
            return False
        if self._quote == self._escape:
            return data.count(self._quote) % 2 == 1
        quoted = escaped = False
        for byte in (data[i : i + 1] for i in range(len(data))):
            if quoted and byte == self._escape:
                escaped = not escaped
            if byte == self._quote and not escaped:
                quoted = not quoted
            if byte != self._escape:
                escaped = False
        return quoted

    def _check(self, data: bytes) -> None:
        """Raises SqlError for another end of line than the others."""
        if b"\r" not in data and b"\n" not in data:
            return
        plain = self._outside(data)
        for byte, name, letter in ((b"\r", "carriage return", "r"), (b"\n", "newline", "n")):
            if byte in plain:
                if self._csv:
                    hint = f"Use quoted CSV field to represent {name}."
                    raise SqlError(_BAD, f"unquoted {name} found in data", hint=hint)
                raise SqlError(_BAD, f"literal {name} found in data", hint=f'Use "\\{letter}" to represent {name}.')

    def _outside(self, data: bytes) -> bytes:
        """What stands outside of quotes, or after no backslash."""
        if self._csv:
            return b"".join(data.split(self._quote)[0::2])
        return re.sub(rb"\\.", b"", data, flags=re.DOTALL)


class FieldReader:
    """Fields of records: texts, None for NULL. Raises SqlError 22021, 22P04."""

    def __init__(self, form: CopyForm) -> None:
        self._form = form
        self._delimiter = form.delimiter
        self._null = form.null
        delimiter = re.escape(form.delimiter.encode())
        self._field = re.compile(rb"((?:[^\\%s]|\\.|\\\Z)*)(%s|\Z)" % (delimiter, delimiter), re.DOTALL)

    def fields(self, data: bytes) -> list[str | None]:
        """The fields of one record."""
        if self._form.format == "csv":
            return self._csv(data)
        null = self._null
        if b"\\" not in data:
            return [None if f == null else f for f in decode_utf8(data).split(self._delimiter)]
        return [None if raw == null.encode() else _unescaped(raw) for raw in self._split(data)]

    def _split(self, data: bytes) -> Iterator[bytes]:
        at = 0
        while True:
            found = self._field.match(data, at)
            assert found is not None
            yield found[1]
            at = found.end()
            if not found[2]:
                return

    def _csv(self, data: bytes) -> list[str | None]:
        form, text = self._form, decode_utf8(data)
        if form.quote not in text:
            found = text.split(form.delimiter)
            if not form.force_not_null:
                return [None if f == form.null else f for f in found]
            return [None if f == form.null and i not in form.force_not_null else f for i, f in enumerate(found)]
        fields: list[str | None] = []
        at = 0
        while at <= len(text):
            value, quoted, at = self._csv_field(text, at)
            null = value == form.null
            place = len(fields)
            is_null = null and (place in form.force_null if quoted else place not in form.force_not_null)
            fields.append(None if is_null else value)
        return fields

    def _csv_field(self, text: str, at: int) -> tuple[str, bool, int]:
        """(value, whether it has quotes, where the next one begins)."""
        form = self._form
        pieces: list[str] = []
        quoted = False
        while True:
            ends = [p for p in (text.find(form.delimiter, at), text.find(form.quote, at)) if p >= 0]
            stop = min(ends, default=len(text))
            pieces.append(text[at:stop])
            if stop == len(text):
                return "".join(pieces), quoted, len(text) + 1
            if text[stop] == form.delimiter:
                return "".join(pieces), quoted, stop + 1
            quoted = True
            at = self._quoted_part(text, stop + 1, pieces)

    def _quoted_part(self, text: str, at: int, pieces: list[str]) -> int:
        """Adds what stands up to the closing quote; where it goes on after it."""
        form = self._form
        while True:
            ends = [p for p in (text.find(form.escape, at), text.find(form.quote, at)) if p >= 0]
            if not ends:
                raise SqlError(_BAD, "unterminated CSV quoted field")
            stop = min(ends)
            pieces.append(text[at:stop])
            following = text[stop + 1 : stop + 2]
            if text[stop] == form.escape and following in (form.escape, form.quote) and following:
                pieces.append(following)
                at = stop + 2
            elif text[stop] == form.quote:
                return stop + 1
            else:
                pieces.append(text[stop])
                at = stop + 1


def _unescaped(raw: bytes) -> str:
    if b"\\" not in raw:
        return decode_utf8(raw)
    return decode_utf8(_ESCAPED.sub(_one, raw))


def _one(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes([int(found[1], 16)])
    if found[2]:
        return bytes([int(found[2], 8) & 0xFF])
    return _LETTERS.get(found[3], found[3])
