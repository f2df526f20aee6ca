"""What a query does beside giving rows: set_config(name, value, is_local) changes the session, pg_sleep(seconds) waits.

Calls are taken out of the bound query before it is planned: each becomes a parameter, and the session does what it says when the
statement starts (https://www.postgresql.org/docs/15/functions-admin.html, functions-datetime.html). So it must be clear that the call
happens, and once: it stands in the select list of a query without FROM, pg_sleep also alone in FROM; arguments are constants, or the
client's parameters for pg_sleep. Anything else is 0A000. The session's own thread waits, never one of the merge engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fedgate.errors import unsupported
from fedgate.sql.tree import Block, BoundQuery, Coerce, Const, FuncExpr, FunctionRef, Param, Var, transform, walk
from fedgate.types.values import Value

_SET, _SLEEP = "set_config", "pg_sleep"


@dataclass(frozen=True, slots=True)
class SetConfig:
    """Set `name` to `text` (None resets it); the new value is the parameter `parameter`."""

    parameter: str
    name: str
    text: str | None
    local: bool


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait: `seconds` is a constant, or the name of the client's parameter. The parameter `parameter` is void, or NULL for NULL."""

    parameter: str
    seconds: float | str | None

    def duration_s(self, values: Mapping[str, Value]) -> float | None:
        """None for NULL, which is not waited for."""
        given: Any = values[self.seconds] if isinstance(self.seconds, str) else self.seconds
        return None if given is None else float(given)


Act = SetConfig | Sleep


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
    certain = {id(_uncast(target.expr)) for target in query.targets}

    def replaced(node: Any) -> Any:
        if not (isinstance(node, FuncExpr) and node.name in (_SET, _SLEEP)):
            return node
        parameter = f"{node.name}:{len(acts)}"
        if node.name == _SLEEP:
            if id(node) not in certain:
                raise _unclear(node)
            acts.append(Sleep(parameter, _seconds(node)))
        else:
            name, text, local = (_constant(arg, node) for arg in node.args)
            acts.append(SetConfig(parameter, str(name), None if text is None else str(text), bool(local)))
        return Param(parameter, node.type, pos=node.pos)

    return replace(bound, query=transform(query, replaced)), tuple(acts)


def _without_source(query: Block, acts: list[Act]) -> Block:
    """FROM pg_sleep(…) and nothing else, which gives one row: the same query without FROM. Any other query is as it was."""
    match query.from_:
        case (FunctionRef(functions=(FuncExpr(name="pg_sleep") as call,), ordinality=False) as source,):
            given = Param(f"{_SLEEP}:{len(acts)}", call.type, pos=call.pos)
            acts.append(Sleep(given.name, _seconds(call)))
            bare = replace(query, from_=())
            found: Block = transform(bare, lambda node: given if isinstance(node, Var) and node.rel == source.rel else node)
            return found
    return query


def _uncast(expr: Any) -> Any:
    while isinstance(expr, Coerce):
        expr = expr.arg
    return expr


def _seconds(call: FuncExpr) -> float | str | None:
    (arg,) = call.args
    inner = arg.arg if isinstance(arg, Coerce) and arg.method == "function" else arg
    if isinstance(inner, Param) and inner.name.isdecimal():
        return inner.name
    value: Any = _constant(inner, call)
    return None if value is None else float(value)


def _constant(arg: Any, call: FuncExpr) -> Value:
    while isinstance(arg, Coerce) and arg.method == "relabel":
        arg = arg.arg
    if not isinstance(arg, Const):
        raise unsupported(f"{call.name} with arguments that are not constants", hint=_HINTS[call.name], position=call.pos)
    return arg.value


def _unclear(call: FuncExpr) -> Exception:
    what = "inside a query or an expression" if call.name == _SLEEP else "in a query with FROM or WHERE"
    return unsupported(f"{call.name} {what}", hint=_HINTS[call.name], position=call.pos)


_HINTS = {_SET: "Use SET.", _SLEEP: "SELECT pg_sleep(1) alone waits."}
