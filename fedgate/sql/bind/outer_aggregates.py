"""Aggregates that stand in a subquery and belong to a query around it.

Where such a call stands there is a Var of a relation that the outer level keeps for them. When the outer block is done it is
split in two: a grouped one in FROM that gives its keys and aggregates, and one around it that has the rest. So no query of the tree
holds an aggregate of another's.

Source: https://www.postgresql.org/docs/15/sql-expressions.html#SYNTAX-AGGREGATES
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

from fedgate.sql.bind.state import State
from fedgate.sql.bind.targets import same
from fedgate.sql.tree import (
    Aggref,
    Block,
    Derived,
    Expr,
    FuncExpr,
    GroupingFunc,
    GroupRef,
    SubLink,
    Target,
    Var,
    map_children,
    transform,
)


@dataclass(slots=True)
class OuterAggregates:
    """The relation of one level's aggregates, and which of them is its column of an id."""

    rel: int
    calls: dict[int, Expr] = field(default_factory=dict)


def of_outer(home: State, call: Aggref | FuncExpr) -> Var:
    """What stands in a subquery for an aggregate (or a GROUPING that is still to be resolved) of `home`."""
    if home.outer_aggregates is None:
        home.outer_aggregates = OuterAggregates(home.new_rel())
    found = home.outer_aggregates
    return Var(found.rel, _number(home, found.calls, call), call.type, pos=call.pos)


def _number(home: State, calls: dict[int, Expr], call: Expr) -> int:
    for number, known in calls.items():
        if same(known, call):
            return number
    number = home.binder.new_id()
    calls[number] = call
    return number


def split(state: State, block: Block) -> Block:
    """A grouped block with its aggregates below it, where a subquery reads one of them."""
    found = state.outer_aggregates
    if found is None:
        return block
    keys = [state.binder.new_id() for _ in block.group_by]
    above = _Above(state, found, block, keys)
    targets = tuple(replace(t, expr=above(t.expr)) for t in block.targets)
    where = above(block.having) if block.having is not None else None
    given = [*zip(keys, block.group_by, strict=True)]
    shown = [Target(number, GroupRef(i, key.type), "") for i, (number, key) in enumerate(given)]
    shown += [Target(number, call, "") for number, call in found.calls.items()]
    inner = replace(
        block, targets=tuple(shown), having=None, distinct=False, order_by=(), limit=None, offset=None, with_ties=False, ctes=()
    )
    return replace(
        block,
        targets=targets,
        from_=(Derived(found.rel, inner),),
        where=where,
        group_by=(),
        grouping_sets=None,
        grouped=False,
        having=None,
    )


class _Above:
    """Rewrites the expressions of a grouped block over the columns of the block below."""

    def __init__(self, state: State, found: OuterAggregates, block: Block, keys: list[int]) -> None:
        self.state = state
        self.found = found
        self.block = block
        self.keys = keys

    def __call__(self, expr: Expr) -> Expr:
        if isinstance(expr, GroupRef):
            return Var(self.found.rel, self.keys[expr.index], expr.type, pos=expr.pos)
        if isinstance(expr, Aggref | GroupingFunc):
            return Var(self.found.rel, _number(self.state, self.found.calls, expr), expr.type, pos=expr.pos)
        if isinstance(expr, SubLink):
            expr = replace(expr, query=transform(expr.query, self._in_query, into_queries=True))
        return cast(Expr, map_children(expr, self))

    def _in_query(self, node: Any) -> Any:
        """Columns of the block that a subquery reads are keys."""
        if isinstance(node, Var) and node.rel != self.found.rel and self.state.binder.owners.get(node.rel) is self.state:
            number = next(n for n, key in zip(self.keys, self.block.group_by, strict=True) if same(key, node))
            return Var(self.found.rel, number, node.type, pos=node.pos)
        return node
