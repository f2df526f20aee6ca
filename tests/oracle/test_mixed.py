"""Comparisons of a column with a constant of another type: every pair and operator on every engine, as values and as filters; those
that go by the session's zone in three zones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import PostgresServer
from tests.fleets.mixed import mixed_fleet
from tests.fleets.union import UnionFleet
from tests.oracle.gateway import Gateway, serving
from tests.oracle.statements import Statement
from tests.oracle.unions import assert_answers
from tests.oracle.wire import Protocol

_DAYS = ("date '2024-03-10'", "timestamp '2024-03-10'", "timestamp '2024-03-10 02:30'", "timestamptz '2024-03-10 05:00Z'")
TIMES = {
    "d": _DAYS,
    "ts": _DAYS,
    "tz": (*_DAYS, "date '2024-03-09' + 1", "timestamptz '2024-03-11 04:00Z' - interval '1 day'", "date 'infinity'"),
    "tm": ("time '04:00'", "interval '04:00'"),
    "iv": ("interval '6 hours'", "time '06:00'"),
}
OTHERS = {
    "i2": ("5", "5.0", "5::bigint", "5.5::float8", "40000", "5::real"),
    "i4": ("7", "7.0", "7::bigint", "7.0::real", "7::float8", "2147483647.5", "-7.5", "7.00::float8::numeric"),
    "i8": (
        "9007199254740993",
        "9007199254740993.0",
        "9007199254740993::float8",
        "1.5::real",
        "123456789012345680::float8::numeric",
    ),
    "n": ("1.5", "1.5::float8", "1.5::real", "10::bigint", "0.1::real", "0.1::float8", "3.33331"),
    "f8": ("0.1", "0.1::real", "0.1::numeric", "100::bigint", "0.30000000000000004::numeric", "1e300::numeric"),
    "f4": ("0.1", "0.1::real", "0.1::numeric", "16777217", "16777216::bigint", "0.333333343::float8"),
    "t": ("'a'::varchar", "'a '::char(3)", "'ab'::char(2)", "'a'::name", "'ab'::varchar(1)"),
    "v": ("'a'::text", "'a '::char(3)", "'ab'::varchar(1)"),
    "c": ("'a'::text", "'a  '::text", "'a'::char(9)", "'a '::varchar"),
}
OPERATORS = ("=", "<>", "<", ">=", ">", "<=")
FILTERS = ("{c} < {k}", "{c} >= {k}", "{c} in ({k}, null)", "{c} is distinct from {k}")
MORE = (
    "{k} > {c}",
    "{c} between {k} and {k}",
    "{c} not between {k} and {k}",
    "{c} in ({k}, null)",
    "{c} not in ({k})",
    "{c} = any(array[{k}, {k}])",
    "{c} <> all(array[{k}])",
    "{c} is distinct from {k}",
    "{c} is not distinct from {k}",
    "nullif({c}, {k}) is null",
    "case {c} when {k} then true else id > 20 end",
    "coalesce({c}, {k}) = {k}",
)


def predicates(column: str, constant: str) -> list[str]:
    found = [f"{column} {op} {constant}" for op in OPERATORS]
    # A time and an interval compare, but have no common type.
    alike = {"tm": "time", "iv": "interval"}.get(column, "")
    return found + [m.format(c=column, k=constant) for m in MORE if constant.startswith(alike) or "coalesce" not in m]


def statements(pairs: dict[str, tuple[str, ...]]) -> Iterator[Statement]:
    """A statement a pair with all predicates as values of one scan, and one with filters: all of times, some of others."""
    for column, constants in pairs.items():
        for at, constant in enumerate(constants):
            values = ", ".join(f"count(*) filter (where {p})" for p in predicates(column, constant))
            yield Statement(f"{column} {constant}", f"select id % 7, {values} from mixed group by 1")
            filters = FILTERS if pairs is TIMES else (FILTERS[at % len(FILTERS)],) if at % 2 == 0 else ()
            asked = [f"select id, '{n}' from mixed where {p.format(c=column, k=constant)}" for n, p in enumerate(filters)]
            if asked:
                yield Statement(f"{column} {constant}", " union all ".join(asked))


@pytest.mark.parametrize(("zone", "protocol", "pairs"), [("UTC", "simple", OTHERS), ("America/New_York", "extended", TIMES)])
def test_comparisons_across_types(
    mixed: UnionFleet, gateway: Gateway, zone: str, protocol: Protocol, pairs: dict[str, tuple[str, ...]]
) -> None:
    assert_answers(mixed, gateway, [*statements(pairs)], zone, protocol)


@pytest.mark.nightly
@pytest.mark.parametrize(("zone", "protocol"), [("UTC", "extended"), ("Asia/Kolkata", "simple")])
def test_comparisons_of_all_types(mixed: UnionFleet, gateway: Gateway, zone: str, protocol: Protocol) -> None:
    assert_answers(mixed, gateway, [*statements(TIMES), *statements(OTHERS)], zone, protocol)


@pytest.fixture(scope="module")
def mixed(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> UnionFleet:
    return mixed_fleet(postgres, tmp_path_factory.mktemp("mixed") / "fleet")


@pytest.fixture(scope="module")
def gateway(mixed: UnionFleet) -> Iterator[Gateway]:
    with serving(mixed.fleet.catalog) as running:
        yield running
