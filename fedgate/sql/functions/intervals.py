"""Interval and calendar arithmetic as UDFs, where PostgreSQL's rounding and cascading rules have no native counterpart.

Source: src/backend/utils/adt/timestamp.c of PostgreSQL 15 (timestamp_age, interval_trunc, interval_justify_*).
"""

from __future__ import annotations

from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions.calendar_vectors import timestamps
from fedgate.sql.functions.udf import define, scalar
from fedgate.types.civil import check_timestamp, civil_from_days, days_from_civil, month_length
from fedgate.types.values import Interval

DAY_US = 86_400_000_000
MONTH_DAYS = 30
_I = "INTERVAL"


def fields(value: Any) -> Interval:
    """An interval from what Arrow gives."""
    return Interval(value[0], value[1], value[2] // 1000)


def check_bin(stride: Interval) -> None:
    """date_bin's conditions on its stride."""
    if stride.months:
        raise SqlError("0A000", "timestamps cannot be binned into intervals containing months or years")
    if stride.days * DAY_US + stride.microseconds <= 0:
        raise SqlError("22008", "stride must be greater than zero")
    if stride.days * DAY_US + stride.microseconds >= 2**63:
        raise SqlError("22008", "interval out of range")


@scalar("pg_justify_hours", [_I], _I)
def justify_hours(value: Any) -> Interval:
    v = fields(value)
    extra = int(v.microseconds / DAY_US) if abs(v.microseconds) < 2**52 else _toward_zero(v.microseconds, DAY_US)
    return _same_sign_time(Interval(v.months, v.days + extra, v.microseconds - extra * DAY_US))


def _toward_zero(a: int, b: int) -> int:
    return a // b if a >= 0 else -(-a // b)


def _same_sign_time(v: Interval) -> Interval:
    if v.days > 0 and v.microseconds < 0:
        return Interval(v.months, v.days - 1, v.microseconds + DAY_US)
    if v.days < 0 and v.microseconds > 0:
        return Interval(v.months, v.days + 1, v.microseconds - DAY_US)
    return v


@scalar("pg_justify_days", [_I], _I)
def justify_days(value: Any) -> Interval:
    v = fields(value)
    extra = _toward_zero(v.days, MONTH_DAYS)
    months, days = v.months + extra, v.days - extra * MONTH_DAYS
    if months > 0 and days < 0:
        months, days = months - 1, days + MONTH_DAYS
    elif months < 0 and days > 0:
        months, days = months + 1, days - MONTH_DAYS
    return Interval(months, days, v.microseconds)


@scalar("pg_justify_interval", [_I], _I)
def justify_interval(value: Any) -> Interval:
    v = fields(value)
    extra = _toward_zero(v.microseconds, DAY_US)
    days, us = v.days + extra, v.microseconds - extra * DAY_US
    months_extra = _toward_zero(days, MONTH_DAYS)
    months, days = v.months + months_extra, days - months_extra * MONTH_DAYS
    if months > 0 and (days < 0 or (days == 0 and us < 0)):
        months, days = months - 1, days + MONTH_DAYS
    elif months < 0 and (days > 0 or (days == 0 and us > 0)):
        months, days = months + 1, days - MONTH_DAYS
    return _same_sign_time(Interval(months, days, us))


_SPANS = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200, "millennium": 12000}
_TIMES = {"hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000, "milliseconds": 1000, "microseconds": 1}


@scalar("pg_interval_trunc", ["VARCHAR", _I], _I)
def interval_trunc(unit: str, value: Any) -> Interval:
    v = fields(value)
    if unit in _SPANS:
        span = _SPANS[unit]
        return Interval(_toward_zero(v.months, span) * span, 0, 0)
    if unit == "day":
        return Interval(v.months, v.days, 0)
    step = _TIMES[unit]
    return Interval(v.months, v.days, _toward_zero(v.microseconds, step) * step)


@scalar("pg_age", ["TIMESTAMP", "TIMESTAMP"], _I)
def age(a: int, b: int) -> Interval:
    """timestamp_age: years, months, days as a calendar counts them, borrowing the length of the earlier date's month."""
    if max(abs(a), abs(b)) >= 2**63 - 1:
        raise SqlError("22008", "timestamp out of range")
    negative = a < b
    late, early = (b, a) if negative else (a, b)
    (late_day, late_us), (early_day, early_us) = divmod(late, DAY_US), divmod(early, DAY_US)
    y1, m1, d1 = civil_from_days(late_day)
    y2, m2, d2 = civil_from_days(early_day)
    us, days, months = late_us - early_us, d1 - d2, (y1 - y2) * 12 + m1 - m2
    if us < 0:
        us, days = us + DAY_US, days - 1
    if days < 0:
        # The month that is borrowed from is that of the earlier one.
        days, months = days + month_length(y2, m2), months - 1
        while days < 0:
            days, months = days + month_length(y2, m2), months - 1
    return Interval(-months, -days, -us) if negative else Interval(months, days, us)


def _date(year: int, month: int, day: int) -> int:
    text = f"{year}-{month:02}-{day:02}"
    astronomic = year + 1 if year < 0 else year
    if year == 0 or not 1 <= month <= 12 or not 1 <= day <= month_length(astronomic, month):
        raise SqlError("22008", f"date field value out of range: {text}")
    return days_from_civil(astronomic, month, day)


@scalar("pg_make_date", ["INTEGER", "INTEGER", "INTEGER"], "DATE")
def make_date(year: int, month: int, day: int) -> int:
    if abs(year) > 5_874_897:
        raise SqlError("22008", f"date out of range: {year}-{month:02}-{day:02}")
    return _date(year, month, day)


def _time(hour: int, minute: int, second: float) -> int:
    micro = round(second * 1_000_000) if 0 <= second <= 60 else -1
    value = (hour * 60 + minute) * 60_000_000 + micro
    if not (0 <= hour <= 24 and 0 <= minute <= 59 and micro >= 0) or value > DAY_US:
        raise SqlError("22008", f"time field value out of range: {hour}:{minute:02}:{second:02g}")
    return value


@scalar("pg_make_time", ["INTEGER", "INTEGER", "DOUBLE"], "TIME")
def make_time(hour: int, minute: int, second: float) -> int:
    return _time(hour, minute, second)


def make_timestamp(year: int, month: int, day: int, hour: int, minute: int, second: float) -> int:
    value = _date(year, month, day) * DAY_US + _time(hour, minute, second)
    check_timestamp(value, f"timestamp out of range: {year}-{month:02}-{day:02} {hour}:{minute:02}:{second:02g}")
    return value


define("pg_make_timestamp", ["INTEGER"] * 5 + ["DOUBLE"], "TIMESTAMP", timestamps(make_timestamp))
