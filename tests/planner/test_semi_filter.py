"""Keys of a small side only spare rows: with them, or with what lies between the least and the greatest, the answer is the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from fedgate import limits
from fedgate.catalog.model import Shard
from fedgate.errors import SqlError
from fedgate.planner import make_plan
from fedgate.planner.keys import with_ranges
from fedgate.planner.plan import Keys, Plan, bounds
from fedgate.schema import Column, Table, TempTables
from fedgate.session.temp import WithTemp
from fedgate.sql.bind import bind
from fedgate.sql.parse import parse
from fedgate.types import SqlType
from tests.conftest import PostgresServer
from tests.oracle.statements import QUERIES, Statement, read
from tests.planner.fleet import parameters_of, rows_text
from tests.planner.golden import CONTEXT, GoldenWorld
from tests.planner.test_differential import World, comparable

STATEMENTS = read(QUERIES / "semi.sql")


@pytest.fixture(scope="module")
def world(postgres: PostgresServer) -> Iterator[World]:
    made = World(postgres)
    yield made
    made.connection.close()


def keys(plan: Plan) -> frozenset[str]:
    return frozenset(p.name for p in plan.preludes if p.kind in ("keys", "range"))


def test_ranges_of_keys_give_the_same_rows(world: World) -> None:
    fleet = world.fleets["sites"]
    fired = 0
    for statement in STATEMENTS:
        bound, values = fleet.bind(statement.text, statement.parameters)
        plan = make_plan(bound, fleet.world, checked=True)
        if not keys(plan):
            continue
        fired += 1
        ranged = with_ranges(plan, keys(plan))
        used = {name for x in ranged.exchanges for name in parameters_of(x.block)} | parameters_of(ranged.final)
        assert not used & keys(plan), statement.text
        assert used >= {bound for name in keys(plan) for bound in bounds(name)}, statement.text
        for x in ranged.exchanges:
            assert not keys(plan) & parameters_of_parts(x.prune), statement.text
        types = [c.type.oid for c in bound.columns]
        expected = comparable(rows_text(fleet.direct(bound, values), bound), types)
        assert comparable(rows_text(fleet.run(ranged, values), bound), types) == expected, statement.text
    assert fired >= 20


def test_nodes_are_asked_for_a_range_where_many_keys_are_expected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SEMI_KEYS_MAX", 1)
    fleet = world.fleets["sites"]
    fired = 0
    for statement in STATEMENTS:
        bound, values = fleet.bind(statement.text, statement.parameters)
        plan = make_plan(bound, fleet.world, checked=True)
        ranges = [p for p in plan.preludes if p.kind == "range"]
        if not ranges:
            continue
        fired += 1
        assert [c.name for c in ranges[0].plan.columns] == ["low", "high"]
        types = [c.type.oid for c in bound.columns]
        expected = comparable(rows_text(fleet.direct(bound, values), bound), types)
        assert comparable(rows_text(fleet.run(plan, values), bound), types) == expected, statement.text
    assert fired >= 10


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
            bound, _ = fleet.bind(statement.text, statement.parameters)
        except SqlError:
            continue
        fallback = make_plan(bound, fleet.world).fallback
        assert fallback is None or not keys(fallback), statement.text


def test_the_side_with_fewer_rows_by_the_catalog_is_asked_first(world: World) -> None:
    text = "select count(*) from readings a join readings b on a.ts = b.ts where b.status = 2"
    ranges = (
        "select count(*) from readings a join readings b on a.ts = b.ts where b.temp between 1 and 2 and a.temp between 3 and 4"
    )
    fleet = world.fleets["sites"]
    plan = make_plan(fleet.bind(text)[0], fleet.world)
    (prelude,) = plan.preludes
    assert prelude.keys == Keys(
        "readings", 2500, limits.SEMI_KEYS_MAX
    )  # 5 shards of 100,000 rows, of which one in 200 has a status
    assert not keys(make_plan(fleet.bind(ranges)[0], fleet.world))


def test_keys_are_to_be_fewer_than_the_rows_of_a_node() -> None:
    few = tuple(f"n{i:03}" for i in range(100))
    snapshot = Counted(shard_names=few, rows=300)
    (raw,) = parse("select count(*) from readings a join readings b on a.ts = b.ts where b.status = 2")
    (prelude,) = make_plan(bind(raw, snapshot, CONTEXT), snapshot).preludes
    assert (prelude.kind, prelude.keys) == ("keys", Keys("readings", 150, 1000))
    snapshot = Counted(shard_names=few, rows=30_000)
    (raw,) = parse(
        "select count(*) from readings a join readings b on a.ts = b.ts where b.temp > 1 and b.total < 7 and b.price > 2"
    )
    (prelude,) = make_plan(bind(raw, snapshot, CONTEXT), snapshot).preludes
    assert (prelude.kind, prelude.keys) == ("range", Keys("readings", 111_111, 30_000))


@pytest.mark.parametrize(("rows", "asked"), [(0, ["keys"]), (5_000, ["keys"]), (20_000_000, [])])
def test_a_temporary_table_is_asked_for_its_keys_by_its_own_rows(rows: int, asked: list[str]) -> None:
    snapshot = Counted(shard_names=tuple(f"n{i:03}" for i in range(100)), rows=300_000)
    column = Column(1, "k", SqlType(20))
    chosen = Table("pg_temp_1", "chosen", (column,), 2**31 - 1, "temp", estimate=rows)
    relations = WithTemp(snapshot, TempTables("pg_temp_1", {"chosen": chosen}))
    (raw,) = parse("select count(*) from readings r join chosen c on r.total = c.k")
    plan = make_plan(bind(raw, relations, CONTEXT), snapshot)
    assert [p.kind for p in plan.preludes] == asked
    assert {x.kind for x in plan.exchanges} == {"scan", "temp"}


@dataclass
class Counted(GoldenWorld):
    """Shards whose documents say how many rows they have."""

    rows: int = 0

    def shards(self, relation: Table) -> tuple[Shard, ...]:
        if relation.oid not in self._shards:
            made = super().shards(relation)
            counted = (replace(s, placements=tuple(replace(p, rows=self.rows) for p in s.placements)) for s in made)
            self._shards[relation.oid] = tuple(counted)
        return self._shards[relation.oid]
