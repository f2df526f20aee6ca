"""Merges of partial moments of floats: number, mean and sum of squared deviations of each part, by Chan's formulas.

The parts of one group come as a list of rows `[n, mean, variance]`, or `[n, mean x, mean y, Sxx, Syy, Sxy]` of pairs, each of n > 0
values, in the order in which they are folded. Sums of squares never travel: their difference would lose every digit. The finals are
those of PostgreSQL's float.c.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.sql.functions.udf import define

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
_ROWS = "DOUBLE[][]"


@dataclass(frozen=True, slots=True)
class Moments:
    """Of each group: number of values, means, and sums of products of deviations. `sy`, `syy`, `sxy` are of pairs only."""

    n: Floats
    mean_x: Floats
    sxx: Floats
    mean_y: Floats
    syy: Floats
    sxy: Floats


class _Groups:
    """The parts of all groups, flat, and where each group begins."""

    def __init__(self, sizes: np.ndarray[Any, np.dtype[np.int64]], n: Floats) -> None:
        self.starts = np.cumsum(sizes) - sizes
        self.of = np.repeat(np.arange(len(sizes)), sizes)
        self.n = n
        self.total = self.sum(n)

    def sum(self, parts: Floats) -> Floats:
        return np.add.reduceat(parts, self.starts)

    def center(self, means: Floats) -> tuple[Floats, Floats]:
        """Each group's mean, and each part's distance from it; by way of the first part, so that large means lose nothing."""
        first = means[self.starts]
        away = means - first[self.of]
        shift = self.sum(self.n * away) / self.total
        return first + shift, away - shift[self.of]


def merge(sizes: np.ndarray[Any, np.dtype[np.int64]], rows: Floats) -> Moments:
    """`rows` has 3 or 6 columns; no size is 0. SqlError 22003 where finite values leave the range of floats."""
    with np.errstate(all="ignore"):
        groups = _Groups(sizes, rows[:, 0])
        if rows.shape[1] == 3:
            inner = rows[:, 0] * rows[:, 2]
            mean, away = groups.center(rows[:, 1])
            nothing = np.zeros_like(mean)
            found = Moments(groups.total, mean, groups.sum(inner + groups.n * away * away), nothing, nothing, nothing)
            overflown = np.isinf(rows[:, 1]) & ~np.isnan(inner)
        else:
            (mean_x, dx), (mean_y, dy) = groups.center(rows[:, 1]), groups.center(rows[:, 2])
            inner = rows[:, 3:]
            sxx, syy, sxy = (groups.sum(inner[:, i] + groups.n * a * b) for i, (a, b) in enumerate(((dx, dx), (dy, dy), (dx, dy))))
            found = Moments(groups.total, mean_x, sxx, mean_y, syy, sxy)
            overflown = np.isinf(rows[:, 1]) & ~np.isnan(inner[:, 0]) | np.isinf(rows[:, 2]) & ~np.isnan(inner[:, 1])
    if overflown.any() or any(np.isinf(s).any() for s in (found.sxx, found.syy, found.sxy)):
        raise SqlError("22003", "value out of range: overflow")
    return found


def _null_where(condition: Any, values: Floats) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.asarray(condition))


def _deviation(*, sample: bool, root: bool) -> Callable[[Moments], pa.Array]:
    def final(m: Moments) -> pa.Array:
        divisor = m.n - 1 if sample else m.n
        found = m.sxx / divisor
        return _null_where(divisor <= 0, np.sqrt(found) if root else found)

    return final


def _always(value: Callable[[Moments], Floats]) -> Callable[[Moments], pa.Array]:
    return lambda m: _null_where(np.zeros(len(m.n), bool), value(m))


def _r2(m: Moments) -> pa.Array:
    found = np.where(m.syy == 0, 1.0, (m.sxy * m.sxy) / (m.sxx * m.syy))
    return _null_where(m.sxx == 0, found)


FINALS: dict[str, Callable[[Moments], pa.Array]] = {
    "var_pop": _deviation(sample=False, root=False),
    "var_samp": _deviation(sample=True, root=False),
    "stddev_pop": _deviation(sample=False, root=True),
    "stddev_samp": _deviation(sample=True, root=True),
    "covar_pop": lambda m: _null_where(m.n < 1, m.sxy / m.n),
    "covar_samp": lambda m: _null_where(m.n < 2, m.sxy / (m.n - 1)),
    "corr": lambda m: _null_where((m.sxx == 0) | (m.syy == 0), m.sxy / np.sqrt(m.sxx * m.syy)),
    "regr_avgx": _always(lambda m: m.mean_x),
    "regr_avgy": _always(lambda m: m.mean_y),
    "regr_sxx": _always(lambda m: m.sxx),
    "regr_syy": _always(lambda m: m.syy),
    "regr_sxy": _always(lambda m: m.sxy),
    "regr_r2": _r2,
    "regr_slope": lambda m: _null_where(m.sxx == 0, m.sxy / m.sxx),
    "regr_intercept": lambda m: _null_where(m.sxx == 0, m.mean_y - m.mean_x * m.sxy / m.sxx),
}


def _install(name: str, final: Callable[[Moments], pa.Array]) -> None:
    def call(column: Any) -> pa.Array:
        groups = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        sizes = np.asarray(groups.value_lengths().fill_null(0), np.int64)
        present = np.flatnonzero(sizes)
        if not len(present):
            return pa.nulls(len(groups), pa.float64())
        rows = groups.flatten()
        width = len(rows.flatten()) // len(rows)
        moments = merge(sizes[present], np.asarray(rows.flatten(), np.float64).reshape(-1, width))
        with np.errstate(all="ignore"):
            found = final(moments)
        places = np.full(len(groups), -1)
        places[present] = np.arange(len(present))
        return found.take(pa.array(places, mask=places < 0))

    define(f"merge_{name}", [_ROWS], "DOUBLE", call)


for _name, _final in FINALS.items():
    _install(_name, _final)
