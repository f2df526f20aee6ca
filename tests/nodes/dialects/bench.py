"""Tables at one node: a query is fitted to its engine, run there, and given as PostgreSQL's text."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

import duckdb
import psycopg
import pyarrow as pa

from fedgate.catalog.model import ColumnMap, Encoding, Engine, LocalColumn, Node, Placement
from fedgate.fragment import Fragment, fill
from fedgate.nodes.dialects.fit import fit
from fedgate.nodes.dialects.fitted import Fitted
from fedgate.nodes.engines import engine as engine_named
from fedgate.schema import Column, Table, View
from fedgate.sql import lower
from fedgate.sql.bind import bind
from fedgate.sql.bind.context import BindContext
from fedgate.sql.parse import parse
from fedgate.sql.tree import Query, table_refs
from fedgate.types import SqlType, parse_type
from fedgate.types.style import TextStyle
from fedgate.types.text_out import array_text
from fedgate.types.values import Value

CONTEXT = BindContext(("public",), "UTC", "ISO, MDY", "postgres", "tester", "fedgate")
Rows = list[tuple[str | None, ...]]


@dataclass
class OneTable:
    """The Relations of a catalog with the tables given."""

    tables: Mapping[str, Table]

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        return self.tables.get(name)

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        return None

    def schema_exists(self, schema: str) -> bool:
        return schema == "public"


def table(name: str, columns: Mapping[str, str], oid: int = 20_000) -> Table:
    """A virtual table with columns of the types given in PostgreSQL's spelling."""
    made = tuple(Column(i, n, parse_type(t)) for i, (n, t) in enumerate(columns.items(), 1))
    return Table("public", name, made, oid)


@dataclass
class Place:
    """A table's placement at a node."""

    placement: Placement
    engine: str

    @classmethod
    def of(cls, target: Table, engine: str, url: str, relation: str, maps: Mapping[str, ColumnMap] | None = None) -> Place:
        chosen = tuple((maps or {}).get(c.name) or ColumnMap(default_column(c, engine)) for c in target.columns)
        return cls(Placement(target, Node(f"{engine}1", cast(Engine, engine), url), "s1", (None, relation), chosen), engine)


def default_column(column: Column, engine: str) -> LocalColumn:
    """A column under its own name, times in SQLite as ISO text."""
    times = column.type.oid in (1082, 1083, 1114, 1184)
    return LocalColumn(column.name, column.type, "iso8601" if engine == "sqlite" and times else None)


def encoded(name: str, type_: str, encoding: Encoding | None = None, zone: str | None = None) -> ColumnMap:
    return ColumnMap(LocalColumn(name, parse_type(type_), encoding, zone))


@dataclass
class Answer:
    """What a node and the gateway's residual gave; `fitted` shows how."""

    rows: Rows
    fitted: Fitted

    @property
    def whole(self) -> bool:
        return self.fitted.residual is None

    @property
    def text(self) -> str:
        """The SQL of all parts, parameters as {name:form}."""
        return "\n".join(
            "".join(p if isinstance(p, str) else f"{{{p.name}:{p.form}}}" for p in part.template) for part in self.fitted.parts
        )


@dataclass
class Bench:
    """Runs queries at places; `places` by table name."""

    relations: OneTable
    places: Mapping[str, Place]
    values: Mapping[str, Value] = field(default_factory=dict)
    parameters: tuple[int, ...] = ()

    def bound(self, sql: str) -> Query:
        return bind(parse(sql)[0], self.relations, CONTEXT, self.parameters).query

    def fit(self, sql: str, timezone: str = "UTC") -> Fitted:
        query = self.bound(sql)

        placements = {ref.rel: self.places[ref.table.name].placement for ref in table_refs(query)}
        engine = next(iter(self.places.values())).engine
        return fit(query, placements, shard="s1", home="n1", engine=engine, timezone=timezone)

    def run(self, sql: str, timezone: str = "UTC") -> Answer:
        """The query's rows, as text in PostgreSQL's spelling."""
        query = self.bound(sql)
        fitted = self.fit(sql, timezone)
        node = next(iter(self.places.values())).placement.node
        session = engine_named(node.engine).connect(node, timeout_s=5)
        tables: dict[str, pa.Table] = {}
        try:
            for part in fitted.parts:
                offender = fill(part.offender, self.values, fitted.literal) if part.offender else ""
                filled = fill(part.template, self.values, fitted.literal)
                fragment = Fragment(
                    "x0", node.name, "s1", "t", filled, part.schema, part.guard, offender, part.relations, part.views
                )
                tables[part.name] = pa.Table.from_batches(session.run(fragment), schema=part.schema)
        finally:
            session.close()
        done = tables["whole"] if fitted.residual is None else self._residual(fitted.residual, tables, timezone)
        return Answer(text_rows(done, [c.type for c in query.columns]), fitted)

    def _residual(self, query: Query, tables: Mapping[str, pa.Table], timezone: str) -> pa.Table:
        lowered = lower.lower(query, lambda ref: "nowhere", timezone=timezone)
        with merge_engine().cursor() as connection:
            for name, rows in tables.items():
                connection.register(name, rows)
            try:
                return connection.sql(fill(lowered.template, self.values, lower.literal)).to_arrow_table().cast(lowered.schema)
            except duckdb.Error as error:
                raise lower.translate(error) from error


@cache
def merge_engine() -> duckdb.DuckDBPyConnection:
    """The gateway's side of a residual, opened once: installing the functions takes 40 ms."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    lower.install(connection)
    return connection


def text_rows(rows: pa.Table, types: Sequence[SqlType]) -> Rows:
    style = TextStyle()
    columns = [[v for chunk in rows.column(i).chunks for v in array_text(chunk, t, style).to_pylist()] for i, t in enumerate(types)]
    return list(zip(*columns, strict=True))


def oracle_rows(connection: psycopg.Connection, sql: str) -> Rows:
    """What PostgreSQL answers, as text."""
    result = connection.pgconn.exec_(sql.encode())
    if result.status != psycopg.pq.ExecStatus.TUPLES_OK:
        raise psycopg.errors.lookup((result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b"XX000").decode())(sql)
    cells = [[result.get_value(r, c) for c in range(result.nfields)] for r in range(result.ntuples)]
    return [tuple(None if v is None else v.decode() for v in row) for row in cells]


def in_order(rows: Rows, sql: str) -> Rows:
    """The rows of a query as they came, if an ORDER BY of its own fixes them; else in an order of ours."""
    return rows if parse(sql)[0].node.sort_clause else sorted(rows, key=repr)


def write_sqlite(path: Path, name: str, declarations: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
    """A SQLite table; declarations are column types as SQLite has them, '' for none."""
    columns = ", ".join(f'"{n}" {t}' for n, t in declarations.items())
    with sqlite3.connect(path) as connection:
        connection.execute(f'CREATE TABLE "{name}" ({columns})')
        connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(declarations))})', rows)
    connection.close()
