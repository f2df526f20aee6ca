"""The table `t` with NULLs and extremes in every type, at one node of each engine and in PostgreSQL 15, the oracle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg

from fedgate.catalog.model import ColumnMap
from fedgate.schema import Table
from tests.nodes.dialects.bench import Bench, OneTable, Place, encoded, table, write_sqlite

COLUMNS = {
    "id": "integer",
    "b": "bigint",
    "s": "smallint",
    "f": "double precision",
    "r": "real",
    "x": "text",
    "v": "varchar(5)",
    "ok": "boolean",
    "bin": "bytea",
    "day": "date",
    "ts": "timestamptz",
    "tm": "timestamptz",
    "tu": "timestamp",
    "tn": "timestamp",
    "iso": "timestamptz",
    "n": "numeric(10,2)",
    "u": "uuid",
}
UUID = "00112233-4455-6677-8899-aabbccddeeff"
# As SQLite stores them: times as integers in their units, `n` in all three storage classes.
ROWS: tuple[tuple[object, ...], ...] = (
    (
        1,
        10,
        1,
        1.5,
        1.5,
        "abc",
        "v1",
        1,
        b"\x00\xff",
        "2024-03-01",
        1709251200,
        1709251200500,
        1,
        1999,
        "2024-03-01T00:00:00Z",
        "12.34",
        UUID,
    ),
    (2, 2**63 - 1, -5, -0.0, 0.5, "ABC", "v2", 0, b"", "2024-02-29", 1709337599, -1, -1, -1, "2024-02-29 23:00:00-05", 5, None),
    (3, -(2**63), None, 1e308, None, "é%_*[", "", None, None, None, None, None, None, None, None, None, UUID),
    (
        None,
        None,
        32767,
        None,
        3e38,
        None,
        None,
        "true",
        b"a",
        "1999-12-31",
        -1,
        31536000000,
        0,
        0,
        "1999-12-31 23:59:59.999999",
        99.99,
        None,
    ),
    (
        2**31 - 1,
        5,
        -32768,
        float("inf"),
        -1.0,
        "it's \\ x",
        "12345",
        "false",
        b"\xff",
        "0001-01-01",
        0,
        0,
        10**15,
        10**18,
        "infinity",
        -0.5,
        None,
    ),
    (
        -(2**31),
        0,
        0,
        -1e-300,
        0.0,
        "",
        None,
        1,
        b"b",
        "9999-12-31",
        253402300799,
        1709251199999,
        1000,
        1000,
        "0044-03-15 00:00:00 BC",
        0,
        None,
    ),
    (
        7,
        7,
        7,
        0.1,
        0.25,
        "12",
        "12",
        0,
        b"c",
        "2024-12-30",
        1735516800,
        1735516800001,
        1709251200000000,
        1001,
        "2024-12-30 12:00:00+14",
        "0.10",
        UUID,
    ),
    (
        7,
        -7,
        7,
        3.0,
        2.0,
        "-x",
        "é",
        1,
        b"c",
        "2024-03-01",
        1709251201,
        1709251201000,
        1709251200000001,
        2000,
        "2024-03-01 00:00:00.5+00",
        5.25,
        None,
    ),
)
MAPS = {
    "ts": encoded("ts", "timestamptz", "unix_s"),
    "tm": encoded("tm", "timestamptz", "unix_ms"),
    "tu": encoded("tu", "timestamp", "unix_us"),
    "tn": encoded("tn", "timestamp", "unix_ns"),
}
_DECLARED = {"id": "INTEGER", "b": "INTEGER", "s": "INTEGER", "f": "REAL", "x": "TEXT", "v": "TEXT COLLATE NOCASE", "day": "TEXT"}


@dataclass
class World:
    """`benches` by engine; `oracle` has the same rows, and the hidden columns as plain ones."""

    benches: dict[str, Bench]
    oracle: psycopg.Connection


def make_world(directory: Path, dsn: str) -> World:
    """Writes the table to all places. What SQLite's session reads of it is what the others are given."""
    target = table("t", COLUMNS)
    path = directory / "t.sqlite"
    write_sqlite(path, "t", {c: _DECLARED.get(c, "") for c in COLUMNS}, ROWS)
    sqlite = _bench(target, "sqlite", str(path), "t", MAPS)
    rows = sqlite.run("SELECT * FROM t").rows
    oracle = psycopg.connect(dsn, autocommit=True)
    oracle.execute("SET TimeZone = 'UTC'")
    columns = ", ".join(f'"{n}" {t}' for n, t in COLUMNS.items())
    oracle.execute(f"CREATE TABLE t ({columns}, _shard text DEFAULT 's1', _node text DEFAULT 'n1')")
    for row in rows:
        oracle.execute(f"INSERT INTO t VALUES ({', '.join(['%s'] * len(row))})", row)
    _write_duckdb(directory, rows)
    return World(
        {
            "sqlite": sqlite,
            "duckdb": _bench(target, "duckdb", str(directory / "t.duckdb"), "t"),
            "parquet": _bench(target, "parquet", str(directory), "*.parquet"),
            "postgres": _bench(target, "postgres", dsn, "t"),
        },
        oracle,
    )


def _bench(target: Table, engine: str, url: str, relation: str, maps: dict[str, ColumnMap] | None = None) -> Bench:
    return Bench(OneTable({"t": target}), {"t": Place.of(target, engine, url, relation, maps)})


def _write_duckdb(directory: Path, rows: list[tuple[str | None, ...]]) -> None:
    types = {"numeric(10,2)": "DECIMAL(10,2)", "bytea": "BLOB", "timestamptz": "TIMESTAMPTZ"}
    columns = ", ".join(f'"{n}" {types.get(t, t)}' for n, t in COLUMNS.items())
    with duckdb.connect(str(directory / "t.duckdb")) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE t ({columns})")
        binary = list(COLUMNS).index("bin")
        marks = ", ".join("unhex(?)" if i == binary else "?" for i in range(len(COLUMNS)))
        for row in rows:
            values = [v[2:] if i == binary and v is not None else _duck_text(v) for i, v in enumerate(row)]
            connection.execute(f"INSERT INTO t VALUES ({marks})", values)
        connection.execute(f"COPY t TO '{directory}/t.parquet'")


def _duck_text(value: str | None) -> str | None:
    """PostgreSQL writes an era at the end, DuckDB reads it behind the date."""
    if value is None or not value.endswith(" BC"):
        return value
    day, _, time = value.removesuffix(" BC").partition(" ")
    return f"{day} (BC) {time}"
