"""Which nodes a session asks: `_node IN (SELECT … FROM fedgate.nodes)`, groups, `fedgate.node_selector`.

The answer is that of SQLite over the union of the chosen shards' rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.executor.run import Executor
from fedgate.session.engine import Engine
from tests.session.conftest import Asker, Fixed

LABELS: dict[str, dict[str, str]] = {
    "a": {"region": "us", "site": "A"},
    "b": {"region": "us", "site": "B"},
    "c": {"region": "eu", "site": "C"},
    "d": {"region": "eu"},
    "e": {},
}
# shard -> its nodes, the home first
PLACES = {"a": ("a",), "b": ("b",), "c": ("c",), "de": ("d", "e"), "ab": ("a", "b")}
HOLDERS = ("a", "c")  # of the replicated table


def rows_of(shard: str) -> list[tuple[int, int, str]]:
    """Rows of readings; groups span shards."""
    start = 10 * sorted(PLACES).index(shard)
    return [(start + i, (start + i) % 4, shard) for i in range(7)]


def node_file(directory: Path, name: str) -> str:
    path = directory / f"{name}.db"
    with sqlite3.connect(path) as db:
        for shard in (s for s, nodes in PLACES.items() if name in nodes):
            db.execute(f"CREATE TABLE r_{shard} (n INTEGER, device INTEGER, shard TEXT)")
            db.executemany(f"INSERT INTO r_{shard} VALUES (?, ?, ?)", rows_of(shard))
        if name in HOLDERS:
            db.execute("CREATE TABLE devices (device INTEGER, name TEXT)")
            db.executemany("INSERT INTO devices VALUES (?, ?)", [(i, f"d{i}") for i in range(3)])
    db.close()
    return str(path)


def documents(directory: Path) -> list[dict[str, Any]]:
    nodes = [
        {"kind": "node", "name": n, "engine": "sqlite", "url": node_file(directory, n), "labels": labels}
        for n, labels in LABELS.items()
    ]
    columns = [{"name": "n", "type": "integer"}, {"name": "device", "type": "integer"}, {"name": "shard", "type": "text"}]
    names = [{"name": "device", "type": "integer"}, {"name": "name", "type": "text"}]
    placements = [
        {"kind": "placement", "table": "r", "node": node, "relation": f"r_{shard}", "shard": shard, "priority": i}
        for shard, homes in PLACES.items()
        for i, node in enumerate(homes)
    ]
    copies = [{"kind": "placement", "table": "devices", "node": node, "relation": "devices"} for node in HOLDERS]
    return [
        *nodes,
        {"kind": "table", "name": "r", "columns": columns},
        {"kind": "table", "name": "devices", "columns": names, "distribution": "replicated"},
        *placements,
        *copies,
        {"kind": "group", "name": "america", "selector": "region=us"},
        {"kind": "group", "name": "west", "selector": "america"},
    ]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    snapshot = Snapshot.build(documents(tmp_path_factory.mktemp("nodes")))
    assert not snapshot.problems
    executor = Executor()
    yield Engine(Fixed(snapshot), executor)
    executor.close()


def union(shards: set[str], query: str) -> list[tuple[str | None, ...]]:
    """SQLite's answer over the rows of these shards, as texts."""
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE r (n INTEGER, device INTEGER, shard TEXT, _shard TEXT, _node TEXT)")
        db.execute("CREATE TABLE devices (device INTEGER, name TEXT)")
        db.executemany("INSERT INTO devices VALUES (?, ?)", [(i, f"d{i}") for i in range(3)])
        for shard in shards:
            db.executemany("INSERT INTO r VALUES (?, ?, ?, ?, ?)", [(*row, shard, PLACES[shard][0]) for row in rows_of(shard)])
        found = db.execute(query).fetchall()
    db.close()
    return sorted(tuple(None if v is None else str(v) for v in row) for row in found)


SELECTORS = {
    "": set(PLACES),
    "region=us": {"a", "b", "ab"},
    "region=eu": {"c", "de"},
    "region!=us": {"c", "de"},
    "region!=eu,site!=A": {"b", "ab", "de"},
    "site=C": {"c"},
    "america": {"a", "b", "ab"},
    "west": {"a", "b", "ab"},
    " region = eu , site != C ": {"de"},
    "region=nowhere": set(),
}
QUERIES = (
    "SELECT count(*), sum(n), min(shard) FROM r",
    "SELECT device, count(*), max(n) FROM r GROUP BY device",
    "SELECT n, device FROM r WHERE n % 3 = 1",
    "SELECT DISTINCT _shard, _node FROM r",
    "SELECT a.n FROM r a JOIN r b ON a.n = b.n + 10",
    "SELECT n FROM r WHERE device = (SELECT max(device) FROM r WHERE n < 40)",
    "SELECT count(*) FROM r WHERE _node IN ('a', 'd')",
)
WITH_COPIES = (
    "SELECT name, count(*) FROM r JOIN devices USING (device) GROUP BY name",
    "SELECT count(*), count(name) FROM r LEFT JOIN devices USING (device)",
    "SELECT count(*) FROM devices",
)


@pytest.mark.parametrize("selector", SELECTORS)
def test_the_answer_is_that_of_the_chosen_shards(ask: Asker, selector: str) -> None:
    ask(f"SET fedgate.node_selector = '{selector}'")
    holders = selector.strip() in ("", "america", "west") or selector.startswith(("region=us", "region=eu", "region!=us", "site=C"))
    for query in (*QUERIES, *(WITH_COPIES if holders else ())):
        assert sorted(ask(query)) == union(SELECTORS[selector], query), query


