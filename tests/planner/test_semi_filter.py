"""Keys of a small side only spare rows: with them, and without those that are too many, the answer is the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fedgate.errors import SqlError
from fedgate.planner import make_plan
from fedgate.planner.plan import Plan, without_keys
from tests.conftest import PostgresServer
from tests.oracle.statements import QUERIES, Statement, read
from tests.planner.fleet import parameters_of, rows_text
from tests.planner.test_differential import World, comparable

STATEMENTS = read(QUERIES / "semi.sql")


@pytest.fixture(scope="module")
def world(postgres: PostgresServer) -> Iterator[World]:
    made = World(postgres)
    yield made
    made.connection.close()


def keys(plan: Plan) -> frozenset[str]:
    return frozenset(p.name for p in plan.preludes if p.kind == "keys")


@pytest.mark.parametrize("layout", ["sites", "twenty-skewed"])
def test_keys_that_are_too_many_are_left_out(world: World, layout: str) -> None:
    fleet = world.fleets[layout]
    fired = 0
    for statement in STATEMENTS:
        bound, values = fleet.bind(statement.text, statement.parameters)
        plan = make_plan(bound, fleet.world, checked=True)
        if not keys(plan):
            continue
        fired += 1
        bare = without_keys(plan, keys(plan))
        used = {name for x in bare.exchanges for name in parameters_of(x.block)} | parameters_of(bare.final)
        assert not used & keys(plan), statement.text
        assert not any(set() < keys(plan) & parameters_of_parts(x.prune) for x in bare.exchanges), statement.text
        types = [c.type.oid for c in bound.columns]
        expected = comparable(rows_text(fleet.direct(bound, values), bound), types)
        assert comparable(rows_text(fleet.run(plan, values), bound), types) == expected, statement.text
        assert comparable(rows_text(fleet.run(bare, values), bound), types) == expected, statement.text
    assert fired >= 12


def parameters_of_parts(parts: tuple[object, ...]) -> set[str]:
    return {name for part in parts for name in parameters_of(part)}  # type: ignore[arg-type]


def test_nothing_is_asked_of_a_large_side_that_no_key_matches(world: World) -> None:
    fleet = world.fleets["sites"]
    small = "select site from readings where site = 'd1' and device = 1 group by 1"
    text = f"select r.site from readings r join ({small}) t on t.site = r.site"
    (statement,) = [Statement("", text)]
    bound, _ = fleet.bind(statement.text)
    plan = make_plan(bound, fleet.world, checked=True)
    (name,) = keys(plan)
    reduced = [x for x in plan.exchanges if name in parameters_of(x.block)]
    assert len(reduced) == 1
    assert {name} == parameters_of_parts(reduced[0].prune)


def test_a_fallback_has_no_keys(world: World) -> None:
    fleet = world.fleets["sites"]
    for statement in STATEMENTS:
        try:
            bound, _ = fleet.bind(statement.text)
        except SqlError:
            continue
        fallback = make_plan(bound, fleet.world).fallback
        assert fallback is None or not keys(fallback), statement.text
