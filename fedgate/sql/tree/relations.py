"""Relations in bound queries: those of a FROM clause, those that an expression reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from fedgate.sql.tree.expressions import Var
from fedgate.sql.tree.queries import Block, CteRef, Derived, ExchangeRef, FromItem, FunctionRef, Join, TableRef
from fedgate.sql.tree.walk import walk

Leaf: TypeAlias = TableRef | Derived | FunctionRef | CteRef | ExchangeRef


def leaves(items: Iterable[FromItem]) -> Iterator[Leaf]:
    """The relations of FROM items, left to right, joins taken apart."""
    for item in items:
        if isinstance(item, Join):
            yield from leaves((item.left, item.right))
        else:
            yield item


def own_rels(block: Block) -> frozenset[int]:
    """The relation ids of a block's FROM."""
    return frozenset(leaf.rel for leaf in leaves(block.from_))


def nullable_rels(items: Iterable[FromItem]) -> frozenset[int]:
    """Relations whose rows an outer join of these items may replace by NULLs."""
    found: set[int] = set()

    def visit(item: FromItem, nullable: bool) -> None:
        if isinstance(item, Join):
            visit(item.left, nullable or item.kind in ("right", "full"))
            visit(item.right, nullable or item.kind in ("left", "full"))
        elif nullable:
            found.add(item.rel)

    for item in items:
        visit(item, False)
    return frozenset(found)


def ids_of(node: Any) -> frozenset[int]:
    """Relations that Vars in `node` name, nested queries included."""
    return frozenset(n.rel for n in walk(node, into_queries=True) if isinstance(n, Var))


def table_refs(node: Any) -> list[TableRef]:
    """All TableRefs in `node`, at any depth, in the order in which they stand."""
    return [n for n in walk(node, into_queries=True) if isinstance(n, TableRef)]
