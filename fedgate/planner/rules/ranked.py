"""ranked: rows that are chosen by their rank in a group, or by LIMIT for each key, are chosen at the nodes first.

Precondition: FROM and WHERE are local. Nodes number their rows within groups by window functions, and send those whose number
does not rule them out; the gateway runs the same block over these. There are three shapes:

* a derived table with `row_number()`, `rank()` or `dense_rank()` that the block around it bounds from above (`rn = 1`, `rn <= n`).
  All windows of the table partition and sort alike, and are ranks or first values: what is before a row of rank n has no higher
  rank, and comes too. Right because a row's rank in its shard is never higher than its rank among all.
* SELECT DISTINCT of partition keys and of first (last) values of partitions: of each partition the first row in each order is
  enough.
* a correlated subquery, lateral or scalar, with LIMIT, that is correlated by equalities only (`r.device = d.device ORDER BY r.ts
  DESC LIMIT 1`): whatever the outer row is, it sees rows of one group of these keys, and of them the first k + offset are enough.

Rows that tie stand in any order, in PostgreSQL as here. OFFSET is never sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fedgate.planner.calls import INT4, INT8, operator
from fedgate.planner.correlation import correlation
from fedgate.planner.exchange import Split
from fedgate.planner.locality import Local, local_block, whole
from fedgate.planner.reach import reachable, sendable
from fedgate.planner.rules.join_local import over_exchange, raw_columns
from fedgate.planner.rules.top import constant_of, limit_and_offset
from fedgate.planner.treetools import carried, has_set_returning, has_sublink, has_vars, has_window, map_blocks, map_leaves, own
from fedgate.sql.tables import functions
from fedgate.sql.tree import (
    ArrayExpr,
    Block,
    BoolExpr,
    Const,
    Derived,
    Expr,
    FromItem,
    Leaf,
    NullTest,
    OpExpr,
    Query,
    ScalarArrayOp,
    SortBy,
    SortKey,
    Target,
    Var,
    WindowFunc,
    conjunction,
    ids_of,
    leaves,
    own_rels,
    transform,
)

NAME = "ranked"
_RANKS = frozenset(["row_number", "rank", "dense_rank"])
_FLIPPED = {"=": "=", ">": "<", ">=": "<="}
_LIST_MAX = 20


@dataclass(frozen=True, slots=True)
class _Rank:
    """Rows whose `call` is `op` (`<=` or `<`) any of `bounds` may be wanted; all are where a bound is NULL that is a LIMIT."""

    call: WindowFunc
    op: str
    bounds: tuple[Expr, ...]
    is_limit: bool = False


def ranked(query: Query, split: Split) -> Query:
    """Every block of these shapes over an exchange of rows that are first in their groups."""
    return map_blocks(query, lambda block: _correlated(_first_values(_chosen(block, split), split), split))


# ------------------------------------------------------------------------------------------------ rank <= n


def _chosen(block: Block, split: Split) -> Block:
    """The block with derived tables of which it wants the first ranks reduced so."""
    inside = {leaf.rel: leaf.query for leaf in leaves(block.from_) if isinstance(leaf, Derived) and not leaf.lateral}
    if not inside or isinstance(whole(block, split), Local):  # windows and what is chosen by them are the nodes' own affair
        return block
    changed: dict[int, Query] = {}
    for rel, applied in reachable(block).items():
        query = inside.get(rel)
        if not isinstance(query, Block) or not any(has_window(t.expr) for t in query.targets):
            continue
        calls = {t.id: t.expr for t in query.targets if isinstance(t.expr, WindowFunc)}
        rank = next((r for a in applied if (r := _bound(a.expr, rel, calls)) is not None), None)
        if rank is None:
            continue
        reduced = _reduced(query, (rank,), split) if _keeps(query, rank.call) else None
        if reduced is not None:
            changed[rel] = reduced

    def swap(leaf: Leaf) -> FromItem:
        return replace(leaf, query=changed[leaf.rel]) if isinstance(leaf, Derived) and leaf.rel in changed else leaf

    return replace(block, from_=tuple(map_leaves(item, swap) for item in block.from_)) if changed else block


def _bound(part: Expr, rel: int, calls: dict[int, WindowFunc]) -> _Rank | None:
    """The rank that a condition bounds from above."""
    if isinstance(part, ScalarArrayOp) and part.name == "=" and not part.all and isinstance(part.right, ArrayExpr):
        return _of(part.left, "=", part.right.elements, rel, calls) if len(part.right.elements) <= _LIST_MAX else None
    if not isinstance(part, OpExpr) or len(part.args) != 2:
        return None
    left, right = part.args
    if part.name in ("=", "<", "<=") and (found := _of(left, part.name, (right,), rel, calls)) is not None:
        return found
    return _of(right, _FLIPPED[part.name], (left,), rel, calls) if part.name in _FLIPPED else None


def _of(column: Expr, op: str, bounds: tuple[Expr, ...], rel: int, calls: dict[int, WindowFunc]) -> _Rank | None:
    if not isinstance(column, Var) or column.rel != rel or column.col not in calls:
        return None
    call = calls[column.col]
    fits = all(e.type in (INT4, INT8) and sendable(e, frozenset()) for e in bounds)
    return _Rank(call, "<" if op == "<" else "<=", bounds) if call.name in _RANKS and fits and bounds else None


def _keeps(block: Block, by: WindowFunc) -> bool:
    """Whether every window of the block says the same of the rows of low rank when the others are gone."""
    windows = [n for t in block.targets for n in own(t.expr) if isinstance(n, WindowFunc)]
    return all(
        (w.partition_by, w.order_by) == (by.partition_by, by.order_by)
        and not w.aggregate
        and (w.name in _RANKS or (w.name == "first_value" and w.frame is None))
        for w in windows
    )


# ------------------------------------------------------------------------------------------------ first values


def _first_values(block: Block, split: Split) -> Block:
    """SELECT DISTINCT of what is the same in all rows of a partition, made of the first rows of each partition."""
    windows = list(dict.fromkeys(n for t in block.targets for n in own(t.expr) if isinstance(n, WindowFunc)))
    if block.distinct is not True or not windows:
        return block
    keys = windows[0].partition_by
    orders = [_first_of(w) for w in windows]
    if any(w.partition_by != keys for w in windows) or any(has_sublink(t.expr) for t in block.targets):
        return block

    def same(node: Any) -> Any:
        return Const(node.type, None) if isinstance(node, WindowFunc) or node in keys else node

    if None in orders or any(has_vars(transform(t.expr, same)) for t in block.targets):
        return block
    numbers = [_row_number(keys, order) for order in dict.fromkeys(orders) if order is not None]
    ranks = tuple(_Rank(call, "<=", (Const(INT8, 1),)) for call in numbers)
    reduced = _reduced(replace(block, distinct=False, limit=None, offset=None), ranks, split)
    if reduced is None:
        return block
    return replace(reduced, distinct=True, limit=block.limit, offset=block.offset)


def _first_of(call: WindowFunc) -> tuple[SortBy, ...] | None:
    """The order whose first row gives the call's value for all rows of a partition."""
    frame = call.frame
    if call.name == "first_value" and not call.aggregate:
        whole = frame is None or (frame.start == "unbounded_preceding" and frame.end in ("current_row", "unbounded_following"))
        return call.order_by if whole and (frame is None or not frame.exclude) else None
    if call.name == "last_value" and not call.aggregate and frame is not None and not frame.exclude:
        whole = frame.end == "unbounded_following" and frame.start in ("unbounded_preceding", "current_row")
        return tuple(SortBy(s.expr, not s.descending, not s.nulls_first) for s in call.order_by) if whole else None
    return None


