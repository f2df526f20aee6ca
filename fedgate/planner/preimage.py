"""For which values of a column may a computed expression lie in a range: `date_trunc('month', ts) = …`, `ts::date < …`.

Contract: `Preimage.of` walks from an expression down to its one column and turns the range wanted of the expression into one of the
column. The range found may be too wide, never too narrow; None is said of what is not understood. Values are those of types.values;
a difference of timestamps is its microseconds here (`interval_us`).

Each step is a function that never falls while its argument rises, but where a zone's offset changes: there ranges are widened by as
much as the offsets within some days of their ends differ (`Zone.offsets_within`). Infinite times are beyond every finite bound on
both sides of each step; infinite bounds are not understood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final, TypeAlias

from fedgate.errors import SqlError
from fedgate.planner.domains import Domain, keeps
from fedgate.sql.functions.zoned import add_months
from fedgate.sql.tree import Coerce, Expr, FuncExpr, OpExpr, Var
from fedgate.types.civil import DAY_US, HOUR_US, MINUTE_US, SECOND_US, civil_from_days, days_from_civil
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY, Interval, Value
from fedgate.types.zones import Zone, find_zone

_DATE, _TIMESTAMP, _TIMESTAMPTZ, INTERVAL = 1082, 1114, 1184, 1186
_TEXT, _FLOAT8, _INT4 = 25, 701, 23
_INTS: Final = frozenset((20, 21, 23))
DAY_TYPES: Final = (_DATE, _TIMESTAMP, _TIMESTAMPTZ)
"""Each converts to those after it without loss, in a zone."""
_SMALL: Final = {"second": SECOND_US, "minute": MINUTE_US, "hour": HOUR_US}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_NEAR_US: Final = 2 * DAY_US
"""No local time is farther from UTC's."""
_CLAMPED_US: Final = 4 * DAY_US
"""Months are added to the end of a month: by so much the way back may miss."""
_FLOAT_US: Final = 1_000
"""More than a double of seconds is wrong by."""
_YEAR_MAX: Final = 200_000

Step: TypeAlias = "tuple[Expr, Domain] | None"


def interval_us(value: Interval) -> int:
    """An interval as comparisons see it: months of 30 days of 24 hours."""
    return (value.months * 30 + value.days) * DAY_US + value.microseconds


