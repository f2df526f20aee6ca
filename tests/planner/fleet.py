"""Runs plans in one DuckDB: a table a shard, each exchange's block lowered and run on each surviving shard, then the final query.

The same statement, bound and lowered without a planner, runs over the union of the shards: what the two differ in is the
planner's.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.executor.preludes import ends
from fedgate.fragment import column_name, fill
from fedgate.planner.plan import Exchange, Plan, Prelude, bounds
from fedgate.planner.prune import surviving
from fedgate.schema import Table
from fedgate.sql.bind import bind
from fedgate.sql.bind.context import BindContext
from fedgate.sql.functions.udf import mark
from fedgate.sql.lower import install, literal, lower, translate
from fedgate.sql.parse import parse
from fedgate.sql.tree import BoundQuery, Param, Query, TableRef, walk
from fedgate.types import duckdb_type
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.text_in import parse as parse_value
from fedgate.types.text_out import array_text
from fedgate.types.values import Value
from tests.fleets.source import SourceTable
from tests.planner.world import DEVICES, NODES, READINGS, World, text_equals, var

CONTEXT = BindContext(("public", "pg_catalog"), "UTC", "ISO, MDY", "postgres", "u", "fedgate")
NOW = 1_710_000_000_000_000
FACTS: Mapping[str, Value] = {"now": NOW, "user": "u"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of readings are cut: by the site, into `count` parts by hash, or skewed; an empty shard may be added."""

    name: str
    by_site: bool = False
    count: int = 1
    skew: bool = False
    empty: bool = False


LAYOUTS = (
    Layout("sites", by_site=True),
    Layout("one"),
    Layout("twenty-skewed", count=20, skew=True),
    Layout("sites-empty", by_site=True, empty=True),
)


class Fleet:
    """One layout's shards in a DuckDB connection, and the snapshot that says so."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, layout: Layout, readings: str, devices: str) -> None:
        self._connection = connection
        self._numbers = itertools.count()
        self.layout = layout
        shards = self._cut(readings)
        names = tuple(shards)
        checks = {n: text_equals(var(READINGS, "site"), n) for n in names} if layout.by_site else {}
        checks = {n: c for n, c in checks.items() if n != "zz"}
        self.world = World(shard_names=names, checks=checks)
        home = self.world.shards(DEVICES)[0].home
        self._make("devices_all", f"SELECT *, 'all' AS c_7, '{home}' AS c_8 FROM {devices}")
        self._make("nodes_all", f"SELECT x AS c1, 'duckdb' AS c2 FROM (VALUES {', '.join(f'({n!r})' for n in names)}) v(x)")
        union = " UNION ALL ".join(f"SELECT * FROM {self._table('readings_' + n)}" for n in names)
        self._make("readings_union", union)

    def _cut(self, readings: str) -> dict[str, str]:
        layout = self.layout
        if layout.by_site:
            found = {s: f"c1 = '{s}'" for s in ("s1", "s2", "d1", "p1", "g1")}
        elif layout.skew:
            # nine rows of ten on one shard, and there the first ones by time
            part = f"CASE WHEN c3 < TIMESTAMPTZ '2024-03-30 00:00:00+00' THEN 0 ELSE hash(c3, c2) % {layout.count} END"
            found = {f"n{i:02}": f"{part} = {i}" for i in range(layout.count)}
        else:
            found = {f"n{i:02}": f"hash(c3) % {layout.count} = {i}" for i in range(layout.count)}
        if layout.empty:
            found["zz"] = "false"
        for name, where in found.items():
            self._make(f"readings_{name}", f"SELECT *, '{name}' AS c_7, '{name}' AS c_8 FROM {readings} WHERE {where}")
        return found

    def _table(self, name: str) -> str:
        return '"' + f"{self.layout.name}_{name}" + '"'

    def _make(self, name: str, query: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TABLE {self._table(name)} AS {query}")

    # ------------------------------------------------------------------------------------------------ binding

    def bind(self, text: str, parameters: Sequence[str | None] = ()) -> tuple[BoundQuery, dict[str, Value]]:
        """The bound statement and its parameters' values by name."""
        (raw,) = parse(text)
        bound = bind(raw, self.world, CONTEXT)
        values: dict[str, Value] = dict(FACTS)
        for i, (given, type_) in enumerate(zip(parameters, bound.parameters, strict=True), 1):
            values[str(i)] = None if given is None else parse_value(given, type_, DEFAULT_STYLE)
        return bound, values

    # ------------------------------------------------------------------------------------------------ running

    def direct(self, bound: BoundQuery, values: Mapping[str, Value]) -> pa.Table:
        """The statement over the union, without a planner."""

        def relation(ref: TableRef) -> str:
            return self._table({READINGS: "readings_union", DEVICES: "devices_all", NODES: "nodes_all"}[ref.table])

        return self._lowered(bound.query, relation, values, self._connection.cursor())

    def run(self, plan: Plan, values: Mapping[str, Value]) -> pa.Table:
        """The plan's answer; on an error of a prelude that of its fallback."""
        try:
            known = self._preludes(plan.preludes, values)
        except SqlError:
            assert plan.fallback is not None
            return self.run(plan.fallback, values)
        cursor = self._connection.cursor()
        tables = {x.name: self._exchange(x, known) for x in plan.exchanges}
        if plan.streams == "concat":
            (rows,) = tables.values()
            return rows
        for name, rows in tables.items():
            cursor.register(name, rows)
        try:
            return self._lowered(plan.final, _no_table, known, cursor)
        finally:
            for name in tables:
                cursor.unregister(name)

    def _preludes(self, preludes: tuple[Prelude, ...], values: Mapping[str, Value]) -> dict[str, Value]:
        known = dict(values)
        for prelude in preludes:
            known[prelude.failure] = None
            try:
                rows = self.run(prelude.plan, known)
                if prelude.kind == "range":
                    known.update(zip(bounds(prelude.name), (_values(prelude, rows, at)[0] for at in (0, 1)), strict=True))
                else:
                    known[prelude.name] = _prelude_value(prelude, rows)
                if prelude.kind == "keys":
                    keys = known[prelude.name]
                    assert isinstance(keys, tuple)
                    known.update(zip(bounds(prelude.name), ends(keys), strict=True))
            except SqlError as exc:
                if not prelude.deferred:
                    raise
                known[prelude.name], known[prelude.failure] = None, mark(exc)
        return known

    def _exchange(self, exchange: Exchange, values: Mapping[str, Value]) -> pa.Table:
        if exchange.kind == "system":
            shards: tuple[str, ...] = ("all",)
        elif exchange.sharded is None:
            shards = ("all",)
        else:
            shards = tuple(s.name for s in surviving(exchange, self.world.shards(exchange.sharded), values)[0])
        parts = [self._fragment(exchange, shard, values) for shard in shards]
        return pa.concat_tables([exchange.schema.empty_table(), *parts])

    def _fragment(self, exchange: Exchange, shard: str, values: Mapping[str, Value]) -> pa.Table:
        def relation(ref: TableRef) -> str:
            names: dict[Table, str] = {READINGS: f"readings_{shard}", DEVICES: "devices_all", NODES: "nodes_all"}
            return self._table(names[ref.table])

        rows = self._lowered(exchange.block, relation, values, self._connection.cursor())
        assert rows.schema.names == exchange.schema.names, (rows.schema, exchange.schema)
        return rows.cast(exchange.schema)

    def _lowered(self, query: Query, relation: object, values: Mapping[str, Value], cursor: duckdb.DuckDBPyConnection) -> pa.Table:
        lowered = lower(query, relation, timezone="UTC")  # type: ignore[arg-type]
        sql = fill(lowered.template, values, literal)
        try:
            table: pa.Table = cursor.sql(sql).to_arrow_table()
        except duckdb.Error as exc:
            raise translate(exc) from exc
        return table.cast(lowered.schema)


