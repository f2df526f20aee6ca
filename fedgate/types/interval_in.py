"""Text -> interval: every input form of PostgreSQL 15.

`1 year 2 mons -3 days 04:05:06.7`, `@ 1 hour ago`, `1-2 3 4:05:06` (SQL standard), `P1Y2M3DT4H5M6S`, `P0001-02-03T04:05:06`.
Fractions of a unit go down to days and microseconds with 30 days a month. Fields are read from right to left, since a
unit stands after its number. Errors: 22007 (not an interval), 22015 (a field out of range), 22008 (the whole out of range).
"""

from __future__ import annotations

import math
import re
from typing import Final

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
_ISO_FIELD = re.compile(r"([+-]?\d*(?:\.\d*)?)([YMWDHSymwdhs])", re.ASCII)
_ISO_DATE = re.compile(r"([+-]?\d+)(?:-(\d+)(?:-(\d+))?)?", re.ASCII)
_ISO_TIME = re.compile(r"([+-]?\d+)(?::(\d+)(?::(\d+(?:\.\d*)?))?)?", re.ASCII)


class _Sum:
    """What was read so far."""

    def __init__(self) -> None:
        self.months = 0
        self.year_months = 0  # those of them that came as whole years
        self.days = 0
        self.micro = 0

    def add(self, whole: int, fraction: float, unit: str) -> None:
        if unit in _TIME_UNITS:
            self.micro += whole * _TIME_UNITS[unit] + _rounded(fraction * _TIME_UNITS[unit])
        elif unit in _YEAR_UNITS:
            self.year_months += whole * 12 * _YEAR_UNITS[unit]
            self.months += whole * 12 * _YEAR_UNITS[unit] + round(fraction * 12 * _YEAR_UNITS[unit])
        elif unit == "month":
            self.months += whole
            self._fraction_days(fraction * 30)
        else:
            scale = 7 if unit == "week" else 1
            self.days += whole * scale
            self._fraction_days(fraction * scale)
        if self.months not in _INT32 or self.days not in _INT32 or self.micro not in _INT64:
            raise FieldRangeError

    def _fraction_days(self, days: float) -> None:
        whole = math.trunc(days)
        self.days += whole
        self.micro += _rounded((days - whole) * DAY_US)

    def negate(self) -> None:
        self.months, self.days, self.micro = -self.months, -self.days, -self.micro


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
    value = Interval(total.months, total.days, total.micro)
    if value.months not in _INT32 or value.days not in _INT32 or value.microseconds not in _INT64:
        raise SqlError("22008", "interval out of range")
    return apply_interval_typmod(value, typmod)


def _read(fields: list[Field], span: int, *, sql_standard: bool) -> _Sum:
    total = _Sum()
    seen: set[str] = set()
    unit: str | None = None
    ago = False
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
            if seen & {"hour", "minute", "second"}:
                raise BadFormatError
            total.add(_clock(item.text, span), 0.0, "microsecond")
            seen |= {"hour", "minute", "second"}
            unit = "day"
            continue
        unit = _number(item.text, unit or _last_unit(span), total, seen)
    if not seen:
        raise BadFormatError
    if sql_standard and fields[0].text.startswith("-") and not any(f.text[0] in "+-" for f in fields[1:]):
        years, months = total.year_months, total.months - total.year_months
        total.months, total.days, total.micro = -abs(years) - abs(months), -abs(total.days), -abs(total.micro)
    if ago:
        total.negate()
    return total


def _number(text: str, unit: str, total: _Sum, seen: set[str]) -> str:
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
    if unit in seen:
        raise BadFormatError
    seen.add(unit)
    if unit == "second" and fraction:
        seen |= {"millisecond", "microsecond"}
    total.add(-whole if sign == "-" else whole, -fraction if sign == "-" else fraction, unit)
    return "day" if unit == "hour" else unit


def _clock(text: str, span: int) -> int:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise BadFormatError
    sign, first, second, third, fraction, short_fraction = match.groups()
    hours, minutes, seconds = int(first), int(second), int(third or 0)
    if short_fraction is not None or (third is None and span == _MINUTE | _SECOND):
        hours, minutes, seconds, fraction = 0, hours, minutes, short_fraction
    if (minutes > 59 and short_fraction is None) or seconds > 60:
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
    if len(text) < 2 or text[0] != "P":
        raise BadFormatError
    total = _Sum()
    date, _, time = text[1:].partition("T")
    if date:
        _iso_part(date, {"Y": "year", "M": "month", "W": "week", "D": "day"}, total, time_part=False)
    if time:
        _iso_part(time, {"H": "hour", "M": "minute", "S": "second"}, total, time_part=True)
    return total


def _iso_part(text: str, units: dict[str, str], total: _Sum, *, time_part: bool) -> None:
    if not _ISO_FIELD.match(text):
        _iso_plain(text, total, time_part=time_part)
        return
    at = 0
    while at < len(text):
        match = _ISO_FIELD.match(text, at)
        unit = units.get(match[2]) if match else None
        if match is None or unit is None or not match[1].strip("+-."):
            raise BadFormatError
        whole, fraction = _split(match[1])
        total.add(whole, fraction, unit)
        at = match.end()


def _iso_plain(text: str, total: _Sum, *, time_part: bool) -> None:
    """`0001-02-03`, `00010203`; `04:05:06`, `040506`."""
    compact = re.fullmatch(r"([+-]?)(\d{2})(\d{2})(\d{2})(\.\d*)?" if time_part else r"([+-]?)(\d{4})(\d{2})(\d{2})(\.\d*)?", text)
    if compact:
        parts = [compact[1] + compact[2], compact[1] + compact[3], compact[1] + compact[4] + (compact[5] or "")]
    else:
        match = (_ISO_TIME if time_part else _ISO_DATE).fullmatch(text)
        if match is None:
            raise BadFormatError
        parts = [part for part in match.groups() if part is not None]
    for part, unit in zip(parts, ("hour", "minute", "second") if time_part else ("year", "month", "day"), strict=False):
        whole, fraction = _split(part)
        total.add(whole, fraction, unit)


def _split(number: str) -> tuple[int, float]:
    """(whole, fraction), both with the number's sign."""
    sign = -1 if number.startswith("-") else 1
    whole, _, fraction = number.lstrip("+-").partition(".")
    return sign * int(whole or 0), sign * float(f"0.{fraction or 0}")


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
