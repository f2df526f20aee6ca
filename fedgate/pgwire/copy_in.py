"""COPY … FROM STDIN: CopyData -> Arrow batches of the copied columns, and PostgreSQL's words for what is wrong and in which line.

Rows go to `Incoming` in batches of BATCH_BYTES of their text; nothing else is held but the start of a record. Lines before a wrong
one count first: their own errors come before its.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np
import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.pgwire import messages as m
from fedgate.pgwire.copy_out import BINARY_HEADER
from fedgate.pgwire.copy_text import FieldReader, Line, LineReader, shown
from fedgate.pgwire.formats import binary_codec
from fedgate.types import SqlType
from fedgate.types.arrow_values import from_python
from fedgate.types.columns_in import column_from_texts
from fedgate.types.copy_form import CopyForm
from fedgate.types.style import DEFAULT_STYLE, TextStyle
from fedgate.types.text_in import parse
from fedgate.types.text_out import value_text

BATCH_BYTES: Final = 256 * limits.KIB
_BAD: Final = "22P04"
_SIGNATURE: Final = BINARY_HEADER[:11]
_OID_FLAG: Final = 1 << 16
_BIG_ENDIAN: Final = {21: ">i2", 23: ">i4", 20: ">i8", 700: ">f4", 701: ">f8"}


class Incoming(Protocol):
    """What takes the rows: the columns that are copied, and the form of what comes."""

    relation: str
    names: Sequence[str]
    types: Sequence[SqlType]
    form: CopyForm

    def add(self, batch: pa.RecordBatch, where: Callable[[int], str]) -> None:
        """Rows; `where` tells of one by its number in the batch where it came from."""

    def check(self) -> None:
        """Raises the error of a cancel, if there was one."""


class CopyIn:
    """Reads one COPY. Use: `response()`, `feed` of each CopyData, `end()` at CopyDone."""

    def __init__(self, into: Incoming, style: TextStyle) -> None:
        self._into = into
        self._waiting: list[bytes] = []
        self._bytes = 0
        binary = into.form.format == "binary"
        self._binary = binary
        self._reader: _Binary | _Lines = _Binary(into) if binary else _Lines(into, style)

    def response(self) -> bytes:
        """CopyInResponse."""
        return m.copy_response(b"G", self._binary, len(self._into.types))

    def feed(self, data: bytes) -> None:
        """What one message brought. Raises SqlError, of an earlier one too."""
        self._into.check()
        self._waiting.append(data)
        self._bytes += len(data)
        if self._bytes >= BATCH_BYTES:
            self._read(last=False)

    def end(self) -> None:
        """All is here."""
        self._into.check()
        self._read(last=True)

    def failed(self, message: str) -> SqlError:
        """The error for CopyFail."""
        line = self._reader.line + b"".join(self._waiting).count(b"\n") + 1
        return SqlError("57014", f"COPY from stdin failed: {message}", context=f"COPY {self._into.relation}, line {line}")

    def _read(self, *, last: bool) -> None:
        data, self._waiting, self._bytes = b"".join(self._waiting), [], 0
        self._reader.read(data, last=last)


def _located(error: SqlError, context: str) -> SqlError:
    found = error.copy()
    found.context = found.context or context
    return found


# ------------------------------------------------------------------------------------------------------------ text and csv


class _Lines:
    """Rows of text and csv."""

    def __init__(self, into: Incoming, style: TextStyle) -> None:
        self._into = into
        self._style = style
        self._lines = LineReader(into.form)
        self._fields = FieldReader(into.form)
        self._header = into.form.header

    @property
    def line(self) -> int:
        return self._lines.number

    def read(self, data: bytes, *, last: bool) -> None:
        if self._header == "no" and (plain := self._lines.plain(data, last=last)) is not None:
            self._read_plain(*plain)
            return
        lines: list[Line] = []
        rows: list[list[str | None]] = []
        error: SqlError | None = None
        try:
            for line in self._lines.feed(data, last=last):
                lines.append(line)
                if self._header != "no":
                    lines.pop()
                    self._take_header(line)
                else:
                    rows.append(self._row(line))
        except SqlError as raised:
            if raised.context is not None and not raised.context.startswith("COPY "):
                raised.context = f"COPY {self._into.relation}, line {raised.context}"
            error = _located(raised, f"COPY {self._into.relation}, line {self._lines.number}")
        self._add(rows, lines[: len(rows)])
        if error is not None:
            raise error

    def _read_plain(self, first: int, text: str) -> None:
        """Records that have nothing but plain fields, a column at a time."""
        form, into = self._into.form, self._into
        lines = text.split("\n")
        rows = [line.split(form.delimiter) for line in lines]
        width = len(into.types)
        if width and all(len(row) == width for row in rows):
            columns: list[Sequence[str | None]] = list(zip(*rows, strict=True))
            nulls = 0
            for place, column in enumerate(columns):
                if form.null in column and place not in form.force_not_null:
                    nulls += column.count(form.null)
                    columns[place] = [None if field == form.null else field for field in column]
            if form.format == "csv" or nulls == text.count("\\"):  # else a backslash means something else
                try:
                    made = [column_from_texts(c, t, self._style) for c, t in zip(columns, into.types, strict=True)]
                except SqlError:
                    pass
                else:
                    into.add(_batch(made, len(rows)), lambda row: self._place(Line(first + row, lines[row].encode())))
                    return
        self._read_slowly([Line(first + i, line.encode()) for i, line in enumerate(lines)])

    def _read_slowly(self, lines: list[Line]) -> None:
        rows: list[list[str | None]] = []
        error: SqlError | None = None
        try:
            rows.extend(map(self._row, lines))
        except SqlError as raised:
            error = raised
        self._add(rows, lines[: len(rows)])
        if error is not None:
            raise error

    def _take_header(self, line: Line) -> None:
        header, self._header = self._header, "no"
        if header != "match":
            return
        names, place = self._into.names, self._place(line)
        found = self._fields.fields(line.data)
        if len(found) != len(names):
            message = f"wrong number of fields in header line: got {len(found)}, expected {len(names)}"
            raise SqlError(_BAD, message, context=place)
        for number, (field, name) in enumerate(zip(found, names, strict=True), 1):
            if field is None:
                got = f'got null value ("{self._into.form.null}")'
                message = f'column name mismatch in header line field {number}: {got}, expected "{name}"'
                raise SqlError(_BAD, message, context=place)
            if field != name:
                message = f'column name mismatch in header line field {number}: got "{field}", expected "{name}"'
                raise SqlError(_BAD, message, context=place)

    def _row(self, line: Line) -> list[str | None]:
        names = self._into.names
        if not names and not line.data:
            return []
        try:
            found = self._fields.fields(line.data)
        except SqlError as error:
            bad_text = error.sqlstate == "22021"
            place = f"COPY {self._into.relation}, line {line.number}"
            raise _located(error, place if bad_text else self._place(line)) from None
        if len(found) > len(names):
            raise SqlError(_BAD, "extra data after last expected column", context=self._place(line))
        if len(found) < len(names):
            self._check(found, line)
            raise SqlError(_BAD, f'missing data for column "{names[len(found)]}"', context=self._place(line))
        return found

    def _place(self, line: Line) -> str:
        return f"COPY {self._into.relation}, line {line.number}: {shown(line.data)}"

    def _add(self, rows: list[list[str | None]], lines: list[Line]) -> None:
        if not rows:
            return
        error: SqlError | None = None
        try:
            columns = self._columns(rows)
        except SqlError:
            rows, error = self._before_wrong(rows, lines)
            columns = self._columns(rows)
        batch = _batch(columns, len(rows))
        if batch.num_rows:
            self._into.add(batch, lambda row: self._place(lines[row]))
        if error is not None:
            raise error

    def _columns(self, rows: list[list[str | None]]) -> list[pa.Array]:
        texts = list(zip(*rows, strict=True)) if rows else [()] * len(self._into.types)
        return [column_from_texts(t, type_, self._style) for t, type_ in zip(texts, self._into.types, strict=True)]

    def _before_wrong(self, rows: list[list[str | None]], lines: list[Line]) -> tuple[list[list[str | None]], SqlError]:
        """The rows before the first that cannot be, and its error."""
        for number, row in enumerate(rows):
            try:
                self._check(row, lines[number])
            except SqlError as error:
                return rows[:number], error
        raise AssertionError("a column that failed has no text that fails")

    def _check(self, row: list[str | None], line: Line) -> None:
        """Raises the error of the first text that is none of its column's type."""
        into = self._into
        for text, type_, name in zip(row, into.types, into.names, strict=False):
            if text is None:
                continue
            try:
                from_python([parse(text, type_, self._style)], type_)
            except SqlError as error:
                place = f"COPY {into.relation}, line {line.number}, column {name}: {shown(text.encode())}"
                raise _located(error, place) from None


