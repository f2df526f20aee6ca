"""Binary form of numeric: base-10000 digits without zeros at either end, the weight of the first, sign, display scale.

decimal128 columns whose unscaled values fit 64 bits are turned into digits a column at a time; others, and dynamic numeric (which
travels as text), value by value.
"""

from __future__ import annotations

import struct
from decimal import ROUND_DOWN, Decimal

import numpy as np
import pyarrow as pa

from fedgate.pgwire.formats.codec import BinaryCodec, Cells, Ints, bad_binary, from_lengths
from fedgate.types.arrow_values import validity
from fedgate.types.numeric_text import EXACT, parse_numeric, plain

_HEADER = struct.Struct("!HhHH")
_POSITIVE, _NEGATIVE, _NAN, _PINF, _NINF = 0x0000, 0x4000, 0xC000, 0xD000, 0xF000
_INFINITE_SCALE = 0x20  # what PostgreSQL sends; no reader minds
_SCALE_MASK = 0x3FFF
_BASE = 10_000
_SAFE = 2**63 - 1


def encode(value: Decimal | int) -> bytes:
    """One numeric."""
    number = plain(Decimal(value))
    if not number.is_finite():
        if number.is_nan():
            return _HEADER.pack(0, 0, _NAN, 0)
        return _HEADER.pack(0, 0, _NINF if number.is_signed() else _PINF, _INFINITE_SCALE)
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    scale = -exponent
    text = "".join(map(str, digits)) + "0" * (-scale % 4)
    text = "0" * (-len(text) % 4) + text
    groups = [int(text[i : i + 4]) for i in range(0, len(text), 4)]
    weight = len(groups) - 1 - (scale + 3) // 4
    while groups and groups[0] == 0:
        del groups[0]
        weight -= 1
    while groups and groups[-1] == 0:
        groups.pop()
    if not groups:
        return _HEADER.pack(0, 0, _POSITIVE, scale)
    return _HEADER.pack(len(groups), weight, _NEGATIVE if sign else _POSITIVE, scale) + struct.pack(f"!{len(groups)}h", *groups)


def decode(data: bytes) -> Decimal:
    """One numeric; its exponent is minus the display scale. Raises SqlError 22P03."""
    if len(data) < _HEADER.size:
        raise bad_binary()
    count, weight, sign, scale = _HEADER.unpack_from(data)
    if sign in (_NAN, _PINF, _NINF):
        return {_NAN: Decimal("NaN"), _PINF: Decimal("Infinity"), _NINF: Decimal("-Infinity")}[sign]
    if sign not in (_POSITIVE, _NEGATIVE) or len(data) != _HEADER.size + 2 * count or scale & ~_SCALE_MASK:
        raise bad_binary()
    groups = struct.unpack_from(f"!{count}h", data, _HEADER.size)
    if any(not 0 <= group < _BASE for group in groups):
        raise bad_binary()
    text = "".join(f"{group:04d}" for group in groups) or "0"
    exact = EXACT.create_decimal(f"{'-' if sign == _NEGATIVE else ''}{text}E{(weight - count + 1) * 4 if count else 0}")
    # What lies beyond the display scale is cut off, as numeric_recv does.
    return plain(exact.quantize(Decimal((0, (1,), -scale)), rounding=ROUND_DOWN, context=EXACT))


def column(array: pa.Array) -> Cells:
    if not pa.types.is_decimal(array.type):
        return pa.array([None if t is None else encode(parse_numeric(t)) for t in array.to_pylist()], pa.binary())
    words = np.frombuffer(array.buffers()[1], np.int64, count=2 * (array.offset + len(array)))[2 * array.offset :]
    low, high = words[0::2], words[1::2]
    valid = validity(array)
    if valid is not None:
        low, high = np.where(valid, low, 0), np.where(valid, high, 0)
    scale = array.type.scale
    shift = 10 ** (-scale % 4)
    small = (high == low >> 63) & (np.abs(low) <= _SAFE // shift) & (low != -(2**63))
    if not small.all():
        return pa.array([None if v is None else encode(v) for v in array.to_pylist()], pa.binary())
    return _small_column(low, scale, shift)


def _small_column(values: Ints, scale: int, shift: int) -> pa.Array:
    fraction_groups = (scale + 3) // 4
    rest = np.abs(values) * shift
    width = max(fraction_groups + 1, -(-len(str(int(rest.max(initial=0)))) // 4))
    groups = np.empty((len(values), width), np.int64)
    for place in range(width - 1, -1, -1):
        quotient = rest // _BASE
        groups[:, place] = rest - quotient * _BASE
        rest = quotient
    filled = groups != 0
    first = np.where(filled.any(axis=1), filled.argmax(axis=1), 0)
    last = np.where(filled.any(axis=1), width - filled[:, ::-1].argmax(axis=1), 0)
    out = np.empty((len(values), 4 + width), ">i2")
    out[:, 0] = last - first
    out[:, 1] = np.where(last > 0, width - 1 - fraction_groups - first, 0)
    out[:, 2] = np.where(values < 0, _NEGATIVE, _POSITIVE)
    out[:, 3] = scale
    out[:, 4:] = groups
    places = np.arange(width)
    keep = np.ones((len(values), 4 + width), np.bool_)
    keep[:, 4:] = (places >= first[:, None]) & (places < last[:, None])
    return from_lengths(out[keep].view(np.uint8), 8 + 2 * (last - first))


NUMERIC = BinaryCodec(column, encode, decode)
