"""date, time, timestamp, timestamptz -> text in ISO style: one value, or a whole column at once.

Columns are numpy int64 arrays of the values of types/values.py (days, microseconds). The usual years 1..9999 are written
as a matrix of digits; infinities, BC and later years one by one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import SqlError
from fedgate.types.civil import DAY_US, HOUR_US, MINUTE_US, SECOND_US, TIMESTAMP_MIN, civil_from_days, days_from_civil
from fedgate.types.matrices import beside
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY
from fedgate.types.zones import Zone

Ints: TypeAlias = "npt.NDArray[np.int64]"
Bytes: TypeAlias = "npt.NDArray[np.uint8]"
Bools: TypeAlias = "npt.NDArray[np.bool_]"

_FIRST_DAY: Final = days_from_civil(1, 1, 2)
_LAST_DAY: Final = days_from_civil(9999, 12, 30)
_TWO: Final[Bytes] = np.frombuffer(b"".join(b"%02d" % i for i in range(100)), np.uint8).reshape(100, 2)
_FOUR: Final[Bytes] = np.frombuffer(b"".join(b"%04d" % i for i in range(10_000)), np.uint8).reshape(10_000, 4)
_DATE_TEMPLATE: Final[Bytes] = np.frombuffer(b"0000-00-00", np.uint8)
_TABLE_FIRST: Final = days_from_civil(1900, 1, 1)
_TABLE_END: Final = days_from_civil(2100, 1, 1)
DAY_S: Final = 86_400

# -- one value ----------------------------------------------------------------------------------------------------------------


def date_text(days: int) -> str:
    if abs(days) == DATE_INFINITY:
        return "infinity" if days > 0 else "-infinity"
    body, era = _date_parts(days)
    return body + era


def time_text(micro: int) -> str:
    """Microseconds since midnight, 24:00:00 included."""
    hours, rest = divmod(micro, HOUR_US)
    minutes, rest = divmod(rest, MINUTE_US)
    seconds, fraction = divmod(rest, SECOND_US)
    text = f"{hours:02d}:{minutes:02d}:{seconds:02d}"
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text


def timestamp_text(micro: int, zone: Zone | None = None) -> str:
    """With a zone: `micro` is UTC, the text is the zone's wall clock with its offset."""
    if abs(micro) == TIMESTAMP_INFINITY:
        return "infinity" if micro > 0 else "-infinity"
    check_not_before(micro)
    offset = 0 if zone is None else zone.offset_at(micro)
    days, rest = divmod(micro + offset * SECOND_US, DAY_US)
    body, era = _date_parts(days)
    return f"{body} {time_text(rest)}{'' if zone is None else offset_text(offset)}{era}"


def check_not_before(micro: int) -> None:
    """Raises SqlError 22008 for a time before PostgreSQL's first one: engines compute on where it ends."""
    if micro < TIMESTAMP_MIN:
        raise SqlError("22008", "timestamp out of range")


def offset_text(seconds: int) -> str:
    """`+00`, `-03:30`, `+05:30:15`."""
    sign = "-" if seconds < 0 else "+"
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    text = f"{sign}{hour:02d}"
    if minute or second:
        text += f":{minute:02d}"
    return f"{text}:{second:02d}" if second else text


def _date_parts(days: int) -> tuple[str, str]:
    year, month, day = civil_from_days(days)
    return f"{year if year > 0 else 1 - year:04d}-{month:02d}-{day:02d}", "" if year > 0 else " BC"


# -- columns ------------------------------------------------------------------------------------------------------------------


def dates_text(days: Ints) -> pa.Array:
    """Text of every date, as an Arrow string array without NULLs."""
    usual = (days >= _FIRST_DAY) & (days <= _LAST_DAY)
    if usual.all():
        return fixed_width(_date_matrix(days))
    text = fixed_width(_date_matrix(np.where(usual, days, 0)))
    return _replaced(text, usual, [date_text(d) for d in days[~usual].tolist()])


def times_text(micro: Ints) -> pa.Array:
    """Text of every time of day, as an Arrow string array without NULLs."""
    seconds = micro // SECOND_US
    return _assembled([_clock_matrix(seconds)], micro - seconds * SECOND_US, b"")


