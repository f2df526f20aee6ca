"""interval * float8, interval / float8 and avg(interval) on columns, in the float8 steps of PostgreSQL's interval_mul and _div.

An interval's time travels through Arrow in nanoseconds: what is beyond 2**63 of them, 2562047 hours, is refused, never wrapped.
Source: src/backend/utils/adt/timestamp.c of PostgreSQL 15.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import error
from fedgate.sql.functions.udf import define, macro
from fedgate.types.civil import FAR_INTERVAL

LAYOUT = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")])
CARRIED_US = (2**63 - 1) // 1000
_OUT = SqlError("22008", "interval out of range")
Floats = NDArray[np.float64]


def _plain(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _present(*columns: pa.Array) -> NDArray[np.bool_]:
    result = np.ones(len(columns[0]), np.bool_)
    for column in columns:
        if column.null_count:
            result &= column.is_valid().to_numpy(zero_copy_only=False)
    return result


def _doubles(column: pa.Array) -> Floats:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _rows(column: pa.Array) -> NDArray[Any]:
    return np.frombuffer(column.buffers()[1], LAYOUT, len(column), column.offset * LAYOUT.itemsize)


def _rounded(seconds: Floats) -> Floats:
    """TSROUND: to whole microseconds."""
    return np.asarray(np.rint(seconds * 1e6) / 1e6)


def _check_int32(values: Floats) -> None:
    """Raises SqlError 22008; a NaN is no integer either."""
    if not np.all((values >= -(2.0**31)) & (values <= 2.0**31 - 1)):
        raise _OUT


def cascaded(present: NDArray[np.bool_], months: Floats, days: Floats, us: Floats) -> pa.Array:
    """An interval from fractional fields: what is left of months goes to days, what is left of days to time.

    `us` has not been rounded. Raises SqlError 22008 where PostgreSQL does, 0A000 for what has no carrier.
    """
    months, days, us = (np.where(present, part, 0.0) for part in (months, days, us))
    _check_int32(months)
    _check_int32(days)
    whole_months, whole_days = np.trunc(months), np.trunc(days)
    month_days = _rounded((months - whole_months) * 30)
    seconds = _rounded((days - whole_days + month_days - np.trunc(month_days)) * 86400.0)
    carry = np.where(np.abs(seconds) >= 86400.0, np.trunc(seconds / 86400.0), 0.0)
    time = np.rint(us + (seconds - carry * 86400.0) * 1e6)
    if not np.all(np.abs(time) < 2.0**63):
        raise _OUT
    if not np.all(np.abs(time) <= CARRIED_US):
        raise SqlError("0A000", FAR_INTERVAL)
    result = np.zeros(len(months), LAYOUT)
    result["months"] = whole_months
    all_days = whole_days + carry + np.trunc(month_days)
    _check_int32(all_days)
    result["days"] = all_days
    result["nanoseconds"] = time.astype(np.int64) * 1000
    valid = None if present.all() else pa.array(present).buffers()[1]
    return pa.Array.from_buffers(pa.month_day_nano_interval(), len(result), [valid, pa.py_buffer(result.tobytes())])


def _scaling(operation: Callable[[Floats, Floats], Floats], by_zero: bool) -> Callable[..., pa.Array]:
    def call(value: Any, factor: Any) -> pa.Array:
        intervals, factors = _plain(value), _plain(factor)
        present, by, rows = _present(intervals, factors), _doubles(factors), _rows(intervals)
        if by_zero and np.any(present & (by == 0)):
            raise SqlError("22012", "division by zero")
        with np.errstate(all="ignore"):
            fields = (
                rows["months"].astype(np.float64),
                rows["days"].astype(np.float64),
                (rows["nanoseconds"] // 1000).astype(np.float64),
            )
            return cascaded(present, *(operation(f, by) for f in fields))

    return call


define("pg_interval_mul", ["INTERVAL", "DOUBLE"], "INTERVAL", _scaling(lambda a, b: a * b, False))
define("pg_interval_div", ["INTERVAL", "DOUBLE"], "INTERVAL", _scaling(lambda a, b: a / b, True))


def _average(months: Any, days: Any, us: Any, count: Any) -> pa.Array:
    """avg(interval) from the sums of the fields: they need not fit an interval's carrier."""
    columns = [_plain(c) for c in (months, days, us, count)]
    present, n = _present(*columns), _doubles(columns[3])
    present &= n > 0
    with np.errstate(all="ignore"):
        return cascaded(present, *(_doubles(c) / n for c in columns[:3]))


define("pg_interval_avg", ["BIGINT"] * 4, "INTERVAL", _average)

_OUT_SQL = error("22008", "interval out of range")
_FAR_SQL = error("0A000", FAR_INTERVAL)
macro("pg_int32", "x", f"CASE WHEN x NOT BETWEEN -2147483648 AND 2147483647 THEN {_OUT_SQL} ELSE CAST(x AS INTEGER) END")
macro(
    "pg_int64",
    "x",
    f"CASE WHEN x NOT BETWEEN -9223372036854775808 AND 9223372036854775807 THEN {_OUT_SQL} ELSE CAST(x AS BIGINT) END",
)
macro("pg_carried_us", "u", f"CASE WHEN u NOT BETWEEN -{CARRIED_US} AND {CARRIED_US} THEN {_FAR_SQL} ELSE u END")
# The sums of an interval's fields are HUGEINT.
macro("pg_interval_sum", "m, d, u", "(to_months(pg_int32(m)) + to_days(pg_int32(d)) + to_microseconds(pg_carried_us(pg_int64(u))))")
# A result whose time Arrow's nanoseconds could not hold; one hour less than they can is where this stops.
macro("pg_carried", "i", f"CASE WHEN abs(date_part('hour', i)) >= 2562047 THEN {_FAR_SQL} ELSE i END")
