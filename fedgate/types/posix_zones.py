"""Zones that a POSIX text describes, with or without daylight-saving time: `FOO8`, `<+05:30>-05:30`, `CST7CDT,M4.1.0,M10.5.0`.

Offsets in the text count west. Without rules the summer lies between the second Sunday of March and the first of November. Rules
hold for every year and repeat after 400 years. Names are read in upper case, as PostgreSQL keeps them.
Source: https://www.postgresql.org/docs/15/datetime-posix-timezone-specs.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fedgate.types.civil import ERA_DAYS, days_from_civil, is_leap, month_length

NAME_MAX: Final = 255
_DAY_S: Final = 86_400
_HOURS_MAX: Final = 167
_SHIFT_S: Final = 7200
_DEFAULT_RULES: Final = ",M3.2.0,M11.1.0"
FIRST_YEAR: Final = 1600
"""Transitions are tabled from here for 400 years and one on either side."""

_OFFSET: Final = r"([+-]?\d+(?:(?![:\d])|:\d+(?:(?![:\d])|:\d+(?!\d))))"
_NAME: Final = r"(<[^>]*>|[^<\d,+-][^\d,+-]*|)"
_FORM = re.compile(rf"{_NAME}{_OFFSET}(?:(<[^>]*>|[^<\d,+-][^\d,+-]*){_OFFSET}?(,.*)?)?", re.DOTALL | re.ASCII)
_RULES = re.compile(rf",([^,/]+)(?:/{_OFFSET})?,([^,/]+)(?:/{_OFFSET})?", re.ASCII)
_RULE = re.compile(r"M(\d+)\.(\d+)\.(\d+)|J(\d+)|(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """When a time starts every year: `form` is M (month, week, weekday), J (day 1..365, never 29 February) or 0 (day from 0)."""

    form: str
    day: tuple[int, ...]
    second: int

    def start(self, year: int) -> int:
        """Seconds since 1970 on the wall clock that holds before."""
        first = days_from_civil(year, 1, 1)
        if self.form == "M":
            month, week, weekday = self.day
            at = days_from_civil(year, month, 1)
            at += (weekday - (at + 4)) % 7  # 1970-01-01 was a Thursday
            for _ in range(week - 1):
                if at + 7 < days_from_civil(year, month, 1) + month_length(year, month):
                    at += 7
        elif self.form == "J":
            at = first + self.day[0] - 1 + (is_leap(year) and self.day[0] >= 60)
        else:
            at = first + self.day[0]
        return at * _DAY_S + self.second


@dataclass(frozen=True, slots=True)
class PosixZone:
    """`offset` and `summer_offset` are seconds east of UTC; without rules the first holds always."""

    text: str
    name: str
    offset: int
    summer_name: str = ""
    summer_offset: int = 0
    rules: tuple[Rule, Rule] | None = None

    def transitions(self) -> list[tuple[int, int]]:
        """(seconds since 1970 UTC, the offset that starts there), in order, of FIRST_YEAR - 1 to FIRST_YEAR + 400."""
        assert self.rules is not None
        found: list[tuple[int, int]] = []
        for year in range(FIRST_YEAR - 1, FIRST_YEAR + 402):
            begin = self.rules[0].start(year) - self.offset
            end = self.rules[1].start(year) - self.summer_offset
            # A summer of a whole year leaves nothing of the other time.
            if begin > end or end - begin < (366 if is_leap(year) else 365) * _DAY_S + self.offset - self.summer_offset:
                found += sorted(((begin, self.summer_offset), (end, self.offset)))
        return found


ERA_S: Final = ERA_DAYS * _DAY_S
FIRST_S: Final = days_from_civil(FIRST_YEAR, 1, 1) * _DAY_S


def read_posix(text: str) -> PosixZone | None:
    """The zone that a text describes, None if it describes none."""
    text = text.upper()
    match = _FORM.fullmatch(text) if len(text) <= NAME_MAX else None
    if match is None:
        return None
    name, west, summer, summer_west, written = match.groups()
    offset = _seconds(west)
    if offset is None:
        return None
    name = name.strip("<>")
    if not summer:
        return PosixZone(text, name, -offset)
    summer_offset = _seconds(summer_west) if summer_west else offset - 3600
    rules = _RULES.fullmatch(written or _DEFAULT_RULES)
    if summer == "<>" or summer_offset is None or rules is None:
        return None
    start, end = _rule(rules[1], rules[2]), _rule(rules[3], rules[4])
    if start is None or end is None:
        return None
    return PosixZone(text, name, -offset, summer.strip("<>"), -summer_offset, (start, end))


def offset_name(seconds: int) -> str:
    """The text of a fixed offset east of UTC: `<-01:30>+01:30`."""
    minutes, second = divmod(abs(seconds), 60)
    hours, minute = divmod(minutes, 60)
    clock = f"{hours:02d}" + (f":{minute:02d}" if minute or second else "") + (f":{second:02d}" if second else "")
    return f"<{'-' if seconds < 0 else '+'}{clock}>{'+' if seconds < 0 else '-'}{clock}"


def _seconds(text: str) -> int | None:
    hours, minutes, seconds, *_ = (*(int(part) for part in text.lstrip("+-").split(":")), 0, 0)
    if hours > _HOURS_MAX or minutes > 59 or seconds > 60:
        return None
    total = hours * 3600 + minutes * 60 + seconds
    return -total if text[0] == "-" else total


def _rule(text: str, time: str | None) -> Rule | None:
    match = _RULE.fullmatch(text)
    second = _seconds(time) if time else _SHIFT_S
    if match is None or second is None:
        return None
    if match[4]:
        return Rule("J", (int(match[4]),), second) if 1 <= int(match[4]) <= 365 else None
    if match[5]:
        return Rule("0", (int(match[5]),), second) if int(match[5]) <= 365 else None
    month, week, weekday = int(match[1]), int(match[2]), int(match[3])
    if not (1 <= month <= 12 and 1 <= week <= 5 and weekday <= 6):
        return None
    return Rule("M", (month, week, weekday), second)
