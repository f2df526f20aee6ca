"""What a direct answer runs on: rows of relations as tuples, hash indexes over their columns, and the state of one run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import pyarrow as pa

from fedgate import limits
from fedgate.schema import Table
from fedgate.sql.functions.udf import values
from fedgate.types.values import Value

Row: TypeAlias = "tuple[Any, ...]"
Env: TypeAlias = "list[Any]"
"""One row of each relation that is open, by slot; the run itself is in slot 0."""
Eval: TypeAlias = "Callable[[Env], Any]"
Rows: TypeAlias = "Callable[[Env], list[Row]]"
Index: TypeAlias = "dict[Any, list[Row]]"
_LISTS: Final = (pa.types.is_list, pa.types.is_large_list)


class NotDirectError(Exception):
    """This is not answered here, but by the merge engine."""


@dataclass(slots=True)
class Held:
    """The rows of one relation, and its indexes by place of a column."""

    rows: list[Row]
    indexes: dict[int, Index] = field(default_factory=dict)

    def index(self, place: int) -> Index:
        """Rows by the column's value; NULLs are in none."""
        found = self.indexes.get(place)
        if found is None:
            found = {}
            for row in self.rows:
                if (key := row[place]) is not None:
                    found.setdefault(key, []).append(row)
            self.indexes[place] = found
        return found


class Mark:
    """What an answer is kept by: when the program that asks with it is gone, so is the answer."""

    __slots__ = ("__weakref__",)


class Store:
    """Rows of relations that stay as they are as long as their snapshot, and answers of subqueries over them. Thread-safe."""

    def __init__(self) -> None:
        self._held: dict[int, Held] = {}
        self.answers: WeakKeyDictionary[Mark, Any] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def held(self, table: Table, load: Callable[[Table], pa.Table]) -> Held:
        """The relation's rows, loaded once."""
        found = self._held.get(table.oid)
        if found is None:
            with self._lock:
                found = self._held.get(table.oid)
                if found is None:
                    found = self._held[table.oid] = Held(as_rows(load(table)))
        return found


def as_rows(table: pa.Table) -> list[Row]:
    """An Arrow table's rows; values as `types.values` has them."""
    if not table.num_rows:
        return []
    return list(zip(*map(_column, table.columns), strict=True))


def _column(column: pa.ChunkedArray) -> list[Any]:
    found = values(column)
    if any(test(column.type) for test in _LISTS):
        return [None if item is None else tuple(item) for item in found]
    return found


@dataclass(slots=True)
class Run:
    """One run of a program."""

    load: Callable[[Table], pa.Table]
    kept: Callable[[Table], bool]
    store: Store
    values: Mapping[str, Value]
    check: Callable[[], None]
    answers: dict[Mark, Any] = field(default_factory=dict)
    live: dict[int, Held] = field(default_factory=dict)
    ctes: dict[int, list[Row]] = field(default_factory=dict)
    seen: int = 0

    def held(self, table: Table) -> Held:
        """The relation's rows: of the snapshot, or of this moment."""
        if self.kept(table):
            return self.store.held(table, self.load)
        found = self.live.get(table.oid)
        if found is None:
            found = self.live[table.oid] = Held(as_rows(self.load(table)))
        return found

    def answered(self, mark: Mark, lasting: bool, make: Callable[[], Any]) -> Any:
        """What `make` gives, which was made before in this run, or (`lasting`) in any."""
        answers: MutableMapping[Mark, Any] = self.store.answers if lasting else self.answers
        found = answers.get(mark)
        if found is None:
            found = answers[mark] = make()
        return found

    def count(self, rows: int) -> None:
        """Rows that were looked at. Raises NotDirectError when they are many, and the cancel's error."""
        self.seen += rows
        if self.seen > limits.DIRECT_ROWS_MAX:
            raise NotDirectError("too many rows")
        self.check()
