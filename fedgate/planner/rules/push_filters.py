"""push_filters: WHERE conjuncts over one derived table go into it, HAVING conjuncts over keys into WHERE.

Precondition: the conjunct reads that derived table only, which is not on a nullable side; it holds no subquery and no volatile,
set- returning, aggregate or window call; `descend` says where it goes below. A predicate that can fail moves only with those
before it. Outermost first, so that a filter sinks as far as it can.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner.descend import into, is_key_filter
from fedgate.planner.exchange import Split
from fedgate.planner.reach import Applied, Place, pushable, reachable, without
from fedgate.planner.treetools import map_down, map_leaves, replace_group_refs
from fedgate.sql.properties import can_fail, is_volatile
from fedgate.sql.tree import Block, Derived, FromItem, Leaf, Query, conjunction, conjuncts, leaves

NAME = "push_filters"


def push_filters(query: Query, split: Split) -> Query:
    """All WHERE conjuncts as deep as they may stand."""
    return map_down(query, lambda block: sink(_having(block, split), split, NAME, where=True))


def sink(block: Block, split: Split, rule: str, *, where: bool) -> Block:
    """The block with conjuncts of its WHERE (or, without `where`, of its ON conditions) taken into derived tables."""
    derived = {leaf.rel: leaf for leaf in leaves(block.from_) if isinstance(leaf, Derived)}
    if not derived:
        return block
    done: set[Place] = set()
    changed: dict[int, Query] = {}
    for rel, applied in reachable(block).items():
        if rel in derived:
            mine = tuple(a for a in applied if (a.place[0] is None) == where)
            below, places = _sink_into(derived[rel], mine, split, rule)
            if places:
                changed[rel] = below
                done |= places

    def swap(leaf: Leaf) -> FromItem:
        return replace(leaf, query=changed[leaf.rel]) if isinstance(leaf, Derived) and leaf.rel in changed else leaf

    rest = without(block, done)
    return replace(rest, from_=tuple(map_leaves(item, swap) for item in rest.from_)) if changed else rest


def _sink_into(derived: Derived, applied: tuple[Applied, ...], split: Split, rule: str) -> tuple[Query, set[Place]]:
    body = derived.query
    done: set[Place] = set()
    held = False
    label = f"derived table {derived.alias or derived.rel}"
    for a in pushable(applied, frozenset([derived.rel])):
        if held and can_fail(a.expr):
            continue
        below = into(body, a.expr, derived.rel, split.ids)
        if below is None:
            split.declined(rule, f"a conjunct stays above {label}")
            held = True
            continue
        body = below
        done.add(a.place)
        split.fired(rule, f"a conjunct into {label}")
    return body, done


def _having(block: Block, split: Split) -> Block:
    """HAVING conjuncts that read keys only are conjuncts over rows."""
    moved = tuple(p for p in conjuncts(block.having) if is_key_filter(block, p) and not is_volatile(p))
    if not moved:
        return block
    kept = tuple(p for p in conjuncts(block.having) if p not in moved)
    where = (*conjuncts(block.where), *(replace_group_refs(p, block.group_by) for p in moved))
    split.fired(NAME, "HAVING over keys into WHERE")
    return replace(block, where=conjunction(where), having=conjunction(kept))
