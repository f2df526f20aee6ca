"""Comparisons of a time with a constant of a narrower type, as comparisons within the column's own type.

Contract: `alike(condition)` has the condition's value on every row. `timestamptz op date` is by definition the comparison with the
instant at which that day begins in the session's zone, so the constant is converted once and the column stays bare; nodes, indexes
and pruning then know what to do. Not the other way round: there the column is what PostgreSQL converts. The conversion raises for
dates beyond the last timestamp, where the comparison does not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from fedgate.planner.calls import cast, operator
from fedgate.planner.domains import FLIPPED
from fedgate.sql.tree import DistinctExpr, Expr, OpExpr, ids_of, transform
from fedgate.types import SqlType

_DATE, _TIMESTAMP, _TIMESTAMPTZ = 1082, 1114, 1184
_WIDER: Final = frozenset([(_TIMESTAMPTZ, _DATE), (_TIMESTAMPTZ, _TIMESTAMP), (_TIMESTAMP, _DATE)])


def alike(condition: Expr) -> Expr:
    """See the module docstring."""
    found: Expr = transform(condition, _node)
    return found


def _node(node: Any) -> Any:
    if isinstance(node, OpExpr) and node.name in FLIPPED and len(node.args) == 2:
        pair = _pair(*node.args)
        return node if pair is None else replace(operator(node.name, *pair), pos=node.pos)
    if isinstance(node, DistinctExpr):
        pair = _pair(node.left, node.right)
        if pair is not None:
            equal = operator("=", *pair)
            return replace(node, left=pair[0], right=pair[1], arg_types=equal.arg_types, oid=equal.oid)
    return node


def _pair(left: Expr, right: Expr) -> tuple[Expr, Expr] | None:
    """The two sides in one type, if that is for the constant side to become."""
    if (left.type.oid, right.type.oid) in _WIDER and ids_of(left) and not ids_of(right):
        return left, cast(right, SqlType(left.type.oid))
    if (right.type.oid, left.type.oid) in _WIDER and ids_of(right) and not ids_of(left):
        return cast(left, SqlType(right.type.oid)), right
    return None
