"""Lift literals out of a bound query, so that one plan serves all statements that differ in them only.

Dashboards send the same statement with other times and names every few seconds. A literal that is compared with a column in WHERE
or ON becomes a parameter; the plan is made, fitted and lowered once, and pruning reads the values at execution as it does for `$n`.
Numeric literals stay: their scale decides how they are computed. So do bounds of window functions (`rn = 1`): nodes are asked for
first rows in another way than for ten. So does everything that is not compared with a column, since there a literal may change the
plan itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from fedgate.sql.tree import (
    Block,
    BoundQuery,
    Coerce,
    Const,
    Derived,
    Expr,
    FuncExpr,
    Join,
    OpExpr,
    Param,
    Var,
    WindowFunc,
    transform,
)
from fedgate.types.values import Value

_COMPARISONS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
# boolean is left out: comparisons with it fold.
_LIFTED_TYPES: Final = frozenset({19, 20, 21, 23, 25, 26, 701, 1043, 1082, 1114, 1184, 2950})


REGEX: Final = "litregex"
LIKE: Final = "litlike"
_OIDS: Final = frozenset((26, 2205))
_MATCHES: Final = {"~": REGEX, "~~": LIKE}
_EQUALITIES: Final[dict[tuple[int, ...], int]] = {(19, 25): 254, (25, 25): 98}
"""The operator = for the operand types of a match: nameeqtext, texteq."""
_WHOLE = re.compile(r"\^\(?([A-Za-z0-9_ ]+)\)?\$")


def plain_text(name: str, pattern: str) -> str | None:
    """The one text that a pattern of `~` (`name` begins with REGEX) or LIKE matches; None when there are others."""
    if name.startswith(REGEX):
        found = _WHOLE.fullmatch(pattern)
        return found[1] if found and pattern.count("(") == pattern.count(")") else None
    return None if set(pattern) & set("%_\\") else pattern


class _Lifter:
    def __init__(self, catalogs: bool) -> None:
        self.values: dict[str, Value] = {}
        self._catalogs = catalogs
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
        if self._catalogs and isinstance(node, FuncExpr):
            args = tuple(self._parameter(a) if isinstance(a, Const) and a.type.oid in _OIDS and a.value else a for a in node.args)
            return replace(node, args=args) if args != node.args else node
        if not (isinstance(node, OpExpr) and node.name in (_COMPARISONS | _MATCHES.keys()) and len(node.args) == 2):
            return node
        left, right = node.args
        if node.name in _MATCHES:
            return self._match(node)
        if self._is_column(left) and _is_liftable(right):
            return replace(node, args=(left, self._parameter(right)))
        if self._is_column(right) and _is_liftable(left):
            return replace(node, args=(self._parameter(left), right))
        return node

    def _match(self, node: OpExpr) -> OpExpr:
        """A match of one text only is an equality, as PostgreSQL's planner sees it for its indexes."""
        left, right = node.args
        kind, equality = _MATCHES[node.name], _EQUALITIES.get(node.arg_types)
        if equality is None or not self._is_column(left) or not isinstance(right, Const) or not isinstance(right.value, str):
            return node
        text = plain_text(kind, right.value)
        if text is None:
            return node
        parameter = self._parameter(replace(right, value=text), kind)
        return replace(node, name="=", args=(left, parameter), oid=equality)

    def _is_column(self, expr: Expr) -> bool:
        while isinstance(expr, Coerce) and expr.method == "relabel":
            expr = expr.arg
        return isinstance(expr, Var) and (expr.rel, expr.col) not in self._windows

    def _parameter(self, const: Any, kind: str = "lit") -> Param:
        name = f"{kind}{len(self.values)}"
        self.values[name] = const.value
        return Param(name, const.type, pos=const.pos)


def lift(bound: BoundQuery, *, catalogs: bool = False) -> tuple[BoundQuery, Mapping[str, Value]]:
    """The query with parameters `lit0`, `lit1`, … in place of such literals, and their values.

    In a query of `catalogs` only, numbers of objects that functions are asked about are lifted too.
    """
    lifter = _Lifter(catalogs)
    query = transform(bound.query, lifter.node, into_queries=True)
    return (replace(bound, query=query) if lifter.values else bound), lifter.values


def _is_liftable(expr: Expr) -> bool:
    return isinstance(expr, Const) and expr.type.oid in _LIFTED_TYPES and expr.value is not None
