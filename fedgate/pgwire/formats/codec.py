"""What a type family gives to the wire: its binary form, for a column and for one value. (Text forms: types/text_in, text_out.)

A column's binary form is `Cells`: a matrix of bytes, one row a value, where all have the same width, else an Arrow binary array.
What stands in a NULL's place is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.types.values import Value

Bytes: TypeAlias = "npt.NDArray[np.uint8]"
Ints: TypeAlias = "npt.NDArray[np.int64]"
Cells: TypeAlias = "Bytes | pa.Array"


WRONG_SIZE: Final = "incorrect binary data format"


@dataclass(frozen=True, slots=True)
class BinaryCodec:
    """`column`: carrier -> Cells. `encode`: value (not NULL) -> bytes. `decode`: bytes -> value; raises SqlError 22P03."""

    column: Callable[[pa.Array], Cells]
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Value]


def big_endian(values: npt.NDArray[Any], dtype: str) -> Bytes:
    """The matrix of the numbers' bytes in `dtype` (a big-endian numpy type)."""
    converted = np.ascontiguousarray(values.astype(dtype))
    return converted.view(np.uint8).reshape(len(values), converted.itemsize)


def from_lengths(data: Bytes, lengths: npt.NDArray[Any]) -> pa.Array:
    """A binary array of consecutive pieces of `data`."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.Array.from_buffers(pa.binary(), len(lengths), [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))])


def bad_binary() -> SqlError:
    return SqlError("22P03", WRONG_SIZE)


def sized(data: bytes, size: int) -> bytes:
    """`data`, which must have that size, as PostgreSQL's receive functions ask."""
    if len(data) < size:
        raise SqlError("08P01", "insufficient data left in message")
    if len(data) > size:
        raise bad_binary()
    return data
