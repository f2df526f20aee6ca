"""The page of what nodes compute is what planner and dialects say, and is no page of one answer."""

from __future__ import annotations

import pytest

from tools.generate_pushdown_page import PAGE, page
from tools.lib.pushdown import ENGINES, Answer, Signature, answers


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python tools/generate_pushdown_page.py"


@pytest.mark.parametrize(
    ("call", "sqlite", "postgres"),
    [
        ("sum(c3)", Answer(True, partial=True), Answer(True, partial=True)),
        ("stddev(c3)", Answer(False, partial=True), Answer(False, partial=True)),
        ("percentile_cont(0.5) WITHIN GROUP (ORDER BY c6)", Answer(False, values=True), Answer(False, values=True)),
        ("string_agg(c8, ',')", Answer(False), Answer(True)),
        ("json_agg(c8)", Answer(False), Answer(False)),
        ("approx_count_distinct(c8)", Answer(False, values=True), Answer(False, values=True)),
    ],
)
def test_an_aggregate_is_whole_partial_values_or_none(call: str, sqlite: Answer, postgres: Answer) -> None:
    found = answers(Signature("aggregate", call.partition("(")[0], (23,), call))
    assert found is not None
    assert (found["sqlite"], found["postgres"]) == (sqlite, postgres)


def test_a_function_is_whole_or_not() -> None:
    found = answers(Signature("function", "md5", (25,), "md5(c8)"))
    assert found == {engine: Answer(engine != "sqlite") for engine in ENGINES}


def test_what_no_statement_can_write_is_not_counted() -> None:
    assert answers(Signature("function", "abs", (25,), "abs(c8)")) is None
