"""ORDER BY, LIMIT and OFFSET over a query that has only output columns: set operations and VALUES."""

from __future__ import annotations

from dataclasses import replace

from fedgate.errors import SqlError
from fedgate.sql.bind.coerce import locate
from fedgate.sql.bind.sort import bind_order_by
from fedgate.sql.bind.state import Item, Message, State
from fedgate.sql.bind.targets import Entry
from fedgate.sql.tree import Block, Derived, Expr, Query, SetOp, SortKey, Values, Var


def order_result(
    state: State,
    node: Message,
    query: Block | SetOp | Values,
    item: Item,
    *,
    limit: Expr | None,
    offset: Expr | None,
    with_ties: bool,
) -> Query:
    """`query` with the sort and limit clauses of `node`; `item` shows its columns to ORDER BY."""
    order_by: list[SortKey] = []
    if node.sort_clause:
        state.items = [item]
        entries = [Entry(col.id, shown.expr, col.name) for col, shown in zip(query.columns, item.columns, strict=True)]
        count = len(entries)
        order_by = bind_order_by(state, node.sort_clause, entries)
        if len(entries) != count:
            if isinstance(query, SetOp):
                raise _no_expressions(entries[count])
            return _wrapped(state, query, item, entries, order_by, limit=limit, offset=offset, with_ties=with_ties)
    return replace(query, order_by=tuple(order_by), limit=limit, offset=offset, with_ties=with_ties)


def _no_expressions(entry: Entry) -> SqlError:
    return SqlError(
        "0A000",
        "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
        detail="Only result column names can be used, not expressions or functions.",
        hint="Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
        position=locate(entry.expr),
    )


def _wrapped(
    state: State,
    query: Query,
    item: Item,
    entries: list[Entry],
    order_by: list[SortKey],
    *,
    limit: Expr | None,
    offset: Expr | None,
    with_ties: bool,
) -> Query:
    """VALUES sorted by an expression: a block over it, since VALUES itself has no junk columns."""
    ids = {entry.id: state.binder.new_id() for entry in entries}
    targets = tuple(Entry(ids[e.id], e.expr, e.name, e.junk).target() for e in entries)
    keys = tuple(replace(key, column=ids[key.column]) for key in order_by)
    assert isinstance(item.columns[0].expr, Var)
    return Block(targets, (Derived(item.rel, query),), order_by=keys, limit=limit, offset=offset, with_ties=with_ties)
