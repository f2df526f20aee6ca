"""The rows of a result that stays open, by their number: what a cursor is read from, forward and backward.

Rows are pulled from their source when they are asked for. `drain` pulls the rest in a thread of its own, so that what made the rows
(a sort in the merge engine, its inputs) is let go of, however slowly the client reads. What was pulled and may be asked again lies
in memory, then on disk, both within limits.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.executor.spool import ALL_DISK, BatchFile, OnDisk, Room
from fedgate.executor.threads import Threads
from fedgate.types.arrow_values import batch_bytes

ALL_MEMORY: Final = Room(limits.CURSORS_MEMORY_BYTES_MAX)
_DRAINS: Final = Threads(limits.CURSOR_DRAINS_MAX, "fedgate-cursor")


class Kept:
    """Rows 0 … `rows` - 1 are here; `ended` when there are no more. Thread-safe.

    `stop` makes a pull that is under way end soon; `close` lets go of the source. Errors of the source are raised to whoever asks
    for a row that it did not give; SqlError 53400 when the rows are too many.
    """

    def __init__(
        self,
        schema: pa.Schema,
        source: Iterator[pa.RecordBatch],
        directory: Path | None,
        *,
        stop: Callable[[], None],
        close: Callable[[], None],
        memory_bytes: int = limits.CURSOR_MEMORY_BYTES_MAX,
        disk_bytes: int = limits.SPOOL_DISK_BYTES_MAX,
    ) -> None:
        self.rows = 0
        self.ended = False
        self._source = source
        self._stop = stop
        self._close = close
        self._changed = threading.Condition()
        self._starts: list[int] = []  # the number of each batch's first row
        self._batches: list[pa.RecordBatch | OnDisk | None] = []  # None: forgotten
        self._forgotten = 0
        self._memory = Room(memory_bytes, ALL_MEMORY)
        self._file = BatchFile(schema, Room(disk_bytes, ALL_DISK), directory)
        self._read: tuple[int, pa.RecordBatch] | None = None  # the batch that was read from disk last
        self._error: BaseException | None = None
        self._pulling = False
        self._draining = False
        self._closed = False

    # ------------------------------------------------------------------------------------------------------------ reading

    def at(self, row: int) -> tuple[pa.RecordBatch, int] | None:
        """The batch that has this row, and the row's number in it; None past the end. The row must not be forgotten."""
        while not self._has(row):
            self._pull()
        with self._changed:
            if row >= self.rows:
                return None
            index = bisect_right(self._starts, row) - 1
            return self._batch(index), row - self._starts[index]

    def size(self, row: int) -> int:
        """Bytes kept of rows before this one."""
        with self._changed:
            behind = self._batches[self._forgotten : bisect_right(self._starts, row)]
            return sum(b.length if isinstance(b, OnDisk) else batch_bytes(b) for b in behind if b is not None)

    def forget(self, row: int) -> None:
        """Rows before this one will not be asked for again."""
        with self._changed:
            while self._forgotten < len(self._batches) and self._end(self._forgotten) <= row:
                self._let_go(self._forgotten)
                self._forgotten += 1

    def drain(self) -> None:
        """Pull the rest in another thread, from now on."""
        with self._changed:
            if self._draining or self.ended or self._closed or self._error is not None:
                return
            self._draining = True
        _DRAINS.submit(self._drain)

    def pull_all(self) -> None:
        """Pull the rest now. Raises what the source raises."""
        while not self._has(self.rows):
            self._pull()

    # ------------------------------------------------------------------------------------------------------------ private

    def _has(self, row: int) -> bool:
        """Whether it is known what the row is; waits while another thread pulls. Raises what the source raised."""
        with self._changed:
            while self._pulling and row >= self.rows:
                self._changed.wait()
            error = self._error
            if row < self.rows or self.ended:
                return True
            if self._closed:
                raise SqlError("34000", "the cursor was closed")
            if error is None:
                return False
        raise error.copy() if isinstance(error, SqlError) else error

    def _pull(self) -> None:
        """Get one batch, unless another thread does so."""
        with self._changed:
            while self._pulling:
                self._changed.wait()
            if self.ended or self._closed or self._error is not None:
                return  # _has says so
            self._pulling = True
        batch: pa.RecordBatch | None = None
        error: BaseException | None = None
        try:
            batch = next(self._source, None)
            if batch is not None and batch.num_rows:
                self._add(batch)
        except BaseException as raised:
            error = raised
        over = batch is None or error is not None
        self._pulled(over, error)
        if over:
            self._close()
        if error is not None:
            raise error

    def _pulled(self, over: bool, error: BaseException | None) -> None:
        with self._changed:
            self._pulling = False
            self._error = error
            self.ended = over and error is None
            if self._closed:
                self._clear()
            self._changed.notify_all()

    def _add(self, batch: pa.RecordBatch) -> None:
        size = batch_bytes(batch)
        data = None if self._file.bytes == 0 and self._memory.fits(size) else batch.serialize()
        with self._changed:
            if self._closed:
                if data is None:
                    self._memory.give(size)
                return
            self._starts.append(self.rows)
            self._batches.append(batch if data is None else self._file.write(data))
            self.rows += batch.num_rows

    def _batch(self, index: int) -> pa.RecordBatch:
        entry = self._batches[index]
        assert entry is not None, "the row was forgotten"
        if not isinstance(entry, OnDisk):
            return entry
        if self._read is None or self._read[0] != index:
            self._read = (index, self._file.read(entry))
        return self._read[1]

    def _end(self, index: int) -> int:
        return self._starts[index + 1] if index + 1 < len(self._starts) else self.rows

    def _let_go(self, index: int) -> None:
        entry, self._batches[index] = self._batches[index], None
        if isinstance(entry, OnDisk):
            self._file.forget(entry)
        elif entry is not None:
            self._memory.give(batch_bytes(entry))

    def _drain(self) -> None:
        try:
            while not (self.ended or self._closed):
                self._pull()
        except BaseException:  # kept for the reader
            return

    # ------------------------------------------------------------------------------------------------------------ end

    def close(self) -> None:
        """Let go of everything. A pull that does not end soon does so by itself when it comes back. Idempotent."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            pulling = self._pulling
        if pulling:
            self._stop()
            self._await_pull()
        self._close()
        with self._changed:
            if not self._pulling:
                self._clear()

    def _await_pull(self) -> None:
        until = time.monotonic() + limits.CANCEL_GRACE_S_MAX
        with self._changed:
            while self._pulling and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def _clear(self) -> None:
        for index in range(self._forgotten, len(self._batches)):
            self._let_go(index)
        self._forgotten = len(self._batches)
        self._read = None
        self._file.close()
