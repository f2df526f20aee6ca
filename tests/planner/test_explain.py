"""EXPLAIN: reasons for pruning, values of parameters, what each node is asked, numbers of a run; the same in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fedgate.catalog.model import Node
from fedgate.executor.api import ExecSettings, KeysSent
from fedgate.fragment import FragmentStats
from fedgate.planner import explain, make_plan
from fedgate.planner.explain import Executed, Explained
from fedgate.planner.explain_text import FRAGMENTS_MAX, LINE_MAX, lines
from fedgate.planner.plan import Plan
from fedgate.sql.bind import bind
from fedgate.sql.parse import parse
from fedgate.types.values import Value
from tests.planner.golden import CONTEXT, GoldenWorld, fleet, world
from tests.planner.world import READINGS, text_equals, var

STATEMENT = "select device, count(*) from readings where site = $1 group by device"
MANY = tuple(f"n{i:03}" for i in range(200))


class TwoSites(GoldenWorld):
    def matches(self, node: Node, selector: str) -> bool:
        return node.name in selector.split(",")


def plan_of(statement: str, shards: GoldenWorld) -> Plan:
    (raw,) = parse(statement)
    return make_plan(bind(raw, shards, CONTEXT), shards)


def explained(statement: str, shards: GoldenWorld | None = None, **fields: Any) -> Explained:
    shards = shards or TwoSites(checks=world().checks)
    settings = fields.pop("settings", None)
    return Explained(plan_of(statement, shards), fleet(shards, settings), **fields)


def text(statement: str, values: Mapping[str, Value] | None = None, **fields: Any) -> str:
    return "\n".join(lines(explain.describe(explained(statement, values=values or {}, **fields))))


def ran(*stats: FragmentStats) -> Executed:
    return Executed(3, 62.25, 57.0, stats, ())


def test_values_prune_and_the_reason_is_said() -> None:
    shown = text(STATEMENT, {"1": "s1"})
    assert "shards 1 of 5" in shown
    assert "pruned d1: site = $1 contradicts site = 'd1'" in shown


def test_without_values_nothing_is_pruned() -> None:
    shown = text(STATEMENT)
    assert "shards 5 of 5" in shown
    assert "5 nodes duckdb whole: d1, g1, p1, s1, s2" in shown


def test_a_null_asks_nobody() -> None:
    assert "shards 0 of 5" in text(STATEMENT, {"1": None})


def test_the_selector_leaves_shards_outside() -> None:
    shown = text(STATEMENT, settings=ExecSettings(node_selector="s1,d1"))
    assert "shards 2 of 5" in shown
    assert "outside fedgate.node_selector: g1, p1, s2" in shown


def test_verbose_shows_each_sql_once_and_the_rules() -> None:
    shown = text(STATEMENT, {"1": "it's"}, verbose=True)
    assert "Rule partial_aggregate fired: readings: 1 key, 1 partial aggregate\n" in shown
    assert shown.splitlines()[-1].strip().startswith("Rule shape did not fire: ")
    assert "it''s" not in shown  # every shard is pruned: no SQL
    shown = text("select device, count(*) from readings where note = $1 group by device", {"1": "it's"}, verbose=True)
    assert shown.count("it''s") == 1
    assert "5 nodes duckdb whole: d1, g1, p1, s1, s2\n" in shown


def test_a_preludes_value_is_not_known() -> None:
    shown = text("select count(*) from readings where temp > (select avg(temp) from readings)", verbose=True)
    assert "Prelude $q0 scalar" in shown
    assert "> $q0" in shown


def test_any_node_answers_for_a_replicated_table() -> None:
    assert "1 node duckdb whole: s1 or s2 or d1 or p1 or g1" in text("select * from devices")


# ---------------------------------------------------------------------------------------------------- many nodes


def many() -> GoldenWorld:
    return GoldenWorld(shard_names=MANY, checks={n: text_equals(var(READINGS, "site"), n) for n in MANY})


def test_like_nodes_are_grouped_and_unreachable_ones_come_first() -> None:
    lost = {"n150": 'could not open node "n150": "n150.db": does not exist', "elsewhere": "gone"}
    shown = text("select count(*) from readings", shards=many(), unreachable=lost)
    assert shown.splitlines()[-3:] == [
        "    1 node duckdb whole, unreachable when last asked: n150",
        '      could not open node "n150": "n150.db": does not exist',
        "    199 nodes duckdb whole: n000, n001, n002, n003, n004 and 194 more",
    ]
    found = explain.describe(explained("select count(*) from readings", many(), unreachable=lost))
    assert [n["node"] for n in found["exchanges"][0]["nodes"] if n.get("state") == "unreachable"] == ["n150"]


def test_many_reasons_for_pruning_are_not_all_told() -> None:
    statement = "select count(*) from readings where site = 'n007'"
    shown = text(statement, shards=many()).splitlines()
    pruned = [line for line in shown if line.lstrip().startswith("pruned")]
    assert len(pruned) == 5
    assert pruned[-1].strip() == "pruned for reasons like these: n004, n005, n006, n008, n009 and 190 more"
    named = text(statement, shards=many(), verbose=True)
    assert all(n in named for n in MANY)
    assert max(map(len, named.splitlines())) <= LINE_MAX


def test_long_lists_and_lines_are_cut() -> None:
    numbers = ", ".join(map(str, range(1000)))
    shown = text(f"select site, count(*) from readings where device in ({numbers}) group by site", shards=many(), verbose=True)
    assert max(len(line) for line in shown.splitlines()) <= LINE_MAX
    assert "18, 19, … and 980 more" in shown


# ---------------------------------------------------------------------------------------------------- a run


def test_numbers_of_a_run_stand_in_the_order_of_shards() -> None:
    failed = FragmentStats("d2", "d1", "failed", error="gone", retries=1, exchange="x0")
    stats = (FragmentStats("s1", "s1", "done", "select", 1, 15, 57.41, exchange="x0"), failed)
    found = explain.describe(explained("select count(*) from readings", executed=ran(*stats)))
    assert lines(found)[-3:] == [
        "Executed: 3 rows in 62 ms: nodes 57 ms, merge 5.2 ms",
        "  shard d1 at d2: failed, 0 rows, 0 bytes, 0.0 ms, 1 retry: gone",
        "  s1: done, 1 row, 15 bytes, 57 ms (slowest)",
    ]
    (shown,) = json.loads(explain.json_text(found))
    assert [f.get("slowest") for f in shown["Plan"]["executed"]["fragments"]] == [None, True]
    assert shown["Plan"]["executed"]["merge_milliseconds"] == 5.25


def test_exchanges_are_told_apart() -> None:
    statement = "select count(*) from readings where temp > (select avg(temp) from readings)"
    stats = [FragmentStats("s1", "s1", "done", exchange=x) for x in ("x1", "x0")]
    shown = lines(explain.describe(explained(statement, executed=ran(*stats))))
    assert [line.split(":")[0] for line in shown[-2:]] == ["  x0 s1", "  x1 s1"]


def test_of_many_fragments_those_that_matter_are_shown() -> None:
    stats = [FragmentStats(n, n, "done", rows=2, bytes=100, milliseconds=float(i), exchange="x0") for i, n in enumerate(MANY)]
    stats[3] = replace(stats[3], state="failed", error="gone")
    full = explained("select count(*) from readings", many(), executed=ran(*stats))
    shown = lines(explain.describe(full))
    run = shown[shown.index(next(line for line in shown if line.startswith("Executed"))) + 1 :]
    assert [line.split(":")[0].strip() for line in run[:-1]] == ["n003", "n195", "n196", "n197", "n198", "n199"]
    assert run[-1] == "  194 more, done: 388 rows, 19 kB, 194 ms at most"
    assert len(lines(explain.describe(replace(full, verbose=True)))) > len(MANY) > FRAGMENTS_MAX


def test_json_says_the_same() -> None:
    (shown,) = json.loads(explain.json_text(explain.describe(explained(STATEMENT, values={"1": "s1"}, verbose=True))))
    plan = shown["Plan"]
    assert plan["exchanges"][0]["kind"] == "aggregate"
    assert [n["how"] for n in plan["exchanges"][0]["nodes"]] == ["whole"]
    assert {p["shard"] for p in plan["exchanges"][0]["pruned"]} == {"d1", "g1", "p1", "s2"}
    assert [c["type"] for c in plan["columns"]] == ["integer", "bigint"]
    assert [r["fired"] for r in plan["rules"]] == sorted((r["fired"] for r in plan["rules"]), reverse=True)


def test_keys_are_said_with_their_number_and_form() -> None:
    statement = (
        "select d.device, (select max(r.temp) from readings r where r.device = d.device) from devices d where d.model = 'A1'"
    )
    sent = (KeysSent("k0", "list", 1), KeysSent("k1", "set", 2500), KeysSent("k2", "range", None, 1, 9))
    shown = text(statement, executed=replace(ran(), keys=sent))
    assert "Prelude $k0 keys of devices, about 50 rows\n" in shown
    assert shown.endswith("\n  $k0: 1 key as a list\n  $k1: 2500 keys as a set\n  $k2: keys as a range")
    found = explain.describe(explained(statement, executed=replace(ran(), keys=sent)))
    assert found["preludes"][0]["of"] == "devices"
    assert found["preludes"][0]["estimated_rows"] == 50
    assert found["executed"]["keys"][1] == {"name": "k1", "form": "set", "count": 2500}
