"""What PostgreSQL and the binder say of a statement before it runs: columns and parameters, or the error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import pq

from fedgate.errors import SqlError
from fedgate.schema import Column, Table, View
from fedgate.sql.bind import BindContext, bind
from fedgate.sql.parse import parse
from fedgate.sql.tree import BoundQuery
from fedgate.types import SqlType, described
from tests.oracle.compare import kind_of


@dataclass(frozen=True)
class Described:
    """Columns are (name, type OID, type modifier, the OID and attnum of the table's or view's column that it plainly is)."""

    columns: tuple[tuple[str, int, int, tuple[int, int]], ...]
    parameters: tuple[int, ...]


@dataclass(frozen=True)
class Refused:
    sqlstate: str
    position: int | None


@dataclass(frozen=True)
class Statement:
    """`own` is fedgate's SQLSTATE where it is meant to differ from PostgreSQL's answer ("ok": it answers)."""

    sql: str
    own: str | None


def statements(path: Path) -> Iterator[Statement]:
    """Statements of a file, separated by blank lines; a line `-- fedgate: 0A000` before one says what differs."""
    for part in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        lines = part.strip().splitlines()
        own = next((line.removeprefix("-- fedgate: ") for line in lines if line.startswith("-- fedgate: ")), None)
        sql = "\n".join(line for line in lines if not line.startswith("-- "))
        if sql:
            yield Statement(sql, own)


class PostgresRelations:
    """Schemas `public` and `pg_catalog` of a PostgreSQL database, as the binder asks for them."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.found: dict[tuple[str, str], Table | View] = {}
        columns: dict[int, list[Column]] = {}
        query = (
            "select attrelid::int8, attnum, attname, atttypid::int8, atttypmod from pg_attribute a "
            "join pg_class c on c.oid = attrelid "
            "where attnum > 0 and relnamespace in ('public'::regnamespace, 'pg_catalog'::regnamespace) order by 1, 2"
        )
        for oid, number, column, type_, typmod in connection.execute(query).fetchall():
            columns.setdefault(oid, []).append(Column(number, column, SqlType(type_, typmod)))
        query = (
            "select c.oid::int8, nspname, relname, relkind::text, case when nspname = 'public' then pg_get_viewdef(c.oid) end "
            "from pg_class c join pg_namespace n on n.oid = relnamespace where nspname in ('public', 'pg_catalog') "
            "and relkind in ('r', 'v')"
        )
        for oid, schema, name, kind, text in connection.execute(query).fetchall():
            mine = tuple(columns.get(oid, ()))
            view = kind == "v" and schema == "public"
            made = (
                View(schema, name, text, oid, mine)
                if view
                else Table(schema, name, mine, oid, kind="virtual" if schema == "public" else "system")
            )
            self.found[schema, name] = made

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        places = ("pg_catalog", *search_path) if schema is None else (schema,)
        return next((self.found[place, name] for place in places if (place, name) in self.found), None)

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        return None

    def schema_exists(self, schema: str) -> bool:
        return schema in ("public", "pg_catalog")


def by_postgres(connection: psycopg.Connection, sql: str) -> Described | Refused:
    """Parse and Describe over the wire, nothing is run."""
    wire = connection.pgconn
    result = wire.prepare(b"", sql.encode())
    if result.status != pq.ExecStatus.COMMAND_OK:
        state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
        position = result.error_field(pq.DiagnosticField.STATEMENT_POSITION)
        return Refused(state.decode(), int(position) if position else None)
    result = wire.describe_prepared(b"")
    columns = tuple(
        ((result.fname(i) or b"").decode(), kind_of(result.ftype(i)), result.fmod(i), _origin(result, i))
        for i in range(result.nfields)
    )
    return Described(columns, tuple(result.param_type(i) for i in range(result.nparams)))


def _origin(result: pq.abc.PGresult, column: int) -> tuple[int, int]:
    """A whole row of a table, the column 0 in PostgreSQL, is a record of no table here."""
    attnum = result.ftablecol(column)
    return (result.ftable(column), attnum) if attnum else (0, 0)


def bind_or_none(relations: PostgresRelations, database: str, sql: str) -> BoundQuery | None:
    """The bound query, None when the statement is refused."""
    try:
        raw = parse(sql)
        return bind(raw[0], relations, BindContext(user="postgres", database=database)) if len(raw) == 1 else None
    except SqlError:
        return None


def by_binder(relations: PostgresRelations, database: str, sql: str) -> Described | Refused:
    try:
        raw = parse(sql)
        if len(raw) != 1:
            return Refused("42601", None)
        bound = bind(raw[0], relations, BindContext(user="postgres", database=database))
    except SqlError as exc:
        return Refused(exc.sqlstate, exc.position)
    columns = tuple(
        (c.name, kind_of(oid), typmod, c.origin or (0, 0)) for c in bound.columns for oid, typmod in [described(c.type)]
    )
    return Described(columns, tuple(p.oid for p in bound.parameters))
