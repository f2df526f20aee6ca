"""set_config(name, value, is_local): the one function that changes the session.

Calls are taken out of the bound query before it is planned: each becomes a parameter, and the session does what it says when the
statement starts (https://www.postgresql.org/docs/15/functions-admin.html). The arguments must be constants and the query without
FROM, so that it is clear that the call happens, and once; anything else is 0A000.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fedgate.errors import unsupported
from fedgate.sql.tree import Block, BoundQuery, Coerce, Const, FuncExpr, Param, transform, walk
from fedgate.types.values import Value

_NAME = "set_config"


@dataclass(frozen=True, slots=True)
class SetConfig:
    """Set `name` to `text` (None resets it); the new value is the parameter `parameter`."""

    parameter: str
    name: str
    text: str | None
    local: bool


def take_out(bound: BoundQuery) -> tuple[BoundQuery, tuple[SetConfig, ...]]:
    """The query with parameters in place of set_config calls, and what they do."""
    calls = [n for n in walk(bound.query, into_queries=True) if isinstance(n, FuncExpr) and n.name == _NAME]
    if not calls:
        return bound, ()
    if not isinstance(bound.query, Block) or bound.query.from_ or bound.query.where is not None:
        raise unsupported(f"{_NAME} in a query with FROM or WHERE", hint="Use SET.", position=calls[0].pos)
    actions: list[SetConfig] = []

    def replaced(node: Any) -> Any:
        if not (isinstance(node, FuncExpr) and node.name == _NAME):
            return node
        name, text, local = (_constant(arg, node) for arg in node.args)
        parameter = f"{_NAME}:{len(actions)}"
        actions.append(SetConfig(parameter, str(name), None if text is None else str(text), bool(local)))
        return Param(parameter, node.type, pos=node.pos)

    return replace(bound, query=transform(bound.query, replaced)), tuple(actions)


def _constant(arg: Any, call: FuncExpr) -> Value:
    while isinstance(arg, Coerce) and arg.method == "relabel":
        arg = arg.arg
    if not isinstance(arg, Const):
        raise unsupported(f"{_NAME} with arguments that are not constants", hint="Use SET.", position=call.pos)
    return arg.value
