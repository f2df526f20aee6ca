"""Statements that differ in literals share a plan, and their answers stay their own."""

from __future__ import annotations

import pytest

from fedgate.session.engine import Engine
from tests.session.conftest import Asker


@pytest.mark.parametrize(
    ("template", "first", "second"),
    [
        ("SELECT count(*) FROM t WHERE n < {}", "5", "11"),
        ("SELECT count(*) FROM t WHERE {} <= n", "5", "11"),
        ("SELECT n FROM t WHERE name = '{}'", "name 3", "name 4"),
        ("SELECT count(*) FROM t WHERE at >= '{}'", "2024-01-10", "2024-01-29 12:00+00"),
        ("SELECT count(*) FROM t a JOIN t b ON a.n = b.n AND a.n > {}", "7", "20"),
        ("SELECT count(*) FROM (SELECT n, at FROM t) q WHERE n <> {} AND at < '2024-01-20'", "7", "25"),
    ],
)
def test_one_plan_for_both(engine: Engine, ask: Asker, template: str, first: str, second: str) -> None:
    one = ask(template.format(first))
    misses = engine.plans.misses
    other = ask(template.format(second))
    assert engine.plans.misses == misses
    assert one != other
    engine_disabled = ask(f"EXPLAIN {template.format(second)}")
    assert not any("lit0" in (line[0] or "") for line in engine_disabled)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT count(*) FROM t WHERE n < 5.0", "SELECT count(*) FROM t WHERE n < 5.50"),
        ("SELECT n + 1 AS m FROM t ORDER BY 1 LIMIT 1", "SELECT n + 2 AS m FROM t ORDER BY 1 LIMIT 1"),
        ("SELECT count(*) FROM t WHERE n < 5", "SELECT count(*) FROM t WHERE n < 5000000000"),
        # first rows are asked for in another way than the first two
        (
            "SELECT * FROM (SELECT name, row_number() OVER (PARTITION BY name ORDER BY at) AS n FROM t) q WHERE n <= 1",
            "SELECT * FROM (SELECT name, row_number() OVER (PARTITION BY name ORDER BY at) AS n FROM t) q WHERE n <= 2",
        ),
    ],
)
def test_what_may_change_the_plan_is_not_lifted(engine: Engine, ask: Asker, one: str, other: str) -> None:
    ask(one)
    misses = engine.plans.misses
    ask(other)
    assert engine.plans.misses == misses + 1
