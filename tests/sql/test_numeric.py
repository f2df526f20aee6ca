"""Values beyond what carriers hold, and exact arithmetic on columns, against PostgreSQL 15."""

from __future__ import annotations

import random

import pytest

from tests.sql.pair import Pair

_HUGE = "(values (interval '2000000 hours'), (interval '2000000 hours')) v(x)"
_MIXED = (
    "(values (interval '200 hours 3 mon'), ('20 hours 5 days'), (null), ('-1 mon 3 days 2 us'), ('1 year 3 mons -17 days')) v(x)"
)


@pytest.mark.parametrize(
    "statement",
    [
        f"select avg(x) from {_HUGE}",
        f"select avg(x), sum(x) from {_MIXED}",
        f"select avg(x) over (order by x), sum(x) over (order by x) from {_MIXED}",
        f"select x * 0.3, x / 7, x / 0.3, x * device, device * x from {_MIXED}, readings",
        f"select x * 'nan'::float8 from {_MIXED}",
        f"select x / device from {_MIXED}, (values (0)) d(device)",
        f"select x * 1e9 from {_MIXED}",
    ],
)
def test_intervals_are_summed_averaged_and_scaled_as_postgresql_does(pair: Pair, statement: str) -> None:
    assert pair.check(statement) is None


@pytest.mark.parametrize("expression", ["sum(x)", "max(x * 2)", "max(x + x)", "max(-x - x)"])
def test_an_interval_without_a_carrier_is_refused_and_never_wraps(pair: Pair, expression: str) -> None:
    assert pair.actual(f"select {expression} from {_HUGE}").error == "0A000"


@pytest.mark.parametrize(
    "statement",
    [
        "select note || array[site], array[site] || note, site || device, array[device] || device, device || array[device] from "
        "readings",
        "select '{a}' || array['b'], array['b'] || '{a}', array['b'] || null::text, array['a'] || 'b'::varchar",
        "with recursive t as (select site, array[site] a, 0 n from readings union all select site, a || site, n + 1 from t "
        "where n < 2)"
        " select * from t",
    ],
)
def test_text_beside_an_array_is_an_element(pair: Pair, statement: str) -> None:
    assert pair.check(statement) is None


def _texts(source: random.Random, count: int) -> list[str]:
    """Numerics of many sizes and scales, the odd ones among them."""
    special = (
        "null",
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        "'0'",
        "'0.000'",
        "'9999'",
        "'10000'",
        "'0.0001'",
        "'999999999999999999'",
    )
    out = []
    for _ in range(count):
        if source.random() < 0.15:
            out.append(source.choice(special))
            continue
        whole = "".join(source.choice("0099123456") for _ in range(source.choice((0, 1, 2, 4, 5, 9, 13, 15, 18, 25, 40)))) or "0"
        digits = "".join(source.choice("00129945") for _ in range(source.choice((0, 0, 1, 2, 4, 9, 16, 20))))
        out.append(f"'{source.choice(('', '-'))}{whole}{'.' + digits if digits else ''}'")
    return out


def _rows(seed: int, count: int = 400) -> str:
    source = random.Random(seed)
    pairs = zip(_texts(source, count), _texts(source, count), strict=True)
    return f"(values {', '.join(f'({i}, {a}, {b})' for i, (a, b) in enumerate(pairs))}) v(i, a, b)"


_A, _B = "a::numeric", "nullif(b::numeric, 0)"


@pytest.mark.parametrize("seed", range(3))
def test_division_is_exact_over_random_operands(pair: Pair, seed: int) -> None:
    assert pair.check(f"select i, {_A} / {_B}, {_B} / nullif({_A}, 0) from {_rows(seed)}") is None
    short = "left(b, 7)::numeric"
    assert pair.check(f"select i, left(a, 9)::numeric / {short} from {_rows(seed)} where b not like '%N%' and {short} <> 0") is None


@pytest.mark.parametrize("kept", ["true", "a not like '%N%' and a not like '%I%' and length(a) < 14"])
def test_aggregates_of_random_numerics_are_exact(pair: Pair, kept: str) -> None:
    aggregates = ", ".join(f"{name}({_A})" for name in ("sum", "avg", "var_samp", "var_pop", "stddev_samp", "stddev_pop"))
    assert pair.check(f"select i % 40, {aggregates}, sum(distinct {_A} / 7) from {_rows(9)} where {kept} group by 1") is None


def test_sums_of_more_digits_than_a_decimal_are_exact(pair: Pair) -> None:
    values = "(values ('1e30'), ('1e30'), ('0.000000000000000001'), ('-99999999999999999999')) v(x)"
    assert pair.check(f"select sum(x::numeric), avg(x::numeric), stddev(x::numeric) from {values}") is None
    assert pair.check(f"select x::numeric + 0.1 ^ 2, x::numeric * 1e12, round(x::numeric, 2) from {values}") is None


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kept", ["true", "length(a) < 20 and length(b) < 20 and a not like '%N%' and b not like '%N%'"])
def test_operators_keys_and_rounding_are_exact_over_random_operands(pair: Pair, seed: int, kept: str) -> None:
    values = f"{_rows(20 + seed)} where {kept}"
    b = "b::numeric"
    assert pair.check(f"select i, {_A} + {b}, {_A} - {b}, {_A} * {b}, round({_A}, 2), round({b}, 9) from {values}") is None
    assert pair.check(f"select i, {_A} < {b}, {_A} = {b}, rank() over (order by {_A}) from {values}") is None
    assert pair.check(f"select count(distinct {_A}), max({_A}), min({b}) from {values}") is None


@pytest.mark.parametrize(
    "statement",
    [
        "select length(round(-7.25, 2147483647)::text), trunc(1.5, -2147483648), length(round(1.5, 16383)::text)",
        "select length(round(repeat('9', 20000)::numeric, -19000)::text), trunc(repeat('9', 2000)::numeric, -1990)",
        "select make_timestamptz(2013 + device, 1 + device % 12, 1 + device, device % 24, device % 60, device * 1.5, "
        "'America/New_York'),"
        " make_timestamp(2013 + device, 1 + device % 12, 1 + device, device % 24, device % 60, device * 1.5) from readings "
        "where device < 20",
        "select make_timestamp(-44, 3, 15, 0, 0, 0), make_timestamp(2012, 2, 29, 24, 0, 0), make_timestamp(2013, 2, 3, 23, 59, 60)",
        "select make_timestamp(2013, 2, device, 0, 0, 0) from readings",
        "select make_timestamp(2013, 2, 29, 2, 0, 1)",
        "select make_timestamp(300000, 2, 2, 2, 0, 1)",
        "select make_timestamp(2012, 2, 29, 2, 0, null), make_timestamp(2012, 2, 29, 2, 0, 1.23456789)",
    ],
)
def test_limits_of_rounding_and_of_timestamps(pair: Pair, statement: str) -> None:
    assert pair.check(statement) is None


@pytest.mark.parametrize("number", ["'nan'::real", "'nan'::numeric"])
def test_nan_among_numerics_of_fixed_digits_is_refused(pair: Pair, number: str) -> None:
    assert pair.actual(f"select x::numeric(5,1) from (values ({number}), (1)) v(x)").error == "0A000"
