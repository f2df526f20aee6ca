"""Casts."""

from __future__ import annotations

from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.row_types import cast_to_row, row_type
from fedgate.sql.bind.state import Message, State
from fedgate.sql.tree import Expr


@handles("type_cast", "arg type_name location")
def bind_cast(state: State, node: Message) -> Expr:
    """`CAST(x AS type)`, `x::type`, `type 'literal'` (whose position is the type's)."""
    from fedgate.sql.bind.arrays import bind_array

    if node.location < 0 and node.arg.WhichOneof("node") == "param_ref":  # `date $1`: PostgreSQL 15 takes a literal there
        raise SqlError(
            "42601", f'syntax error at or near "${node.arg.param_ref.number}"', position=state.pos(node.arg.param_ref.location)
        )
    place = node.location if node.location >= 0 else node.type_name.location
    position = state.pos(place)
    row = row_type(state, node.type_name)
    if row is not None:
        return cast_to_row(state, row, node.arg, position)
    target = t.bind_type(state, node.type_name)
    if node.arg.WhichOneof("node") == "a_array_expr":
        element = t.element_of(target.oid)
        arg = bind_array(state, node.arg.a_array_expr, target.oid if element else 0)
    else:
        arg = bind_expr(state, node.arg)
    source = arg.type.oid
    made = c.coerce(state, arg, target, "e", explicit=True, position=position)
    if made is None:
        raise c.cannot_cast(source, target.oid, position)
    return made
