"""Documents → snapshot: shards and replicas, what is set aside and what then fails, OIDs."""

from __future__ import annotations

from typing import Any

import pytest

from fedgate.catalog import oids
from fedgate.catalog.documents import Broken
from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.schema import Table

Doc = dict[str, Any]


def node(name: str, **more: Any) -> Doc:
    return {"kind": "node", "name": name, "engine": "sqlite", "url": f"/data/{name}.db", **more}


def table(name: str = "t", **more: Any) -> Doc:
    columns = [{"name": "id", "type": "int", "not_null": True}, {"name": "at", "type": "timestamptz"}]
    return {"kind": "table", "name": name, "columns": columns, **more}


def placement(node: str, table: str = "t", **more: Any) -> Doc:
    return {"kind": "placement", "table": table, "node": node, "relation": "r", **more}


def build(*documents: Doc, **more: Any) -> Snapshot:
    return Snapshot.build(documents, **more)


def found(snapshot: Snapshot, name: str = "t") -> Table:
    relation = snapshot.find(None, name, ("public",))
    assert isinstance(relation, Table)
    return relation


def failure(snapshot: Snapshot, name: str = "t") -> SqlError:
    with pytest.raises(SqlError) as caught:
        snapshot.find(None, name, ("public",))
    assert caught.value.sqlstate == "55000"
    return caught.value


def test_shards_come_by_name_and_placements_by_priority() -> None:
    snapshot = build(
        node("a"), node("b"), node("c"), table(),
        placement("c", shard="one"), placement("b", shard="one"), placement("a", shard="one", priority=200), placement("a"),
    )  # fmt: skip
    assert not snapshot.problems
    shards = snapshot.shards(found(snapshot))
    assert [(s.name, s.home, [p.node.name for p in s.placements]) for s in shards] == [
        ("a", "a", ["a"]),
        ("one", "b", ["b", "c", "a"]),
    ]


def test_replicated_tables_have_one_shard() -> None:
    snapshot = build(node("a"), node("b"), table(distribution="replicated"), placement("a"), placement("b", priority=1))
    (shard,) = snapshot.shards(found(snapshot))
    assert (shard.name, shard.home, len(shard.placements)) == ("all", "b", 2)
    assert found(snapshot).replicated


def test_columns_map_by_name_source_and_absence() -> None:
    columns = {"at": {"from": "ts", "encoding": "unix_s", "zone": "Europe/Berlin"}}
    snapshot = build(
        node("a"), table(), placement("a", columns=columns), placement("a", shard="x", columns={"at": {"absent": True}})
    )
    assert not snapshot.problems
    first, second = (s.placements[0] for s in snapshot.shards(found(snapshot)))
    assert first.columns[0].source is not None
    assert first.columns[0].source.name == "id"
    source = first.columns[1].source
    assert source is not None
    assert (source.name, source.encoding, source.zone) == ("ts", "unix_s", "Europe/Berlin")
    assert second.columns[1].absent


def test_sqlite_times_are_iso8601_by_default() -> None:
    snapshot = build(node("a"), table(), placement("a"))
    source = snapshot.shards(found(snapshot))[0].placements[0].columns[1].source
    assert source is not None
    assert source.encoding == "iso8601"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (placement("x"), 'there is no node "x"'),
        (placement("a", columns={"idd": "x"}), 'has no column "idd" (perhaps you mean "id")'),
        (placement("a", columns={"id": {"absent": True}}), "not_null and cannot be absent"),
        (placement("a", columns={"id": {"encoding": "unix_s"}}), "an encoding is for times"),
        (placement("a", columns={"at": {"zone": "Mars/Olympus"}}), "not recognized"),
        (placement("a", columns={"at": {"expression": "x", "from": "y"}}), 'does not go with "expression"'),
    ],
)
def test_a_lost_placement_makes_its_table_fail(document: Doc, message: str) -> None:
    snapshot = build(node("a"), node("b"), table(), placement("b"), document)
    assert any(message in p.message for p in snapshot.problems)
    assert message in failure(snapshot).message


