"""Which of their whole groups nodes need not send: those that HAVING leaves out, and those behind ORDER BY … LIMIT.

Contract: `cut_of` says what of a block's HAVING, ORDER BY and LIMIT + OFFSET a node may apply to groups that are whole there, in
terms of the block's keys (`GroupRef`) and of aggregates that nodes compute of them anyway. The gateway does all of it again. Where
an aggregate is one that nodes give in parts (a deviation), or a condition is for the gateway only, the groups all come.
"""

from __future__ import annotations

from dataclasses import dataclass

from fedgate.planner import aggregates
from fedgate.planner.calls import FLOAT8, INT8, NUMERIC, cast, operator
from fedgate.planner.reach import sendable
from fedgate.planner.rules.top import limit_and_offset
from fedgate.planner.treetools import has_set_returning, has_sublink, has_window, own, replace_group_refs
from fedgate.sql.properties import can_fail, is_volatile
from fedgate.sql.tree import Aggref, Block, Expr, GroupRef, SortKey, conjuncts, ids_of, transform

_DIVIDED = {NUMERIC.oid: NUMERIC, INT8.oid: NUMERIC, FLOAT8.oid: FLOAT8}


@dataclass(frozen=True, slots=True)
class Cut:
    """Conditions of groups; and the order in which the first `limit` ones are enough: its keys name places in `sorted_by`."""

    having: tuple[Expr, ...] = ()
    sorted_by: tuple[Expr, ...] = ()
    order: tuple[SortKey, ...] = ()
    limit: Expr | None = None

    def __bool__(self) -> bool:
        return bool(self.having) or self.limit is not None


def has_parts(call: Aggref) -> bool:
    """Whether nodes give the aggregate in parts."""
    in_order = bool(call.order_by) and call.name not in aggregates.ORDERLESS
    return not in_order and not call.distinct and not isinstance(aggregates.parts(call), str)


def cut_of(block: Block, rels: frozenset[int]) -> Cut:
    """What nodes may leave out; nothing (false) where they may not. `rels` are the relations of the block's FROM."""
    having: list[Expr] = []
    held = False
    for part in conjuncts(block.having):
        expr = _at_node(part, rels)
        if expr is None or (held and can_fail(replace_group_refs(part, block.group_by))):
            held = True
        else:
            having.append(expr)
    limited = None if held else _limited(block, rels)
    return Cut(tuple(having), *limited) if limited is not None else Cut(tuple(having))


def _limited(block: Block, rels: frozenset[int]) -> tuple[tuple[Expr, ...], tuple[SortKey, ...], Expr] | None:
    if block.limit is None or block.with_ties or block.distinct:
        return None
    if any(has_window(t.expr) or has_set_returning(t.expr) for t in block.targets):
        return None
    if not all(e is None or (sendable(e, frozenset()) and e.type == INT8) for e in (block.limit, block.offset)):
        return None
    limit = limit_and_offset(block)
    if limit is None:
        return None
    sorted_by: list[Expr] = []
    order: list[SortKey] = []
    for key in block.order_by:
        target = next(t.expr for t in block.targets if t.id == key.column)
        expr = _at_node(target, rels)
        if expr is None:
            return None
        if any(isinstance(n, GroupRef | Aggref) for n in own(expr)):
            order.append(SortKey(len(sorted_by), key.descending, key.nulls_first))
            sorted_by.append(expr)
    return tuple(sorted_by), tuple(order), limit


def _at_node(expr: Expr, rels: frozenset[int]) -> Expr | None:
    """The expression over groups as a node may compute it of its whole groups."""
    if has_sublink(expr) or has_window(expr) or has_set_returning(expr) or is_volatile(expr) or not ids_of(expr) <= rels:
        return None
    calls = {n: _own_form(n) for n in own(expr) if isinstance(n, Aggref)}
    if None in calls.values():
        return None

    def swap(node: Expr) -> Expr:
        return calls.get(node) or node if isinstance(node, Aggref) else node

    found: Expr = transform(expr, swap)
    return found


def _own_form(call: Aggref) -> Expr | None:
    """The aggregate of a whole group by what nodes give of it."""
    if not has_parts(call):
        return call
    parts = aggregates.parts(call)
    assert isinstance(parts, aggregates.Parts)
    if len(parts.nodes) == 1:
        return cast(parts.nodes[0], call.type)
    if call.name == "avg" and parts.nodes[0].type.oid in _DIVIDED:
        kind = _DIVIDED[parts.nodes[0].type.oid]
        total, count = (cast(node, kind) for node in parts.nodes)
        return operator("/", total, count)
    return None
