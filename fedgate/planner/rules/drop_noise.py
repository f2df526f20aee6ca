"""drop_noise: conjuncts that are constant go, or make the whole clause FALSE.

Precondition: none. TRUE conjuncts of WHERE, HAVING and ON say nothing; with a FALSE or NULL one no row passes, and the clause
is that one alone (the block keeps its schema, a scalar aggregate its row). `1 = 1` and the like, which tools write, are folded
first. With LIMIT 0 no row is wanted either, as tools ask that only want to know the columns. Where no row passes, nothing below is
read: derived tables get the same FALSE.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fedgate.planner.domains import FLIPPED, comparable, comparison, ordered
from fedgate.planner.exchange import Split
from fedgate.planner.reach import is_never
from fedgate.planner.treetools import FALSE, TRUE
from fedgate.sql.tree import (
    Block,
    BoolExpr,
    Coerce,
    Const,
    Derived,
    Expr,
    Join,
    OpExpr,
    Query,
    SetOp,
    SubLink,
    Values,
    conjunction,
    conjuncts,
    transform,
)
from fedgate.types.values import Value

NAME = "drop_noise"


def drop_noise(query: Query, split: Split) -> Query:
    """All clauses without constant conjuncts."""
    folded = 0

    def clean(predicate: Expr | None) -> Expr | None:
        nonlocal folded
        if predicate is None:
            return None
        parts = tuple(map(_fold, conjuncts(predicate)))
        kept = tuple(p for p in parts if p != TRUE)
        if any(is_never(p) for p in kept):
            kept = (FALSE,)
        folded += kept != parts
        return conjunction(kept) if kept != conjuncts(predicate) else predicate

    def visit(node: object) -> object:
        if isinstance(node, Block):
            node = replace(node, where=clean(node.where), having=clean(node.having))
        if isinstance(node, (Block, SetOp, Values)):
            node = _limits(node)
            return _emptied(node) if _is(node.limit, 0) or (isinstance(node, Block) and node.where == FALSE) else node
        if isinstance(node, Join) and node.on is not None:
            on = clean(node.on)
            return replace(node, on=TRUE if on is None and node.kind != "inner" else on)
        return node

    cleaned: Query = transform(query, visit, into_queries=True)
    if cleaned == query:
        return query
    if folded:
        split.fired(NAME, "constant conjuncts")
    return cleaned


def _limits(query: Query) -> Query:
    """LIMIT NULL (which LIMIT ALL is), OFFSET NULL and OFFSET 0 are none."""
    limit = None if _is(query.limit, None) else query.limit
    offset = None if _is(query.offset, None, 0) else query.offset
    return replace(query, limit=limit, offset=offset) if (limit, offset) != (query.limit, query.offset) else query


def _emptied(query: Query) -> Query:
    """A query none of whose rows is wanted: nothing below it has to be read. What gives one row of no rows still does."""
    if isinstance(query, SetOp):
        return replace(query, left=_emptied(query.left), right=_emptied(query.right))
    if not isinstance(query, Block):
        return query

    def visit(node: Any) -> Any:
        return replace(node, query=_emptied(node.query)) if isinstance(node, (Derived, SubLink)) else node

    items = tuple(transform(item, visit) for item in query.from_)
    if query.grouped:
        return replace(query, from_=items, where=FALSE)
    return replace(query, targets=tuple(transform(t, visit) for t in query.targets), from_=items, where=FALSE)


def _is(expr: Expr | None, *values: Value) -> bool:
    while isinstance(expr, Coerce):
        expr = expr.arg
    return isinstance(expr, Const) and expr.value in values


def _fold(part: Expr) -> Expr:
    """TRUE or FALSE for a comparison of constants, NOT of one; the part itself otherwise."""
    if isinstance(part, BoolExpr) and part.op == "not":
        inner = _fold(part.args[0])
        return {TRUE: FALSE, FALSE: TRUE}.get(inner, part) if isinstance(inner, Const) else part
    if not (isinstance(part, OpExpr) and len(part.args) == 2 and part.name in FLIPPED and comparable(*part.arg_types)):
        return part
    left, right = part.args
    if not (isinstance(left, Const) and isinstance(right, Const)) or left.value is None or right.value is None:
        return part
    if not ordered(left.value) or not ordered(right.value):
        return part
    if part.name == "<>":
        return TRUE if left.value != right.value else FALSE
    domain = comparison(part.name, right.value)
    return part if domain is None else TRUE if domain.admits(left.value) else FALSE
