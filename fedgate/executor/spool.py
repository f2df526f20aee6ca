"""Where a fragment's batches wait for their reader: memory first, then Arrow IPC on disk.

One thread writes, one reads. In a *paced* spool the writer waits while the memory is full, but never past its `hold`: then the
rest goes to disk, so that a slow client does not keep a node's transaction open. Otherwise what does not fit into memory goes to
disk at once. Batches come out in the order in which they went in.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.types.arrow_values import batch_bytes


class Room:
    """Bytes, on disk or in memory, counted against a limit. Thread-safe. `what` takes them, `hint` says how to take fewer."""

    def __init__(
        self,
        limit_bytes: int,
        parent: Room | None = None,
        *,
        what: str = "spooled rows",
        hint: str = "Ask for fewer rows or columns, or read the result faster.",
    ) -> None:
        self._what, self._hint = what, hint
        self._lock = threading.Lock()
        self._limit = limit_bytes
        self._parent = parent
        self.used_bytes = 0

    def take(self, amount: int) -> None:
        """Count `amount` more. Raises SqlError 53400 past the limit."""
        with self._lock:
            if self.used_bytes + amount > self._limit:
                raise SqlError(
                    "53400",
                    f"{self._what} exceed the limit of {self._limit // limits.MIB} MiB",
                    hint=self._hint,
                )
            self.used_bytes += amount
        if self._parent is not None:
            try:
                self._parent.take(amount)
            except SqlError:
                with self._lock:
                    self.used_bytes -= amount
                raise

    def fits(self, amount: int) -> bool:
        """Count `amount` more if that stays within the limit."""
        try:
            self.take(amount)
        except SqlError:
            return False
        return True

    def give(self, amount: int) -> None:
        """Count `amount` less."""
        with self._lock:
            self.used_bytes -= amount
        if self._parent is not None:
            self._parent.give(amount)


ALL_DISK: Final = Room(limits.SPOOL_DISK_TOTAL_BYTES_MAX)


class Budget:
    """What the spools of one statement share: memory, disk, the directory for files, and one lock with two conditions.

    `lock` is entered as itself, which takes half as long as by one of the conditions. `changed` is notified of what a waiting node
    or a reader that takes batches as they come can go on with, `ended` only of the end of the last spool or of the statement.
    """

    def __init__(self, memory_bytes: int, directory: Path | None = None, disk_bytes: int = limits.SPOOL_DISK_BYTES_MAX) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.ended = threading.Condition(self.lock)
        self.memory_bytes_max = memory_bytes
        self.memory_bytes = 0
        self.disk = Room(disk_bytes, ALL_DISK)
        self.directory = directory
        self.error: SqlError | None = None

    def check(self) -> None:
        """Raise the statement's error if there is one."""
        if self.error is not None:
            raise self.error.copy()

    def fail(self, error: SqlError) -> None:
        """The statement has failed: every wait ends with `error`. The first error wins."""
        with self.lock:
            if self.error is None:
                self.error = error
            self.changed.notify_all()
            self.ended.notify_all()


@dataclass(frozen=True, slots=True)
class OnDisk:
    """Where a batch lies in a file."""

    offset: int
    length: int


class BatchFile:
    """Batches of one schema in a nameless file, counted against `disk`. Made with the first batch; not thread-safe.

    Room is used again when nothing in the file is wanted any more.
    """

    def __init__(self, schema: pa.Schema, disk: Room, directory: Path | None) -> None:
        self._schema = schema
        self._disk = disk
        self._directory = directory
        self._file: IO[bytes] | None = None
        self._end = 0
        self.bytes = 0

    def write(self, data: pa.Buffer) -> OnDisk:
        """Add a serialized batch. Raises SqlError 53400 past the limit, 53100 when the disk is full."""
        self._disk.take(data.size)
        if self.bytes == 0:
            self._end = 0
        offset = self._end
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="fedgate-spool-", dir=self._directory)  # noqa: SIM115
            self._file.seek(offset)
            self._file.write(data)
            self._file.flush()
        except OSError as exc:
            self._disk.give(data.size)
            raise SqlError("53100", f"could not spool rows: {exc.strerror}") from exc
        self._end += data.size
        self.bytes += data.size
        return OnDisk(offset, data.size)

    def read(self, place: OnDisk) -> pa.RecordBatch:
        assert self._file is not None
        self._file.seek(place.offset)
        return pa.ipc.read_record_batch(pa.py_buffer(self._file.read(place.length)), self._schema)

    def forget(self, place: OnDisk) -> None:
        """The batch there is not wanted any more."""
        self.bytes -= place.length
        self._disk.give(place.length)

    def close(self) -> None:
        self._disk.give(self.bytes)
        self.bytes = 0
        if self._file is not None:
            self._file.close()
            self._file = None


