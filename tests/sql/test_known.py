"""Functions of single values: alike rows are computed once, large values are not kept, and words of time are always read anew.
Of long texts that clients write, few are remembered.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from fedgate import limits
from fedgate.cache import of_texts
from fedgate.sql.functions import udf
from fedgate.sql.lower import install


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Calls of a function that is there for this test."""
    seen: list[tuple[str, int]] = []
    monkeypatch.setattr(udf, "UDFS", {})
    monkeypatch.setattr(udf, "_KNOWN", {})

    @udf.scalar("pg_test_pair", ["VARCHAR", "BIGINT"], "VARCHAR")
    def pair(text: str, number: int) -> str:
        seen.append((text, number))
        return f"{text}{number}"

    return seen


def ask(texts: list[str | None], numbers: list[int | None]) -> list[str | None]:
    given: list[str | None] = udf.UDFS["pg_test_pair"].call(pa.array(texts), pa.array(numbers, pa.int64())).to_pylist()
    return given


def test_rows_that_are_alike_are_computed_once(calls: list[tuple[str, int]]) -> None:
    assert ask(["a", "b", "a", None, "a"], [1, 1, 1, 1, None]) == ["a1", "b1", "a1", None, None]
    assert ask(["a", "a", "b"], [1, 1, 1]) == ["a1", "a1", "b1"]
    assert calls == [("a", 1), ("b", 1)]


def test_one_column_varies(calls: list[tuple[str, int]]) -> None:
    assert ask(["x"] * 4, [3, None, 3, 4]) == ["x3", None, "x3", "x4"]
    assert ask([], []) == []
    assert calls == [("x", 3), ("x", 4)]


def test_large_values_are_not_kept(calls: list[tuple[str, int]]) -> None:
    long = "y" * (limits.RESULT_KNOWN_CHARACTERS_MAX + 1)
    ask([long, long], [1, 1])
    ask([long], [1])
    assert calls == [(long, 1), (long, 1)]


def test_what_is_kept_is_bounded(calls: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RESULTS_KNOWN_MAX", 3)
    ask(["z"] * 10, list(range(10)))
    assert len(udf._KNOWN) <= 3


def test_now_is_read_anew() -> None:
    engine = duckdb.connect()
    install(engine)
    read = "SELECT max(pg_in_timestamp(x, 'UTC', 'ISO, MDY|postgres|1|hex')) FROM (VALUES ('now'), ('2000-01-01')) AS t(x)"
    first, second = (engine.execute(read).fetchall() for _ in range(2))
    assert first < second


@pytest.mark.parametrize(("length", "kept"), [(10, 20), (limits.LONG_TEXT_CHARS + 1, limits.LONG_TEXTS_KNOWN_MAX)])
def test_few_long_texts_are_remembered(length: int, kept: int) -> None:
    made: list[str] = []

    @of_texts(20)
    def function(text: str) -> None:
        made.append(text)

    texts = [f"{i:0{length}}" for i in range(20)]
    for text in texts + texts[::-1]:
        function(text)
    assert len(made) == 40 - kept
