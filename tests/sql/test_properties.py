"""What may be assumed of evaluating an expression."""

from __future__ import annotations

import pytest

from fedgate.schema import Column
from fedgate.sql.bind import bind_expression
from fedgate.sql.bind.context import BindContext
from fedgate.sql.properties import can_fail, is_strict, is_volatile, volatility
from fedgate.sql.tree import Expr
from fedgate.types import SqlType

CONTEXT = BindContext(("public", "pg_catalog"), "UTC", "ISO, MDY", "postgres", "u", "fedgate")
COLUMNS = [Column(1, "i", SqlType(23)), Column(2, "s", SqlType(25)), Column(3, "t", SqlType(1114)), Column(4, "b", SqlType(16))]


def expression(text: str) -> Expr:
    return bind_expression(text, COLUMNS, 1, CONTEXT)


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("i > 1", False),
        ("i::int8 > 1", False),
        ("lower(s) LIKE 'a%'", False),
        ("i = ANY (ARRAY[1, 2])", False),
        ("coalesce(b, i IS NULL)", False),
        ("date_trunc('day', t) = '2024-01-01'", False),
        ("date_trunc(s, t) = '2024-01-01'", True),
        ("i + 1 > 1", True),
        ("i::int2 > 1", True),
        ("s::int4 > 1", True),
        ("s ~ ANY (ARRAY['a', 's'])", True),
        ("sqrt(i) > 1", True),
        ("1 / 0 > 1", False),  # on no row more than on another
    ],
)
def test_what_can_fail_on_some_row(text: str, fails: bool) -> None:
    assert can_fail(expression(text)) is fails


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("i", True),
        ("i + 1 > 2", True),
        ("NOT b", True),
        ("upper(s)", True),
        ("coalesce(i, 1)", False),
        ("concat(s)", False),
        ("1", False),
    ],
)
def test_what_is_null_of_null(text: str, strict: bool) -> None:
    assert is_strict(expression(text)) is strict


@pytest.mark.parametrize(("text", "volatile"), [("random() < 0.5", True), ("now() > t", False), ("i + 1", False)])
def test_what_is_another_the_next_time(text: str, volatile: bool) -> None:
    assert is_volatile(expression(text)) is volatile


def test_what_is_not_known_is_volatile() -> None:
    assert volatility("no_such_function", 1) == "v"
    assert volatility("fedgate.needed", 0) == "s"
