"""Row constructors: ROW(…), comparisons field by field, and field selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from fedgate import limits
from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import handles
from fedgate.sql.bind.operators import make_operator
from fedgate.sql.bind.state import Message, State
from fedgate.sql.functions.table import OWN
from fedgate.sql.tree import Block, BoolExpr, Const, Expr, FieldSelect, FuncExpr, OpExpr, RowCompare, RowExpr, SubLink, Var

_ORDERINGS = ("<", "<=", ">", ">=")
WRITTEN_ROW = f"{OWN}record"


@handles("row_expr", "args row_format location")
def bind_row(state: State, node: Message) -> Expr:
    from fedgate.sql.bind.stars import expand_args

    position = state.pos(node.location)
    fields = tuple(expand_args(state, node.args))
    if len(fields) > limits.COLUMNS_MAX:
        raise SqlError("54011", f"ROW expressions can have at most {limits.COLUMNS_MAX} entries", position=position)
    return RowExpr(fields, tuple(f"f{i}" for i in range(1, len(fields) + 1)), pos=position)


def compare_rows(state: State, name: str, left: Sequence[Expr], right: Sequence[Expr], position: int | None) -> Expr:
    """`(a, b) name (c, d)`: = and <> are conjunctions of pairs, orderings compare the first pair that differs."""
    if len(left) != len(right):
        raise SqlError("42601", "unequal number of entries in row expressions", position=position)
    if not left:
        raise SqlError("0A000", "cannot compare rows of zero length", position=position)
    pairs = [make_operator(state, name, a, b, position) for a, b in zip(left, right, strict=True)]
    made = [cast(OpExpr, p) for p in pairs]
    for pair in made:
        if pair.type.oid != t.BOOL:
            message = f"row comparison operator must yield type boolean, not type {t.type_name(pair.type.oid)}"
            raise SqlError("42804", message, position=position)
    if len(made) == 1:
        return made[0]
    if name in ("=", "<>"):
        return BoolExpr("and" if name == "=" else "or", tuple(made), pos=position)
    if name not in _ORDERINGS:
        hint = "Row comparison operators must be associated with btree operator families."
        message = f"could not determine interpretation of row comparison operator {name}"
        raise SqlError("0A000", message, hint=hint, position=position)
    lefts, rights = tuple(p.args[0] for p in made), tuple(p.args[1] for p in made)
    return RowCompare(name, lefts, rights, tuple(p.oid for p in made), pos=position)  # type: ignore[arg-type]


def as_called(state: State, expr: Expr) -> Expr:
    """A whole row of a table with the names that the table's alias gives its columns: those are what `(t).a` looks for."""
    if not isinstance(expr, RowExpr) or not expr.fields or not isinstance(expr.fields[0], Var):
        return expr
    rel, level = expr.fields[0].rel, cast("State | None", state)
    while level is not None:
        for item in level.known:
            if item.rel == rel and item.field_names == expr.names:
                return replace(expr, names=tuple(column.name for column in item.columns))
        level = level.parent
    return expr


def select_field(expr: Expr, name: str, position: int | None) -> Expr:
    """`(expr).name`. 42703 or 42809 when there is no such field."""
    if isinstance(expr, RowExpr):
        for i, known in enumerate(expr.names):
            if known == name:
                field = expr.fields[i]
                return replace(field, pos=position) if isinstance(field, Var) else field
        raise SqlError("42703", f'could not identify column "{name}" in record data type', position=position)
    if isinstance(expr, SubLink) and expr.kind == "scalar" and isinstance(expr.query, Block):
        block = expr.query
        target = next(target for target in block.targets if not target.junk)
        if isinstance(target.expr, RowExpr) and block.distinct is False and all(k.column != target.id for k in block.order_by):
            chosen = replace(target, expr=select_field(target.expr, name, position))
            query = replace(block, targets=tuple(chosen if x is target else x for x in block.targets))
            return replace(expr, query=query, type=chosen.expr.type)
    if isinstance(expr, FuncExpr) and expr.returns_set:
        from fedgate.sql.bind.from_functions import out_columns

        for i, (known, type_) in enumerate(columns := out_columns(expr)):
            if known == name:
                return FieldSelect(expr, i, type_, pos=position)
        if columns:
            raise SqlError("42703", f'could not identify column "{name}" in record data type', position=position)
    if expr.type.oid == t.RECORD:
        raise unsupported("a field of a row value whose fields are not known", position=position)
    if expr.type.oid == t.UNKNOWN and isinstance(expr, Const):
        raise SqlError(
            "42809", f"column notation .{name} applied to type unknown, which is not a composite type", position=position
        )
    message = f"column notation .{name} applied to type {t.type_name(expr.type.oid)}, which is not a composite type"
    raise SqlError("42809", message, position=position)
