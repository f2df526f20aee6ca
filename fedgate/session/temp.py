"""The temporary tables of one session: which there are, what they hold, and what transactions do to both.

Everything of a table but the counters of its serial columns is immutable, so that a transaction is a list of former states:
ROLLBACK and ROLLBACK TO put one back. (A sequence goes on, as in PostgreSQL.)
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.fragment import column_name
from fedgate.schema import Column, LocalSource, Relations, Table, TempTables, View
from fedgate.session.temp_rows import Held, Store
from fedgate.sql.parse import RawStatement
from fedgate.types import arrow_type

SCHEMA: Final = "pg_temp"
OnCommit = Literal["preserve", "delete", "drop"]
_OID_FIRST: Final = 2**31 - 2**24
_OIDS: Final = itertools.cycle(range(_OID_FIRST, 2**31))


@dataclass(frozen=True, slots=True)
class Default:
    """The expression of a DEFAULT: a raw node, in the statement that it came with."""

    raw: RawStatement
    node: Any = field(compare=False)


@dataclass(slots=True)
class Sequence:
    """What a serial or identity column counts by. `always`: values of the client's own are refused."""

    last: int = 0
    always: bool = False

    def take(self, count: int) -> range:
        """The next numbers."""
        first, self.last = self.last + 1, self.last + count
        return range(first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Unique:
    """A UNIQUE or PRIMARY KEY constraint, or a unique index: no two rows have equal values in all of `columns` (attnums)."""

    name: str
    columns: tuple[int, ...]
    primary: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TempTable:
    """`table` is what statements bind to: it stays the same until the table's size has changed much. `indexes` are the names of
    indexes that forbid nothing, and so are only remembered."""

    table: Table
    held: Held
    defaults: Mapping[int, Default] = field(default_factory=dict)
    sequences: Mapping[int, Sequence] = field(default_factory=dict)
    uniques: tuple[Unique, ...] = ()
    indexes: tuple[str, ...] = ()
    on_commit: OnCommit = "preserve"

    @property
    def name(self) -> str:
        return self.table.name

    def holding(self, held: Held) -> TempTable:
        """The table with other rows. Plans know its size to a factor of two."""
        rows = held.rows
        known = self.table.estimate or 0
        table = self.table if rows.bit_length() == known.bit_length() else replace(self.table, estimate=rows)
        return replace(self, held=held, table=table)


class Temp:
    """The session's temporary tables. `number` names their schema: pg_temp_N."""

    def __init__(self, number: int, directory: Path | None) -> None:
        self.schema: Final = f"{SCHEMA}_{number}"
        self.store: Final = Store(directory)
        self.tables: Mapping[str, TempTable] = {}
        self._committed: Mapping[str, TempTable] = {}
        self._undo: list[Mapping[str, TempTable]] = []
        self._shown: tuple[Mapping[str, TempTable], TempTables | None] = ({}, None)

    # ----------------------------------------------------------------------------------------------------------- statements

    def shown(self) -> TempTables | None:
        """What statements see of them now, the same object until a table is made, dropped or changed much; None for none."""
        before, shown = self._shown
        if before is not self.tables:
            names = {name: t.table for name, t in self.tables.items()}
            if names != (shown.tables if shown is not None else {}):  # tables are compared by identity
                shown = TempTables(self.schema, names) if names else None
            self._shown = (self.tables, shown)
        return shown

    def named(self, schema: str | None, name: str) -> TempTable | None:
        """The table of that name, if `schema` is that of temporary tables or not told."""
        return self.tables.get(name) if schema in (None, SCHEMA, self.schema) else None

    def owns(self, schema: str) -> bool:
        """Whether the schema is that of the session's temporary tables."""
        return schema in (SCHEMA, self.schema)

    def put(self, table: TempTable) -> None:
        """Make the table, or change it. Raises SqlError 54000 past the number of tables."""
        if table.name not in self.tables and len(self.tables) >= limits.TEMP_TABLES_MAX:
            raise SqlError("54000", f"too many temporary tables (limit {limits.TEMP_TABLES_MAX})")
        self.tables = {**self.tables, table.name: table}

    def drop(self, name: str) -> None:
        self.tables = {n: t for n, t in self.tables.items() if n != name}

    def drop_all(self) -> None:
        """DISCARD TEMP."""
        self.tables = {}

    def new(self, name: str, columns: tuple[Column, ...], primary_key: tuple[str, ...] = ()) -> Table:
        """The table that a CREATE describes."""
        return Table(self.schema, name, columns, next(_OIDS), "temp", primary_key=primary_key, estimate=0)

    # --------------------------------------------------------------------------------------------------------- transactions

    def begin(self) -> None:
        """A transaction block or a savepoint starts."""
        self._undo.append(self.tables)

    def commit(self) -> None:
        """The outermost transaction commits: tables ON COMMIT DROP end, those of DELETE ROWS are empty."""
        if self.tables is not self._committed or any(t.on_commit != "preserve" for t in self.tables.values()):
            kept = {n: t for n, t in self.tables.items() if t.on_commit != "drop"}
            emptied = {n: t.holding(Held(t.held.schema)) for n, t in kept.items() if t.on_commit == "delete" and t.held.rows}
            self.tables = {**kept, **emptied} if emptied or len(kept) < len(self.tables) else self.tables
        self._committed = self.tables
        self._undo.clear()

    def rollback(self) -> None:
        """The outermost transaction is undone."""
        self.tables = self._committed
        self._undo.clear()

    def release_savepoint(self, depth: int) -> None:
        del self._undo[depth:]

    def rollback_to(self, depth: int) -> None:
        """Back to the savepoint that was the `depth`-th `begin` (from 0); it stays open."""
        self.tables = self._undo[depth]
        del self._undo[depth + 1 :]

    def close(self) -> None:
        """The session ends."""
        self.tables = self._committed = {}
        self._undo.clear()
        self._shown = ({}, None)


def held_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The Arrow schema of a table's rows."""
    return pa.schema([pa.field(column_name(c.attnum), arrow_type(c.type)) for c in columns])


# ------------------------------------------------------------------------------------------------------------- what others see


class WithTemp:
    """`schema.Relations` with a session's temporary tables before all others, as PostgreSQL searches them."""

    def __init__(self, below: Relations, temp: TempTables) -> None:
        self._below = below
        self._temp = temp

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        mine = (SCHEMA, self._temp.schema)
        if schema in mine:
            return self._temp.tables.get(name)
        if schema is not None:
            return self._below.find(schema, name, search_path)
        at = next((i for i, s in enumerate(search_path) if s in mine), None)
        if at is None:
            return self._temp.tables.get(name) or self._below.find(None, name, search_path)
        before, after = search_path[:at], search_path[at + 1 :]
        return (
            self._below.find(None, name, before) or self._temp.tables.get(name) or self._below.find(None, name, (*before, *after))
        )

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        return self._below.suggest(schema, name, search_path)

    def schema_exists(self, schema: str) -> bool:
        return schema in (SCHEMA, self._temp.schema) or self._below.schema_exists(schema)


@dataclass(frozen=True, slots=True)
class TempRows:
    """What one statement reads of temporary tables: as they were when it began, but for those rows that are given `instead`."""

    tables: Mapping[str, TempTable] = field(default_factory=dict)
    instead: Mapping[int, pa.Table] = field(default_factory=dict)

    def over(self, below: LocalSource) -> LocalSource:
        """These rows, and those of all other tables from below."""
        return _LocalRows(below, self) if self.tables else below

    @staticmethod
    def let_go(local: LocalSource) -> None:
        """The statement has read what it reads of them. (Its context is remembered, the rows need not be.)"""
        if isinstance(local, _LocalRows):
            local.clear()


NO_TEMP: Final = TempRows()


class _LocalRows:
    """`schema.LocalSource` of a statement."""

    def __init__(self, below: LocalSource, temp: TempRows) -> None:
        self._below = below
        self._held = {t.table.oid: t.held for t in temp.tables.values()}
        self._instead = temp.instead

    def clear(self) -> None:
        """Nothing is asked for any more."""
        self._held, self._instead = {}, {}

    def rows(self, table: Table) -> pa.Table:
        """All rows; of a temporary table with their numbers. Raises SqlError 42P01 when the table is no longer there."""
        if table.kind != "temp":
            return self._below.rows(table)
        if (given := self._instead.get(table.oid)) is not None:
            return given
        if (held := self._held.get(table.oid)) is None:
            raise SqlError("42P01", f'relation "{table.name}" does not exist')
        return held.table()