# ------------------------------------------------------------------------------------------------ LIMIT for each key


def _correlated(block: Block, split: Split) -> Block:
    """A subquery with LIMIT that outer rows look into by keys, over the first rows of each key."""
    if block.limit is None or block.where is None or ids_of(block.where) <= own_rels(block):
        return block
    if block.with_ties or block.distinct or any(has_window(t.expr) for t in block.targets):
        return block
    limit = limit_and_offset(block)
    if limit is None or _is_no_limit(limit) or not sendable(limit, frozenset()) or limit.type != INT8:
        return block
    found = correlation(block)
    if found is None:
        split.declined(NAME, "a subquery with LIMIT is correlated by more than equalities")
        return block
    targets = {t.id: t.expr for t in block.targets}
    order = tuple(SortBy(targets[k.column], k.descending, k.nulls_first) for k in block.order_by if has_vars(targets[k.column]))
    rank = _Rank(_row_number(found.keys, order), "<=", (limit,), is_limit=True)
    bare = replace(block, where=found.inside, limit=None, offset=None)
    reduced = _reduced(bare, (rank,), split, kept=conjunction(found.links))
    return block if reduced is None else replace(reduced, limit=block.limit, offset=block.offset)


def _is_no_limit(limit: Expr) -> bool:
    constant = constant_of(limit)
    return constant is not None and constant.value is None


# ------------------------------------------------------------------------------------------------ the exchange


