"""Text -> interval: every input form of PostgreSQL 15.

`1 year 2 mons -3 days 04:05:06.7`, `@ 1 hour ago`, `1-2 3 4:05:06` (SQL standard), `P1Y2M3DT4H5M6S`, `P0001-02-03T04:05:06`.
Fractions of a unit go down to days and microseconds with 30 days a month. Fields are read from right to left, since a
unit stands after its number. Errors: 22007 (not an interval), 22015 (a field out of range), 22008 (the whole out of range).
"""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

from fedgate.errors import SqlError
from fedgate.types.civil import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from fedgate.types.clock_in import FieldRangeError
from fedgate.types.datetime_tokens import BadFormatError, Field, tokenize
from fedgate.types.style import TextStyle
from fedgate.types.values import Interval

# Bits of a field range in interval's type modifier.
_MONTH, _YEAR, _DAY, _HOUR, _MINUTE, _SECOND = 1 << 1, 1 << 2, 1 << 3, 1 << 10, 1 << 11, 1 << 12
_FULL_RANGE: Final = 0x7FFF
_FULL_PRECISION: Final = 0xFFFF
_INT32: Final = range(-(2**31), 2**31)
_INT64: Final = range(-(2**63), 2**63)

_UNITS: Final = {
    spelling: unit
    for unit, spellings in {
        "microsecond": "us usec usecs usecond useconds microsecon",
        "millisecond": "ms msec msecs msecond mseconds millisecon",
        "second": "s sec secs second seconds",
        "minute": "m min mins minute minutes",
        "hour": "h hr hrs hour hours",
        "day": "d day days",
        "week": "w week weeks",
        "month": "mon mons month months",
        "year": "y yr yrs year years",
        "decade": "dec decs decade decades",
        "century": "c cent century centuries",
        "millennium": "mil mils millennia millennium",
    }.items()
    for spelling in spellings.split()
}
_KEYWORD_LENGTH: Final = 10  # PostgreSQL compares no more of a word
_TIME_UNITS: Final = {"microsecond": 1, "millisecond": 1000, "second": SECOND_US, "minute": MINUTE_US, "hour": HOUR_US}
_YEAR_UNITS: Final = {"year": 1, "decade": 10, "century": 100, "millennium": 1000}
_NUMBER = re.compile(r"([+-]?)(\d*)(\.\d*)?", re.ASCII)
_YEAR_MONTH = re.compile(r"([+-]?)(\d+)-(\d+)", re.ASCII)
_CLOCK = re.compile(r"([+-]?)(\d+):(\d+)(?::(\d*)(\.\d*)?|(\.\d*))?", re.ASCII)
_ISO_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_ISO_MAX: Final = 1e15
_CLOCK_UNITS: Final = frozenset({"hour", "minute", "second", "millisecond", "microsecond"})
_SECONDS: Final = frozenset({"second", "millisecond", "microsecond"})


class _Sum:
    """What was read so far. Years are kept apart: only the whole has to fit into months."""

    def __init__(self) -> None:
        self.years = 0
        self.months = 0
        self.days = 0
        self.micro = 0

    def add(self, whole: int, fraction: float, unit: str) -> None:
        if unit in _TIME_UNITS:
            self.micro += whole * _TIME_UNITS[unit] + _rounded(fraction * _TIME_UNITS[unit])
        elif unit in _YEAR_UNITS:
            self.years += whole * _YEAR_UNITS[unit]
            self.months += round(fraction * _YEAR_UNITS[unit] * 12)
        elif unit == "month":
            self.months += whole
            self._fraction_days(fraction * 30)
        else:
            scale = 7 if unit == "week" else 1
            self.days += whole * scale
            self._fraction_days(fraction * scale)
        self.check()

    def set_clock(self, micro: int) -> None:
        """A clock time takes the place of the fractions of days that were read before it."""
        self.micro = micro
        self.check()

    def _fraction_days(self, days: float) -> None:
        whole = math.trunc(days)
        self.days += whole
        self.micro += _rounded((days - whole) * DAY_US)

    def check(self) -> None:
        """Raises FieldRangeError for a field that is out of its range."""
        if any(field not in _INT32 for field in (self.years, self.months, self.days)) or self.micro not in _INT64:
            raise FieldRangeError

    def negate(self) -> None:
        self.years, self.months, self.days, self.micro = -self.years, -self.months, -self.days, -self.micro
        self.check()


