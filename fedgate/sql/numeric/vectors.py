"""PostgreSQL's numeric division, sums and keys on whole columns of its text, in numpy and Arrow instead of row by row.

Everything is exact. What the quick ways do not hold (NaN, infinities, more digits than fit) is left to `rules`, row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fedgate.sql.numeric import rules

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
SHORT = 18  # a text of at most so many characters is an int64 when its point is taken out
DIVISOR_DIGITS = 14  # a divisor with more leaves no room for four digits of quotient at a time
WHOLE_DIGITS = 20  # columns for the digits before those that long division adds
_POWERS = 10 ** np.arange(19, dtype=np.uint64)
_FOUR = np.frombuffer(b"".join(b"%04d" % i for i in range(10_000)), np.uint8).reshape(-1, 4)
_ZERO = ord("0")


def plain(column: Any) -> pa.Array:
    """A column of a UDF as one array."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def flags(column: Any) -> Flags:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.bool_)


def scales(column: pa.Array) -> Ints:
    """Digits after the point of each text (0 for NULL)."""
    filled = pc.fill_null(column, "0")
    point = np.asarray(pc.find_substring(filled, ".").to_numpy(), np.int64)
    return np.where(point < 0, 0, np.asarray(pc.binary_length(filled).to_numpy(), np.int64) - point - 1)


def digits_needed(column: pa.Array, own: Ints) -> int:
    """Digits that decimals of one scale need for all these texts, whose scales are `own`: Arrow's cast wraps silently beyond its
    own.
    """
    filled = pc.fill_null(column, "0")
    whole = np.asarray(pc.binary_length(filled).to_numpy(), np.int64) - own - (own > 0)
    return int(whole.max(initial=0)) + int(own.max(initial=0))


def short_integers(column: pa.Array) -> tuple[Ints, Ints, Flags]:
    """The values without their points, their scales, and which rows are such (the others hold 0)."""
    filled = pc.fill_null(column, "0")
    fits = pc.and_(pc.less_equal(pc.binary_length(filled), SHORT), pc.invert(pc.match_substring_regex(filled, "[NI]")))
    digits = pc.replace_substring(pc.if_else(fits, filled, "0"), ".", "", max_replacements=1)
    return np.asarray(pc.cast(digits, pa.int64()).to_numpy(), np.int64), scales(column), flags(fits)


