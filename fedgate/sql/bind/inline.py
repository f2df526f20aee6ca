"""Functions whose meaning is a query over the system catalogs: their call becomes a scalar subquery.

`fedgate.sql.functions.bodies.body(oid, search_path)` gives the query's text, with `$1`… for the arguments, or None for all others.
"""

from __future__ import annotations

from typing import Any

from fedgate.errors import unsupported
from fedgate.sql import tables
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.facts import fact
from fedgate.sql.bind.state import Binder, ParameterTypes, State
from fedgate.sql.functions import bodies
from fedgate.sql.parse import parse
from fedgate.sql.tree import Aggref, Coalesce, Coerce, Const, Expr, FuncExpr, Param, SubLink, WindowFunc, transform, walk
from fedgate.types import SqlType

_TO_REGTYPE = 3493  # names are read as the grammar reads them; row types are looked up
_AGES = {1386: t.TIMESTAMPTZ, 2059: t.TIMESTAMP}  # age(timestamptz), age(timestamp): from the midnight before now


def _path(state: State) -> tuple[str, ...]:
    """The search path, the schema of temporary tables before it once there is one."""
    context = state.binder.context
    return context.search_path if context.temp is None else (context.temp.schema, *context.search_path)


def inline(state: State, oid: int, args: tuple[Expr, ...], arg_types: tuple[int, ...], position: int | None) -> Expr | None:
    """The subquery that stands for the call, None when the function has no body."""
    if oid in _AGES:
        moment = SqlType(_AGES[oid])
        today = Coerce(fact("now", position), SqlType(t.DATE), "function", True, pos=position)
        midnight = Coerce(today, moment, "function", True, pos=position)
        two = next(row for row in tables.functions("age") if row.args == (moment.oid, moment.oid))
        return FuncExpr("age", (midnight, *args), two.args, SqlType(two.result), two.oid, pos=position)
    text = bodies.body(oid, _path(state))
    if text is None:
        return None
    if oid == _TO_REGTYPE:
        known = FuncExpr("fedgate_type", args, (t.TEXT,), SqlType(t.REGTYPE), 0, pos=position)
        return Coalesce((known, _filled(state, text, args, arg_types, position)), SqlType(t.REGTYPE), pos=position)
    if (error := bodies.body_error(oid)) is not None:
        args, arg_types = (*args, _raising(error, args[0])), (*arg_types, t.TEXT)
    return _filled(state, text, args, arg_types, position)


def _raising(error: tuple[str, str], argument: Expr) -> Expr:
    """An expression of type text that raises: a call of a function that PostgreSQL, and so a client, does not know."""
    sqlstate, message = error
    before, _, after = message.partition("{}")
    text = SqlType(t.TEXT)
    return FuncExpr(
        "fedgate_raise", (Const(text, sqlstate), Const(text, before), argument, Const(text, after)), (t.TEXT,) * 4, text, 0
    )


def reg_text(state: State, value: Expr, position: int | None) -> Expr | None:
    """The subquery that gives the name of a reg* value, None for other types and for kinds without names here."""
    text = bodies.name_body(value.type.oid, _path(state))
    return _filled(state, text, (value,), (value.type.oid,), position) if text is not None else None


def reg_input(state: State, value: Expr, type_oid: int, position: int | None) -> Expr | None:
    """The subquery that gives the object which a text names, None for types and kinds of objects that are not looked up here."""
    found = bodies.input_body(type_oid, t.type_name(type_oid), _path(state))
    if found is None:
        return None
    text, error = found
    return _filled(state, text, (value, _raising(error, value)), (t.TEXT, t.TEXT), position)


def reg_texts(state: State, value: Expr, position: int | None) -> Expr:
    """The subquery that gives the names of an array of regtype."""
    return _filled(state, bodies.TYPE_NAMES, (value,), (value.type.oid,), position)


def _filled(state: State, text: str, args: tuple[Expr, ...], arg_types: tuple[int, ...], position: int | None) -> Expr:
    outer = state.binder
    for arg in args:
        if any(isinstance(node, Aggref | WindowFunc) for node in walk(arg)):
            raise unsupported("an aggregate as the argument of this function", hint="Aggregate in a subquery.", position=position)
    from fedgate.sql.bind.select import bind_select

    raw = parse(text)[0]
    inner = Binder(
        raw.text, lambda _: None, outer.relations, outer.context, ParameterTypes(list(arg_types)), outer.next_id, outer.views
    )
    query = bind_select(State(inner), raw.node, resolve_unknowns=True, root=True)
    outer.next_id = inner.next_id
    outer.owners.update(inner.owners)

    def put(node: Any) -> Any:
        return args[int(node.name) - 1] if isinstance(node, Param) and node.name.isdigit() else node

    filled = transform(query, put, into_queries=True)
    return SubLink("scalar", filled, filled.columns[0].type, pos=position)
