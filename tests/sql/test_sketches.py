"""States of approximate aggregates keep what is documented of their accuracy, however the values are cut."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pytest

from fedgate.sql.lower import install
from fedgate.sql.numeric.sketches import LG_K, POINTS, RANK_ERROR, distinct_count, distinct_state, quantile, ranks_state

FRACTIONS = (0.0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0)


def cuts(n: int, parts: int, rng: np.random.Generator) -> list[Any]:
    """Places of n values in parts of very different sizes, the first the largest; some may be empty."""
    chosen = np.minimum(rng.geometric(0.6, n) - 1, parts - 1) if parts > 1 else np.zeros(n, int)
    return [np.flatnonzero(chosen == p) for p in range(parts)]


def skewed(kind: str, n: int, rng: np.random.Generator) -> Any:
    if kind == "lognormal":
        return rng.lognormal(0, 3, n)
    if kind == "few":
        return rng.zipf(1.5, n).clip(max=50).astype(float)
    return np.sort(rng.normal(size=n))  # the parts' ranges overlap, their order does not


# ------------------------------------------------------------------------------------------------ distinct values


@pytest.mark.parametrize("n", [0, 1, 7, 8, 500, 1500])
def test_few_values_are_counted_exactly(n: int) -> None:
    texts = [f"v{i}" for i in range(n)]
    assert distinct_count([distinct_state(texts[: n // 3]), distinct_state(texts[n // 4 :])]) == n


@pytest.mark.parametrize("n", [2_000, 20_000, 150_000])
def test_many_values_are_counted_within_three_standard_errors_wherever_they_lie(n: int) -> None:
    rng = np.random.default_rng(n)
    texts = np.array([f"device-{i}" for i in range(n)])
    found = set()
    for parts in (1, 2, 9):
        order = rng.permutation(n)
        states = [distinct_state([*texts[order[c]], *texts[:300]]) for c in cuts(n, parts, rng)]
        found.add(distinct_count(states))
        found.add(distinct_count(reversed(states)))
    (estimate,) = found
    assert abs(estimate - n) <= 3 * 1.04 / math.sqrt(2**LG_K) * n


def test_a_state_is_small() -> None:
    assert len(distinct_state(str(i) for i in range(50_000))) < 10_000


def test_the_empty_text_is_a_value() -> None:
    assert distinct_count([distinct_state([""]), distinct_state(["", "a"])]) == 2
    assert distinct_count([]) == 0


# ------------------------------------------------------------------------------------------------ ranks


def assert_near(values: Any, states: list[bytes], error: float) -> None:
    """The values found have ranks within `error` of what was asked, by the exact number of values below and up to them."""
    for fraction in FRACTIONS:
        found = quantile(states, fraction)
        assert found is not None
        below, upto = np.count_nonzero(values < found), np.count_nonzero(values <= found)
        assert below / len(values) - error <= fraction <= upto / len(values) + error, (fraction, found)


@pytest.mark.parametrize("kind", ["lognormal", "few", "sorted"])
@pytest.mark.parametrize("parts", [1, 3, 20])
@pytest.mark.parametrize("n", [600, 30_000])
def test_ranks_are_within_the_bound(kind: str, parts: int, n: int) -> None:
    rng = np.random.default_rng(parts + n)
    values = skewed(kind, n, rng)
    places = cuts(n, parts, rng)
    assert_near(values, [ranks_state(values[c]) for c in places], RANK_ERROR)


@pytest.mark.parametrize("kind", ["lognormal", "few"])
def test_values_with_counts_are_the_values(kind: str) -> None:
    values = skewed(kind, 10_000, np.random.default_rng(5))
    distinct, times = np.unique(values, return_counts=True)
    order = np.random.default_rng(6).permutation(len(distinct))
    assert ranks_state(distinct[order], times[order]) == ranks_state(values)


def test_few_values_are_ranked_exactly() -> None:
    values = np.random.default_rng(1).permutation(np.arange(1, POINTS + 1, dtype=float))
    states = [ranks_state(values[:100]), ranks_state(values[100:])]
    for fraction in FRACTIONS:
        assert quantile(states, fraction) == max(1, math.ceil(fraction * POINTS))


def test_the_order_of_parts_and_values_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    values = rng.lognormal(size=5_000)
    parts = [values[:4_000], values[4_000:4_010], values[4_010:]]
    whole = [[quantile([ranks_state(p) for p in order], f) for f in FRACTIONS] for order in (parts, parts[::-1])]
    assert whole[0] == whole[1] == [quantile([ranks_state(rng.permutation(p)) for p in parts], f) for f in FRACTIONS]


def test_smallest_and_largest_value_are_exact() -> None:
    values = np.random.default_rng(3).lognormal(0, 3, 20_000)
    states = [ranks_state(values[:15_000]), ranks_state(values[15_000:])]
    assert (quantile(states, 0.0), quantile(states, 1.0)) == (values.min(), values.max())


def test_odd_values_and_nothing() -> None:
    odd = ranks_state(np.array([math.nan, 1.0, -math.inf, math.inf]))
    assert [quantile([odd], f) for f in (0.25, 0.5, 0.75)] == [-math.inf, 1.0, math.inf]
    assert math.isnan(quantile([odd], 1.0) or 0.0)
    assert str(quantile([ranks_state(np.array([-0.0, 0.0]))], 0.0)) == "0.0"
    assert quantile([], 0.5) is None
    assert quantile([ranks_state(np.array([]))], 0.5) is None


# ------------------------------------------------------------------------------------------------ as UDFs


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = duckdb.connect()
    install(made)
    yield made
    made.close()


def test_null_and_empty_lists(connection: duckdb.DuckDBPyConnection) -> None:
    rows = "(VALUES (1, NULL), (2, []), (3, [2.0, 1.0]), (4, NULL), (5, [7.0])) v(i, l)"
    query = (
        "SELECT sketch_quantile([sketch_ranks(CAST(l AS DOUBLE[]))], 0.5),"
        f" sketch_distinct_count([sketch_distinct(CAST(l AS VARCHAR[]))]) FROM {rows} ORDER BY i"
    )
    assert connection.sql(query).fetchall() == [(None, 0), (None, 0), (1.0, 2), (None, 0), (7.0, 1)]
    assert connection.sql("SELECT sketch_quantile(NULL, 0.5), sketch_distinct_count(NULL)").fetchall() == [(None, 0)]
