"""Which conjuncts of a block may be applied to the rows of one of its relations before the joins.

Contract: `reachable` follows outer joins (a predicate never reaches their nullable side from outside, nor their preserved side
from their ON) and gives every conjunct with its place, so that `without` can take it out where it was written once it is
applied below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from fedgate.planner.treetools import TRUE, has_aggregate, has_set_returning, has_sublink, has_window
from fedgate.sql.properties import can_fail, is_volatile
from fedgate.sql.tree import Block, Const, Expr, FromItem, Join, conjunction, conjuncts, ids_of, own_rels

Path: TypeAlias = tuple[int, ...]
Place: TypeAlias = tuple[Path | None, int]  # None: WHERE, else the join's path; the conjunct's number


@dataclass(frozen=True, slots=True)
class Applied:
    """A conjunct and where it stands."""

    expr: Expr
    place: Place


def placed(predicate: Expr | None, path: Path | None) -> tuple[Applied, ...]:
    return tuple(Applied(expr, (path, i)) for i, expr in enumerate(conjuncts(predicate)))


def reachable(block: Block) -> dict[int, tuple[Applied, ...]]:
    """For each relation of FROM: the conjuncts that may filter its rows before any join, in the order written.

    Only conjuncts are given whose Vars of this block are all of that relation (or that have none).
    """
    own = own_rels(block)
    found: dict[int, tuple[Applied, ...]] = {}

    def visit(item: FromItem, path: Path, above: tuple[Applied, ...]) -> None:
        if not isinstance(item, Join):
            found[item.rel] = tuple(a for a in above if ids_of(a.expr) & own <= {item.rel})
            return
        on = placed(item.on, path)
        left = above if item.kind in ("inner", "left") else ()
        right = above if item.kind in ("inner", "right") else ()
        visit(item.left, (*path, 0), (*on, *left) if item.kind in ("inner", "right") else left)
        visit(item.right, (*path, 1), (*on, *right) if item.kind in ("inner", "left") else right)

    where = placed(block.where, None)
    for i, item in enumerate(block.from_):
        visit(item, (i,), where)
    return found


def pushable(applied: Iterable[Applied], allowed: frozenset[int]) -> tuple[Applied, ...]:
    """Those that a node may evaluate: free of subqueries, volatile and set-returning calls, and of relations not in `allowed`.

    A predicate that can fail stays behind when one before it in its clause stays behind.
    """
    kept: list[Applied] = []
    held: set[Path | None] = set()
    for a in applied:
        clause = a.place[0]
        if not sendable(a.expr, allowed) or (clause in held and can_fail(a.expr)):
            held.add(clause)
        else:
            kept.append(a)
    return tuple(kept)


def sendable(expr: Expr, allowed: frozenset[int]) -> bool:
    """Whether an expression over rows of `allowed` is free of everything that only the gateway may evaluate."""
    return (
        not has_sublink(expr)
        and not has_aggregate(expr)
        and not has_window(expr)
        and not has_set_returning(expr)
        and ids_of(expr) <= allowed
        and not is_volatile(expr)
    )


def without(block: Block, places: Iterable[Place]) -> Block:
    """The block without the conjuncts at those places."""
    gone = set(places)
    if not gone:
        return block

    def keep(predicate: Expr | None, path: Path | None) -> Expr | None:
        return conjunction(tuple(a.expr for a in placed(predicate, path) if a.place not in gone))

    def visit(item: FromItem, path: Path) -> FromItem:
        if not isinstance(item, Join):
            return item
        on = keep(item.on, path)
        if on is None and item.kind != "inner":
            on = TRUE
        return replace(item, left=visit(item.left, (*path, 0)), right=visit(item.right, (*path, 1)), on=on)

    items = tuple(visit(item, (i,)) for i, item in enumerate(block.from_))
    return replace(block, from_=items, where=keep(block.where, None))


def is_never(expr: Expr) -> bool:
    """FALSE or NULL: no row passes."""
    return isinstance(expr, Const) and expr.value in (False, None)
