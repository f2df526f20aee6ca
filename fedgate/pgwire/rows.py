"""RecordBatch -> DataRow messages, a batch at a time.

Every cell's bytes become a column of binary values with their lengths; joining these columns row by row (one Arrow kernel) gives an
array whose data buffer *is* the message stream. Results of a few rows take a path by values, since the kernels
cost 0.2 ms to start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.pgwire.formats import BINARY_FORMAT, binary_codec
from fedgate.pgwire.formats.codec import Bytes, Cells
from fedgate.pgwire.formats.pieces import Lengths, as_array, cell_lengths, length_matrix, masked, prefixed, squared
from fedgate.types import SqlType
from fedgate.types.arrow_values import to_python
from fedgate.types.matrices import beside
from fedgate.types.style import TextStyle
from fedgate.types.text_out import array_text, value_text
from fedgate.types.values import Value

CHUNK_ROWS: Final = 8192
"""Rows that are encoded at once: the work of one chunk stays in the processor's cache, and bounds memory."""
TINY_ROWS: Final = 48
"""Up to so many rows the path by values is faster."""
_NULL: Final = b"\xff\xff\xff\xff"
_ROW_HEADER: Final = np.dtype([("kind", "u1"), ("length", ">i4"), ("columns", ">i2")])


class RowEncoder:
    """Encodes the batches of one result. Types and formats (0 text, 1 binary) are one each per column; `kind` is the messages'.

    Raises SqlError 0A000 for a column that has no such form.
    """

    def __init__(self, types: Sequence[SqlType], formats: Sequence[int], style: TextStyle, *, kind: bytes = b"D") -> None:
        assert len(types) == len(formats)
        self._kind = kind
        self._types = tuple(types)
        self._binary = tuple(binary_codec(t, style) if f == BINARY_FORMAT else None for t, f in zip(types, formats, strict=True))
        self._style = style

    def encode(self, batch: pa.RecordBatch) -> Iterator[bytes | memoryview]:
        """DataRow messages of all rows, in pieces of at most CHUNK_ROWS rows."""
        if batch.num_rows <= TINY_ROWS:
            if batch.num_rows:
                yield self._tiny(batch)
            return
        for start in range(0, batch.num_rows, CHUNK_ROWS):
            yield self._chunk(batch.slice(start, CHUNK_ROWS))

    # -- by columns -----------------------------------------------------------------------------------------------------------

    def _chunk(self, batch: pa.RecordBatch) -> memoryview:
        rows = batch.num_rows
        if not self._types:
            return memoryview(self._headers(rows, 6, 0).tobytes())
        pieces: list[Cells] = []
        fixed, varying = 4 + 2 + 4 * len(self._types), None
        for index in range(len(self._types)):
            source = batch.column(index)
            cells = squared(self._cells(index, source))
            lengths = cell_lengths(cells, source)
            if isinstance(lengths, int):
                fixed += lengths
            else:
                varying = lengths if varying is None else varying + lengths
            if isinstance(cells, np.ndarray):
                pieces.append(prefixed(cells, source))
            else:
                assert not isinstance(lengths, int)
                pieces.extend((length_matrix(lengths, source), masked(cells, source)))
        header = self._headers(rows, fixed if varying is None else varying + fixed, len(self._types))
        return joined([header, *pieces])

    def _headers(self, rows: int, lengths: Lengths | int, columns: int) -> Bytes:
        headers = np.empty(rows, _ROW_HEADER)
        headers["kind"], headers["length"], headers["columns"] = self._kind[0], lengths, columns
        return headers.view(np.uint8).reshape(rows, _ROW_HEADER.itemsize)

    def _cells(self, index: int, source: pa.Array) -> Cells:
        codec = self._binary[index]
        if codec is not None:
            return codec.column(source)
        return pc.cast(array_text(source, self._types[index], self._style), pa.binary())

    # -- by values ------------------------------------------------------------------------------------------------------------

    def _tiny(self, batch: pa.RecordBatch) -> bytes:
        columns = [self._tiny_cells(i, batch.column(i)) for i in range(len(self._types))]
        count = len(columns).to_bytes(2, "big")
        out: list[bytes] = []
        for row in range(batch.num_rows):
            body = b"".join([column[row] for column in columns])
            out.append(self._kind + (len(body) + 6).to_bytes(4, "big") + count + body)
        return b"".join(out)

    def _tiny_cells(self, index: int, source: pa.Array) -> list[bytes]:
        return [_cell(self._one(index, value)) for value in to_python(source, self._types[index])]

    def _one(self, index: int, value: Value) -> bytes | None:
        if value is None:
            return None
        codec = self._binary[index]
        if codec is not None:
            return codec.encode(value)
        return value_text(value, self._types[index], self._style).encode()


def _cell(raw: bytes | None) -> bytes:
    return _NULL if raw is None else len(raw).to_bytes(4, "big") + raw


def joined(pieces: list[Cells]) -> memoryview:
    """The pieces of each row one after the other. Neighbours of fixed width are put together first: each input costs the kernel."""
    merged: list[Cells] = []
    run: list[Bytes] = []
    for piece in pieces:
        if isinstance(piece, np.ndarray):
            run.append(piece)
            continue
        if run:
            merged.append(beside(run, len(run[0])))
            run = []
        merged.append(piece)
    if run:
        merged.append(beside(run, len(run[0])))
    if len(merged) == 1:
        only = merged[0]
        assert isinstance(only, np.ndarray)
        return np.ascontiguousarray(only).reshape(-1).data
    arrays = [as_array(piece) for piece in merged]
    joined = pc.binary_join_element_wise(*arrays, b"", null_handling="replace", null_replacement=b"")
    offsets = np.frombuffer(joined.buffers()[1], np.int32)
    start, end = int(offsets[joined.offset]), int(offsets[joined.offset + len(joined)])
    return memoryview(joined.buffers()[2])[start:end]
