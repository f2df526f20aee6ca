"""to_date and to_timestamp: a text read by a template, field after field as PostgreSQL's formatting.c does.

Source: https://www.postgresql.org/docs/15/functions-formatting.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from fedgate.errors import SqlError
from fedgate.sql.functions.datetime_template import DAYS, MONTHS, ROMAN, Part, is_separator, parts
from fedgate.types.civil import civil_from_days, days_from_civil, month_length

_SPACES: Final = " \t\n\v\f\r"
_INTEGER: Final = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+")
_FM_HINT: Final = 'If your source string is not fixed-width, try using the "FM" modifier.'
_ISO: Final = frozenset({"IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I"})
_GREGORIAN: Final = frozenset({"DDD", "DD", "D", "MM", "MONTH", "MON", "RM", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y"})
# Fields that do not begin with a digit end the field before them.
_NO_DIGITS: Final = frozenset(
    {"A.D.", "AD", "B.C.", "BC", "A.M.", "AM", "P.M.", "PM", "DAY", "DY", "MONTH", "MON", "RM", "FX", "OF", "TZ", "TZH"}
)  # fmt: skip
# Pattern -> (what it sets, its width).
_PLAIN: Final = {
    "HH": ("hh", 2), "HH12": ("hh", 2), "HH24": ("hh", 2), "MI": ("mi", 2), "SS": ("ss", 2), "SSSS": ("ssss", 4),
    "SSSSS": ("ssss", 5), "MM": ("mm", 2), "DDD": ("ddd", 3), "IDDD": ("ddd", 3), "DD": ("dd", 2), "D": ("d", 1), "WW": ("ww", 2),
    "IW": ("ww", 2), "CC": ("cc", 2), "W": ("w", 1), "J": ("j", 1),
}  # fmt: skip
_YEARS: Final = {"YYYY": 4, "IYYY": 4, "YYY": 3, "IYY": 3, "YY": 2, "IY": 2, "Y": 1, "I": 1}


@dataclass(slots=True)
class Fields:
    """What was read: numbers by name (0: not given), the fraction's digits and the zone's sign."""

    numbers: dict[str, int] = field(default_factory=dict)
    mode: str = ""
    year_size: int = 0
    twelve: bool = False
    precision: int = 0
    zone_sign: int = 0

    def __getitem__(self, name: str) -> int:
        return self.numbers.get(name, 0)


@dataclass(slots=True)
class Reader:
    """Reads the text part by part; `at` is where it has come to."""

    parts: tuple[Part, ...]
    text: str
    at: int = 0
    extra: int = 0
    fixed: bool = False
    got: Fields = field(default_factory=Fields)

    def run(self) -> Fields:
        for place, part in enumerate(self.parts):
            if self.at >= len(self.text):
                break
            if not self.fixed and (part.kind == "field" or place == 0) and part.name != "FX":
                self._spaces()
            if part.kind in ("space", "separator"):
                self._between()
            elif part.kind == "text":
                if not self.fixed and self.extra > 0:
                    self.extra -= 1
                else:
                    self.at += 1
            else:
                self._mode(part.name)
                self._field(part, place)
                if not self.fixed:
                    self.extra = 0
                    self._spaces()
        return self.got

    @property
    def _here(self) -> str:
        return self.text[self.at : self.at + 1]

    def _spaces(self) -> None:
        while self._here and self._here in _SPACES:
            self.at += 1
            self.extra += 1

    def _between(self) -> None:
        """A space or separator of the template: one of the input's, or none; with FX any one character."""
        if self.fixed:
            self.at += 1
            return
        self.extra -= 1
        if self._here and (self._here in _SPACES or is_separator(self._here)):
            self.at += 1
            self.extra += 1

    def _mode(self, name: str) -> None:
        mode = "iso" if name in _ISO else "gregorian" if name in _GREGORIAN else ""
        if mode and self.got.mode and mode != self.got.mode:
            hint = "Do not mix Gregorian and ISO week date conventions in a formatting template."
            raise SqlError("22007", "invalid combination of date conventions", hint=hint)
        self.got.mode = self.got.mode or mode

    def _set(self, name: str, value: int, part: Part) -> None:
        if self.got[name] not in (0, value):
            detail = "This value contradicts a previous setting for the same field type."
            raise SqlError("22007", f'conflicting values for "{part.text}" field in formatting string', detail=detail)
        self.got.numbers[name] = value

    def _field(self, part: Part, place: int) -> None:
        name, got = part.name, self.got
        if name == "FX":
            self.fixed = True
        elif name in _PLAIN:
            target, width = _PLAIN[name]
            self._integer(target, part, place, width)
            got.twelve |= name in ("HH", "HH12")
        elif name == "ID":
            self._integer("d", part, place, 1)
            got.numbers["d"] = got["d"] + 1 if got["d"] < 7 else 1  # Sunday is 1 in Gregorian numbering
        elif name == "Q":
            self._integer(None, part, place, 1)
        elif name in _YEARS or name == "Y,YYY":
            self._year(part, place)
        elif name in ("MS", "US") or name.startswith("FF"):
            self._fraction(part, place)
        elif name in ("TZH", "TZM"):
            self._zone(part, place)
        elif name in ("TZ", "OF"):
            raise SqlError("0A000", f'formatting field "{part.text}" is only supported in to_char')
        else:
            self._word(part)
        if part.suffix and name != "FX" and name not in ("TZH", "TZM"):
            self._ordinal(name)

    def _ordinal(self, name: str) -> None:
        if name not in _NO_DIGITS:
            self.at = min(self.at + 2, len(self.text))

    def _until_next(self, part: Part, place: int) -> bool:
        """Whether a field ends by itself: what comes next in the template does not begin with a digit."""
        if part.fill or part.suffix or place + 1 >= len(self.parts):
            return True
        following = self.parts[place + 1]
        if following.kind == "field":
            return following.name in _NO_DIGITS
        return not (following.text.isascii() and following.text.isdigit())

    def _integer(self, target: str | None, part: Part, place: int, width: int) -> int:
        """Reads a number and gives the count of characters read."""
        begin = self.at
        start = begin
        while start < len(self.text) and self.text[start] in _SPACES:
            start += 1
        copy = self.text[start : start + width]
        if self._until_next(part, place):
            found = _INTEGER.match(self.text, begin)
            self.at = found.end() if found else start
            digits = found[0] if found else ""
        else:
            if len(copy) < width:
                detail = f"Field requires {width} characters, but only {len(copy)} remain."
                message = f'source string too short for "{part.text}" formatting field'
                raise SqlError("22007", message, detail=detail, hint=_FM_HINT)
            found = _INTEGER.match(copy)
            digits = found[0] if found else ""
            if 0 < len(digits) < width:
                detail = f"Field requires {width} characters, but only {len(digits)} could be parsed."
                raise SqlError("22007", f'invalid value "{copy}" for "{part.text}"', detail=detail, hint=_FM_HINT)
            self.at = start + len(digits)
        if self.at == begin or (not digits and self._until_next(part, place)):
            raise SqlError("22007", f'invalid value "{copy}" for "{part.text}"', detail="Value must be an integer.")
        value = int(digits or 0)
        if not -(2**31) <= value < 2**31:
            detail = f"Value must be in the range {-(2**31)} to {2**31 - 1}."
            raise SqlError("22008", f'value for "{part.text}" in source string is out of range', detail=detail)
        if target is not None:
            self._set(target, value, part)
        return self.at - begin

    def _year(self, part: Part, place: int) -> None:
        if part.name == "Y,YYY":
            found = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+),([ \t\n\v\f\r]*[+-]?[0-9]{1,3})").match(self.text, self.at)
            if found is None:
                raise SqlError("22007", f'invalid input string for "{part.text}"')
            self._set("year", int(found[2]) + int(found[1]) * 1000, part)
            self.at, self.got.year_size = found.end(), 4
            return
        size = _YEARS[part.name]
        length = self._integer("year", part, place, size)
        if length < 4 and size < 4:
            self.got.numbers["year"] = _near_2020(self.got["year"])
        self.got.year_size = size

    def _fraction(self, part: Part, place: int) -> None:
        name = part.name
        if name.startswith("FF"):
            self.got.precision = int(name[2])
        target, size = ("ms", 3) if name == "MS" else ("us", 6)
        width = self.got.precision if name.startswith("FF") else size
        length = self._integer(target, part, place, width)
        self.got.numbers[target] = self.got[target] * 10 ** max(size - length, 0)

    def _zone(self, part: Part, place: int) -> None:
        got = self.got
        if part.name == "TZM":
            got.zone_sign = got.zone_sign or 1
            self._integer("tzm", part, place, 2)
            return
        if self._here in ("+", "-", " "):
            got.zone_sign = -1 if self._here == "-" else 1
            self.at += 1
        else:
            swallowed = self.extra > 0 and self.at > 0 and self.text[self.at - 1] == "-"
            got.zone_sign = -1 if swallowed else 1
        self._integer("tzh", part, place, 2)

    def _word(self, part: Part) -> None:
        name = part.name
        if name == "RM":
            self._set("mm", 12 - self._one_of(tuple(reversed(ROMAN)), part), part)
        elif name in ("MONTH", "MON"):
            self._set("mm", self._one_of(MONTHS if name == "MONTH" else tuple(m[:3] for m in MONTHS), part) + 1, part)
        elif name in ("DAY", "DY"):
            found = self._one_of(DAYS if name == "DAY" else tuple(d[:3] for d in DAYS), part)
            self._set("d", found, part)
            self.got.numbers["d"] += 1
        else:
            era = name.strip(".").replace(".", "") in ("AD", "BC")
            dotted = ("A.D.", "B.C.") if era else ("A.M.", "P.M.")
            words = dotted if "." in name else tuple(w.replace(".", "") for w in dotted)
            self._set("bc" if era else "pm", self._one_of(words, part), part)
            self.got.twelve |= not era

    def _one_of(self, words: tuple[str, ...], part: Part) -> int:
        rest = self.text[self.at :].lower()
        for i, word in enumerate(words):
            if rest.startswith(word.lower()):
                self.at += len(word)
                return i
        shown = self.text[self.at :].split(" ")[0]
        detail = "The given value did not match any of the allowed values for this field."
        raise SqlError("22007", f'invalid value "{shown}" for "{part.text}"', detail=detail)


