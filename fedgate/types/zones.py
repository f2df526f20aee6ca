"""Time zones: a name as PostgreSQL's TimeZone setting or a timestamp's text has it -> offsets from UTC.

Names are the IANA data base's (through zoneinfo, case-insensitive), the fixed abbreviations of PostgreSQL's default list, and POSIX
forms of fixed offset (`<+05>-05`, `UTC+3`, whose sign counts west). Offsets are seconds east of UTC.
Years that Python's datetime lacks use the zone's first rule before year 1, and a year of the same calendar after 9999.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import numpy.typing as npt

from fedgate.types.civil import ERA_DAYS, SECOND_US, days_from_civil
from fedgate.types.zone_abbreviations import ABBREVIATIONS

Ints: TypeAlias = "npt.NDArray[np.int64]"

_NAIVE_EPOCH: Final = datetime(1970, 1, 1)
_AWARE_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ERA_S: Final = ERA_DAYS * 86_400
_FIRST_S: Final = days_from_civil(1, 1, 3) * 86_400
_LAST_S: Final = days_from_civil(9999, 12, 29) * 86_400
# Transitions are tabled between these years; before them every zone is at local mean time.
_TABLE_FIRST: Final = days_from_civil(1800, 1, 1)
_TABLE_LAST: Final = days_from_civil(2100, 1, 1)
# No zone ever left an offset and came back to it within this time.
_STEP_DAYS: Final = 4
_POSIX = re.compile(r"(?:<[A-Za-z0-9+-]+>|[A-Za-z]{3,})([+-]?)(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?$")
_LOOSE_POSIX = re.compile(r"(?:<[^>]*>|[A-Za-z]*)([+-]?)(\d{1,3})(?::(\d{1,2})(?::(\d{1,2}))?)?$")
_POSIX_HOURS: Final = 167


@dataclass(eq=False, slots=True)
class Zone:
    """One time zone. `fixed` is its offset when it has only one, else None and `info` knows."""

    name: str
    fixed: int | None
    info: ZoneInfo | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _table: tuple[Ints, Ints] | None = None

    def offset_at(self, utc_us: int) -> int:
        """Offset at an instant, microseconds since 1970-01-01 UTC."""
        if self.fixed is not None:
            return self.fixed
        return self._offset_utc_s(utc_us // SECOND_US)

    def abbreviation_at(self, utc_us: int) -> str:
        """`CET`, `UTC`, `+03`: what the zone is called at an instant."""
        if self.info is None:
            return _fixed_name(self.name)
        return self._moment(utc_us // SECOND_US).tzname() or self.name

    def offset_of_local(self, local_us: int) -> int:
        """Offset of a local wall-clock time, microseconds. In a gap the offset before it holds, in an overlap the later one."""
        if self.fixed is not None:
            return self.fixed
        local = _NAIVE_EPOCH + timedelta(seconds=_into_range(local_us // SECOND_US))
        assert self.info is not None
        before = self.info.utcoffset(local.replace(fold=0))
        after = self.info.utcoffset(local.replace(fold=1))
        assert before is not None
        assert after is not None
        return int((before if before < after else after).total_seconds())

    def offsets(self, utc_us: Ints) -> Ints | int:
        """Offsets at many instants (finite ones): one number when it is the same for all."""
        if self.fixed is not None:
            return self.fixed
        starts, values = self._transitions()
        seconds = np.floor_divide(utc_us, SECOND_US)
        result = values[np.searchsorted(starts, seconds, side="right")]
        late = np.flatnonzero(seconds >= _TABLE_LAST * 86_400)
        for i in late.tolist():
            result[i] = self._offset_utc_s(int(seconds[i]))
        return result

    def offsets_within(self, first_us: int, last_us: int) -> tuple[int, int]:
        """(the least, the greatest) offset from one instant to another; past the year 2100 of all that there ever were."""
        if self.fixed is not None:
            return self.fixed, self.fixed
        starts, values = self._transitions()
        if last_us // SECOND_US < _TABLE_LAST * 86_400:
            first, last = np.searchsorted(starts, (first_us // SECOND_US, last_us // SECOND_US), side="right")
            values = values[first : last + 1]
        return int(values.min()), int(values.max())

    def offsets_of_locals(self, local_us: Ints) -> Ints | int:
        """`offset_of_local` of many (finite ones). An offset holds from where the clock first shows a time that only it has."""
        if self.fixed is not None:
            return self.fixed
        starts, values = self._transitions()
        seconds = np.floor_divide(local_us, SECOND_US)
        result = values[np.searchsorted(starts + values[1:], seconds, side="right")]
        late = np.flatnonzero(seconds >= (_TABLE_LAST - 1) * 86_400)
        for i in late.tolist():
            result[i] = self.offset_of_local(int(local_us[i]))
        return result

    def _moment(self, utc_s: int) -> datetime:
        assert self.info is not None
        return (_AWARE_EPOCH + timedelta(seconds=_into_range(utc_s))).astimezone(self.info)

    def _offset_utc_s(self, utc_s: int) -> int:
        offset = self._moment(utc_s).utcoffset()
        assert offset is not None
        return int(offset.total_seconds())

    def _transitions(self) -> tuple[Ints, Ints]:
        """(seconds at which an offset starts, offsets: one more than starts), found by looking at every fourth day once."""
        with self._lock:
            if self._table is None:
                starts: list[int] = []
                values = [self._offset_utc_s(_TABLE_FIRST * 86_400)]
                for day in range(_TABLE_FIRST + _STEP_DAYS, _TABLE_LAST + _STEP_DAYS, _STEP_DAYS):
                    while self._offset_utc_s(day * 86_400) != values[-1]:
                        start = self._change(starts[-1] if starts else 0, day, values[-1])
                        starts.append(start)
                        values.append(self._offset_utc_s(start))
                self._table = np.array(starts, np.int64), np.array(values, np.int64)
            return self._table

    def _change(self, last: int, day: int, old: int) -> int:
        low, high = max((day - _STEP_DAYS) * 86_400, last) if last else (day - _STEP_DAYS) * 86_400, day * 86_400
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset_utc_s(middle) == old:
                low = middle
            else:
                high = middle
        return high


def _fixed_name(name: str) -> str:
    posix = re.match(r"<([^>]*)>|([A-Za-z]+)[+-]?\d", name)
    if posix is not None:
        return posix[1] or posix[2]
    return "GMT" if name.upper() in ("GMT", "ETC/GMT") else "UTC"


def _into_range(seconds: int) -> int:
    """The same moment of a year that datetime has (400 years have whole weeks); before year 1 the first moment it has."""
    if seconds > _LAST_S:
        return seconds - ((seconds - _LAST_S) // _ERA_S + 1) * _ERA_S
    return max(seconds, _FIRST_S)


@lru_cache(maxsize=1)
def _folded_names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@lru_cache(maxsize=1024)
def find_zone(name: str) -> Zone | None:
    """The zone of a full name or POSIX text (not an abbreviation), None if there is none."""
    if name.upper() in ("UTC", "GMT", "ETC/UTC", "ETC/GMT", "Z", "ZULU"):
        return Zone(name, 0)
    real = _folded_names().get(name.lower())
    if real is not None:
        try:
            return Zone(real, None, ZoneInfo(real))
        except (ZoneInfoNotFoundError, ValueError):
            return None
    return _fixed(name, _POSIX)


@lru_cache(maxsize=256)
def posix_zone(name: str) -> Zone | None:
    """The zone of a fixed POSIX text as AT TIME ZONE takes it, where the abbreviation may be missing (`+3`, west of UTC)."""
    return _fixed(name, _LOOSE_POSIX)


def _fixed(name: str, form: re.Pattern[str]) -> Zone | None:
    match = form.match(name)
    if match is None:
        return None
    sign, hours, minutes, seconds = match.groups(default="0")
    if int(hours) > _POSIX_HOURS or int(minutes) > 59 or int(seconds) > 59:
        return None
    offset = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return Zone(name, offset if sign == "-" else -offset)


def abbreviation(word: str) -> int | None:
    """Offset of a zone abbreviation (`est`, `cest`; lower or upper case), None if PostgreSQL's default list lacks it."""
    return ABBREVIATIONS.get(word.lower())
