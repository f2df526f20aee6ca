"""INSERT … VALUES of constants and parameters: its rows without planning or running anything.

Drivers send thousands of such rows, one or many a statement. What is not as plain as that, or might fail, is left to the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeAlias

import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.sql.tree import Block, Coerce, Const, Expr, Param, Query, Values
from fedgate.types import SqlType
from fedgate.types.arrow_values import from_python
from fedgate.types.numeric_text import EXACT
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.text_in import parse
from fedgate.types.text_out import value_text
from fedgate.types.values import Value

Cells: TypeAlias = "Sequence[Sequence[Expr]]"
_INTEGERS: Final = {21: 2**15, 23: 2**31, 20: 2**63}
_FLOAT8, _NUMERIC = 701, 1700
_SIZED: Final = frozenset((1042, 1043, 1083, 1114, 1184, 1700))


class NotPlainError(Exception):
    """A cell's value is the engine's to find."""


def cells(query: Query) -> Cells | None:
    """The rows of a query that is nothing but such cells."""
    if isinstance(query, Values) and query == Values(query.rows, query.columns):
        rows: Cells = query.rows
    elif isinstance(query, Block) and query == Block(query.targets):
        rows = [[target.expr for target in query.targets]]
    else:
        return None
    return rows if all(_is_plain(expr) for row in rows for expr in row) else None


def _is_plain(expr: Expr) -> bool:
    if isinstance(expr, Coerce):
        source, target = expr.arg.type.oid, expr.type.oid
        if not _is_plain(expr.arg):
            return False
        if source == target:
            return expr.method == "relabel" or target in _SIZED
        if source in _INTEGERS:
            return target in _INTEGERS or target in (_FLOAT8, _NUMERIC)
        return source == _NUMERIC and (target in _INTEGERS or target == _FLOAT8)
    return isinstance(expr, Const) or (isinstance(expr, Param) and expr.name.isdigit())


def batch(rows: Cells, schema: pa.Schema, types: Sequence[SqlType], values: Mapping[str, Value]) -> pa.RecordBatch:
    """The rows. Raises NotPlainError; SqlError 0A000 for values without a carrier."""
    arrays = []
    for place, (field, type_) in enumerate(zip(schema, types, strict=True)):
        array = from_python([_value(row[place], values) for row in rows], type_)
        arrays.append(array if array.type == field.type else array.cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def row(cells_: Sequence[Expr], values: Mapping[str, Value]) -> tuple[Value, ...]:
    """The values of one row. Raises NotPlainError."""
    return tuple([_value(expr, values) for expr in cells_])


def _value(expr: Expr, values: Mapping[str, Value]) -> Value:
    if isinstance(expr, Const):
        return expr.value
    if isinstance(expr, Param):
        return values[expr.name]
    assert isinstance(expr, Coerce)
    found = _value(expr.arg, values)
    return None if found is None else _converted(found, expr.arg.type, expr.type)


def _converted(value: Value, source: SqlType, target: SqlType) -> Value:
    if target.oid in _INTEGERS and source.oid != target.oid:
        assert isinstance(value, (int, Decimal))
        if isinstance(value, Decimal) and not value.is_finite():
            raise NotPlainError
        number = int(value.quantize(Decimal(1), ROUND_HALF_UP, EXACT)) if isinstance(value, Decimal) else value
        if not -_INTEGERS[target.oid] <= number < _INTEGERS[target.oid]:
            raise NotPlainError
        return number
    if source.oid == target.oid and target.typmod < 0:
        return value
    if source.oid in _INTEGERS and target.oid == _NUMERIC and target.typmod < 0:
        assert isinstance(value, int)
        return Decimal(value)
    try:
        return parse(value_text(value, source, DEFAULT_STYLE), target, DEFAULT_STYLE)
    except SqlError:
        raise NotPlainError from None
