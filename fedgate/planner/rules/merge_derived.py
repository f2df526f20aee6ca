"""merge_derived: a derived table that only selects, projects and filters becomes part of the block around it.

Precondition: the derived table is in FROM, on a side of joins that is never NULL-extended; it does not group, sort out
duplicates, limit, or hold windows, CTEs or set-returning calls; the columns used of it are no subqueries and not volatile, no
constants where they would be keys; with grouping sets no two used columns are the same expression (rollup(x, x) is not
rollup(a, b)). Its WHERE joins the block's, before it; its columns are substituted. Right because selection and projection
commute with joins there. Without this rule everything that tools wrap in `FROM (SELECT …)` would be scanned.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner.aggregates import order_is_moot
from fedgate.planner.exchange import Split
from fedgate.planner.treetools import (
    columns_used,
    has_set_returning,
    has_sublink,
    has_vars,
    has_window,
    map_blocks,
    nested_queries,
    substitute,
)
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import (
    Block,
    Derived,
    Expr,
    FromItem,
    Join,
    Query,
    Var,
    conjunction,
    conjuncts,
    ids_of,
    leaves,
    nullable_rels,
    own_rels,
)

NAME = "merge_derived"


def merge_derived(query: Query, split: Split) -> Query:
    """Every mergeable derived table taken into its block, innermost first."""
    return map_blocks(query, lambda block: _merge_all(block, split))


def _merge_all(block: Block, split: Split) -> Block:
    refused: set[int] = set()
    while True:
        candidates = [d for d in leaves(block.from_) if isinstance(d, Derived) and d.rel not in refused]
        if not candidates:
            return block
        derived = candidates[0]
        reason = _reason(block, derived)
        if reason is None:
            split.fired(NAME, f"derived table {derived.alias or derived.rel}")
            block = _merge(block, derived, split)
        else:
            split.declined(NAME, f"derived table {derived.alias or derived.rel}: {reason}")
            refused.add(derived.rel)


def _reason(block: Block, derived: Derived) -> str | None:
    """Why the derived table stays."""
    query = derived.query
    if not isinstance(query, Block) or not query.from_:
        return "it is no plain SELECT over tables"
    if query.grouped or query.distinct or query.limit is not None or query.offset is not None or query.ctes:
        return "it groups, limits, removes duplicates or has CTEs"
    if any(has_window(t.expr) or has_set_returning(t.expr) for t in query.targets):
        return "it holds windows or set-returning calls"
    if derived.rel in nullable_rels(block.from_):
        return "it is on the nullable side of an outer join"
    if query.where is not None and is_volatile(query.where):
        return "its WHERE is volatile"
    if query.order_by and not order_is_moot(block):
        return "it is sorted, and nothing above sorts again"
    inner = own_rels(query)
    if derived.lateral and ids_of(query) & own_rels(block):
        return "it is lateral"
    if len(inner) > 1 and len(list(leaves(block.from_))) > 1 and _outer_joins(query.from_):
        return "it holds outer joins among other relations"
    return _columns_reason(block, derived, query)


def _columns_reason(block: Block, derived: Derived, query: Block) -> str | None:
    used = columns_used(replace(block, from_=_without_body(block, derived)), derived.rel)
    exprs = [t.expr for t in query.targets if t.id in used]
    if any(has_sublink(e) or is_volatile(e) for e in exprs):
        return "a column used of it is a subquery or volatile"
    nested = {c for t in (*block.targets, *_having(block)) for q in nested_queries(t) for c in columns_used(q, derived.rel)}
    if block.grouped and any(not isinstance(t.expr, Var) for t in query.targets if t.id in nested):
        return "a subquery of the grouped block reads an expression of it"
    keyed = {c for key in block.group_by for c in columns_used(key, derived.rel)}
    if any(not has_vars(t.expr) for t in query.targets if t.id in (keyed if _keys_only(block) else used)):
        return "a column used of it is constant"
    if block.grouping_sets is not None and len(set(exprs)) < len(exprs):
        return "two columns of it are the same in grouping sets"
    return None


def _keys_only(block: Block) -> bool:
    """Whether a constant column is harmless outside GROUP BY: where nothing sorts out duplicates or orders by it."""
    return block.distinct is False and not block.order_by


def _having(block: Block) -> tuple[Expr, ...]:
    return () if block.having is None else (block.having,)


def _outer_joins(items: tuple[FromItem, ...]) -> bool:
    return any(isinstance(i, Join) and (i.kind != "inner" or _outer_joins((i.left, i.right))) for i in items)


def _without_body(block: Block, derived: Derived) -> tuple[FromItem, ...]:
    """FROM with the derived table's own query left out, which cannot read its own columns."""

    def visit(item: FromItem) -> FromItem:
        if isinstance(item, Join):
            return replace(item, left=visit(item.left), right=visit(item.right))
        return replace(item, query=Block(())) if item is derived and isinstance(item, Derived) else item

    return tuple(map(visit, block.from_))


def _merge(block: Block, derived: Derived, split: Split) -> Block:
    query = derived.query
    assert isinstance(query, Block)
    body: tuple[FromItem, ...] = query.from_

    def visit(item: FromItem) -> FromItem:
        if isinstance(item, Join):
            return replace(item, left=visit(item.left), right=visit(item.right))
        return _joined(body) if item is derived else item

    items = tuple(part for item in block.from_ for part in (body if item is derived else (visit(item),)))
    places: dict[tuple[int, int], Expr] = {(derived.rel, t.id): t.expr for t in query.targets}
    where = conjunction((*conjuncts(query.where), *conjuncts(block.where)))
    merged: Block = substitute(replace(block, from_=items, where=where), places, split.ids)
    return merged


def _joined(items: tuple[FromItem, ...]) -> FromItem:
    first, *rest = items
    for item in rest:
        first = Join("inner", first, item, None)
    return first
