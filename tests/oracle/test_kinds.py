"""Every type on every engine: selected, filtered, grouped, ordered, aggregated, as PostgreSQL does over the union."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import PostgresServer
from tests.fleets.kinds import kinds_fleet
from tests.fleets.union import UnionFleet
from tests.oracle.gateway import Gateway, serving
from tests.oracle.statements import Statement
from tests.oracle.unions import assert_answers
from tests.oracle.wire import Protocol

COLUMNS = (
    "b", "i2", "i4", "i8", "f4", "f8", "n", "n2", "t", "v", "c", "by", "d", "tm", "ts", "ts3", "tz", "iv", "u", "j", "jb", "ai",
    "at",
)  # fmt: skip
UNORDERED = ("j",)
"""json has neither equality nor order: PostgreSQL refuses, and so it is asked."""
NUMBERS = ("i2", "i4", "i8", "n", "n2")
FLOATS = ("f4", "f8")
TIMES = ("d", "tm", "ts", "ts3", "tz", "iv")
MIN_MAX = (*NUMBERS, *FLOATS, *TIMES, "t", "v", "c")
FLOAT_SUMS = 100.0
ZONES = ("UTC", "America/St_Johns")
TEMPLATES = (
    "select id, {c} from kinds order by id",
    "select id from kinds where {c} is null order by id",
    "select id, {c}::text from kinds order by id",
    "select {c}, count(*) from kinds group by {c}",
    "select distinct {c} from kinds",
    "select id, {c} from kinds order by {c}, id",
    "select id, {c} from kinds order by {c} desc nulls last, id limit 7",
    "select count({c}), count(distinct {c}) from kinds",
    "select a.id, b.id from kinds a join kinds b on a.{c} = b.{c} where a.id < b.id and a.id < 8",
    "select id from kinds where {c} = (select k.{c} from kinds k where k.id = 6) order by id",
    "select id from kinds where {c} <> (select k.{c} from kinds k where k.id = 33) order by id",
    "select id from kinds where {c} in (select k.{c} from kinds k where k.id in (5, 34, 38)) order by id",
    "select coalesce({c}, (select k.{c} from kinds k where k.id = 8)) from kinds where id > 27",
    "select id, case when b then {c} end from kinds where id between 8 and 20 order by id",
)


def statements() -> Iterator[Statement]:
    texts = [template.format(c=c) for c in COLUMNS for template in TEMPLATES]
    texts += [f"select min({c}), max({c}) from kinds where id < 40" for c in MIN_MAX]
    texts += [f"select id % 4, min({c}), max({c}) from kinds group by 1" for c in MIN_MAX]
    texts += [f"select sum({c}), avg({c}) from kinds where id < 32" for c in NUMBERS]
    texts += [f"select id % 3, sum({c}), avg({c}) from kinds where id < 40 group by 1" for c in NUMBERS]
    texts += [f"select sum({c}), avg({c}) from kinds where id < 28" for c in FLOATS]
    texts += [f"select {c}, count(*) from kinds where {c} > '0' group by 1" for c in (*NUMBERS, *FLOATS)]
    texts += [f"select id from kinds where {c} < '2024-03-02' order by id" for c in ("d", "ts", "ts3", "tz")]
    texts += [
        "select * from kinds order by id",
        "select id from kinds where tm >= '05:35:02.714' order by id",
        "select id from kinds where iv > '2 days' order by id",
        "select sum(iv), avg(iv) from kinds where id < 28",
        "select id from kinds where u > '7fffffff-ffff-ffff-ffff-ffffffffffff' order by id",
        "select id from kinds where by > '\\x10' order by id",
        "select id from kinds where c = 'c3' or v = 'v4' or t = 'text 5' order by id",
        "select id, length(c), length(v), length(t), octet_length(t), length(by) from kinds order by id",
        "select id, jb -> 'k', jb ->> 'k', j ->> 'k', j -> 'list' -> 1 from kinds order by id",
        "select id from kinds where jb @> '{\"k\": 3}' order by id",
        "select id from kinds where jb @? '$.k ? (@ > 2)' order by id",
        "select id from kinds where jb @@ '($.k * 2).floor() - 1 > 4' order by id",
        "select id, jsonb_path_query(jb, 'strict $.*', silent => true) from kinds",
        "select id, jsonb_path_query_array(jb, '$.** ? (@ != null)'), jsonb_path_match(jb, 'exists($.aa)') from kinds",
        "select k.id, q from kinds k, jsonb_path_query(k.jb, '$.keyvalue() ? (@.value != null).key') q",
        "select id from kinds where ai[1] > 3 order by id",
        "select id from kinds where 'b' = any(at) order by id",
        "select id, cardinality(ai), array_length(at, 1) from kinds order by id",
        "select id, b and i2 > 0, not b from kinds order by id",
        "select id, extract(year from d), extract(epoch from ts), extract(isoyear from tz) from kinds order by id",
        "select extract(century from tz), count(*) from kinds group by 1",
        "select max(extract(year from ts)), min(extract(epoch from tz)), sum(extract(decade from d)) from kinds",
        "select id from kinds where extract(year from ts) > 2024 or extract(epoch from d) < 0 order by id",
        "select date_trunc('hour', tz), count(*) from kinds where id < 28 group by 1",
        "select date_trunc('day', ts), date_trunc('second', ts3), count(*) from kinds group by 1, 2",
        "select id, i8 + 1 from kinds where id < 28 order by id",
        "select id, f4 + f8, f4 * 2, n + n2, n * n2 from kinds where id < 32 order by id",
        "select bool_and(b), bool_or(b) from kinds",
        "select id % 4, bool_and(b), bool_or(b) from kinds where id < 8 group by 1",
        "select string_agg(t, ',' order by id) from kinds where id < 12",
        "select array_agg(i4 order by id) from kinds where id < 12",
    ]
    yield from (Statement(f"kinds:{at}", text) for at, text in enumerate(texts))


@pytest.mark.parametrize(
    ("zone", "protocol"), [pytest.param(ZONES[0], "simple", marks=pytest.mark.nightly), (ZONES[1], "extended")]
)
def test_every_type_at_every_engine(kinds: UnionFleet, gateway: Gateway, zone: str, protocol: Protocol) -> None:
    assert_answers(kinds, gateway, statements(), zone, protocol, FLOAT_SUMS)


@pytest.fixture(scope="module")
def kinds(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> UnionFleet:
    return kinds_fleet(postgres, tmp_path_factory.mktemp("kinds") / "fleet")


@pytest.fixture(scope="module")
def gateway(kinds: UnionFleet) -> Iterator[Gateway]:
    with serving(kinds.fleet.catalog) as running:
        yield running
