"""Planners with one fault each, which the tests have to notice: faults that real planners had.

`python -m pytest -m nightly tests/planner/test_mutants.py` applies each in this process and looks for a statement that shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from fedgate.planner import aggregates, colocation, correlation, descend, locality, reach, treetools
from fedgate.planner.aggregates import Parts
from fedgate.planner.calls import INT8, aggregate, cast, count
from fedgate.planner.rules import group_cut, local_groups, partial_aggregate, push_filters, ranked, scan, top
from fedgate.planner.treetools import Ids, every
from fedgate.sql.tree import (
    Aggref,
    Block,
    Coalesce,
    Const,
    Expr,
    FromItem,
    Join,
    Query,
    conjunction,
    conjuncts,
    ids_of,
    own_rels,
    transform,
)


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    apply: Callable[[pytest.MonkeyPatch], None]


def _inner_joins(block: Block) -> dict[int, tuple[reach.Applied, ...]]:
    """`reachable` that takes every join for an inner one."""

    def inner(item: FromItem) -> FromItem:
        return replace(item, kind="inner", left=inner(item.left), right=inner(item.right)) if isinstance(item, Join) else item

    return reach.reachable(replace(block, from_=tuple(map(inner, block.from_))))


def _into_below_limit(query: Query, predicate: Expr, rel: int, ids: Ids) -> Query | None:
    below = descend.into(replace(query, limit=None, offset=None), predicate, rel, ids)
    return None if below is None else replace(below, limit=query.limit, offset=query.offset)


def _count_of_counts(call: Aggref) -> Parts:
    found = aggregates._count(call)
    assert found is not None
    return Parts(found.nodes, lambda p, order: count(p[0]))


def _sum_of_distinct_counts(call: Aggref) -> Parts:
    node = replace(call, order_by=())
    return Parts((node,), lambda p, order: Coalesce((cast(aggregate("sum", p[0]), INT8), Const(INT8, 0)), INT8))


def _patch_count_distinct(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(aggregates._ROWS, "count", _sum_of_distinct_counts)
    patch.setattr(aggregates, "needs_distinct", lambda call: call.distinct and call.name != "count")


def _capture_nested_aggregates(patch: pytest.MonkeyPatch) -> None:
    into: Callable[..., Any] = partial(transform, into_queries=True)
    patch.setattr(partial_aggregate, "own", every)
    patch.setattr(partial_aggregate, "transform", into)


def _limit_before_having(patch: pytest.MonkeyPatch) -> None:
    def cut_of(block: Block, rels: frozenset[int]) -> group_cut.Cut:
        return replace(group_cut.cut_of(replace(block, having=None), rels), having=())

    patch.setattr(local_groups, "cut_of", cut_of)


def _equalities_only(block: Block) -> correlation.Correlation | None:
    mine = own_rels(block)
    kept = [p for p in conjuncts(block.where) if ids_of(p) <= mine or correlation._link(p, mine) is not None]
    return correlation.correlation(replace(block, where=conjunction(tuple(kept))))


def _row_numbers_for_ranks(patch: pytest.MonkeyPatch) -> None:
    def of(*args: Any) -> ranked._Rank | None:
        found = original(*args)
        return found and replace(found, call=ranked._row_number(found.call.partition_by, found.call.order_by))

    original = ranked._of
    patch.setattr(ranked, "_of", of)


MUTANTS = (
    Mutant("filter into a derived table on the nullable side", lambda p: p.setattr(push_filters, "reachable", _inner_joins)),
    Mutant("filter into a scan on the nullable side", lambda p: p.setattr(scan, "reachable", _inner_joins)),
    Mutant("filter below LIMIT", lambda p: p.setattr(push_filters, "into", _into_below_limit)),
    Mutant("filter below a window", lambda p: p.setattr(descend, "_in_every_partition", lambda block, used: True)),
    Mutant("a substituted copy keeps its ids", lambda p: p.setattr(treetools, "fresh", lambda node, ids: node)),
    Mutant("count merged by count", lambda p: p.setitem(aggregates._ROWS, "count", _count_of_counts)),
    Mutant("LIMIT k without the offset", lambda p: p.setattr(top, "limit_and_offset", lambda block: block.limit)),
    Mutant(
        "a replicated table on the preserved side",
        lambda p: p.setattr(colocation, "preserves_a_copy", lambda kind, left, right: False),
    ),
    Mutant("any join of sharded tables at the nodes", lambda p: p.setattr(colocation, "_apart", lambda members, known: None)),
    Mutant("distinct as a sum of node counts", _patch_count_distinct),
    Mutant("HAVING and LIMIT of parts of groups", lambda p: p.setattr(locality, "keys_apart", lambda *args: True)),
    Mutant("LIMIT of groups before HAVING", _limit_before_having),
    Mutant("windows of parts of partitions", lambda p: p.setattr(locality.Local, "keys_apart", lambda *args: True)),
    Mutant("first ranks below another window", lambda p: p.setattr(ranked, "_keeps", lambda block, by: True)),
    Mutant("row numbers for ranks", _row_numbers_for_ranks),
    Mutant("the first value for the last one", lambda p: p.setattr(ranked, "_first_of", lambda call: call.order_by)),
    Mutant("LIMIT for each key without the offset", lambda p: p.setattr(ranked, "limit_and_offset", lambda block: block.limit)),
    Mutant("a correlated aggregate without its link", lambda p: p.setattr(correlation.Correlation, "linked", lambda *args: None)),
    Mutant("LIMIT for each key whatever else is compared", lambda p: p.setattr(ranked, "correlation", _equalities_only)),
    Mutant("a nested aggregate captured by the outer query", _capture_nested_aggregates),
)
