"""timestamptz + interval on single values (microseconds since 1970 UTC)."""

from __future__ import annotations

from fedgate.errors import SqlError
from fedgate.types.civil import civil_from_days, days_from_civil, month_length
from fedgate.types.values import TIMESTAMP_INFINITY, Interval
from fedgate.types.zones import find_zone

_DAY = 86_400_000_000
# What both PostgreSQL (from 4714 BC) and DuckDB (to 294247-01-10) hold.
_FIRST, _BEYOND = days_from_civil(-4713, 11, 24) * _DAY, TIMESTAMP_INFINITY


def add_months(local: int, months: int) -> int:
    """A local time that many months on; the day is cut to the month's length."""
    day, us = divmod(local, _DAY)
    year, month, dom = civil_from_days(day)
    index = year * 12 + month - 1 + months
    year, month = index // 12, index % 12 + 1
    return days_from_civil(year, month, min(dom, month_length(year, month))) * _DAY + us


def add(at: int, by: Interval, zone_name: str) -> int:
    """timestamptz_pl_interval. Raises SqlError 22008, 22023."""
    if abs(at) >= TIMESTAMP_INFINITY:
        return at
    zone = find_zone(zone_name)
    if zone is None:
        raise SqlError("22023", f'time zone "{zone_name}" not recognized')
    for months, days in ((by.months, 0), (0, by.days)):
        if months or days:
            local = at + zone.offset_at(at) * 1_000_000
            local = add_months(local, months) if months else local + days * _DAY
            at = local - zone.offset_of_local(local) * 1_000_000
    at += by.microseconds
    if not _FIRST <= at < _BEYOND:
        raise SqlError("22008", "timestamp out of range")
    return at
