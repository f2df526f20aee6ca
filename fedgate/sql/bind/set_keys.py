"""Set-returning functions in GROUP BY: their rows are made first, side by side in FROM, and grouped then.

Source: https://www.postgresql.org/docs/15/xfunc-sql.html#XFUNC-SQL-FUNCTIONS-RETURNING-SET
"""

from __future__ import annotations

from typing import Any

from fedgate.errors import unsupported
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.coerce import expr_returns_set
from fedgate.sql.bind.from_items import refers_to
from fedgate.sql.bind.state import State
from fedgate.sql.bind.targets import same
from fedgate.sql.tree import Expr, FromItem, FuncExpr, FunctionRef, OutputColumn, Var, transform, walk


def made_first(state: State, keys: tuple[Expr, ...], items: tuple[FromItem, ...]) -> tuple[tuple[Expr, ...], tuple[FromItem, ...]]:
    """The keys and the FROM items, with each such function as a column of one item more. 0A000 for records, and sets of sets."""
    calls: list[FuncExpr] = []
    for key in keys:
        found = (node for node in walk(key) if isinstance(node, FuncExpr) and node.returns_set)
        calls += [call for call in found if not any(same(call, known) for known in calls)]
    if not calls:
        return keys, items
    for call in calls:
        if call.type.oid == t.RECORD or any(map(expr_returns_set, call.args)):
            raise unsupported(f"{call.name}() in GROUP BY", hint="Call it in FROM.", position=call.pos)
    rel = state.new_rel()
    columns = tuple(OutputColumn(i, call.name, call.type) for i, call in enumerate(calls, 1))

    def column(node: Any) -> Any:
        if isinstance(node, FuncExpr) and node.returns_set:
            return next(Var(rel, c.id, c.type, pos=node.pos) for c, call in zip(columns, calls, strict=True) if same(call, node))
        return node

    item = FunctionRef(rel, tuple(calls), columns, lateral=refers_to(state, *calls))
    return tuple(transform(key, column) for key in keys), (*items, item)
