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


def test_placements_may_say_how_many_rows_they_have() -> None:
    snapshot = build(node("a"), node("b"), table(), placement("a", rows=1200), placement("b"))
    assert [p.rows for s in snapshot.shards(found(snapshot)) for p in s.placements] == [1200, None]


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


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"kind": "group", "name": "g", "selector": "g"}, 'group "g": the group means itself: g → g (write terms: k=v)'),
        (
            table("x", shard_key=["id"], colocated_with="x"),
            'table "x": a table is not co-located with itself (name the other table)',
        ),
        (node("x\0"), 'node "x\0": field "name" holds the character U+0000'),
        (node("x\x07"), 'node "x\x07": field "name" holds the character U+0007'),
        (table(comment="a\0b"), 'table "t": field "comment" holds the character U+0000'),
        (
            node("x", credentials={"password": "file:../../etc/passwd"}),
            'node "x": field "credentials.password" leaves the secrets directory '
            "(write the file's name, which is read below secrets_directory of fedgate.toml)",
        ),
        (
            placement("p", relation="../../etc/*.parquet"),
            'placement "t/p/p": "../../etc/*.parquet" is not below the node\'s url (write a path or glob relative to it)',
        ),
        (
            placement("a", columns={"id": {"expression": "c", "inputs": {"c": "text"}}}),
            'placement "t/a/a": field "columns.id.expression": '
            "the expression is of type text, the column of type integer (Write a cast.)",
        ),
        ({"kind": "view", "name": "v", "query": "select 1, 2"}, 'view "v": column "?column?" specified more than once'),
        ({"kind": "role", "name": "r", "member_of": ["r"]}, 'role "r": a role cannot be a member of itself'),
        (
            {"kind": "role", "name": "r", "settings": {"statement_timeot": "30s"}},
            'role "r": unrecognized configuration parameter "statement_timeot" (Perhaps you mean "statement_timeout".)',
        ),
        (
            {"kind": "role", "name": "r", "settings": {"statement_timeout": "banana"}},
            'role "r": invalid value for parameter "statement_timeout": "banana"',
        ),
        (
            {"kind": "role", "name": "r", "settings": {"fedgate.replica": "far"}},
            'role "r": invalid value for parameter "fedgate.replica": "far" (Available values: any, nearest, primary.)',
        ),
        (
            {"kind": "role", "name": "r", "settings": {"server_version": "16"}},
            'role "r": parameter "server_version" cannot be changed',
        ),
        (
            {"kind": "role", "name": "r", "settings": {"fedgate.node_selector": "a=b c"}},
            'role "r": "a=b c" is not a term of a selector '
            "(Terms are key=value or key!=value, joined by commas; values have letters, digits, dots, _ and -.)",
        ),
        ({"kind": "role", "name": "r", "grants": [{"table": "tt"}]}, 'role "r": there is no table "tt" (perhaps you mean "t")'),
        (
            {"kind": "role", "name": "r", "grants": [{"table": "t", "columns": ["idd"]}]},
            'role "r": table "t" has no column "idd" (perhaps you mean "id")',
        ),
    ],
)
def test_what_makes_no_sense_is_a_problem(document: Doc, said: str) -> None:
    others = [node("a"), {**node("p", url="/data"), "engine": "parquet"}]
    if document["kind"] != "table" or document["name"] != "t":
        others.append(table())
    snapshot = build(*others, document)
    assert [f'{p.kind} "{p.name}": {p.message}' for p in snapshot.problems] == [said]
    assert not snapshot.groups
    assert set(snapshot.roles) == ({"r"} if document["kind"] == "role" else set())  # a role that is wrong does not open the gateway


def test_the_settings_of_a_role_may_be_any_that_a_session_takes() -> None:
    settings = {"statement_timeout": "30s", "TimeZone": "europe/berlin", "app.tenant": "7", "fedgate.node_selector": "region=eu"}
    assert not build({"kind": "role", "name": "r", "settings": settings}).problems


def test_groups_that_mean_each_other() -> None:
    chain = [{"kind": "group", "name": a, "selector": b} for a, b in (("a", "b"), ("b", "c"), ("c", "b"), ("d", "x=1"))]
    snapshot = build(*chain)
    assert [(p.name, p.message.split(" (")[0]) for p in snapshot.problems] == [
        ("b", "the group means itself: b → c → b"),
        ("c", "the group means itself: c → b → c"),
    ]


def test_an_assignment_cast_is_made_in_an_expression() -> None:
    wider = {"id": {"expression": "c", "inputs": {"c": "bigint"}}, "at": {"expression": "c", "inputs": {"c": "date"}}}
    assert not build(node("a"), table(), placement("a", columns=wider)).problems
