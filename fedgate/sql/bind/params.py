"""Parameters `$n`: their types come from the client or from the first context that asks for one.

Source: https://www.postgresql.org/docs/15/sql-prepare.html; an open parameter is a `Param` of type unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from fedgate import limits
from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import handles
from fedgate.sql.bind.state import Binder, Message, State
from fedgate.sql.tree import BoundQuery, Expr, Param, Query, walk
from fedgate.types import BY_OID, SqlType


@handles("param_ref", "number location")
def bind_param(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    number = node.number
    types = state.binder.parameters.types
    # What stands for a call of a function has its arguments as parameters, whatever the statement may have.
    number_max = limits.PARAMETERS_MAX if state.binder.context.parameters else len(types)
    if not 0 < number <= number_max:
        raise SqlError("42P02", f"there is no parameter ${number}", position=position)
    while len(types) < number:
        types.append(0)
    state.binder.parameters.positions.setdefault(number, position)
    return Param(str(number), SqlType(types[number - 1] or t.UNKNOWN), pos=position)


def is_open_parameter(expr: Expr) -> TypeGuard[Param]:
    return isinstance(expr, Param) and expr.type.oid == t.UNKNOWN and expr.name.isdigit()


def fix_parameter(state: State, param: Param, target: int) -> Expr:
    """The parameter with the type that its context asks for. 42P08 when another context asked for another."""
    types = state.binder.parameters.types
    index = int(param.name) - 1
    if types[index] == 0:
        t.require_carrier(SqlType(target), param.pos)
        types[index] = target
    elif types[index] != target:
        detail = f"{t.type_name(target)} versus {t.type_name(types[index])}"
        message = f"inconsistent types deduced for parameter ${param.name}"
        raise SqlError("42P08", message, detail=detail, position=param.pos)
    return replace(param, type=SqlType(target))


def given_types(oids: tuple[int, ...]) -> list[int]:
    """What the client gave; 0 and 705 mean that it is to be inferred. 0A000 for types without values."""
    types = []
    for oid in oids:
        known = 0 if oid == t.UNKNOWN else oid
        if known and (known not in BY_OID or BY_OID[known].arrow is None):
            raise unsupported(f"a parameter of type {t.type_name(known)}")
        types.append(known)
    return types


def finished(binder: Binder, query: Query) -> BoundQuery:
    """The bound query with every parameter's type. 42P18 for one that got none, 42P08 for one whose type came too late."""
    types = binder.parameters.types
    if types:
        _check_late(types, query)
    for number, oid in enumerate(types, 1):
        if not oid:
            raise SqlError("42P18", f"could not determine data type of parameter ${number}")
    return BoundQuery(query, tuple(SqlType(oid) for oid in types), binder.next_id)


def _check_late(types: list[int], query: Query) -> None:
    for node in walk(query, into_queries=True):
        if is_open_parameter(node) and types[int(node.name) - 1]:
            message = f"could not determine data type of parameter ${node.name}"
            raise SqlError("42P08", message, position=node.pos)
