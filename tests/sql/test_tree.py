"""Shapes of bound queries: what the text's forms become."""

from __future__ import annotations

import sys

import pytest

from fedgate.errors import SqlError
from fedgate.schema import Column, Table, View
from fedgate.sql import tree
from fedgate.sql.bind import BindContext, bind, bind_expression
from fedgate.sql.parse import parse
from fedgate.types import SqlType
from tests.sql.invariants import broken

T = Table("public", "t", (Column(1, "a", SqlType(23)), Column(2, "b", SqlType(25)), Column(3, "c", SqlType(1700, 786440))), 20000)
V = View("public", "v", "select a, count(*) as n from t group by a", 20001)
LOOP = View("public", "loop", "select * from loop", 20002)


class Relations:
    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        found: dict[str, Table | View] = {"t": T, "v": V, "loop": LOOP}
        return found.get(name) if schema in (None, "public") else None

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        return "t" if name == "tt" else None

    def schema_exists(self, schema: str) -> bool:
        return schema == "public"


def bound(sql: str, parameters: tuple[int, ...] = ()) -> tree.BoundQuery:
    made = bind(parse(sql)[0], Relations(), BindContext(), parameters)
    assert broken(made) == []
    return made


def block(sql: str) -> tree.Block:
    query = bound(sql).query
    assert isinstance(query, tree.Block)
    return query


def first(sql: str) -> tree.Expr:
    return block(sql).targets[0].expr


def test_a_with_item_read_once_moves_into_from() -> None:
    query = block("with x as (select a from t) select a from x")
    assert query.ctes == ()
    assert isinstance(query.from_[0], tree.Derived)


@pytest.mark.parametrize(
    "sql",
    [
        "with x as (select a from t) select * from x, x y",
        "with x as materialized (select a from t) select * from x",
        "with x as (select random() as r) select * from x",
        "with recursive x(n) as (select 1 union all select n + 1 from x where n < 3) select * from x",
    ],
)
def test_other_with_items_stay(sql: str) -> None:
    query = block(sql)
    assert len(query.ctes) == 1
    assert isinstance(query.from_[0], tree.CteRef)


def test_a_with_item_that_nobody_reads_goes_and_takes_its_reads_along() -> None:
    query = block("with x as (select a from t), y as (select * from x) select a from x")
    assert query.ctes == ()
    assert isinstance(query.from_[0], tree.Derived)


def test_lists_become_arrays_and_single_values_operators() -> None:
    several = first("select a in (1, 2, 3) from t")
    assert isinstance(several, tree.ScalarArrayOp)
    assert isinstance(several.right, tree.ArrayExpr)
    assert not several.all
    none = first("select a not in (1, 2) from t")
    assert isinstance(none, tree.ScalarArrayOp)
    assert none.all
    assert isinstance(first("select a in (1) from t"), tree.OpExpr)
    assert isinstance(first("select a in (1, 2, a + 1) from t"), tree.BoolExpr)


def test_keys_become_group_references() -> None:
    query = block("select a + 1, count(*), max(c) from t group by a + 1 having a + 1 > 2 order by a + 1")
    assert isinstance(query.targets[0].expr, tree.GroupRef)
    assert isinstance(query.having, tree.OpExpr)
    assert isinstance(query.having.args[0], tree.GroupRef)
    assert query.order_by[0].column == query.targets[0].id


def test_grouping_sets_are_key_numbers() -> None:
    assert block("select a, b from t group by rollup (a, b)").grouping_sets == ((0, 1), (0,), ())
    assert block("select a, b from t group by a, grouping sets ((b), ())").grouping_sets == ((0, 1), (0,))
    assert block("select a, b from t group by cube (a, b)").grouping_sets == ((0, 1), (0,), (1,), ())
    assert block("select a from t group by a, ()").grouping_sets is None


def test_what_is_only_sorted_by_is_junk() -> None:
    query = block("select b from t order by a desc, b")
    assert [t.junk for t in query.targets] == [False, True]
    assert [(k.descending, k.nulls_first) for k in query.order_by] == [(True, True), (False, False)]
    assert [c.name for c in query.columns] == ["b"]


def test_an_aggregate_of_outer_columns_belongs_to_the_outer_block() -> None:
    query = block("select (select max(t.a)) from t")
    assert not query.grouped
    link = query.targets[0].expr
    assert isinstance(link, tree.SubLink)
    assert isinstance(link.query, tree.Block)
    read = link.query.targets[0].expr
    assert isinstance(read, tree.Var)
    assert not link.query.grouped
    (below,) = query.from_
    assert isinstance(below, tree.Derived)
    assert isinstance(below.query, tree.Block)
    assert below.query.grouped
    assert [(below.rel, t.id) for t in below.query.targets] == [(read.rel, read.col)]
    assert isinstance(below.query.targets[0].expr, tree.Aggref)


def test_facts_of_the_statement_are_parameters() -> None:
    names = {
        n.name
        for n in tree.walk(bound("select now(), current_date, current_user, localtimestamp").query)
        if isinstance(n, tree.Param)
    }
    assert names == {"now", "user"}


def test_parameters_take_the_clients_types() -> None:
    made = bound("select a from t where a = $1 and b = $2 limit $3", (20, 0))
    assert [p.oid for p in made.parameters] == [20, 25, 20]


def test_hidden_columns_are_found_but_not_in_stars() -> None:
    query = block("select *, _node, t._shard from t where _node = 'x'")
    assert [c.name for c in query.columns] == ["a", "b", "c", "_node", "_shard"]
    last = query.targets[-1].expr
    assert isinstance(last, tree.Var)
    assert last.col == -7


def test_views_are_expanded_and_loops_refused() -> None:
    query = block("select n from v where a = 1")
    assert isinstance(query.from_[0], tree.Derived)
    with pytest.raises(SqlError) as caught:
        bound("select * from loop")
    assert caught.value.sqlstate == "42P17"


def test_the_nearest_name_is_the_hint() -> None:
    with pytest.raises(SqlError) as caught:
        bound("select * from tt")
    assert (caught.value.sqlstate, caught.value.position) == ("42P01", 15)
    assert caught.value.hint == 'Perhaps you meant "t".'


def test_moments_stay_open_until_the_statement_runs() -> None:
    assert isinstance(first("select 'now'::timestamptz"), tree.Coerce)
    assert isinstance(first("select '2024-01-01'::timestamptz"), tree.Const)


def test_expressions_of_the_catalog() -> None:
    expr = bind_expression("a > 1 and b = 'x'", T.columns, 0, BindContext())
    assert {(n.rel, n.col) for n in tree.walk(expr) if isinstance(n, tree.Var)} == {(0, 1), (0, 2)}
    for text, state in {
        "a = (select 1)": "0A000",
        "count(*) > 1": "42803",
        "nope = 1": "42703",
        "a, b": "42601",
        "$1 = a": "0A000",
    }.items():
        with pytest.raises(SqlError) as caught:
            bind_expression(text, T.columns, 0, BindContext())
        assert caught.value.sqlstate == state, text


def test_a_statement_too_deep_to_bind_is_54001() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)  # a server in the same process may have raised it
    try:
        _refuse_900_terms()
    finally:
        sys.setrecursionlimit(before)


def _refuse_900_terms() -> None:
    with pytest.raises(SqlError) as caught:
        bound("select " + "1+" * 900 + "1")
    assert caught.value.sqlstate == "54001"
