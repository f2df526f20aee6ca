"""What one aggregating block asks of nodes: one exchange, or several whose rows are put one below the other.

Contract: every branch gives all of the block's keys, so that each has a row of every group, and columns of its own, which are NULL
in the rows of the others. Aggregates that pass over NULLs see their own branch's rows only; the others are told them by `tag`.
A grouped branch groups by the block's keys and its own; a sorted one gives the first row of each group of the block. Columns are
numbered over all branches; keys have to be asked for before partial aggregates.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fedgate.planner.calls import INT4, INT8, equals
from fedgate.planner.exchange import Split, reference
from fedgate.planner.locality import Local
from fedgate.planner.plan import ExchangeKind
from fedgate.planner.reach import sendable
from fedgate.planner.treetools import carried
from fedgate.sql.tree import (
    RECORD,
    Aggref,
    Block,
    Const,
    Derived,
    Expr,
    FromItem,
    GroupRef,
    Query,
    SetOp,
    SortBy,
    SortKey,
    Target,
    Var,
)


class DeclinedError(Exception):
    """Why a block is not taken apart; never leaves the rule."""


@dataclass(slots=True)
class Branch:
    """`what` tells branches apart. `order` is of a sorted branch: what comes first is the row of a group. What is computed
    `apart` is sent otherwise by engines that cannot compute it, and must not take other aggregates with it.
    """

    number: int
    what: object
    order: tuple[SortBy, ...] | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class _Column:
    """`branch` None: all have it."""

    expr: Expr
    branch: Branch | None

    @property
    def key(self) -> bool:
        return not isinstance(self.expr, Aggref)

    def of(self, branch: Branch) -> bool:
        return self.branch is None or self.branch is branch


@dataclass(slots=True)
class Branches:
    """Gathers columns while a block is rewritten, then makes the exchanges and what reads them."""

    local: Local
    split: Split
    where: Expr | None
    rel: int
    columns: list[_Column] = field(default_factory=list)
    all: list[Branch] = field(default_factory=list)
    tagged: bool = False

    def branch(self, what: object, order: tuple[SortBy, ...] | None = None, *, apart: bool = False) -> Branch:
        for branch in self.all:
            if branch.what == what:
                return branch
        self.all.append(Branch(len(self.all), what, order, apart))
        return self.all[-1]

    @property
    def keys(self) -> list[Expr]:
        """The block's own keys."""
        return [c.expr for c in self.columns if c.branch is None]

    def key(self, expr: Expr, branch: Branch | None = None) -> Var:
        """The column of a key, of one branch or of the block. Raises DeclinedError."""
        if not sendable(expr, self.local.rels):
            raise DeclinedError("a key holds what only the gateway evaluates")
        if not carried(expr.type) or expr.type.oid == RECORD.oid:
            raise DeclinedError(f"a key is of type {expr.type}")
        return self._column(expr, branch)

    def partial(self, node: Aggref, branch: Branch) -> Var:
        """The column of a partial aggregate. Raises DeclinedError."""
        if not carried(node.type):
            raise DeclinedError(f"{node.name} gives type {node.type}")
        return self._column(node, branch)

    def _column(self, expr: Expr, branch: Branch | None) -> Var:
        for place, column in enumerate(self.columns, 1):
            if column.expr == expr and (column.branch is None or column.branch is branch):
                return Var(self.rel, place, expr.type)
        self.columns.append(_Column(expr, branch))
        return Var(self.rel, len(self.columns), expr.type)

    def keys_of(self, branch: Branch) -> list[Var]:
        """All key columns of a branch."""
        return [Var(self.rel, i, c.expr.type) for i, c in enumerate(self.columns, 1) if c.key and c.of(branch)]

    def tag(self, branch: Branch) -> Expr | None:
        """What is true for the branch's rows only; None while it is the only one. To be asked for when all columns are known."""
        if len(self.all) == 1:
            return None
        self.tagged = True
        return equals(Var(self.rel, len(self.columns) + 1, INT4), Const(INT4, branch.number))

    # ------------------------------------------------------------------------------------------------ what is made

    def from_(self) -> FromItem:
        """Makes the exchanges, and gives the item of the final query that has every column, and the tag if it was asked for."""
        if len(self.all) == 1:
            return self._reference(self.all[0], self.rel)
        sides: list[Query] = [self._side(branch) for branch in self.all]
        union = sides[0]
        for side in sides[1:]:
            union = SetOp("union", True, union, side, sides[0].columns)
        return Derived(self.rel, union)

    def _side(self, branch: Branch) -> Block:
        rel = self.split.ids.rel()
        values = [Var(rel, i, c.expr.type) if c.of(branch) else Const(c.expr.type, None) for i, c in enumerate(self.columns, 1)]
        targets = [Target(i, value, self._name(i)) for i, value in enumerate(values, 1)]
        if self.tagged:
            targets.append(Target(len(targets) + 1, Const(INT4, branch.number), "branch"))
        return Block(targets=tuple(targets), from_=(self._reference(branch, rel),))

    def _reference(self, branch: Branch, rel: int) -> FromItem:
        block = self._grouped(branch) if branch.order is None else self._sorted(branch, branch.order)
        kind: ExchangeKind = "aggregate" if branch.order is None else "top"
        return reference(self.split.exchange(kind, block, self.local.sharded, self.local.prune), rel)

    def _name(self, place: int) -> str:
        keys = [i for i, c in enumerate(self.columns, 1) if c.key]
        return f"g{keys.index(place)}" if place in keys else f"p{place - 1 - sum(k < place for k in keys)}"

    def _grouped(self, branch: Branch) -> Block:
        mine = [(i, c) for i, c in enumerate(self.columns, 1) if c.of(branch)]
        keys = [c.expr for _, c in mine if c.key]
        targets = tuple(Target(i, GroupRef(keys.index(c.expr), c.expr.type) if c.key else c.expr, self._name(i)) for i, c in mine)
        return Block(targets=targets, from_=self.local.from_, where=self.where, group_by=tuple(keys), grouped=True)

    def _sorted(self, branch: Branch, order: tuple[SortBy, ...]) -> Block:
        mine = [(i, c) for i, c in enumerate(self.columns, 1) if c.of(branch)]
        groups = tuple(i for i, c in mine if c.branch is None)
        places = {c.expr: i for i, c in mine}
        sort = tuple(SortKey(places[s.expr], s.descending, s.nulls_first) for s in order)
        return Block(
            targets=tuple(Target(i, c.expr, self._name(i)) for i, c in mine),
            from_=self.local.from_,
            where=self.where,
            distinct=groups or False,
            order_by=(*(SortKey(i, False, False) for i in groups), *sort),
            limit=None if groups else Const(INT8, 1),
        )
