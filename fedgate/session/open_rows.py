"""The rows of a query that runs, and of a cursor, which is read in both directions (PostgreSQL's FETCH).

https://www.postgresql.org/docs/15/sql-fetch.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.executor.api import ResultStream
from fedgate.executor.kept import Kept
from fedgate.session.results import Rows
from fedgate.session.running import Running
from fedgate.sql.tree import OutputColumn


class OpenRows(Rows):
    """Rows of a query, read forward. With `ahead` they come from the merge: while the client is away they are fetched ahead of it,
    so that the merge ends. Other queries hold little, since their nodes wait for the reader."""

    def __init__(
        self, columns: tuple[OutputColumn, ...], stream: ResultStream, running: Running, directory: Path | None, *, ahead: bool
    ) -> None:
        super().__init__(columns, stream.schema, running.batches(stream), running.close, running)
        self._running = running
        self._directory = directory
        self._ahead = ahead

    def kept(self) -> Kept:
        """What is left, by number. From now on the rows are read there."""
        left = chain(() if self._left is None else (self._left,), self._batches)
        self._left = None
        return Kept(self.schema, left, self._directory, stop=self._running.stop, close=self._running.close)

    def pause(self) -> None:
        """The client has its answer before any row."""
        self._running.pause()

    def wait(self) -> None:
        if not self._ahead:
            return
        self._ahead = False
        kept = self.kept()
        kept.drain()
        self._batches, self._close = _forward(kept), kept.close

    def cursor(self, *, scroll: bool | None) -> CursorRows:
        """These rows as a cursor; None: as long as it costs little."""
        return CursorRows(self.columns, self.schema, self.kept(), self._running, scroll=scroll, ahead=self._ahead or bool(scroll))


def _forward(kept: Kept) -> Iterator[pa.RecordBatch]:
    row = 0
    while (found := kept.at(row)) is not None:
        batch = found[0].slice(found[1])
        row += batch.num_rows
        kept.forget(row)
        yield batch


class CursorRows(Rows):
    """A cursor. `position` is 0 before the first row, n on the n-th, one more than there are rows after the last.

    Without `scroll` only what lies ahead is kept; by default also what was read, up to CURSOR_BEHIND_BYTES_MAX. `failed`: it
    raised an error, and cannot be read any more.
    """

    def __init__(
        self,
        columns: tuple[OutputColumn, ...],
        schema: pa.Schema,
        kept: Kept,
        clock: Running,
        *,
        scroll: bool | None,
        ahead: bool,
    ) -> None:
        super().__init__(columns, schema, (), kept.close, clock)
        self.position = 0
        self.failed = False
        self._kept = kept
        self._scroll = scroll
        self._ahead = ahead

    # ------------------------------------------------------------------------------------------------------------ FETCH

    def _take(self, limit: int) -> Iterator[pa.RecordBatch]:
        """The rows after, as `Rows.take`."""
        left = limit
        while limit == 0 or left > 0:
            found = self._kept.at(self.position) if not self._after_last() else None
            if found is None:
                self.position = self._kept.rows + 1
                self.finished = True
                return
            batch, first = found
            piece = batch.slice(first, left) if limit else batch.slice(first)
            self.position += piece.num_rows
            left -= piece.num_rows
            self._forget()
            yield piece

    def back(self, limit: int = 0) -> Iterator[pa.RecordBatch]:
        """The rows before, the nearest first; all of them when `limit` is 0. Raises 55000 unless the cursor scrolls."""
        self.require_scroll()
        return self._timed(self._back(limit))

    def _back(self, limit: int) -> Iterator[pa.RecordBatch]:
        left = limit
        self.finished = False
        while limit == 0 or left > 0:
            if self.position <= 1:
                self.position = 0
                return
            found = self._kept.at(self.position - 2)
            assert found is not None
            batch, last = found
            count = min(last + 1, left) if limit else last + 1
            self.position -= count
            left -= count
            yield batch.take(pa.array(range(last, last - count, -1), pa.int64()))

    def absolute(self, number: int) -> Iterator[pa.RecordBatch]:
        """The row of that number, from 1; negative: from the end. No row at 0, which is before the first. Raises 55000."""
        if number < 0 or 0 < self.position >= number:
            self.require_scroll()
        return self._absolute(number)

    def _absolute(self, number: int) -> Iterator[pa.RecordBatch]:
        if number < 0:
            _skip(self.take())
            yield from self.relative(number)
        elif number > self.position:
            yield from self.relative(number - self.position)
        elif self.position:
            self.position, self.finished = max(number - 1, 0), False
            yield from self.take(1) if number else ()

    def relative(self, number: int) -> Iterator[pa.RecordBatch]:
        """The row so many further on, or back; 0: the current one. Raises 55000."""
        if number < 0 or (number == 0 and self.on_row):
            self.require_scroll()
        return self._relative(number)

    def _relative(self, number: int) -> Iterator[pa.RecordBatch]:
        if number > 0:
            _skip(self.take(number - 1) if number > 1 else iter(()))
            yield from self.take(1)
        elif number < 0:
            _skip(self.back(-number - 1) if number < -1 else iter(()))
            yield from self.back(1)
        elif self.on_row:
            found = self._kept.at(self.position - 1)
            assert found is not None
            yield found[0].slice(found[1], 1)

    @property
    def on_row(self) -> bool:
        return 0 < self.position <= self._kept.rows

    def _after_last(self) -> bool:
        return self._kept.ended and self.position > self._kept.rows

    def _timed(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            yield from super()._timed(batches)
        except Exception:
            self._fail()
            raise

    def _fail(self) -> None:
        """An error ends a cursor: where it stands is not known."""
        self.failed = True
        self.close()

    def require_scroll(self) -> None:
        """Raises 55000 when this goes forward only."""
        if self._scroll is False:
            self._fail()
            raise SqlError("55000", "cursor can only scan forward", hint="Declare it with SCROLL option to enable backward scan.")

    def _forget(self) -> None:
        if self._scroll is None and self._kept.size(self.position) > limits.CURSOR_BEHIND_BYTES_MAX:
            self._scroll = False
        if self._scroll is False:
            self._kept.forget(self.position)

    # ------------------------------------------------------------------------------------------------------------ life

    def wait(self) -> None:
        if self._ahead:
            self._kept.drain()

    def hold(self) -> None:
        """Keep all that is left: the transaction ends. Raises SqlError 53400 when it is too much."""
        assert self._clock is not None
        self._clock.resume()
        try:
            self._kept.pull_all()
        finally:
            self._clock.pause()


def _skip(batches: Iterator[pa.RecordBatch]) -> None:
    for _ in batches:
        pass
