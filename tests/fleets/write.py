"""Writes one placement's rows into its engine. Values go in as PostgreSQL's text and are turned into the local form by SQL.

The local form of a column is an expression over `v`, its text: DuckDB computes it for the file engines.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from tests.fleets.layout import Engine, Stored
from tests.fleets.source import SourceColumn, SourceTable

Rows = Sequence[tuple[str | None, ...]]
_EPOCHS = {"unix_s": 1_000_000, "unix_ms": 1_000, "unix_us": 1}
_PARQUET_GROUP = 97


def local_columns(table: SourceTable, stored: dict[str, Stored]) -> list[tuple[int, SourceColumn, Stored]]:
    """The columns that exist at the node, with their place in the source's rows."""
    found = [(i, column, stored.get(column.name, Stored())) for i, column in enumerate(table.columns)]
    return [entry for entry in found if not entry[2].absent and (entry[2].expression is None or entry[2].input is not None)]


def local_name(column: SourceColumn, how: Stored) -> str:
    return how.input[0] if how.input else how.name or column.name


def write_file(engine: Engine, path: Path, relation: str, table: SourceTable, rows: Rows, stored: dict[str, Stored]) -> None:
    """Append a relation to a SQLite or DuckDB file, or write a directory of Parquet files."""
    columns = local_columns(table, stored)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        texts = {f"v{i}": pa.array([row[i] for row in rows], pa.string()) for i, _, _ in columns}
        connection.register("staging", pa.table({"place": pa.array(range(len(rows)), pa.int64()), **texts}))
        picked = ", ".join(
            f"{_numbered(duckdb_local(engine, c, how), i)} AS {_quoted(local_name(c, how))}" for i, c, how in columns
        )
        query = f"SELECT {picked} FROM staging ORDER BY place"
        if engine == "sqlite":
            _write_sqlite(path, relation, connection.execute(query).fetchall(), columns)
        elif engine == "duckdb":
            _write_duckdb(path, relation, connection, query)
        else:
            _write_parquet(path / relation, connection.sql(query).to_arrow_table())


def _write_sqlite(
    path: Path, relation: str, rows: list[tuple[object, ...]], columns: list[tuple[int, SourceColumn, Stored]]
) -> None:
    declared = ", ".join(f"{_quoted(local_name(c, how))} {_sqlite_type(c, how)}" for _, c, how in columns)
    connection = sqlite3.connect(path)
    try:
        connection.execute(f"CREATE TABLE {_quoted(relation)} ({declared})")
        connection.executemany(f"INSERT INTO {_quoted(relation)} VALUES ({', '.join('?' * len(columns))})", rows)
        connection.commit()
    finally:
        connection.close()


def _write_duckdb(path: Path, relation: str, connection: duckdb.DuckDBPyConnection, query: str) -> None:
    connection.execute(f"ATTACH '{path}' AS target")
    connection.execute(f"CREATE TABLE target.{_quoted(relation)} AS {query}")
    connection.execute("DETACH target")


def _write_parquet(directory: Path, rows: pa.Table) -> None:
    """Two files of small row groups, so that pruning has something to prune; an empty shard is one file without rows."""
    directory.mkdir(parents=True)
    half = rows.num_rows // 2
    for name, part in (("a", rows.slice(0, half)), ("b", rows.slice(half))):
        if part.num_rows or name == "b":
            pq.write_table(part, directory / f"{name}.parquet", row_group_size=_PARQUET_GROUP)


def duckdb_local(engine: Engine, column: SourceColumn, how: Stored) -> str:
    """DuckDB SQL over `v` that gives the value as the engine stores it."""
    if how.local is not None:
        return how.local
    moment = "CAST(v AS TIMESTAMPTZ)" if column.type.startswith("timestamp") else "CAST(CAST(v AS TIMESTAMP) AS TIMESTAMPTZ)"
    if how.encoding in _EPOCHS:
        return f"(epoch_us({moment}) // {_EPOCHS[how.encoding]})"
    if how.encoding == "unix_ns":
        return f"(epoch_us({moment}) * 1000)"
    if how.encoding == "julian":
        return f"(epoch_us({moment}) / 86400e6 + 2440587.5)"
    if how.zone is not None:
        local = f"timezone('{how.zone}', {moment})"
        return f"strftime({local}, '%Y-%m-%d %H:%M:%S.%f')" if engine == "sqlite" else local
    if how.encoding == "iso8601":
        return f"strftime(timezone('UTC', {moment}), '%Y-%m-%dT%H:%M:%S.%fZ')"
    return _sqlite_value(column) if engine == "sqlite" else _duckdb_value(column)


