"""Keys of a small side: the prelude that asks for them, and the conditions by which nodes of the large side leave rows out.

Contract: a condition on keys is implied by an equality that stays where it is, so it may admit more than the keys: where they are
too many (`Keys.most`), all between the least and the greatest. If that many are expected, nodes are asked for these two only
(prelude of kind `range`); if they turn out to be so many (kind `keys`), the plan is rewritten when it runs (`with_ranges`). Keys
that are NULL equal nothing, and are not asked for. The small side is asked twice, so it must be one that gives the same rows again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fedgate.planner.aggregates import ORDERLESS
from fedgate.planner.calls import aggregate, operator_oid
from fedgate.planner.exchange import Split
from fedgate.planner.plan import Keys, Plan, Prelude, bounds
from fedgate.planner.treetools import every, foreign_ctes, fresh, has_vars, outer_rels, renumber
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import (
    BOOL,
    Aggref,
    Block,
    BoolExpr,
    BoundQuery,
    Derived,
    Expr,
    FunctionRef,
    GroupRef,
    Leaf,
    NullTest,
    OpExpr,
    Param,
    Query,
    ScalarArrayOp,
    TableRef,
    Target,
    WindowFunc,
    conjunction,
    conjuncts,
    is_query,
    transform,
    walk,
)
from fedgate.types import BY_OID, SqlType

_WITHOUT_MIN = frozenset([16, 1043, 2950])
"""PostgreSQL 15 has no min() of these."""


def ask(small: Leaf, value: Expr, where: Iterable[Expr], rows: float, most: int, split: Split) -> Prelude | str:
    """A new prelude for the distinct values of an expression over a relation's rows, about so many; why not as text.

    More than `most` keys are not sent.
    """
    if isinstance(small, Derived):
        if small.lateral or outer_rels(small.query) or foreign_ctes(small.query) or is_volatile(small.query):
            return f"{label(small)} cannot be asked by itself"
        if not _repeats(small.query):
            return f"{label(small)} chooses among equal rows, and might choose others when asked again"
        copy: Leaf = replace(fresh(small, split.ids), lateral=False)
    elif isinstance(small, TableRef) or (isinstance(small, FunctionRef) and not has_vars(small) and not is_volatile(small)):
        copy = replace(small, rel=split.ids.rel())
    else:
        return f"{label(small)} cannot be asked by itself"
    rels = {small.rel: copy.rel}
    key = renumber(value, rels, {})
    ranged = rows > most and key.type.oid not in _WITHOUT_MIN
    targets = (
        (Target(1, aggregate("min", key), "low"), Target(2, aggregate("max", key), "high")) if ranged else (Target(1, key, "key"),)
    )
    parts = (*(renumber(part, rels, {}) for part in where), NullTest(key, True))
    query = Block(targets, (copy,), conjunction(parts), grouped=ranged, distinct=not ranged)
    type_ = targets[0].expr.type if ranged else SqlType(value.type.pg.array_oid, value.type.typmod)
    plan = split.sub_plan(BoundQuery(query, split.parameters, split.ids.next_id))
    made = Prelude(
        split.ids.name("k"), "range" if ranged else "keys", plan, type_, keys=Keys(label(small), max(round(rows), 1), most)
    )
    split.preludes.append(made)
    return made


def among(large: Expr, equality: OpExpr, keys: Prelude) -> tuple[Expr, ...]:
    """The conditions that rows have one of the keys, or lie between them. `large` is one side of the equality."""
    at = 0 if equality.args[0] == large else 1
    mine, theirs = equality.arg_types[at], equality.arg_types[1 - at]
    if keys.kind == "range":
        return _between(large, mine, keys.name, keys.type, theirs)
    array = Param(keys.name, keys.type)
    return (ScalarArrayOp("=", large, array, (mine, keys.type.oid), False, operator_oid("=", mine, theirs)),)


def with_ranges(plan: Plan, names: frozenset[str]) -> Plan:
    """The plan with the ranges of the keys of that name instead of the keys themselves."""

    def read(node: Any) -> bool:
        return isinstance(node, ScalarArrayOp) and isinstance(node.right, Param) and node.right.name in names

    def swap(node: Any) -> Any:
        if not read(node):
            return node
        element = BY_OID[node.arg_types[1]].element_oid
        type_ = SqlType(element, node.right.type.typmod)
        return BoolExpr("and", _between(node.left, node.arg_types[0], node.right.name, type_, element))

    def ranged(exchange: Any) -> Any:
        if not any(read(node) for node in walk(exchange.block, into_queries=True)):
            return exchange
        prune = tuple(bound for part in exchange.prune for bound in conjuncts(swap(part)))
        return replace(exchange, block=transform(exchange.block, swap, into_queries=True), prune=prune)

    return replace(plan, exchanges=tuple(map(ranged, plan.exchanges)), final=transform(plan.final, swap, into_queries=True))


def label(leaf: Leaf) -> str:
    """What people call a relation."""
    if isinstance(leaf, TableRef):
        return leaf.table.name
    return leaf.alias or "a derived table" if isinstance(leaf, (Derived, FunctionRef)) else "a relation"


def _between(large: Expr, mine: int, name: str, type_: SqlType, theirs: int) -> tuple[Expr, ...]:
    low, high = (Param(bound, type_) for bound in bounds(name))
    return tuple(
        OpExpr(op, (large, bound), (mine, theirs), BOOL, operator_oid(op, mine, theirs))
        for op, bound in ((">=", low), ("<=", high))
    )


def _repeats(query: Query) -> bool:
    """Whether the query gives the same rows when it is asked twice: nothing in it is chosen among equals."""
    return all(_chooses_nothing(n) for n in every(query) if is_query(n)) and not any(
        isinstance(n, WindowFunc) or (isinstance(n, Aggref) and n.name not in ORDERLESS) for n in every(query)
    )


def _chooses_nothing(query: Query) -> bool:
    if query.limit is None and query.offset is None:
        return not isinstance(query, Block) or not isinstance(query.distinct, tuple)
    if not isinstance(query, Block) or not query.group_by or query.grouping_sets is not None or query.distinct:
        return False
    order = {k.column for k in query.order_by}
    sorted_by = [t.expr for t in query.targets if t.id in order]
    return all(GroupRef(i, key.type) in sorted_by for i, key in enumerate(query.group_by))
