"""Casts and COLLATE."""

from __future__ import annotations

import re

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.row_types import cast_to_row, row_type
from fedgate.sql.bind.state import Message, State
from fedgate.sql.tree import Expr

_COLLATIONS = frozenset(("C", "default", "C.UTF-8", "C.utf8", "ucs_basic", "POSIX"))
# Those of a language, which an installation of PostgreSQL may have: en_US.utf8, de-DE-x-icu, und-x-icu, unicode.
_LANGUAGE = re.compile(r"[a-z]{2,3}([_@.-][\w.@-]*)?\Z|unicode\Z")
_COLLATABLE = frozenset((t.TEXT, t.VARCHAR, t.BPCHAR, t.NAME, t.UNKNOWN))


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


@handles("collate_clause", "arg collname location")
def bind_collate(state: State, node: Message) -> Expr:
    """Every collation of fedgate compares code points, so the clause only has to name one that does."""
    position = state.pos(node.location)
    arg = bind_expr(state, node.arg)
    names = [n.string.sval for n in node.collname]
    element = t.element_of(arg.type.oid) or arg.type.oid
    if element not in _COLLATABLE:
        raise SqlError("42804", f"collations are not supported by type {t.type_name(arg.type.oid)}", position=position)
    if names[-1] not in _COLLATIONS and not _LANGUAGE.match(names[-1]):
        raise SqlError("42704", f'collation "{".".join(names)}" for encoding "UTF8" does not exist', position=position)
    if names[-1] not in _COLLATIONS:
        hint = 'Text is compared by code points; "C", "default" and ucs_basic say so.'
        raise unsupported(f'collation "{names[-1]}"', hint=hint, position=position)
    return c.settle_unknown(state, arg)
