"""Where the rows of system relations come from, for one snapshot and one statement's facts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

import pyarrow as pa

from fedgate.catalog.snapshot import Snapshot
from fedgate.schema import LocalSource, Table
from fedgate.system import information_schema, own, pg_catalog
from fedgate.system.build import Rows, arrow_table, static_table
from fedgate.system.facts import Facts
from fedgate.system.objects import Shown
from fedgate.system.relations import SystemRelations

_ROWS: Final[dict[str, dict[str, Rows]]] = {
    "pg_catalog": pg_catalog.ROWS,
    "information_schema": information_schema.ROWS,
    "fedgate": own.ROWS,
}
# What depends on more than the snapshot and is made anew for each statement.
_LIVE: Final = frozenset(
    {
        *(("pg_catalog", name) for name in pg_catalog.LIVE),
        *(("information_schema", name) for name in information_schema.LIVE),
        *(("fedgate", name) for name in ("nodes", "settings", "problems", "last_query_nodes", "queries")),
    }
)


@dataclass(slots=True)
class Kept:
    """What is listed of a snapshot, and the rows that were made of it."""

    shown: Shown
    rows: dict[tuple[str, str], pa.Table] = field(default_factory=dict)


class SystemCatalog:
    """System relations beside snapshots: what the binder sees, and the rows. Thread-safe; rows live as long as their snapshot."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Snapshot, Kept] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def relations(self, snapshot: Snapshot) -> SystemRelations:
        return SystemRelations(snapshot)

    def kept(self, snapshot: Snapshot) -> Kept:
        """What is listed of the snapshot."""
        with self._lock:
            found = self._kept.get(snapshot)
            if found is None:
                found = self._kept[snapshot] = Kept(Shown(snapshot))
            return found

    def local(self, snapshot: Snapshot, facts: Facts) -> LocalSource:
        """The rows for one statement."""
        return SystemRows(self.kept(snapshot), facts)


class SystemRows:
    """`schema.LocalSource` over a snapshot."""

    def __init__(self, kept: Kept, facts: Facts) -> None:
        self._kept = kept
        self._facts = facts

    def rows(self, table: Table) -> pa.Table:
        """All rows. A relation that fedgate has nothing for is empty."""
        key = (table.schema, table.name)
        if (found := self._kept.rows.get(key)) is not None:
            return found
        make = _ROWS[table.schema].get(table.name)
        static = static_table(*key)
        if make is None:
            made = arrow_table(table, ()) if static is None else static
        else:
            made = arrow_table(table, make(self._kept.shown, self._facts))
            if static is not None:
                made = pa.concat_tables([static, made]).combine_chunks()
        if key not in _LIVE:
            self._kept.rows[key] = made
        return made
