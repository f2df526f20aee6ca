"""Column maps on every engine: other names, encodings, zones, expressions over inputs, absent columns, hidden ones."""

from __future__ import annotations

import duckdb
import psycopg
import pytest

from fedgate.catalog.model import ColumnMap, LocalColumn
from fedgate.schema import Column
from fedgate.sql.bind import bind_expression
from fedgate.sql.tree import Expr
from fedgate.types import parse_type
from tests.conftest import PostgresServer
from tests.nodes.dialects.bench import CONTEXT, Bench, OneTable, Place, encoded, table, write_sqlite

ENGINES = ("sqlite", "duckdb", "parquet", "postgres")
COLUMNS = {
    "dev": "text",
    "at": "timestamptz",
    "local": "timestamptz",
    "ns": "timestamp",
    "jd": "timestamptz",
    "dayu": "date",
    "temp": "double precision",
    "label": "text",
    "gone": "integer",
}
# device, unix_ms, local time in Berlin, unix_ns, julian day, unix_s of a day, Celsius
ROWS = (
    ("a", 1710000000123, "2024-03-31 01:59:59", 1710000000123456789, 2460380.5, 1709251200, 20.0),
    ("b", -1, "2024-03-31 03:00:00", -1, 2440587.5, -1, -40.0),
    ("c", 0, "2024-10-27 12:00:00", 999, 2451545.25, 86399, 1.5),
    ("d", None, None, None, None, None, None),
)
SHOWN = [
    (
        "a",
        "2024-03-09 16:00:00.123+00",
        "2024-03-31 00:59:59+00",
        "2024-03-09 16:00:00.123456",
        "2024-03-11 00:00:00+00",
        "2024-03-01",
    ),
    (
        "b",
        "1969-12-31 23:59:59.999+00",
        "2024-03-31 01:00:00+00",
        "1969-12-31 23:59:59.999999",
        "1970-01-01 00:00:00+00",
        "1969-12-31",
    ),
    ("c", "1970-01-01 00:00:00+00", "2024-10-27 11:00:00+00", "1970-01-01 00:00:00", "2000-01-01 18:00:00+00", "1970-01-01"),
    ("d", None, None, None, None, None),
]


def _expression(text: str, type_: str, inputs: dict[str, LocalColumn]) -> ColumnMap:
    columns = [Column(i, name, local.type) for i, (name, local) in enumerate(inputs.items(), 1)]
    bound: Expr = bind_expression(f"CAST(({text}) AS {type_})", columns, 0, CONTEXT)
    return ColumnMap(None, bound, tuple(inputs.values()))


def _maps(engine: str) -> dict[str, ColumnMap]:
    celsius = LocalColumn("temp_c", parse_type("double precision"))
    device = LocalColumn("device", parse_type("text"))
    local = encoded("local", "timestamptz", "iso8601" if engine == "sqlite" else None, "Europe/Berlin")
    return {
        "dev": ColumnMap(device),
        "at": encoded("ms", "timestamptz", "unix_ms"),
        "local": local,
        "ns": encoded("ns", "timestamp", "unix_ns"),
        "jd": encoded("jd", "timestamptz", "julian"),
        "dayu": encoded("dayu", "date", "unix_s"),
        "temp": _expression("temp_c * 9.0 / 5 + 32", "double precision", {"temp_c": celsius}),
        "label": _expression("upper(device) || '!'", "text", {"device": device}),
        "gone": ColumnMap(),
    }


