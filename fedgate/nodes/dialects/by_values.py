"""Sketches of an engine that cannot make them: the node sends the distinct values of each group with counts, the gateway makes the
states of them, in the residual.

A block is taken so if all its aggregates are sketches of one value, which is how the planner asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa

from fedgate.nodes.dialects.mapping import highest_rel
from fedgate.sql import tables
from fedgate.sql.tree import INT8, Aggref, Block, ExchangeRef, Expr, GroupRef, OutputColumn, Query, Target, Var, transform

NAME: Final = "values"
_STATES: Final = frozenset(["fedgate.distinct_state", "fedgate.ranks_state"])
_WEIGHTED: Final = frozenset(["fedgate.ranks_state"])


@dataclass(frozen=True, slots=True)
class ByValues:
    """`inner` is for the node: the block's keys, the value, and its count."""

    inner: Block
    _block: Block

    def residual(self, schema: pa.Schema) -> Block:
        """The block over what `inner` gives."""
        rel = highest_rel(self._block) + 1
        columns = self.inner.columns
        keys = tuple(Var(rel, c.id, c.type) for c in columns)
        *groups, value, times = keys

        def step(node: Any) -> Any:
            if not isinstance(node, Aggref):
                return node
            args = (value, times) if node.name in _WEIGHTED else (value,)
            return replace(node, args=args, arg_types=tuple(a.type.oid for a in args))

        targets = tuple(transform(t, step) for t in self._block.targets)
        given = tuple(OutputColumn(c.id, c.name, c.type) for c in columns)
        source = ExchangeRef(rel, NAME, given, schema)
        return replace(self._block, targets=targets, from_=(source,), where=None, group_by=tuple(groups))


def by_values(block: Query) -> ByValues | None:
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
    return ByValues(inner, block)


def _count_star() -> Aggref:
    oid = next(row.oid for row in tables.functions("count") if not row.args)
    return Aggref("count", (), (), INT8, oid, star=True)
