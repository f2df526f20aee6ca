"""A single value out of an Arrow array, as `types/values` holds values in Python: what a prelude hands to the rest of its plan."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa

from fedgate.types import BY_OID, SqlType
from fedgate.types.values import Interval, Value

_NUMERIC = 1700


def values_of(array: pa.Array, type_: SqlType) -> list[Value]:
    """The array's values, as the Python values of `type_`."""
    kind = array.type
    if pa.types.is_list(kind):
        pg = BY_OID[type_.oid]
        element = SqlType(pg.element_oid, type_.typmod)
        return [None if item.values is None else tuple(values_of(item.values, element)) for item in array]
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        return list(array.view(pa.int64()).to_pylist())
    if pa.types.is_date32(kind):
        return list(array.view(pa.int32()).to_pylist())
    if kind == pa.month_day_nano_interval():
        return [None if v is None else Interval(v.months, v.days, v.nanoseconds // 1000) for v in array.to_pylist()]
    if type_.oid == _NUMERIC and pa.types.is_string(kind):
        return [None if v is None else Decimal(v) for v in array.to_pylist()]
    return list(array.to_pylist())
