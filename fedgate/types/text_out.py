"""Value -> text: PostgreSQL 15's output functions, for one value and for a column.

`array_text` works a column at a time without a Python step per row, but for intervals, extreme floats, infinite or BC times,
and DateStyles other than ISO.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import unsupported
from fedgate.types.array_text import join_array
from fedgate.types.arrow_values import numbers
from fedgate.types.catalog import BY_OID, NUMERIC, REG_TYPES, SqlType, format_type
from fedgate.types.datetime_in import session_zone
from fedgate.types.datetime_styles import styled_date, styled_timestamp
from fedgate.types.datetime_text import date_text, dates_text, time_text, times_text, timestamp_text, timestamps_text
from fedgate.types.float_text import float_text
from fedgate.types.interval_text import interval_text
from fedgate.types.jsonpath import jsonpath_text
from fedgate.types.numeric_text import numeric_text
from fedgate.types.style import TextStyle
from fedgate.types.values import Interval, Value

_Writer: TypeAlias = "Callable[[Any, TextStyle], str]"
_ColumnWriter: TypeAlias = "Callable[[pa.Array, TextStyle], pa.Array]"


def value_text(value: Value, type_: SqlType, style: TextStyle) -> str:
    """Text of one value that is not NULL. Raises SqlError 0A000 for types without values here."""
    assert value is not None
    pg = BY_OID.get(type_.oid)
    if pg is not None and pg.is_array:
        assert isinstance(value, tuple)
        element = SqlType(pg.element_oid, type_.typmod)
        return join_array(None if v is None else value_text(v, element, style) for v in value)
    writer = _WRITERS.get(type_.oid)
    if writer is not None:
        return writer(value, style)
    if isinstance(value, str):
        return value
    raise unsupported(f"output of type {format_type(type_.oid)}")


def array_text(array: pa.Array, type_: SqlType, style: TextStyle) -> pa.Array:
    """Text of a column (a string array of the same length, NULL where it is NULL). Raises SqlError 0A000."""
    pg = BY_OID.get(type_.oid)
    if type_.oid == _JSONPATH:
        return pa.array([None if value is None else jsonpath_text(value) for value in array.to_pylist()], pa.string())
    if pa.types.is_string(array.type):
        return array
    if pg is not None and pg.is_array:
        return _lists_text(array, SqlType(pg.element_oid, type_.typmod), style)
    if pa.types.is_decimal(array.type):
        return _decimals_text(array)
    writer = _COLUMN_WRITERS.get(type_.oid)
    if writer is None:
        raise unsupported(f"output of type {format_type(type_.oid)}")
    return writer(array, style)


# -- one value ----------------------------------------------------------------------------------------------------------------


def bytea_text(value: bytes, output: str) -> str:
    """`\\x0102`, or the escape form."""
    if output != "escape":
        return "\\x" + value.hex()
    return "".join("\\\\" if b == 0x5C else chr(b) if 0x20 <= b <= 0x7E else f"\\{b:03o}" for b in value)


def _date(value: int, style: TextStyle) -> str:
    return date_text(value) if style.date_form == "iso" else styled_date(value, style)


def _timestamp(value: int, style: TextStyle) -> str:
    return timestamp_text(value) if style.date_form == "iso" else styled_timestamp(value, style)


def _timestamptz(value: int, style: TextStyle) -> str:
    zone = session_zone(style)
    return timestamp_text(value, zone) if style.date_form == "iso" else styled_timestamp(value, style, zone)


def _decimal(value: Decimal | int, style: TextStyle) -> str:
    return numeric_text(value if isinstance(value, Decimal) else Decimal(value))


def _interval(value: Interval, style: TextStyle) -> str:
    return interval_text(value, style.intervalstyle)


def _int(value: int, style: TextStyle) -> str:
    return str(int(value))


def _reg(value: int, style: TextStyle) -> str:
    return str(value) if value else "-"


_INTEGERS: Final = (20, 21, 23, 26, 28, 29)
_JSONPATH: Final = 4072
_WRITERS: Final[dict[int, _Writer]] = {
    16: lambda value, style: "t" if value else "f",
    17: lambda value, style: bytea_text(value, style.bytea_output),
    700: lambda value, style: float_text(value, single=True, extra_float_digits=style.extra_float_digits),
    701: lambda value, style: float_text(value, extra_float_digits=style.extra_float_digits),
    1082: _date,
    1083: lambda value, style: time_text(value),
    1114: _timestamp,
    1184: _timestamptz,
    1186: _interval,
    NUMERIC: _decimal,
    _JSONPATH: lambda value, style: jsonpath_text(value),
    **dict.fromkeys(_INTEGERS, _int),
    **dict.fromkeys(REG_TYPES, _reg),
}

# -- columns ------------------------------------------------------------------------------------------------------------------


def _nulled(text: pa.Array, like: pa.Array) -> pa.Array:
    """`text` with NULL where `like` is NULL."""
    if like.null_count == 0:
        return text
    return pc.if_else(like.is_valid(), text, pa.scalar(None, pa.string()))


def _bools(array: pa.Array, style: TextStyle) -> pa.Array:
    return pc.if_else(array, "t", "f")


def _ints(array: pa.Array, style: TextStyle) -> pa.Array:
    return pc.cast(array, pa.string())


def _reg_column(array: pa.Array, style: TextStyle) -> pa.Array:
    return pc.if_else(pc.equal(array, 0), "-", pc.cast(array, pa.string()))


def _date_column(array: pa.Array, style: TextStyle) -> pa.Array:
    if style.date_form != "iso":
        return _one_by_one(array, _date, style)
    return _nulled(dates_text(numbers(array).astype(np.int64)), array)


def _one_by_one(array: pa.Array, writer: Callable[[int, TextStyle], str], style: TextStyle) -> pa.Array:
    return _nulled(pa.array([writer(value, style) for value in numbers(array).tolist()], pa.string()), array)


def _time_column(array: pa.Array, style: TextStyle) -> pa.Array:
    return _nulled(times_text(numbers(array)), array)


def _timestamp_column(array: pa.Array, style: TextStyle) -> pa.Array:
    if style.date_form != "iso":
        return _one_by_one(array, _timestamp, style)
    return _nulled(timestamps_text(numbers(array)), array)


def _timestamptz_column(array: pa.Array, style: TextStyle) -> pa.Array:
    if style.date_form != "iso":
        return _one_by_one(array, _timestamptz, style)
    return _nulled(timestamps_text(numbers(array), session_zone(style)), array)


def _interval_column(array: pa.Array, style: TextStyle) -> pa.Array:
    texts = [interval_text(Interval(m, d, int(n / 1000)), style.intervalstyle) for m, d, n in numbers(array).tolist()]
    return _nulled(pa.array(texts, pa.string()), array)


def _float_column(array: pa.Array, style: TextStyle) -> pa.Array:
    """Arrow writes the same shortest digits, but lays them out otherwise where numbers are large or small."""
    single = array.type == pa.float32()
    values = numbers(array)
    size = np.abs(values)
    with np.errstate(invalid="ignore"):
        same = ((size >= 1e-4) & (size < (1e6 if single else 1e10))) | (size == 0)
    if style.extra_float_digits <= 0:
        same = np.zeros(len(values), np.bool_)
    text = pc.cast(array, pa.string())
    if same.all():
        return text
    others = [float_text(v, single=single, extra_float_digits=style.extra_float_digits) for v in values[~same].tolist()]
    return _nulled(pc.replace_with_mask(text, pa.array(~same), pa.array(others, pa.string())), array)


def _decimals_text(array: pa.Array) -> pa.Array:
    """Arrow writes small numbers with an exponent (`0E-8`)."""
    text = pc.cast(array, pa.string())
    if array.type.scale <= 6:
        return text
    exponents = pc.fill_null(pc.match_substring(text, "E"), False)
    if not pc.any(exponents).as_py():
        return text
    encoded = text.filter(exponents).dictionary_encode()
    plain = pa.array([format(Decimal(t), "f") for t in encoded.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(text, exponents, plain.take(encoded.indices))


_HEX: Final = np.frombuffer(b"".join(b"%02x" % i for i in range(256)), np.uint8).reshape(256, 2)


def _bytea_column(array: pa.Array, style: TextStyle) -> pa.Array:
    if style.bytea_output == "escape":
        return pa.array([None if v is None else bytea_text(v, "escape") for v in array.to_pylist()], pa.string())
    _, offsets_buffer, data = array.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int32)[array.offset : array.offset + len(array) + 1]
    start, end = int(offsets[0]), int(offsets[-1])
    raw = np.frombuffer(data, np.uint8)[start:end] if data is not None else np.zeros(0, np.uint8)
    digits = pa.StringArray.from_buffers(len(array), pa.py_buffer((offsets - start) * 2), pa.py_buffer(_HEX[raw]))
    return _nulled(pc.binary_join_element_wise("\\x", digits, ""), array)


def _lists_text(array: pa.Array, element: SqlType, style: TextStyle) -> pa.Array:
    """`{1,NULL,"a b"}`, a column at a time."""
    offsets = array.offsets.to_numpy()
    start, end = int(offsets[0]), int(offsets[-1])
    values = array_text(array.values.slice(start, end - start), element, style)
    quoted = pc.fill_null(_quoted(values), "NULL")
    lists = pa.ListArray.from_arrays(pa.array(offsets - start, pa.int32()), quoted)
    return _nulled(pc.binary_join_element_wise("{", pc.binary_join(lists, ","), "}", ""), array)


def _quoted(values: pa.Array) -> pa.Array:
    needs = pc.or_(
        pc.match_substring_regex(values, r'[\s\x0b{}",\\]'), pc.or_(pc.equal(values, ""), pc.equal(pc.utf8_upper(values), "NULL"))
    )
    if not pc.any(needs).as_py():
        return values
    escaped = pc.replace_substring(pc.replace_substring(values, "\\", "\\\\"), '"', '\\"')
    return pc.if_else(needs, pc.binary_join_element_wise('"', escaped, '"', ""), values)


_COLUMN_WRITERS: Final[dict[int, _ColumnWriter]] = {
    16: _bools,
    17: _bytea_column,
    700: _float_column,
    701: _float_column,
    1082: _date_column,
    1083: _time_column,
    1114: _timestamp_column,
    1184: _timestamptz_column,
    1186: _interval_column,
    **dict.fromkeys(_INTEGERS, _ints),
    **dict.fromkeys(REG_TYPES, _reg_column),
}
