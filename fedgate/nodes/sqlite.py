"""SQLite nodes: files opened read-only, one BEGIN a session, every value checked by its own storage class.

Rows come through Python's sqlite3. The Arrow driver takes a column's type from its first batch: there 2.5 beside a text becomes
'2.500000e+00' without a word, and later values of another type fail; SQLite's columns hold any type in any row.

Node options: `immutable` (nobody ever writes the file: no locks are taken). A writer that holds the file is 55006, a file that is
no database 58030, a missing one 08001. The statement is stopped by sqlite3's interrupt and, where that comes between two steps,
by a progress handler.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote as url_quote

import pyarrow as pa

from fedgate.catalog.model import Node
from fedgate.errors import SqlError
from fedgate.fragment import Fragment
from fedgate.nodes.convert import GUARD, ROW_GUARD, ROWID, offender_error
from fedgate.nodes.engine import NodeSession
from fedgate.nodes.files import check_file
from fedgate.nodes.relations import qualified, quote
from fedgate.nodes.session import Stoppable, cancelled
from fedgate.nodes.sqlite_values import column_array, decoded

_BATCH_ROWS = 8192
_PROGRESS_STEPS = 100_000
_BUSY_WAIT_S_MAX = 2.0
_PRAGMAS = ("PRAGMA query_only = ON", "PRAGMA trusted_schema = OFF")


class SqliteEngine:
    """The engine `sqlite`."""

    name = "sqlite"

    def connect(self, node: Node, *, timeout_s: float) -> NodeSession:
        """Open the file and take the snapshot. Raises SqlError 08001, 55006, 58030."""
        check_file(node)
        immutable = "&immutable=1" if node.options.get("immutable") else ""
        try:
            connection = sqlite3.connect(
                f"file:{url_quote(os.path.abspath(node.url))}?mode=ro{immutable}",
                uri=True,
                timeout=min(timeout_s, _BUSY_WAIT_S_MAX),
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as exc:
            raise node_error(exc, node) from exc
        session = SqliteSession(node, connection)
        try:
            session.begin()
        except BaseException:
            session.close()
            raise
        return session


class SqliteSession(Stoppable):
    """One connection in one read transaction."""

    def __init__(self, node: Node, connection: sqlite3.Connection) -> None:
        super().__init__(node)
        self.writers_wait = True
        self.reused = False
        self._connection = connection

    def begin(self) -> None:
        """Start the transaction and read once, which is what fixes the snapshot."""
        try:
            self._connection.set_progress_handler(lambda: int(self._cancelled), _PROGRESS_STEPS)
            for pragma in _PRAGMAS:
                self._connection.execute(pragma)
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            (mode,) = self._connection.execute("PRAGMA journal_mode").fetchone()
            self.writers_wait = mode != "wal" and not self._node.options.get("immutable")
        except sqlite3.Error as exc:
            raise self._error(exc) from exc

    def run(self, fragment: Fragment) -> Iterator[pa.RecordBatch]:
        """The fragment's rows, `_BATCH_ROWS` at a time."""
        cursor = self._connection.cursor()
        try:
            self._check()
            cursor.execute(fragment.sql)
            names = [d[0] for d in cursor.description]
            while rows := cursor.fetchmany(_BATCH_ROWS):
                self._check()
                yield self._batch(fragment, names, rows)
        except sqlite3.Error as exc:
            if _UNDECODED in str(exc):
                raise self._undecoded(fragment) from None
            raise self._error(exc) from exc
        finally:
            cursor.close()

    def _batch(self, fragment: Fragment, names: list[str], rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
        schema = fragment.schema
        columns = list(zip(*rows, strict=True))
        if fragment.guard and any(columns[-1]):
            raise self._offender(fragment)
        extra = names[len(schema) : len(names) - 1 if fragment.guard else len(names)]
        if len(names) < len(schema) or any(n not in (ROWID, GUARD) for n in extra):
            raise SqlError("XX000", f"node gave columns {names}, not {schema.names}", node=self._node.name)
        rowids = columns[len(schema)] if extra[:1] == [ROWID] else None
        try:
            arrays = [column_array(columns[i], field, fragment, rowids) for i, field in enumerate(schema)]
        except SqlError as exc:
            raise (self._located(fragment) if rowids is None else None) or exc from None
        if not arrays:
            return pa.RecordBatch.from_struct_array(pa.array([{}] * len(rows), pa.struct([])))
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _located(self, fragment: Fragment) -> SqlError | None:
        """The error of a fragment's first ill-typed value, with its row id; None where rows have none (views, groups, joins)."""
        scan, found = re.subn(r"^SELECT ", f"SELECT rowid AS {ROWID}, ", fragment.sql, count=1)
        plain = not fragment.guard or ROW_GUARD in fragment.sql
        return self._misfit(fragment, scan, numbered=True) if found and plain else None

    def _misfit(self, fragment: Fragment, sql: str, *, numbered: bool) -> SqlError | None:
        """The error of the first value of `sql`, the fragment's own or with the row's id before it, that does not fit."""
        self._connection.text_factory = decoded
        try:
            cursor = self._connection.execute(sql)
            while rows := cursor.fetchmany(_BATCH_ROWS):
                columns = list(zip(*rows, strict=True))
                rowids = columns.pop(0) if numbered else None
                for values, field in zip(columns, fragment.schema, strict=False):
                    column_array(values, field, fragment, rowids)
        except SqlError as exc:
            return exc
        except sqlite3.Error:
            pass
        finally:
            self._connection.text_factory = str
        return None

    def _undecoded(self, fragment: Fragment) -> SqlError:
        """The error for a text that is not UTF-8; sqlite3's own quotes our SQL."""
        known = self._located(fragment)
        for relation in fragment.relations:
            known = known or self._first_undecoded(fragment, relation)
        what = f'relation "{fragment.relation}" of node "{fragment.node}" gave a text that is not UTF-8'
        return known or SqlError("22021", what, node=fragment.node)

    def _first_undecoded(self, fragment: Fragment, relation: tuple[str | None, str]) -> SqlError | None:
        """The error of a relation's first text that is none; for groups, which have no row of their own."""
        source = qualified((relation[0] or "main", relation[1]))
        for (name,) in self._connection.execute("SELECT name FROM pragma_table_info(?)", (relation[1],)).fetchall():
            schema = pa.schema([pa.field("c1", pa.string(), metadata={"column": name, "oid": "25"})])
            texts = f"SELECT rowid, {quote(name)} FROM {source} WHERE typeof({quote(name)}) = 'text'"
            error = self._misfit(replace(fragment, schema=schema), texts, numbered=True)
            if error is not None:
                return error
        return None

    def _offender(self, fragment: Fragment) -> SqlError:
        self._connection.text_factory = decoded
        try:
            row = self._connection.execute(fragment.offender_sql).fetchone() if fragment.offender_sql else None
        finally:
            self._connection.text_factory = str
        return offender_error(fragment, row)

    def _interrupt(self) -> None:
        self._connection.interrupt()

    def _end(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _error(self, exc: sqlite3.Error) -> SqlError:
        return cancelled(self._node.name) if self._cancelled else node_error(exc, self._node)


_STATES = {
    sqlite3.SQLITE_BUSY: "55006",
    sqlite3.SQLITE_LOCKED: "55006",
    sqlite3.SQLITE_NOTADB: "58030",
    sqlite3.SQLITE_CORRUPT: "58030",
    sqlite3.SQLITE_IOERR: "58030",
    sqlite3.SQLITE_CANTOPEN: "08001",
    sqlite3.SQLITE_PERM: "08001",
    sqlite3.SQLITE_AUTH: "08001",
    sqlite3.SQLITE_INTERRUPT: "57014",
    sqlite3.SQLITE_TOOBIG: "54000",
    sqlite3.SQLITE_NOMEM: "53200",
    sqlite3.SQLITE_FULL: "53100",
}
_HINTS = {
    "55006": "Its writer holds the file. Try again, or let the site use WAL mode.",
    "08001": "A WAL database can be read only where its directory is writable, or when its -shm and -wal files are there.",
}
_UNDECODED = "Could not decode to UTF-8"
_MESSAGES = (
    ("no such table", "42P01"),
    ("no such column", "42703"),
    ("integer overflow", "22003"),
)


def node_error(exc: sqlite3.Error, node: Node) -> SqlError:
    """SQLite's error with the node's name and PostgreSQL's SQLSTATE."""
    code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    message = str(exc)
    state = _STATES.get(code) or next((s for text, s in _MESSAGES if text in message), "58000")
    if state in ("55006", "58030"):  # what is wrong is the file
        message = f'"{node.url}": {message}'
    return SqlError(state, f'node "{node.name}": {message}', hint=_HINTS.get(state), node=node.name)
