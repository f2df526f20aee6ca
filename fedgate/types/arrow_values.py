"""Values of types/values.py <-> Arrow arrays in their type's carrier. No value goes through Python's datetime.

`numbers` and `validity` read a column's buffers as numpy arrays; the wire formats share them.
"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import SqlError, unsupported
from fedgate.types.catalog import BY_OID, NUMERIC, SqlType, arrow_type
from fedgate.types.numeric_text import EXACT, numeric_text, parse_numeric
from fedgate.types.values import Interval, Value

Numbers: TypeAlias = "npt.NDArray[Any]"
Bools: TypeAlias = "npt.NDArray[np.bool_]"

INTERVAL_DTYPE: Final = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")])
_MICRO_END: Final = 2**63 // 1000
_DTYPES: Final[dict[int, str]] = {
    pa.int16().id: "<i2",
    pa.int32().id: "<i4",
    pa.int64().id: "<i8",
    pa.float32().id: "<f4",
    pa.float64().id: "<f8",
    pa.date32().id: "<i4",
    pa.time64("us").id: "<i8",
    pa.timestamp("us").id: "<i8",
}


def validity(array: pa.Array) -> Bools | None:
    """True where there is a value; None if there is one everywhere."""
    if array.null_count == 0:
        return None
    valid: Bools = pc.is_valid(array).to_numpy(zero_copy_only=False)
    return valid


def numbers(array: pa.Array) -> Numbers:
    """The plain numbers of a fixed-width column, 0 where it is NULL (intervals as INTERVAL_DTYPE)."""
    interval = array.type == pa.month_day_nano_interval()
    dtype = INTERVAL_DTYPE if interval else np.dtype(_DTYPES[array.type.id])
    buffer = array.buffers()[1]
    if buffer is None or len(array) == 0:
        return np.zeros(len(array), dtype)
    values: Numbers = np.frombuffer(buffer, dtype, count=array.offset + len(array))[array.offset :]
    valid = validity(array)
    if valid is None:
        return values
    values = values.copy()
    values[~valid] = np.zeros(1, dtype)[0]
    return values


def from_numbers(values: Numbers, nulls: Bools | None, arrow: pa.DataType) -> pa.Array:
    """The reverse of `numbers`: a column of type `arrow` over them; `nulls` is True where it is NULL."""
    bitmap = None if nulls is None or not nulls.any() else pa.py_buffer(np.packbits(~nulls, bitorder="little"))
    return pa.Array.from_buffers(arrow, len(values), [bitmap, pa.py_buffer(np.ascontiguousarray(values))])


def to_python(array: pa.Array | pa.ChunkedArray, type_: SqlType) -> list[Value]:
    """The values of a column in its carrier."""
    if isinstance(array, pa.ChunkedArray):
        return [value for chunk in array.chunks for value in to_python(chunk, type_)]
    pg = BY_OID[type_.oid]
    arrow = array.type
    if pg.is_array:
        element = SqlType(pg.element_oid, type_.typmod)
        offsets = array.offsets.to_pylist()
        flat = to_python(array.values, element)
        return [None if n else tuple(flat[a:b]) for a, b, n in zip(offsets, offsets[1:], array.is_null().to_pylist(), strict=False)]
    if arrow == pa.month_day_nano_interval():
        rows = numbers(array).tolist()
        return _masked([Interval(m, d, _micro(n)) for m, d, n in rows], array)
    if pa.types.is_temporal(arrow):
        return _masked(numbers(array).tolist(), array)
    if pg.oid == NUMERIC and not pa.types.is_decimal(arrow):
        return [None if text is None else parse_numeric(text) for text in array.to_pylist()]
    values: list[Value] = array.to_pylist()
    return values


def _micro(nanoseconds: int) -> int:
    return nanoseconds // 1000 if nanoseconds >= 0 else -(-nanoseconds // 1000)


def _masked(values: list[Value], array: pa.Array) -> list[Value]:
    if array.null_count == 0:
        return values
    return [None if null else value for value, null in zip(values, array.is_null().to_pylist(), strict=True)]


def counted_rows(count: int) -> pa.RecordBatch:
    """So many rows without columns: a batch from no arrays would have no rows, one from an empty struct keeps their number."""
    return pa.RecordBatch.from_struct_array(pa.StructArray.from_buffers(pa.struct([]), count, [None]))


_SMALL_BYTES = 1 << 16


def batch_bytes(batch: pa.RecordBatch) -> int:
    """About the memory that a batch takes: of a small one its buffers whole, though it may be a slice of them.

    What `nbytes` finds exactly takes it thirty times as long, which counts where a node gives a row.
    """
    whole: int = batch.get_total_buffer_size()
    return whole if whole <= _SMALL_BYTES else int(batch.nbytes)


def from_python(values: Sequence[Value], type_: SqlType) -> pa.Array:
    """A column in the type's carrier. Raises SqlError 0A000 for a type without one."""
    pg = BY_OID[type_.oid]
    arrow = arrow_type(type_)
    if pg.is_array:
        element = SqlType(pg.element_oid, type_.typmod)
        flat: list[Value] = []
        offsets: list[int | None] = []
        for value in values:
            offsets.append(None if value is None else len(flat))
            if value is not None:
                assert isinstance(value, tuple)
                flat.extend(value)
        offsets.append(len(flat))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), from_python(flat, element))
    nulls = np.array([v is None for v in values], np.bool_)
    if arrow == pa.month_day_nano_interval():
        if any(isinstance(v, Interval) and abs(v.microseconds) >= _MICRO_END for v in values):
            raise SqlError("22008", "interval out of range", hint="Times of more than 2562047 hours are not supported.")
        rows = [(v.months, v.days, v.microseconds * 1000) if isinstance(v, Interval) else (0, 0, 0) for v in values]
        return from_numbers(np.array(rows, INTERVAL_DTYPE), nulls, arrow)
    if pa.types.is_temporal(arrow):
        plain = np.array([0 if v is None else v for v in values], _DTYPES[arrow.id])
        return from_numbers(plain, nulls, arrow)
    if pg.oid == NUMERIC and pa.types.is_string(arrow):
        return pa.array([None if v is None else numeric_text(_decimal(v)) for v in values], arrow)
    if pa.types.is_decimal(arrow):
        unit = Decimal((0, (1,), -arrow.scale))
        if any(isinstance(v, Decimal) and not v.is_finite() for v in values):
            raise unsupported(f"NaN or infinity in {type_}", hint="Cast it to numeric without precision and scale.")
        return pa.array([None if v is None else EXACT.quantize(_decimal(v), unit) for v in values], arrow)
    return pa.array(list(values), arrow)


def _decimal(value: Value) -> Decimal:
    if isinstance(value, Decimal):
        return value
    assert isinstance(value, int)
    return decimal.Decimal(value)
