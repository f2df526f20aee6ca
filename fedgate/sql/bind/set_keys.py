"""Set-returning functions in GROUP BY: their rows are made first, side by side in FROM, and grouped then.

Source: https://www.postgresql.org/docs/15/xfunc-sql.html#XFUNC-SQL-FUNCTIONS-RETURNING-SET
"""

from __future__ import annotations

from typing import Any

from fedgate.errors import unsupported
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.coerce import expr_returns_set
from fedgate.sql.bind.from_functions import out_columns
from fedgate.sql.bind.from_items import refers_to
from fedgate.sql.bind.state import State
from fedgate.sql.bind.targets import same
from fedgate.sql.tree import Expr, FieldSelect, FromItem, FuncExpr, FunctionRef, OutputColumn, Var, transform, walk


def made_first(state: State, keys: tuple[Expr, ...], items: tuple[FromItem, ...]) -> tuple[tuple[Expr, ...], tuple[FromItem, ...]]:
    """The keys and the FROM items, with the columns of each such function in one item more. 0A000 for rows, and sets of sets."""
    calls: list[FuncExpr] = []
    for key in keys:
        found = (node for node in walk(key) if isinstance(node, FuncExpr) and node.returns_set)
        calls += [call for call in found if not any(same(call, known) for known in calls)]
    if not calls:
        return keys, items
    rel, columns = state.new_rel(), list[OutputColumn]()
    firsts: dict[int, FuncExpr] = {}
    for call in calls:
        given = out_columns(call) or [(call.name, call.type)]
        if any(map(expr_returns_set, call.args)) or any(type_.oid == t.RECORD for _, type_ in given):
            raise unsupported(f"{call.name}() in GROUP BY", hint="Call it in FROM.", position=call.pos)
        firsts[len(columns) + 1] = call
        columns += [OutputColumn(len(columns) + i, name, type_) for i, (name, type_) in enumerate(given, 1)]

    def column(node: Any) -> Any:
        if isinstance(node, FuncExpr) and node.returns_set:
            first = next(id_ for id_, call in firsts.items() if same(call, node))
            return Var(rel, first, node.type, pos=node.pos)
        if isinstance(node, FieldSelect) and isinstance(node.arg, Var) and node.arg.rel == rel:
            return Var(rel, node.arg.col + node.field, node.type, pos=node.pos)
        return node

    made = tuple(transform(key, column) for key in keys)
    for node in (n for key in made for n in walk(key)):
        if isinstance(node, Var) and node.rel == rel and node.type.oid == t.RECORD:
            raise unsupported("a row in GROUP BY", hint="Group by its columns.", position=node.pos)
    item = FunctionRef(rel, tuple(calls), tuple(columns), lateral=refers_to(state, *calls))
    return made, (*items, item)
