"""Values of the reg* types where functions show them: by their names, which the catalog has, not by the OIDs that they are here.

Source: https://www.postgresql.org/docs/15/datatype-oid.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from fedgate.errors import unsupported
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.state import State
from fedgate.sql.tree import ArrayExpr, Expr, RowExpr
from fedgate.types import SqlType

# They take values of any type by their output text.
_SHOWING: Final = frozenset(
    ("to_json", "to_jsonb", "row_to_json", "array_to_json", "json_build_array", "json_build_object", "jsonb_build_array",
     "jsonb_build_object", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg", "concat", "concat_ws", "format",
     "quote_literal", "quote_nullable", "array_to_string")
)  # fmt: skip


def named_arguments(state: State, function: str, args: Sequence[Expr]) -> Sequence[Expr]:
    """The arguments of a function, with names for reg* values where it shows them."""
    return [named(state, arg) for arg in args] if function in _SHOWING else args


def named(state: State, expr: Expr) -> Expr:
    """A reg* value, or one in a row or an array, as its name; other values as they are. Raises SqlError 0A000."""
    if expr.type.oid in t.REG_TYPES:
        return c.coerce_type(state, expr, t.TEXT, "e")
    if isinstance(expr, RowExpr):
        fields = tuple(named(state, field) for field in expr.fields)
        if fields == expr.fields:
            return expr
        type_ = replace(expr.type, fields=tuple(f.type for f in fields)) if expr.type.fields else expr.type
        return replace(expr, fields=fields, type=type_)
    element = t.element_of(expr.type.oid)
    if element not in t.REG_TYPES:
        return expr
    if isinstance(expr, ArrayExpr):
        return replace(expr, elements=tuple(named(state, e) for e in expr.elements), type=SqlType(t.TEXT_ARRAY))
    if element == t.REGTYPE:
        return c.coerce_type(state, expr, t.TEXT_ARRAY, "e")
    raise unsupported(f"showing an array of {t.type_name(element)}", hint="Cast the elements to text.", position=expr.pos)