class Spool:
    """A queue of batches of one schema between the thread of a node and the thread that reads."""

    def __init__(self, schema: pa.Schema, budget: Budget, *, paced: bool) -> None:
        self.schema = schema
        self._budget = budget
        self.paced = paced
        self._entries: deque[pa.RecordBatch | OnDisk] = deque()
        self._memory_bytes = 0
        self._file = BatchFile(schema, budget.disk, budget.directory)
        self._taken = False
        self._dead = False
        self.rows = 0
        self.bytes = 0
        self.finished = False

    def put(self, batch: pa.RecordBatch, *, hold_until: float) -> None:
        """Add a batch; may wait until `hold_until` (time.monotonic). Raises the statement's error, SqlError 53400."""
        size = batch_bytes(batch)
        with self._budget.lock:
            if self.paced:
                self._wait_for_room(size, hold_until)
            self._budget.check()
            self._check_alive()
            on_disk = self._file.bytes > 0 or not self._fits(size)
        entry = self._write(batch) if on_disk else batch
        with self._budget.lock:
            self._check_alive()
            self._entries.append(entry)
            if not on_disk:
                self._memory_bytes += size
                self._budget.memory_bytes += size
            self.rows += batch.num_rows
            self.bytes += size
            if self.paced:  # of another, batches are taken only after its end
                self._budget.changed.notify_all()

    def _check_alive(self) -> None:
        if self._dead:
            raise SqlError("57014", "canceling statement: its rows are not wanted any more")

    def _fits(self, size: int) -> bool:
        if not self._entries:  # one batch always passes, however large
            return True
        mine = not self.paced or self._memory_bytes + size <= limits.SPOOL_MEMORY_BYTES_MAX
        return mine and self._budget.memory_bytes + size <= self._budget.memory_bytes_max

    def _wait_for_room(self, size: int, hold_until: float) -> None:
        while self._budget.error is None and not self._file.bytes and not self._fits(size):
            left = hold_until - time.monotonic()
            if left <= 0:
                return
            self._budget.changed.wait(left)

    def _write(self, batch: pa.RecordBatch) -> OnDisk:
        data = batch.serialize()
        with self._budget.lock:
            self._check_alive()
            return self._file.write(data)

    @property
    def waiting(self) -> bool:
        """Whether a batch can be taken now."""
        return bool(self._entries)

    def finish(self) -> None:
        """No more batches come."""
        with self._budget.lock:
            self.finished = True
            self._budget.changed.notify_all()

    def discard(self) -> bool:
        """Give up what was not read, since another spool takes over; False (and nothing happens) if a batch was already read."""
        with self._budget.lock:
            if self._taken:
                return False
            self.close()
            return True

    def take(self) -> pa.RecordBatch | None:
        """The next batch if one is there."""
        with self._budget.lock:
            if not self._entries:
                return None
            self._taken = True
            entry = self._entries.popleft()
            if isinstance(entry, OnDisk):
                batch = self._file.read(entry)
                self._file.forget(entry)
            else:
                batch = entry
                size = batch_bytes(batch)
                self._memory_bytes -= size
                self._budget.memory_bytes -= size
            if self.paced:
                self._budget.changed.notify_all()
            return batch

    def close(self) -> None:
        """Let go of memory and disk; a writer that still comes is told. Idempotent."""
        if self._dead:
            return
        with self._budget.lock:
            self._dead = True
            self._entries.clear()
            self._budget.memory_bytes -= self._memory_bytes
            self._memory_bytes = 0
            self._file.close()
            self._budget.changed.notify_all()
