"""What a role sees in a session, whichever way it asks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.executor.run import Executor
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from tests.session.conftest import Asker

WEATHER = [("jfk", 10, "warm"), ("jfk", 20, "hot"), ("lga", 0, "hush"), ("ewr", None, "hush")]
ROLES: list[dict[str, Any]] = [
    {"kind": "role", "name": "boss", "admin": True},
    {"kind": "role", "name": "jfk", "grants": [{"table": "weather", "columns": ["site", "temp"], "rows": "site = current_user"}]},
    {"kind": "role", "name": "lga", "member_of": ["reader"], "grants": [{"table": "weather", "rows": "site = 'lga'"}]},
    {"kind": "role", "name": "reader", "grants": [{"table": "secrets"}, {"table": "warm"}]},
    {"kind": "role", "name": "wide", "member_of": ["jfk"], "grants": [{"table": "weather", "rows": "temp = 0"}, {"table": "half"}]},
    {"kind": "role", "name": "nobody"},
    {"kind": "role", "name": "typed", "grants": [{"table": "typed", "rows": "site = 'jfk'"}]},
    {"kind": "role", "name": "untyped", "grants": [{"table": "typed", "rows": "n > 0"}]},
]


@dataclass
class Catalog:
    """A catalog that a test may change."""

    one: Snapshot

    def snapshot(self) -> Snapshot:
        return self.one


Ask = Callable[[str], Asker]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    path = tmp_path_factory.mktemp("node") / "n.db"
    with sqlite3.connect(path) as node:
        node.execute("CREATE TABLE weather (site TEXT, temp INTEGER, note TEXT)")
        node.executemany("INSERT INTO weather VALUES (?, ?, ?)", WEATHER)
        node.execute("CREATE TABLE secrets (word TEXT)")
        node.execute("INSERT INTO secrets VALUES ('xyzzy')")
        node.execute("CREATE TABLE typed (site TEXT, n)")
        node.executemany("INSERT INTO typed VALUES (?, ?)", [("jfk", 1), ("jfk", 9), ("lga", "hush")])
    node.close()
    columns = [{"name": "site", "type": "text"}, {"name": "temp", "type": "integer"}, {"name": "note", "type": "text"}]
    return [
        {"kind": "node", "name": "n1", "engine": "sqlite", "url": str(path)},
        {"kind": "node", "name": "n2", "engine": "sqlite", "url": str(path.parent / "none.db")},
        {"kind": "table", "name": "weather", "columns": columns},
        {"kind": "table", "name": "secrets", "columns": [{"name": "word", "type": "text"}]},
        {"kind": "table", "name": "away", "columns": [{"name": "word", "type": "text"}]},
        {"kind": "table", "name": "typed", "columns": [columns[0], {"name": "n", "type": "integer"}]},
        {"kind": "placement", "table": "typed", "node": "n1", "relation": "typed"},
        {"kind": "placement", "table": "weather", "node": "n1", "relation": "weather"},
        {"kind": "placement", "table": "secrets", "node": "n1", "relation": "secrets"},
        {"kind": "placement", "table": "away", "node": "n2", "relation": "away"},
        {"kind": "view", "name": "warm", "query": "SELECT site, temp FROM weather WHERE temp > 5"},
        {"kind": "view", "name": "half", "query": "SELECT site, note FROM weather"},
        *ROLES,
    ]


@pytest.fixture
def engine(documents: list[dict[str, Any]], executor: Executor) -> Engine:
    return Engine(Catalog(Snapshot.build(documents, revision="1")), executor)


@pytest.fixture
def ask(engine: Engine) -> Iterator[Ask]:
    sessions: dict[str, Asker] = {}

    def of(user: str) -> Asker:
        if user not in sessions:
            sessions[user] = Asker(Session(engine, user=user, process_id=7))
        return sessions[user]

    yield of
    for asker in sessions.values():
        asker.session.close()


def refused(asker: Asker, text: str) -> SqlError:
    with pytest.raises(SqlError) as caught:
        asker(text)
    asker.session.failed()
    return caught.value


def test_stars_rows_and_views_are_what_is_granted(ask: Ask) -> None:
    assert ask("jfk")("SELECT * FROM weather ORDER BY temp") == [("jfk", "10"), ("jfk", "20")]
    assert ask("jfk")("SELECT w, _node FROM weather w ORDER BY temp LIMIT 1") == [("(jfk,10)", "n1")]
    assert ask("jfk")("SELECT count(*) FROM weather a NATURAL JOIN weather b") == [("2",)]
    assert ask("lga")("SELECT * FROM weather") == [("lga", "0", "hush")]
    assert ask("lga")("SELECT * FROM secrets") == [("xyzzy",)]
    assert ask("lga")("SELECT * FROM warm") == []
    assert ask("boss")("SELECT count(*), count(DISTINCT note) FROM weather") == [("4", "3")]
    assert ask("wide")("SELECT * FROM weather") == [("lga", "0", "hush")]
    assert ask("wide")("SELECT * FROM half") == [("lga", "hush")]


@pytest.mark.parametrize(
    ("user", "text"),
    [
        ("jfk", "SELECT note FROM weather"),
        ("jfk", "SELECT w.note FROM weather w"),
        ("jfk", "SELECT 1 FROM weather a JOIN weather b USING (note)"),
        ("jfk", "SELECT count(*) FROM weather WHERE note = 'hush'"),
        ("jfk", "SELECT (SELECT max(note) FROM weather) FROM weather"),
        ("jfk", "SELECT site FROM weather ORDER BY note"),
        ("jfk", "SELECT * FROM secrets"),
        ("jfk", "SELECT * FROM public.warm"),
        ("nobody", "SELECT * FROM weather"),
        ("reader", "SELECT * FROM warm"),
        ("unknown", "SELECT * FROM weather"),
        ("jfk", "COPY (SELECT note FROM weather) TO STDOUT"),
        ("jfk", "COPY secrets TO STDOUT"),
        ("jfk", "CREATE TEMP TABLE mine AS SELECT * FROM secrets"),
        ("jfk", "PREPARE p AS SELECT * FROM secrets"),
        ("jfk", "DECLARE c CURSOR WITH HOLD FOR SELECT note FROM weather"),
        ("jfk", "EXPLAIN SELECT note FROM weather"),
    ],
)
def test_what_is_not_granted_is_refused_in_postgresqls_words(ask: Ask, user: str, text: str) -> None:
    error = refused(ask(user), text)
    assert error.sqlstate == "42501"
    assert error.message.startswith("permission denied for ")


def test_hints_name_what_is_granted_only(ask: Ask) -> None:
    assert refused(ask("jfk"), "SELECT * FROM secret").hint is None
    assert refused(ask("jfk"), "SELECT not FROM weather").sqlstate == "42601"
    assert refused(ask("jfk"), "SELECT nota FROM weather").hint is None
    assert "weather" in str(refused(ask("jfk"), "SELECT * FROM wether").hint)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')", [("weather",)]),
        ("SELECT attname FROM pg_attribute WHERE attrelid = 'weather'::regclass AND attnum > 0", [("site",), ("temp",)]),
        ("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'", None),
        ("SELECT name FROM fedgate.tables", [("weather",)]),
        ("SELECT name, url, last_error FROM fedgate.nodes", [("n1", None, None)]),
        ('SELECT "table", relation, "check" FROM fedgate.placements', [("weather", None, None)]),
        ("SELECT count(*) FROM pg_views WHERE schemaname = 'public'", [("0",)]),
        ("SELECT to_regclass('secrets') IS NULL, to_regclass('weather') IS NULL", [("t", "f")]),
        ("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'fedgate'", [("jfk",)]),
        ("SELECT count(*) FROM pg_authid WHERE rolpassword LIKE 'SCRAM%'", [("0",)]),
    ],
)
def test_the_catalogs_list_what_is_granted(ask: Ask, text: str, found: list[tuple[str | None, ...]] | None) -> None:
    assert sorted(ask("jfk")(text), key=str) == (found or [("weather", "site"), ("weather", "temp")])


def test_rights_are_those_of_the_role_that_is_set(ask: Ask) -> None:
    boss = ask("boss")
    boss("PREPARE p AS SELECT count(*) FROM weather")
    assert boss("EXECUTE p") == [("4",)]
    boss("SET ROLE jfk")
    assert boss("SELECT current_user, session_user") == [("jfk", "boss")]
    assert boss("EXECUTE p") == [("2",)]
    assert refused(boss, "SELECT * FROM secrets").sqlstate == "42501"
    boss("SET ROLE lga")
    assert boss("EXECUTE p") == [("1",)]
    boss("RESET ROLE")
    assert boss("EXECUTE p") == [("4",)]
    boss("BEGIN; SET LOCAL ROLE nobody")
    assert refused(boss, "EXECUTE p").sqlstate == "42501"
    boss("ROLLBACK")
    assert boss("EXECUTE p") == [("4",)]


@pytest.mark.parametrize(
    "text", ["SET ROLE boss", "SELECT set_config('role', 'boss', false)", "SET ROLE reader", "SET ROLE none_such"]
)
def test_a_role_is_set_by_its_members_only(ask: Ask, text: str) -> None:
    assert refused(ask("jfk"), text).sqlstate == "42501"
    assert ask("jfk")("SELECT count(*) FROM weather") == [("2",)]


def test_members_may_set_their_role(ask: Ask) -> None:
    lga = ask("lga")
    lga("SET ROLE reader")
    assert lga("SELECT * FROM secrets") == [("xyzzy",)]
    assert refused(lga, "SELECT * FROM weather").sqlstate == "42501"


def test_a_connections_options_do_not_raise_it(engine: Engine) -> None:
    with pytest.raises(SqlError, match="permission denied to set role"):
        Session(engine, user="jfk", startup={"role": "boss"})


def test_a_portal_is_of_the_role_that_runs_it(ask: Ask) -> None:
    session = ask("boss").session
    session.parse("s", "SELECT count(*) FROM weather", ())
    session.bind("p", "s", ())
    session.settings.set("role", "lga")
    rows = session.execute("p", 0).rows
    assert rows is not None
    assert next(iter(rows.take())).column(0).to_pylist() == [1]
    session.sync()


def test_plans_of_one_role_are_not_anothers(ask: Ask) -> None:
    text = "SELECT site, count(*) FROM weather WHERE temp >= 0 GROUP BY site ORDER BY site"
    for _ in range(3):
        assert ask("boss")(text) == [("jfk", "2"), ("lga", "1")]
        assert ask("jfk")(text) == [("jfk", "2")]
        assert ask("lga")(text) == [("lga", "1")]


def test_rights_end_when_the_catalog_says_so(engine: Engine, ask: Ask, documents: list[dict[str, Any]]) -> None:
    jfk = ask("jfk")
    jfk("PREPARE p AS SELECT count(*) FROM weather")
    assert jfk("EXECUTE p") == [("2",)]
    assert isinstance(engine.catalog, Catalog)
    engine.catalog.one = Snapshot.build([d for d in documents if d.get("name") != "jfk"], revision="2")
    assert refused(jfk, "EXECUTE p").sqlstate == "42501"


def test_who_came_in_while_anybody_could_is_nobody_afterwards(engine: Engine, ask: Ask, documents: list[dict[str, Any]]) -> None:
    assert isinstance(engine.catalog, Catalog)
    guarded = engine.catalog.one
    engine.catalog.one = Snapshot.build([d for d in documents if d["kind"] != "role"], revision="0")
    stranger = ask("boss")
    assert stranger("SELECT count(*) FROM secrets") == [("1",)]
    engine.catalog.one = guarded
    assert refused(stranger, "SELECT count(*) FROM secrets").sqlstate == "28000"


def test_errors_of_nodes_are_for_those_who_see_all(
    engine: Engine, ask: Ask, documents: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(engine.catalog, Catalog)
    outsider = {"kind": "role", "name": "out", "grants": [{"table": "away"}]}
    engine.catalog.one = Snapshot.build([*documents, outsider], revision="3")
    told = refused(ask("out"), "SELECT * FROM away")
    assert told.message.startswith(f'node "n2" failed with {told.sqlstate} in query ')
    assert "none.db" not in f"{told.message} {told.detail} {told.hint}"
    assert "none.db" in caplog.text
    mine = ask("out")("SELECT error FROM fedgate.queries WHERE state = 'failed'")
    assert mine == [(told.message,)]
    assert "none.db" not in str(ask("out")("TABLE fedgate.last_query_nodes") + ask("out")("TABLE fedgate.nodes"))
    assert "none.db" in str(ask("boss")("SELECT error FROM fedgate.queries WHERE state = 'failed'"))
    assert ask("jfk")("SELECT count(*) FROM fedgate.queries WHERE \"user\" <> 'jfk'") == [("0",)]
    assert "none.db" in refused(ask("boss"), "SELECT * FROM away").message


def test_values_of_a_wrong_type_are_not_seen_either(ask: Ask) -> None:
    assert ask("typed")("SELECT sum(n), count(*) FILTER (WHERE n / 1 > 5) FROM typed WHERE n > 0") == [("10", "1")]
    assert ask("typed")("SELECT n FROM typed ORDER BY n DESC LIMIT 1") == [("9",)]
    error = refused(ask("untyped"), "SELECT count(*) FROM typed")  # whose condition cannot be known of that row
    assert error.sqlstate == "22P02"
    assert "hush" not in f"{error.message} {error.detail} {error.hint}"


def test_what_was_read_stays_with_its_session(ask: Ask) -> None:
    boss = ask("boss")
    boss("CREATE TEMP TABLE mine AS SELECT * FROM secrets")
    boss("BEGIN")
    boss("DECLARE c CURSOR FOR SELECT word FROM secrets")
    boss("SET LOCAL ROLE nobody")
    assert boss("FETCH c") == [("xyzzy",)]  # opened with the rights of then, as in PostgreSQL
    boss("COMMIT")
    assert refused(ask("jfk"), "SELECT * FROM mine").sqlstate == "42P01"


def test_operators_see_everything(engine: Engine) -> None:
    session = Session(engine, user="fedgate", operator=True)
    assert Asker(session)("SELECT count(*) FROM secrets") == [("1",)]
    session.close()
