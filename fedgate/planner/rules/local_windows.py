"""local_windows: window functions that look into one shard only are computed at the nodes.

Precondition: FROM and WHERE are local; the block does not group; each of its windows partitions by columns that tell the shards
apart (`one_shard`), so that all rows it looks at lie in one shard, and reads nothing that only the gateway evaluates. Such a block
becomes one over a derived table of its columns and windows, which later rules take for the rows of a table: they filter, group,
sort out duplicates and limit at the nodes what windows say. Right because the rows of a union with windows are the union of the
shards' rows with windows, where no partition has rows in two shards.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner.exchange import Split
from fedgate.planner.locality import WINDOW_RULE, Local, local_block, whole, windows_reach
from fedgate.planner.rules.join_local import raw_columns
from fedgate.planner.treetools import carried, has_window, map_nested, own, substitute
from fedgate.sql.tree import Block, Derived, Expr, Query, Target, Var, WindowFunc, transform
from fedgate.wording import counted

NAME = WINDOW_RULE


def local_windows(query: Query, split: Split) -> Query:
    """Every block with windows of one shard each over a derived table that has them as columns."""
    if isinstance(query, Block):
        local = whole(query, split)
        if isinstance(local, Local) and local.derived is not None:
            split.fired(NAME, f"{local.label}: rows with windows")
            return query
        changed = _block(query, split) if _is_candidate(query) else query
        if changed is not query:
            return changed
    return map_nested(query, lambda inner: local_windows(inner, split))


def _is_candidate(block: Block) -> bool:
    return not block.grouped and any(has_window(t.expr) for t in block.targets)


def _block(block: Block, split: Split) -> Block:
    local = local_block(block, NAME, split)
    if local is None:
        return block
    reason = windows_reach(block, local, split)
    calls = tuple(dict.fromkeys(n for t in block.targets for n in own(t.expr) if isinstance(n, WindowFunc)))
    if reason is None and not all(carried(call.type) for call in calls):
        reason = "a window's value cannot travel"
    if reason is not None:
        split.declined(NAME, f"{local.label}: {reason}")
        return block
    split.fired(NAME, f"{local.label}: {counted(len(calls), 'window')}")
    return _split(block, local, calls, split)


def _split(block: Block, local: Local, calls: tuple[WindowFunc, ...], split: Split) -> Block:
    rel = split.ids.rel()
    marks = {call: Var(rel, -i, call.type) for i, call in enumerate(calls, 1)}

    def swap(node: Expr) -> Expr:
        return marks.get(node, node) if isinstance(node, WindowFunc) else node

    above: Block = transform(replace(block, from_=(), where=None), swap)
    columns = raw_columns(above, local)
    first = max(t.id for t in columns) + 1
    windows = tuple(Target(first + i, call, f"w{i}") for i, call in enumerate(calls))
    places: dict[tuple[int, int], Expr] = {
        (t.expr.rel, t.expr.col): Var(rel, t.id, t.expr.type) for t in columns if isinstance(t.expr, Var)
    }
    places.update({(rel, -i): Var(rel, t.id, t.expr.type) for i, t in enumerate(windows, 1)})
    rows = Derived(rel, Block((*columns, *windows), block.from_, block.where), alias="rows")
    made: Block = substitute(above, places, split.ids)
    return replace(made, from_=(rows,))
