"""The merge engine: the only place that runs SQL over exchanges. One process-wide DuckDB, a cursor a statement.

It is closed to files, limited in memory and threads, and spills only into a directory of its own. Only lowered SQL reaches it.
Inputs have names in the cursor, so statements do not see each other's.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.executor import apart
from fedgate.executor.api import CancelToken
from fedgate.executor.connection import Connection, Input
from fedgate.executor.scratch import scratch_directory
from fedgate.sql import lower
from fedgate.types.arrow_values import counted_rows


class MergeEngine:
    """The database. Thread-safe; it opens with the first cursor and is the process's until `close`.

    It spills below `directory`, or below a directory of its own.
    """

    def __init__(
        self,
        *,
        directory: Path | None = None,
        memory_bytes: int = limits.MERGE_MEMORY_BYTES_MAX,
        temp_bytes: int = limits.MERGE_TEMP_BYTES_MAX,
        threads: int = limits.MERGE_THREADS,
    ) -> None:
        self._settings = (memory_bytes, temp_bytes, threads)
        self._lock = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._directory = directory
        self._own = ExitStack()
        self._idle: list[Connection] = []
        self._closes_at_exit = False

    @property
    def is_open(self) -> bool:
        """Whether there is a database now."""
        return self._root is not None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A new cursor."""
        with self._lock:
            return self._opened().cursor()

    def take(self, sql: str) -> Connection:
        """A connection for one run of a query, if it can be one that has run it before. Its inputs' places are empty."""
        with self._lock:
            for i, idle in enumerate(self._idle):
                if idle.sql == sql:
                    return self._idle.pop(i)
            return Connection(self._opened(), sql)

    def give(self, connection: Connection) -> None:
        """Take back a connection whose run has ended well; the longest unused makes room for it. Few of one query are kept."""
        connection.empty()
        gone: Connection | None = connection
        if len(connection.sql) <= limits.MERGE_IDLE_CHARS_MAX:
            with self._lock:
                alike = sum(idle.sql == connection.sql for idle in self._idle)
                if self._root is connection.root and alike < limits.MERGE_CURSORS_ALIKE_MAX:
                    self._idle.append(connection)
                    gone = self._idle.pop(0) if len(self._idle) > limits.MERGE_CURSORS_IDLE_MAX else None
        if gone is not None:
            gone.close()

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._root is None:
            self._root = self._open()
        return self._root

    def _open(self) -> duckdb.DuckDBPyConnection:
        memory_bytes, temp_bytes, threads = self._settings
        parent = self._directory or self._own.enter_context(scratch_directory(None))
        if not self._closes_at_exit:
            atexit.register(self.close)
            self._closes_at_exit = True
        directory = str(parent / "merge").replace("'", "''")
        root = duckdb.connect(":memory:")
        for setting in (
            f"temp_directory='{directory}'",
            f"max_temp_directory_size='{temp_bytes}B'",
            f"memory_limit='{memory_bytes}B'",
            f"threads={threads}",
            "TimeZone='UTC'",
            "allocator_background_threads=true",  # with the next, a hundred merges at once keep 50 MB less
            "allocator_flush_threshold='4MB'",
            "python_enable_replacements=false",
        ):
            root.execute(f"SET {setting}").fetchall()
        lower.install(root)
        root.execute("SET enable_external_access=false").fetchall()
        root.execute("SET lock_configuration=true").fetchall()
        return root

    def close(self) -> None:
        """End the database and remove its directory; a later cursor opens a new one."""
        with self._lock:
            root, self._root = self._root, None
            idle, self._idle = self._idle, []
            try:
                for connection in idle:
                    connection.close()
                if root is not None:
                    root.close()
            except duckdb.Error:  # a merge that nobody waits for still works: it ends with the database's last cursor
                pass
            self._own.close()


class Merge:
    """One run of lowered SQL over inputs. Iterate it once; `close` ends it early or late.

    DuckDB looks for an interrupt only between its operators' chunks, and a join without an equality can take seconds over one.
    With `apart` it works in a thread of its own, so that a cancelled statement does not wait for it. `few`: its rows are so few
    that they need not come as they are made.
    """

    def __init__(
        self,
        engine: MergeEngine,
        sql: str,
        schema: pa.Schema,
        inputs: Mapping[str, Input],
        cancel: CancelToken,
        *,
        apart: bool = False,
        few: bool = False,
    ) -> None:
        self.schema = schema
        self._inputs = inputs
        self._cancel = cancel
        self._apart = apart
        self._few = few
        self._lock = threading.Lock()
        self._engine = engine
        self._connection: Connection | None = engine.take(sql)
        self._ended = False
        self._reader: pa.RecordBatchReader | None = None
        self._works = False
        self._closed = False
        self._forget = cancel.on_cancel(self.interrupt)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            batch = self._step(self._first)
            while batch is not None:
                yield conform(batch, self.schema)
                self._cancel.check()
                batch = self._step(self._next)
        except (duckdb.Error, OSError, pa.ArrowException) as exc:
            self._cancel.check()
            raise lower.translate(exc) from exc
        finally:
            self.close()

    def _first(self) -> pa.RecordBatch | None:
        assert self._connection is not None
        self._connection.fill(self._inputs)
        self._cancel.check()
        ask = self._connection.few_rows if self._few else self._connection.rows
        self._reader = ask(limits.MERGE_BATCH_ROWS)
        self._cancel.check()
        return self._next()

    def _next(self) -> pa.RecordBatch | None:
        assert self._reader is not None
        batch = next(self._reader, None)
        self._ended = batch is None
        return batch

    def _step(self, call: Callable[[], pa.RecordBatch | None]) -> pa.RecordBatch | None:
        if not self._apart:
            return self._working(call)
        return apart.run(lambda: self._working(call), self._cancel, self.interrupt)

    def _working(self, call: Callable[[], pa.RecordBatch | None]) -> pa.RecordBatch | None:
        """One call of the engine. If the merge is closed meanwhile, its end lets go of the cursor."""
        if not self._set_works(True):
            return None
        try:
            return call()
        finally:
            if not self._set_works(False):
                self._let_go()

    def _set_works(self, works: bool) -> bool:
        """Whether the merge is still open."""
        with self._lock:
            self._works = works
            return not self._closed

    def interrupt(self) -> None:
        """Stop what runs. What has not begun yet looks at the token first."""
        with self._lock:  # a cursor must not be closed while it is interrupted
            if self._connection is not None:
                self._connection.cursor.interrupt()

    def close(self) -> None:
        """Let go of the cursor and its inputs, now or as soon as the engine comes back; idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            works = self._works
        self._forget()
        if works:
            self.interrupt()
        else:
            self._let_go()

    def _let_go(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            reader, self._reader = self._reader, None
        try:
            if reader is not None:
                reader.close()
            if connection is not None and self._ended:
                self._engine.give(connection)
            elif connection is not None:
                connection.close()
        except (duckdb.Error, OSError, pa.ArrowException):
            pass
        self._inputs = {}


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch of the merge engine with exactly `schema`: zones and widths of carriers are made equal, values never change."""
    if not len(schema):  # `SELECT FROM t`: its rows are counted by a column that nobody asked for
        return counted_rows(batch.num_rows)
    if batch.schema.equals(schema):
        return batch
    if batch.schema.types == schema.types:
        return pa.RecordBatch.from_arrays(batch.columns, schema=schema)
    try:
        return pa.RecordBatch.from_arrays([c.cast(f.type) for c, f in zip(batch.columns, schema, strict=True)], schema=schema)
    except pa.ArrowInvalid as exc:
        raise SqlError("22003", f"value out of range: {exc}") from exc