def _near_2020(year: int) -> int:
    """A year of fewer than four digits: the nearest to 2020 that ends so."""
    if year < 70:
        return year + 2000
    if year < 100:
        return year + 1900
    return year + 2000 if year < 520 else year + 1000 if year < 1000 else year


@dataclass(frozen=True, slots=True)
class Moment:
    """A local date and time: days since 1970-01-01, microseconds of the day, the zone's offset in seconds if the text had one,
    and the digits of the fraction that the template asked for (0: all)."""

    days: int
    us: int
    offset: int | None
    precision: int


def read_moment(text: str, template: str) -> Moment:
    """The text by the template; what is not given is 0001-01-01 BC 00:00. Raises SqlError 22007, 22008, 0A000."""
    return moment_of(Reader(parts(template), text).run(), text)


def moment_of(got: Fields, text: str) -> Moment:
    """What was read from `text`, checked. Raises SqlError 22007, 22008."""
    out_of_range = SqlError("22008", f'date/time field value out of range: "{text}"')
    hour, minute, second, fraction = _clock(got)
    days = _date(got, out_of_range)
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= fraction < 1_000_000):
        raise out_of_range
    us = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
    offset = None
    if got.zone_sign:
        if not (0 <= got["tzh"] <= 15 and 0 <= got["tzm"] < 60):
            raise SqlError("22009", f'time zone displacement out of range: "{text}"')
        offset = got.zone_sign * (got["tzh"] * 3600 + got["tzm"] * 60)
    return Moment(days, us, offset, got.precision)