def _sqlite_value(column: SourceColumn) -> str:
    base = _base(column.type)
    if column.type.endswith("[]"):
        return f"CAST({_array(column)} AS JSON)::VARCHAR"
    if base == "boolean":
        return "CAST(CAST(v AS BOOLEAN) AS INTEGER)"
    if base in ("smallint", "integer", "bigint"):
        return "CAST(v AS BIGINT)"
    if base in ("real", "double precision"):
        return f"CAST(CAST(v AS {'REAL' if base == 'real' else 'DOUBLE'}) AS DOUBLE)"
    return "unhex(v[3:])" if base == "bytea" else "v"


def _duckdb_value(column: SourceColumn) -> str:
    base = _base(column.type)
    if column.type.endswith("[]"):
        return _array(column)
    if base == "bytea":
        return "unhex(v[3:])"
    if base == "interval":
        return "CAST(replace(replace(replace(v, '+', ''), 'mons', 'months'), 'mon ', 'month ') AS INTERVAL)"
    return f"CAST(v AS {_duckdb_type(column.type)})"


def _array(column: SourceColumn) -> str:
    """A one-dimensional array of numbers or plain words: brackets are all that differs from DuckDB's text."""
    return f"CAST(translate(v, '{{}}', '[]') AS {_duckdb_type(column.type[:-2])}[])"


def _duckdb_type(spelling: str) -> str:
    base = _base(spelling)
    if base == "numeric" and "(" not in spelling:
        raise ValueError("DuckDB has no numeric without a scale: store it as text")
    named = {
        "timestamp with time zone": "TIMESTAMPTZ",
        "timestamp without time zone": "TIMESTAMP",
        "time without time zone": "TIME",
        "character varying": "VARCHAR",
        "character": "VARCHAR",
        "double precision": "DOUBLE",
        "jsonb": "JSON",
    }
    return named.get(base) or (spelling if base == "numeric" else base)


def _base(spelling: str) -> str:
    """The type's name without its modifier: `timestamp(3) with time zone` is `timestamp with time zone`."""
    return re.sub(r"\(.*?\)", "", spelling).removesuffix("[]")


def _sqlite_type(column: SourceColumn, how: Stored) -> str:
    base = _base(how.input[1] if how.input else column.type)
    if how.encoding in ("julian",) or base in ("real", "double precision"):
        return "REAL"
    integral = how.encoding is not None and how.encoding.startswith("unix")
    if integral or (base in ("boolean", "smallint", "integer", "bigint") and how.local is None) or base in ("integer", "bigint"):
        return "INTEGER"
    return "BLOB" if base == "bytea" else "TEXT"


def write_postgres(
    connection: psycopg.Connection, relation: str, table: SourceTable, rows: Rows, stored: dict[str, Stored]
) -> None:
    """Make a table of the connection's database with those rows."""
    columns = local_columns(table, stored)
    connection.execute("CREATE TEMP TABLE staging (%s)" % ", ".join(f"v{i} text" for i, _, _ in columns))  # noqa: UP031
    with connection.cursor() as cursor, cursor.copy("COPY staging FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[i] for i, _, _ in columns])
    picked = sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(
            sql.SQL(_numbered(_postgres_local(c, how), i)),
            sql.Identifier(local_name(c, how)),
        )
        for i, c, how in columns
    )
    connection.execute(sql.SQL("CREATE TABLE {} AS SELECT {} FROM staging").format(sql.Identifier(relation), picked))
    connection.execute("DROP TABLE staging")


def _postgres_local(column: SourceColumn, how: Stored) -> str:
    if how.local is not None:
        return how.local
    if how.encoding in _EPOCHS:
        return f"(extract(epoch from v::timestamptz) * {1_000_000 // _EPOCHS[how.encoding]})::bigint"
    if how.zone is not None:
        return f"(v::timestamptz AT TIME ZONE '{how.zone}')"
    return f"v::{column.type}"


def _numbered(local: str, place: int) -> LiteralString:
    """The local form, over the staging column of that place. Made of constants of this package only."""
    numbered: LiteralString = re.sub(r"\bv\b", f"v{place}", local)
    return numbered


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
