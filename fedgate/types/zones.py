"""Time zones: a name as PostgreSQL's TimeZone setting or a timestamp's text has it -> offsets from UTC.

Names are the IANA data base's (through zoneinfo, case-insensitive), the abbreviations of PostgreSQL's default list, and POSIX texts
(`posix_zones`, whose sign counts west). Offsets are seconds east of UTC.
Years that Python's datetime lacks use the zone's first rule before year 1, and a year of the same calendar after 9999.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import numpy.typing as npt

from fedgate.types.civil import ERA_DAYS, SECOND_US, days_from_civil
from fedgate.types.posix_zones import ERA_S, FIRST_S, PosixZone, read_posix
from fedgate.types.zone_abbreviations import ABBREVIATIONS, PLACES

Ints: TypeAlias = "npt.NDArray[np.int64]"
T = TypeVar("T")

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
            return "GMT" if self.name.upper() in ("GMT", "ETC/GMT") else "UTC"
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
        """(seconds at which an offset starts, offsets: one more than starts)."""
        with self._lock:
            if self._table is None:
                starts, values = self._changes(self._offset_utc_s)
                self._table = np.array(starts, np.int64), np.array(values, np.int64)
            return self._table

    def _changes(self, what: Callable[[int], T]) -> tuple[list[int], list[T]]:
        """(seconds at which what holds at a second changes, what holds: one more), found by looking at every fourth day once."""
        starts: list[int] = []
        values = [what(_TABLE_FIRST * 86_400)]
        for day in range(_TABLE_FIRST + _STEP_DAYS, _TABLE_LAST + _STEP_DAYS, _STEP_DAYS):
            while what(day * 86_400) != values[-1]:
                low, high = max([(day - _STEP_DAYS) * 86_400, *starts[-1:]]), day * 86_400
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if what(middle) == values[-1] else (low, middle)
                starts.append(high)
                values.append(what(high))
        return starts, values

    def called(self, name: str) -> tuple[Ints, Ints] | None:
        """The table of what `name` means in this zone: at every time the offset of the last time before it, else of the first
        after it, at which the zone was called so. None for one that it never is.
        """
        starts, spans = self._changes(lambda s: ((moment := self._moment(s)).utcoffset(), moment.tzname()))
        meanings = [
            (start, self._offset_utc_s(start)) for start, (_, called) in zip(starts, spans[1:], strict=True) if called == name
        ]
        if not meanings:
            return None
        return np.array([at for at, _ in meanings[1:]], np.int64), np.array([offset for _, offset in meanings], np.int64)


class _TableZone(Zone):
    """A zone whose offsets stand in a table alone: `offsets` and `offsets_of_locals` look them up, one time is a column of one."""

    __slots__ = ()

    def offset_at(self, utc_us: int) -> int:
        return int(self.offsets(np.array([utc_us], np.int64))[0])

    def offsets(self, utc_us: Ints) -> Ints:
        raise NotImplementedError

    def offset_of_local(self, local_us: int) -> int:
        return int(self.offsets_of_locals(np.array([local_us], np.int64))[0])

    def offsets_of_locals(self, local_us: Ints) -> Ints:
        raise NotImplementedError

    def offsets_within(self, first_us: int, last_us: int) -> tuple[int, int]:
        values = self._transitions()[1]
        return int(values.min()), int(values.max())


class _RuleZone(_TableZone):
    """A POSIX text with daylight-saving time. What its rules say of 400 years they say of all."""

    __slots__ = ("_posix",)

    def __init__(self, posix: PosixZone) -> None:
        super().__init__(posix.text, None)
        self._posix = posix
        changes = posix.transitions()
        values = [posix.offset if not changes or changes[0][1] != posix.offset else posix.summer_offset]
        values += [offset for _, offset in changes]
        self._table = np.array([start for start, _ in changes], np.int64), np.array(values, np.int64)

    def _looked_up(self, starts: Ints, us: Ints) -> Ints:
        seconds = (np.floor_divide(us, SECOND_US) - FIRST_S) % ERA_S + FIRST_S
        found: Ints = self._transitions()[1][np.searchsorted(starts, seconds, side="right")]
        return found

    def offsets(self, utc_us: Ints) -> Ints:
        return self._looked_up(self._transitions()[0], utc_us)

    def offsets_of_locals(self, local_us: Ints) -> Ints:
        starts, values = self._transitions()
        return self._looked_up(starts + values[1:], local_us)

    def abbreviation_at(self, utc_us: int) -> str:
        return self._posix.summer_name if self.offset_at(utc_us) == self._posix.summer_offset else self._posix.name


class _FixedPosix(Zone):
    """A POSIX text of one offset."""

    __slots__ = ("_posix",)

    def __init__(self, posix: PosixZone) -> None:
        super().__init__(posix.text, posix.offset)
        self._posix = posix

    def abbreviation_at(self, utc_us: int) -> str:
        return self._posix.name


class _CalledZone(_TableZone):
    """An abbreviation that means what its place meant by it at the time."""

    __slots__ = ("_place",)

    def __init__(self, name: str, place: Zone, table: tuple[Ints, Ints]) -> None:
        super().__init__(name, None)
        self._place, self._table = place, table

    def offsets(self, utc_us: Ints) -> Ints:
        starts, values = self._transitions()
        return values[np.searchsorted(starts, np.floor_divide(utc_us, SECOND_US), side="right")]

    def offsets_of_locals(self, local_us: Ints) -> Ints:
        return self.offsets(local_us - self._place.offsets_of_locals(local_us) * SECOND_US)


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
    posix = read_posix(name)
    if posix is None:
        return None
    return _FixedPosix(posix) if posix.rules is None else _RuleZone(posix)


def place_of(zone: Zone) -> Zone:
    """The place that an abbreviation stands for, where it stands for one."""
    return zone._place if isinstance(zone, _CalledZone) else zone


@lru_cache(maxsize=256)
def abbreviated_zone(word: str) -> Zone | None:
    """The zone of an abbreviation (`est`, `MSK`; any case), None if PostgreSQL's default list lacks it.

    One that stands for a place where it is not used any more has the place's own offsets.
    """
    place = find_zone(PLACES.get(word.lower(), ""))
    if place is not None:
        table = place.called(word.upper())
        return place if table is None else _CalledZone(word.upper(), place, table)
    offset = ABBREVIATIONS.get(word.lower())
    return None if offset is None else Zone(word.upper(), offset)
