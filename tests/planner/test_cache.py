"""The plan cache: made once, apart by everything that a plan depends on, bounded, and free of old revisions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fedgate.planner import make_plan
from fedgate.planner.cache import PlanCache, PlanKey
from fedgate.planner.plan import Plan
from fedgate.sql.bind import bind
from fedgate.sql.parse import parse
from tests.planner.golden import CONTEXT, world

KEY = PlanKey("select 1", (), 7, "ann")


def plan() -> Plan:
    shards = world()
    (raw,) = parse("select count(*) from readings")
    return make_plan(bind(raw, shards, CONTEXT), shards)


def test_a_plan_is_made_once() -> None:
    cache: PlanCache[Plan] = PlanCache()
    first = cache.get(KEY, plan)
    assert cache.get(replace(KEY), plan) is first
    assert (cache.hits, cache.misses) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, role="bob"),
        replace(KEY, parameter_types=(23,)),
        replace(KEY, timezone="Europe/Berlin"),
        replace(KEY, datestyle="ISO, DMY"),
        replace(KEY, search_path=("other",)),
        replace(KEY, settings=(("fedgate.replica", "primary"),)),
        replace(KEY, revision=8),
    ],
)
def test_whatever_a_plan_depends_on_keeps_plans_apart(other: PlanKey) -> None:
    cache: PlanCache[Plan] = PlanCache()
    first = cache.get(KEY, plan)
    assert cache.get(other, plan) is not first


def test_a_new_revision_forgets_the_old_one() -> None:
    cache: PlanCache[Plan] = PlanCache()
    cache.get(KEY, plan)
    cache.get(replace(KEY, role="bob"), plan)
    cache.get(replace(KEY, revision=8), plan)
    assert len(cache) == 1


def test_the_least_recently_used_goes() -> None:
    cache: PlanCache[Plan] = PlanCache(entries_max=2)
    keys = [replace(KEY, statement=n) for n in range(3)]
    first = cache.get(keys[0], plan)
    cache.get(keys[1], plan)
    assert cache.get(keys[0], plan) is first
    cache.get(keys[2], plan)
    assert len(cache) == 2
    assert cache.get(keys[0], plan) is first


def test_errors_are_not_kept() -> None:
    cache: PlanCache[Plan] = PlanCache()

    def fail() -> Plan:
        raise ValueError("no plan")

    with pytest.raises(ValueError, match="no plan"):
        cache.get(KEY, fail)
    assert isinstance(cache.get(KEY, plan), Plan)