@dataclass(frozen=True, slots=True)
class Preimage:
    """`column` says which column an expression is, `value` whether an expression's value is known; `timezone` None: in no zone."""

    column: Callable[[Expr], Var | None]
    value: Callable[[Expr], tuple[bool, Value]]
    timezone: str | None

    def of(self, expr: Expr, wanted: Domain) -> tuple[Var, Domain] | None:
        """The column that `expr` is computed of, and the values of it for which `expr` may lie in the range."""
        found: Step = (expr, wanted)
        try:
            while found is not None:
                expr, wanted = found
                column = self.column(expr)
                if column is not None:
                    return None if column.type.oid == INTERVAL else (column, wanted)
                found = self._step(expr, wanted)
        except (SqlError, OverflowError, ValueError):
            return None
        return None

    def _step(self, expr: Expr, wanted: Domain) -> Step:
        match expr:
            case Coerce():
                return self._converted(expr, wanted)
            case OpExpr(name="-", args=(arg,)) if arg.type.oid in _INTS:
                return arg, _mirrored(_whole(wanted), 0)
            case OpExpr(name="+" | "-" | "*" | "/", args=(_, _)):
                return self._operated(expr, wanted)
            case FuncExpr(name="date_trunc", args=(unit, arg, *zone)):
                return self._truncated(unit, arg, zone, wanted)
            case FuncExpr(name="date_bin", args=(stride, arg, _)):
                return self._binned(stride, arg, wanted)
            case FuncExpr(name="extract" | "date_part", args=(unit, arg)):
                return self._extracted(expr, unit, arg, wanted)
            case FuncExpr(name="timezone", args=(zone, arg)):
                return self._moment(arg, expr.type.oid, wanted, self._zone(zone)) if expr.arg_types[0] == _TEXT else None
            case FuncExpr(name="date", args=(arg,)):
                return self._moment(arg, _DATE, wanted, self._zone(None))
        return None

    def _zone(self, written: Expr | None) -> Zone | None:
        """The zone that an expression names, or the statement's."""
        if written is None:
            return None if self.timezone is None else find_zone(self.timezone)
        known, name = self.value(written)
        if not known or not isinstance(name, str) or (name.upper() != "UTC" and "/" not in name):
            return None  # what is no place may be an abbreviation, or count west
        return find_zone(name)

    # ------------------------------------------------------------------------------------------- conversions

    def _converted(self, expr: Coerce, wanted: Domain) -> Step:
        source, target = expr.arg.type, expr.type
        if target.typmod != -1 and target.typmod != source.typmod:
            return None
        if keeps(source.oid, target.oid):
            return expr.arg, wanted
        if source.oid in DAY_TYPES and target.oid in DAY_TYPES and expr.method == "function":
            return self._moment(expr.arg, target.oid, wanted, self._zone(None))
        return None

    def _moment(self, arg: Expr, target: int, wanted: Domain, zone: Zone | None) -> Step:
        """Between date, timestamp and timestamptz, by way of the local time."""
        source = arg.type.oid
        if source not in DAY_TYPES or not _finite(wanted, target) or (zone is None and _TIMESTAMPTZ in (source, target)):
            return None
        local = _whole_days(wanted) if target == _DATE else wanted
        if target == _TIMESTAMPTZ:
            assert zone is not None
            local = _to_local(local, zone)
        if source == _TIMESTAMPTZ:
            assert zone is not None
            local = _to_utc(local, zone)
        return arg, (_days(local) if source == _DATE else local)

    # ------------------------------------------------------------------------------------------- operators

    def _operated(self, expr: OpExpr, wanted: Domain) -> Step:
        (left, right), (a, b), name = expr.args, expr.arg_types, expr.name
        (left_known, left_value), (right_known, right_value) = self.value(left), self.value(right)
        if left_known == right_known:
            return None
        arg, value, first = (right, left_value, True) if left_known else (left, right_value, False)
        if value is None:
            return None
        kind, other = (b, a) if first else (a, b)
        if kind in _INTS and other in _INTS:
            return _integers(name, arg, value, wanted, first=first)
        if kind == _DATE and other in (_INT4, _DATE):
            finite = _finite(wanted, _DATE) and abs(int(value)) != DATE_INFINITY  # type: ignore[arg-type]
            return _integers(name, arg, value, wanted, first=first) if finite else None
        if name == "-" and kind == other and kind in DAY_TYPES:  # microseconds between two moments
            return _integers(name, arg, value, wanted, first=first) if abs(int(value)) != TIMESTAMP_INFINITY else None  # type: ignore[arg-type]
        if kind in DAY_TYPES and isinstance(value, Interval) and (name == "+" or (name == "-" and not first)):
            return self._shifted(arg, value if name == "+" else Interval(*(-part for part in value)), wanted)
        return None

    def _shifted(self, arg: Expr, by: Interval, wanted: Domain) -> Step:
        """`arg + by`: months and days are added to the local time, the rest to the moment."""
        kind = arg.type.oid
        if not _finite(wanted, _TIMESTAMP):
            return None
        found = _moved(wanted, -by.microseconds)
        if by.months or by.days:
            zone = self._zone(None) if kind == _TIMESTAMPTZ else None
            if kind == _TIMESTAMPTZ and zone is None:
                return None
            if zone is not None:
                found = _to_local(found, zone)
            found = _moved(found, -by.days * DAY_US)
            if by.months:
                found = _months_before(found, by.months)
            if zone is not None:
                slack = 0 if zone.fixed is not None or not (by.months and by.days) else DAY_US
                found = _wider(_to_utc(found, zone), slack)
        return arg, (_days(found) if kind == _DATE else found)

    # ------------------------------------------------------------------------------------------- functions

    def _truncated(self, unit: Expr, arg: Expr, written: list[Expr], wanted: Domain) -> Step:
        known, name = self.value(unit)
        kind = arg.type.oid
        if not known or not isinstance(name, str) or kind not in (_TIMESTAMP, _TIMESTAMPTZ) or not _finite(wanted, kind):
            return None
        zone = self._zone(written[0] if written else None) if kind == _TIMESTAMPTZ else _UTC
        if zone is None or name.lower() not in (*_SMALL, *_MONTHS, "day", "week"):
            return None
        name = name.lower()
        low, high = wanted.low, wanted.high
        if low is not None:
            local = low + _offsets(zone, low)[0]
            low = _start(name, local)
            if low != local or wanted.low_open:
                low = _next(name, low)
        if high is not None:
            local = high + _offsets(zone, high)[1]
            high = _start(name, local)
            if high != local or not wanted.high_open:
                high = _next(name, high)
        return arg, _to_utc(Domain(low=low, high=high, high_open=True, null=False), zone)

    def _binned(self, stride: Expr, arg: Expr, wanted: Domain) -> Step:
        known, width = self.value(stride)
        if not known or not isinstance(width, Interval) or width.months or arg.type.oid not in (_TIMESTAMP, _TIMESTAMPTZ):
            return None
        if not _finite(wanted, _TIMESTAMP):
            return None
        return arg, replace(wanted, high=None if wanted.high is None else wanted.high + interval_us(width), high_open=False)

    def _extracted(self, expr: FuncExpr, unit: Expr, arg: Expr, wanted: Domain) -> Step:
        known, name = self.value(unit)
        kind = arg.type.oid
        if not known or not isinstance(name, str) or kind not in (*DAY_TYPES, INTERVAL):
            return None
        if name.lower() == "epoch":
            found = _seconds(wanted, _FLOAT_US if expr.type.oid == _FLOAT8 else 0)
        elif kind == INTERVAL:
            return None
        elif name.lower() == "year":
            found = _years(wanted)
            if kind == _TIMESTAMPTZ:
                zone = self._zone(None)
                if zone is None:
                    return None
                found = _to_utc(found, zone)
        else:
            return None
        return arg, (_days(found) if kind == _DATE else found)


