"""local_groups: where each group's rows lie in one shard, nodes compute aggregates that cannot be put together from parts.

Precondition: FROM and WHERE are local; the block groups by columns that tell the shards apart (`one_shard`): `_shard`, the shard
key, a column whose checks are disjoint; it has no grouping sets; it holds count(DISTINCT …) or an aggregate without parts. Right
because no group has rows in two shards, so a node's aggregate is the group's own. A node gives such an aggregate whole and of the
others the usual parts. The gateway groups the rows again, each of which is a group already: by the keys and by what came whole.
HAVING, windows, DISTINCT, ORDER BY and LIMIT stay above.

Ordered-set and approximate aggregates are left to `partial_aggregate`, which asks for values with counts, what every engine can
give, or for states, which every engine can give too, or the gateway makes of such values.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner import aggregates
from fedgate.planner.exchange import Split, reference
from fedgate.planner.layout import counted
from fedgate.planner.locality import Local, local_block
from fedgate.planner.one_shard import apart
from fedgate.planner.reach import sendable
from fedgate.planner.treetools import carried, columns_used, every, has_vars, map_blocks, nested_queries, nullable_rels, own
from fedgate.sql.tree import (
    Aggref,
    Block,
    Expr,
    GroupRef,
    NullTest,
    OpExpr,
    Query,
    ScalarArrayOp,
    Subscript,
    Target,
    Var,
    conjuncts,
    transform,
)

NAME = "local_groups"


def local_groups(query: Query, split: Split) -> Query:
    """Every block whose groups lie in one shard each, and that needs it, over an exchange of finished groups."""
    return map_blocks(query, lambda block: _block(block, split) if block.grouped and block.group_by else block)


def _block(block: Block, split: Split) -> Block:
    calls = _calls(block)
    wanted = [call for call in calls if _is_wanted(call)]
    if not wanted:
        return block
    local = local_block(block, NAME, split)
    if local is None:
        return block
    reason = _reason(block, local, calls, split)
    if reason is not None:
        split.declined(NAME, f"{local.label}: {reason}")
        return block
    split.fired(NAME, f"{local.label}: {', '.join(dict.fromkeys(call.name for call in wanted))} of whole groups")
    return _rewritten(block, local, calls, split)


def _calls(block: Block) -> list[Aggref]:
    """The block's own aggregates, each once."""
    return list(dict.fromkeys(n for clause in _clauses(block) for n in own(clause) if isinstance(n, Aggref)))


def _clauses(block: Block) -> tuple[Expr, ...]:
    return (*(t.expr for t in block.targets), *(() if block.having is None else (block.having,)))


def _is_wanted(call: Aggref) -> bool:
    if call.within_group or call.name in aggregates.SKETCHED:
        return False
    return (aggregates.needs_distinct(call) and call.name == "count") or (not call.distinct and not _has_parts(call))


def _has_parts(call: Aggref) -> bool:
    in_order = bool(call.order_by) and call.name not in aggregates.ORDERLESS
    return not in_order and not call.distinct and not isinstance(aggregates.parts(call), str)


def _reason(block: Block, local: Local, calls: list[Aggref], split: Split) -> str | None:
    """Why the groups are not computed whole."""
    if block.grouping_sets is not None:
        return "grouping sets are merged from parts"
    if local.sharded is None:
        return "there are no shards"
    if not _lie_apart(block, local, split):
        return "a group may have rows in several shards"
    for node in (n for clause in _clauses(block) for n in every(clause)):
        if isinstance(node, Subscript) and isinstance(node.arg, Aggref):
            return "of an element the first row of each group is enough"
    if any(columns_used(query, rel) for clause in _clauses(block) for query in nested_queries(clause) for rel in local.rels):
        return "a nested query reads columns of the rows"
    if any(call.within_group for call in calls):
        return "ordered-set aggregates are merged from values with counts"
    if any(call.name in aggregates.SKETCHED for call in calls):
        return "approximate aggregates are merged from states"
    for expr in (*block.group_by, *(part for call in calls for part in _parts_of(call))):
        if not sendable(expr, local.rels):
            return "a key or an aggregate reads what only the gateway evaluates"
    if not all(carried(e.type) for e in (*block.group_by, *calls)):
        return "a key or an aggregate cannot travel"
    return None


def _parts_of(call: Aggref) -> tuple[Expr, ...]:
    return (*call.args, *(s.expr for s in call.order_by), *(() if call.filter is None else (call.filter,)))


def _lie_apart(block: Block, local: Local, split: Split) -> bool:
    keys: dict[int, set[int]] = {}
    for key in block.group_by:
        if isinstance(key, Var) and key.rel not in nullable_rels(block.from_):
            keys.setdefault(key.rel, set()).add(key.col)
    tables = {ref.rel: ref.table for ref in local.tables if not ref.table.replicated}
    found = conjuncts(block.where)
    return any(
        apart(tables[rel], columns, {c for c in columns if any(_rejects_null(p, rel, c) for p in found)}, split)
        for rel, columns in keys.items()
        if rel in tables
    )


def _rejects_null(part: Expr, rel: int, column: int) -> bool:
    """Whether a condition is never TRUE where the column is NULL: a comparison of it, or IS NOT NULL."""

    def is_it(expr: Expr) -> bool:
        return isinstance(expr, Var) and (expr.rel, expr.col) == (rel, column)

    if isinstance(part, NullTest):
        return part.negated and is_it(part.arg)
    if isinstance(part, ScalarArrayOp):
        return not part.all and is_it(part.left)
    return isinstance(part, OpExpr) and part.name in ("=", "<>", "<", "<=", ">", ">=") and any(map(is_it, part.args))


# ------------------------------------------------------------------------------------------------ the two blocks


def _rewritten(block: Block, local: Local, calls: list[Aggref], split: Split) -> Block:
    rel = split.ids.rel()
    sent: list[Expr] = [key for key in block.group_by if has_vars(key)]
    keys = len(sent)

    def column(expr: Expr) -> Var:
        if expr not in sent:
            sent.append(expr)
        return Var(rel, sent.index(expr) + 1, expr.type)

    final_keys: list[Expr] = [column(key) if has_vars(key) else key for key in block.group_by]
    finished: dict[Aggref, Expr] = {}
    for call in calls:
        parts = aggregates.parts(call) if _has_parts(call) else None
        if isinstance(parts, aggregates.Parts):
            finished[call] = parts.merge([column(node) for node in parts.nodes], ())
        else:
            finished[call] = GroupRef(len(final_keys), call.type)
            final_keys.append(column(call))

    def swap(node: Expr) -> Expr:
        return finished.get(node, node) if isinstance(node, Aggref) else node

    node = Block(
        targets=tuple(
            Target(i, GroupRef(i - 1, e.type) if i <= keys else e, f"g{i - 1}" if i <= keys else f"p{i - 1 - keys}")
            for i, e in enumerate(sent, 1)
        ),
        from_=local.from_,
        where=block.where,
        group_by=tuple(sent[:keys]),
        grouped=True,
    )
    made = split.exchange("aggregate", node, local.sharded, local.prune, notes=[f"{counted(keys, 'key')}: whole groups"])
    targets = tuple(replace(t, expr=transform(t.expr, swap)) for t in block.targets)
    having = None if block.having is None else transform(block.having, swap)
    return replace(block, targets=targets, having=having, group_by=tuple(final_keys), where=None, from_=(reference(made, rel),))