def test_a_replica_covers_a_lost_placement() -> None:
    snapshot = build(node("b"), table(), placement("b", shard="s"), placement("gone", shard="s"))
    assert len(snapshot.problems) == 1
    assert len(snapshot.shards(found(snapshot))) == 1


def test_what_is_written_twice_is_not_used() -> None:
    snapshot = build(node("a"), node("a", url="/other.db"), table(), placement("a"), table("u"), placement("a", "u"))
    assert "more than once" in snapshot.problems[0].message
    assert not snapshot.nodes
    failure(snapshot)
    twice = build(node("a"), table(), placement("a"), placement("a"))
    assert "more than once" in failure(twice).message


def test_an_unreadable_placement_file_spoils_sharded_answers() -> None:
    lost = Broken("", "", "garbage", tables=("*",))
    snapshot = build(node("a"), table(), placement("a"), table("d", distribution="replicated"), placement("a", "d"), broken=[lost])
    assert "garbage" in failure(snapshot).message
    assert found(snapshot, "d").replicated


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (table(shard_key=["idd"]), 'there is no column "idd" (perhaps you mean "id")'),
        (table(distribution="replicated", shard_key=["id"]), "has no shards"),
        (table(columns=[{"name": "a", "type": "integr"}]), 'type "integr" does not exist (perhaps you mean "integer")'),
        (table(columns=[{"name": "a", "type": "oid"}]), "not supported"),
        (table(columns=[{"name": "_node", "type": "text"}]), "the system's own"),
        (table(shard_key=["id"], colocated_with="u"), 'there is no table "u"'),
        (table("pg_catalog.t"), "the gateway's own"),
        (node("a", engine="postgres", url="postgresql://u:secret@h/d"), "must not hold a password"),
        (node("a", engine="postgres", url="h:5432"), "is not a URL"),
        ({"kind": "group", "name": "g", "selector": "a=b,c"}, "not a term"),
    ],
)
def test_contradictions_are_problems(document: Doc, message: str) -> None:
    snapshot = build(document)
    assert message in snapshot.problems[0].message
    assert "secret" not in snapshot.problems[0].message


def test_a_problem_keeps_its_time() -> None:
    first = build(table(shard_key=["x"]), now=1.0)
    second = build(table(shard_key=["x"]), node("n", engine="postgres", url="h"), now=2.0, previous=first)
    assert {p.kind: p.since for p in second.problems} == {"table": 1.0, "node": 2.0}


def test_selectors_and_groups() -> None:
    snapshot = build(
        node("a", labels={"region": "eu", "site": "B"}), node("b", labels={"region": "us"}),
        {"kind": "group", "name": "g", "selector": "region=eu,site!=X"}, {"kind": "group", "name": "h", "selector": "g"},
    )  # fmt: skip
    means = {
        s: [n for n in snapshot.nodes if snapshot.matches(snapshot.nodes[n], s)] for s in ("", "region!=eu", "site!=B", "g", "h")
    }
    assert means == {"": ["a", "b"], "region!=eu": ["b"], "site!=B": ["b"], "g": ["a"], "h": ["a"]}
    with pytest.raises(SqlError, match="there is no group") as caught:
        snapshot.matches(snapshot.nodes["a"], "gg")
    assert caught.value.sqlstate == "22023"


def test_suggestions() -> None:
    snapshot = build(table("weather"), table("plant.sensors"))
    assert snapshot.suggest(None, "wheather", ("public",)) == "weather"
    assert snapshot.suggest(None, "sensors", ("public",)) == "plant.sensors"
    assert snapshot.suggest("plant", "sensor", ()) == "plant.sensors"
    assert snapshot.suggest(None, "zzz", ("public",)) is None
    assert snapshot.schema_exists("plant")
    assert not snapshot.schema_exists("plants")


def test_oids_are_stable_and_collisions_move_on_by_name() -> None:
    assert found(build(table("weather")), "weather").oid == found(build(table("a"), table("weather")), "weather").oid
    assert found(build(table("weather")), "weather").oid > 16384
    names = [("table", "public", f"t{i}") for i in range(3)]
    assert sorted(oids.assign(names, 1, 3).values()) == [1, 2, 3]
    assert oids.assign(reversed(names), 1, 3) == oids.assign(names, 1, 3)
