"""Bounds of computed moments hold PostgreSQL's value in every time zone, and are narrow enough to prune by."""

from __future__ import annotations

import pytest

from fedgate.planner.domains import cases_of
from fedgate.planner.moments import bounds
from fedgate.planner.prune import may
from fedgate.sql.bind import bind_expression
from fedgate.sql.bind.context import BindContext
from fedgate.sql.tree import Expr, Param
from fedgate.types import SqlType
from fedgate.types.civil import DAY_US
from tests.conftest import PostgresServer
from tests.planner.world import READINGS

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Pacific/Kiritimati")
MOMENTS = ("2024-03-31 00:30:00+00", "2024-03-01 12:00:00.5+00", "2011-12-30 11:00:00+00", "2023-12-31 23:30:00+00")
EXPRESSIONS = (
    "now() - interval '7 days'",
    "now() - interval '1 month'",
    "interval '1 year 2 mons -3 days 04:05:06' + now()",
    "now() - interval '90 minutes'",
    "date_trunc('hour', now())",
    "date_trunc('day', now()) - interval '1 day'",
    "date_trunc('week', now() - interval '2 weeks')",
    "date_trunc('month', now())",
    "date_trunc('quarter', now()) + interval '3 months'",
    "date_trunc('year', now())",
    "current_date",
    "current_date - 7",
)
CONTEXT = BindContext()


def parsed(text: str) -> Expr:
    return bind_expression(text, READINGS.columns, 0, CONTEXT)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_value_lies_within(postgres: PostgresServer, expression: str) -> None:
    expr = parsed(expression)
    is_date = expr.type.oid == 1082
    with postgres.connect() as connection:
        for zone in ZONES:
            connection.execute("SELECT set_config('TimeZone', %s, false)", (zone,))
            for moment in MOMENTS:
                then = f"timestamptz '{moment}'"
                there = expression.replace("now()", then).replace("current_date", f"({then})::date")
                value = f"({there}) - date '1970-01-01'" if is_date else _micros(there)
                row = connection.execute(f"SELECT {value}, {_micros(then)}".encode()).fetchone()
                assert row is not None
                found = bounds(expr, {"now": row[1]})
                assert found is not None
                assert found[0] <= row[0] <= found[1], (zone, moment)


def _micros(moment: str) -> str:
    return f"(extract(epoch from {moment}) * 1000000)::bigint"


@pytest.mark.parametrize(
    ("predicate", "kept"),
    [
        ("ts >= now() - interval '7 days'", False),
        ("ts >= now() - interval '90 days'", True),
        ("now() - interval '1 month' < ts", False),
        ("ts < now() - interval '7 days'", True),
        ("ts between now() - interval '6 hours' and now()", False),
        ("ts >= date_trunc('month', now())", False),
        ("ts = now() - interval '7 days'", True),
        ("not ts < now() - interval '7 days'", False),
        ("day >= current_date - 7", True),
    ],
)
def test_a_shard_of_the_past_is_left_out(predicate: str, kept: bool) -> None:
    """The check says that the shard ends on 2 March; it is noon of 20 May."""
    check = parsed("ts < '2024-03-02 00:00+00'")
    (case,) = cases_of(check)
    now = 1_716_206_400 * 1_000_000
    assert may(parsed(predicate), 0, case, {"now": now}) is kept


def test_what_is_not_known_is_not_bounded() -> None:
    now = Param("now", SqlType(1184))
    assert bounds(now, {}) is None
    assert bounds(now, {"now": None}) is None
    assert bounds(parsed("ts - interval '1 day'"), {"now": DAY_US}) is None
    assert bounds(parsed("timestamp 'infinity' - interval '1 day'"), {}) is None
    assert bounds(parsed("date 'infinity' - 7"), {}) is None