def _rounded(micro: float) -> int:
    whole = math.trunc(micro)
    rest = micro - whole
    return whole + (1 if rest > 0.5 else -1 if rest < -0.5 else 0)


def parse_interval(text: str, typmod: int, style: TextStyle) -> Interval:
    """Raises SqlError 22007, 22015, 22008."""
    span = (typmod >> 16) & _FULL_RANGE if typmod >= 0 else _FULL_RANGE
    try:
        try:
            total = _read(tokenize(text), span, sql_standard=style.intervalstyle == "sql_standard")
        except BadFormatError:
            total = _read_iso(text)
    except BadFormatError:
        raise SqlError("22007", f'invalid input syntax for type interval: "{text}"') from None
    except FieldRangeError:
        raise SqlError("22015", f'interval field value out of range: "{text}"') from None
    value = Interval(total.years * 12 + total.months, total.days, total.micro)
    if value.months not in _INT32:
        raise SqlError("22008", "interval out of range")
    return apply_interval_typmod(value, typmod)


def _read(fields: list[Field], span: int, *, sql_standard: bool) -> _Sum:
    total = _Sum()
    seen: set[str] = set()
    unit: str | None = None
    ago = False
    # The standard's leading minus is that of all fields, unless others have signs of their own.
    negative = sql_standard and fields[0].text.startswith("-") if fields else False
    negative = negative and not any(f.text[0] in "+-" for f in fields[1:])
    for item in reversed(fields):
        if item.kind in ("word", "special"):
            if item.text == "ago":
                ago = True
                unit = "ago"
                continue
            unit = _UNITS.get(item.text[:_KEYWORD_LENGTH])
            if unit is None:
                raise BadFormatError
            continue
        if item.kind == "time" or (item.kind == "zone" and ":" in item.text):
            if seen & _CLOCK_UNITS:
                raise BadFormatError
            micro = _clock(item.text, span)
            total.set_clock(-abs(micro) if negative else micro)
            seen |= _CLOCK_UNITS
            unit = "day"
            continue
        unit = _number(item.text, unit or _last_unit(span), total, seen, negative=negative)
    if not seen:
        raise BadFormatError
    if ago:
        total.negate()
    return total


def _number(text: str, unit: str, total: _Sum, seen: set[str], *, negative: bool) -> str:
    """Adds one number; gives the unit of a number to the left of it that has none."""
    pair = _YEAR_MONTH.fullmatch(text)
    if pair:
        months = int(pair[3])
        if months > 11:
            raise FieldRangeError
        whole, fraction, unit = int(pair[2]) * 12 + months, 0.0, "month"
        sign = pair[1]
    else:
        match = _NUMBER.fullmatch(text)
        if match is None or unit == "ago":
            raise BadFormatError
        sign = match[1]
        whole, fraction = int(match[2] or 0), float("0" + match[3]) if match[3] and len(match[3]) > 1 else 0.0
    # A second with a fraction leaves no place for smaller units.
    units = _SECONDS if unit == "second" and fraction else {unit}
    if seen & units:
        raise BadFormatError
    seen |= units
    minus = sign == "-" or negative
    total.add(-whole if minus else whole, -fraction if minus else fraction, unit)
    return "day" if unit == "hour" else unit


def _clock(text: str, span: int) -> int:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise BadFormatError
    sign, first, second, third, fraction, short_fraction = match.groups()
    hours, minutes, seconds = int(first), int(second), int(third or 0)
    if short_fraction is not None or (third is None and span == _MINUTE | _SECOND):
        hours, minutes, seconds, fraction = 0, hours, minutes, short_fraction
    if minutes > 59 or seconds > 60:
        raise FieldRangeError
    micro = hours * HOUR_US + minutes * MINUTE_US + seconds * SECOND_US
    micro += round(float("0" + fraction) * SECOND_US) if fraction and len(fraction) > 1 else 0
    if micro not in _INT64:
        raise FieldRangeError
    return -micro if sign == "-" else micro


