"""Role documents: what they give, and that what is wrong with one gives nothing and lets nobody in."""

from __future__ import annotations

from typing import Any

import pytest

from fedgate.catalog.documents import Broken, read_text
from fedgate.catalog.roles import Grant, granted, memberships
from fedgate.catalog.snapshot import Snapshot

Doc = dict[str, Any]
TABLE: Doc = {
    "kind": "table",
    "name": "weather",
    "columns": [
        {"name": "origin", "type": "text"},
        {"name": "temp", "type": "double precision"},
        {"name": "at", "type": "timestamptz"},
    ],
}
VIEW: Doc = {"kind": "view", "name": "cold", "query": "SELECT * FROM weather WHERE temp < 0"}


def role(name: str = "r", **more: Any) -> Doc:
    return {"kind": "role", "name": name, **more}


def build(*documents: Doc) -> Snapshot:
    return Snapshot.build([TABLE, VIEW, *documents], now=1.0)


def said(snapshot: Snapshot) -> list[str]:
    return [f"{p.name}: {p.message}" for p in snapshot.problems]


def test_a_role_says_who_may_come_in_and_what_they_read() -> None:
    snapshot = build(
        role(
            settings={"statement_timeout": "30s"},
            connection_limit=5,
            valid_until="2030-01-01 01:00:00+01",
            admin=True,
            comment="dashboards",
            grants=[
                {"table": "weather", "columns": ["origin", "temp"], "rows": "origin = current_user OR temp > 5"},
                {"table": "public.cold"},
                {"table": "*"},
            ],
        )
    )
    found = snapshot.roles["r"]
    assert not snapshot.problems
    assert (found.connection_limit, found.valid_until, found.admin) == (5, 1_893_456_000.0, True)
    assert dict(found.settings) == {"statement_timeout": "30s"}
    assert found.grants == (
        Grant(("public", "weather"), frozenset({"origin", "temp"}), "origin = current_user OR temp > 5"),
        Grant(("public", "cold")),
        Grant(None),
    )


@pytest.mark.parametrize(("text", "moment"), [("infinity", None), ("-infinity", 0.0), ("some day", 0.0)])
def test_valid_until(text: str, moment: float | None) -> None:
    assert build(role(valid_until=text)).roles["r"].valid_until == moment


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"member_of": ["rr"]}, 'there is no role "rr"'),
        ({"member_of": ["r"]}, "a role cannot be a member of itself"),
        ({"valid_until": "some day"}, 'invalid input syntax for type timestamp with time zone: "some day"'),
        ({"grants": [{"table": "wether"}]}, 'there is no table "wether" (perhaps you mean "weather")'),
        ({"grants": [{"table": "weather", "columns": ["tmp"]}]}, 'table "weather" has no column "tmp" (perhaps you mean "temp")'),
        ({"grants": [{"table": "*", "rows": "true"}]}, '"*" means whole tables, rows cannot be chosen (name a table)'),
        ({"grants": [{"table": "*", "columns": ["temp"]}]}, '"*" means whole tables, columns cannot be chosen (name a table)'),
        ({"grants": [{"table": "cold", "rows": "true"}]}, "rows of a view cannot be chosen (write it for the tables"),
        ({"grants": [{"table": "weather", "rows": "tmp > 1"}]}, 'column "tmp" does not exist'),
        ({"grants": [{"table": "weather", "rows": "temp"}]}, "the rows of a grant must be boolean, not double precision"),
        ({"grants": [{"table": "weather", "rows": "temp > random()"}]}, "the rows of a grant depend on what a session may set"),
        ({"grants": [{"table": "weather", "rows": "at::date > '2024-01-01'"}]}, "the rows of a grant depend on what a session"),
        ({"grants": [{"table": "weather", "rows": "at::text = ''"}]}, "the rows of a grant depend on what a session may set"),
        ({"grants": [{"table": "weather", "rows": "temp > (SELECT 1)"}]}, "a subquery, window function or parameter in an expr"),
        ({"grants": [{"table": "weather", "rows": "origin = current_schema"}]}, "schema cannot stand in the rows of a grant"),
        ({"grants": [{"table": "weather", "rows": "temp > 1) OR (true"}]}, "syntax error"),
    ],
)
def test_what_is_wrong_gives_no_right(wrong: Doc, message: str) -> None:
    snapshot = build(role(**wrong), role("r2", grants=[{"table": "weather"}]))
    assert len(said(snapshot)) == 1
    assert said(snapshot)[0].startswith(f"r: {message}")
    assert granted(snapshot.roles, "r") == ()


def test_each_fault_is_a_problem_and_the_rest_holds() -> None:
    snapshot = build(role(grants=[{"table": "x"}, {"table": "weather"}, {"table": "y"}], settings={"work": "1", "TimeZone": "UTC"}))
    assert len(said(snapshot)) == 3
    assert snapshot.roles["r"].grants == (Grant(("public", "weather")),)
    assert dict(snapshot.roles["r"].settings) == {"TimeZone": "UTC"}


def test_grants_come_by_membership_and_circles_are_cut() -> None:
    snapshot = build(
        role("a", member_of=["b"], grants=[{"table": "weather", "columns": ["temp"]}]),
        role("b", member_of=["c", "d"]),
        role("c", grants=[{"table": "weather", "rows": "temp > 1"}], admin=True),
        role("d", member_of=["e"]),
        role("e", member_of=["d"], grants=[{"table": "cold"}]),
    )
    assert said(snapshot) == [
        'd: membership in "e" leads back to the role itself',
        'e: membership in "d" leads back to the role itself',
    ]
    assert memberships(snapshot.roles, "a") == ("a", "b", "c", "d")
    assert [g.table for g in granted(snapshot.roles, "a")] == [("public", "weather")] * 2
    assert not snapshot.roles["a"].admin


@pytest.mark.parametrize("name", ["public", "none", "pg_monitor"])
def test_names_that_mean_something_else(name: str) -> None:
    snapshot = build(role(name))
    assert said(snapshot) == [f'{name}: role name "{name}" is reserved']
    assert (dict(snapshot.roles), snapshot.guarded) == ({}, True)


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("kind: role\nname: r\nadmn: true", True),
        ("kind: role\nname: [r", True),
        ("kind: role\nname: r\n---\nkind: role\nname: r", True),
        ("kind: rol\nname: r", True),
        ("kind: Role\nname: r", True),
        ("name: r\nmember_of: [s]", True),
        ("kind: table\nname: r\n---\nkind: role\nname: 'r", True),
        ("kind: placement\ntable: weather\nnode: r", False),
        ("kind: node\nname: role", False),
        ("just a note about tables", False),
    ],
)
def test_a_role_that_cannot_be_read_does_not_open_the_gateway(text: str, guarded: bool) -> None:
    found = read_text(text, None)
    snapshot = Snapshot.build([d for d in found if not isinstance(d, Broken)], [d for d in found if isinstance(d, Broken)])
    assert snapshot.guarded == guarded
