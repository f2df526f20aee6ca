"""What a query does beside giving rows: set_config(name, value, is_local) changes the session, pg_sleep(seconds) waits.

Calls are taken out of the bound query before it is planned: each becomes a parameter, and the session does what it says when the
statement starts (https://www.postgresql.org/docs/15/functions-admin.html, functions-datetime.html). So it must be clear that the
call happens, and once: it stands in the select list of a query without FROM, pg_sleep also alone in FROM; arguments are constants
or the client's parameters. Anything else is 0A000. The session's own thread waits, never one of the merge engine's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from fedgate.errors import unsupported
from fedgate.sql.tree import (
    ArrayExpr,
    Block,
    BoundQuery,
    Coerce,
    Const,
    FuncExpr,
    FunctionRef,
    Param,
    RowExpr,
    Var,
    transform,
    walk,
)
from fedgate.types.values import Value

_SET, _SLEEP = "set_config", "pg_sleep"


Given: TypeAlias = "Const | Param"
"""An argument: a constant, or a parameter of the client."""


@dataclass(frozen=True, slots=True)
class SetConfig:
    """Set `name` to `text` (None resets it); the new value is the parameter `parameter`. Each may be a client's parameter."""

    parameter: str
    name: Given
    text: Given
    local: Given


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait. The parameter `parameter` is void, or NULL for NULL."""

    parameter: str
    seconds: Given

    def duration_s(self, values: Mapping[str, Value]) -> float | None:
        """None for NULL, which is not waited for."""
        seconds: Any = given(self.seconds, values)
        return None if seconds is None else float(seconds)


Act: TypeAlias = "SetConfig | Sleep"


def given(argument: Given, values: Mapping[str, Value]) -> Value:
    """The argument's value; `values` are those of the client's parameters, by name."""
    return values[argument.name] if isinstance(argument, Param) else argument.value


def take_out(bound: BoundQuery) -> tuple[BoundQuery, tuple[Act, ...]]:
    """The query with parameters in place of the calls, and what they do."""
    calls = [n for n in walk(bound.query, into_queries=True) if isinstance(n, FuncExpr) and n.name in (_SET, _SLEEP)]
    if not calls:
        return bound, ()
    query = bound.query
    if not isinstance(query, Block) or query.where is not None or query.limit is not None or query.offset is not None:
        raise _unclear(calls[0])
    acts: list[Act] = []
    query = _without_source(query, acts)
    if query.from_:
        raise _unclear(calls[0])
    certain = {id(part) for target in query.targets for part in _certain(target.expr)}

    def replaced(node: Any) -> Any:
        if not (isinstance(node, FuncExpr) and node.name in (_SET, _SLEEP)):
            return node
        parameter = f"{node.name}:{len(acts)}"
        if node.name == _SLEEP:
            if id(node) not in certain:
                raise _unclear(node)
            acts.append(Sleep(parameter, _given(node.args[0], node)))
        else:
            acts.append(SetConfig(parameter, *(_given(arg, node) for arg in node.args)))
        return Param(parameter, node.type, pos=node.pos)

    return replace(bound, query=transform(query, replaced)), tuple(acts)


def _without_source(query: Block, acts: list[Act]) -> Block:
    """FROM pg_sleep(…) and nothing else, which gives one row: the same query without FROM. Any other query is as it was."""
    match query.from_:
        case (FunctionRef(functions=(FuncExpr(name="pg_sleep") as call,), ordinality=False) as source,):
            void = Param(f"{_SLEEP}:{len(acts)}", call.type, pos=call.pos)
            acts.append(Sleep(void.name, _given(call.args[0], call)))
            bare = replace(query, from_=())
            found: Block = transform(bare, lambda node: void if isinstance(node, Var) and node.rel == source.rel else node)
            return found
    return query


def _certain(expr: Any) -> Iterator[Any]:
    """What is evaluated whatever happens: the expression, and what it is made of."""
    yield expr
    parts: tuple[Any, ...] = ()
    if isinstance(expr, Coerce):
        parts = (expr.arg,)
    elif isinstance(expr, RowExpr):
        parts = expr.fields
    elif isinstance(expr, FuncExpr) and expr.name == "fedgate.record":  # a row that is shown
        parts = expr.args
    elif isinstance(expr, ArrayExpr):
        parts = expr.elements
    for part in parts:
        yield from _certain(part)


def _given(arg: Any, call: FuncExpr) -> Given:
    """A cast of numbers does not matter to what is done."""
    while isinstance(arg, Coerce) and arg.method in ("relabel", "function"):
        arg = arg.arg
    if isinstance(arg, Const) or (isinstance(arg, Param) and arg.name.isdecimal()):
        return arg
    raise unsupported(f"{call.name} with arguments that are not constants", hint=_HINTS[call.name], position=call.pos)


def _unclear(call: FuncExpr) -> Exception:
    what = "inside a query or an expression" if call.name == _SLEEP else "in a query with FROM or WHERE"
    return unsupported(f"{call.name} {what}", hint=_HINTS[call.name], position=call.pos)


_HINTS = {_SET: "Use SET.", _SLEEP: "SELECT pg_sleep(1) alone waits."}
