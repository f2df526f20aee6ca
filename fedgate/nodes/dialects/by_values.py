"""Sketches of an engine that cannot make them: the node sends the distinct values of each group with counts, the gateway makes the
states of them, in the residual.

A block is taken so if all its aggregates are sketches of one value, which is how the planner asks for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from fedgate.nodes.dialects.mapping import highest_rel
from fedgate.nodes.dialects.unfinished import Begun
from fedgate.sql import tables
from fedgate.sql.functions.table import OWN
from fedgate.sql.tree import INT8, Aggref, Block, ExchangeRef, Expr, GroupRef, Query, Target, Var, transform

NAME: Final = "values"
_STATES: Final = frozenset([f"{OWN}distinct_state", f"{OWN}ranks_state"])
_WEIGHTED: Final = frozenset([f"{OWN}ranks_state"])


def by_values(block: Query) -> Begun | None:
    """How the block is taken apart, None if it is none of sketches."""
    if not isinstance(block, Block) or not block.grouped or block.grouping_sets is not None or block.having is not None:
        return None
    calls = [t.expr for t in block.targets if isinstance(t.expr, Aggref)]
    values = {call.args for call in calls}
    others = any(not isinstance(t.expr, Aggref | GroupRef) for t in block.targets)
    if others or len(values) != 1 or any(c.name not in _STATES or c.filter is not None or c.distinct for c in calls):
        return None
    ((value,),) = values
    keys: tuple[Expr, ...] = (*block.group_by, value)
    targets = [Target(i + 1, GroupRef(i, key.type), f"g{i}") for i, key in enumerate(keys)]
    counted = Target(len(keys) + 1, _count_star(), "n")
    inner = Block(targets=(*targets, counted), from_=block.from_, where=block.where, group_by=keys, grouped=True)
    rel = highest_rel(block) + 1
    *groups, given, times = (Var(rel, c.id, c.type) for c in inner.columns)

    def step(node: Any) -> Any:
        if not isinstance(node, Aggref):
            return node
        args = (given, times) if node.name in _WEIGHTED else (given,)
        return replace(node, args=args, arg_types=tuple(a.type.oid for a in args))

    def finish(source: ExchangeRef) -> Block:
        made = tuple(transform(t, step) for t in block.targets)
        return replace(block, targets=made, from_=(source,), where=None, group_by=tuple(groups))

    return Begun(NAME, inner, rel, finish)


def _count_star() -> Aggref:
    oid = next(row.oid for row in tables.functions("count") if not row.args)
    return Aggref("count", (), (), INT8, oid, star=True)
