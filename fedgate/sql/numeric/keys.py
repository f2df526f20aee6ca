"""Order keys, rounding and + - * of numerics on whole columns of their text; `rules` says what is meant, row by row.

Everything is exact: Arrow's decimals hold what takes part, or the column is left to `rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.sql.numeric import rules
from fedgate.sql.numeric.vectors import Flags, Ints, digits_needed, flags, plain, scales

_ODD = "[NI]"  # NaN and infinities
_PREFIX = 4  # bytes of a key before its digits
_HIGH_DIGITS, _LOW_DIGITS = 76, 37
_EXPONENT = 0x40_0000


def _lengths(column: pa.Array) -> Ints:
    return np.asarray(pc.binary_length(column).to_numpy(), np.int64)


def order_keys(texts: Any) -> pa.Array:
    """`rules.order_key` of each text."""
    column = plain(texts)
    if pc.any(pc.match_substring_regex(column, _ODD), min_count=0).as_py():
        return pa.array([None if t is None else rules.order_key(Decimal(t)) for t in column.to_pylist()], pa.binary())
    valid = flags(column.is_valid())
    filled = pc.fill_null(column, "0")
    negative = flags(pc.starts_with(filled, "-"))
    scale = scales(filled)
    whole = _lengths(filled) - negative - scale - (scale > 0)
    digits = pc.replace_substring(pc.utf8_ltrim(filled, "-"), ".", "", max_replacements=1)
    significant = pc.ascii_ltrim(digits, "0")
    leading = _lengths(digits) - _lengths(significant)
    body = pc.ascii_rtrim(significant, "0")
    sizes = _lengths(body)
    zero = sizes == 0
    heights = (whole - 1 - leading + _EXPONENT).astype(">u4").view(np.uint8).reshape(-1, 4)
    # Each key is its first four bytes, the digits and an ending zero; zero itself is one byte.
    lengths = np.where(zero, 1, sizes + _PREFIX + 1)
    offsets = np.zeros(len(column) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    page = np.zeros(int(offsets[-1]), np.uint8)
    starts = offsets[:-1].astype(np.int64)
    page[starts] = np.where(zero, 0x80, np.where(negative, 0x02, 0x81))
    other, at = ~zero, starts[~zero]
    for i in range(1, _PREFIX):
        page[at + i] = heights[other, i]
    figures = np.frombuffer("".join(body.to_pylist()).encode(), np.uint8)
    rows = np.repeat(np.arange(len(column)), sizes)
    inner = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    page[starts[rows] + _PREFIX + inner] = figures
    flip = np.repeat(negative & other, lengths)
    page[flip] = 255 - page[flip]
    page[starts[negative & other]] = 0x02
    bitmap = None if valid.all() else pa.array(valid).buffers()[1]
    return pa.Array.from_buffers(pa.binary(), len(column), [bitmap, pa.py_buffer(offsets), pa.py_buffer(page)])


def _decimals(column: pa.Array) -> tuple[pa.Array, Ints] | None:
    """Texts as decimals of one scale, and the scales they show; None where 37 digits are not enough."""
    own = scales(column)
    most = int(own.max(initial=0))
    if digits_needed(column, own) > _LOW_DIGITS:
        return None
    try:
        return pc.cast(column, pa.decimal256(_LOW_DIGITS, most)), own
    except pa.ArrowInvalid:
        return None


def _shown(values: pa.Array, scale: Ints, slow: Callable[[int], str]) -> pa.Array:
    """Decimals as PostgreSQL's text with that many digits behind the point; `slow` writes what Arrow shows with an exponent."""
    texts = pc.cast(values, pa.string())
    cut = values.type.scale - scale
    if np.any(cut):
        keep = _lengths(pc.fill_null(texts, "")) - cut - ((scale == 0) & (values.type.scale > 0))
        pieces = [
            None if t is None else t[:k] if "E" not in t else t for t, k in zip(texts.to_pylist(), keep.tolist(), strict=True)
        ]
        texts = pa.array(pieces, pa.string())
    if pc.any(pc.match_substring(texts, "E"), min_count=0).as_py():
        texts = pa.array([slow(i) if t is not None and "E" in t else t for i, t in enumerate(texts.to_pylist())], pa.string())
    return texts


def _slowly(rule: Callable[[Decimal, Decimal], Decimal], a: pa.Array, b: pa.Array) -> Callable[[int], str]:
    return lambda i: rules.write(rule(rules.read(a[i].as_py()), rules.read(b[i].as_py())))


def binary(rule: Callable[[Decimal, Decimal], Decimal], quick: Any, product: bool) -> Callable[..., pa.Array]:
    """An operator on columns of text: `quick` is Arrow's, `rule` that of `rules`. A product's scale is the sum of both."""

    def call(left: Any, right: Any) -> pa.Array:
        a, b = plain(left), plain(right)
        slow = _slowly(rule, a, b)
        x, y = _decimals(a), _decimals(b)
        if x is None or y is None:
            valid: Flags = flags(a.is_valid()) & flags(b.is_valid())
            return pa.array([slow(i) if ok else None for i, ok in enumerate(valid.tolist())], pa.string())
        scale = x[1] + y[1] if product else np.maximum(x[1], y[1])
        return _shown(quick(x[0], y[0]), scale, slow)

    return call


def rounded(texts: Any, digits: Any) -> pa.Array:
    """round(numeric, n) of two columns."""
    column, places = plain(texts), plain(digits)
    slow = _round_slowly(column, places)
    wanted = pc.unique(places).to_pylist()
    found = _decimals(column) if len(wanted) == 1 and wanted[0] is not None and 0 <= wanted[0] <= 20 else None
    if found is None:
        valid = flags(column.is_valid()) & flags(places.is_valid())
        return pa.array([slow(i) if ok else None for i, ok in enumerate(valid.tolist())], pa.string())
    values = pc.cast(found[0], pa.decimal256(_HIGH_DIGITS, found[0].type.scale))
    if values.type.scale > wanted[0]:
        values = pc.round(values, ndigits=wanted[0], round_mode="half_towards_infinity")
    values = pc.cast(values, pa.decimal256(_HIGH_DIGITS, wanted[0]))
    return _shown(values, np.full(len(column), wanted[0]), slow)


def _round_slowly(column: pa.Array, places: pa.Array) -> Callable[[int], str]:
    def slow(i: int) -> str:
        digits = rules.shown_digits(places[i].as_py())
        return rules.write(rules.fitting(rules.rescale(rules.read(column[i].as_py()), digits)))

    return slow
