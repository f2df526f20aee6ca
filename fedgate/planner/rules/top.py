"""top: DISTINCT ON, and ORDER BY … LIMIT, reduce the rows at the nodes; the gateway runs the same block over what is left.

Precondition: FROM and WHERE are local; no groups, windows, plain DISTINCT or set-returning calls; sort and DISTINCT ON
expressions are free of subqueries, volatile calls and outer references. Nodes send the columns that are needed, first of each
group for DISTINCT ON, or the first k + offset in the block's order (any k + offset without one). Right because both reducers
are idempotent: what a shard drops would not have been in the answer. OFFSET is never sent; WITH TIES is not taken.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner.calls import INT8, operator
from fedgate.planner.exchange import Split
from fedgate.planner.locality import Local, local_block
from fedgate.planner.reach import sendable
from fedgate.planner.rules.join_local import over_exchange, raw_columns
from fedgate.planner.treetools import carried, has_set_returning, has_vars, has_window, map_blocks
from fedgate.sql.tree import Block, Coerce, Const, Expr, Query, SortKey, Target

NAME = "top"
_LIMIT_MAX = 2**63 - 1


def top(query: Query, split: Split) -> Query:
    """Every block with DISTINCT ON or LIMIT over local tables as the same block over reduced rows."""

    def candidate(block: Block) -> bool:
        return not block.grouped and (isinstance(block.distinct, tuple) or (block.limit is not None and block.distinct is False))

    return map_blocks(query, lambda block: _block(block, split) if candidate(block) else block)


def _block(block: Block, split: Split) -> Block:
    local = local_block(block, NAME, split)
    if local is None:
        return block
    reason = _reason(block, local)
    if reason is not None:
        split.declined(NAME, f"{local.label}: {reason}")
        return block
    node = _node(block, local)
    if not all(carried(t.expr.type) for t in node.targets):
        split.declined(NAME, f"{local.label}: a column cannot travel")
        return block
    split.fired(NAME, f"{local.label}: {'first of each group' if node.distinct else 'LIMIT + OFFSET rows'} of each shard")
    return over_exchange(replace(block, where=None), node, "top", local, split)


def _reason(block: Block, local: Local) -> str | None:
    if any(has_window(t.expr) or has_set_returning(t.expr) for t in block.targets):
        return "a window or set-returning call in the select list"
    if block.with_ties:
        return "WITH TIES needs all rows"
    if not isinstance(block.distinct, tuple) and not all(
        e is None or (sendable(e, frozenset()) and e.type == INT8) for e in (block.limit, block.offset)
    ):
        return "LIMIT is not a plain value"
    for target in _sorted_by(block):
        if not sendable(target.expr, local.rels):
            return "it sorts by what only the gateway evaluates"
    return None


def _sorted_by(block: Block) -> list[Target]:
    on = block.distinct if isinstance(block.distinct, tuple) else ()
    wanted = {*(k.column for k in block.order_by), *on}
    return [t for t in block.targets if t.id in wanted]


def _node(block: Block, local: Local) -> Block:
    """What each node answers: raw columns; sort expressions that are no column of them are junk."""
    columns = raw_columns(replace(block, where=None, from_=local.from_), local)
    targets = list(columns)
    by_expr = {t.expr: t.id for t in columns}
    places: dict[int, int] = {}
    for target in _sorted_by(block):
        if not has_vars(target.expr):
            continue  # a constant sorts nothing, and would be read as an ordinal
        if target.expr not in by_expr:
            by_expr[target.expr] = max(0, *(t.id for t in targets)) + 1
            targets.append(Target(by_expr[target.expr], target.expr, f"s{len(by_expr)}", junk=True))
        places[target.id] = by_expr[target.expr]
    order = tuple(SortKey(places[k.column], k.descending, k.nulls_first) for k in block.order_by if k.column in places)
    distinct: bool | tuple[int, ...] = False
    if isinstance(block.distinct, tuple):
        distinct = tuple(dict.fromkeys(places[i] for i in block.distinct if i in places))
    limit = None if isinstance(block.distinct, tuple) else limit_and_offset(block)
    if isinstance(block.distinct, tuple) and not distinct:
        distinct, limit = False, Const(INT8, 1)  # one group: its first row
    return Block(
        targets=tuple(targets),
        from_=local.from_,
        where=block.where,
        distinct=distinct,
        order_by=order,
        limit=limit,
    )


def limit_and_offset(block: Block) -> Expr | None:
    """LIMIT + OFFSET; a NULL of either is no limit."""
    limit, offset = block.limit, block.offset
    if offset is None or limit is None:
        return limit
    k, skipped = constant_of(limit), constant_of(offset)
    if skipped is not None and skipped.value in (None, 0):
        return limit
    if k is None or skipped is None:
        return operator("+", limit, offset)
    if not isinstance(k.value, int) or not isinstance(skipped.value, int):
        return None
    return Const(INT8, min(k.value + skipped.value, _LIMIT_MAX))


def constant_of(expr: Expr) -> Const | None:
    """The integer constant that the expression is, conversions taken off."""
    while isinstance(expr, Coerce) and expr.type.oid in (20, 21, 23):
        expr = expr.arg
    return expr if isinstance(expr, Const) else None
