"""What the system catalogs list, of one snapshot: tables, views, indexes of primary keys, schemas, and their numbers.

PostgreSQL's own relations are not here: their rows are in data files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

from fedgate.catalog import oids
from fedgate.catalog.model import Shard
from fedgate.catalog.snapshot import Snapshot
from fedgate.schema import Column, Table, TempTables, View
from fedgate.system.build import static_rows
from fedgate.system.tables import OWN, tables

OWNER_OID: Final = 10
DATABASE_OWNER: Final = 6171
"""pg_database_owner, whose the schema public is."""
PG_TYPE, PG_CLASS, PG_NAMESPACE, PG_CONSTRAINT, PG_REWRITE = 1247, 1259, 2615, 2606, 2618
FIXED_SCHEMAS: Final = {"pg_catalog": 11, "public": 2200, "information_schema": 13_207, OWN: 14_999, "pg_toast": 99}


@dataclass(frozen=True, slots=True)
class Index:
    """The index that PostgreSQL would have for a primary key, and the constraint of the same name."""

    oid: int
    constraint: int
    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view. `query` is a view's text. `rule`, `row_type` and `array_type` are OIDs, 0 where there is none;
    the row type of a table or view has the relation's own number, as whole rows of it have in results.

    `rows`: about how many there are, if somebody has said it.
    """

    oid: int
    schema: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    comment: str | None
    row_type: int = 0
    array_type: int = 0
    key: Index | None = None
    query: str | None = None
    rule: int = 0
    temporary: bool = False
    rows: int | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it is of the schema `fedgate`."""
        return self.schema == OWN


class Shown:
    """What the catalogs list of a snapshot, which is as its role sees it."""

    def __init__(self, snapshot: Snapshot, temp: TempTables | None = None) -> None:
        """`temp` are the temporary tables of the session that asks."""
        self.snapshot: Final = snapshot
        self.temp: Final = temp

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Virtual tables, in order of (schema, name)."""
        return tuple(table for _, table in sorted(self.snapshot.tables.items()))

    @cached_property
    def views(self) -> tuple[View, ...]:
        """Likewise."""
        return tuple(view for _, view in sorted(self.snapshot.views.items()))

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Virtual tables, views, the relations of the schema `fedgate`; each group in order of name."""
        named: tuple[Table | View, ...] = (*self.snapshot.tables.values(), *self.snapshot.views.values())
        taken = {relation.oid for relation in named}
        keyed = {(t.schema, _key_name(t.name)): t for t in self.tables if t.primary_key}
        arrays = _numbers("array", [(relation.schema, relation.name) for relation in named], taken)
        indexes = _numbers("index", keyed, taken)
        constraints = _numbers("constraint", keyed, set())
        rules = _numbers("rule", [(v.schema, v.name) for v in self.views], set())
        found = []
        for table in self.tables:
            name = (table.schema, _key_name(table.name))
            columns = tuple(c for part in table.primary_key for c in table.columns if c.name == part)
            whole = columns and len(columns) == len(table.primary_key)
            index = Index(indexes[name], constraints[name], name[1], columns) if whole else None
            found.append(
                Relation(
                    *(table.oid, table.schema, table.name, "r", table.columns, table.comment),
                    *(table.oid, arrays[table.schema, table.name], index),
                    rows=self._rows(table),
                )
            )
        for view in self.views:
            key = (view.schema, view.name)
            found.append(
                Relation(*(view.oid, *key, "v", view.columns, view.comment, view.oid, arrays[key], None, view.query, rules[key]))
            )
        return (*found, *self._temporary(taken), *_own())

    def _temporary(self, taken: set[int]) -> Iterator[Relation]:
        if self.temp is None:
            return
        schema = self.temp.schema
        taken.update(table.oid for table in self.temp.tables.values())
        names = [(schema, name) for name in self.temp.tables]
        arrays = _numbers("array", names, taken)
        keyed = {(schema, _key_name(name)): name for name, table in self.temp.tables.items() if table.primary_key}
        indexes, constraints = _numbers("index", keyed, taken), _numbers("constraint", keyed, set())
        of = {name: Index(indexes[key], constraints[key], key[1], self._key(name)) for key, name in keyed.items()}
        for name, table in sorted(self.temp.tables.items()):
            numbers = (table.oid, arrays[schema, name])
            yield Relation(
                *(table.oid, schema, name, "r", table.columns, None, *numbers, of.get(name)),
                rows=table.estimate,
                temporary=True,
            )

    def _key(self, name: str) -> tuple[Column, ...]:
        assert self.temp is not None
        table = self.temp.tables[name]
        return tuple(column for part in table.primary_key for column in table.columns if column.name == part)

    def shards(self, table: Table) -> tuple[Shard, ...]:
        """The shards of one of `tables`."""
        return self.snapshot.shards(table)

    def _rows(self, table: Table) -> int | None:
        """What the documents say of the table's rows, None where one does not say it."""
        if table.rows is not None:  # a part of them may be read: their number tells of the others
            return None
        said = [next((p.rows for p in s.placements if p.rows is not None), None) for s in self.shards(table)]
        return sum(n for n in said if n is not None) if said and None not in said else None

    @cached_property
    def schemas(self) -> dict[str, int]:
        """The OID of every schema in which something may be seen."""
        seen = {r.schema for r in self.relations}
        others = (self.snapshot.schemas | seen) - FIXED_SCHEMAS.keys()
        hashed = _numbers("schema", [("", name) for name in others], set())
        return {**FIXED_SCHEMAS, **{name: hashed["", name] for name in sorted(others & seen)}}

    @cached_property
    def by_oid(self) -> dict[int, Relation]:
        """The relations by OID."""
        return {r.oid: r for r in self.relations}