def _batch(columns: list[pa.Array], rows: int) -> pa.RecordBatch:
    if columns:
        return pa.RecordBatch.from_arrays(columns, names=[str(i) for i in range(len(columns))])
    return pa.RecordBatch.from_struct_array(pa.StructArray.from_buffers(pa.struct([]), rows, [None]))


# ------------------------------------------------------------------------------------------------------------------ binary


class _Binary:
    """Rows of the binary form."""

    def __init__(self, into: Incoming) -> None:
        self._into = into
        self._left = b""
        self._begun = False
        self._ended = False
        self._first = 1
        self.line = 0

    def read(self, data: bytes, *, last: bool) -> None:
        data = self._left + data
        at = 0
        if not self._begun:
            at = self._header(data, last=last)
            if at == 0:
                self._left = data
                return
            self._begun = True
        cells: list[list[bytes | None]] = [[] for _ in self._into.types]
        error: SqlError | None = None
        rows = 0
        try:
            while not self._ended:
                following = self._row(data, at, cells, last=last)
                if following is None:
                    break
                rows += not self._ended
                at = following
        except SqlError as raised:
            error = _located(raised, f"COPY {self._into.relation}, line {self.line}")
        self._add([column[:rows] for column in cells], rows)
        self._first += rows
        if error is not None:
            raise error
        self._left = data[at:]
        if self._ended and self._left:
            context = f"COPY {self._into.relation}, line {self.line + 1}"
            raise SqlError(_BAD, "received copy data after EOF marker", context=context)

    def _header(self, data: bytes, *, last: bool) -> int:
        """Where the rows begin; 0 if more is needed."""
        if (len(data) >= len(_SIGNATURE) and not data.startswith(_SIGNATURE)) or (last and len(data) < len(_SIGNATURE)):
            raise SqlError(_BAD, "COPY file signature not recognized")
        if len(data) < len(_SIGNATURE) + 8:
            if last:
                raise SqlError(_BAD, "invalid COPY file header (missing flags)")
            return 0
        flags, length = struct.unpack_from("!Ii", data, len(_SIGNATURE))
        if flags & _OID_FLAG:
            raise SqlError(_BAD, "invalid COPY file header (WITH OIDS)")
        if flags >> 16:
            raise SqlError(_BAD, "unrecognized critical flags in COPY file header")
        if length < 0:
            raise SqlError(_BAD, "invalid COPY file header (missing length)")
        start = len(_SIGNATURE) + 8 + int(length)
        if len(data) < start:
            if last:
                raise SqlError(_BAD, "invalid COPY file header (wrong length)")
            return 0
        return start

    def _row(self, data: bytes, at: int, cells: list[list[bytes | None]], *, last: bool) -> int | None:
        """Take one row; where the next begins, None if this one is not whole yet."""
        end = len(data)
        if end - at < 2:
            return None
        count = int.from_bytes(data[at : at + 2], "big", signed=True)
        if count == -1:
            self._ended = True
            return at + 2
        self.line += 1
        if count != len(cells):
            raise SqlError(_BAD, f"row field count is {count}, expected {len(cells)}")
        at += 2
        row: list[bytes | None] = []
        for _ in range(count):
            length = int.from_bytes(data[at : at + 4], "big", signed=True) if end - at >= 4 else None
            if length is not None and length < -1:
                self._check(row)
                raise SqlError(_BAD, "invalid field size", context=self._cell(len(row)))
            size = max(length or 0, 0)
            if length is None or end - at < 4 + size:
                if last:
                    self._check(row)
                    raise SqlError(_BAD, "unexpected EOF in COPY data", context=self._cell(len(row)))
                self.line -= 1
                return None
            row.append(None if length == -1 else data[at + 4 : at + 4 + size])
            at += 4 + size
        for column, cell in zip(cells, row, strict=True):
            column.append(cell)
        return at

    def _check(self, row: Sequence[bytes | None]) -> None:
        """Raises the error of the first cell that is none of its column's type."""
        for place, (cell, type_) in enumerate(zip(row, self._into.types, strict=False)):
            try:
                _column([cell], type_)
            except SqlError as error:
                raise _located(error, self._cell(place)) from None

    def _cell(self, place: int, line: int | None = None) -> str:
        return f"COPY {self._into.relation}, line {self.line if line is None else line}, column {self._into.names[place]}"

    def _add(self, cells: list[list[bytes | None]], rows: int) -> None:
        if not rows:
            return
        first = self._first
        columns: list[pa.Array] = []
        error: SqlError | None = None
        try:
            columns = [_column(c, t) for c, t in zip(cells, self._into.types, strict=True)]
        except SqlError:
            rows, error = self._before_wrong(cells, rows, first)
            columns = [_column(c[:rows], t) for c, t in zip(cells, self._into.types, strict=True)]
        if rows:
            relation = self._into.relation
            self._into.add(_batch(columns, rows), lambda row: f"COPY {relation}, line {first + row}")
        if error is not None:
            raise error

    def _before_wrong(self, cells: list[list[bytes | None]], rows: int, first: int) -> tuple[int, SqlError]:
        for row in range(rows):
            for place, (column, type_) in enumerate(zip(cells, self._into.types, strict=True)):
                try:
                    _column(column[row : row + 1], type_)
                except SqlError as error:
                    return row, _located(error, self._cell(place, first + row))
        raise AssertionError("a column that failed has no cell that fails")


def _column(cells: Sequence[bytes | None], type_: SqlType) -> pa.Array:
    """The values of binary cells. Raises SqlError."""
    dtype = _BIG_ENDIAN.get(type_.oid)
    if dtype is not None and None not in cells:
        size = np.dtype(dtype).itemsize
        if all(len(c) == size for c in cells if c is not None):
            return pa.array(np.frombuffer(b"".join(c for c in cells if c is not None), dtype).astype(dtype.replace(">", "<")))
    codec = binary_codec(type_)
    values = [None if cell is None else codec.decode(cell) for cell in cells]
    if type_.typmod >= 0:  # receive functions apply the modifier too
        plain = SqlType(type_.oid)
        values = [None if v is None else parse(value_text(v, plain, DEFAULT_STYLE), type_, DEFAULT_STYLE) for v in values]
    return from_python(values, type_)
