"""Binary form of boolean, the integers, oid and reg* types, real and double precision: big-endian, as they are."""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa

from fedgate.pgwire.formats.codec import BinaryCodec, Bytes, big_endian, sized
from fedgate.types.arrow_values import numbers
from fedgate.types.values import Value


def _codec(code: str, dtype: str) -> BinaryCodec:
    packer = struct.Struct("!" + code)

    def column(array: pa.Array) -> Bytes:
        return big_endian(numbers(array), dtype)

    def decode(data: bytes) -> Value:
        (value,) = packer.unpack(sized(data, packer.size))
        return value  # type: ignore[no-any-return]

    return BinaryCodec(column, packer.pack, decode)


def _bool_column(array: pa.Array) -> Bytes:
    values: Bytes = array.fill_null(False).to_numpy(zero_copy_only=False).astype(np.uint8)
    return values.reshape(len(array), 1)


BOOL = BinaryCodec(_bool_column, lambda value: b"\1" if value else b"\0", lambda data: sized(data, 1) != b"\0")
INT2 = _codec("h", ">i2")
INT4 = _codec("i", ">i4")
INT8 = _codec("q", ">i8")
OID = _codec("I", ">u4")
FLOAT4 = _codec("f", ">f4")
FLOAT8 = _codec("d", ">f8")