def _clock(got: Fields) -> tuple[int, int, int, int]:
    """Hour, minute, second and microseconds, not yet checked."""
    hour = int(got["ssss"] / 3600)
    minute = int((got["ssss"] - hour * 3600) / 60)
    second = got["ssss"] - hour * 3600 - minute * 60
    second, minute, hour = got["ss"] or second, got["mi"] or minute, got["hh"] or hour
    if got.twelve:
        if not 1 <= hour <= 12:
            hint = "Use the 24-hour clock, or give an hour between 1 and 12."
            raise SqlError("22007", f'hour "{hour}" is invalid for the 12-hour clock', hint=hint)
        hour = hour % 12 + (12 if got["pm"] else 0)
    return hour, minute, second, got["ms"] * 1000 + got["us"]


def _given_year(got: Fields) -> int | None:
    """The astronomical year, None when neither year nor century was given."""
    century = -got["cc"] if got["bc"] else got["cc"]
    year = got["year"]
    if year and got["cc"] and got.year_size <= 2:
        low = int(year % 100 if year >= 0 else -(-year % 100))
        if low:
            return low + (century - 1) * 100 if century >= 0 else (century + 1) * 100 - low + 1
        return century * 100 + (0 if century >= 0 else 1)
    if year:
        year = -year if got["bc"] else year
        return year + 1 if year < 0 else year
    if got["cc"]:
        return (century - 1) * 100 + 1 if century >= 0 else century * 100 + 1
    return None


