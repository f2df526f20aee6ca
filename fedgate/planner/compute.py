"""Values of expressions without columns that Python computes as PostgreSQL does, in microseconds: `now() - interval '1 hour'`.

Contract: `value_of` gives the exact value, or Unknown for what it does not know; the merge engine then computes it. Times are those
of types.values; a zone is the statement's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fedgate.errors import SqlError
from fedgate.planner.plan import Plan
from fedgate.sql.functions.zoned import add
from fedgate.sql.tree import ArrayExpr, Block, Coerce, Const, Expr, FuncExpr, OpExpr, Param
from fedgate.types.civil import (
    DATE_END,
    DATE_MIN,
    DAY_US,
    HOUR_US,
    MINUTE_US,
    SECOND_US,
    TIMESTAMP_END,
    TIMESTAMP_MIN,
    civil_from_days,
    days_from_civil,
)
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY, Interval, Value
from fedgate.types.zones import Zone, find_zone

_INT2, _INT4, _INT8, _FLOAT8, _NUMERIC = 21, 23, 20, 701, 1700
_DATE, _TIMESTAMP, _TIMESTAMPTZ, _INTERVAL = 1082, 1114, 1184, 1186
_TEXT = 25
_INTS: Final = {_INT2: 2**15, _INT4: 2**31, _INT8: 2**63}
_DAY_TYPES: Final = frozenset((_DATE, _TIMESTAMP, _TIMESTAMPTZ))
_EXACT_MAX: Final = 2**53
_DOUBLE_DIGITS: Final = 300
_FACTOR_MAX: Final = 1_000_000
_SMALL: Final = {"second": SECOND_US, "minute": MINUTE_US, "hour": HOUR_US}
_UNIX_OF_2000: Final = 946_684_800


class Unknown(Exception):  # noqa: N818 - no error: the merge engine is asked instead
    """Python does not compute this here."""


def value_of(expr: Expr, values: Mapping[str, Value], timezone: str) -> Value:
    """The value. Raises Unknown, also where PostgreSQL would raise."""
    zone = find_zone(timezone)
    if zone is None:
        raise Unknown
    try:
        return _Computer(values, timezone, zone).value(expr)
    except (SqlError, OverflowError):
        raise Unknown from None


def computed_by(plan: Plan) -> Expr | None:
    """The expression of a plan that computes one value and reads nothing."""
    final = plan.final
    alone = not plan.exchanges and not plan.preludes and isinstance(final, Block) and final == Block(final.targets)
    return final.targets[0].expr if alone and isinstance(final, Block) and len(final.targets) == 1 else None


def plan_value(plan: Plan, values: Mapping[str, Value], timezone: str) -> Value:
    """The value of such a plan. Raises Unknown, for any other plan too."""
    expr = computed_by(plan)
    if expr is None:
        raise Unknown
    return value_of(expr, values, timezone)


class _Computer:
    def __init__(self, values: Mapping[str, Value], timezone: str, zone: Zone) -> None:
        self._values, self._timezone, self._zone = values, timezone, zone

    def value(self, expr: Expr) -> Value:
        match expr:
            case Const():
                return expr.value
            case Param(name=name):
                if name not in self._values:
                    raise Unknown
                return self._values[name]
            case ArrayExpr():
                return tuple(self.value(e) for e in expr.elements)
            case Coerce() if expr.type.typmod < 0:
                return self._strictly(self._converted, expr, (expr.arg,))
            case OpExpr():
                return self._strictly(self._operated, expr, expr.args)
            case FuncExpr() if not expr.variadic:
                return self._strictly(self._called, expr, expr.args)
        raise Unknown

    def _strictly(self, compute: Any, expr: Any, args: tuple[Expr, ...]) -> Value:
        """NULL of a NULL: everything here is strict."""
        found = [self.value(arg) for arg in args]
        return None if any(v is None for v in found) and _known(expr) else compute(expr, *found)

    # ------------------------------------------------------------------------------------------- conversions

    def _converted(self, expr: Coerce, value: Any) -> Value:
        source, target = expr.arg.type.oid, expr.type.oid
        if expr.method == "relabel" and source == target:
            return value  # type: ignore[no-any-return]
        if expr.method != "function":
            raise Unknown
        if source in _INTS and target in _INTS:
            return _int(value, target)
        if source in _INTS and target == _FLOAT8 and abs(value) <= _EXACT_MAX:
            return float(value)
        if (source, target) == (_NUMERIC, _FLOAT8) and value.is_finite() and abs(value.adjusted()) < _DOUBLE_DIGITS:
            return float(value)
        if {source, target} <= _DAY_TYPES:
            return self._moment(value, source, target)
        raise Unknown

    def _moment(self, value: int, source: int, target: int) -> int:
        """Between date, timestamp and timestamptz, by way of the local time."""
        if abs(value) == (DATE_INFINITY if source == _DATE else TIMESTAMP_INFINITY):
            sign = 1 if value > 0 else -1
            return sign * (DATE_INFINITY if target == _DATE else TIMESTAMP_INFINITY)
        local = value * DAY_US if source == _DATE else value
        if source == _TIMESTAMPTZ:
            local += self._zone.offset_at(value) * SECOND_US
        if target == _DATE:
            return local // DAY_US
        return _timestamp(local - self._zone.offset_of_local(local) * SECOND_US if target == _TIMESTAMPTZ else local)

    # ------------------------------------------------------------------------------------------- operators

    def _operated(self, expr: OpExpr, *args: Any) -> Value:
        name, types = expr.name, expr.arg_types
        if len(args) == 1:
            if (name, types[-1]) == ("-", _INTERVAL):
                return _times(args[0], -1)
            raise Unknown
        (left, right), (a, b) = args, types
        if name not in ("+", "-", "*"):
            raise Unknown
        if a in _INTS and b in _INTS:
            return _int(left + right if name == "+" else left - right if name == "-" else left * right, expr.type.oid)
        if name == "*":
            return _product(left, right, a, b)
        if name == "+" and (a == _INTERVAL or (a == _INT4 and b == _DATE)) and b != _INTERVAL:
            left, right, a, b = right, left, b, a
        sign = 1 if name == "+" else -1
        if (a, b) == (_DATE, _INT4):
            return left if abs(left) == DATE_INFINITY else _date(left + sign * right)
        if b != _INTERVAL:
            raise Unknown
        if a == _INTERVAL:
            return _interval(Interval(*(x + sign * y for x, y in zip(left, right, strict=True))))
        if a == _DATE:
            left = self._moment(left, _DATE, _TIMESTAMP)
        elif a not in _DAY_TYPES:
            raise Unknown
        return _timestamp(add(left, _times(right, sign), self._timezone if a == _TIMESTAMPTZ else "UTC"))

    # ------------------------------------------------------------------------------------------- functions

    def _called(self, expr: FuncExpr, *args: Any) -> Value:
        if expr.name == "date_trunc" and expr.arg_types in ((_TEXT, _TIMESTAMPTZ), (_TEXT, _TIMESTAMP)):
            return self._truncated(args[0].lower(), args[1], zoned=expr.arg_types[1] == _TIMESTAMPTZ)
        if expr.name == "to_timestamp" and expr.arg_types == (_FLOAT8,) and abs(args[0]) < _EXACT_MAX:
            return _timestamp(round((args[0] - _UNIX_OF_2000) * 1e6) + _UNIX_OF_2000 * SECOND_US)
        raise Unknown

    def _truncated(self, unit: str, value: int, *, zoned: bool) -> int:
        if abs(value) == TIMESTAMP_INFINITY:
            return value
        offset = self._zone.offset_at(value) * SECOND_US if zoned else 0
        local = value + offset
        if unit in _SMALL:  # these keep the offset
            return _timestamp(local - local % _SMALL[unit] - offset)
        start = _first_day(unit, local // DAY_US) * DAY_US
        return _timestamp(start - self._zone.offset_of_local(start) * SECOND_US if zoned else start)


def _known(expr: Any) -> bool:
    """Whether the call is one that is computed here, which all give NULL for NULL: with values of no consequence."""
    if isinstance(expr, FuncExpr):
        return expr.name in ("date_trunc", "to_timestamp")
    return isinstance(expr, Coerce) or expr.name in ("+", "-", "*")


def _first_day(unit: str, day: int) -> int:
    """The first day of the week, month … that a day is in."""
    if unit == "day":
        return day
    if unit == "week":
        return day - (day + 3) % 7  # 1970-01-01 was a Thursday
    year, month, _ = civil_from_days(day)
    starts = {"month": month, "quarter": month - (month - 1) % 3, "year": 1}
    if unit not in starts:
        raise Unknown
    return days_from_civil(year, starts[unit], 1)


def _product(left: Any, right: Any, a: int, b: int) -> Interval:
    """An interval times a small whole number."""
    if a == _INTERVAL:
        left, right, a, b = right, left, b, a
    if (a, b) != (_FLOAT8, _INTERVAL) or left != left or abs(left) > _FACTOR_MAX or left != int(left):
        raise Unknown
    return _times(right, int(left))


def _times(by: Interval, factor: int) -> Interval:
    return _interval(Interval(*(part * factor for part in by)))


def _interval(value: Interval) -> Interval:
    limit = _INTS[_INT4]
    if not (-limit < value.months < limit and -limit < value.days < limit and abs(value.microseconds) < _INTS[_INT8]):
        raise Unknown
    return value


def _int(value: int, target: int) -> int:
    if not -_INTS[target] <= value < _INTS[target]:
        raise Unknown
    return value


def _date(value: int) -> int:
    if not DATE_MIN <= value < DATE_END:
        raise Unknown
    return value


def _timestamp(value: int) -> int:
    if abs(value) != TIMESTAMP_INFINITY and not TIMESTAMP_MIN <= value < TIMESTAMP_END:
        raise Unknown
    return value
