"""Where the rows of system relations come from, for one snapshot and one statement's facts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

import pyarrow as pa

from fedgate import limits
from fedgate.catalog.snapshot import Snapshot
from fedgate.schema import LocalSource, Table, TempTables
from fedgate.sql.tree import BoundQuery
from fedgate.system import information_schema, own, pg_catalog
from fedgate.system.build import Rows, arrow_table, static_table
from fedgate.system.direct import Answered, NotDirectError, Program, Run, Store, compile_program
from fedgate.system.facts import Facts
from fedgate.system.objects import Shown
from fedgate.system.relations import SystemRelations
from fedgate.system.tables import tables
from fedgate.types.values import Value

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


_FIRST: Final = (
    *("pg_class", "pg_namespace", "pg_attribute", "pg_type", "pg_proc", "pg_range", "pg_index", "pg_constraint", "pg_attrdef"),
    *("pg_am", "pg_collation", "pg_description", "pg_opclass"),
)


def is_kept(table: Table) -> bool:
    """Whether a system relation's rows stay as they are as long as the snapshot."""
    return (table.schema, table.name) not in _LIVE


@dataclass(slots=True)
class Kept:
    """What is listed of a snapshot, and the rows that were made of it."""

    shown: Shown
    rows: dict[tuple[str, str], pa.Table] = field(default_factory=dict)
    store: Store = field(default_factory=Store)
    temporary: OrderedDict[int, tuple[TempTables, Kept]] = field(default_factory=OrderedDict)
    """The same beside sessions' temporary tables, the latest last."""


class SystemCatalog:
    """System relations beside snapshots: what the binder sees, and the rows. Thread-safe; rows live as long as their snapshot."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Snapshot, Kept] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def relations(self, snapshot: Snapshot) -> SystemRelations:
        return SystemRelations(snapshot)

    def kept(self, snapshot: Snapshot, temp: TempTables | None = None) -> Kept:
        """What is listed of the snapshot, and of a session's temporary tables."""
        with self._lock:
            found = self._kept.get(snapshot)
            if found is None:
                found = self._kept[snapshot] = Kept(Shown(snapshot))
            return found if temp is None else _with_temp(found, snapshot, temp)

    def make_ready(self, snapshot: Snapshot) -> None:
        """Read now what the first client would wait for: the relations that clients ask for when they connect."""
        kept = self.kept(snapshot)
        local = SystemRows(kept, Facts())
        for name in _FIRST:
            kept.store.held(tables()[("pg_catalog", name)], local.rows)

    def program(self, bound: BoundQuery, snapshot: Snapshot) -> Program | None:
        """What answers a query of the catalogs directly, None when it is for the merge engine."""
        kept = self.kept(snapshot)
        return compile_program(bound, kept.store, SystemRows(kept, Facts()).rows, is_kept)

    def answer(
        self,
        program: Program,
        snapshot: Snapshot,
        temp: TempTables | None,
        local: LocalSource,
        values: Mapping[str, Value],
        check: Callable[[], None],
        result_bytes_max: int | None,
    ) -> Answered | None:
        """The program's rows, None when it gives up. Raises the query's own errors, and what `check` raises."""
        try:
            rows = program.run(Run(local.rows, is_kept, self.kept(snapshot, temp).store, values, check))
        except NotDirectError:
            return None
        return Answered(program.columns, rows, result_bytes_max)

    def local(self, snapshot: Snapshot, facts: Facts) -> LocalSource:
        """The rows for one statement."""
        return SystemRows(self.kept(snapshot, facts.temp), facts)


def _with_temp(kept: Kept, snapshot: Snapshot, temp: TempTables) -> Kept:
    found = kept.temporary.get(id(temp))
    if found is None:
        found = kept.temporary[id(temp)] = (temp, Kept(Shown(snapshot, temp)))
        if len(kept.temporary) > limits.SYSTEM_KEPT_MAX:
            kept.temporary.popitem(last=False)
    return found[1]


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
