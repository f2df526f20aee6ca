"""Casts to the row type of a relation: `NULL::flights`, `ROW(…)::flights`, `'(1,x)'::flights`.

Source: https://www.postgresql.org/docs/15/rowtypes.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from fedgate.errors import SqlError
from fedgate.schema import View
from fedgate.sql import tables
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_expr
from fedgate.sql.bind.state import Message, State
from fedgate.sql.tree import BOOL, Const, Expr, RowExpr
from fedgate.types import SqlType, record_type
from fedgate.types.array_text import split_row

_LITERAL = re.compile(r'\s*\((?:"(?:[^"\\]|""|\\.)*"|\\.|[^"\\()])*\)\s*\Z', re.DOTALL)


@dataclass(frozen=True, slots=True)
class RowType:
    """The columns of a relation, and the OID of its row type."""

    name: str
    columns: tuple[tuple[str, SqlType], ...]
    type: SqlType


def row_type(state: State, node: Message) -> RowType | None:
    """The row type that a TypeName names; None for names of other types and of nothing."""
    names = [n.string.sval for n in node.names]
    if node.array_bounds or node.typmods or len(names) > 2 or names[0] == "pg_catalog" or names[-1] in tables.type_names():
        return None
    schema = names[0] if len(names) == 2 else None
    found = state.binder.relations.find(schema, names[-1], state.binder.context.search_path)
    if found is None or (not isinstance(found, View) and found.kind != "virtual"):
        return None
    if isinstance(found, View):
        from fedgate.sql.bind.views import expand_view

        columns = tuple((col.name, col.type) for col in expand_view(state.binder, found, state.pos(node.location)).columns)
    else:
        columns = tuple((col.name, col.type) for col in found.columns)
    return RowType(found.name, columns, record_type(found.oid))


def cast_to_row(state: State, target: RowType, arg: Message, position: int | None) -> Expr:
    """A row of that type. 42846 for what is none."""
    expr = bind_expr(state, arg)
    names = tuple(name for name, _ in target.columns)
    if isinstance(expr, Const) and expr.value is None:
        nothing = tuple(Const(type_, None) for _, type_ in target.columns)
        return RowExpr(nothing, names, Const(BOOL, None), target.type, pos=position)
    if isinstance(expr, RowExpr):
        if expr.type == target.type:
            return expr
        if len(expr.fields) != len(names):
            detail = f"Input has too {'few' if len(expr.fields) < len(names) else 'many'} columns."
            raise SqlError("42846", f"cannot cast type record to {target.name}", detail=detail, position=position)
        return RowExpr(_coerced(state, expr.fields, target, position), names, expr.present, target.type, pos=position)
    if expr.type.oid == t.UNKNOWN and isinstance(expr, Const):
        return RowExpr(_read(state, str(expr.value), target, expr), names, None, target.type, pos=position)
    message = f"cannot cast type {t.type_name(expr.type.oid)} to {target.name}"
    raise SqlError("42846", message, position=position)


def _coerced(state: State, fields: tuple[Expr, ...], target: RowType, position: int | None) -> tuple[Expr, ...]:
    made = []
    for number, (field, (_, type_)) in enumerate(zip(fields, target.columns, strict=True), 1):
        value = c.coerce(state, field, type_, "e", explicit=True, position=position)
        if value is None:
            detail = f"Cannot cast type {t.type_name(field.type.oid)} to {t.type_name(type_.oid)} in column {number}."
            raise SqlError("42846", f"cannot cast type record to {target.name}", detail=detail, position=position)
        made.append(value)
    return tuple(made)


def _read(state: State, text: str, target: RowType, literal: Const) -> tuple[Expr, ...]:
    if not _LITERAL.match(text):
        raise SqlError("22P02", f'malformed record literal: "{text}"', position=literal.pos)
    texts = split_row(text.strip())
    if len(texts) != len(target.columns):
        detail = f"Too {'few' if len(texts) < len(target.columns) else 'many'} columns."
        raise SqlError("22P02", f'malformed record literal: "{text}"', detail=detail, position=literal.pos)
    fields = tuple(replace(literal, value=field) for field in texts)
    return _coerced(state, fields, target, literal.pos)
