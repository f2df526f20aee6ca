"""The process-wide DuckDB in which duckdb and parquet fragments run.

A new database costs about 20 ms and an attached file 2 ms, so there is one in-memory database: a session is a cursor of it, and a
file is attached read-only while at least one session reads it. DuckDB refuses to attach a file twice, so sessions of the same
file share the attachment; it is read-only and locked against writers, so all of them see the same state, from a session's first
fragment to its last. A transaction around them would fix nothing more (nor does it for Parquet files, whose list is fixed) and
costs as much as a tenth of a small fragment. Only SQL that the dialects made runs here.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from fedgate.catalog.model import Node
from fedgate.errors import SqlError
from fedgate.fragment import Fragment
from fedgate.nodes.convert import exact, guarded, offender_error
from fedgate.nodes.duckviews import IdleCursors, LocalName, Source, ViewCursor
from fedgate.nodes.session import Stoppable, cancelled
from fedgate.sql import lower

BATCH_ROWS = 32_768
MEMORY_BYTES_MAX = 1 << 30
TEMP_BYTES_MAX = 16 << 30
PARSED_MAX = 4096
_ALIAS = "fedgate_node_"
_ALIAS_DIGEST_BYTES = 12


@dataclass(slots=True, eq=False)
class Attachment:
    """A file's state: `sessions` that want it (the host's lock), whether it is attached and as which file (its own `lock`)."""

    alias: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    identity: tuple[int, int] | None = None
    sessions: int = 0


class DuckHost:
    """The database and what is attached to it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._attached: dict[str, Attachment] = {}
        self._parsed: dict[str, duckdb.Statement] = {}
        self._idle = IdleCursors()
        self._directory: Path | None = None

    def spill_to(self, directory: Path | None) -> None:
        """Where fragments that need more than MEMORY_BYTES_MAX go on; None (until it is said): such a fragment fails, 53200.

        It ends the database, since DuckDB cannot change the directory of one that has used it.
        """
        self.close()
        self._directory = directory

    def cursor(self, node: str) -> ViewCursor:
        """A cursor for one session of the node at a path, with the views that an earlier session made."""
        kept = self._idle.take(node)
        if kept is not None:
            return kept
        with self._lock:
            root = self._open()
            return ViewCursor(root, root.cursor())

    def open(self) -> None:
        """Open the database now, not with the first session."""
        with self._lock:
            self._open()

    def give(self, node: str, cursor: ViewCursor) -> None:
        """Take back a cursor whose session has ended well."""
        if cursor.root is self._root:
            self._idle.give(node, cursor)
        else:  # the database was closed meanwhile
            cursor.connection.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._root is None:
            root = duckdb.connect(":memory:")
            directory = "" if self._directory is None else str(self._directory).replace("'", "''")
            settings = (
                "TimeZone='UTC'",
                "python_enable_replacements=false",
                f"memory_limit='{MEMORY_BYTES_MAX}B'",
                "threads=2",
                f"temp_directory='{directory}'",  # by default it would be in the directory where the gateway was started
                f"max_temp_directory_size='{TEMP_BYTES_MAX}B'",
            )
            for setting in settings:
                root.execute(f"SET {setting}").fetchall()
            lower.install(root)
            self._root = root
            atexit.register(self.close)
        return self._root

    def attach(self, node: Node, path: str, status: os.stat_result, cursor: duckdb.DuckDBPyConnection) -> Attachment:
        """Have the node's file attached, for one session more. Raises duckdb.Error, SqlError 55006.

        `path`: the file's own, links followed. `cursor`: the session's, so that files are attached side by side.
        """
        identity = (status.st_dev, status.st_ino)
        alias = alias_of(path)
        with self._lock:
            held = self._attached.setdefault(alias, Attachment(alias))
            held.sessions += 1
        try:
            with held.lock:
                if held.identity not in (None, identity):
                    raise SqlError(
                        "55006", f'node "{node.name}": its file was replaced while it was read; try again', node=node.name
                    )
                if held.identity is None:
                    text = path.replace("'", "''")
                    self._run(cursor, f"ATTACH '{text}' AS {alias} (TYPE duckdb, READ_ONLY)")
                    held.identity = identity
        except BaseException:
            self.detach(held, cursor)
            raise
        return held

    def detach(self, held: Attachment, cursor: duckdb.DuckDBPyConnection | None) -> None:
        """One session less; the last one lets go of the file, by its cursor or, if that is not sound, another.

        A session that comes while the file is being let go waits for the file's lock, and attaches it anew.
        """
        with held.lock:
            with self._lock:
                held.sessions -= 1
                root = self._root
                if held.sessions or root is None or self._attached.get(held.alias) is not held:
                    return
            if held.identity is not None:
                self._run(cursor or root.cursor(), f"DETACH {held.alias}")
                held.identity = None
            with self._lock:
                if not held.sessions and self._attached.get(held.alias) is held:
                    del self._attached[held.alias]

    def _run(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
        """Run a statement that is parsed once: parsing is a sixth of what attaching a file and letting it go takes."""
        statement = self._parsed.get(sql)
        if statement is None:
            if len(self._parsed) >= PARSED_MAX:
                self._parsed.clear()
            (statement,) = cursor.extract_statements(sql)
            self._parsed[sql] = statement
        cursor.execute(statement).fetchall()

    def close(self) -> None:
        """End the database; a later session opens a new one."""
        with self._lock:
            root, self._root = self._root, None
            self._attached.clear()
        self._idle.clear()
        if root is not None:
            root.close()


def alias_of(path: str) -> str:
    """The name under which a file is attached: always the same, so that views over it stay good."""
    return _ALIAS + hashlib.blake2b(path.encode(errors="surrogateescape"), digest_size=_ALIAS_DIGEST_BYTES).hexdigest()


HOST = DuckHost()


class DuckSession(Stoppable):
    """A cursor over what its files hold while it is open. `source(relation)` gives a relation's rows.

    `release` is called once, at the end, with the cursor if it is sound.
    """

    def __init__(
        self,
        node: Node,
        views: ViewCursor,
        source: Callable[[LocalName], Source],
        release: Callable[[duckdb.DuckDBPyConnection | None], None],
        *,
        writers_wait: bool,
    ) -> None:
        super().__init__(node)
        self.writers_wait = writers_wait
        self.reused = False
        self._views = views
        self._cursor = views.connection
        self._source = source
        self._release = release
        self._reader: pa.RecordBatchReader | None = None
        self._sound = True

    def run(self, fragment: Fragment) -> Iterator[pa.RecordBatch]:
        """The fragment's rows as DuckDB makes them, never all at once."""
        self._sound = False
        try:
            self._check()
            self._make_views(fragment)
            self._reader = self._views.rows(fragment.sql, BATCH_ROWS)
            self._check()
            for batch, bad in guarded(self._reader, fragment):
                if bad:
                    raise self._offender(fragment)
                self._check()
                yield exact(batch, fragment)
            self._sound = not self._cancelled
        except (duckdb.Error, OSError) as exc:
            raise self._error(exc) from exc
        finally:
            self._drop_reader()

    def _make_views(self, fragment: Fragment) -> None:
        for view in fragment.views:
            self._views.typed(view, self._source)
        for relation in fragment.relations if not fragment.views else ():
            self._views.plain(relation, self._source)

    def _offender(self, fragment: Fragment) -> SqlError:
        self._drop_reader()
        row = self._cursor.execute(fragment.offender_sql).fetchone() if fragment.offender_sql else None
        return offender_error(fragment, row)

    def _drop_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _interrupt(self) -> None:
        self._cursor.interrupt()

    def _end(self) -> None:
        sound = self._sound and not self._cancelled
        try:
            self._drop_reader()
            if not sound:
                self._cursor.close()
        except (duckdb.Error, OSError):
            sound = False
        self._release(self._cursor if sound else None)
        if sound:
            HOST.give(self._node.url, self._views)

    def _error(self, exc: Exception) -> SqlError:
        return cancelled(self._node.name) if self._cancelled else node_error(exc, self._node.name)


def node_error(exc: Exception, node: str) -> SqlError:
    """DuckDB's error with the node's name and PostgreSQL's SQLSTATE."""
    message = str(exc).split("\n\n")[0]
    for text, state in _MESSAGES:
        if text in message:
            return SqlError(state, f'node "{node}": {message}', hint=_HINTS.get(state), node=node)
    error = lower.translate(exc)
    return SqlError(error.sqlstate, f'node "{node}": {error.message}', detail=error.detail, hint=error.hint, node=node)


_MESSAGES = (
    ("Could not set lock", "55006"),
    ("not a valid DuckDB database", "58030"),
    ("Could not read from file", "58030"),
    ("No magic bytes", "58030"),
    ("too small to be a Parquet", "58030"),
    ("database does not exist", "08001"),
    ("No such file or directory", "08001"),
    ("Permission denied", "08001"),
    ("Table with name", "42P01"),
    ("not found in FROM clause", "42703"),
    ("Referenced column", "42703"),
    ("does not have a column named", "42703"),
    ("Serialization Error", "58030"),
    ("IO Error", "58030"),
)
_HINTS = {"55006": "A writer holds the file. Let the site publish a copy, or write through the node's agent."}
