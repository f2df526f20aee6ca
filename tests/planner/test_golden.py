"""Every golden plan is what the planner makes today, and every rule has a file."""

from __future__ import annotations

import pytest

from fedgate.planner.pipeline import NAMES
from tests.planner.golden import RULES, Case, plan_text, read

CASES = [case for path in sorted(RULES.glob("*.plan")) for case in read(path)]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.rule}:{c.comment.lstrip('- ')}")
def test_plan(case: Case) -> None:
    assert plan_text(case.statement, case.rule) == case.plan


def test_there_are_enough_plans() -> None:
    assert len(CASES) >= 40


def test_every_rule_has_a_file_with_a_case_that_fires_and_one_that_declines() -> None:
    assert {c.rule for c in CASES} == NAMES
    # These fire, or there is nothing to say.
    silent = {"drop_noise", "reduce_outer_joins", "prune_columns", "scan", "share", "push_join_filters", "spread_constants"}
    for rule in NAMES:
        plans = [c.plan for c in CASES if c.rule == rule]
        assert any("\nfired: " in p for p in plans), rule
        assert rule in silent or any("\ndeclined: " in p for p in plans), rule
