"""Takes a filter on a query's output below into the query.

Contract: `into(query, predicate, rel)` gives the query with the predicate, which reads output columns as Vars of `rel`, applied
inside, or None when it must stay above. A filter commutes with projection and set operations. It goes below grouping as HAVING,
and further to WHERE if it reads keys of a plain GROUP BY only; below windows only if it reads what every PARTITION BY has;
below DISTINCT ON only if it reads its keys; never below LIMIT, OFFSET, set-returning or volatile columns.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner.aggregates import IDENTICAL
from fedgate.planner.treetools import (
    Ids,
    has_aggregate,
    has_set_returning,
    has_sublink,
    has_window,
    own,
    replace_group_refs,
    substitute,
)
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import (
    Block,
    Derived,
    Expr,
    GroupRef,
    Query,
    SetOp,
    Target,
    Values,
    Var,
    WindowFunc,
    conjunction,
    conjuncts,
)


def into(query: Query, predicate: Expr, rel: int, ids: Ids) -> Query | None:
    """The query with the predicate applied inside, or None."""
    if query.limit is not None or query.offset is not None or isinstance(query, Values):
        return None
    if isinstance(query, SetOp):
        return _into_set_operation(query, predicate, rel, ids)
    return _into_block(query, predicate, rel, ids)


def _into_set_operation(query: SetOp, predicate: Expr, rel: int, ids: Ids) -> SetOp | None:
    branches: list[Query] = []
    descended = False
    for branch in (query.left, query.right):
        if branch is query.right and query.op == "except" and not _identical(query, predicate, rel):
            branches.append(branch)  # whose 1.0 takes away the left side's 1.00
            continue
        places = {(rel, c.id): Var(rel, b.id, b.type) for c, b in zip(query.columns, branch.columns, strict=True)}
        inside: Expr = substitute(predicate, places, ids)
        below = into(branch, inside, rel, ids)
        descended = descended or below is not None
        branches.append(below if below is not None else _above(branch, inside, rel, ids))
    return replace(query, left=branches[0], right=branches[1]) if descended else None


def _identical(query: SetOp, predicate: Expr, rel: int) -> bool:
    """Whether the predicate is the same of rows that the set operation holds to be equal."""
    read = {v.col for v in own(predicate) if isinstance(v, Var) and v.rel == rel}
    return all(c.type.oid in IDENTICAL for c in query.columns if c.id in read)


def _above(branch: Query, predicate: Expr, rel: int, ids: Ids) -> Block:
    """A branch that the filter cannot enter, filtered as a derived table."""
    inner = ids.rel()
    columns = branch.columns
    targets = tuple(Target(c.id, Var(inner, c.id, c.type), c.name) for c in columns)
    places = {(rel, c.id): Var(inner, c.id, c.type) for c in columns}
    return Block(targets=targets, from_=(Derived(inner, branch),), where=substitute(predicate, places, ids))


def _into_block(block: Block, predicate: Expr, rel: int, ids: Ids) -> Block | None:
    read = {v.col for v in own(predicate) if isinstance(v, Var) and v.rel == rel}
    used = [t for t in block.targets if t.id in read]
    for target in used:
        if has_set_returning(target.expr) or has_sublink(target.expr) or has_window(target.expr) or is_volatile(target.expr):
            return None
    if isinstance(block.distinct, tuple) and not read <= set(block.distinct):
        return None
    if not _in_every_partition(block, used):
        return None
    places = {(rel, t.id): t.expr for t in used}
    inside: Expr = substitute(predicate, places, ids)
    if not block.grouped:
        return replace(block, where=_and(block.where, inside))
    if is_key_filter(block, inside):
        return replace(block, where=_and(block.where, replace_group_refs(inside, block.group_by)))
    return replace(block, having=_and(block.having, inside))


def _and(predicate: Expr | None, more: Expr) -> Expr | None:
    return conjunction((*conjuncts(predicate), *conjuncts(more)))


def is_key_filter(block: Block, predicate: Expr) -> bool:
    """Whether a predicate over groups may be one over rows: plain GROUP BY, keys only, at least one of them."""
    refs = [n for n in own(predicate) if isinstance(n, GroupRef)]
    return (
        block.grouping_sets is None
        and bool(refs)
        and not has_aggregate(predicate)
        and not has_sublink(predicate)
        and not any(has_sublink(block.group_by[r.index]) or is_volatile(block.group_by[r.index]) for r in refs)
    )


def _in_every_partition(block: Block, used: list[Target]) -> bool:
    """Whether the targets are what every window of the block partitions by."""
    windows = [n for t in block.targets for n in own(t.expr) if isinstance(n, WindowFunc)]
    return all(t.expr in window.partition_by for window in windows for t in used)
