"""The rules in their order, and the way from a bound query to a Plan.

Contract: RULES is the order. Each rule is a pure function of a query and of the statement's `Split`, and gives a query of the
same output. Any rule but `scan` can be switched off by name and the answer stays the same. With `checked` (tests) the invariant
of the tree and the output schema are checked after each rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fedgate.planner.check import check, same_output
from fedgate.planner.exchange import ShardsOf, Split
from fedgate.planner.plan import Plan
from fedgate.planner.rules.compute_once import compute_once
from fedgate.planner.rules.distinct import distinct
from fedgate.planner.rules.drop_noise import drop_noise
from fedgate.planner.rules.join_local import join_local
from fedgate.planner.rules.join_to_in import join_to_in
from fedgate.planner.rules.lift_subqueries import lift_subqueries
from fedgate.planner.rules.local_groups import local_groups
from fedgate.planner.rules.local_windows import local_windows
from fedgate.planner.rules.merge_derived import merge_derived
from fedgate.planner.rules.partial_aggregate import partial_aggregate
from fedgate.planner.rules.prune_columns import prune_columns
from fedgate.planner.rules.push_cte_filters import push_cte_filters
from fedgate.planner.rules.push_filters import push_filters
from fedgate.planner.rules.push_join_filters import push_join_filters
from fedgate.planner.rules.ranked import ranked
from fedgate.planner.rules.reduce_outer_joins import reduce_outer_joins
from fedgate.planner.rules.scan import scan
from fedgate.planner.rules.semi_filter import semi_filter
from fedgate.planner.rules.shape import shape
from fedgate.planner.rules.share import share
from fedgate.planner.rules.spread_constants import spread_constants
from fedgate.planner.rules.top import top
from fedgate.planner.treetools import Ids
from fedgate.planner.wide_numerics import may_widen, widened
from fedgate.sql.tree import BoundQuery, Query


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rewrite; `required` ones cannot be switched off."""

    name: str
    apply: Callable[[Query, Split], Query]
    required: bool = False


RULES: tuple[Rule, ...] = (
    Rule("drop_noise", drop_noise),
    Rule("compute_once", compute_once),
    Rule("reduce_outer_joins", reduce_outer_joins),
    Rule("spread_constants", spread_constants),
    Rule("push_cte_filters", push_cte_filters),
    Rule("push_filters", push_filters),
    Rule("push_join_filters", push_join_filters),
    Rule("merge_derived", merge_derived),
    Rule("prune_columns", prune_columns),
    Rule("join_to_in", join_to_in),
    Rule("lift_subqueries", lift_subqueries),
    Rule("semi_filter", semi_filter),
    Rule("ranked", ranked),
    Rule("local_windows", local_windows),
    Rule("local_groups", local_groups),
    Rule("partial_aggregate", partial_aggregate),
    Rule("distinct", distinct),
    Rule("top", top),
    Rule("join_local", join_local),
    Rule("scan", scan, required=True),
    Rule("share", share),
    Rule("shape", shape),
)
NAMES = frozenset(rule.name for rule in RULES)


def make_plan(
    bound: BoundQuery,
    snapshot: ShardsOf,
    *,
    timezone: str = "UTC",
    disabled: frozenset[str] = frozenset(),
    checked: bool = False,
) -> Plan:
    """The plan of a statement on one snapshot; `disabled` names rules to leave out.

    Raises SqlError 0A000 where a column that an exchange must carry has a type that cannot travel. ValueError for an unknown or
    required rule in `disabled`.
    """
    required = {rule.name for rule in RULES if rule.required}
    if disabled - (NAMES - required):
        raise ValueError(f"not rules that can be switched off: {sorted(disabled - (NAMES - required))}")

    def made(bound: BoundQuery) -> Plan:
        def once(*, deferred: bool) -> Plan:
            ids = Ids(bound.next_id)
            return plan_query(bound, Split(snapshot, ids, timezone, disabled, checked, bound.parameters, plan_query, deferred))

        plan = once(deferred=False)
        return replace(plan, fallback=once(deferred=True)) if plan.preludes else plan

    plan = made(bound)
    return replace(plan, wide=lambda: made(widened(bound))) if may_widen(bound) else plan


def plan_query(bound: BoundQuery, split: Split) -> Plan:
    """All rules over one query; exchanges, preludes and notes gather in `split`."""
    query = bound.query
    for rule in RULES:
        if rule.name in split.disabled:
            split.declined(rule.name, "switched off")
            continue
        before, query = query, rule.apply(query, split)
        if split.checked:
            check(query)
            same_output(before, query, rule.name)
    return Plan(
        preludes=tuple(split.preludes),
        exchanges=tuple(split.exchanges),
        final=query,
        columns=bound.columns,
        parameters=bound.parameters,
        streams=split.streams,
        notes=tuple(split.notes),
    )
