"""Set-returning functions in the select list, where one SELECT does not say when PostgreSQL calls them.

* A call within another call's arguments is made one level below it: the calls of a level run side by side.
* After ORDER BY (and the DISTINCT that goes with it), unless a key of either needs the values; LIMIT always counts the rows made.

Both become derived tables: the rows as they are before, then each level's calls over the one below.

Source: https://www.postgresql.org/docs/15/sql-select.html#SQL-SELECT-LIST and xfunc-sql.html#XFUNC-SQL-FUNCTIONS-RETURNING-SET
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.coerce import expr_returns_set
from fedgate.sql.bind.state import State
from fedgate.sql.bind.targets import same
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import (
    INT4,
    Aggref,
    Block,
    Const,
    Derived,
    Expr,
    FuncExpr,
    GroupingFunc,
    GroupRef,
    Param,
    RowExpr,
    SubLink,
    Target,
    Var,
    WindowFunc,
    map_children,
    walk,
)

_WHOLE = (Var, Aggref, WindowFunc, GroupRef, GroupingFunc, SubLink)


def called_in_turn(state: State, block: Block, *, keyed: bool) -> Block:
    """The block with its set-returning calls where they are made. `keyed`: one of them is a key of GROUP BY."""
    sets = [target for target in block.targets if expr_returns_set(target.expr)]
    if not sets:
        return block
    height = max(_height(target.expr) for target in sets)
    last = bool(block.order_by) and not keyed and not _sorted(block)
    if height == 1 and (not last or any(target.expr.type.oid == t.RECORD for target in _keys(block))):
        return block
    below = _Below(state)
    targets = tuple(replace(target, expr=below(target.expr)) for target in block.targets if not (last and target.junk))
    if last and block.with_ties:
        targets += tuple(replace(target, expr=below(target.expr)) for target in block.targets if target.junk)
    rows = replace(block, distinct=False, order_by=(), limit=None, offset=None, with_ties=False, ctes=())
    if last:
        own = {key.column: state.binder.new_id() for key in block.order_by}
        own |= {column: own.get(column) or state.binder.new_id() for column in _distinct_on(block)}
        junk = tuple(Target(own[x.id], x.expr, "", junk=True) for x in block.targets if x.id in own)
        order = tuple(replace(key, column=own[key.column]) for key in block.order_by)
        on = tuple(own[column] for column in _distinct_on(block))
        rows = replace(rows, targets=(*below.columns, *junk), order_by=order, distinct=on or False)
    else:
        one = Target(state.binder.new_id(), Const(INT4, 1), "")
        rows = replace(rows, targets=tuple(below.columns) or (one,))
    source = Derived(below.rel, rows)
    for _ in range(1, height):
        targets, source = _level(state, targets, source)
    made = Block(targets, (source,), limit=block.limit, offset=block.offset)
    if not last:
        return replace(made, distinct=block.distinct, order_by=block.order_by, with_ties=block.with_ties)
    return replace(made, order_by=block.order_by, with_ties=True) if block.with_ties else made


def _keys(block: Block) -> list[Target]:
    ids = {key.column for key in block.order_by} | set(_distinct_on(block))
    return [target for target in block.targets if target.id in ids or (block.distinct is True and not target.junk)]


def _distinct_on(block: Block) -> tuple[int, ...]:
    return block.distinct if isinstance(block.distinct, tuple) else ()


def _sorted(block: Block) -> bool:
    """Whether a key of ORDER BY or DISTINCT calls such a function."""
    return any(expr_returns_set(target.expr) for target in _keys(block))


def _height(expr: Expr) -> int:
    """How many levels of calls stand in each other."""
    calls = [node for node in walk(expr) if isinstance(node, FuncExpr) and node.returns_set]
    return max((1 + max(map(_height, call.args), default=0) for call in calls), default=0)


class _Below:
    """Rewrites expressions over the columns of the rows below; `columns` are those that are read."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.rel = state.new_rel()
        self.columns: list[Target] = []

    def __call__(self, expr: Expr) -> Expr:
        if isinstance(expr, Const | Param):
            return expr
        if isinstance(expr, _WHOLE) or not (isinstance(expr, RowExpr) or expr_returns_set(expr) or is_volatile(expr)):
            return self._column(expr)
        return cast(Expr, map_children(expr, self))

    def _column(self, expr: Expr) -> Var:
        column = next((known for known in self.columns if same(known.expr, expr)), None)
        if column is None:
            column = Target(self.state.binder.new_id(), expr, "")
            self.columns.append(column)
        return Var(self.rel, column.id, expr.type, pos=expr.pos)


def _level(state: State, targets: tuple[Target, ...], source: Derived) -> tuple[tuple[Target, ...], Derived]:
    """The targets over a derived table that makes the calls of this level, and that table."""
    above = _Level(state)
    made = tuple(replace(target, expr=above(target.expr)) for target in targets)
    return made, Derived(above.rel, Block(tuple(above.columns), (source,)))


class _Level(_Below):
    """As `_Below`, with the calls whose arguments are columns already."""

    def __call__(self, expr: Expr) -> Expr:
        if isinstance(expr, Var) or (isinstance(expr, FuncExpr) and expr.returns_set and _height(expr) == 1):
            return self._column(expr)
        return cast(Expr, map_children(expr, self))
