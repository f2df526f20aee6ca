"""Merged moments are those of the whole, however the values are cut, where sums of squares would lose every digit."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import duckdb
import numpy as np
import pytest

from fedgate.errors import SqlError
from fedgate.sql.lower import install
from fedgate.sql.numeric.moments import merge


def part(values: Sequence[float]) -> list[float]:
    """Number, mean and variance, exact but for the last rounding."""
    exact = [Fraction(v) for v in values]
    mean = sum(exact) / len(exact)
    return [float(len(exact)), float(mean), float(sum((x - mean) ** 2 for x in exact) / len(exact))]


@pytest.mark.parametrize("base", [0.0, 1e9, -1e12])
@pytest.mark.parametrize("cuts", [1, 2, 7])
def test_near_equal_values(base: float, cuts: int) -> None:
    rng = random.Random(f"{base} {cuts}")
    values = [base + rng.random() for _ in range(210)]
    rows = np.array([part(values[i::cuts]) for i in range(cuts)])
    found = merge(np.array([cuts]), rows)
    n, mean, variance = part(values)
    assert found.n[0] == n
    assert found.mean_x[0] == pytest.approx(mean, rel=1e-15)
    # A mean is known to half of its last place, which the distances between means inherit; they are below 1/2 here.
    assert found.sxx[0] == pytest.approx(variance * n, rel=1e-9, abs=n * float(np.spacing(abs(base))))


def test_groups_do_not_mix() -> None:
    rows = np.array([part([1.0, 2.0]), part([5.0]), part([7.0, 9.0])])
    found = merge(np.array([1, 2]), rows)
    assert list(found.n) == [2, 3]
    assert list(found.sxx) == [0.5, 8.0]


def test_finite_values_that_overflow() -> None:
    with pytest.raises(SqlError, match="overflow") as caught:
        merge(np.array([2]), np.array([part([1e200]), part([-1e200])]))
    assert caught.value.sqlstate == "22003"


def test_null_and_empty_groups() -> None:
    connection = duckdb.connect()
    install(connection)
    rows = "(VALUES (1, NULL), (2, [[1.0, 4.0, 0.0]]), (3, [[1.0, 4.0, 0.0], [1.0, 6.0, 0.0]]), (4, NULL)) v(i, l)"
    query = f"SELECT merge_var_samp(CAST(l AS DOUBLE[][])), merge_var_pop(CAST(l AS DOUBLE[][])) FROM {rows} ORDER BY i"
    assert connection.sql(query).fetchall() == [(None, None), (None, 0.0), (2.0, 1.0), (None, None)]
    connection.close()
