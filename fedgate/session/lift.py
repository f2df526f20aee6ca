"""Lift literals out of a bound query, so that one plan serves all statements that differ in them only.

Dashboards send the same statement with other times and names every few seconds. A literal that is compared with a column in WHERE
or ON becomes a parameter; the plan is made, fitted and lowered once, and pruning reads the values at execution as it does for `$n`.
Numeric literals stay: their scale decides how they are computed. So do bounds of window functions (`rn = 1`): nodes are asked for
first rows in another way than for ten. So does everything that is not compared with a column, since there a literal may change the
plan itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from fedgate.sql.tree import Block, BoundQuery, Coerce, Const, Derived, Expr, Join, OpExpr, Param, Var, WindowFunc, transform
from fedgate.types.values import Value

_COMPARISONS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
# boolean is left out: comparisons with it fold.
_LIFTED_TYPES: Final = frozenset({19, 20, 21, 23, 25, 26, 701, 1043, 1082, 1114, 1184, 2950})


class _Lifter:
    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self._windows: set[tuple[int, int]] = set()

    def node(self, node: Any) -> Any:
        """Bottom-up over queries: only the predicates of blocks and joins are looked into."""
        if isinstance(node, Derived) and isinstance(node.query, Block):
            self._windows.update((node.rel, t.id) for t in node.query.targets if isinstance(t.expr, WindowFunc))
        if isinstance(node, Block) and node.where is not None:
            return replace(node, where=transform(node.where, self._comparison))
        if isinstance(node, Join) and node.on is not None:
            return replace(node, on=transform(node.on, self._comparison))
        return node

    def _comparison(self, node: Any) -> Any:
        if not (isinstance(node, OpExpr) and node.name in _COMPARISONS and len(node.args) == 2):
            return node
        left, right = node.args
        if self._is_column(left) and _is_liftable(right):
            return replace(node, args=(left, self._parameter(right)))
        if self._is_column(right) and _is_liftable(left):
            return replace(node, args=(self._parameter(left), right))
        return node

    def _is_column(self, expr: Expr) -> bool:
        while isinstance(expr, Coerce) and expr.method == "relabel":
            expr = expr.arg
        return isinstance(expr, Var) and (expr.rel, expr.col) not in self._windows

    def _parameter(self, const: Any) -> Param:
        name = f"lit{len(self.values)}"
        self.values[name] = const.value
        return Param(name, const.type, pos=const.pos)


def lift(bound: BoundQuery) -> tuple[BoundQuery, Mapping[str, Value]]:
    """The query with parameters `lit0`, `lit1`, … in place of such literals, and their values."""
    lifter = _Lifter()
    query = transform(bound.query, lifter.node, into_queries=True)
    return (replace(bound, query=query) if lifter.values else bound), lifter.values


def _is_liftable(expr: Expr) -> bool:
    return isinstance(expr, Const) and expr.type.oid in _LIFTED_TYPES and expr.value is not None
