"""What Python computes of conditions is PostgreSQL's value in every zone, and prunes; all else is left to the merge engine."""

from __future__ import annotations

import pytest

from fedgate.catalog.model import CHECK_REL
from fedgate.planner import make_plan
from fedgate.planner.compute import Unknown, value_of
from fedgate.planner.explain import Explained, describe
from fedgate.sql.bind import bind, bind_expression
from fedgate.sql.parse import parse
from fedgate.sql.tree import Expr
from tests.conftest import PostgresServer
from tests.planner.golden import CONTEXT, GoldenWorld, fleet
from tests.planner.world import READINGS, SITES

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe")
MOMENTS = (
    "2024-03-31 00:30:00+00",
    "2024-03-10 07:15:00.123456+00",
    "2024-11-03 05:30:00+00",
    "2024-11-03 06:30:00+00",
    "2011-12-30 11:00:00+00",
    "2024-02-29 23:59:59.999999+00",
    "1883-11-18 16:59:59+00",
    "1899-12-31 23:59:58+00",
)
EXPRESSIONS = (
    "now() - interval '7 days'",
    "now() - interval '1 month'",
    "interval '1 year 2 mons -3 days 04:05:06' + now()",
    "now() - 3 * interval '90 minutes'",
    "now() - interval '1 day' * 2",
    "now() - (interval '1 mon' - interval '1 hour')",
    "now() + (- interval '1 day 12:00')",
    *(f"date_trunc('{unit}', now())" for unit in ("second", "MINUTE", "hour", "day", "week", "month", "quarter", "year")),
    "date_trunc('week', now() - interval '2 weeks')",
    "date_trunc('quarter', now()) + interval '3 months'",
    "date_trunc('month', now()::timestamp)",
    "date_trunc('hour', now()::timestamp - interval '1 hour')",
    "now()::date",
    "now()::date - 7",
    "3 + now()::date",
    "(now()::date - 1)::timestamptz",
    "(now()::date)::timestamp",
    "now()::date + interval '1 month'",
    "now()::timestamp",
    "now()::timestamp::date",
    "(now()::timestamp + interval '1 day')::timestamptz",
    "to_timestamp(1710054900.1234567)",
    "to_timestamp(-0.0000005)",
    "timestamptz 'infinity' - interval '1 day'",
    "(date '-infinity')::timestamptz",
    "date_trunc('day', timestamptz '-infinity')",
    "date 'infinity' + 1",
    "now() - null::interval",
    "7 * 6 - 2::int8",
    "2::int2 + 3",
)
LEFT = (
    "2147483647 + 1",
    "date '5874897-12-31' + 1",
    "timestamptz '294246-12-31 00:00+00' + interval '1000 years'",
    "date '200000-01-01'::timestamptz + interval '100000 years'",
    "interval '1 day' * 0.5",
    "date_trunc('nothing', now())",
    "date_trunc('millennium', now())",
    "upper('a')",
    "1 / 0",
    "now()::timestamptz(0)",
    "to_timestamp('nan')",
)


def parsed(text: str) -> Expr:
    return bind_expression(text, READINGS.columns, CHECK_REL, CONTEXT)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_value_is_postgresqls(postgres: PostgresServer, expression: str) -> None:
    expr = parsed(expression)
    with postgres.connect() as connection:
        for zone in ZONES:
            connection.execute("SELECT set_config('TimeZone', %s, false)", (zone,))
            for moment in MOMENTS:
                then = f"timestamptz '{moment}'"
                there = expression.replace("now()", then)
                row = connection.execute(f"SELECT {_number(there, expr.type.oid)}, {_number(then, 1184)}".encode()).fetchone()
                assert row is not None
                assert value_of(expr, {"now": row[1]}, zone) == row[0], (zone, moment)


@pytest.mark.parametrize("expression", LEFT)
def test_what_it_does_not_know_is_left(expression: str) -> None:
    with pytest.raises(Unknown):
        value_of(parsed(expression), {"now": 0}, "UTC")


@pytest.mark.parametrize(
    ("predicate", "kept"),
    [
        ("ts >= now() - interval '7 days'", False),
        ("ts >= now() - interval '90 days'", True),
        ("now() - interval '1 month' < ts", False),
        ("ts < now() - interval '7 days'", True),
        ("ts between now() - interval '6 hours' and now()", False),
        ("ts >= date_trunc('month', now())", False),
        ("ts = now() - interval '7 days'", False),
        ("not ts < now() - interval '7 days'", False),
        ("ts > current_date", False),
        ("ts > date '2024-03-01'", True),
        ("ts > timestamp '2024-03-02'", False),
        ("day >= current_date - 7", True),
    ],
)
def test_a_shard_of_the_past_is_left_out(predicate: str, kept: bool) -> None:
    """The check says that the shard ends on 2 March; it is noon of 20 May."""
    shards = GoldenWorld(checks=dict.fromkeys(SITES, parsed("ts < '2024-03-02 00:00+00'")))
    (raw,) = parse(f"select site from readings where {predicate}")
    plan = make_plan(bind(raw, shards, CONTEXT), shards)
    values = {"now": 1_716_206_400 * 1_000_000}
    described = describe(Explained(plan, fleet(shards), values))
    assert len(described["exchanges"][0]["pruned"]) == (0 if kept else len(SITES))


def _number(expression: str, oid: int) -> str:
    """SQL for a value as types.values holds it."""
    if oid not in (1082, 1114, 1184):
        return expression
    ends = "2147483647" if oid == 1082 else "9223372036854775807"
    there = f"({expression}) - date '1970-01-01'" if oid == 1082 else f"(extract(epoch from {expression}) * 1000000)::bigint"
    sign = f"case when ({expression})::text = 'infinity' then {ends} else -{ends} end"
    return f"case when ({expression}) is not null then case when isfinite({expression}) then {there} else {sign} end end"