def _weights(size: NDArray[np.uint64], scale: Ints) -> tuple[Ints, Ints]:
    """`rules.weight_and_first_digit` of size / 10**scale."""
    digits = np.searchsorted(_POWERS, size, side="right").astype(np.int64)
    adjusted = digits - 1 - scale
    weight = adjusted // rules.DIGITS
    surplus = digits - (adjusted - weight * rules.DIGITS + 1)
    first = np.where(surplus >= 0, size // _POWERS[np.clip(surplus, 0, 18)], size * _POWERS[np.clip(-surplus, 0, 3)])
    return np.where(size == 0, 0, weight), np.where(size == 0, 0, first.astype(np.int64))


def divide(left: Any, right: Any) -> pa.Array:
    """a / b of two columns of text. Raises SqlError 22012."""
    a, b = plain(left), plain(right)
    pairs = pc.dictionary_encode(pc.binary_join_element_wise(a, b, "/"))
    if 2 * len(pairs.dictionary) > len(a):
        return _quotients(a, b)
    places = pc.fill_null(pairs.indices, 0).to_numpy()
    first = np.zeros(len(pairs.dictionary), np.int64)
    known = np.flatnonzero(flags(pairs.indices.is_valid()))[::-1]
    first[places[known]] = known
    return _quotients(a.take(pa.array(first)), b.take(pa.array(first))).take(pairs.indices)


@dataclass(frozen=True, slots=True)
class Division:
    """How rows are divided: the sizes of both sides, the sign, and as `kinds` how many digits are added to x // y << 16 and how
    many of them all stand behind the point. Rows that are not `quick` are left to `rules`.
    """

    x: NDArray[np.uint64]
    y: NDArray[np.uint64]
    negative: Flags
    kinds: Ints
    quick: Flags


def division(x: Ints, x_scale: Ints, y: Ints, y_scale: Ints) -> Division:
    """The plan for x / 10**x_scale divided by y / 10**y_scale, by PostgreSQL's select_div_scale."""
    x_size, y_size = np.abs(x).astype(np.uint64), np.abs(y).astype(np.uint64)
    (x_weight, x_first), (y_weight, y_first) = _weights(x_size, x_scale), _weights(y_size, y_scale)
    quotient_weight = x_weight - y_weight - (x_first <= y_first)
    digits = np.maximum(np.maximum(rules.MIN_SIG_DIGITS - rules.DIGITS * quotient_weight, x_scale), np.maximum(y_scale, 0))
    quick = (x_size < 10**SHORT) & (y_size < 10**DIVISOR_DIGITS)
    return Division(x_size, y_size, (x < 0) != (y < 0), (digits + y_scale - x_scale) << 16 | digits, quick)


def _quotients(a: pa.Array, b: pa.Array) -> pa.Array:
    valid = flags(a.is_valid()) & flags(b.is_valid())
    (x, x_scale, x_fits), (y, y_scale, y_fits) = short_integers(a), short_integers(b)
    plan = division(x, x_scale, y, y_scale)
    quick = valid & x_fits & y_fits & plan.quick
    if np.any(quick & (y == 0)):
        raise rules.division_by_zero()
    kinds = plan.kinds
    rows = np.flatnonzero(quick)
    slow = np.flatnonzero(valid & ~quick)
    texts = {int(i): rules.write(rules.divide(Decimal(a[i].as_py()), Decimal(b[i].as_py()))).encode() for i in slow}
    most = int((kinds[rows] & 0xFFFF).max(initial=0))
    width = max(most + WHOLE_DIGITS + 20, max(map(len, texts.values()), default=0))
    page = np.zeros((len(a), width), np.uint8)
    for kind in np.unique(kinds[rows]):
        at = rows[kinds[rows] == kind]
        _long_division(page, at, plan.x[at], plan.y[at], plan.negative[at], int(kind) >> 16, int(kind) & 0xFFFF)
    for i, text in texts.items():
        page[i, : len(text)] = np.frombuffer(text, np.uint8)
    return strings(page, valid)


def quotient_digits(x: Any, y: Any, added: int) -> tuple[Any, list[Any], int]:
    """x / y rounded half up to `added` digits behind x // y: the whole, then as many digits at a time as the last number says.

    The last of them are followed by zeros where `added` is no multiple of it.
    """
    step = 8 if int(y.max()) < 10**10 else 4
    whole, rest = np.divmod(x, y)
    parts: list[Any] = []
    for done in range(0, added, step):
        now = min(step, added - done)
        part, rest = np.divmod(rest * _POWERS[now], y)
        parts.append(part * _POWERS[step - now])
    carry = rest * np.uint64(2) >= y
    unit = _POWERS[-added % step]
    for i in range(len(parts) - 1, -1, -1):
        parts[i] = parts[i] + carry * unit
        carry = parts[i] >= _POWERS[step]
        parts[i] = np.where(carry, 0, parts[i])
        unit = np.uint64(1)
    return whole + carry, parts, step


def _long_division(page: NDArray[np.uint8], at: Ints, x: Any, y: Any, negative: Flags, added: int, digits: int) -> None:
    """Writes x / y into the page's rows `at`: `added` digits more than x // y has, the last `digits` of them behind the point."""
    whole, parts, step = quotient_digits(x, y, added)
    figures = [_FOUR[(whole // _POWERS[p]) % np.uint64(10_000)] for p in (16, 12, 8, 4, 0)]
    for part in parts:
        figures += [_FOUR[(part // _POWERS[p]) % np.uint64(10_000)] for p in range(step - 4, -1, -4)]
    shown = np.concatenate(figures, axis=1)[:, : WHOLE_DIGITS + added]
    point = WHOLE_DIGITS + added - digits
    other = shown != _ZERO
    start = np.where(other[:, :point].any(axis=1), other[:, :point].argmax(axis=1), point - 1)
    before = np.where(np.arange(point) >= np.minimum(start, point - 1)[:, None], shown[:, :point], 0)
    sign = np.where(negative & other.any(axis=1), ord("-"), 0).astype(np.uint8)[:, None]
    dot = np.full((len(at), 1 if digits else 0), ord("."), np.uint8)
    line = np.concatenate([sign, before.astype(np.uint8), dot, shown[:, point:]], axis=1)
    page[at, : line.shape[1]] = line


def strings(page: NDArray[np.uint8], valid: Flags) -> pa.Array:
    """The rows of a page as texts; zero bytes are no characters."""
    written = page != 0
    offsets = np.zeros(len(page) + 1, np.int32)
    np.cumsum(written.sum(axis=1), out=offsets[1:])
    bitmap = None if valid.all() else pa.array(valid).buffers()[1]
    return pa.Array.from_buffers(pa.string(), len(page), [bitmap, pa.py_buffer(offsets), pa.py_buffer(page[written])])


# -- sums ---------------------------------------------------------------------------------------------------------------------


def unscaled(column: pa.Array) -> tuple[list[int], Ints, int] | None:
    """Texts as integers over one power of ten (NULL as 0), their scales and that power; None where 38 digits are not enough."""
    own = scales(column)
    most = int(own.max(initial=0))
    if digits_needed(column, own) > 38:
        return None
    try:
        decimals = pc.cast(pc.fill_null(column, "0"), pa.decimal128(38, most))
    except pa.ArrowInvalid:
        return None
    words = np.frombuffer(decimals.buffers()[1], np.int64, 2 * len(decimals), 16 * decimals.offset)
    low, high = words[0::2], words[1::2]
    if np.array_equal(high, low >> 63):
        return low.tolist(), own, most
    return [(h << 64) + rest for h, rest in zip(high.tolist(), low.astype(np.uint64).tolist(), strict=True)], own, most


def lists(column: Any) -> tuple[pa.Array, list[tuple[int, int]], Flags]:
    """A list column as its values, the stretch of each row in them, and which rows are not NULL."""
    array = plain(column)
    offsets = array.offsets.to_numpy().tolist()
    return array.values, list(pairwise(offsets)), flags(array.is_valid())


def sums(column: Any) -> list[tuple[int, Decimal, Decimal] | None] | None:
    """Number, sum and sum of squares of each list's values (None where there are none); None when `unscaled` is."""
    values, stretches, valid = lists(column)
    if (found := unscaled(values)) is None:
        return None
    numbers, own, most = found
    present = flags(values.is_valid())
    result: list[tuple[int, Decimal, Decimal] | None] = []
    for (start, end), is_list in zip(stretches, valid.tolist(), strict=True):
        count = int(present[start:end].sum()) if is_list else 0
        if not count:
            result.append(None)
            continue
        digits = int(own[start:end].max())
        items = numbers[start:end]
        cut = 10 ** (most - digits)
        total, squares = sum(items) // cut, sum([i * i for i in items]) // cut**2
        result.append((count, rules.from_unscaled(total, digits), rules.from_unscaled(squares, 2 * digits)))
    return result
