"""make_timestamp on whole columns: the days of `types.civil` in numpy. What is out of range is left to the row-wise rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fedgate.sql.numeric.vectors import flags, plain
from fedgate.types.civil import DAY_US, ERA_DAYS, days_from_civil

Ints = NDArray[np.int64]
_LENGTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_SHIFT = ERA_DAYS * 5 - days_from_civil(2000, 3, 1)  # days from 0000-03-01 to 1970-01-01


def days(year: Ints, month: Ints, day: Ints) -> Ints:
    """`civil.days_from_civil` of columns."""
    year = year - (month <= 2)
    era, year_of_era = year // 400, year % 400
    day_of_year = (153 * np.where(month > 2, month - 3, month + 9) + 2) // 5 + day - 1
    return era * ERA_DAYS + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - _SHIFT


def timestamps(rule: Callable[..., int]) -> Callable[..., pa.Array]:
    """`rule` (year, month, day, hour, minute, second → microseconds) on columns; it is asked for every row that is not plainly
    right.
    """

    def call(*given: Any) -> pa.Array:
        columns = [plain(c) for c in given]
        valid = np.logical_and.reduce([flags(c.is_valid()) for c in columns])
        year, month, day, hour, minute = (np.asarray(pc.fill_null(c, 1).to_numpy(), np.int64) for c in columns[:5])
        second = np.asarray(pc.fill_null(columns[5], 0.0).to_numpy(), np.float64)
        at = np.clip(month, 1, 12)
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        right = (year > 0) & (year < 290_000) & (month == at) & (day >= 1) & (day <= _LENGTHS[at] + ((at == 2) & leap))
        right &= (hour >= 0) & (hour < 24) & (minute >= 0) & (minute < 60) & (second >= 0) & (second < 60)
        right &= valid
        clock = (hour * 60 + minute) * 60_000_000 + np.rint(np.where(right, second, 0) * 1_000_000).astype(np.int64)
        result = np.where(right, days(np.where(right, year, 1), at, day) * DAY_US + clock, 0)
        for i in np.flatnonzero(valid & ~right).tolist():
            result[i] = rule(*(c[i].as_py() for c in columns))
        return pa.array(result, mask=~valid).cast(pa.timestamp("us"))

    return call
