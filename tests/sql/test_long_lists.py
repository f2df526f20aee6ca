"""Long lists of constants: one constant from the binder on, and the answers that short lists give."""

from __future__ import annotations

from functools import cache

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


_ROWS = {
    "int2": ["7::int2", "null", "(-32768)::int2"],
    "int8": ["9007199254740993", "null", "-9223372036854775807"],
    "float8": ["0.1::float8", "'nan'::float8", "'-inf'::float8", "1e-320::float8", "null", "-0.0::float8"],
    "bool": ["true", "null", "false"],
    "text": ["'it''s'", "''", "null", "'é,[]\"{}'", "'null'"],
    "separators": ["'a\x1fb'", "null", "'c'"],
    "absent": ["'\x1e'", "null", "'c'"],
    "date": ["date '2024-02-29'", "null", "date '0044-03-15 BC'"],
    "infinite": ["date 'infinity'", "null", "date '2024-02-29'"],
    "timestamp": ["timestamp '2024-02-29 10:11:12.000001'", "null", "timestamp '1890-01-01'"],
    "timestamptz": ["timestamptz '2024-02-29 10:11:12.5+02'", "null", "timestamptz '0044-03-15 00:00:00+00 BC'"],
    "numeric": ["1.50", "1.5", "null", "'nan'::numeric"],
    "mixed": ["1", "2.5", "null", "3::int8"],
    "unknown": ["'2024-01-01'", "null", "date '2024-02-29'"],
}


@pytest.mark.parametrize("kind", _ROWS)
def test_many_rows_are_the_same_as_few(kind: str) -> None:
    """Each value beside its place, in order, typed as it is among few rows."""
    few = [f"({place}, {value})" for place, value in enumerate(_ROWS[kind])]
    many = [*few, *(f"({place}, {_ROWS[kind][0]})" for place in range(len(few), 300))]
    shape = "select column1, extract(epoch from column2) from (values {}) v" if kind == "timestamptz" else "values {}"
    short, long = (bound(shape.format(", ".join(rows))) for rows in (few, many))
    assert [(c.name, c.type) for c in long.columns] == [(c.name, c.type) for c in short.columns]
    assert str(_run(long)[: len(few)]) == str(_run(short))
    assert [row[0] for row in _run(long)] == list(range(300))


def test_many_rows_are_walked_as_one_list_a_column() -> None:
    rows = ", ".join(f"({n}, 'k{n}')" for n in range(3000))
    tree = bound(f"select b, a from (values {rows}) v(a, b) order by a desc limit 2")
    assert sum(1 for _ in walk(tree, into_queries=True)) < 50
    assert _run(tree) == [("k2999", 2999), ("k2998", 2998)]
    assert _run(bound(f"values {rows} order by column2 || 'x' limit 1")) == [(0, "k0")]
    assert len(_run(bound(f"values {rows} union all values (null, null) union all values {rows}"))) == 6001


def test_ten_thousand_values_join_on_either_side_of_an_outer_join() -> None:
    listed = ", ".join(map(str, range(10_000)))
    tree = bound(
        "select count(*), count(b.x) from (values (1), (-1)) a(x) left join (values (1), (-1)) b(x) "
        f"on a.x = b.x and b.x in ({listed})"
    )
    assert _run(tree) == [(2, 1)]


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    install(connection)
    return connection


def _run(tree: BoundQuery) -> list[tuple[object, ...]]:
    lowered = lower(tree.query, lambda table: "", timezone="UTC")
    return _connection().execute(fill(lowered.template, {}, literal)).fetchall()
