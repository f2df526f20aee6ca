"""Arrays of rows: each row is kept in its text, and the array's type says of what types its fields are.

So they travel through queries (`path || row(a, b)`, `row(a, b) = ANY (path)`), are compared and sorted by keys that are made of the
texts (`functions.records`), and go to the client as they are. Rows of one array have fields of the same types here.

Source: https://www.postgresql.org/docs/15/queries-with.html#QUERIES-WITH-CYCLE and
functions-comparisons.html#COMPOSITE-TYPE-COMPARISON
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.row_columns import written
from fedgate.sql.tree import Aggref, ArrayExpr, Block, Const, Expr, FuncExpr, OpExpr, RowExpr, ScalarArrayOp
from fedgate.types import SqlType

_ROWS = (t.RECORD, t.RECORD_ARRAY)
_ROW_TO_JSON = 3155
TO_JSON = frozenset(("array_to_json", "to_json", "to_jsonb"))


def kept(args: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Arguments, the rows among them in their texts where one is an array of rows."""
    if not any(arg.type.oid == t.RECORD_ARRAY or arg.type.fields for arg in args):
        return args
    return tuple(written(arg) if arg.type.oid in _ROWS else arg for arg in args)


def as_json(array: Expr) -> Expr:
    """An array of rows that is about to be written as JSON, with its rows as JSON already: their texts have no names of fields."""
    if isinstance(array, Aggref) and array.name == "array_agg" and isinstance(array.args[0], RowExpr) and not array.distinct:
        return replace(array, args=(_row_to_json(array.args[0]),), arg_types=(t.JSON,), type=SqlType(t.array_of(t.JSON)))
    if isinstance(array, ArrayExpr) and array.elements and all(isinstance(row, RowExpr) for row in array.elements):
        return replace(array, elements=tuple(map(_row_to_json, array.elements)), type=SqlType(t.array_of(t.JSON)))
    return array


def _row_to_json(row: Expr) -> Expr:
    return FuncExpr("row_to_json", (row,), (t.RECORD,), SqlType(t.JSON), _ROW_TO_JSON, pos=row.pos)


def of_rows(call: OpExpr) -> OpExpr:
    """An operator of arrays of rows."""
    args = kept(call.args)
    if call.name != "||":
        check_comparable(args[0], args[-1], call.pos)
    return replace(call, args=args, type=of_fields(call.type, args))


def among_rows(call: ScalarArrayOp) -> ScalarArrayOp:
    """`row op ANY (array of rows)`, or ALL."""
    left, right = kept((call.left, call.right))
    check_comparable(left, right, call.pos)
    return replace(call, left=left, right=right)


def kept_targets(block: Block) -> Block:
    """The block with arrays of rows among its targets as they are kept."""
    if not any(target.expr.type.oid == t.RECORD_ARRAY for target in block.targets):
        return block
    return replace(block, targets=tuple(replace(x, expr=kept((x.expr,))[0]) for x in block.targets))


def of_fields(type_: SqlType, args: Sequence[Expr]) -> SqlType:
    """A result's type with the fields that its arguments have. 0A000 where they differ."""
    rows = [arg.type for arg in args if arg.type.oid in _ROWS and not (isinstance(arg, Const) and arg.value is None)]
    if type_.oid not in _ROWS or not rows:
        return type_
    return common(type_, rows)


def common(type_: SqlType, rows: Sequence[SqlType]) -> SqlType:
    """The one type of rows, or arrays of rows, that stand in one column or array."""
    if any(_shape(row) != _shape(rows[0]) for row in rows):
        raise unsupported("rows of different types in one array", hint="Cast their fields to the same types.")
    return replace(type_, fields=rows[0].fields)


def _shape(row: SqlType) -> tuple[object, ...]:
    return tuple((field.oid, _shape(field)) for field in row.fields)


def check_comparable(left: Expr, right: Expr, position: int | None) -> None:
    """42804 for rows of other types than those of an array of rows, which PostgreSQL finds when it compares the first of them."""
    one, two = left.type.fields, right.type.fields
    if not one or not two:
        return
    for number, (a, b) in enumerate(zip(one, two, strict=False), 1):
        if a.oid != b.oid:
            names = f"{t.type_name(a.oid)} and {t.type_name(b.oid)}"
            raise SqlError("42804", f"cannot compare dissimilar column types {names} at record column {number}", position=position)
    if len(one) != len(two):
        raise SqlError("42804", "cannot compare record types with different numbers of columns", position=position)
