"""reduce_outer_joins: an outer join whose NULL-extended rows the WHERE throws away is an inner join.

Precondition: a conjunct of WHERE, or of the ON of an inner join above, can never be TRUE when all columns of the nullable side
are NULL: it is strict in one of them. LEFT and RIGHT become inner, FULL becomes the side that is left. Right because the rows
that differ between the joins are just those. Filters then reach the tables on that side.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from fedgate.planner.exchange import Split
from fedgate.planner.treetools import map_blocks
from fedgate.sql.properties import is_strict, is_volatile
from fedgate.sql.tree import (
    Block,
    BooleanTest,
    BoolExpr,
    Expr,
    FromItem,
    Join,
    NullTest,
    OpExpr,
    Query,
    ScalarArrayOp,
    Var,
    conjuncts,
    ids_of,
    leaves,
)

NAME = "reduce_outer_joins"
_Kind = Literal["inner", "left", "right", "full"]


def reduce_outer_joins(query: Query, split: Split) -> Query:
    """Every block with the outer joins that its conditions need only."""
    return map_blocks(query, lambda block: _block(block, split))


def _block(block: Block, split: Split) -> Block:
    items = tuple(_reduce(item, conjuncts(block.where), split) for item in block.from_)
    return block if all(a is b for a, b in zip(items, block.from_, strict=True)) else replace(block, from_=items)


def _reduce(item: FromItem, above: tuple[Expr, ...], split: Split) -> FromItem:
    """The item under conditions that every row of it has to pass afterwards."""
    if not isinstance(item, Join):
        return item
    left_needed = any(_rejects_null(c, _rels(item.left)) for c in above)
    right_needed = any(_rejects_null(c, _rels(item.right)) for c in above)
    kind: _Kind = item.kind
    if kind == "full":
        kind = "inner" if left_needed and right_needed else "left" if left_needed else "right" if right_needed else kind
    elif (kind == "left" and right_needed) or (kind == "right" and left_needed):
        kind = "inner"
    if kind != item.kind:
        split.fired(NAME, f"{item.kind.upper()} is {kind.upper()}")
    on = conjuncts(item.on) if kind in ("inner", "left", "right") else ()
    left = _reduce(item.left, _passing(above, on, kind, preserved="left"), split)
    right = _reduce(item.right, _passing(above, on, kind, preserved="right"), split)
    if left is item.left and right is item.right and kind == item.kind:
        return item
    return replace(item, kind=kind, left=left, right=right)


def _passing(above: tuple[Expr, ...], on: tuple[Expr, ...], kind: _Kind, *, preserved: str) -> tuple[Expr, ...]:
    """Conditions that every row of that side has to pass if it is to be seen: the preserved side need not match ON."""
    if kind == "inner":
        return (*above, *on)
    if kind == "full":
        return ()
    return above if kind == preserved else on


def _rels(item: FromItem) -> frozenset[int]:
    return frozenset(leaf.rel for leaf in leaves((item,)))


def _rejects_null(condition: Expr, rels: frozenset[int]) -> bool:
    """Whether the condition is FALSE or NULL whenever all columns of the relations are NULL."""
    if is_volatile(condition):
        return False
    if isinstance(condition, BoolExpr) and condition.op in ("and", "or"):
        found = [_rejects_null(arg, rels) for arg in condition.args]
        return any(found) if condition.op == "and" else all(found)
    if isinstance(condition, NullTest):
        return condition.negated and _null_with(condition.arg, rels)
    if isinstance(condition, BooleanTest):
        return not condition.negated and condition.test != "unknown" and _null_with(condition.arg, rels)
    if isinstance(condition, ScalarArrayOp):
        return not condition.all and _null_with(condition.left, rels)
    return _null_with(condition, rels)


def _null_with(expr: Expr, rels: frozenset[int]) -> bool:
    """Whether the expression is NULL when all columns of the relations are."""
    if isinstance(expr, Var):
        return expr.rel in rels
    if isinstance(expr, OpExpr):
        # A strict operator: one NULL argument is enough, if that argument is NULL for certain.
        return is_strict(replace(expr, args=tuple(a for a in expr.args if ids_of(a)) or expr.args)) and bool(ids_of(expr) & rels)
    return is_strict(expr) and bool(ids_of(expr) & rels)
