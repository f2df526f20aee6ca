"""The rows of temporary tables: immutable lists of pieces, which statements share.

A statement that changes a table makes a new list; the former one is what a running query, a cursor or a savepoint still sees. A
piece lies in memory, or past a limit in a nameless file that is mapped into memory, and gives its room back when nobody has it any
more.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.executor.spool import Room
from fedgate.fragment import column_name
from fedgate.schema import ROW_ATTNUM
from fedgate.types import SqlType
from fedgate.types.arrow_values import Bools, Numbers, batch_bytes, from_python
from fedgate.types.values import Value

_WHAT: Final = "temporary tables"
_HINT: Final = "Drop or truncate what is no longer needed; tables for good belong to nodes."
_TAIL_ROWS_MAX, _TAIL_BYTES_MAX = 1024, limits.MIB
ALL_TEMP: Final = Room(limits.TEMP_TOTAL_BYTES_MAX, what=f"{_WHAT} of all sessions", hint=_HINT)
ALL_MEMORY: Final = Room(limits.TEMP_MEMORY_TOTAL_BYTES_MAX)


class Piece:
    """Rows that lie together."""

    __slots__ = ("__weakref__", "batch")

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch


class Store:
    """Where one session's pieces lie, and what they may take. Raises SqlError 53400 past a limit, 53100 when the disk is full."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._space = Room(limits.TEMP_BYTES_MAX, ALL_TEMP, what=f"{_WHAT} of this session", hint=_HINT)
        self._memory = Room(limits.TEMP_MEMORY_BYTES_MAX, ALL_MEMORY)

    @property
    def used_bytes(self) -> int:
        return self._space.used_bytes

    def keep(self, batch: pa.RecordBatch) -> Piece:
        """The batch as a piece."""
        size = batch_bytes(batch)
        self._space.take(size)
        try:
            in_memory = self._memory.fits(size)
            piece = Piece(batch if in_memory else self._on_disk(batch))
        except BaseException:
            self._space.give(size)
            raise
        weakref.finalize(piece, self._let_go, size, in_memory=in_memory).atexit = False
        return piece

    def _let_go(self, size: int, *, in_memory: bool) -> None:
        self._space.give(size)
        if in_memory:
            self._memory.give(size)

    def _on_disk(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch in a file without a name, which ends with the last that has the batch."""
        try:
            number, path = tempfile.mkstemp(prefix="fedgate-temp-", dir=self._directory)
            try:
                with os.fdopen(number, "wb") as file, pa.ipc.new_stream(file, batch.schema) as writer:
                    writer.write_batch(batch)
                return pa.ipc.open_stream(pa.memory_map(path)).read_next_batch()
            finally:
                os.unlink(path)
        except OSError as exc:
            raise SqlError("53100", f"could not write rows of a temporary table: {exc.strerror or exc}") from exc


class Tail:
    """The latest rows as their values, in a list that only grows: each state of a table knows how many are its own.

    Rows that come one by one would cost a hundred times as much as a batch each.
    """

    __slots__ = ("_batch", "bytes", "rows")

    def __init__(self, rows: list[tuple[Value, ...]]) -> None:
        self.rows = rows
        self.bytes = 0
        self._batch: pa.RecordBatch | None = None

    def add(self, row: tuple[Value, ...]) -> None:
        self.rows.append(row)
        self.bytes += sum(len(value) for value in row if isinstance(value, (str, bytes, tuple)))

    def batch(self, count: int, types: Sequence[SqlType], schema: pa.Schema) -> pa.RecordBatch:
        """The first `count` rows."""
        if self._batch is None or self._batch.num_rows != count:
            columns = zip(*self.rows[:count], strict=True)
            arrays = [from_python(values, type_) for values, type_ in zip(columns, types, strict=True)]
            self._batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
        return self._batch


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The rows of one table at one moment; columns are `c<attnum>`, in their carriers. `tail_rows` rows of `tail` come last."""

    schema: pa.Schema
    pieces: tuple[Piece, ...] = ()
    tail: Tail | None = None
    tail_rows: int = 0
    types: tuple[SqlType, ...] = ()

    @property
    def rows(self) -> int:
        return sum(int(piece.batch.num_rows) for piece in self.pieces) + self.tail_rows

    def batches(self) -> list[pa.RecordBatch]:
        """All rows."""
        found = [piece.batch for piece in self.pieces]
        if self.tail is not None:
            found.append(self.tail.batch(self.tail_rows, self.types, self.schema))
        return found

    def table(self) -> pa.Table:
        """All rows, with the number of each (from 0) as the last column."""
        found = self.plain()
        return found.append_column(column_name(ROW_ATTNUM), pa.array(np.arange(found.num_rows, dtype=np.int64)))

    def plain(self) -> pa.Table:
        """All rows."""
        return pa.Table.from_batches(self.batches(), self.schema)

    def with_row(self, row: tuple[Value, ...], types: tuple[SqlType, ...], store: Store) -> Held:
        """These rows and one more, whose values have their columns' types."""
        tail, count = self.tail, self.tail_rows
        if tail is not None and (count >= _TAIL_ROWS_MAX or tail.bytes >= _TAIL_BYTES_MAX):
            return self._settled(store).with_row(row, types, store)
        if tail is None or len(tail.rows) != count:  # another state went on with this list
            tail = Tail([] if tail is None else tail.rows[:count])
        tail.add(row)
        return Held(self.schema, self.pieces, tail, count + 1, types)

    def _settled(self, store: Store) -> Held:
        """The same rows, all in pieces."""
        if self.tail is None:
            return self
        return Held(self.schema, self.pieces).with_rows([self.batches()[-1]], store)

    def with_rows(self, batches: Iterable[pa.RecordBatch], store: Store) -> Held:
        """These rows and more. Small pieces are put together, each row a few times only."""
        pieces = list(self._settled(store).pieces)
        for batch in batches:
            if not batch.num_rows:
                continue
            beside = [batch]
            rows = batch.num_rows
            while pieces and pieces[-1].batch.num_rows < 2 * rows and rows + pieces[-1].batch.num_rows <= limits.TEMP_PIECE_ROWS:
                before = pieces.pop().batch
                beside.insert(0, before)
                rows += before.num_rows
            pieces.append(store.keep(batch if len(beside) == 1 else _one(beside)))
        return Held(self.schema, tuple(pieces))

    def with_pieces(self, pieces: Sequence[Piece], store: Store) -> Held:
        """These rows and more, which are kept already."""
        return Held(self.schema, (*self._settled(store).pieces, *pieces))

    def without(self, numbers: Numbers, store: Store) -> Held:
        """The rows but those of these numbers; pieces that have none of them are shared."""
        whole = self._settled(store)
        gone: Bools = np.zeros(whole.rows, np.bool_)
        gone[numbers] = True
        pieces: list[Piece] = []
        start = 0
        for piece in whole.pieces:
            here = gone[start : start + piece.batch.num_rows]
            start += piece.batch.num_rows
            if not here.any():
                pieces.append(piece)
            elif not here.all():
                pieces.append(store.keep(piece.batch.filter(pa.array(~here))))
        return Held(self.schema, tuple(pieces))

    def taken(self, numbers: Numbers) -> pa.RecordBatch:
        """The rows of these numbers, in that order."""
        return one_batch(self.plain().take(pa.array(numbers)))


def one_batch(table: pa.Table) -> pa.RecordBatch:
    """A table as one batch."""
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)


def _one(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return one_batch(pa.Table.from_batches(batches))
