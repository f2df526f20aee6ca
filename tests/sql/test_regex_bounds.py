"""Regular expressions cost a bounded time: tests by RE2 agree with PostgreSQL 15, what only backtracking could do is refused."""

from __future__ import annotations

import pytest

from fedgate.errors import SqlError
from fedgate.sql.functions import regex_bounds
from fedgate.sql.functions.regex import compiled, found
from tests.sql.pair import Pair

_TEXTS = (
    "(values ('a'), ('aab'), ('foo.bar'), ('a,b,c'), (repeat('a', 40)), ('x' || chr(11) || 'y z'), (''), (null), ('Ab\nc')) v(x)"
)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+b",
        r"(a|a)*b$",
        r"^(\w+\s?)*$",
        r"(x+x+)+y",
        r".*a.*a.*b",
        r"(a*)*$",
        r"(\w+\.)+\w+$",
        r"^(a?){12}a{12}$",
        r"(\s|a)+\s*z",
    ],
)
@pytest.mark.parametrize("operator", ["~", "~*", "!~"])
def test_tests_of_costly_patterns_answer_as_postgresql(pair: Pair, operator: str, pattern: str) -> None:
    assert (
        pair.check(f"select x, x {operator} '{pattern}' from {_TEXTS} where x is null or x not like '%' || chr(11) || '%'") is None
    )


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(a|a)*b", r"(\w+\s?)*$", r"(.*?,){11}P", "a?" * 25 + "a{25}"])
def test_what_needs_exponential_time_is_refused(pair: Pair, pattern: str) -> None:
    assert pair.actual(f"select regexp_replace(repeat('a', 30), '{pattern}', 'x')").error == "0A000"


@pytest.mark.parametrize(
    ("pattern", "power"),
    [
        (r"(a|b)*c", 1),
        (r"^(\w+)@(\w+)\.com$", 0),
        (r"(\d{1,3}\.){3}\d{1,3}", 1),
        (r"^.*/(.*)\..*$", 3),
        (r"(foo|bar)+", 1),
        ("foo|foobar", 1),
    ],
)
def test_common_patterns_keep_a_low_power(pattern: str, power: int) -> None:
    assert regex_bounds.degree(compiled(pattern)) == power


def test_the_length_of_the_text_bounds_ambiguous_patterns() -> None:
    pattern = compiled(r"a*a*a*a*b")
    assert found(pattern, "a" * 30 + "b", 0, groups=False) is not None
    with pytest.raises(SqlError, match="a text of 5000 characters"):
        found(pattern, "a" * 5000, 0, groups=False)
