"""What the constraints of temporary tables forbid: NULL, and equal keys.

Contract: equality is that of the type's btree operators; a key with a NULL equals nothing
(https://www.postgresql.org/docs/15/ddl-constraints.html).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import About, SqlError, unsupported
from fedgate.fragment import column_name
from fedgate.schema import Column, Table
from fedgate.sql.numeric import rules
from fedgate.types.arrow_values import from_numbers, numbers, to_python, validity
from fedgate.types.style import TextStyle
from fedgate.types.text_out import value_text

_AS_THEY_ARE: Final = frozenset((16, 17, 18, 19, 20, 21, 23, 25, 26, 1043, 1082, 1083, 1114, 1184, 2950))
_FLOATS, _BPCHAR, _NUMERIC, _JSON = (700, 701), 1042, 1700, 114
_FEW: Final = 16
"""Up to so many new rows are looked for one by one; for more, all rows are grouped."""


def keyable(column: Column) -> None:
    """Whether values of the column can be told apart by a key. Raises SqlError 0A000, 42704 for json."""
    oid = column.type.oid
    if oid == _JSON:
        hint = "You must specify an operator class for the index or define a default operator class for the data type."
        raise SqlError("42704", 'data type json has no default operator class for access method "btree"', hint=hint)
    if oid not in _AS_THEY_ARE and oid not in (*_FLOATS, _BPCHAR, _NUMERIC):
        raise unsupported(f"PRIMARY KEY or UNIQUE over {column.type}", hint="Leave the constraint out.")


def check_not_null(table: Table, batch: pa.RecordBatch, style: TextStyle, where: Callable[[int], str] | None) -> None:
    """Raises SqlError 23502 for the first row that has NULL where it must not; `where` tells where a row came from."""
    first: tuple[int, Column] | None = None
    for place, column in enumerate(table.columns):
        if column.not_null and batch.column(place).null_count:
            row = int(np.argmin(pc.is_valid(batch.column(place)).to_numpy(zero_copy_only=False)))
            first = (row, column) if first is None or row < first[0] else first
    if first is None:
        return
    row, column = first
    message = f'null value in column "{column.name}" of relation "{table.name}" violates not-null constraint'
    detail = f"Failing row contains ({_row(table.columns, batch, row, style)})."
    about = About(table.schema, table.name, column.name)
    raise SqlError("23502", message, detail=detail, context=where(row) if where is not None else None, about=about)


def _row(columns: Sequence[Column], batch: pa.RecordBatch, row: int, style: TextStyle) -> str:
    values = (to_python(batch.column(i).slice(row, 1), c.type)[0] for i, c in enumerate(columns))
    return ", ".join("null" if v is None else value_text(v, c.type, style) for v, c in zip(values, columns, strict=True))


def first_double(columns: Sequence[Column], before: pa.Table, added: pa.Table) -> int | None:
    """The number, in `added`, of a row whose key another row has, there or in `before`; None if there is none."""
    new = _keys(columns, added)
    valid = np.ones(added.num_rows, np.bool_)
    for array in new:
        if array.null_count:
            valid &= pc.is_valid(array).to_numpy(zero_copy_only=False)
    old = _keys(columns, before)
    if added.num_rows <= _FEW:
        return _one_by_one(old, new, valid)
    names = [str(i) for i in range(len(columns))]
    whole = pa.table([pa.chunked_array([*o.chunks, *n.chunks], n.type) for o, n in zip(old, new, strict=True)], names=names)
    numbers = pa.array(np.arange(whole.num_rows, dtype=np.int64))
    whole = whole.append_column("at", numbers).drop_null()
    groups = whole.group_by(names, use_threads=False).aggregate([("at", "count"), ("at", "max")])
    doubles = groups.filter(pc.greater(groups["at_count"], 1))["at_max"]
    return int(pc.min(doubles).as_py()) - before.num_rows if len(doubles) else None


def _one_by_one(old: list[pa.ChunkedArray], new: list[pa.ChunkedArray], valid: np.ndarray) -> int | None:
    seen: set[tuple[object, ...]] = set()
    for row in np.flatnonzero(valid).tolist():
        key = tuple(array[row] for array in new)
        plain = tuple(scalar.as_py() for scalar in key)
        if plain in seen:
            return int(row)
        seen.add(plain)
        same = None
        for array, scalar in zip(old, key, strict=True):
            here = pc.equal(array, scalar)
            same = here if same is None else pc.and_(same, here)
        if same is not None and pc.any(same).as_py():
            return int(row)
    return None


def key_text(columns: Sequence[Column], added: pa.Table, row: int, style: TextStyle) -> str:
    """`(a, b)=(1, x)`."""
    values = [to_python(added.column(column_name(c.attnum)).slice(row, 1), c.type)[0] for c in columns]
    texts = [value_text(v, c.type, style) for v, c in zip(values, columns, strict=True) if v is not None]
    return f"({', '.join(c.name for c in columns)})=({', '.join(texts)})"


def _keys(columns: Sequence[Column], table: pa.Table) -> list[pa.ChunkedArray]:
    """The columns with equal values written equally."""
    return [_equal_forms(table.column(column_name(c.attnum)), c.type.oid) for c in columns]


def _shortest(value: Decimal) -> str:
    """The same text for all that are equal, whatever their length."""
    return "0" if value.is_zero() else str(rules.CONTEXT.normalize(value))


def _equal_forms(array: pa.ChunkedArray, oid: int) -> pa.ChunkedArray:
    if oid in _FLOATS:
        return pa.chunked_array([_bits(chunk) for chunk in array.chunks], pa.int64())
    if oid == _BPCHAR:
        return pc.utf8_rtrim(array, " ")
    if oid == _NUMERIC and pa.types.is_string(array.type):
        texts = [None if v is None else _shortest(Decimal(v)) for v in array.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return array


def _bits(array: pa.Array) -> pa.Array:
    """The bits of floats, as one number each: 0 and -0 are equal, and so are NaNs."""
    values = numbers(array).astype(np.float64) + 0.0
    values[np.isnan(values)] = np.nan
    valid = validity(array)
    return from_numbers(values.view(np.int64), None if valid is None else ~valid, pa.int64())
