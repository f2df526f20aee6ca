"""Bounds of moments that a statement computes, such as `now() - interval '7 days'`: what pruning needs of them, without a zone.

Contract: `bounds(expr, values)` gives (lowest, highest) value that an expression without columns can have in any time zone, or None
where nothing is said. A day is 24 hours but where a zone changes its offset, a month 28 to 31 days; the bounds are that wide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from fedgate.sql.tree import Coerce, Const, Expr, FuncExpr, OpExpr, Param
from fedgate.types.civil import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY, Interval, Value

Bounds: TypeAlias = tuple[int, int]

_DATE, _TIMESTAMP, _TIMESTAMPTZ, _INTERVAL = 1082, 1114, 1184, 1186
_INTEGERS: Final = frozenset((21, 23))
_ZONES_US: Final = 26 * HOUR_US
"""The most that local times of one zone can move against UTC, and the farthest that a zone is from it."""
_UNITS_US: Final = {
    "second": SECOND_US,
    "minute": MINUTE_US,
    "hour": HOUR_US,
    "day": DAY_US,
    "week": 7 * DAY_US,
    "month": 31 * DAY_US,
    "quarter": 92 * DAY_US,
    "year": 366 * DAY_US,
}


def bounds(expr: Expr, values: Mapping[str, Value]) -> Bounds | None:
    """Of date: days, of timestamps: microseconds since 1970. `values` are the parameters' by name."""
    match expr:
        case Const(type=t, value=int(value)) if t.oid in (_DATE, _TIMESTAMP, _TIMESTAMPTZ):
            return _finite(value, value)
        case Param(name=name, type=t) if t.oid in (_DATE, _TIMESTAMP, _TIMESTAMPTZ):
            found = values.get(name)
            return _finite(found, found) if isinstance(found, int) else None
        case Coerce(arg=arg, type=t) if (arg.type.oid, t.oid) == (_TIMESTAMPTZ, _DATE):
            inner = bounds(arg, values)
            return inner and ((inner[0] - _ZONES_US) // DAY_US, (inner[1] + _ZONES_US) // DAY_US)
        case OpExpr(name="+" | "-" as name, args=(left, right)):
            return _moved(left, right, 1 if name == "+" else -1, values)
        case FuncExpr(name="date_trunc", args=(Const(value=str(unit)), arg)) if unit.lower() in _UNITS_US:
            inner = bounds(arg, values)
            return inner and (inner[0] - _UNITS_US[unit.lower()] - _ZONES_US, inner[1])
    return None


def _finite(low: int, high: int) -> Bounds | None:
    """None for infinities, which stay what they are whatever is added."""
    infinite = {DATE_INFINITY, -DATE_INFINITY} & {low, high}
    return (low, high) if -TIMESTAMP_INFINITY < low <= high < TIMESTAMP_INFINITY and not infinite else None


def _moved(left: Expr, right: Expr, sign: int, values: Mapping[str, Value]) -> Bounds | None:
    if sign > 0 and left.type.oid == _INTERVAL:
        left, right = right, left
    start, by = bounds(left, values), _constant(right, values)
    if start is None:
        return None
    if left.type.oid == _DATE and right.type.oid in _INTEGERS and isinstance(by, int):
        return start[0] + sign * by, start[1] + sign * by
    if left.type.oid in (_TIMESTAMP, _TIMESTAMPTZ) and right.type.oid == _INTERVAL and isinstance(by, Interval):
        low, high = _shift(by)
        low, high = (low, high) if sign > 0 else (-high, -low)
        return _finite(start[0] + low, start[1] + high)
    return None


def _shift(by: Interval) -> Bounds:
    """The microseconds by which an interval may move a moment."""
    months = (by.months * 28 * DAY_US, by.months * 31 * DAY_US)
    slack = _ZONES_US if by.months or by.days else 0
    rest = by.days * DAY_US + by.microseconds
    return min(months) + rest - slack, max(months) + rest + slack


def _constant(expr: Expr, values: Mapping[str, Value]) -> Value:
    if isinstance(expr, Const):
        return expr.value
    return values.get(expr.name) if isinstance(expr, Param) else None
