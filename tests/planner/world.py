"""A catalog in memory for the planner's tests: the tables of the trap files, their shards, and hand-built trees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fedgate.catalog.model import CHECK_REL, ColumnMap, LocalColumn, Node, Placement, Shard
from fedgate.schema import Column, Table, View
from fedgate.sql.tree import BOOL, Const, Expr, OpExpr, Var
from fedgate.types import SqlType, parse_type

TEXT = SqlType(25)
SITES = ("s1", "s2", "d1", "p1", "g1")


def table(name: str, columns: str, *, replicated: bool = False, oid: int = 0, schema: str = "public") -> Table:
    """`columns` is "name type, name type"; a ! after the type says not null."""
    made = []
    for i, part in enumerate(columns.replace("(12,4)", "(12;4)").split(","), 1):
        name_, _, type_ = part.strip().replace(";", ",").partition(" ")
        made.append(Column(i, name_, parse_type(type_.rstrip("!")), type_.endswith("!")))
    kind = "system" if schema == "fedgate" else "virtual"
    return Table(schema, name, tuple(made), oid, kind, replicated)  # type: ignore[arg-type]


READINGS = table(
    "readings",
    "site text, device integer, ts timestamptz, temp double precision, hum real, status smallint, total bigint, "
    "price numeric(12,4), ok boolean, note text, day date",
    oid=20001,
)
DEVICES = table("devices", "device integer, model text, installed date", replicated=True, oid=20002)
NODES = table("nodes", "name text, engine text", oid=20003, schema="fedgate")
HOURLY = View(
    "public",
    "hourly",
    "select site, date_trunc('hour', ts) as hour, avg(temp) as temp, count(*) as n from readings group by 1, 2",
    20004,
)


@dataclass
class World:
    """A snapshot: Relations and shards. `cuts` gives each shard's sites: the check of the shard."""

    tables: tuple[Table, ...] = (READINGS, DEVICES, NODES)
    views: tuple[View, ...] = (HOURLY,)
    shard_names: tuple[str, ...] = SITES
    devices_at: tuple[str, ...] | None = None
    checks: Mapping[str, Expr] = field(default_factory=dict)
    _shards: dict[int, tuple[Shard, ...]] = field(default_factory=dict)

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        relations: tuple[Table | View, ...] = (*self.tables, *self.views)
        for relation in relations:
            if relation.name == name and (relation.schema == schema if schema else relation.schema in search_path):
                return relation
        return None

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        return None

    def schema_exists(self, schema: str) -> bool:
        return schema in ("public", "fedgate", "pg_catalog")

    def shards(self, relation: Table) -> tuple[Shard, ...]:
        if relation.oid not in self._shards:
            self._shards[relation.oid] = tuple(self._make(relation))
        return self._shards[relation.oid]

    def _make(self, relation: Table) -> list[Shard]:
        if relation.replicated:
            homes = self.devices_at if self.devices_at is not None else self.shard_names
            placements = tuple(_placement(relation, home, "all", None) for home in homes)
            return [Shard("all", homes[0], placements)]
        made = []
        for name in sorted(self.shard_names):
            check = self.checks.get(name)
            made.append(Shard(name, name, (_placement(relation, name, name, check),), check))
        return made


def _placement(relation: Table, node: str, shard: str, check: Expr | None) -> Placement:
    columns = tuple(ColumnMap(LocalColumn(c.name, c.type)) for c in relation.columns)
    return Placement(relation, Node(node, "duckdb", f"/nowhere/{node}.db"), shard, (None, relation.name), columns, check=check)


def var(relation: Table, name: str, rel: int = CHECK_REL) -> Var:
    column = next(c for c in relation.columns if c.name == name)
    return Var(rel, column.attnum, column.type)


def text_equals(left: Expr, value: str) -> OpExpr:
    return OpExpr("=", (left, Const(TEXT, value)), (25, 25), BOOL, 98)
