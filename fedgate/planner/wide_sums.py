"""Sums of numerics beyond 38 digits.

Sums of numerics with a known precision are added up as decimals of 38 digits, which is fast and nearly always enough; PostgreSQL's
numeric has no such end. Where a statement overflows, it is planned again with `wide` around what its aggregates add up: that is the
same value as a numeric of no known precision, of which sums are exact at any length, by way of the rows themselves.

Contract: `sums_numerics` says whether a statement has such sums; `widened` is the same statement with all of them wide.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from fedgate.planner.calls import NUMERIC, finishing
from fedgate.sql.tree import Aggref, BoundQuery, WindowFunc, transform, walk

_SUMS: Final = frozenset(["sum", "avg", "variance", "var_samp", "var_pop", "stddev", "stddev_samp", "stddev_pop"])


def sums_numerics(bound: BoundQuery) -> bool:
    """Whether there are aggregates or windows that add up numerics."""
    return any(map(_adds_up, walk(bound.query, into_queries=True)))


def widened(bound: BoundQuery) -> BoundQuery:
    """The statement with its sums of numerics exact at any length."""
    return replace(bound, query=transform(bound.query, _wide, into_queries=True))


def _adds_up(node: Any) -> bool:
    return isinstance(node, (Aggref, WindowFunc)) and node.name in _SUMS and node.arg_types == (NUMERIC.oid,)


def _wide(node: Any) -> Any:
    return replace(node, args=(finishing("wide", node.args[0], result=NUMERIC),)) if _adds_up(node) else node