@cache
def _own() -> tuple[Relation, ...]:
    """The relations of the schema `fedgate`."""
    listed = [t for (schema, _), t in sorted(tables().items()) if schema == OWN]
    taken = {t.oid for t in listed}
    kinds = [oids.assign(((kind, OWN, t.name) for t in listed), _OWN_FIRST, _OWN_LAST) for kind in ("row", "array", "rule")]
    found = []
    for table in listed:
        numbers = []
        for kind, assigned in zip(("row", "array", "rule"), kinds, strict=True):
            oid = assigned[kind, OWN, table.name]
            while oid in taken:
                oid += 1
            taken.add(oid)
            numbers.append(oid)
        row, array, rule = numbers
        found.append(Relation(table.oid, OWN, table.name, "v", table.columns, table.comment, row, array, None, None, rule))
    return tuple(found)


_OWN_FIRST, _OWN_LAST = 15_000, 16_300
"""Numbers of what belongs to relations of the schema `fedgate`: below every virtual table's."""


def system_relations() -> Iterator[Table]:
    """PostgreSQL's own relations, in order of (schema, name)."""
    return (table for (schema, _), table in sorted(tables().items()) if schema != OWN)


def _numbers(kind: str, names: Iterable[tuple[str, str]], taken: set[int]) -> dict[tuple[str, str], int]:
    """An OID for each (schema, name), none of them `taken`; they are then."""
    found = {}
    for (_, schema, name), oid in oids.assign((kind, *name) for name in names).items():
        while oid in taken:
            oid += 1
        taken.add(oid)
        found[schema, name] = oid
    return found


def _key_name(table: str) -> str:
    """As PostgreSQL names a primary key, cut so that the suffix stays."""
    return table.encode()[: 63 - len("_pkey")].decode(errors="ignore") + "_pkey"


@cache
def type_rows() -> dict[int, Any]:
    """pg_type by OID."""
    return {row["oid"]: row for row in static_rows("pg_type")}


@cache
def role_oid(name: str) -> int:
    """The OID of a role by its name."""
    return oids.assign([("role", "", name)])[("role", "", name)]
