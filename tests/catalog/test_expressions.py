"""The SQL in documents: checks, column expressions, views."""

from __future__ import annotations

from typing import Any

import pytest

from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.schema import Table
from fedgate.sql.tree import BoolExpr, Coerce, Const, OpExpr, Var

Doc = dict[str, Any]
NODE: Doc = {"kind": "node", "name": "a", "engine": "duckdb", "url": "/a.db"}
TABLE: Doc = {
    "kind": "table",
    "name": "t",
    "columns": [{"name": "id", "type": "int"}, {"name": "at", "type": "timestamptz"}, {"name": "temp", "type": "real"}],
}


def placed(**more: Any) -> Snapshot:
    return Snapshot.build([NODE, TABLE, {"kind": "placement", "table": "t", "node": "a", "relation": "r", **more}])


def problem(snapshot: Snapshot) -> str:
    assert len(snapshot.problems) == 1
    return snapshot.problems[0].message


def table(snapshot: Snapshot) -> Table:
    return snapshot.tables[("public", "t")]


def test_a_check_is_bound_over_the_virtual_columns() -> None:
    (shard,) = (snapshot := placed(check="id > 5")).shards(table(snapshot))
    assert isinstance(shard.check, OpExpr)
    assert isinstance(shard.check.args[0], Var)
    assert (shard.check.args[0].rel, shard.check.args[0].col) == (0, 1)


def test_a_check_is_read_in_utc() -> None:
    (shard,) = (snapshot := placed(check="at >= '2024-01-01'")).shards(table(snapshot))
    assert isinstance(shard.check, OpExpr)
    bound = shard.check.args[1]
    assert isinstance(bound, Const)
    assert bound.value == 1_704_067_200_000_000


def test_the_checks_of_a_shards_placements_are_anded() -> None:
    snapshot = Snapshot.build(
        [
            NODE,
            {**NODE, "name": "b"},
            TABLE,
            {"kind": "placement", "table": "t", "node": "a", "relation": "r", "shard": "s", "check": "id > 5"},
            {"kind": "placement", "table": "t", "node": "b", "relation": "r", "shard": "s", "check": "id < 9 AND temp > 0"},
        ]
    )
    (shard,) = snapshot.shards(table(snapshot))
    assert isinstance(shard.check, BoolExpr)
    assert (shard.check.op, len(shard.check.args)) == ("and", 3)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("idd > 5", 'column "idd" does not exist'),
        ("id", "must be boolean"),
        ("at < now()", "not the same at all times"),
        ("temp < random()", "random is volatile"),
        ("id = (SELECT 1)", "subquery"),
        ("id >", "syntax error"),
        ("id > $1", "parameter"),
    ],
)
def test_a_check_that_cannot_be_trusted_is_refused(check: str, message: str) -> None:
    found = problem(placed(check=check))
    assert message in found
    assert 'field "check"' in found


def test_an_expression_is_bound_over_its_inputs_and_has_the_columns_type() -> None:
    written = {"temp": {"expression": "temp_c * 9.0 / 5 + 32", "inputs": {"temp_c": "double precision"}}}
    (shard,) = (snapshot := placed(columns=written)).shards(table(snapshot))
    column = shard.placements[0].columns[2]
    assert isinstance(column.expression, Coerce)
    assert str(column.expression.type) == "real"
    assert [(i.name, str(i.type)) for i in column.inputs] == [("temp_c", "double precision")]


@pytest.mark.parametrize(
    ("expression", "message"),
    [("temp_f", 'column "temp_f" does not exist'), ("random()", "random is volatile"), ("x + $1", "parameter")],
)
def test_an_expression_that_does_not_bind_is_a_problem(expression: str, message: str) -> None:
    assert message in problem(placed(columns={"temp": {"expression": expression, "inputs": {"x": "real"}}}))


def test_views_have_columns_and_those_that_do_not_bind_are_problems() -> None:
    snapshot = Snapshot.build(
        [
            TABLE,
            {"kind": "view", "name": "good", "query": "SELECT id, count(*) AS n FROM t GROUP BY 1"},
            {"kind": "view", "name": "over", "query": "SELECT * FROM good"},
            {"kind": "view", "name": "bad", "query": "SELECT nothing FROM t"},
            {"kind": "view", "name": "circle", "query": "SELECT * FROM circle"},
            {"kind": "view", "name": "two", "query": "SELECT 1; SELECT 2"},
        ]
    )
    over = snapshot.views[("public", "over")]
    assert [(c.attnum, c.name, str(c.type)) for c in over.columns] == [(1, "id", "integer"), (2, "n", "bigint")]
    assert sorted(p.name for p in snapshot.problems) == ["bad", "circle", "two"]


def test_a_view_of_a_broken_table_says_why() -> None:
    broken = {**TABLE, "columns": [{"name": "x", "type": "integr"}]}
    snapshot = Snapshot.build([broken, {"kind": "view", "name": "v", "query": "SELECT * FROM t"}])
    assert any(p.kind == "view" and "cannot be used" in p.message for p in snapshot.problems)
    with pytest.raises(SqlError):
        snapshot.find(None, "t", ("public",))
