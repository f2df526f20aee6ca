"""The schema `fedgate`, and what fedgate says of itself in PostgreSQL's relations."""

from __future__ import annotations

import pytest

from fedgate.errors import SqlError
from fedgate.system import Facts, NodeFact, QueryNodeFact, SettingFact, SystemCatalog
from fedgate.system.tables import tables
from tests.system.gateway import Metadata


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("SELECT name, engine, url, labels, state, last_seen FROM fedgate.nodes", [
            ("a", "sqlite", "/nowhere/a.db", '{"a": "1", "region": "eu"}', "unknown", None),
        ]),
        ("SELECT name FROM fedgate.nodes WHERE labels->>'region' = 'eu'", [("a",)]),
        ("SELECT schema, name, distribution, shards, comment FROM fedgate.tables ORDER BY 2", [
            ("plant", "Sensors", "sharded", "0", None), ("public", "flights", "sharded", "1", "all flights"),
        ]),
        ('SELECT "table", node, shard, relation, priority, "check", labels FROM fedgate.placements', [
            ("flights", "a", "a", "main.flights", "100", "id > 0", "{}"),
        ]),
        ("SELECT name, selector, nodes FROM fedgate.groups", [("g", "region=eu", "{a}")]),
        ("SELECT kind, name, since FROM fedgate.problems", [("table", "broken", "2023-11-14 22:13:20+00")]),
        ("SELECT datname, datcollate, encoding FROM pg_database", [("fedgate", "C.UTF-8", "6")]),
        ("SELECT definition FROM pg_views WHERE schemaname = 'public'", [(" SELECT id, name FROM flights;",)]),
        ("SELECT n.name, t.name FROM fedgate.nodes n, fedgate.tables t WHERE t.schema = 'plant'", [("a", "Sensors")]),
        ("SELECT relname FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace = 2200", [("flights_pkey",)]),
    ],
)  # fmt: skip
def test_rows(metadata: Metadata, statement: str, rows: list[tuple[str | None, ...]]) -> None:
    assert metadata.ask(statement).rows == rows


@pytest.mark.parametrize(
    ("statement", "sqlstate", "hint"),
    [
        ("SELECT * FROM broken", "55000", "fedgate.problems"),
        ("SELECT * FROM problems", "42P01", "fedgate.problems"),
        ("SELECT * FROM pg_clas", "42P01", "pg_class"),
        ("SELECT * FROM fedgate.node", "42P01", "fedgate.nodes"),
        ("SELECT 'nope'::regclass", "42P01", None),
        ("SELECT 'nope'::regnamespace", "3F000", None),
        ("SELECT lower('NOPE')::regnamespace", "3F000", None),
        ("SELECT lower('NOPE')::regclass", "42P01", None),
        ("SELECT lower('1259')::regclass", "42P01", None),
        ("SELECT lower('NOPE')::regtype", "42704", None),
    ],
)
def test_errors(metadata: Metadata, statement: str, sqlstate: str, hint: str | None) -> None:
    with pytest.raises(SqlError) as caught:
        metadata.ask(statement)
    assert caught.value.sqlstate == sqlstate
    assert hint is None or hint in (caught.value.hint or "")


def test_facts_become_rows(metadata: Metadata) -> None:
    facts = Facts(
        "ann",
        settings=lambda: [SettingFact("TimeZone", "UTC", "UTC", "zone"), SettingFact("a.b", "1", "2", "x", choices=("1", "2"))],
        node_states=lambda: {"a": NodeFact("unreachable", "refused", 1.5)},
        last_query_nodes=lambda: [QueryNodeFact(7, "a", "a", "done", 3, 40, 1.5, "SELECT 1")],
    )
    local = SystemCatalog().local(metadata.snapshot, facts)
    nodes = local.rows(tables()[("fedgate", "nodes")]).to_pylist()[0]
    assert (nodes["c5"], nodes["c6"], nodes["c7"].timestamp()) == ("unreachable", "refused", 1.5)
    settings = local.rows(tables()[("pg_catalog", "pg_settings")])
    assert settings.column("c1").to_pylist() == ["TimeZone", "a.b"]
    assert settings.column("c9").to_pylist() == ["default", "session"]
    assert local.rows(tables()[("pg_catalog", "pg_user")]).column("c1").to_pylist() == ["fedgate", "ann"]
    sent = local.rows(tables()[("fedgate", "last_query_nodes")]).to_pylist()[0]
    assert list(sent.values()) == [7, "a", "a", "done", 3, 40, 1.5, "SELECT 1", None]


def test_oids_do_not_meet(metadata: Metadata) -> None:
    system = [t.oid for t in tables().values()]
    assert len(set(system)) == len(system)
    assert max(system) < 16384
    assert all(t.oid > 16384 for t in metadata.snapshot.tables.values())
