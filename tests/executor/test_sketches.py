"""approx_count_distinct and approx_percentile over shards of every engine, one far larger than the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fedgate.errors import SqlError
from fedgate.nodes.dialects.fit import fit
from fedgate.planner import make_plan
from fedgate.sql.bind import BindContext, bind
from fedgate.sql.numeric.sketches import RANK_ERROR
from fedgate.sql.parse import parse
from tests.conftest import PostgresServer
from tests.executor.helpers import TABLE, Gateway, node, placement

ROWS = {"a": 12_000, "b": 700, "c": 40, "p": 900, "e": 0}
Rows = list[tuple[str | None, float | None, int]]


def rows_of(shard: str) -> Rows:
    """Device in g0…g2 (c has only g0), temp log-normal or NULL, n with many repeats."""
    rng = np.random.default_rng(ord(shard))
    count = ROWS[shard]
    temps = rng.lognormal(1, 2, count)
    return [
        (f"g{i % 3 if shard != 'c' else 0}", None if i % 11 == 0 else float(temps[i]), int(rng.zipf(1.3)) % 100_000)
        for i in range(count)
    ]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Gateway]:
    """Shards a and e on SQLite, b on DuckDB, c on Parquet, p on PostgreSQL."""
    place = tmp_path_factory.mktemp("sketches")
    for shard in "ae":
        with sqlite3.connect(place / f"{shard}.db") as lite:
            lite.execute("CREATE TABLE r (device TEXT, temp REAL, n INTEGER)")
            lite.executemany("INSERT INTO r VALUES (?, ?, ?)", rows_of(shard))
        lite.close()
    with duckdb.connect(str(place / "b.duckdb")) as duck:
        duck.register("given", _table("b"))
        duck.execute("CREATE TABLE r AS SELECT * FROM given").fetchall()
    (place / "c" / "r").mkdir(parents=True)
    pq.write_table(_table("c"), place / "c" / "r" / "1.parquet")
    dsn = postgres.create_database("sketches")
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("CREATE TABLE r (device text, temp double precision, n integer)")
        with server.cursor() as cursor:
            cursor.executemany("INSERT INTO r VALUES (%s, %s, %s)", rows_of("p"))
        info = server.info
        url = f"postgresql://{info.user}@{info.host}:{info.port}/{info.dbname}"
    made = Gateway(
        TABLE,
        node("a", "sqlite", place / "a.db"),
        node("b", "duckdb", place / "b.duckdb"),
        node("c", "parquet", place / "c"),
        node("e", "sqlite", place / "e.db"),
        node("p", "postgres", url),
        *(placement(shard) for shard in ROWS),
    )
    yield made
    made.executor.close()


def _table(shard: str) -> Any:
    device, temp, n = zip(*rows_of(shard), strict=True)
    return pa.table({"device": device, "temp": pa.array(temp, pa.float64()), "n": pa.array(n, pa.int32())})


ALL = [row for shard in ROWS for row in rows_of(shard)]


def assert_rank(found: float, values: list[float], fraction: float) -> None:
    exact = np.array(values)
    below, upto = np.count_nonzero(exact < found) / len(exact), np.count_nonzero(exact <= found) / len(exact)
    assert below - RANK_ERROR <= fraction <= upto + RANK_ERROR


@pytest.mark.parametrize("fraction", [0, 0.01, 0.5, 0.95, 1])
def test_percentiles_of_groups_are_within_the_bound(fleet: Gateway, fraction: float) -> None:
    found = fleet.rows(
        f"SELECT device, approx_percentile(temp, {fraction}), approx_percentile(n, {fraction}) FILTER (WHERE temp > 3), count(*)"
        " FROM r GROUP BY device ORDER BY device"
    )
    assert [row[0] for row in found] == ["g0", "g1", "g2"]
    for device, temp, n, count in found:
        mine = [row for row in ALL if row[0] == device]
        assert_rank(temp, [t for _, t, _ in mine if t is not None], fraction)
        assert_rank(n, [float(n) for _, t, n in mine if t is not None and t > 3], fraction)
        assert count == len(mine)


def test_distinct_values_are_counted_within_the_bound(fleet: Gateway) -> None:
    found = fleet.rows(
        "SELECT device, approx_count_distinct(temp), approx_count_distinct(n) FILTER (WHERE temp < 1),"
        " approx_count_distinct(device) FROM r GROUP BY device ORDER BY device"
    )
    for device, temps, few, one in found:
        mine = [row for row in ALL if row[0] == device]
        exact = len({t for _, t, _ in mine if t is not None})
        assert abs(temps - exact) <= 3 * 0.0082 * exact
        assert few == len({n for _, t, n in mine if t is not None and t < 1})
        assert one == 1


def test_answers_repeat_and_distinct_counts_do_not_depend_on_placement(fleet: Gateway) -> None:
    text = "SELECT approx_count_distinct(temp), approx_percentile(temp, 0.3) FROM r"
    (first,) = {tuple(fleet.rows(text)[0]) for _ in range(3)}
    # Over a subquery with LIMIT the gateway computes it itself, of all rows.
    assert fleet.rows("SELECT approx_count_distinct(temp) FROM (SELECT temp FROM r LIMIT 1000000) x") == [(first[0],)]


def test_no_rows_and_nulls(fleet: Gateway) -> None:
    text = "SELECT approx_count_distinct(temp), approx_percentile(temp, 0.5), approx_percentile(temp, NULL) FROM r WHERE "
    assert fleet.rows(text + "n < 0") == [(0, None, None)]
    assert fleet.rows(text + "temp IS NULL") == [(0, None, None)]
    assert fleet.rows(text + "n < 0 GROUP BY device") == []


def test_beside_other_aggregates_and_distinct(fleet: Gateway) -> None:
    values = {n for _, _, n in ALL}
    (row,) = fleet.rows(
        "SELECT count(DISTINCT n), approx_count_distinct(DISTINCT n), approx_percentile(DISTINCT n, 1), sum(n), count(temp) FROM r"
    )
    assert (row[0], row[3], row[4]) == (len(values), sum(n for _, _, n in ALL), sum(t is not None for _, t, _ in ALL))
    assert abs(row[1] - len(values)) <= 3 * 0.0082 * len(values)
    assert row[2] == max(values)


@pytest.mark.parametrize(
    ("call", "sqlstate"),
    [
        ("approx_percentile(temp, 1.5)", "22003"),
        ("approx_percentile(temp, -0.1)", "22003"),
        ("approx_percentile(temp, 'NaN')", "22003"),
        ("approx_percentile(temp, n)", "22023"),
        ("approx_percentile(temp, n) OVER ()", "22023"),
        ("approx_percentile(device, 0.5)", "42883"),
        ("approx_percentile(temp, ARRAY[0.5])", "42883"),
        ("approx_count_distinct(*)", "42883"),
        ("approx_count_distinct()", "42883"),
        ("approx_count_distinct(temp) WITHIN GROUP (ORDER BY n)", "42883"),
    ],
)
def test_errors(fleet: Gateway, call: str, sqlstate: str) -> None:
    with pytest.raises(SqlError) as caught:
        fleet.rows(f"SELECT {call} FROM r")
    assert caught.value.sqlstate == sqlstate


def test_equal_values_of_different_spelling_are_one(fleet: Gateway) -> None:
    for values in (
        "('1.0'::numeric), ('1.00'), ('1')",
        "('1 day'::interval), ('24:00:00')",
        "('a'::char(3)), ('a  ')",
        "('0'::float8), ('-0')",
        "('NaN'::float8), ('NaN')",
        "('2024-03-10 12:00+00'::timestamptz), ('2024-03-10 13:00+01')",
        """('{"a": 1, "b": 2}'::jsonb), ('{"b": 2, "a": 1}')""",
    ):
        assert fleet.rows(f"SELECT approx_count_distinct(v) FROM (VALUES {values}) x(v)") == [(1,)], values
    for values in ("('a'), (''), (NULL)", "(true), (false)", "(ARRAY[1]), (ARRAY[1, 2])", "('\\x00'::bytea), ('\\x0000')"):
        assert fleet.rows(f"SELECT approx_count_distinct(v) FROM (VALUES {values}) x(v)") == [(2,)], values


@pytest.mark.parametrize(("shard", "whole"), [("b", True), ("c", True), ("a", False), ("p", False)])
def test_engines_without_sketches_send_values_with_counts(fleet: Gateway, shard: str, whole: bool) -> None:
    (raw,) = parse("SELECT device, approx_percentile(temp, 0.5), sum(n) FROM r GROUP BY device")
    plan = make_plan(bind(raw, fleet.snapshot, BindContext(("public",))), fleet.snapshot)
    plain = [e for e in plan.exchanges if "state" not in str(e.block)]
    (states,) = [e for e in plan.exchanges if e not in plain]
    assert len(plain) == 1
    sharded = next(s for s in fleet.snapshot.shards(states.sharded) if s.name == shard)  # type: ignore[arg-type]
    (at,) = sharded.placements
    assert states.sharded_rel is not None
    fitted = fit(states.block, {states.sharded_rel: at}, shard=shard, home=shard, engine=at.node.engine)
    assert [part.name for part in fitted.parts] == ["whole" if whole else "values"]
    assert (fitted.residual is None) == whole
