"""Binary form of date, time, timestamp, timestamptz (counts from 2000-01-01) and interval (microseconds, days, months)."""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.pgwire.formats.codec import BinaryCodec, Bytes, big_endian, sized
from fedgate.types.arrow_values import numbers
from fedgate.types.civil import DATE_END, DATE_MIN, DAY_US, check_timestamp
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY, Interval, Value

_EPOCH_DAYS = 10_957  # 2000-01-01
_EPOCH_US = _EPOCH_DAYS * DAY_US
_INT32_MAX, _INT32_MIN = 2**31 - 1, -(2**31)
_INT64_MAX, _INT64_MIN = 2**63 - 1, -(2**63)
_INT4 = struct.Struct("!i")
_INT8 = struct.Struct("!q")
_INTERVAL = struct.Struct("!qii")
_WIRE_INTERVAL = np.dtype([("microseconds", ">i8"), ("days", ">i4"), ("months", ">i4")])


def _date_column(array: pa.Array) -> Bytes:
    days = numbers(array).astype(np.int64)
    shifted = np.where(days == DATE_INFINITY, _INT32_MAX, np.where(days == -DATE_INFINITY, _INT32_MIN, days - _EPOCH_DAYS))
    return big_endian(shifted, ">i4")


def _date_encode(days: int) -> bytes:
    if abs(days) == DATE_INFINITY:
        return _INT4.pack(_INT32_MAX if days > 0 else _INT32_MIN)
    return _INT4.pack(days - _EPOCH_DAYS)


def _date_decode(data: bytes) -> Value:
    (days,) = _INT4.unpack(sized(data, 4))
    if days in (_INT32_MAX, _INT32_MIN):
        return DATE_INFINITY if days > 0 else -DATE_INFINITY
    if not DATE_MIN <= days + _EPOCH_DAYS < DATE_END:
        raise SqlError("22008", "date out of range")
    return int(days) + _EPOCH_DAYS


def _timestamp_column(array: pa.Array) -> Bytes:
    micro = numbers(array)
    shifted = micro - _EPOCH_US
    infinite = np.abs(micro) == TIMESTAMP_INFINITY
    if infinite.any():
        shifted = np.where(infinite, np.where(micro > 0, _INT64_MAX, _INT64_MIN), shifted)
    return big_endian(shifted, ">i8")


def _timestamp_encode(micro: int) -> bytes:
    if abs(micro) == TIMESTAMP_INFINITY:
        return _INT8.pack(_INT64_MAX if micro > 0 else _INT64_MIN)
    return _INT8.pack(micro - _EPOCH_US)


def _timestamp_decode(data: bytes) -> Value:
    (micro,) = _INT8.unpack(sized(data, 8))
    if micro in (_INT64_MAX, _INT64_MIN):
        return TIMESTAMP_INFINITY if micro > 0 else -TIMESTAMP_INFINITY
    check_timestamp(micro + _EPOCH_US, "timestamp out of range")
    return int(micro) + _EPOCH_US


def _time_decode(data: bytes) -> Value:
    (micro,) = _INT8.unpack(sized(data, 8))
    if not 0 <= micro <= DAY_US:
        raise SqlError("22008", "time out of range")
    return int(micro)


def _interval_column(array: pa.Array) -> Bytes:
    values = numbers(array)
    out = np.empty(len(values), _WIRE_INTERVAL)
    out["microseconds"] = values["nanoseconds"] // 1000
    out["days"] = values["days"]
    out["months"] = values["months"]
    return out.view(np.uint8).reshape(len(values), 16)


def _interval_decode(data: bytes) -> Value:
    micro, days, months = _INTERVAL.unpack(sized(data, 16))
    return Interval(months, days, micro)


DATE = BinaryCodec(_date_column, _date_encode, _date_decode)
TIME = BinaryCodec(lambda array: big_endian(numbers(array), ">i8"), _INT8.pack, _time_decode)
TIMESTAMP = BinaryCodec(_timestamp_column, _timestamp_encode, _timestamp_decode)
INTERVAL = BinaryCodec(_interval_column, lambda v: _INTERVAL.pack(v.microseconds, v.days, v.months), _interval_decode)