def _week_start(year: int, week: int) -> int:
    fourth = days_from_civil(year, 1, 4)
    return fourth - (fourth + 3) % 7 + (week - 1) * 7


def _date(got: Fields, out_of_range: SqlError) -> int:
    known = _given_year(got)
    year, month, day = known or 0, 1, 1
    whole: int | None = got["j"] - 2_440_588 if got["j"] else None
    day_of_year, day_of_month = got["ddd"], got["dd"]
    given = {"year"} if known is not None else set()
    if whole is not None:
        year, month, day = civil_from_days(whole)
        given = {"year", "month", "day"}
    if got["ww"]:
        if got.mode == "iso":
            start = _week_start(year, got["ww"])
            weekday = got["d"]
            year, month, day = civil_from_days(start + ((weekday - 2 if weekday > 1 else 6) if weekday else 0))
            given = {"year", "month", "day"}
        else:
            day_of_year = (got["ww"] - 1) * 7 + 1
    if got["w"]:
        day_of_month = (got["w"] - 1) * 7 + 1
    if day_of_month:
        day = day_of_month
        given.add("day")
    if got["mm"]:
        month = got["mm"]
        given.add("month")
    if day_of_year and (month <= 1 or day <= 1):
        if not year and not got["bc"]:
            raise SqlError("22007", "cannot calculate day of year without year information")
        if got.mode == "iso":
            year, month, day = civil_from_days(_week_start(year, 1) - 1 + day_of_year)
            given = {"year", "month", "day"}
        else:
            month, day = _by_day_of_year(year, month, day, day_of_year)
            given |= {"month", "day"}
    _check(year, month, day, given, out_of_range)
    return days_from_civil(year, month, day)


def _by_day_of_year(year: int, month: int, day: int, number: int) -> tuple[int, int]:
    before = 0
    for found in range(1, 13):
        length = month_length(year, found)
        if number <= before + length:
            break
        before += length
    else:
        found = 13
    return (found if month <= 1 else month), (number - before if day <= 1 else day)


def _check(year: int, month: int, day: int, given: set[str], out_of_range: SqlError) -> None:
    if ("month" in given and not 1 <= month <= 12) or ("day" in given and not 1 <= day <= 31):
        raise out_of_range
    if given == {"year", "month", "day"} and day > month_length(year, month):
        raise out_of_range