def _last_unit(span: int) -> str:
    """What a number without a unit is, by the range of the type (`interval year to month`)."""
    if span == _FULL_RANGE or span & _SECOND:
        return "second"
    for bit, unit in ((_MINUTE, "minute"), (_HOUR, "hour"), (_DAY, "day"), (_MONTH, "month"), (_YEAR, "year")):
        if span & bit:
            return unit
    return "second"


# -- ISO 8601 -----------------------------------------------------------------------------------------------------------------


def _read_iso(text: str) -> _Sum:
    """`P1Y2M3DT4H5M6S`, and the alternatives `P0001-02-03T04:05:06` and `P00010203T040506`."""
    if len(text) < 2 or text[0] != "P":
        raise BadFormatError
    total = _Sum()
    at, in_time, first = 1, False, True
    while at < len(text):
        if text[at] == "T":
            at, in_time, first = at + 1, True, True
            continue
        units = _ISO_TIME if in_time else _ISO_DATE
        start = at
        whole, fraction, at = _iso_number(text, start)
        mark = text[at : at + 1]
        if mark in units.marks:
            total.add(whole, fraction, units.marks[mark])
            at, first = at + 1, False
            continue
        if mark not in units.ends or not first:
            raise BadFormatError
        if mark != units.between and len(re.match(r"-?(\d*)", text[start:], re.ASCII)[1]) == units.width:  # type: ignore[index]
            rest = math.trunc(whole / 100)
            for number, unit in zip(
                (math.trunc(rest / 100), math.fmod(rest, 100), math.fmod(whole, 100)), units.fields, strict=True
            ):
                total.add(int(number), 0.0, unit)
            total.add(0, fraction, units.rest)
        else:
            total.add(whole, fraction, units.fields[0])
            for unit in units.fields[1:]:
                if text[at : at + 1] != units.between:
                    break
                whole, fraction, at = _iso_number(text, at + 1)
                total.add(whole, fraction, unit)
        if at < len(text) and (in_time or text[at] != "T"):
            raise BadFormatError
    return total


class _IsoPart(NamedTuple):
    """One side of the T: units by letter; those of the alternative forms, what stands between them, how many digits they have
    without it, of what unit a fraction of these is.
    """

    marks: dict[str, str]
    fields: tuple[str, str, str]
    between: str
    ends: tuple[str, ...]
    width: int
    rest: str


_ISO_DATE: Final = _IsoPart(
    {"Y": "year", "M": "month", "W": "week", "D": "day"}, ("year", "month", "day"), "-", ("-", "T", ""), 8, "day"
)
_ISO_TIME: Final = _IsoPart(
    {"H": "hour", "M": "minute", "S": "second"}, ("hour", "minute", "second"), ":", (":", ""), 6, "microsecond"
)


def _iso_number(text: str, at: int) -> tuple[int, float, int]:
    """(whole, fraction, where it ends) of a number; both parts have its sign."""
    match = _ISO_NUMBER.match(text, at)
    if match is None:
        raise BadFormatError
    value = float(match[0])
    if not -_ISO_MAX <= value <= _ISO_MAX:
        raise FieldRangeError
    whole = math.trunc(value)
    return whole, value - whole, match.end()


# -- type modifier ------------------------------------------------------------------------------------------------------------


def apply_interval_typmod(value: Interval, typmod: int) -> Interval:
    """Cut to the fields of `interval year to month` & co, rounded to the digits of `interval(p)`."""
    if typmod < 0:
        return value
    span, precision = (typmod >> 16) & _FULL_RANGE, typmod & _FULL_PRECISION
    months, days, micro = value
    if span != _FULL_RANGE:
        if not span & (_DAY | _HOUR | _MINUTE | _SECOND):
            days = micro = 0
            if not span & _MONTH:
                months = _truncate(months, 12)
        elif not span & (_HOUR | _MINUTE | _SECOND):
            micro = 0
        elif not span & (_MINUTE | _SECOND):
            micro = _truncate(micro, HOUR_US)
        elif not span & _SECOND:
            micro = _truncate(micro, MINUTE_US)
    if precision < 6:
        unit: int = 10 ** (6 - precision)
        rounded = (abs(micro) + unit // 2) // unit * unit
        micro = rounded if micro >= 0 else -rounded
    return Interval(months, days, micro)


def _truncate(value: int, unit: int) -> int:
    return value // unit * unit if value >= 0 else -(-value // unit * unit)
