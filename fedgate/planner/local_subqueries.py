"""Which subqueries of a WHERE can be answered where a block's own rows are: EXISTS, IN and their opposites.

Contract: `taken` says of a condition which tables its subqueries read, when each of them gives at every node that has to answer
what it gives over all rows; else why not. Over replicated tables any subquery does, if nothing in it is chosen or drawn. A sharded
table may be what an EXISTS looks in for rows that lie in the same shard (`colocation`): whether one is found, there or nowhere, is
then the shard's own affair. It is not with IN, to which a NULL of another shard matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fedgate.planner.treetools import inner_rels
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import (
    BOOL,
    Aggref,
    Block,
    Const,
    Derived,
    Expr,
    Join,
    SubLink,
    TableRef,
    Var,
    WindowFunc,
    conjuncts,
    ids_of,
    is_query,
    transform,
    walk,
)

_KINDS = frozenset({"exists", "any", "all"})
_TRUE = Const(BOOL, True)


@dataclass(frozen=True, slots=True)
class Taken:
    """A condition with TRUE in place of its subqueries; the replicated tables that these read; and the sharded ones that an EXISTS
    looks in, each with the conditions on the rows it looks for."""

    plain: Expr
    copies: tuple[TableRef, ...] = ()
    shards: tuple[tuple[TableRef, tuple[Expr, ...]], ...] = ()


def taken(condition: Expr, rels: frozenset[int]) -> Taken | str:
    """See the module docstring. `rels` are the block's own relations."""
    links: list[SubLink] = []

    def out(node: Any) -> Any:
        if isinstance(node, SubLink):
            links.append(node)
            return _TRUE
        return node

    plain: Expr = transform(condition, out)
    copies: list[TableRef] = []
    shards: list[tuple[TableRef, tuple[Expr, ...]]] = []
    for link in links:
        reason = _reason(link, rels)
        if reason is not None:
            return reason
        for ref in (n for n in walk(link.query, into_queries=True) if isinstance(n, TableRef)):
            if ref.table.replicated:
                copies.append(ref)
            elif link.kind == "exists" and isinstance(link.query, Block) and ref in link.query.from_:
                shards.append((ref, conjuncts(link.query.where)))
            else:
                return f"a subquery reads all shards of {ref.table.name}"
    return Taken(plain, tuple(copies), tuple(shards))


def _reason(link: SubLink, rels: frozenset[int]) -> str | None:
    nodes = tuple(walk(link, into_queries=True))
    if any(isinstance(n, SubLink) and n.kind not in _KINDS for n in nodes):
        return "WHERE holds a subquery that gives a value"
    if any(map(_is_foreign, nodes)):
        return "a subquery reads more than virtual tables"
    if any(is_query(n) and not _chooses_nothing(n) for n in nodes) or any(isinstance(n, (Aggref, WindowFunc)) for n in nodes):
        return "a subquery chooses among rows, or computes of many"
    if is_volatile(link):
        return "a subquery is volatile"
    copies = {n.rel for n in nodes if isinstance(n, TableRef) and n.table.replicated}
    hidden = any(isinstance(n, Var) and n.rel in copies and n.col < 0 for n in nodes)  # of a copy they would say the wrong shard
    if hidden or not ids_of(link) <= rels | inner_rels(link.query):
        return "a subquery reads what is not at the node"
    return None


def _is_foreign(node: Any) -> bool:
    """Whether a FROM item is none of tables with rows at nodes."""
    if isinstance(node, TableRef):
        return node.table.kind != "virtual"
    return hasattr(node, "rel") and not isinstance(node, (Var, Derived, Join))


def _chooses_nothing(query: Any) -> bool:
    return isinstance(query, Block) and query.limit is None and query.offset is None and not query.ctes and not query.grouped
