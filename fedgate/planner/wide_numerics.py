"""Numerics that their quick carriers do not hold: sums beyond 38 digits, and years, epochs and their like of infinite times.

Sums of numerics with a known precision are added up as decimals of 38 digits, and fields of times are such decimals, which is
fast and nearly always enough; PostgreSQL's numeric has no such end. Where a statement overflows, or meets an infinite time, it is
planned again with `wide` around what its aggregates add up, and with fields of no known precision: these are the same values as
text, of which sums are exact at any length, by way of the rows themselves.

Contract: `may_widen` says whether a statement has such sums or fields; `widened` is the same statement with all of them wide.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from fedgate.planner.calls import NUMERIC, finishing
from fedgate.sql.functions.fields import grows
from fedgate.sql.tree import Aggref, BoundQuery, Const, FuncExpr, WindowFunc, transform, walk

_SUMS: Final = frozenset(["sum", "avg", "variance", "var_samp", "var_pop", "stddev", "stddev_samp", "stddev_pop"])


def may_widen(bound: BoundQuery) -> bool:
    """Whether there are aggregates or windows that add up numerics, or fields that infinite times have."""
    return any(_adds_up(node) or _is_unbounded(node) for node in walk(bound.query, into_queries=True))


def widened(bound: BoundQuery) -> BoundQuery:
    """The statement with its sums of numerics exact at any length, and its fields infinite where times are."""
    return replace(bound, query=transform(bound.query, _wide, into_queries=True))


def _adds_up(node: Any) -> bool:
    return isinstance(node, (Aggref, WindowFunc)) and node.name in _SUMS and node.arg_types == (NUMERIC.oid,)


def _is_unbounded(node: Any) -> bool:
    if not isinstance(node, FuncExpr) or node.name != "extract" or not isinstance(unit := node.args[0], Const):
        return False
    return isinstance(unit.value, str) and grows(unit.value, node.arg_types[1])


def _wide(node: Any) -> Any:
    if _is_unbounded(node):
        return finishing("extract", *node.args, result=NUMERIC)
    return replace(node, args=(finishing("wide", node.args[0], result=NUMERIC),)) if _adds_up(node) else node
