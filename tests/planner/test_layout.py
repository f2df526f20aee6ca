"""SQL over several lines: nothing of it is lost, constants stay whole, and lines keep to their width where they can."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedgate.planner.layout import milliseconds, size, sql_lines
from fedgate.wording import counted

WIDTH = 60
PIECES = st.sampled_from(
    ["SELECT", "FROM", "a", "b,", "CASE", "WHEN", "END", "END,", "AND", "OR", "BETWEEN", "JOIN", "LEFT", "GROUP", "BY", "1,"]
) | st.sampled_from(["(", ")", "f(", ")::int,", "[", "]", "'it''s ('", '"odd )"', "E'\\'('", "'unclosed", '"unclosed'])


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(st.lists(PIECES, max_size=80).map(" ".join))
def test_nothing_is_lost(text: str) -> None:
    shown = "".join(sql_lines(text, WIDTH))
    closing = [c for c in ("END", ")", "]") if c in bare(shown)]
    left = bare(shown).removeprefix(bare(text))
    assert re.fullmatch(r"(END|\)|\])*", left), (text, shown, closing)  # what the text had left open


def test_clauses_conditions_and_lists() -> None:
    text = (
        "SELECT a, count(*) FILTER (WHERE x IS DISTINCT FROM y) AS n, "
        "mode() WITHIN GROUP (ORDER BY x) AS m FROM t INNER JOIN u ON t.a = u.a "
        "WHERE (a BETWEEN 1 AND 2) AND b BETWEEN 3 AND 4 AND c IN ('AND', 'FROM t, WHERE') ORDER BY a"
    )
    assert sql_lines(text, WIDTH) == [
        "SELECT a, count(*) FILTER (WHERE x IS DISTINCT FROM y) AS n,",
        "  mode() WITHIN GROUP (ORDER BY x) AS m",
        "FROM t INNER JOIN u ON t.a = u.a",
        "WHERE (a BETWEEN 1 AND 2)",
        "  AND b BETWEEN 3 AND 4",
        "  AND c IN ('AND', 'FROM t, WHERE')",
        "ORDER BY a",
    ]


def test_what_does_not_fit_is_opened() -> None:
    inner = "SELECT a AS aaaaaaaaaaaaa, b AS bbbbbbbbbbbbbbbbbbbbb FROM t WHERE a > 1"
    case = "CASE WHEN aaaaaaaaaaaaa THEN bbbbbbbbbbbbbbbbbbbbbbbbb ELSE ccccccccccccccccccc END"
    assert sql_lines(f"SELECT x, {case} AS y FROM ({inner}) q", WIDTH) == [
        "SELECT x,",
        "  CASE",
        "    WHEN aaaaaaaaaaaaa THEN bbbbbbbbbbbbbbbbbbbbbbbbb",
        "    ELSE ccccccccccccccccccc",
        "  END AS y",
        "FROM (",
        "  SELECT a AS aaaaaaaaaaaaa, b AS bbbbbbbbbbbbbbbbbbbbb",
        "  FROM t",
        "  WHERE a > 1",
        ") q",
    ]


def test_deep_and_long_texts_end() -> None:
    deep = "(" * 5000 + "a" + ")" * 5000
    assert bare("".join(sql_lines(deep, WIDTH))) == deep
    assert sql_lines(f"SELECT '{'a' * 1000}' AS a", WIDTH)[1] == "  '" + "a" * 59 + "… 942 characters more'"
    wide = f"x IN ({', '.join(map(str, range(5000)))})"
    assert max(map(len, sql_lines(wide, WIDTH))) <= WIDTH


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (counted(1, "row"), "1 row"),
        (counted(0, "row"), "0 rows"),
        (milliseconds(0.04), "0.0 ms"),
        (milliseconds(9.94), "9.9 ms"),
        (milliseconds(57.4), "57 ms"),
        (milliseconds(12_345.6), "12.3 s"),
        (size(1), "1 byte"),
        (size(10_239), "10239 bytes"),
        (size(10_240), "10 kB"),
        (size(123_456_789), "118 MB"),
    ],
)
def test_numbers(shown: str, text: str) -> None:
    assert shown == text
