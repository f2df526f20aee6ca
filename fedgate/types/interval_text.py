"""interval -> text, in PostgreSQL's four output styles (setting IntervalStyle)."""

from __future__ import annotations

from typing import Final

from fedgate.types.civil import MINUTE_US, SECOND_US
from fedgate.types.values import Interval


def interval_text(value: Interval, style: str = "postgres") -> str:
    """Text in an IntervalStyle."""
    return _WRITERS[style](value)


def _clock(micro: int) -> tuple[int, int, int, int]:
    minutes, rest = divmod(micro, MINUTE_US)
    hours, minute = divmod(minutes, 60)
    second, fraction = divmod(rest, SECOND_US)
    return hours, minute, second, fraction


def _seconds(second: int, fraction: int, *, pad: bool = True) -> str:
    text = f"{second:02d}" if pad else str(second)
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text


def _years_months(months: int) -> tuple[int, int]:
    years = abs(months) // 12 * (-1 if months < 0 else 1)
    return years, months - years * 12


def _postgres(value: Interval) -> str:
    years, months = _years_months(value.months)
    parts: list[str] = []
    negative = False
    for count, unit in ((years, "year"), (months, "mon"), (value.days, "day")):
        if count:
            plus = "+" if negative and count > 0 else ""
            parts.append(f"{plus}{count} {unit}{'' if count == 1 else 's'}")
            negative = count < 0
    if value.microseconds or not parts:
        hours, minute, second, fraction = _clock(abs(value.microseconds))
        sign = "-" if value.microseconds < 0 else "+" if negative else ""
        parts.append(f"{sign}{hours:02d}:{minute:02d}:{_seconds(second, fraction)}")
    return " ".join(parts)


def _verbose(value: Interval) -> str:
    years, months = _years_months(value.months)
    micro = value.microseconds
    hours, minute, second, fraction = _clock(abs(micro))
    flip = -1 if micro < 0 else 1
    parts: list[str] = []
    ago: bool | None = None
    for count, unit in ((years, "year"), (months, "mon"), (value.days, "day"), (hours * flip, "hour"), (minute * flip, "min")):
        if count:
            ago = count < 0 if ago is None else ago
            shown = -count if ago else count
            parts.append(f"{shown} {unit}{'' if shown == 1 else 's'}")
    if second or fraction:
        ago = micro < 0 if ago is None else ago
        sign = "-" if (micro < 0) != ago else ""
        plural = "" if second == 1 and not fraction else "s"
        parts.append(f"{sign}{_seconds(second, fraction, pad=False)} sec{plural}")
    return " ".join(("@", *(parts or ("0",)), *(("ago",) if ago else ())))


def _iso(value: Interval) -> str:
    years, months = _years_months(value.months)
    date = "".join(f"{n}{u}" for n, u in ((years, "Y"), (months, "M"), (value.days, "D")) if n)
    hours, minute, second, fraction = _clock(abs(value.microseconds))
    sign = "-" if value.microseconds < 0 else ""
    time = "".join(f"{sign}{n}{u}" for n, u in ((hours, "H"), (minute, "M")) if n)
    if second or fraction:
        time += f"{sign}{_seconds(second, fraction, pad=False)}S"
    return f"P{date}" + (f"T{time}" if time else "") if date or time else "PT0S"


def _sql(value: Interval) -> str:
    years, months = _years_months(value.months)
    days, micro = value.days, value.microseconds
    hours, minute, second, fraction = _clock(abs(micro))
    clock = f"{hours}:{minute:02d}:{_seconds(second, fraction)}"
    counts = (value.months, days, micro)
    if not any(counts):
        return "0"
    if (min(counts) < 0 < max(counts)) or (value.months and (days or micro)):
        # Mixed signs, or both kinds at once: every part with its sign.
        month_sign, day_sign, time_sign = ("-" if c < 0 else "+" for c in counts)
        return f"{month_sign}{abs(years)}-{abs(months)} {day_sign}{abs(days)} {time_sign}{clock}"
    sign = "-" if min(counts) < 0 else ""
    if value.months:
        return f"{sign}{abs(years)}-{abs(months)}"
    if days:
        return f"{sign}{abs(days)} {clock}"
    return sign + clock


_WRITERS: Final = {"postgres": _postgres, "postgres_verbose": _verbose, "iso_8601": _iso, "sql_standard": _sql}
