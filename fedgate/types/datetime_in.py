"""Text -> date, time, timestamp, timestamptz, as PostgreSQL 15's input functions read it.

Contract: `parse_date`, `parse_time`, `parse_timestamp`, `parse_timestamptz` give the values of types/values.py. Errors: 22007 (not
such a text), 22008 (a field or the whole out of range), 22009 (zone displacement), 22023 (unknown zone), 0A000
(a timestamp beyond what microseconds since 1970 hold).
`now_us` is what 'now', 'today', 'tomorrow' and 'yesterday' stand on.
"""

from __future__ import annotations

from fedgate.errors import SqlError
from fedgate.types.civil import DATE_END, DATE_MIN, DAY_US, check_timestamp, days_from_civil
from fedgate.types.clock_in import FieldRangeError, ZoneRangeError
from fedgate.types.datetime_fields import Decoded, decode
from fedgate.types.datetime_tokens import BadFormatError
from fedgate.types.style import TextStyle
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY
from fedgate.types.zones import Zone, find_zone


def session_zone(style: TextStyle) -> Zone:
    """The zone of the session. Raises SqlError 22023 when it is not known."""
    zone = find_zone(style.timezone)
    if zone is None:
        raise SqlError("22023", f'invalid value for parameter "TimeZone": "{style.timezone}"')
    return zone


def parse_date(text: str, style: TextStyle, now_us: int) -> int:
    """Days since 1970-01-01, or plus or minus DATE_INFINITY."""
    found = _decode(text, "date", style, now_us)
    if found.special == "infinity":
        return DATE_INFINITY
    if found.special == "-infinity":
        return -DATE_INFINITY
    if found.special == "epoch":
        return 0
    assert found.date is not None
    days = days_from_civil(*found.date)
    if not DATE_MIN <= days < DATE_END:
        raise SqlError("22008", f'date out of range: "{text}"')
    return days


def parse_time(text: str, typmod: int, style: TextStyle, now_us: int) -> int:
    """Microseconds since midnight, 24:00:00 included."""
    found = _decode(text, "time", style, now_us)
    return round_us(found.time_us, typmod)


def parse_timestamp(text: str, typmod: int, style: TextStyle, now_us: int) -> int:
    """Microseconds since 1970-01-01 of the wall clock; a zone in the text is ignored."""
    return _timestamp(text, "timestamp", typmod, style, now_us)


def parse_timestamptz(text: str, typmod: int, style: TextStyle, now_us: int) -> int:
    """Microseconds since 1970-01-01 UTC; without a zone in the text the session's holds."""
    return _timestamp(text, "timestamp with time zone", typmod, style, now_us)


def round_us(value: int, typmod: int) -> int:
    """Rounded to `typmod` digits of a second, halves away from zero (-1: as it is)."""
    if not 0 <= typmod < 6:
        return value
    unit: int = 10 ** (6 - typmod)
    rounded = (abs(value) + unit // 2) // unit * unit
    return rounded if value >= 0 else -rounded


def round_timestamp(value: int, typmod: int) -> int:
    """round_us on PostgreSQL's own count (from 2000-01-01), so that halves go the way they do there; infinities stay."""
    if abs(value) == TIMESTAMP_INFINITY:
        return value
    epoch = 10_957 * DAY_US
    return round_us(value - epoch, typmod) + epoch


def _timestamp(text: str, type_name: str, typmod: int, style: TextStyle, now_us: int) -> int:
    found = _decode(text, type_name, style, now_us)
    if found.special == "infinity":
        return TIMESTAMP_INFINITY
    if found.special == "-infinity":
        return -TIMESTAMP_INFINITY
    if found.special == "epoch":
        return 0
    assert found.date is not None
    value = days_from_civil(*found.date) * DAY_US + found.time_us
    if type_name != "timestamp":
        # A value near the ends is checked after the shift: the year may be just past it before.
        value -= _offset(found, value, style) * 1_000_000
    check_timestamp(value, f'timestamp out of range: "{text}"')
    return round_timestamp(value, typmod)


def _offset(found: Decoded, local_us: int, style: TextStyle) -> int:
    if found.offset_s is not None:
        return found.offset_s
    return (found.zone or session_zone(style)).offset_of_local(local_us)


def _decode(text: str, type_name: str, style: TextStyle, now_us: int) -> Decoded:
    try:
        return decode(text, style.date_order, now_us, session_zone(style), time_only=type_name == "time")
    except BadFormatError:
        raise SqlError("22007", f'invalid input syntax for type {type_name}: "{text}"') from None
    except FieldRangeError as range_error:
        hint = 'Perhaps you need a different "datestyle" setting.' if range_error.month_or_day else None
        raise SqlError("22008", f'date/time field value out of range: "{text}"', hint=hint) from None
    except ZoneRangeError:
        raise SqlError("22009", f'time zone displacement out of range: "{text}"') from None
