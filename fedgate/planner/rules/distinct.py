"""distinct: SELECT DISTINCT is taken at the nodes first.

Precondition: FROM and WHERE are local; the block does not group; the select list is free of windows, set-returning and volatile
calls, subqueries and outer references. Right because the distinct rows of a union are the distinct rows of the union of
distinct rows. ORDER BY, LIMIT and OFFSET stay above. Constants are not sent.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner.exchange import Split, reference
from fedgate.planner.locality import Local, local_block
from fedgate.planner.reach import sendable
from fedgate.planner.treetools import carried, has_vars, map_blocks
from fedgate.sql.tree import Block, Query, Target, Var
from fedgate.wording import counted

NAME = "distinct"


def distinct(query: Query, split: Split) -> Query:
    """Every SELECT DISTINCT over local tables as one over an exchange of distinct rows."""
    return map_blocks(query, lambda block: _block(block, split) if block.distinct is True and not block.grouped else block)


def _block(block: Block, split: Split) -> Block:
    local = local_block(block, NAME, split)
    if local is None:
        return block
    reason = _reason(block, local)
    if reason is not None:
        split.declined(NAME, f"{local.label}: {reason}")
        return block
    rel = split.ids.rel()
    sent = [t for t in block.targets if has_vars(t.expr)]
    node = Block(
        targets=tuple(Target(i, t.expr, t.name) for i, t in enumerate(sent, 1)),
        from_=local.from_,
        where=block.where,
        distinct=True,
    )
    made = split.exchange("distinct", node, local.sharded, local.prune)
    split.fired(NAME, f"{local.label}: {counted(len(sent), 'column')}")
    places = {t.id: Var(rel, i, t.expr.type) for i, t in enumerate(sent, 1)}
    targets = tuple(replace(t, expr=places.get(t.id, t.expr)) for t in block.targets)
    return replace(block, targets=targets, from_=(reference(made, rel),), where=None)


def _reason(block: Block, local: Local) -> str | None:
    if not all(sendable(t.expr, local.rels) for t in block.targets):
        return "the select list holds what only the gateway evaluates"
    if not all(carried(t.expr.type) for t in block.targets):
        return "a column cannot travel"
    return None if any(has_vars(t.expr) for t in block.targets) else "all columns are constant"
