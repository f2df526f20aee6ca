"""date, timestamp, timestamptz -> text in the DateStyles SQL, Postgres and German (ISO is `datetime_text`).

https://www.postgresql.org/docs/15/datatype-datetime.html#DATATYPE-DATETIME-OUTPUT
"""

from __future__ import annotations

from typing import Final

from fedgate.types.civil import DAY_US, SECOND_US, civil_from_days
from fedgate.types.datetime_text import check_not_before, time_text
from fedgate.types.style import TextStyle
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY
from fedgate.types.zones import Zone

_DAYS: Final = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # 1970-01-01 was a Thursday
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ABBREVIATION_MAX: Final = 10


def styled_date(days: int, style: TextStyle) -> str:
    """`02/29/2024`, `02-29-2024`, `29.02.2024`; the day comes first in German and in the order DMY."""
    if abs(days) == DATE_INFINITY:
        return "infinity" if days > 0 else "-infinity"
    year, month, day = civil_from_days(days)
    return _date(year, month, day, style) + _era(year)


def styled_timestamp(micro: int, style: TextStyle, zone: Zone | None = None) -> str:
    """`02/29/2024 04:05:06.7 CET`, `Thu Feb 29 04:05:06.7 2024 CET`; with a zone `micro` is UTC."""
    if abs(micro) == TIMESTAMP_INFINITY:
        return "infinity" if micro > 0 else "-infinity"
    check_not_before(micro)
    offset = 0 if zone is None else zone.offset_at(micro)
    days, rest = divmod(micro + offset * SECOND_US, DAY_US)
    year, month, day = civil_from_days(days)
    suffix = "" if zone is None else f" {zone.abbreviation_at(micro)[:_ABBREVIATION_MAX]}"
    if style.date_form == "postgres":
        name = _MONTHS[month - 1]
        date = f"{day:02d} {name}" if style.date_order == "DMY" else f"{name} {day:02d}"
        return f"{_DAYS[days % 7]} {date} {time_text(rest)} {_shown(year):04d}{suffix}{_era(year)}"
    return f"{_date(year, month, day, style)} {time_text(rest)}{suffix}{_era(year)}"


def _date(year: int, month: int, day: int, style: TextStyle) -> str:
    between = {"sql": "/", "postgres": "-", "german": "."}[style.date_form]
    day_first = style.date_form == "german" or style.date_order == "DMY"
    first, second = (day, month) if day_first else (month, day)
    return f"{first:02d}{between}{second:02d}{between}{_shown(year):04d}"


def _shown(year: int) -> int:
    return year if year > 0 else 1 - year


def _era(year: int) -> str:
    return "" if year > 0 else " BC"