@pytest.mark.parametrize(
    ("condition", "nodes"),
    [
        ("_node IN (SELECT name FROM fedgate.nodes WHERE labels->>'region' = 'us')", "ab"),
        ("_node IN (SELECT name FROM fedgate.nodes WHERE labels->>'region' <> 'us')", "cd"),
        ("_node NOT IN (SELECT name FROM fedgate.nodes WHERE labels->>'region' = 'us')", "cd"),
        ("_node = (SELECT name FROM fedgate.nodes WHERE labels->>'site' = 'C')", "c"),
        ("_node = ANY (SELECT unnest(nodes) FROM fedgate.groups WHERE name = 'west')", "ab"),
        ("_node = ANY ((SELECT nodes FROM fedgate.groups WHERE name = 'west')::text[])", "ab"),
        ("_node IN (SELECT node FROM fedgate.placements WHERE \"table\" = 'devices')", "ac"),
        ("_node IN (SELECT name FROM fedgate.nodes WHERE false)", ""),
        ("EXISTS (SELECT FROM fedgate.nodes x WHERE x.name = _node AND x.labels ? 'site')", "abc"),
    ],
)
def test_a_query_over_the_catalog_chooses_nodes(ask: Asker, condition: str, nodes: str) -> None:
    shards = {s for s, homes in PLACES.items() if homes[0] in nodes}
    for query in ("SELECT count(*), sum(n) FROM r", "SELECT device, count(*) FROM r"):
        end = " GROUP BY device" if "device" in query else ""
        assert sorted(ask(f"{query} WHERE {condition}{end}")) == union(shards, query + end)
    asked = ask("SELECT DISTINCT shard FROM fedgate.last_query_nodes WHERE state <> 'pruned'")
    if "EXISTS" not in condition and "NOT IN" not in condition:
        assert {shard for (shard,) in asked} == shards


def plan(ask: Asker, query: str) -> str:
    return "\n".join(str(line) for (line,) in ask(f"EXPLAIN {query}"))


def test_explain_says_which_nodes_a_query_over_the_catalog_leaves_out(ask: Asker) -> None:
    shown = plan(ask, "SELECT count(*) FROM r WHERE _node IN (SELECT name FROM fedgate.nodes WHERE labels->>'region' = 'us')")
    assert "Prelude $q0 set of 2 values: a, b" in shown
    assert "shards 3 of 5" in shown
    assert "pruned c: _node = ANY ($q0) contradicts _node = 'c'" in shown
    assert "pruned de: _node = ANY ($q0) contradicts _node = 'd'" in shown


def test_explain_analyze_says_what_was_left_out_at_execution(ask: Asker) -> None:
    shown = plan(ask, "(ANALYZE) SELECT count(*) FROM r WHERE shard = 'b' AND _shard IN (SELECT shard FROM r WHERE n = 20)")
    head, _, executed = shown.partition("Executed: ")
    assert "shards 5 of 5" in head
    assert "pruned ab: _shard = ANY ($q0) contradicts _shard = 'ab'" in executed


def test_explain_and_show_say_what_the_selector_leaves_out(ask: Asker) -> None:
    ask("SET fedgate.node_selector = 'west'")
    shown = plan(ask, "SELECT count(*) FROM r")
    assert "shards 3 of 5" in shown
    assert "outside fedgate.node_selector: c, de" in shown
    ask.session.take_notices()
    assert ask("SHOW fedgate.node_selector") == [("west",)]
    assert [n.message for n in ask.session.take_notices()] == ["3 of 5 nodes left out: c, d, e"]


def test_a_replicated_table_without_a_chosen_copy_is_an_error_not_empty(ask: Asker) -> None:
    ask("SET fedgate.node_selector = 'site=B'")
    for query in WITH_COPIES:
        with pytest.raises(SqlError) as caught:
            ask(query)
        assert caught.value.sqlstate == "55000"
        assert "fedgate.node_selector leaves no node that holds" in caught.value.message
        assert caught.value.detail == 'The setting is "site=B"; held by: a, c.'
    assert 'fedgate.node_selector leaves no node that holds "devices"' in plan(ask, WITH_COPIES[2])


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("wst", 'there is no group "wst"'),
        ("a=b c", '"a=b c" is not a term of a selector'),
        ("=x", '"=x" is not a term of a selector'),
    ],
)
def test_a_selector_that_means_nothing_is_refused_at_once(ask: Asker, selector: str, message: str) -> None:
    for statement in (
        f"SET fedgate.node_selector = '{selector}'",
        f"SELECT set_config('fedgate.node_selector', '{selector}', false)",
    ):
        with pytest.raises(SqlError) as caught:
            ask(statement)
        assert (caught.value.sqlstate, caught.value.message) == ("22023", message)
    assert ask("SHOW fedgate.node_selector") == [("",)]


def test_a_plan_is_not_reused_under_another_selector(ask: Asker) -> None:
    query = "SELECT count(*) FROM r"
    found = []
    for selector in ("region=us", "region=eu", ""):
        ask(f"SET fedgate.node_selector = '{selector}'")
        found.append(ask(query))
    assert found == [[("21",)], [("14",)], [("35",)]]
