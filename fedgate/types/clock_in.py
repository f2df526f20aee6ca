"""Texts of clock times and of offsets from UTC -> numbers, as PostgreSQL's input functions read them."""

from __future__ import annotations

import re
from typing import Final

from fedgate.types.datetime_tokens import BadFormatError

_MAX_ZONE_HOUR: Final = 15
_INT32_MAX: Final = 2**31 - 1
# Numbers as C reads them: none is 0.
_OFFSET = re.compile(r"([+-])(\s*[+-]?\d+|)(:(\s*[+-]?\d+|)(?::(\s*[+-]?\d+|))?)?", re.ASCII)


class FieldRangeError(ValueError):
    """22008; `month_or_day` when another DateStyle may help."""

    def __init__(self, *, month_or_day: bool = False) -> None:
        super().__init__()
        self.month_or_day = month_or_day


class ZoneRangeError(ValueError):
    """22009."""


def read_time(text: str) -> tuple[int, int, int, int]:
    """(hour, minute, second, microsecond) of `h:m[:s[.f]]` or `m:s.f`. Raises BadFormatError."""
    match = re.fullmatch(r"(\d+):(\d+)(?::(\d*)(\.\d*)?|(\.\d*))?", text)
    if match is None:
        raise BadFormatError
    first, second = int(match[1]), int(match[2])
    if first > _INT32_MAX or second > 59:
        raise FieldRangeError
    if match[5] is not None:
        return 0, first, second, fraction_us(match[5])
    if match[3] == "" and match[4] is None:
        raise BadFormatError
    return first, second, int(match[3] or 0), fraction_us(match[4] or "")


def read_offset(text: str) -> int:
    """Seconds east of UTC of `+05`, `-0330`, `+05:30:15`, `+5:`. Raises BadFormatError, ZoneRangeError."""
    match = _OFFSET.match(text)
    if match is None:
        raise BadFormatError
    hours, minutes, seconds = (int(part or 0) for part in match.group(2, 4, 5))
    if match[3] is None and match.end() == len(text) > 3:
        hours, minutes = divmod(hours, 100)
    if not 0 <= hours <= _MAX_ZONE_HOUR or not 0 <= minutes <= 59 or not 0 <= seconds <= 59:
        raise ZoneRangeError
    if match.end() != len(text):
        raise BadFormatError
    total = hours * 3600 + minutes * 60 + seconds
    return -total if match[1] == "-" else total


def fraction_us(fraction: str) -> int:
    """Microseconds of `.123`, to the nearest, halves to even."""
    return round(float("0" + fraction) * 1_000_000) if len(fraction) > 1 else 0


def split_time(micro: int) -> tuple[int, int, int, int]:
    seconds, micro = divmod(micro, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return hour, minute, second, micro
