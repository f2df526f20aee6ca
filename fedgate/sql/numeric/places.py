"""Places of sort keys on a line of whole numbers, and where on it a distance from one of them ends: for RANGE frames whose ends the
merge engine cannot find by adding, of numerics in their text and of floats with infinite distances.

Places are in the order of the keys, equal where these are. An end that falls between two places is between them. What in PostgreSQL
is `key >= value - distance` so becomes `place >= end`, whatever stands there.
Source: https://www.postgresql.org/docs/15/sql-expressions.html#SYNTAX-WINDOW-FUNCTIONS, and in_range of numeric and float8.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions.udf import define, scalar
from fedgate.sql.numeric import rules
from fedgate.sql.numeric.vectors import flags, plain

INVALID: Final = "invalid preceding or following size in window function"
# A numeric's place is ten times its digits without the point, so that there is room between two. Ends are at most twice as far as
# any place; beyond are the infinities and NaN. A sum of two of these still is a HUGEINT.
_DIGITS: Final = 36
_BEYOND: Final = 2 * 10 ** (_DIGITS + 1)
_INFINITE: Final = 2 * _BEYOND
_NAN: Final = 2 * _INFINITE


@scalar("num_place", ["VARCHAR", "INTEGER"], "VARCHAR")
def place(text: str, scale: int) -> str:
    """A numeric's place beside others with at most `scale` digits after the point. Raises SqlError 0A000 from 37 digits on."""
    return str(_place(rules.read(text), scale))


def _place(value: Decimal, scale: int) -> int:
    if value.is_nan():
        return _NAN
    if value.is_infinite():
        return _INFINITE if value > 0 else -_INFINITE
    if value and value.adjusted() + scale >= _DIGITS:
        raise unsupported(
            f"RANGE with a distance over numerics of more than {_DIGITS} digits", hint="Round the sort key, or cast it to float8."
        )
    return int(value.scaleb(scale + 1, rules.CONTEXT))


@scalar("num_end", ["VARCHAR", "VARCHAR", "INTEGER", "BOOLEAN", "BOOLEAN"], "VARCHAR")
def end(text: str, distance: str, scale: int, up: bool, outward: bool) -> str:
    """The place of a numeric plus (`up`) or minus a distance; an infinity less itself is everything to an `outward` end.

    Raises SqlError 22013 for a negative distance and NaN, and 0A000 as `place` does.
    """
    value, by = rules.read(text), rules.read(distance)
    if by.is_nan() or by < 0:
        raise SqlError("22013", INVALID)
    if value.is_nan() or (value.is_infinite() and by.is_finite()):
        return str(_place(value, scale))
    if by.is_infinite():
        opposite = value.is_infinite() and (value < 0) == up
        return str(_place(value, scale) if opposite and not outward else _INFINITE if up else -_INFINITE)
    total = rules.CONTEXT.add(value, by) if up else rules.CONTEXT.subtract(value, by)
    if total and total.adjusted() + scale > _DIGITS:
        return str(_BEYOND if total > 0 else -_BEYOND)
    shifted = total.scaleb(scale, rules.CONTEXT)
    whole = int(shifted.to_integral_value(decimal.ROUND_FLOOR))
    return str(10 * whole + (5 if whole != shifted else 0))


def _floats(column: Any) -> tuple[Any, Any]:
    array = plain(column)
    return np.asarray(array.fill_null(0.0).to_numpy(zero_copy_only=False), np.float64), flags(array.is_null())


def _float_places(values: Any) -> Any:
    """The bits of floats as integers in the order of the values: NaN is the last, 0 and -0 are one."""
    bits = (values + 0.0).view(np.int64)
    ordered = np.where(bits < 0, -(bits & np.int64(2**63 - 1)), bits)
    return np.where(np.isnan(values), np.int64(2**63 - 1), ordered)


def float_places(column: Any) -> pa.Array:
    """The place of each float8."""
    values, nulls = _floats(column)
    return pa.array(_float_places(values), pa.int64(), mask=nulls)


def float_ends(column: Any, distance: Any, up: Any, outward: Any) -> pa.Array:
    """`end` of float8: sums are float8, too, and may be infinite. Raises SqlError 22013."""
    (values, nulls), (by, none) = _floats(column), _floats(distance)
    missing = nulls | none
    if ((np.isnan(by) | (by < 0)) & ~missing).any():
        raise SqlError("22013", INVALID)
    step = np.where(flags(plain(up)), by, -by)
    with np.errstate(all="ignore"):
        total = values + step
    opposite = np.isinf(by) & np.isinf(values) & (values != step)
    total = np.where(opposite, np.where(flags(plain(outward)), step, values), total)
    return pa.array(_float_places(total), pa.int64(), mask=missing)


define("pg_float_place", ["DOUBLE"], "BIGINT", float_places)
define("pg_float_end", ["DOUBLE", "DOUBLE", "BOOLEAN", "BOOLEAN"], "BIGINT", float_ends)
