"""Long lists of constants: one constant from the binder on, and the answers that short lists give."""

from __future__ import annotations

import duckdb
import pytest

from fedgate.fragment import fill
from fedgate.sql.bind import bind
from fedgate.sql.bind.constants import SHORT_MAX
from fedgate.sql.lower import install, literal, lower
from fedgate.sql.parse import parse
from fedgate.sql.tree import ArrayExpr, BoundQuery, Const, ScalarArrayOp, walk
from tests.planner.fleet import CONTEXT
from tests.planner.world import World


def bound(text: str) -> BoundQuery:
    return bind(parse(text)[0], World(), CONTEXT)


def test_a_long_list_of_constants_is_one_constant() -> None:
    numbers = range(SHORT_MAX + 1)
    tree = bound(f"select 1::int8 in ({', '.join(map(str, numbers))})")
    (found,) = (n for n in walk(tree, into_queries=True) if isinstance(n, ScalarArrayOp))
    assert isinstance(found.right, Const)
    assert found.right.value == tuple(numbers)
    assert sum(1 for _ in walk(tree, into_queries=True)) < SHORT_MAX


@pytest.mark.parametrize("item", ["now()::date - current_date", "a"])
def test_a_list_with_anything_else_stays_written_out(item: str) -> None:
    elements = ", ".join([*map(str, range(SHORT_MAX + 1)), item])
    tree = bound(f"select array[{elements}] from (values (1)) v(a)")
    assert any(isinstance(n, ArrayExpr) for n in walk(tree, into_queries=True))


_TEXTS = [f"k{i}" for i in range(500)]
_LISTS = {
    "int2": ("smallint", [str(i) for i in range(500)]),
    "int4": ("int", [str(i) for i in range(500)]),
    "int8": ("bigint", [str(i) for i in range(500)]),
    "numeric": ("numeric(6,2)", [f"{i}.50" for i in range(499)] + ["7"]),
    "text": ("text", [f"'{t}'" for t in _TEXTS] + ["'it''s'", "''"]),
    "separator": ("text", [f"'{t}'" for t in _TEXTS] + ["'a\x1fb'"]),
    "varchar": ("varchar(5)", [f"'{t}'" for t in _TEXTS]),
    "date": ("date", [f"date '2020-01-01' + {i}" for i in range(300)]),
}


@pytest.mark.parametrize("null", [False, True])
@pytest.mark.parametrize("kind", _LISTS)
def test_long_lists_have_three_values(kind: str, null: bool) -> None:
    type_, items = _LISTS[kind]
    absent = {"date": "date '1999-01-01'", "text": "'zz'", "separator": "'zz'", "varchar": "'zz'"}.get(kind, "-1")
    listed = ", ".join([*items, "null"] if null else items)
    rows = ", ".join(f"({n}, ({v})::{type_})" for n, v in enumerate((items[0], items[-1], absent, "null")))
    tree = bound(f"select v.x in ({listed}), v.x not in ({listed}) from (values {rows}) v(n, x) order by n")
    miss = (None, None) if null else (False, True)
    assert _run(tree) == [(True, False), (True, False), miss, (None, None)]


def test_ten_thousand_values_join_on_either_side_of_an_outer_join() -> None:
    listed = ", ".join(map(str, range(10_000)))
    tree = bound(
        "select count(*), count(b.x) from (values (1), (-1)) a(x) left join (values (1), (-1)) b(x) "
        f"on a.x = b.x and b.x in ({listed})"
    )
    assert _run(tree) == [(2, 1)]


def _run(tree: BoundQuery) -> list[tuple[object, ...]]:
    lowered = lower(tree.query, lambda table: "", timezone="UTC")
    with duckdb.connect() as connection:
        install(connection)
        return connection.execute(fill(lowered.template, {}, literal)).fetchall()
