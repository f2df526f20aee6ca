"""The columns that tell rows of NULLs from the NULL that an outer join puts for a whole row.

`scope.presence` names such a column where a whole row is read; here, once all of a block is bound, relations get it.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.sql.bind.state import State
from fedgate.sql.tree import BOOL, Block, Const, Derived, FromItem, FunctionRef, Join, OutputColumn, TableRef, Target, Var


def with_presence(state: State, item: FromItem) -> FromItem:
    """A FROM item whose relations give the columns that were asked of them."""
    if isinstance(item, Join):
        return replace(item, left=with_presence(state, item.left), right=with_presence(state, item.right))
    column = state.binder.presences.get(item.rel)
    if column is None:
        return item
    there = Target(column, Const(BOOL, True), "")
    if isinstance(item, Derived) and isinstance(item.query, Block) and item.query.distinct is False:
        return replace(item, query=replace(item.query, targets=(*item.query.targets, there)))
    inner = replace(item, rel=state.new_rel())
    targets = (Target(c.id, Var(inner.rel, c.id, c.type), c.name) for c in _columns(item))
    lateral = isinstance(item, Derived | FunctionRef) and item.lateral
    return Derived(item.rel, Block((*targets, there), (inner,)), lateral=lateral)


def _columns(item: FromItem) -> tuple[OutputColumn, ...]:
    if isinstance(item, TableRef):
        return tuple(OutputColumn(c.attnum, c.name, c.type) for c in item.table.columns)
    assert not isinstance(item, Join)
    return item.query.columns if isinstance(item, Derived) else item.columns
