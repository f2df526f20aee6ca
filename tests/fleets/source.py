"""Tables whose rows fill fleets: read from PostgreSQL, as the text that PostgreSQL writes, untouched by other readers."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """`type` in format_type's spelling."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class SourceTable:
    """`rows` hold PostgreSQL's text of each value, None for NULL."""

    name: str
    columns: tuple[SourceColumn, ...]
    rows: tuple[tuple[str | None, ...], ...]

    def index(self, column: str) -> int:
        return [c.name for c in self.columns].index(column)


def read_tables(connection: psycopg.Connection) -> dict[str, SourceTable]:
    """Every table of schema public, its rows in the order of the heap."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    return {name: _read(connection, name) for (name,) in names}


def read_views(connection: psycopg.Connection) -> dict[str, str]:
    """The text of every view of schema public."""
    rows = connection.execute("SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'").fetchall()
    return {name: text.rstrip().rstrip(";") for name, text in rows}


def _read(connection: psycopg.Connection, name: str) -> SourceTable:
    columns = tuple(
        SourceColumn(column, spelling)
        for column, spelling in connection.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            (f'public."{name}"',),
        )
    )
    # json_array_elements would lose nothing, but a text cast of each column is what the wire shows.
    picked = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c.name)) for c in columns)
    rows = connection.execute(sql.SQL("SELECT {} FROM {}").format(picked, sql.Identifier("public", name))).fetchall()
    return SourceTable(name, columns, tuple(rows))
