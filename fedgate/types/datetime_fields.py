"""Fields of a date or time text -> year, month, day, time, zone: the rules by which PostgreSQL guesses what each number is.

A date's parts are told apart by what is known so far and by the order of DateStyle; see section "Date/Time Input Interpretation" of
PostgreSQL's manual (appendix B.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from fedgate.errors import SqlError
from fedgate.types.civil import DAY_US, civil_from_days, days_from_civil, days_from_julian, month_length
from fedgate.types.clock_in import FieldRangeError, fraction_us, read_offset, read_time, split_time
from fedgate.types.datetime_tokens import MONTHS, WEEKDAYS, BadFormatError, Field, tokenize
from fedgate.types.zones import Zone, abbreviated_zone, find_zone

_LABELS: Final = frozenset(("y", "m", "d", "h", "mm", "s"))
_DATE_PART = re.compile(r"[0-9]+|[a-z]+")
_INT32_MAX: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Decoded:
    """`special` is epoch, infinity or -infinity (then nothing else counts); `date` has an astronomical year."""

    special: str | None
    date: tuple[int, int, int] | None
    time_us: int
    offset_s: int | None
    zone: Zone | None


def decode(text: str, order: str, now_us: int, session: Zone, *, time_only: bool = False) -> Decoded:
    """Reads the whole text. Raises BadFormatError, FieldRangeError, ZoneRangeError, SqlError 22023."""
    decoder = _Decoder(order, now_us, session, time_only)
    fields = tokenize(text)
    if not fields:
        raise BadFormatError
    for item in fields:
        decoder.take(item)
    return decoder.finish()


class _Decoder:
    def __init__(self, order: str, now_us: int, session: Zone, time_only: bool) -> None:
        self.order = order
        self.now_us = now_us
        self.session = session
        self.time_only = time_only
        self.special: str | None = None
        self.year: int | None = None
        self.month: int | None = None
        self.day: int | None = None
        self.year_day: int | None = None
        self.two_digits = False
        self.text_month = False
        self.bc = self.abbreviated = False
        self.era = False
        self.julian = self.worded = False  # a day whose year has no era; a weekday, an era or a half of the day came
        self.half: str | None = None  # am, pm
        self.time: tuple[int, int, int, int] | None = None  # hour, minute, second, microsecond
        self.offset: int | None = None
        self.zone: Zone | None = None
        self.prefix: str | None = None  # j (Julian day), t (ISO time) or a label came before
        self.clock: dict[str, int] = {}  # what has been labelled, `us` the fraction of s

    # -- fields ---------------------------------------------------------------------------------------------------------------

    def take(self, item: Field) -> None:
        if item.kind == "date":
            if self.special is not None:
                raise BadFormatError
            self._date_field(item.text)
        elif item.kind == "time":
            if self.prefix not in (None, "t"):
                raise BadFormatError
            self._set_time(read_time(item.text))
            self.prefix = None
        elif item.kind == "zone":
            self._zone(read_offset(item.text))
        elif item.kind == "number":
            self._number(item.text)
        else:
            self._word(item.text)

    def _date_field(self, text: str) -> None:
        if self.prefix == "j" and text[0].isdigit():
            whole, sign, offset = text.partition("-")
            self._julian(whole)
            self._set_time((0, 0, 0, 0))
            self._zone(read_offset(sign + offset))
        elif (
            self.prefix == "t"
            or (self._has_date() and text[0].isdigit())
            or (self.time_only and self.time is None and text[0].isdigit())
        ):
            if self.time_only and not self.prefix and text.count("-") != 1:
                self._date(text)
                return
            self._compact_time_with_zone(text)
        elif text[0].isdigit() or MONTHS.get(re.split(r"[^a-z]", text, maxsplit=1)[0]) is not None:
            # PostgreSQL, too, takes no such date after a time.
            if self._has_date() or (self.time is not None and not self.time_only):
                raise BadFormatError
            self._date(text)
        elif self.year is not None or self.time_only or self.month is not None or self.time is not None:
            zone = find_zone(text)
            if zone is None:
                raise SqlError("22023", f'time zone "{text}" not recognized')
            if self.zone is not None or self.offset is not None:
                raise BadFormatError
            self.zone = zone
        else:
            self._date(text)

    def _compact_time_with_zone(self, text: str) -> None:
        """`040506-07` and `040506.789-07` after a date."""
        at = text.find("-")
        if at < 0 or self.time is not None:
            raise BadFormatError
        self._zone(read_offset(text[at:]))
        self._concatenated(text[:at])
        self.prefix = None

    def _date(self, text: str) -> None:
        parts = _DATE_PART.findall(text)
        numbers = []
        named, self.text_month = self.text_month, False  # a month that stands elsewhere is no help here
        for part in parts:
            if part.isdigit():
                numbers.append(part)
            elif part in MONTHS and self.month is None:
                self.month, self.text_month = MONTHS[part], True
            elif part in WEEKDAYS:
                continue
            else:
                raise BadFormatError
        if not numbers or len(parts) > 3 or self.worded:
            raise BadFormatError
        for part in numbers:
            self._date_number(part)
        self.text_month |= named
        if not self._has_date() or (self.time is not None and not self.time_only):
            raise BadFormatError

    def _number(self, text: str) -> None:
        if self.prefix == "j":
            self._julian(text)
            return
        if self.prefix == "t":
            self.prefix = None
            self._concatenated(text)
            return
        if self.prefix is not None:
            self._labelled(self.prefix, text)
            return
        has_point = "." in text
        whole = text.partition(".")[0]
        if has_point and not self._has_date() and self.year is None and self.month is None and not self.time_only:
            if len(whole) >= 6:
                self._concatenated(text)
                return
            self._date(text)
        elif (
            (has_point and len(whole) > 2)
            or (len(text) >= 6 and (not self._has_date() or self.time is None))
            or (self.time_only and len(text) in (4, 6))
        ):
            self._concatenated(text)
        else:
            self._date_number(text)

    def _date_number(self, text: str) -> None:
        if not text.isdigit():
            raise BadFormatError
        value = int(text)
        if value > _INT32_MAX:
            raise FieldRangeError
        if self.year_day is not None:
            self._concatenated(text)
            return
        known = (self.year is not None, self.month is not None, self.day is not None)
        if len(text) == 3 and known == (True, False, False) and 1 <= value <= 366:
            self.year_day = value
            return
        match known:
            case (False, False, False):
                if len(text) >= 3 or self.order == "YMD":
                    self._set_year(text)
                elif self.order == "DMY":
                    self.day = value
                else:
                    self.month = value
            case (True, False, False):
                self.month = value
            case (False, True, False):
                if self.text_month and (len(text) >= 3 or self.order == "YMD"):
                    self._set_year(text)
                else:
                    self.day = value
            case (True, True, False):
                if self.text_month and len(text) >= 3 and self.two_digits:
                    self.day = self.year  # the first number was the day
                    self._set_year(text)
                else:
                    self.day = value
            case (False, False, True):
                self.month = value
            case (False, True, True):
                self._set_year(text)
            case (True, True, True):
                self._concatenated(text)
            case _:
                raise BadFormatError

    def _set_year(self, text: str) -> None:
        self.year = int(text)
        self.two_digits = len(text) <= 2

    def _concatenated(self, text: str) -> None:
        """`20240229`, `240229`, `040506.789`, `0405`: parts by length."""
        whole, point, fraction = text.partition(".")
        if not whole.isdigit():
            raise BadFormatError
        if point and (self._has_date() or self.time_only):
            micro = fraction_us("." + fraction)
            if len(whole) in (4, 6):
                self._set_time((int(whole[:2]), int(whole[2:4]), int(whole[4:] or 0), micro))
                return
            raise BadFormatError
        if not point and not self._has_date() and not (self.time_only and len(whole) <= 6):
            if len(whole) < 6 or self.year is not None or self.month is not None or self.day is not None:
                raise BadFormatError
            self.year, self.month, self.day = int(whole[:-4]), int(whole[-4:-2]), int(whole[-2:])
            self.two_digits = len(whole) == 6
            return
        if point or self.time is not None or len(whole) not in (4, 6):
            raise BadFormatError
        self._set_time((int(whole[:2]), int(whole[2:4]), int(whole[4:] or 0), 0))

    def _labelled(self, label: str, text: str) -> None:
        """`y2001m02d04h05mm06s07.8`, where a second m is that of minutes, too."""
        self.prefix = None
        whole, point, fraction = text.partition(".")
        if not whole.isdigit() or (point and label != "s"):
            raise BadFormatError
        if int(whole) > _INT32_MAX:
            raise FieldRangeError
        if label == "m" and (self.month is not None or self.year_day is not None) and "h" in self.clock:
            label = "mm"
        name = {"y": "year", "m": "month", "d": "day"}.get(label)
        if self.time is not None and name is None:
            raise BadFormatError
        if label in self.clock or (name is not None and (getattr(self, name) is not None or self.year_day is not None)):
            raise BadFormatError
        if name is None:
            self.clock[label] = int(whole)
        else:
            setattr(self, name, int(whole))
        if point:
            self.clock["us"] = fraction_us("." + fraction)

    def _julian(self, text: str) -> None:
        whole, _, fraction = text.partition(".")
        self.prefix = None
        if (self.year, self.month, self.day) != (None, None, None) or not whole.isdigit() or not (fraction or "0").isdigit():
            raise BadFormatError
        if int(whole) > _INT32_MAX:
            raise FieldRangeError
        self.year, self.month, self.day = civil_from_days(days_from_julian(int(whole)))
        self.julian = True
        if fraction:
            self._set_time(split_time(int(Fraction("0." + fraction) * DAY_US)))

    def _word(self, word: str) -> None:
        if self.prefix is not None and self.prefix not in _LABELS:
            raise BadFormatError
        if word in ("infinity", "+infinity", "-infinity", "epoch") and not self.time_only:
            self.special = word.lstrip("+")
        elif word in ("now", "today", "tomorrow", "yesterday", "allballs"):
            self._relative(word)
        elif word in MONTHS:
            # `12 Jan`: the number before was taken for the month.
            if self.month is not None:
                if self.text_month or self.day is not None or not 1 <= self.month <= 31:
                    raise BadFormatError
                self.day = self.month
            self.month, self.text_month = MONTHS[word], True
        elif word in ("ad", "bc") and not self.era:
            self.bc, self.era, self.worded = word == "bc", True, True
        elif word in ("am", "pm") and self.half is None:
            self.half, self.worded = word, True
        elif word in ("t", "j", "jd", "julian"):
            if word == "t" and not self.time_only and not self._has_date():
                raise BadFormatError
            self.prefix = "t" if word == "t" else "j"
        elif word in _LABELS and not self.time_only:
            self.prefix = word
        elif word in WEEKDAYS or word in ("at", "on"):
            self.worded |= word in WEEKDAYS
        else:
            self._zone_word(word)

    def _zone_word(self, word: str) -> None:
        if word == "dst" and self.offset is not None:
            self.offset += 3600
            return
        if self.offset is not None or self.zone is not None:
            raise BadFormatError
        abbreviated = abbreviated_zone(word)
        if abbreviated is not None and abbreviated.fixed is not None:
            self.offset = abbreviated.fixed
            return
        self.zone = abbreviated or find_zone(word)
        self.abbreviated = abbreviated is not None
        if self.zone is None:
            raise BadFormatError

    def _relative(self, word: str) -> None:
        local = self.now_us + self.session.offset_at(self.now_us) * 1_000_000
        if word == "allballs":
            self._set_time((0, 0, 0, 0))
            self._zone(0)
            return
        if self._has_date():
            raise BadFormatError
        days, micro = divmod(local, DAY_US)
        days += {"tomorrow": 1, "yesterday": -1}.get(word, 0)
        self.year, self.month, self.day = civil_from_days(days)
        self.era = True
        if word == "now":
            self._set_time(split_time(micro))
            self._zone(self.session.offset_at(self.now_us))

    # -- the whole ------------------------------------------------------------------------------------------------------------

    def _has_date(self) -> bool:
        return self.year is not None and ((self.month is not None and self.day is not None) or self.year_day is not None)

    def _set_time(self, parts: tuple[int, int, int, int]) -> None:
        if self.time is not None or self.clock:
            raise BadFormatError
        self.time = parts

    def _zone(self, offset: int) -> None:
        if self.offset is not None or self.zone is not None:
            raise BadFormatError
        self.offset = offset

    def finish(self) -> Decoded:
        if self.special is not None:
            return Decoded(self.special, None, 0, None, None)
        if self.prefix == "t":
            raise BadFormatError
        if not self._has_date():
            if not self.time_only or self.time is None or self.year is not None or self.month is not None:
                raise BadFormatError
            if self.zone is not None and self.zone.fixed is None and not self.abbreviated:
                raise BadFormatError
            return Decoded(None, None, self._time_us(), self.offset, self.zone)
        if self.time_only and self.time is None:
            raise BadFormatError
        return Decoded(None, self._checked_date(), self._time_us(), self.offset, self.zone)

    def _checked_date(self) -> tuple[int, int, int]:
        year = self.year
        assert year is not None
        if self.julian:
            pass
        elif self.bc:
            if year <= 0:
                raise FieldRangeError
            year = 1 - year
        elif self.two_digits:
            year += 2000 if year < 70 else 1900
        elif year <= 0 and not self.era:
            raise FieldRangeError
        if self.year_day is not None:
            return civil_from_days(days_from_civil(year, 1, 1) + self.year_day - 1)
        assert self.month is not None
        assert self.day is not None
        if not 1 <= self.month <= 12 or not 1 <= self.day <= 31:
            raise FieldRangeError(month_or_day=True)
        if self.day > month_length(year, self.month):
            raise FieldRangeError
        return year, self.month, self.day

    def _time_us(self) -> int:
        hour, minute, second, micro = self.time or tuple(self.clock.get(label, 0) for label in ("h", "mm", "s", "us"))
        if self.half is not None:
            if hour > 12:
                raise FieldRangeError
            hour = hour % 12 + (12 if self.half == "pm" else 0)
        total = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
        if not self.clock and (minute > 59 or second > 60 or total > DAY_US):  # PostgreSQL bounds no labelled field
            raise FieldRangeError
        return total
