"""Parameters are written for what they are compared with: one fitted template serves every value."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from fedgate.errors import SqlError
from fedgate.types.values import TIMESTAMP_INFINITY, Value
from tests.nodes.dialects.bench import oracle_rows
from tests.nodes.dialects.world import World

ENGINES = ("sqlite", "duckdb", "parquet", "postgres")
_MARCH = 1_709_251_200_000_000
# SQL over $1, its type, and values as (Python value, PostgreSQL literal).
CASES: tuple[tuple[str, int, tuple[tuple[Value, str], ...]], ...] = (
    *(
        (
            f"ts {op} $1",
            1184,
            ((_MARCH, "'2024-03-01'"), (_MARCH - 500_000, "'2024-02-29 23:59:59.5'"), (TIMESTAMP_INFINITY, "'infinity'")),
        )
        for op in ("=", "<>", "<", "<=", ">", ">=")
    ),
    *((f"tn {op} $1", 1114, ((1, "'1970-01-01 00:00:00.000001'"), (None, "NULL"))) for op in ("=", "<=", ">", ">=")),
    *((f"iso {op} $1", 1184, ((_MARCH, "'2024-03-01'"), (-TIMESTAMP_INFINITY, "'-infinity'"))) for op in ("=", "<", ">=")),
    *((f"id {op} $1", 1700, ((Decimal("6.5"), "6.5"), (Decimal(7), "7"), (Decimal("NaN"), "'NaN'"))) for op in ("=", "<", ">=")),
    *(
        (f"n {op} $1", 1700, ((Decimal("5.25"), "5.25"), (Decimal("NaN"), "'NaN'"), (Decimal("-0.5"), "-0.5")))
        for op in ("=", "<", ">=")
    ),
    *((f"f {op} $1", 701, ((0.1, "0.1"), (float("nan"), "'NaN'"), (float("inf"), "'Infinity'"))) for op in ("=", "<", ">=")),
    *((f"day {op} $1", 1082, ((19783, "'2024-03-01'"), (-(2**31) + 1, "'-infinity'"), (None, "NULL"))) for op in ("=", "<", ">=")),
    ("x LIKE $1", 25, (("é%", "'é%'"), ("_BC", "'_BC'"), ("%\\\\%", "'%\\\\%'"))),
    ("x > $1", 25, (("12", "'12'"), ("", "''"))),
    ("ok = $1", 16, ((True, "true"), (None, "NULL"))),
    ("bin = $1", 17, ((b"\xff", "'\\xff'"), (b"", "''"))),
    ("id = ANY ($1)", 1007, (((1, 7, None), "'{1,7,NULL}'"), ((), "'{}'"), (None, "NULL"))),
    ("ts <> ALL ($1)", 1185, (((_MARCH, _MARCH + 1), "'{2024-03-01,2024-03-01 00:00:00.000001}'"), ((), "'{}'"))),
    (
        "iso = ANY ($1)",
        1185,
        (
            ((_MARCH, None), "'{2024-03-01,NULL}'"),
            ((-TIMESTAMP_INFINITY, 946684799999999), "'{-infinity,1999-12-31 23:59:59.999999}'"),
            ((), "'{}'"),
            (None, "NULL"),
        ),
    ),
    ("NOT (iso = ANY ($1))", 1185, (((_MARCH, None), "'{2024-03-01,NULL}'"), ((_MARCH,), "'{2024-03-01}'"), ((), "'{}'"))),
    *(
        (
            predicate,
            1231,
            (
                ((Decimal("12.340"), Decimal("5.001"), None), "'{12.340,5.001,NULL}'"),
                ((Decimal("NaN"), Decimal("1e30"), Decimal(5)), "'{NaN,1e30,5}'"),
                ((Decimal("NaN"), None), "'{NaN,NULL}'"),
                ((Decimal("-Infinity"), Decimal("99.99")), "'{-Infinity,99.99}'"),
                ((), "'{}'"),
                (None, "NULL"),
            ),
        )
        for predicate in ("n = ANY ($1)", "n <> ALL ($1)", "n = ANY ($1) OR id > 100", "(n / 1) = ANY ($1)", "NOT n = ANY ($1)")
    ),
    ("f = ANY ($1)", 1022, (((float("nan"), -0.0, None), "'{NaN,-0,NULL}'"), ((1e308, 1.5), "'{1e308,1.5}'"))),
    ("x = ANY ($1) AND id > 0", 1009, ((("abc", "é%_*[", ""), "'{abc,é%_*[,\"\"}'"), ((None,), "'{NULL}'"))),
    (
        "s = ANY ($1)",
        1016,
        (((1, -5, 2**40), "'{1,-5,1099511627776}'"), (tuple(range(1500)), "(SELECT array_agg(i) FROM generate_series(0, 1499) i)")),
    ),
    ("f + $1 > 2 AND f < 10", 701, ((1.0, "1"), (0.5, "0.5"))),
)
ARRAYS = {1007: "int4[]", 1009: "text[]", 1016: "int8[]", 1022: "float8[]", 1185: "timestamptz[]", 1231: "numeric[]"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("predicate", "oid", "values"), CASES)
def test_values(world: World, engine: str, predicate: str, oid: int, values: tuple[tuple[Value, str], ...]) -> None:
    for value, text in values:
        bench = replace(world.benches[engine], values={"1": value}, parameters=(oid,))
        sql = "SELECT id, s, x FROM t WHERE {} ORDER BY id, s, x"
        type_name = {
            1184: "timestamptz",
            1114: "timestamp",
            1700: "numeric",
            701: "float8",
            1082: "date",
            25: "text",
            16: "bool",
        }.get(oid)
        type_name = type_name or {17: "bytea", **ARRAYS}[oid]
        wanted = oracle_rows(world.oracle, sql.format(predicate.replace("$1", f"CAST({text} AS {type_name})")))
        assert bench.run(sql.format(predicate)).rows == wanted, (value, text)


@pytest.mark.parametrize("engine", ENGINES)
def test_limits(world: World, engine: str) -> None:
    bench = world.benches[engine]
    sql = "SELECT x FROM t WHERE x > '' ORDER BY x LIMIT $1"
    assert len(replace(bench, values={"1": 2}, parameters=(20,)).run(sql).rows) == 2
    assert len(replace(bench, values={"1": None}, parameters=(20,)).run(sql).rows) == 6
    with pytest.raises(SqlError) as caught:
        replace(bench, values={"1": -1}, parameters=(20,)).run(sql)
    assert caught.value.sqlstate == "2201W"
