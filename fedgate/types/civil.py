"""Calendar arithmetic on plain integers: days since 1970-01-01 <-> proleptic Gregorian dates, for every year PostgreSQL has.

Years are astronomical here (year 0 is 1 BC). Nothing goes through Python's datetime, which ends at years 1 and 9999.
Method: days are counted in eras of 400 years that start on 1 March.
"""

from __future__ import annotations

from typing import Final

from fedgate.errors import SqlError, unsupported

DAY_US: Final = 86_400_000_000
HOUR_US: Final = 3_600_000_000
MINUTE_US: Final = 60_000_000
SECOND_US: Final = 1_000_000

ERA_DAYS: Final = 146_097
"""Days in 400 years; the calendar (and the days of the week) repeat after them."""
_EPOCH_SHIFT: Final = 719_468  # days from 0000-03-01 to 1970-01-01
_JULIAN_EPOCH: Final = 2_440_588  # Julian day number of 1970-01-01

DATE_MIN: Final = -_JULIAN_EPOCH
"""4714-11-24 BC, Julian day 0, the first date that PostgreSQL has."""
TIMESTAMP_MIN: Final = DATE_MIN * DAY_US
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a date; `day` may lie outside the month."""
    if month <= 2:
        year -= 1
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * ERA_DAYS + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - _EPOCH_SHIFT


def civil_from_days(days: int) -> tuple[int, int, int]:
    """(astronomical year, month, day) of a count of days since 1970-01-01."""
    era, rest = divmod(days + _EPOCH_SHIFT, ERA_DAYS)
    year_of_era = (rest - rest // 1460 + rest // 36_524 - rest // 146_096) // 365
    day_of_year = rest - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year_of_era + (month <= 2), month, day


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else _MONTH_DAYS[month - 1]


def days_from_julian(julian: int) -> int:
    return julian - _JULIAN_EPOCH


DATE_END: Final = days_from_civil(5_874_898, 1, 1)
"""The first day after PostgreSQL's last date, 5874897-12-31."""
TIMESTAMP_END: Final = 2**63 - 1
"""The first value that is no timestamp here: microseconds since 1970 end in January 294247, 30 years before PostgreSQL's."""
FAR_INTERVAL: Final = "intervals of more than 2562047 hours are not supported"
"""Said, 0A000, of a time that is too long in nanoseconds, in which it travels through Arrow."""
_POSTGRES_END: Final = days_from_civil(294_277, 1, 1) * DAY_US


def check_timestamp(value: int, message: str) -> None:
    """Raises SqlError for microseconds since 1970 that are no timestamp: 22008 with that message as PostgreSQL, 0A000 for those
    of its last 30 years, which have no carrier.
    """
    if TIMESTAMP_END <= value < _POSTGRES_END:
        raise unsupported("a timestamp after 294247-01-10 04:00:54")
    if not TIMESTAMP_MIN <= value < TIMESTAMP_END:
        raise SqlError("22008", message)
