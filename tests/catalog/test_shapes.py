"""Checks of one shape are bound once, and come out as if each had been bound."""

from __future__ import annotations

import pytest

from fedgate.catalog.expressions import CONTEXT, bind_check
from fedgate.catalog.shapes import Shapes
from fedgate.errors import SqlError
from fedgate.schema import Column
from fedgate.sql.bind import bind_expression
from fedgate.sql.tree import Expr
from fedgate.types import SqlType

COLUMNS = tuple(
    Column(place, name, SqlType(oid))
    for place, (name, oid) in enumerate(
        (("n", 23), ("small", 21), ("big", 20), ("v", 701), ("r", 700), ("num", 1700), ("s", 25), ("vc", 1043), ("c", 1042),
         ("ts", 1184), ("lt", 1114), ("d", 1082), ("u", 2950), ("ok", 16), ("i", 1186), ("j", 3802)), 1
    )
)  # fmt: skip


def bound(text: str) -> Expr:
    return bind_expression(text, COLUMNS, 0, CONTEXT)


class Counting:
    def __init__(self) -> None:
        self.shapes, self.calls = Shapes(), 0

    def bind(self, text: str) -> Expr:
        def call(text: str) -> Expr:
            self.calls += 1
            return bound(text)

        return self.shapes.bind(text, (COLUMNS, 0), call)


@pytest.mark.parametrize(
    "texts",
    [
        ("s = 'a'", "s = 'b'", "s = ''", "s = 'it''s'", "s = '2024-01-01'"),
        ("s IN ('a', 'b') AND n = 1", "s IN ('c', 'd') AND n = 99"),
        ("n BETWEEN 1 AND 10", "n BETWEEN 11 AND 2147483647", "n BETWEEN 0 AND 7"),
        ("ts >= '2024-01-01' AND ts < '2024-02-01'", "ts >= '2024-02-01 03:00+02' AND ts < 'infinity'"),
        ("lt >= '2024-01-01'::timestamp OR d = date '2024-01-01'", "lt >= '2025-01-01'::timestamp OR d = date '2025-01-01'"),
        ("num >= 1.5", "num >= 2.50", "num >= 0.1"),
        ("v < 1.5 AND r < 2.5", "v < 3.25 AND r < 0.0"),
        ("small = 1", "small = 2", "small = 100000"),
        ("big > 1", "big > 2"),
        ("u = '00000000-0000-0000-0000-000000000001'", "u = '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}'"),
        ("(n, s) >= (1, 'a')", "(n, s) >= (2, 'b')"),
        ("s LIKE 'a%'", "s LIKE '%'", "s LIKE 'x'"),
        ("n % 4 = 1", "n % 4 = 2", "n % 8 = 2"),
        ("vc = 'a'", "vc = 'b'"),
    ],
)
def test_one_call_binds_all_of_a_shape(texts: tuple[str, ...]) -> None:
    counting = Counting()
    for text in texts:
        assert counting.bind(text) == bound(text), text
        assert repr(counting.bind(text)) == repr(counting.bind(text))
    assert counting.calls == 1


@pytest.mark.parametrize(
    "texts",
    [
        ("n = 1", "n = 2147483648", "n = 1.0", "n = -1", "n = -2", "n = 1e3"),
        ("n = -1", "n = -2"),
        ("c = 'a'", "c = 'b '"),
        ("i > interval '1 day'", "i > interval '1 week'"),
        ("ok = 'true'", "ok = 'f'"),
        ("d > date '2024-01-01' + 1", "d > date '2024-01-01' + 31"),
        ("s = E'a\\n'", "s = E'b\\n'"),
        ("s = U&'a'", "s = U&'b'"),
        ("s = $$a$$", "s = $$b$$"),
        ("s = 'a' -- 'b'", "s = 'c' -- 'd'"),
        ("s = 'a'\n'b'", "s = 'a'\n'c'", "s = 'b'\n'c'"),
        ("s = '--'", "s = '/*'"),
        (
            "date_trunc('day', ts) = '2024-01-01'",
            "date_trunc('month', ts) = '2024-02-01'",
            "date_trunc('month', ts) = '2024-03-01'",
        ),
        ("num = 1.5::numeric(3,1)", "num = 1.5::numeric(4,2)"),
        ("n = ANY ('{1,2}')", "n = ANY ('{1,3}')"),
        ("v > 1", "v > 2"),
        ("j = '{}'", "j = '[1]'"),
    ],
)
def test_whatever_is_not_alike_is_bound_as_it_stands(texts: tuple[str, ...]) -> None:
    counting = Counting()
    for text in texts:
        found = counting.bind(text)
        assert found == bound(text), text


@pytest.mark.parametrize("text", ["d = '2024-13-01'", "ts > 'yesterda'", "u = 'x'"])
def test_a_literal_that_cannot_be_read_is_the_binders_error(text: str) -> None:
    counting = Counting()
    counting.bind(text.partition("'")[0] + ("'00000000-0000-0000-0000-000000000001'" if text[0] == "u" else "'2024-01-01'"))
    with pytest.raises(SqlError) as caught:
        counting.bind(text)
    with pytest.raises(SqlError) as theirs:
        bound(text)
    assert (caught.value.sqlstate, caught.value.message) == (theirs.value.sqlstate, theirs.value.message)


def test_a_shape_over_other_columns_is_another() -> None:
    assert bind_check("x = '2024'", (Column(1, "x", SqlType(25)),), 0) != bind_check(
        "x = '2024'", (Column(2, "x", SqlType(25)),), 0
    )
    texts = [bind_check(f"x > '2024-01-0{n}'", (Column(1, "x", SqlType(oid)),), 0) for n, oid in ((1, 25), (2, 1082), (3, 25))]
    assert [text.args[1].value for text in texts] == ["2024-01-01", 19724, "2024-01-03"]  # type: ignore[union-attr]
