"""ARRAY[…], subscripts, slices and field selection by indirection."""

from __future__ import annotations

from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.constants import array_of_elements
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.state import Message, State
from fedgate.sql.refusals import several_dimensions
from fedgate.sql.tree import Expr
from fedgate.types import SqlType


@handles("a_array_expr", "elements location list_start list_end")
def bind_array_expr(state: State, node: Message) -> Expr:
    return bind_array(state, node, 0)


def bind_array(state: State, node: Message, array: int) -> Expr:
    """`ARRAY[…]`; a cast around it says by `array` which array type its elements belong to (0: they decide)."""
    position = state.pos(node.location)
    elements = [_element(state, e, array) for e in node.elements]
    if any(t.element_of(e.type.oid) for e in elements):
        return _nested(elements, position)
    if array:
        element = t.element_of(array)
        made = tuple(_cast_element(state, e, element) for e in elements)
        return array_of_elements(made, array, position)
    if not elements:
        hint = "Explicitly cast to the desired type, for example ARRAY[]::integer[]."
        raise SqlError("42P18", "cannot determine type of empty array", hint=hint, position=position)
    common = c.common_type(elements, "ARRAY")
    found = t.array_of(common)
    if not found:
        message = f"could not find array type for data type {t.type_name(common)}"
        raise SqlError("42704", message, position=position)
    t.require_carrier(SqlType(found), position)
    return array_of_elements(tuple(c.to_common(state, e, common, "ARRAY") for e in elements), found, position)


def _element(state: State, node: Message, array: int) -> Expr:
    if node.WhichOneof("node") == "a_array_expr":
        return bind_array(state, node.a_array_expr, array)
    return bind_expr(state, node)


def _cast_element(state: State, expr: Expr, element: int) -> Expr:
    made = c.coerce(state, expr, SqlType(element), "e", explicit=True)
    if made is None:
        raise c.cannot_cast(expr.type.oid, element, expr.pos)
    return made


def _nested(elements: list[Expr], position: int | None) -> Expr:
    if not all(t.element_of(e.type.oid) for e in elements if e.type.oid != t.UNKNOWN):
        c.common_type(elements, "ARRAY")
    raise several_dimensions(position)
