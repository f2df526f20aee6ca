"""Every relation of a snapshot as the system catalogs list it: virtual tables, views, and the system relations themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from fedgate.catalog import oids
from fedgate.catalog.snapshot import Snapshot
from fedgate.schema import Column, Table
from fedgate.system.build import static_rows
from fedgate.system.tables import OWN, kinds, tables

OWNER_OID: Final = 10
PG_CLASS: Final = 1259
_FIXED_SCHEMAS: Final = {"pg_catalog": 11, "public": 2200, "information_schema": 13_207, OWN: 14_999}


@dataclass(frozen=True, slots=True)
class Relation:
    """One row of pg_class. `query` is a view's text."""

    oid: int
    schema: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    comment: str | None
    primary_key: tuple[str, ...] = ()
    query: str | None = None

    @property
    def is_system(self) -> bool:
        return (self.schema, self.name) in tables()

    @property
    def row_type(self) -> int:
        """pg_type OID of its rows' type: its own number, which no other row type has. 0 for system relations, which have none."""
        return 0 if self.is_system else self.oid


def relations(snapshot: Snapshot) -> Iterator[Relation]:
    """Virtual tables, views, system relations; each group in order of name."""
    for _, table in sorted(snapshot.tables.items()):
        yield Relation(table.oid, table.schema, table.name, "r", table.columns, table.comment, table.primary_key)
    for _, view in sorted(snapshot.views.items()):
        yield Relation(view.oid, view.schema, view.name, "v", view.columns, view.comment, (), view.query)
    for key, table in sorted(tables().items()):
        yield _system(key, table)


def _system(key: tuple[str, str], table: Table) -> Relation:
    return Relation(table.oid, table.schema, table.name, kinds()[key], table.columns, table.comment)


def schema_oids(snapshot: Snapshot) -> dict[str, int]:
    """The OID of every schema."""
    others = snapshot.schemas - _FIXED_SCHEMAS.keys()
    hashed = oids.assign(("schema", "", name) for name in others)
    return {**_FIXED_SCHEMAS, **{name: hashed[("schema", "", name)] for name in sorted(others)}}


@cache
def type_rows() -> dict[int, Any]:
    """pg_type by OID."""
    return {row["oid"]: row for row in static_rows("pg_type")}
