"""What running a statement gives: rows that are read in pieces, or a command tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from fedgate.fragment import column_name
from fedgate.sql.tree import OutputColumn
from fedgate.types import SqlType, arrow_type
from fedgate.types.copy_form import CopyForm

if TYPE_CHECKING:
    from fedgate.session.copy_in import Incoming

TEXT = SqlType(25)


class Clock(Protocol):
    """Told when a client begins and ends to wait for rows."""

    def resume(self) -> None: ...

    def pause(self) -> None: ...


class Rows:
    """Rows of a statement or cursor, read forward, at most `limit` at a time.

    `finished` turns true when a read met the end; a read that stops exactly at its limit has not met it, as in PostgreSQL.
    """

    def __init__(
        self,
        columns: tuple[OutputColumn, ...],
        schema: pa.Schema,
        batches: Iterable[pa.RecordBatch],
        close: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        self.columns = columns
        self.schema = schema
        self.finished = False
        self._batches = iter(batches)
        self._left: pa.RecordBatch | None = None
        self._close = close
        self._clock = clock

    def take(self, limit: int = 0) -> Iterator[pa.RecordBatch]:
        """The next rows, all of them when `limit` is 0."""
        return self._timed(self._take(limit))

    def _timed(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if self._clock is None:
            yield from batches
            return
        self._clock.resume()
        try:
            yield from batches
        finally:
            self._clock.pause()

    def _take(self, limit: int) -> Iterator[pa.RecordBatch]:
        wanted = limit
        while not self.finished and (limit == 0 or wanted > 0):
            batch = self._left if self._left is not None else next(self._batches, None)
            self._left = None
            if batch is None:
                self.finished = True
                self.close()
                return
            if limit and batch.num_rows > wanted:
                self._left = batch.slice(wanted)
                batch = batch.slice(0, wanted)
            wanted -= batch.num_rows
            if batch.num_rows:
                yield batch

    def wait(self) -> None:
        """The client does something else, and may come back for more rows: do not hold much for them."""

    def close(self) -> None:
        """Let go of everything that still runs for these rows; idempotent."""
        self.finished = True
        self._close()


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one execution.

    With `rows`, the caller reads `rows.take(limit)` and asks `tag_for` with the number of rows it read; without, `tag` is final.
    With `copy` the rows are written in that form (COPY TO STDOUT). `incoming` takes rows from the client (COPY FROM STDIN), and
    gives the final result.
    """

    tag: str
    rows: Rows | None = None
    limit: int = 0
    counted: bool = True
    copy: CopyForm | None = None
    incoming: Incoming | None = None

    def tag_for(self, count: int) -> str:
        return f"{self.tag} {count}" if self.rows is not None and self.counted else self.tag


def text_rows(names: Sequence[str], values: Iterable[Sequence[str | None]], types: Sequence[SqlType] | None = None) -> Rows:
    """A small result whose columns travel as text."""
    kinds = types or [TEXT] * len(names)
    columns = tuple(OutputColumn(i + 1, name, kinds[i]) for i, name in enumerate(names))
    table = list(values)
    arrays = [pa.array([row[i] for row in table], arrow_type(kinds[i])) for i in range(len(names))]
    batch = pa.RecordBatch.from_arrays(arrays, names=[column_name(c.id) for c in columns])
    return Rows(columns, batch.schema, [batch])
