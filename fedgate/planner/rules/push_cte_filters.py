"""push_cte_filters: what no reader of a WITH query wants is left out where the query reads it.

Precondition: the WITH query is not recursive and not volatile; each of its readers, wherever it stands, has conditions of its own
that may filter its rows before any join (`reach`), free of subqueries and of what can fail; `descend` says that the query can be
filtered below. What goes in is the OR of the readers' conditions: each keeps its own. WITH queries that are read once are no such
any more: the binder puts them where they are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fedgate.planner.descend import into
from fedgate.planner.exchange import Split
from fedgate.planner.reach import pushable, reachable
from fedgate.planner.treetools import blocks, every, renumber
from fedgate.sql.properties import can_fail, is_volatile
from fedgate.sql.tree import BoolExpr, Cte, CteRef, Expr, Query, conjunction, ids_of, is_query, leaves, transform

NAME = "push_cte_filters"


def push_cte_filters(query: Query, split: Split) -> Query:
    """Every WITH query with the conditions that all of its readers have in common."""
    ctes = [cte for node in every(query) if is_query(node) for cte in node.ctes]
    # Readers come after what they read: their conditions go in first, and further down from there.
    for cte in reversed(ctes):
        query = _filtered(query, cte, split)
    return query


def _filtered(query: Query, cte: Cte, split: Split) -> Query:
    (now,) = (c for node in every(query) if is_query(node) for c in node.ctes if c.id == cte.id)
    if now.recursive or is_volatile(now.query):
        return query
    wanted = _wanted(query, now)
    if wanted is None:
        return query
    rel = split.ids.rel()
    body = into(now.query, renumber(wanted[0], dict.fromkeys(wanted[1], rel), {}), rel, split.ids)
    if body is None:
        split.declined(NAME, f"{now.name} cannot be filtered below")
        return query
    split.fired(NAME, f"{now.name}: what {len(wanted[1])} readers want")
    changed = replace(now, query=body)

    def swap(node: Any) -> Any:
        return changed if isinstance(node, Cte) and node.id == changed.id else node

    found: Query = transform(query, swap, into_queries=True)
    return found


def _wanted(query: Query, cte: Cte) -> tuple[Expr, list[int]] | None:
    """The OR of what the readers want, over their relations; None if one of them wants all rows."""
    readers = [n.rel for n in every(query) if isinstance(n, CteRef) and n.cte == cte.id]
    found: list[Expr] = []
    for block in blocks(query):
        mine = [leaf.rel for leaf in leaves(block.from_) if leaf.rel in readers]
        applied = reachable(block) if mine else {}
        for rel in mine:
            parts = _own(rel, (a.expr for a in pushable(applied[rel], frozenset([rel]))))
            if parts is None:
                return None
            found.append(parts)
    if not found or len(found) != len(readers):
        return None
    return (found[0] if len(found) == 1 else BoolExpr("or", tuple(found))), readers


def _own(rel: int, parts: Iterable[Expr]) -> Expr | None:
    """The conditions that read the relation, and cannot fail."""
    return conjunction(tuple(p for p in parts if ids_of(p) == {rel} and not can_fail(p)))
