"""prune_columns: output columns that nothing reads go from derived tables and from the branches of UNION ALL.

Precondition: not below DISTINCT or a set operation that compares rows; a set-returning column stays, since it makes rows; a block
without GROUP BY keeps an aggregate, since that makes its one row; one column stays. What is still sorted by stays as junk. EXISTS
reads no column at all.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any

from fedgate.planner.exchange import Split
from fedgate.planner.treetools import columns_used, has_aggregate, has_set_returning, map_down, map_leaves
from fedgate.sql.tree import Block, Derived, FromItem, Leaf, Query, SetOp, SubLink, transform

NAME = "prune_columns"


def prune_columns(query: Query, split: Split) -> Query:
    """Every derived table without the columns that its block does not read, and what EXISTS looks in without any."""
    pruned: Query = transform(map_down(query, lambda block: _block(block, split)), _existing, into_queries=True)
    return pruned


def _existing(node: Any) -> Any:
    if not isinstance(node, SubLink) or node.kind != "exists" or not isinstance(node.query, Block):
        return node
    block = node.query
    if (
        block.grouped
        or block.limit is not None
        or block.offset is not None
        or any(has_set_returning(t.expr) for t in block.targets)
    ):
        return node
    return replace(node, query=replace(block, targets=(), order_by=(), distinct=False))


def _block(block: Block, split: Split) -> Block:
    def swap(leaf: Leaf) -> FromItem:
        if not isinstance(leaf, Derived):
            return leaf
        columns = leaf.query.columns
        used = columns_used(block, leaf.rel)
        keep = {i for i, c in enumerate(columns) if c.id in used} or {0}
        if len(keep) == len(columns):
            return leaf
        narrower = narrow(leaf.query, keep)
        if narrower is None:
            return leaf
        split.fired(NAME, f"derived table {leaf.alias or leaf.rel}: {len(keep)} of {len(columns)} columns")
        return replace(leaf, query=narrower)

    return replace(block, from_=tuple(map_leaves(item, swap) for item in block.from_))


def narrow(query: Query, keep: Set[int]) -> Query | None:
    """The query with only the output columns at those places, or None if it needs all of them."""
    if isinstance(query, SetOp):
        return _narrow_union(query, keep)
    if not isinstance(query, Block) or query.distinct is True:
        return None
    visible = [t.id for t in query.targets if not t.junk]
    kept = {visible[i] for i in keep}
    sorted_by = {k.column for k in query.order_by} | set(query.distinct or ())
    targets = tuple(
        t if t.junk or t.id in kept else replace(t, junk=True) for t in query.targets if t.junk or t.id in kept or t.id in sorted_by
    )
    lost = [t for t in query.targets if t.id not in {k.id for k in targets}]
    if any(has_set_returning(t.expr) for t in lost):
        return None
    if query.grouped and not query.group_by and query.having is None and not any(has_aggregate(t.expr) for t in targets):
        return None
    return replace(query, targets=targets)


def _narrow_union(query: SetOp, keep: Set[int]) -> Query | None:
    if query.op != "union" or not query.all:
        return None
    columns = tuple(c for i, c in enumerate(query.columns) if i in keep)
    if any(k.column not in {c.id for c in columns} for k in query.order_by):
        return None
    left, right = narrow(query.left, keep), narrow(query.right, keep)
    if left is None or right is None:
        return None
    return replace(query, left=left, right=right, columns=columns)