def _row_number(keys: tuple[Expr, ...], order: tuple[SortBy, ...]) -> WindowFunc:
    (row,) = functions("row_number")
    return WindowFunc(row.name, (), (), INT8, row.oid, keys, order, None)


def _reduced(block: Block, ranks: tuple[_Rank, ...], split: Split, kept: Expr | None = None) -> Block | None:
    """The block over an exchange of the rows that any of the ranks keeps; `kept` is a condition that stays above."""
    if block.grouped or block.distinct or block.limit is not None or block.offset is not None or block.ctes:
        return None
    local = local_block(block, NAME, split)
    if local is None:
        return None
    ranks = tuple(replace(rank, call=_without_constants(rank.call)) for rank in ranks)
    reason = _reason(block, ranks, local)
    if reason is not None:
        split.declined(NAME, f"{local.label}: {reason}")
        return None
    rest = replace(block, where=kept)
    columns = raw_columns(rest, local)
    if not all(carried(t.expr.type) for t in columns):
        split.declined(NAME, f"{local.label}: a column cannot travel")
        return None
    split.fired(NAME, f"{local.label}: first rows of each group of each shard")
    only = ranks[0] if len(ranks) == 1 and len(ranks[0].bounds) == 1 and ranks[0].call.name == "row_number" else None
    rows = Block(targets=columns, from_=local.from_, where=block.where)
    most = None if only is None or only.op == "<" else _count(only.bounds[0])
    if only is not None and most is not None and not only.call.partition_by:
        node = _sorted(rows, (), only.call.order_by, limit=Const(INT8, most))
    elif only is not None and most == 1:
        node = _sorted(rows, only.call.partition_by, only.call.order_by)
    else:
        node = _numbered(rows, ranks, split)
    return over_exchange(rest, node, "top", local, split, columns)


def _count(bound: Expr) -> int | None:
    """The constant number of rows that it is."""
    constant = constant_of(bound)
    return constant.value if constant is not None and isinstance(constant.value, int) and constant.value >= 0 else None


def _sorted(rows: Block, groups: tuple[Expr, ...], order: tuple[SortBy, ...], limit: Expr | None = None) -> Block:
    """The first row of each group, or the first rows of all."""
    targets = list(rows.targets)
    places = {t.expr: t.id for t in targets}

    def place(expr: Expr) -> int:
        if expr not in places:
            places[expr] = max(t.id for t in targets) + 1
            targets.append(Target(places[expr], expr, f"s{places[expr]}", junk=True))
        return places[expr]

    on = tuple(dict.fromkeys(place(e) for e in groups))
    keys = [SortKey(place(s.expr), s.descending, s.nulls_first) for s in order]
    sort = (*(SortKey(i, False, False) for i in on), *(k for k in keys if k.column not in on))
    return replace(rows, targets=tuple(targets), distinct=on or False, order_by=sort, limit=limit)


def _numbered(rows: Block, ranks: tuple[_Rank, ...], split: Split) -> Block:
    """The rows that any of the ranks keeps, numbered in a derived table."""
    rel = split.ids.rel()
    first = max(t.id for t in rows.targets) + 1
    numbers = tuple(Target(first + i, rank.call, f"n{i}" if i else "n") for i, rank in enumerate(ranks))
    conditions = tuple(c for number, rank in zip(numbers, ranks, strict=True) for c in _conditions(Var(rel, number.id, INT8), rank))
    return Block(
        targets=tuple(replace(t, expr=Var(rel, t.id, t.expr.type)) for t in rows.targets),
        from_=(Derived(rel, replace(rows, targets=(*rows.targets, *numbers)), alias="numbered"),),
        where=conditions[0] if len(conditions) == 1 else BoolExpr("or", conditions),
    )


def _without_constants(call: WindowFunc) -> WindowFunc:
    """Constants neither part rows nor sort them."""
    groups = tuple(key for key in call.partition_by if has_vars(key))
    return replace(call, partition_by=groups, order_by=tuple(s for s in call.order_by if has_vars(s.expr)))


def _conditions(number: Var, rank: _Rank) -> Iterator[Expr]:
    for bound in rank.bounds:
        yield operator(rank.op, number, bound)
        if rank.is_limit and constant_of(bound) is None:
            yield NullTest(bound, False)


def _reason(block: Block, ranks: tuple[_Rank, ...], local: Local) -> str | None:
    if any(has_set_returning(t.expr) for t in block.targets):
        return "a set-returning call in the select list"
    for rank in ranks:
        for expr in (*rank.call.partition_by, *(s.expr for s in rank.call.order_by)):
            if not sendable(expr, local.rels):
                return "it ranks by what only the gateway evaluates"
    return None
