"""A column's text is the text of its values, whatever mix of values it holds."""

from __future__ import annotations

import random

import pytest

from fedgate.errors import SqlError
from fedgate.types import SqlType, parse_type
from fedgate.types.arrow_values import from_python
from fedgate.types.civil import DATE_END, DATE_MIN, DAY_US, TIMESTAMP_END, TIMESTAMP_MIN, civil_from_days, days_from_civil
from fedgate.types.style import DEFAULT_STYLE, TextStyle
from fedgate.types.text_out import array_text, value_text
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY, Interval, Value
from fedgate.types.zones import find_zone

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Monrovia", "<+03>-03", "Europe/Dublin")


def check(name: str, values: list[Value], style: TextStyle = DEFAULT_STYLE) -> None:
    type_ = parse_type(name)
    expected = [None if v is None else value_text(v, type_, style) for v in values]
    assert array_text(from_python(values, type_), type_, style).to_pylist() == expected


def instants(random_: random.Random) -> list[Value]:
    """Near transitions, of whole seconds and not, in far years, infinite."""
    near = [random_.randrange(-5_000_000_000, 4_200_000_000) * 1_000_000 for _ in range(300)]
    fractions = [random_.randrange(-(10**17), 10**17) // 10**k * 10**k for k in range(7) for _ in range(20)]
    edges = [TIMESTAMP_MIN, TIMESTAMP_END - 1, TIMESTAMP_INFINITY, -TIMESTAMP_INFINITY, 0, -1, days_from_civil(2150, 7, 1) * DAY_US]
    return [*near, *fractions, *edges, None]


@pytest.mark.parametrize("zone", ZONES)
def test_timestamps(zone: str) -> None:
    values = instants(random.Random(zone))
    style = TextStyle(timezone=zone)
    check("timestamptz", values, style)
    check("timestamp", values, style)
    check("timestamptz", [v for v in values if isinstance(v, int) and v % 1_000_000 == 0], style)


@pytest.mark.parametrize("zone", ZONES)
def test_every_transition_is_in_the_table(zone: str) -> None:
    found = find_zone(zone)
    assert found is not None
    hours = [hour * 3_600_000_000 for hour in range(-400_000, 500_000, 613)]
    column = array_text(from_python(list(hours), SqlType(1184)), SqlType(1184), TextStyle(timezone=zone)).to_pylist()
    assert column == [value_text(hour, SqlType(1184), TextStyle(timezone=zone)) for hour in hours]


def test_dates_and_times() -> None:
    random_ = random.Random(5)
    check("date", [random_.randrange(DATE_MIN, DATE_END) for _ in range(200)] + [DATE_INFINITY, -DATE_INFINITY, None])
    check("date", list(range(-30_000, 50_000, 37)))
    check("time", [random_.randrange(DAY_US) for _ in range(200)] + [0, DAY_US, 1, 100_000, None])
    check("time", [0, 3_600_000_000, DAY_US])


def test_floats() -> None:
    random_ = random.Random(9)
    values: list[Value] = [random_.choice((1, -1)) * random_.random() * 10.0 ** random_.randrange(-20, 25) for _ in range(500)]
    edges: list[Value] = [0.0, -0.0, 1e14, 1e15, 999999999999999.0, 1e-4, 9.999e-5, 1e-5, float("nan"), float("inf"), None]
    values += [1.5 * 10.0**k for k in range(-10, 20)]
    check("float8", values + edges)
    check("float8", values + edges, TextStyle(extra_float_digits=0))
    check("float4", [None, 1e5, 999999.0, 1e6, 1234567.0, 16777216.0, 0.5, 1.0000000116860974e-07, float("-inf")])


def test_other_types() -> None:
    check("interval", [Interval(14, -3, 5_000_001), Interval(0, 0, 0), None])
    check("text[]", [("a", None, "", "b c", 'q"\\', "null", "{x}"), (), None])
    check("int4[]", [(1, None), (), None])
    check("timestamptz[]", [(0, TIMESTAMP_INFINITY, None), None], TextStyle(timezone="Asia/Kolkata"))
    for style in ("German, DMY", "Postgres, MDY"):
        check("date", [0, 19_782, -DATE_INFINITY, None], TextStyle(datestyle=style))
        check("timestamptz[]", [(0, TIMESTAMP_INFINITY, None), None], TextStyle(timezone="Asia/Kolkata", datestyle=style))
    check("bytea", [b"", b"\0\xff", None])
    check("bytea", [b"a\\\0\xff", None], TextStyle(bytea_output="escape"))
    check("regclass", [0, 1259, None])


def test_calendar_both_ways() -> None:
    for days in range(DATE_MIN, DATE_END, 99_991):
        assert days_from_civil(*civil_from_days(days)) == days
    assert civil_from_days(DATE_MIN) == (-4713, 11, 24)
    assert civil_from_days(DATE_END - 1) == (5_874_897, 12, 31)


def test_what_has_no_carrier_or_zone_is_refused() -> None:
    with pytest.raises(SqlError, match="interval out of range"):
        from_python([Interval(0, 0, 2**62)], SqlType(1186))
    with pytest.raises(SqlError, match="invalid value for parameter"):
        value_text(0, SqlType(1184), TextStyle(timezone="Nowhere/Land"))
