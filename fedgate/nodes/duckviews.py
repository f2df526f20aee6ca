"""Cursors of the process-wide DuckDB with the views that their sessions made, kept for the next session of the same node.

A view names its columns' carriers by the types that its relation had, so it is made again when the relation's files are not those
that it was made over. A cursor that waits is in no transaction and holds no file.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import duckdb
import pyarrow as pa

from fedgate import limits
from fedgate.cache import Cache
from fedgate.fragment import TypedColumn, TypedView
from fedgate.nodes.asked import Asking
from fedgate.nodes.relations import quote, view_name

IDLE_MAX = 256
IDLE_PER_NODE_MAX = 4
VIEWS_PER_CURSOR_MAX = 64

LocalName: TypeAlias = "tuple[str | None, str]"
Stamp: TypeAlias = "tuple[object, ...]"


@dataclass(frozen=True, slots=True)
class Source:
    """A relation's rows as SQL, and what tells whether its schema can be another than before: names, inodes, sizes, times."""

    sql: str
    stamp: Stamp


_ITEMS: Final[Cache[str]] = Cache(limits.VIEWS_KNOWN_MAX)
"""Typed views' select lists: what one cursor found out is true for all while the source is the same."""


@dataclass(slots=True)
class ViewCursor:
    """A cursor of the database `root` and, by name, its views with what they were made over."""

    root: duckdb.DuckDBPyConnection
    connection: duckdb.DuckDBPyConnection
    made: dict[str, tuple[str, Stamp]] = field(default_factory=dict)
    _asking: Asking = field(init=False)

    def __post_init__(self) -> None:
        self._asking = Asking(self.connection)

    def rows(self, sql: str, batch_rows: int) -> pa.RecordBatchReader:
        """The rows of a query, as DuckDB makes them."""
        return self._asking.rows(sql, batch_rows)

    def plain(self, relation: LocalName, source: Callable[[LocalName], Source]) -> None:
        """Have the view of all columns of a relation, as they are stored."""
        self._have(view_name(relation), source(relation), "*")

    def typed(self, view: TypedView, source: Callable[[LocalName], Source]) -> None:
        """Have a typed view. Raises duckdb.Error where a column is missing."""
        found = source(view.relation)
        if self.made.get(view.name) == (found.sql, found.stamp):
            return
        self._have(view.name, found, _ITEMS.get((view.name, found), None, lambda: self._items(view, found)))

    def _have(self, name: str, found: Source, items: str) -> None:
        made = (found.sql, found.stamp)
        if self.made.get(name) != made:
            sql = f"CREATE OR REPLACE TEMP VIEW {quote(name)} AS SELECT {items} FROM {found.sql}"
            self.connection.execute(sql).fetchall()
            self.made[name] = made

    def _items(self, view: TypedView, found: Source) -> str:
        """The view's select list."""
        chosen = self._chosen(view, found)
        return ", ".join(f"{_value(c, n)} AS {quote(c.name)}" for c, n in zip(view.columns, chosen, strict=True)) or "1 AS z"

    def _chosen(self, view: TypedView, found: Source) -> list[int]:
        """For each column: the number of the case that holds, from 1; 0 for none. It reads no rows."""
        if not view.columns:
            return []
        tests, table = [], quote(view.relation[1])
        for column in view.columns:
            stored = f"typeof({table}.{column.source})"
            whens = (f"WHEN {test.replace('@', stored)} THEN {n}" for n, (test, _) in enumerate(column.cases, 1))
            tests.append(f"CASE {' '.join(whens)} ELSE 0 END")
        one = f"(SELECT 1) AS {quote(view.name)} LEFT JOIN (SELECT * FROM {found.sql} LIMIT 0) AS {table} ON true"
        row = self.connection.execute(f"SELECT {', '.join(tests)} FROM {one}").fetchone()
        assert row is not None
        return list(row)


def _value(column: TypedColumn, chosen: int) -> str:
    if chosen:
        return column.cases[chosen - 1][1]
    # The whole of it, so that the view's column has the type that the statement expects.
    stored = f"typeof({column.source})"
    whens = " ".join(f"WHEN {test.replace('@', stored)} THEN {value}" for test, value in column.cases)
    return f"CASE {whens} ELSE {column.otherwise} END"


class IdleCursors:
    """Cursors that wait for their node's next session; the longest unused go first. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, list[ViewCursor]] = OrderedDict()
        self._count = 0

    def take(self, node: str) -> ViewCursor | None:
        """A cursor that a session of this node gave back."""
        with self._lock:
            waiting = self._waiting.get(node)
            if not waiting:
                return None
            self._count -= 1
            found = waiting.pop()
            if not waiting:
                del self._waiting[node]
            return found

    def give(self, node: str, cursor: ViewCursor) -> None:
        """Keep a cursor that is in no transaction, or close it (or another) where there is no room."""
        if len(cursor.made) > VIEWS_PER_CURSOR_MAX:
            cursor.connection.close()
            return
        with self._lock:
            waiting = self._waiting.setdefault(node, [])
            waiting.append(cursor)
            self._waiting.move_to_end(node)
            self._count += 1
            gone = [waiting.pop(0)] if len(waiting) > IDLE_PER_NODE_MAX else []
            if not gone and self._count > IDLE_MAX:
                gone = next(iter(self._waiting.values()))[:1]
                oldest = next(iter(self._waiting))
                self._waiting[oldest] = self._waiting[oldest][1:]
                if not self._waiting[oldest]:
                    del self._waiting[oldest]
            self._count -= len(gone)
        for one in gone:
            one.connection.close()

    def clear(self) -> None:
        """Close all."""
        with self._lock:
            gone = [cursor for waiting in self._waiting.values() for cursor in waiting]
            self._waiting.clear()
            self._count = 0
        for cursor in gone:
            cursor.connection.close()
