"""EXPLAIN: reasons for pruning, values of parameters, what each node is asked, numbers of a run; the same in JSON."""

from __future__ import annotations

import json

from fedgate.catalog.model import Node
from fedgate.fragment import FragmentStats
from fedgate.planner import explain, make_plan
from fedgate.planner.plan import Plan
from fedgate.sql.bind import bind
from fedgate.sql.parse import parse
from fedgate.types.values import Value
from tests.planner.golden import CONTEXT, GoldenWorld, Settings, world

STATEMENT = "select device, count(*) from readings where site = $1 group by device"


class TwoSites(GoldenWorld):
    def matches(self, node: Node, selector: str) -> bool:
        return node.name in selector.split(",")


def plan_of(statement: str, shards: GoldenWorld) -> Plan:
    (raw,) = parse(statement)
    return make_plan(bind(raw, shards, CONTEXT), shards)


def text(statement: str, values: dict[str, Value], settings: Settings | None = None, *, verbose: bool = False) -> str:
    shards = TwoSites(checks=world().checks)
    return "\n".join(explain.lines(plan_of(statement, shards), shards, values, settings or Settings(), verbose=verbose))


def test_values_prune_and_the_reason_is_said() -> None:
    shown = text(STATEMENT, {"1": "s1"})
    assert "shards 1 of 5" in shown
    assert "pruned d1: site = $1 contradicts site = 'd1'" in shown


def test_without_values_nothing_is_pruned() -> None:
    shown = text(STATEMENT, {})
    assert "shards 5 of 5" in shown
    assert "d1, g1, p1, s1, s2: duckdb  whole" in shown


def test_a_null_asks_nobody() -> None:
    assert "shards 0 of 5" in text(STATEMENT, {"1": None})


def test_the_selector_leaves_shards_outside() -> None:
    shown = text(STATEMENT, {}, Settings(node_selector="s1,d1"))
    assert "shards 2 of 5" in shown
    assert "outside fedgate.node_selector: g1, p1, s2" in shown


def test_verbose_shows_each_nodes_sql_and_the_rules() -> None:
    shown = text(STATEMENT, {"1": "it's"}, verbose=True)
    assert "Rule partial_aggregate: readings: 1 keys, 1 partial aggregates" in shown
    assert "Not shape: " in shown
    assert "it''s" not in shown  # every shard is pruned: no SQL
    shown = text("select device, count(*) from readings where note = $1 group by device", {"1": "it's"}, verbose=True)
    assert shown.count("it''s") == 5


def test_a_preludes_value_is_not_known() -> None:
    shown = text("select count(*) from readings where temp > (select avg(temp) from readings)", {}, verbose=True)
    assert "Prelude $q0 scalar" in shown
    assert "> $q0" in shown


def test_numbers_of_a_run() -> None:
    shards = world()
    plan = plan_of(STATEMENT, shards)
    stats = (FragmentStats("s1", "s1", "done", "select", 3, 96, 1.5), FragmentStats("d1", "d1", "failed", error="gone", retries=1))
    executed = explain.Executed(3, 2.25, stats, (("x0", "s2", "site = 's1' contradicts site = 's2'"),))
    shown = explain.lines(plan, shards, {}, Settings(), executed=executed)
    assert shown[-3:] == [
        "Executed: 3 rows in 2.25 ms",
        "  s1 at s1: done, 3 rows, 96 bytes, 1.5 ms",
        "  d1 at d1: failed, 0 rows, 0 bytes, 0.0 ms, 1 retries  gone",
    ]
    found = json.loads(explain.json_text(plan, shards, {}, Settings(), executed=executed))[0]["Plan"]
    assert found["executed"]["rows"] == 3
    assert found["executed"]["pruned"][0]["shard"] == "s2"
    assert found["exchanges"][0]["kind"] == "aggregate"
    assert [c["type"] for c in found["columns"]] == ["integer", "bigint"]
