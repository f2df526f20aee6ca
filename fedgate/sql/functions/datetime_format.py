"""to_char of times and intervals: PostgreSQL's template language (src/backend/utils/adt/formatting.c), English names only."""

from __future__ import annotations

from dataclasses import dataclass

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions.datetime_template import DAYS, MONTHS, ROMAN, parts
from fedgate.types.civil import civil_from_days, days_from_civil
from fedgate.types.values import Interval

DAY_US = 86_400_000_000
_NAMES = frozenset({"MONTH", "MON", "DAY", "DY"})


@dataclass(frozen=True, slots=True)
class Moment:
    """The fields that a template can ask for; `interval` ones lack a calendar."""

    year: int
    month: int
    day: int
    us: int
    days: int
    zone: str = ""
    offset: int = 0
    interval: bool = False

    @property
    def hour(self) -> int:
        return _div(self.us, 3_600_000_000)


def _div(a: int, b: int) -> int:
    return a // b if a >= 0 else -(-a // b)


def _mod(a: int, b: int) -> int:
    return a - _div(a, b) * b


def of_timestamp(local: int, zone: str = "", offset: int = 0) -> Moment:
    """A local time, microseconds since 1970."""
    day, us = divmod(local, DAY_US)
    year, month, dom = civil_from_days(day)
    return Moment(year, month, dom, us, day, zone, offset)


def of_interval(value: Interval) -> Moment:
    return Moment(_div(value.months, 12), _mod(value.months, 12), value.days, value.microseconds, 0, interval=True)


def format_moment(moment: Moment, template: str) -> str:
    """to_char(moment, template)."""
    out = []
    for part in parts(template):
        if part.kind != "field":
            out.append(part.text)
        elif part.name != "FX":
            # Localized names are English ones here, without padding.
            text = _field(moment, part.text, part.fill or (part.local and part.name in _NAMES))
            if part.suffix and text.lstrip("-").isdigit():
                ordinal = _ordinal(int(text))
                text += ordinal.upper() if part.suffix == "TH" else ordinal
            out.append(text)
    return "".join(out)


def _ordinal(n: int) -> str:
    n = abs(n)
    return "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")


def _padded(value: int, width: int, fill: bool) -> str:
    """A number in that many digits, and a sign if it has one."""
    return _field_of(value, width + (value < 0), fill)


def _field_of(value: int, width: int, fill: bool) -> str:
    """A number in that many characters, its sign among them."""
    return str(value) if fill else f"{value:0{width}}"


def _iso(days: int) -> tuple[int, int, int]:
    """ISO year, week and day of the ISO year."""
    weekday = (days + 3) % 7
    year = civil_from_days(days - weekday + 3)[0]
    fourth = days_from_civil(year, 1, 4)
    first = fourth - (fourth + 3) % 7
    return year, (days - first) // 7 + 1, days - first + 1


def _shown_year(year: int, interval: bool) -> int:
    return year if interval or year > 0 else -(year - 1)


def _field(m: Moment, keyword: str, fill: bool) -> str:
    upper = keyword.upper()
    if m.interval and upper in ("DAY", "DY", "D", "ID", "TZ", "TZH", "TZM", "OF", "A.D.", "AD", "B.C.", "BC", *_NAMES):
        raise SqlError(
            "22007", "invalid format specification for an interval value", hint="Intervals are not tied to specific calendar dates."
        )
    for family in (_clock, _names, _numbers, _isoweek):
        text = family(m, keyword, upper, fill)
        if text is not None:
            return text
    raise unsupported(f"the template pattern {keyword} of to_char()")


def _clock(m: Moment, keyword: str, upper: str, fill: bool) -> str | None:
    hour, minute, second, us = m.hour, _mod(_div(m.us, 60_000_000), 60), _mod(_div(m.us, 1_000_000), 60), _mod(m.us, 1_000_000)
    match upper:
        case "HH24":
            return _padded(hour, 2, fill)
        case "HH" | "HH12":
            return _field_of(_mod(hour, 12) or 12, 3 if hour < 0 else 2, fill)
        case "MI":
            return _padded(minute, 2, fill)
        case "SS":
            return _padded(second, 2, fill)
        case "MS":
            return f"{_div(us, 1000):03}"
        case "US":
            return f"{us:06}"
        case "SSSS" | "SSSSS":
            return str(_div(m.us, 1_000_000))
        case "AM" | "PM" | "A.M." | "P.M.":
            half = ("P" if _mod(hour, 24) >= 12 else "A") + (".M." if "." in upper else "M")
            return half if keyword[0].isupper() else half.lower()
    if upper.startswith("FF"):
        digits = int(upper[2])
        return f"{_div(us, 10 ** (6 - digits)):0{digits}}"
    return _zone(m, keyword, upper)


