"""local_groups: where each group's rows lie in one shard, nodes compute aggregates that have no parts, and apply HAVING and LIMIT.

Precondition: FROM and WHERE are local; the block groups by columns that tell the shards apart (`one_shard`): `_shard`, the shard
key, a column whose checks are disjoint, any where there is one shard; it has no grouping sets; it holds count(DISTINCT …) or an
aggregate without parts, or HAVING or LIMIT over what nodes compute (`group_cut`). Right because no group has rows in two shards, so
a node's aggregate is the group's own. A node gives such an aggregate whole and of the others the usual parts. The gateway groups
the rows again, each of which is a group already: by the keys and by what came whole. HAVING, windows, DISTINCT, ORDER BY and LIMIT
stay above as well.

Ordered-set and approximate aggregates are left to `partial_aggregate`, which asks for values with counts, what every engine can
give, or for states, which every engine can give too, or the gateway makes of such values.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner import aggregates
from fedgate.planner.exchange import Split, reference
from fedgate.planner.locality import Local, local_block
from fedgate.planner.reach import sendable
from fedgate.planner.rules.group_cut import Cut, cut_of, has_parts
from fedgate.planner.treetools import carried, columns_used, every, has_vars, map_blocks, nested_queries, own
from fedgate.sql.tree import (
    Aggref,
    Block,
    Expr,
    GroupRef,
    Query,
    Subscript,
    Target,
    Var,
    conjunction,
    own_rels,
    transform,
)
from fedgate.wording import counted

NAME = "local_groups"


def local_groups(query: Query, split: Split) -> Query:
    """Every block whose groups lie in one shard each, and that needs it, over an exchange of finished groups."""
    return map_blocks(query, lambda block: _block(block, split) if block.grouped and block.group_by else block)


def _block(block: Block, split: Split) -> Block:
    calls = _calls(block)
    wanted = [call for call in calls if _is_wanted(call)]
    cut = cut_of(block, own_rels(block))
    if not wanted and not cut:
        return block
    local = local_block(block, NAME, split)
    if local is None:
        return block
    reason = _reason(block, local, calls, split)
    if reason is not None:
        split.declined(NAME, f"{local.label}: {reason}")
        return block
    done = [*dict.fromkeys(call.name for call in wanted), *(["HAVING"] if cut.having else []), *(["LIMIT"] if cut.limit else [])]
    split.fired(NAME, f"{local.label}: {', '.join(done)} of whole groups")
    return _rewritten(block, local, calls, cut, split)


def _calls(block: Block) -> list[Aggref]:
    """The block's own aggregates, each once."""
    return list(dict.fromkeys(n for clause in _clauses(block) for n in own(clause) if isinstance(n, Aggref)))


def _clauses(block: Block) -> tuple[Expr, ...]:
    return (*(t.expr for t in block.targets), *(() if block.having is None else (block.having,)))


def _is_wanted(call: Aggref) -> bool:
    if call.within_group or call.name in aggregates.SKETCHED:
        return False
    return (aggregates.needs_distinct(call) and call.name == "count") or (not call.distinct and not has_parts(call))


def _reason(block: Block, local: Local, calls: list[Aggref], split: Split) -> str | None:
    """Why the groups are not computed whole."""
    if block.grouping_sets is not None:
        return "grouping sets are merged from parts"
    if not any(map(has_vars, block.group_by)):
        return "all keys are constant"
    if not local.keys_apart(block.group_by, block, split):
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


# ------------------------------------------------------------------------------------------------ the two blocks


def _rewritten(block: Block, local: Local, calls: list[Aggref], cut: Cut, split: Split) -> Block:
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
        parts = aggregates.parts(call) if has_parts(call) else None
        if isinstance(parts, aggregates.Parts):
            finished[call] = parts.merge([column(node) for node in parts.nodes], ())
        else:
            finished[call] = GroupRef(len(final_keys), call.type)
            final_keys.append(column(call))

    def swap(node: Expr) -> Expr:
        return finished.get(node, node) if isinstance(node, Aggref) else node

    node = replace(_node(block, sent[:keys], sent[keys:], cut), from_=local.from_, where=block.where)
    made = split.exchange("aggregate", node, local.sharded, local.prune, notes=[f"{counted(keys, 'key')}: whole groups"])
    shown = tuple(replace(t, expr=transform(t.expr, swap)) for t in block.targets)
    having = None if block.having is None else transform(block.having, swap)
    return replace(block, targets=shown, having=having, group_by=tuple(final_keys), where=None, from_=(reference(made, rel),))


def _node(block: Block, keys: list[Expr], calls: list[Expr], cut: Cut) -> Block:
    """What comes of the groups at a node, and which of them."""

    def at_node(node: Expr) -> Expr:
        if not isinstance(node, GroupRef):
            return node
        key = block.group_by[node.index]
        return GroupRef(keys.index(key), key.type) if has_vars(key) else key

    targets = [Target(i, GroupRef(i - 1, e.type), f"g{i - 1}") for i, e in enumerate(keys, 1)]
    targets += [Target(len(keys) + i, e, f"p{i - 1}") for i, e in enumerate(calls, 1)]
    places: dict[Expr, int] = {t.expr: t.id for t in targets}
    sorted_by: list[Expr] = [transform(e, at_node) for e in cut.sorted_by]
    for expr in sorted_by:
        if expr not in places:
            places[expr] = len(targets) + 1
            targets.append(Target(places[expr], expr, f"s{len(targets)}", junk=True))
    return Block(
        targets=tuple(targets),
        group_by=tuple(keys),
        grouped=True,
        having=conjunction(tuple(transform(part, at_node) for part in cut.having)),
        order_by=tuple(replace(key, column=places[sorted_by[key.column]]) for key in cut.order),
        limit=cut.limit,
    )
