"""COPY … TO STDOUT: Arrow batches -> CopyData messages, one a row as PostgreSQL sends them, a column at a time.

Source: https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9. A row of the binary form is a DataRow's body, so its
encoder makes them; the forms of text join the columns' texts, and look for what has to be escaped once a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.pgwire import messages as m
from fedgate.pgwire.formats import BINARY_FORMAT
from fedgate.pgwire.rows import CHUNK_ROWS, RowEncoder, joined
from fedgate.types import SqlType
from fedgate.types.copy_form import CopyForm
from fedgate.types.style import TextStyle
from fedgate.types.text_out import array_text

BINARY_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
BINARY_END: Final = b"\xff\xff"
_HEADER: Final = np.dtype([("kind", "u1"), ("length", ">i4")])
_ESCAPES: Final = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_SINGLE_END: Final = "\\."


class CopyOut:
    """Encodes one COPY. Raises SqlError 0A000 for a column that has no such form.

    Use: `response()`, then `head()`, the `encode(batch)` of all batches, `end()`.
    """

    def __init__(self, names: Sequence[str], types: Sequence[SqlType], form: CopyForm, style: TextStyle) -> None:
        self._names = tuple(names)
        self._types = tuple(types)
        self._form = form
        self._style = style
        self._binary: RowEncoder | None = None
        if form.format == "binary":
            self._binary = RowEncoder(types, [BINARY_FORMAT] * len(types), style, kind=b"d")
        self._begun = False

    def response(self) -> bytes:
        """CopyOutResponse."""
        return m.copy_response(b"H", self._binary is not None, len(self._types))

    def head(self) -> bytes:
        """The line of names, if there is to be one."""
        if self._form.header == "no":
            return b""
        fields = [self._field(name) for name in self._names]
        return m.copy_data((self._form.delimiter.join(fields) + "\n").encode())

    def encode(self, batch: pa.RecordBatch) -> Iterator[bytes | memoryview]:
        """The messages of all rows, in pieces of at most CHUNK_ROWS rows."""
        if self._binary is not None:
            for piece in self._binary.encode(batch):
                yield piece if self._begun else self._headed(piece)
            return
        for start in range(0, batch.num_rows, CHUNK_ROWS):
            yield self._lines(batch.slice(start, CHUNK_ROWS))

    def end(self) -> bytes:
        """What comes last, CopyDone included."""
        if self._binary is None:
            return m.COPY_DONE
        return m.copy_data(BINARY_END if self._begun else BINARY_HEADER + BINARY_END) + m.COPY_DONE

    def _headed(self, piece: bytes | memoryview) -> bytes:
        """The first rows: PostgreSQL sends the file's header in the first row's message, and readers look for it there."""
        self._begun = True
        length = int.from_bytes(piece[1:5], "big") + len(BINARY_HEADER)
        return b"".join((b"d", length.to_bytes(4, "big"), BINARY_HEADER, piece[5:]))

    # -- text and csv -----------------------------------------------------------------------------------------------------------

    def _lines(self, batch: pa.RecordBatch) -> memoryview:
        rows = batch.num_rows
        columns = [self._column(i, batch.column(i)) for i in range(len(self._types))]
        end = pa.scalar("\n")
        if not columns:
            lines = pa.array([""] * rows, pa.string())
        elif len(columns) == 1:
            lines = columns[0]
        else:
            lines = pc.binary_join_element_wise(*columns, self._form.delimiter)
        lines = pc.binary_join_element_wise(lines, end, "")
        offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + rows + 1]
        headers = np.empty(rows, _HEADER)
        headers["kind"], headers["length"] = ord("d"), np.diff(offsets) + 4
        return joined([headers.view(np.uint8).reshape(rows, _HEADER.itemsize), lines.cast(pa.binary())])

    def _column(self, index: int, source: pa.Array) -> pa.Array:
        text = array_text(source, self._types[index], self._style)
        csv = self._form.format == "csv"
        text = self._quoted(text, always=index in self._form.force_quote) if csv else self._escaped(text)
        return pc.fill_null(text, self._form.null) if text.null_count else text

    def _escaped(self, text: pa.Array) -> pa.Array:
        for found in _present(text, tuple(dict.fromkeys(("\\", *_ESCAPES, self._form.delimiter)))):
            text = pc.replace_substring(text, found, _ESCAPES.get(found, "\\" + found))
        return text

    def _quoted(self, text: pa.Array, *, always: bool) -> pa.Array:
        form = self._form
        special = _present(text, tuple(dict.fromkeys((form.delimiter, form.quote, "\n", "\r", form.escape))))
        if always:
            needs = pc.is_valid(text)
        else:
            needs = pc.equal(text, form.null)
            for found in special:
                if found != form.escape or found == form.quote:
                    needs = pc.or_(needs, pc.match_substring(text, found))
            if len(self._types) == 1:
                needs = pc.or_(needs, pc.equal(text, _SINGLE_END))
            needs = pc.fill_null(needs, False)
            if not pc.any(needs).as_py():
                return text
        inner = text
        if form.escape in special and form.escape != form.quote:
            inner = pc.replace_substring(inner, form.escape, form.escape * 2)
        if form.quote in special:
            inner = pc.replace_substring(inner, form.quote, form.escape + form.quote)
        return pc.if_else(needs, pc.binary_join_element_wise(form.quote, inner, form.quote, ""), text)

    def _field(self, name: str) -> str:
        """A column's name in the first line, where nothing is forced or NULL."""
        one = pa.array([name], pa.string())
        if self._form.format == "text":
            return str(self._escaped(one)[0].as_py())
        return str(self._quoted(one, always=False)[0].as_py())


def _present(text: pa.Array, characters: Sequence[str]) -> list[str]:
    """Those of some ASCII characters that occur anywhere in a column."""
    if not len(text) or text.buffers()[2] is None:
        return []
    offsets = np.frombuffer(text.buffers()[1], np.int32)
    start, end = int(offsets[text.offset]), int(offsets[text.offset + len(text)])
    data = text.buffers()[2].slice(start, end - start).to_pybytes()
    return [character for character in characters if character.encode() in data]