# ------------------------------------------------------------------------------------------------ ranges of numbers


def _whole(wanted: Domain) -> Domain:
    """The whole numbers of a range, its ends among them."""
    low, high = wanted.low, wanted.high
    if low is not None:
        low = floor(low) + 1 if wanted.low_open else ceil(low)
    if high is not None:
        high = ceil(high) - 1 if wanted.high_open else floor(high)
    return Domain(low=low, high=high, null=False)


def _integers(name: str, arg: Expr, value: Any, wanted: Domain, *, first: bool) -> Step:
    """`first`: the known value stands on the left."""
    found = _whole(wanted)
    low, high = found.low, found.high
    if name == "+":
        return arg, _moved(found, -value)
    if name == "-":
        return arg, (_mirrored(found, value) if first else _moved(found, value))
    if first and name == "/":
        return None
    if value < 0 and name == "*":
        low, high, value = None if high is None else -high, None if low is None else -low, -value
    if value <= 0:
        return None
    if name == "*":
        return arg, replace(found, low=None if low is None else -(-low // value), high=None if high is None else high // value)
    # The quotient is cut towards zero: it is 0 from 1 - value to value - 1.
    low = None if low is None else low * value if low > 0 else low * value - (value - 1)
    high = None if high is None else high * value if high < 0 else high * value + (value - 1)
    return arg, replace(found, low=low, high=high)


def _moved(wanted: Domain, by: int) -> Domain:
    low, high = wanted.low, wanted.high
    return replace(wanted, low=None if low is None else low + by, high=None if high is None else high + by)


def _mirrored(wanted: Domain, at: int) -> Domain:
    """The numbers x for which at - x is in the range."""
    low, high = wanted.low, wanted.high
    return Domain(
        low=None if high is None else at - high,
        low_open=wanted.high_open,
        high=None if low is None else at - low,
        high_open=wanted.low_open,
        null=False,
    )


def _wider(wanted: Domain, by: int) -> Domain:
    low, high = wanted.low, wanted.high
    return replace(wanted, low=None if low is None else low - by, high=None if high is None else high + by)


# ------------------------------------------------------------------------------------------------ ranges of times

_UTC: Final = Zone("UTC", 0)


def _finite(wanted: Domain, kind: int) -> bool:
    endless = DATE_INFINITY if kind == _DATE else TIMESTAMP_INFINITY
    return all(end is None or abs(end) < endless for end in (wanted.low, wanted.high))


def _offsets(zone: Zone, at: int) -> tuple[int, int]:
    """(the least, the greatest) offset around a moment, in microseconds."""
    least, most = zone.offsets_within(at - _NEAR_US, at + _NEAR_US)
    return least * SECOND_US, most * SECOND_US


def _to_utc(local: Domain, zone: Zone) -> Domain:
    """The moments whose local time is in the range."""
    low, high = local.low, local.high
    if low is not None:
        low -= _offsets(zone, low)[1]
    if high is not None:
        high -= _offsets(zone, high)[0]
    return replace(local, low=low, high=high)


def _to_local(moments: Domain, zone: Zone) -> Domain:
    """The local times that mean a moment of the range."""
    low, high = moments.low, moments.high
    if low is not None:
        low += _offsets(zone, low)[0]
    if high is not None:
        high += _offsets(zone, high)[1]
    return replace(moments, low=low, high=high)


def _days(local: Domain) -> Domain:
    """The days whose midnight is in the range."""
    low, high = local.low, local.high
    if low is not None:
        low = low // DAY_US + 1 if local.low_open else -(-low // DAY_US)
    if high is not None:
        high = -(-high // DAY_US) - 1 if local.high_open else high // DAY_US
    return Domain(low=low, high=high, null=False)


def _whole_days(days: Domain) -> Domain:
    """The times of the days of a range."""
    low, high = days.low, days.high
    return Domain(
        low=None if low is None else (low + days.low_open) * DAY_US,
        high=None if high is None else (high + (not days.high_open)) * DAY_US,
        high_open=True,
        null=False,
    )


def _months_before(local: Domain, months: int) -> Domain:
    def back(end: int | None) -> int | None:
        return None if end is None else add_months(end, -months)

    return _wider(replace(local, low=back(local.low), high=back(local.high)), _CLAMPED_US)


def _years(wanted: Domain) -> Domain:
    """The local times of the years of a range."""
    found = _whole(wanted)
    low, high = found.low, found.high
    if (high is not None and not 0 < high < _YEAR_MAX) or (low is not None and low >= _YEAR_MAX):
        raise ValueError
    return Domain(
        low=None if low is None or low < 1 else days_from_civil(low, 1, 1) * DAY_US,
        high=None if high is None else days_from_civil(high + 1, 1, 1) * DAY_US,
        high_open=True,
        null=False,
    )


def _seconds(wanted: Domain, slack: int) -> Domain:
    """The moments of a range of seconds since 1970."""
    low, high = wanted.low, wanted.high
    found = replace(
        wanted,
        low=None if low is None else Fraction(low) * SECOND_US,
        high=None if high is None else Fraction(high) * SECOND_US,
    )
    return _wider(_whole(found), slack)


def _start(unit: str, local: int) -> int:
    """Where the unit begins that a local time is in."""
    if unit in _SMALL:
        return local - local % _SMALL[unit]
    day = local // DAY_US
    if unit == "week":
        day -= (day + 3) % 7  # 1970-01-01 was a Thursday
    elif unit != "day":
        year, month, _ = civil_from_days(day)
        day = days_from_civil(year, month - (month - 1) % _MONTHS[unit], 1)
    return day * DAY_US


def _next(unit: str, start: int) -> int:
    """Where the unit after it begins."""
    if unit in _SMALL:
        return start + _SMALL[unit]
    if unit in ("day", "week"):
        return start + (1 if unit == "day" else 7) * DAY_US
    year, month, _ = civil_from_days(start // DAY_US)
    months = month - 1 + _MONTHS[unit]
    return days_from_civil(year + months // 12, months % 12 + 1, 1) * DAY_US