def _zone(m: Moment, keyword: str, upper: str) -> str | None:
    sign, minutes = "-" if m.offset < 0 else "+", abs(m.offset) // 60
    match upper:
        case "TZ":
            return m.zone.lower() if keyword == "tz" else m.zone
        case "TZH":
            return f"{sign}{minutes // 60:02}"
        case "TZM":
            return f"{minutes % 60:02}"
        case "OF":
            return f"{sign}{minutes // 60:02}" + (f":{minutes % 60:02}" if minutes % 60 else "")
    return None


def _cased(name: str, keyword: str, width: int, fill: bool) -> str:
    text = name.upper() if keyword.isupper() else name.lower() if keyword.islower() else name
    return text if fill else text.ljust(width)


def _names(m: Moment, keyword: str, upper: str, fill: bool) -> str | None:
    match upper:
        case "RM":
            return _roman(m, keyword, fill)
        case "MONTH" | "MON":
            name = MONTHS[m.month - 1]
            return _cased(name if upper == "MONTH" else name[:3], keyword, 9 if upper == "MONTH" else 0, fill)
        case "DAY" | "DY":
            name = DAYS[(m.days + 4) % 7]
            return _cased(name if upper == "DAY" else name[:3], keyword, 9 if upper == "DAY" else 0, fill)
        case "AD" | "BC" | "A.D." | "B.C.":
            era = "BC" if m.year <= 0 else "AD"
            era = f"{era[0]}.{era[1]}." if "." in upper else era
            return era if keyword[0].isupper() else era.lower()
    return None


def _roman(m: Moment, keyword: str, fill: bool) -> str:
    """Of an interval's months, that count back from December where they are negative; whole years end (or began) one."""
    if not m.month and not m.year:
        return ""
    month = m.month if m.month > 0 else 13 + m.month if m.month < 0 else 12 if m.year > 0 else 1
    roman = ROMAN[month - 1] if keyword.isupper() else ROMAN[month - 1].lower()
    return roman if fill else roman.ljust(4)


def _numbers(m: Moment, keyword: str, upper: str, fill: bool) -> str | None:
    year = _shown_year(m.year, m.interval)
    match upper:
        case "DD":
            return _field_of(m.day, 2, fill)
        case "D":
            return str((m.days + 4) % 7 + 1)
        case "DDD":
            value = m.year * 12 * 30 + m.month * 30 + m.day if m.interval else m.days - days_from_civil(m.year, 1, 1) + 1
            return _field_of(value, 3, fill)
        case "MM":
            return _padded(m.month, 2, fill)
        case "Q":
            return str(_div(m.month - 1, 3) + 1) if m.month else ""
        case "WW":
            value = m.days - days_from_civil(m.year, 1, 1) + 1 if not m.interval else m.year * 360 + m.month * 30 + m.day
            return _field_of(_div(value - 1, 7) + 1, 2, fill)
        case "W":
            return str(_div(m.day - 1, 7) + 1)
        case "J":
            if m.interval:
                raise unsupported("the template pattern J with intervals")
            return str(m.days + 2_440_588)
        case "CC":
            century = _div(m.year, 100) if m.interval else (m.year + 99) // 100 if m.year > 0 else -((99 - (m.year - 1)) // 100)
            return _padded(century, 2, fill)
        case "Y,YYY":
            thousands = _div(year, 1000)
            return f"{thousands},{year - thousands * 1000:03}"
        case "YYYY":
            return _padded(year, 4, fill)
        case "YYY" | "YY" | "Y":
            width = len(upper)
            return _field_of(_mod(year, 10**width), width + (width > 1 and year < 0), fill)
    return None


def _isoweek(m: Moment, keyword: str, upper: str, fill: bool) -> str | None:
    if m.interval or upper not in ("IYYY", "IYY", "IY", "I", "IW", "IDDD", "ID"):
        return None
    year, week, day = _iso(m.days)
    shown = _shown_year(year, False)
    match upper:
        case "IW":
            return _padded(week, 2, fill)
        case "IDDD":
            return _padded(day, 3, fill)
        case "ID":
            return str((m.days + 3) % 7 + 1)
        case "IYYY":
            return _padded(shown, 4, fill)
    width = len(upper)
    return _padded(shown % 10**width, width, fill)
