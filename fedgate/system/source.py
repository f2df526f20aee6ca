"""Where the rows of system relations come from, for one snapshot and one statement's facts."""

from __future__ import annotations

import threading
from typing import Final
from weakref import WeakKeyDictionary

import pyarrow as pa

from fedgate.catalog.snapshot import Snapshot
from fedgate.schema import LocalSource, Table
from fedgate.system import information_schema, own, pg_catalog
from fedgate.system.build import arrow_table, static_rows
from fedgate.system.facts import Facts
from fedgate.system.pg_catalog import Rows
from fedgate.system.relations import SystemRelations

_ROWS: Final[dict[str, dict[str, Rows]]] = {
    "pg_catalog": pg_catalog.ROWS,
    "information_schema": information_schema.ROWS,
    "fedgate": own.ROWS,
}
# What depends on more than the snapshot and is made anew for each statement.
_LIVE: Final = frozenset(
    {
        *(
            ("pg_catalog", name)
            for name in ("pg_settings", "pg_roles", "pg_authid", "pg_user", "pg_prepared_statements", "pg_cursors")
        ),
        ("information_schema", "enabled_roles"),
        *(("fedgate", name) for name in ("nodes", "settings", "problems", "last_query_nodes", "queries")),
    }
)


class SystemCatalog:
    """System relations beside snapshots: what the binder sees, and the rows. Thread-safe; rows live as long as their snapshot."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Snapshot, dict[tuple[str, str], pa.Table]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def relations(self, snapshot: Snapshot) -> SystemRelations:
        return SystemRelations(snapshot)

    def local(self, snapshot: Snapshot, facts: Facts) -> LocalSource:
        """The rows for one statement."""
        with self._lock:
            kept = self._kept.setdefault(snapshot, {})
        return SystemRows(snapshot, facts, kept)


class SystemRows:
    """`schema.LocalSource` over a snapshot."""

    def __init__(self, snapshot: Snapshot, facts: Facts, kept: dict[tuple[str, str], pa.Table]) -> None:
        self._snapshot = snapshot
        self._facts = facts
        self._kept = kept

    def rows(self, table: Table) -> pa.Table:
        """All rows. A relation that fedgate has nothing for is empty."""
        key = (table.schema, table.name)
        if (found := self._kept.get(key)) is not None:
            return found
        make = _ROWS[table.schema].get(table.name)
        static = static_rows(table.name) if table.schema == "pg_catalog" and make is None else ()
        made = arrow_table(table, static if make is None else make(self._snapshot, self._facts))
        if key not in _LIVE:
            self._kept[key] = made
        return made
