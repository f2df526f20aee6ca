"""VALUES lists."""

from __future__ import annotations

from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind.collations import is_ascii
from fedgate.sql.bind.constants import columns_of_rows
from fedgate.sql.bind.dispatch import clause
from fedgate.sql.bind.from_items import add_item
from fedgate.sql.bind.result_order import order_result
from fedgate.sql.bind.select import bind_limit
from fedgate.sql.bind.stars import expand_args
from fedgate.sql.bind.state import Message, State
from fedgate.sql.tree import Block, Expr, FuncExpr, FunctionRef, OutputColumn, Query, Target, Values, Var
from fedgate.types import SqlType

UNNEST = 2331  # pg_proc OID of unnest(anyarray)


def bind_values(state: State, node: Message) -> Query:
    """`VALUES (…), (…)`: every column in the common type of its expressions. 42601 for rows of different lengths."""
    state.is_block = False
    with clause(state, "values"):
        rows = [list(expand_args(state, row.list.items)) for row in node.values_lists]
    width = len(rows[0])
    for row in rows:
        if len(row) != width:
            position = row[0].pos if row else None
            raise SqlError("42601", "VALUES lists must all be the same length", position=position)
    columns = []
    for i in range(width):
        if len(rows) == 1 and not state.resolve_unknowns:
            type_ = rows[0][i].type
        else:
            made, type_ = c.unify(state, [row[i] for row in rows], "VALUES")
            for row, expr in zip(rows, made, strict=True):
                row[i] = expr
        ascii_ = any(is_ascii(state, row[i]) for row in rows) if state.binder.collated else False
        columns.append(OutputColumn(i + 1, f"column{i + 1}", SqlType(type_.oid, type_.typmod), ascii=ascii_))
    query = _listed(state, rows, columns) or Values(tuple(map(tuple, rows)), tuple(columns))
    rel = state.new_rel()
    item = add_item(state, "*VALUES*", rel, [(col.id, col.name, col.type) for col in columns], ())
    offset, limit, with_ties = bind_limit(state, node)
    return order_result(state, node, query, item, limit=limit, offset=offset, with_ties=with_ties)


def _listed(state: State, rows: list[list[Expr]], columns: list[OutputColumn]) -> Block | None:
    """Many rows of constants as `SELECT … FROM unnest(…)` of their columns, which nothing after the binder walks."""
    lists = columns_of_rows(rows, [c.type for c in columns])
    if not lists:
        return None
    rel = state.new_rel()
    calls = tuple(
        FuncExpr("unnest", (values,), (values.type.oid,), column.type, UNNEST, returns_set=True)
        for values, column in zip(lists, columns, strict=True)
    )
    targets = tuple(Target(c.id, Var(rel, c.id, c.type), c.name) for c in columns)
    return Block(targets, (FunctionRef(rel, calls, tuple(columns)),))