def _prelude_value(prelude: Prelude, rows: pa.Table) -> Value:
    values = _values(prelude, rows, 0)
    if prelude.kind in ("set", "keys"):
        return tuple(values)
    if len(values) > 1:
        raise SqlError("21000", "more than one row returned by a subquery used as an expression")
    return values[0] if values else None


def _values(prelude: Prelude, rows: pa.Table, at: int) -> list[Value]:
    """One column through text, as the values' own type reads it."""
    column = prelude.plan.columns[at]
    texts = array_text(rows.column(at).combine_chunks(), column.type, DEFAULT_STYLE).to_pylist()
    return [None if t is None else parse_value(t, column.type, DEFAULT_STYLE) for t in texts]


def _no_table(ref: TableRef) -> str:
    raise AssertionError(f"the final query reads table {ref.table.name}")


def load(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, SourceTable]) -> None:
    """The trap tables as DuckDB tables `all_<name>` with columns c<attnum>."""
    install(connection)
    connection.execute("SET TimeZone = 'UTC'")
    for relation in (READINGS, DEVICES):
        source = tables[relation.name]
        names = [column_name(c.attnum) for c in relation.columns]
        text = pa.table({n: pa.array([r[i] for r in source.rows], pa.string()) for i, n in enumerate(names)})
        connection.register("text_rows", text)
        casts = ", ".join(f"CAST({n} AS {duckdb_type(c.type)}) AS {n}" for n, c in zip(names, relation.columns, strict=True))
        connection.execute(f"CREATE OR REPLACE TABLE all_{relation.name} AS SELECT {casts} FROM text_rows")
        connection.unregister("text_rows")


def rows_text(table: pa.Table, bound: BoundQuery) -> list[tuple[str | None, ...]]:
    """The rows as PostgreSQL writes them."""
    columns = [array_text(table.column(i).combine_chunks(), c.type, DEFAULT_STYLE).to_pylist() for i, c in enumerate(bound.columns)]
    return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows


def parameters_of(query: Query) -> set[str]:
    """Names of the parameters in a query."""
    return {n.name for n in walk(query, into_queries=True) if isinstance(n, Param)}