def timestamps_text(micro: Ints, zone: Zone | None = None) -> pa.Array:
    """Text of every timestamp (with a zone: of every UTC instant), as an Arrow string array without NULLs."""
    usual = (micro >= (_FIRST_DAY + 1) * DAY_US) & (micro <= (_LAST_DAY - 1) * DAY_US)
    all_usual = bool(usual.all())
    safe: Ints = micro if all_usual else np.where(usual, micro, 0)
    offsets = 0 if zone is None else zone.offsets(safe)
    seconds = safe // SECOND_US
    fraction = safe - seconds * SECOND_US
    local: Ints = seconds if isinstance(offsets, int) and offsets == 0 else seconds + offsets
    days = local // DAY_S
    suffix, suffixes = (b"", None) if zone is None else _offsets_text(offsets)
    text = _assembled([_date_matrix(days), b" ", _clock_matrix(local - days * DAY_S)], fraction, suffix)
    if suffixes is not None:
        text = pc.binary_join_element_wise(text, suffixes, "")
    if all_usual:
        return text
    return _replaced(text, usual, [timestamp_text(m, zone) for m in micro[~usual].tolist()])


def _offsets_text(offsets: Ints | int) -> tuple[bytes, pa.Array | None]:
    """The text of the offset of all rows, or of each."""
    if isinstance(offsets, int):
        return offset_text(offsets).encode(), None
    values, codes = np.unique(offsets, return_inverse=True)
    if len(values) == 1:
        return offset_text(int(values[0])).encode(), None
    return b"", pa.array([offset_text(v) for v in values.tolist()], pa.string()).take(pa.array(codes))


def _replaced(text: pa.Array, usual: Bools, others: list[str]) -> pa.Array:
    return pc.replace_with_mask(text, pa.array(~usual), pa.array(others, pa.string()))


def _date_matrix(days: Ints) -> Bytes:
    """10 characters a row."""
    if len(days) and days.min() >= _TABLE_FIRST and days.max() < _TABLE_END:
        return np.take(_date_table(), days - _TABLE_FIRST, axis=0)
    return _computed_dates(days)


@lru_cache(maxsize=1)
def _date_table() -> Bytes:
    """The texts of the days that most data is about: looking one up is four times as fast as computing it."""
    return _computed_dates(np.arange(_TABLE_FIRST, _TABLE_END))


def _computed_dates(days: Ints) -> Bytes:
    """The method of civil.civil_from_days, a column at a time."""
    shifted = (days + 719_468).astype(np.int32)
    era = shifted // 146_097
    rest = shifted - era * 146_097
    year_of_era = (rest - rest // 1460 + rest // 36_524 - rest // 146_096) // 365
    day_of_year = rest - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_index = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_index + 2) // 5 + 1
    month = np.where(month_index < 10, month_index + 3, month_index - 9)
    year = year_of_era + era * 400 + (month <= 2)
    out = np.empty((len(days), 10), np.uint8)
    out[:] = _DATE_TEMPLATE
    out[:, 0:4] = _FOUR[year]
    out[:, 5:7] = _TWO[month]
    out[:, 8:10] = _TWO[day]
    return out


def _clock_matrix(seconds: Ints) -> Bytes:
    """8 characters a row, of seconds since midnight (86,400 included)."""
    return np.take(_clock_table(), seconds, axis=0)


@lru_cache(maxsize=1)
def _clock_table() -> Bytes:
    seconds = np.arange(DAY_S + 1)
    minutes = seconds // 60
    out = np.full((len(seconds), 8), ord(":"), np.uint8)
    out[:, 0:2] = _TWO[minutes // 60]
    out[:, 3:5] = _TWO[minutes % 60]
    out[:, 6:8] = _TWO[seconds % 60]
    return out


def _assembled(parts: list[Bytes | bytes], fraction: Ints, suffix: bytes) -> pa.Array:
    """The parts side by side, the fraction of a second (microseconds) without the zeros at its end, the suffix."""
    rows = len(fraction)
    if not fraction.any():
        return fixed_width(beside([*parts, suffix], rows))
    digits = _fraction_matrix(fraction)
    counts = np.where(fraction != 0, 7, 0)
    for unit in (10, 100, 1000, 10_000, 100_000):
        counts -= (fraction % unit == 0) & (fraction != 0)
    before = sum(len(part) if isinstance(part, bytes) else part.shape[1] for part in parts)
    matrix = beside([*parts, digits, suffix], rows)
    keep = np.ones(matrix.shape, np.bool_)
    keep[:, before : before + 7] = np.arange(7) < counts[:, None]
    offsets = np.zeros(rows + 1, np.int32)
    np.cumsum(counts + before + len(suffix), out=offsets[1:])
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(matrix[keep]))


def _fraction_matrix(fraction: Ints) -> Bytes:
    """7 characters a row: a point and six digits."""
    high = fraction // 100
    out = np.full((len(fraction), 7), ord("."), np.uint8)
    out[:, 1:5] = _FOUR[high]
    out[:, 5:7] = _TWO[fraction - high * 100]
    return out


def fixed_width(matrix: Bytes) -> pa.Array:
    """An Arrow string array whose rows are the matrix's rows."""
    rows, width = matrix.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(matrix)))
