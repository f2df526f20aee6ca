"""Questions about bound trees and substitution in them, as the rules ask them.

Contract: everything here is pure. A walk of a block's *own* expressions stops at nested queries (`own`); what crosses that border
are only relation ids, which are unique in the whole tree. Whatever is not known to be harmless is taken to be harmful.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.tree import (
    BOOL,
    Aggref,
    Block,
    Const,
    Cte,
    CteRef,
    Derived,
    ExchangeRef,
    Expr,
    FromItem,
    FuncExpr,
    FunctionRef,
    GroupingFunc,
    GroupRef,
    Join,
    Leaf,
    Query,
    SetOp,
    SubLink,
    TableRef,
    Var,
    WindowFunc,
    ids_of,
    is_query,
    transform,
    walk,
)
from fedgate.types import SqlType, arrow_type

TRUE = Const(BOOL, True)
FALSE = Const(BOOL, False)


class Ids:
    """Gives relation ids that no tree of this statement has yet, and names for exchanges and preludes."""

    def __init__(self, next_id: int) -> None:
        self._next = next_id
        self._names: dict[str, int] = {}

    @property
    def next_id(self) -> int:
        return self._next

    def rel(self) -> int:
        self._next += 1
        return self._next - 1

    def name(self, prefix: str) -> str:
        n = self._names.get(prefix, 0)
        self._names[prefix] = n + 1
        return f"{prefix}{n}"


# ------------------------------------------------------------------------------------------------ FROM items


def map_leaves(item: FromItem, fn: Callable[[Leaf], FromItem]) -> FromItem:
    """The item with every relation replaced by `fn` of it; unchanged joins are kept."""
    if isinstance(item, Join):
        left, right = map_leaves(item.left, fn), map_leaves(item.right, fn)
        return item if left is item.left and right is item.right else replace(item, left=left, right=right)
    return fn(item)


def join_conditions(items: Iterable[FromItem]) -> Iterator[Expr]:
    """The ON conditions of all joins in FROM items."""
    for item in items:
        if isinstance(item, Join):
            yield from join_conditions((item.left, item.right))
            if item.on is not None:
                yield item.on


# ------------------------------------------------------------------------------------------------ walks


def own(node: Any) -> Iterator[Any]:
    """`node` and what is below it, without entering nested queries."""
    return walk(node)


def every(node: Any) -> Iterator[Any]:
    """`node` and everything below it, nested queries too."""
    return walk(node, into_queries=True)


def nested_queries(node: Any) -> Iterator[Query]:
    """The queries directly inside an expression."""
    return (n.query for n in own(node) if isinstance(n, SubLink))


def inner_rels(node: Any) -> frozenset[int]:
    """Relations that nested queries of `node` define."""
    return frozenset(n.rel for n in every(node) if isinstance(n, (TableRef, Derived, FunctionRef, CteRef, ExchangeRef)))


def outer_rels(query: Query) -> frozenset[int]:
    """Relations that `query` reads without defining them: its correlation."""
    return ids_of(query) - inner_rels(query)


def foreign_ctes(query: Query) -> frozenset[int]:
    """CTEs that `query` reads without defining them."""
    used = {n.cte for n in every(query) if isinstance(n, CteRef)}
    defined = {cte.id for n in every(query) if is_query(n) for cte in n.ctes}
    return frozenset(used - defined)


def columns_used(node: Any, rel: int) -> frozenset[int]:
    """The columns of relation `rel` that `node` reads, nested queries included."""
    return frozenset(n.col for n in every(node) if isinstance(n, Var) and n.rel == rel)


def has_sublink(node: Any) -> bool:
    return any(isinstance(n, SubLink) for n in own(node))


def has_aggregate(node: Any) -> bool:
    return any(isinstance(n, (Aggref, GroupingFunc)) for n in own(node))


def has_window(node: Any) -> bool:
    return any(isinstance(n, WindowFunc) for n in own(node))


def has_set_returning(node: Any) -> bool:
    return any(isinstance(n, FuncExpr) and n.returns_set for n in own(node))


def has_vars(node: Any) -> bool:
    return any(isinstance(n, Var) for n in own(node))


def carried(expr_type: SqlType) -> bool:
    """Whether values of the type can travel in an exchange."""
    try:
        arrow_type(expr_type)
    except SqlError:
        return False
    return True


# ------------------------------------------------------------------------------------------------ substitution


def substitute(node: Any, mapping: Mapping[tuple[int, int], Expr], ids: Ids) -> Any:
    """`node` with every Var that `mapping` names replaced, nested queries included.

    A replacement that holds a subquery is copied with relation ids of its own at each place, so that ids stay unique.
    """

    def swap(n: Any) -> Any:
        if isinstance(n, Var):
            new = mapping.get((n.rel, n.col))
            if new is not None:
                return fresh(new, ids) if has_sublink(new) else new
        return n

    return transform(node, swap, into_queries=True)


def fresh(node: Any, ids: Ids) -> Any:
    """A copy whose nested queries' relations (and CTEs) have new ids."""
    rels = {rel: ids.rel() for rel in sorted(inner_rels(node))}
    ctes = {cte.id: ids.rel() for n in every(node) if is_query(n) for cte in n.ctes}
    return renumber(node, rels, ctes)


def renumber(node: Any, rels: Mapping[int, int], ctes: Mapping[int, int]) -> Any:
    """`node` with relation and CTE ids replaced; ids that the mappings lack stay."""

    def swap(n: Any) -> Any:
        if isinstance(n, CteRef):
            return replace(n, rel=rels.get(n.rel, n.rel), cte=ctes.get(n.cte, n.cte))
        if isinstance(n, (Var, TableRef, Derived, FunctionRef, ExchangeRef)):
            return replace(n, rel=rels[n.rel]) if n.rel in rels else n
        if is_query(n) and any(cte.id in ctes for cte in n.ctes):
            return replace(n, ctes=tuple(replace(cte, id=ctes.get(cte.id, cte.id)) for cte in n.ctes))
        return n

    return transform(node, swap, into_queries=True)


def replace_group_refs(node: Any, keys: tuple[Expr, ...]) -> Any:
    """`node` of a grouped block with its GroupRefs replaced by the keys themselves."""
    return transform(node, lambda n: keys[n.index] if isinstance(n, GroupRef) else n)


def map_blocks(query: Query, fn: Callable[[Block], Query]) -> Query:
    """`query` with `fn` applied to every block in it, nested ones first."""
    return transform(query, lambda n: fn(n) if isinstance(n, Block) else n, into_queries=True)


def blocks(query: Query) -> Iterator[Block]:
    """Every block of a query, nested ones too, outermost first."""
    return (n for n in every(query) if isinstance(n, Block))


def map_nested(query: Query, fn: Callable[[Query], Query]) -> Query:
    """`query` with `fn` applied to each query directly below it: branches, derived tables, CTEs, subqueries in expressions."""
    if isinstance(query, SetOp):
        query = replace(query, left=fn(query.left), right=fn(query.right))

    def swap(node: Any) -> Any:
        if isinstance(node, (SubLink, Derived, Cte)):
            inner = fn(node.query)
            return node if inner is node.query else replace(node, query=inner)
        return node

    return transform(query, swap)


def map_down(query: Query, fn: Callable[[Block], Block]) -> Query:
    """`query` with `fn` applied to every block in it, outermost first: what `fn` puts below is seen again there."""
    if isinstance(query, Block):
        query = fn(query)
    return map_nested(query, lambda inner: map_down(inner, fn))