@pytest.fixture(scope="module")
def benches(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bench]:
    directory = tmp_path_factory.mktemp("maps")
    names = ("device", "ms", "local", "ns", "jd", "dayu", "temp_c")
    write_sqlite(directory / "m.sqlite", "r", dict.fromkeys(names, ""), ROWS)
    types = ("text", "bigint", "timestamp", "bigint", "double precision", "bigint", "double precision")
    create = f"CREATE TABLE r ({', '.join(f'{n} {t}' for n, t in zip(names, types, strict=True))})"
    with duckdb.connect(str(directory / "m.duckdb")) as connection:
        connection.execute(create)
        connection.executemany("INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
        connection.execute(f"COPY r TO '{directory}/m.parquet'")
    dsn = postgres.create_database("maps")
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(create)
        with server.cursor() as cursor:
            cursor.executemany("INSERT INTO r VALUES (%s, %s, %s, %s, %s, %s, %s)", ROWS)
    urls = {"sqlite": "m.sqlite", "duckdb": "m.duckdb", "parquet": ""}
    target = table("t", COLUMNS)
    return {
        engine: Bench(
            OneTable({"t": target}),
            {
                "t": Place.of(
                    target,
                    engine,
                    dsn if engine == "postgres" else str(directory / urls[engine]),
                    "*.parquet" if engine == "parquet" else "r",
                    _maps(engine),
                )
            },
        )
        for engine in ENGINES
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_times(benches: dict[str, Bench], engine: str) -> None:
    got = benches[engine].run("SELECT dev, at, local, ns, jd, dayu FROM t ORDER BY dev").rows
    assert got == SHOWN


@pytest.mark.parametrize("engine", ENGINES)
def test_expressions_and_absent_columns(benches: dict[str, Bench], engine: str) -> None:
    got = benches[engine].run("SELECT dev, temp, label, gone, _node, _shard FROM t ORDER BY dev").rows
    assert got == [
        ("a", "68", "A!", None, "n1", "s1"),
        ("b", "-40", "B!", None, "n1", "s1"),
        ("c", "34.7", "C!", None, "n1", "s1"),
        ("d", None, "D!", None, "n1", "s1"),
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT dev FROM t WHERE temp > 34 ORDER BY dev", [("a",), ("c",)]),
        ("SELECT count(*), sum(temp) FROM t WHERE at >= '1970-01-01'", [("2", "102.7")]),
        ("SELECT dev FROM t WHERE local < '2024-03-31 01:00:00' ORDER BY dev", [("a",)]),
        ("SELECT dev FROM t WHERE local >= '2024-03-31 01:00:00' ORDER BY dev", [("b",), ("c",)]),
        ("SELECT dev FROM t WHERE jd = '2000-01-01 18:00:00'", [("c",)]),
        ("SELECT dev FROM t WHERE dayu < '1970-01-01'", [("b",)]),
        ("SELECT dev FROM t WHERE gone IS NULL AND label = 'B!'", [("b",)]),
        ("SELECT count(gone), count(temp), max(gone) FROM t", [("0", "3", None)]),
        ("SELECT gone, count(*) FROM t GROUP BY gone", [(None, "4")]),
        (
            "SELECT a.dev, b._node, b.temp FROM t a LEFT JOIN t b ON a.dev = b.dev AND b.temp > 60 WHERE a.dev < 'c' ORDER BY 1",
            [("a", "n1", "68"), ("b", None, None)],
        ),
        (
            "SELECT ns FROM t WHERE ns < '1970-01-01' OR ns > '1970-01-01' ORDER BY 1",
            [("1969-12-31 23:59:59.999999",), ("2024-03-09 16:00:00.123456",)],
        ),
    ],
)
def test_queries(benches: dict[str, Bench], engine: str, sql: str, wanted: list[tuple[str | None, ...]]) -> None:
    assert benches[engine].run(sql).rows == wanted


@pytest.mark.parametrize("engine", ENGINES)
def test_buckets_in_another_zone(benches: dict[str, Bench], engine: str) -> None:
    """No engine buckets by its own session's zone: what it cannot be told is done at the gateway."""
    answer = benches[engine].run(
        "SELECT date_trunc('day', at), count(*) FROM t WHERE dev < 'd' GROUP BY 1 ORDER BY 1", "Asia/Kolkata"
    )
    assert answer.rows == [("1969-12-31 18:30:00+00", "2"), ("2024-03-08 18:30:00+00", "1")]
    assert answer.whole == (engine != "sqlite")
