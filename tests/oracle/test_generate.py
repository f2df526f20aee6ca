"""The generator makes queries that PostgreSQL takes, the same for a seed, and the shrinker finds the small core of a fault."""

from __future__ import annotations

from collections import Counter

from tests.fleets.traps import TrapFleets
from tests.oracle.expressions import Parameters
from tests.oracle.fuzz import PARAMETERS_EVERY, made
from tests.oracle.generate import query
from tests.oracle.query import Query
from tests.oracle.shrink import shrink
from tests.oracle.wire import Wire


def test_postgresql_takes_what_is_made(fleets: TrapFleets) -> None:
    server = Wire(fleets.union)
    try:
        states = Counter(server.run(query(seed).sql()).sqlstate for seed in range(300))
    finally:
        server.close()
    assert set(states) <= {None, "22003", "22008", "22P02"}, states
    assert states[None] >= 285


def test_postgresql_takes_constants_as_parameters(fleets: TrapFleets) -> None:
    asked = [made(seed, "UTC") for seed in range(0, 120, PARAMETERS_EVERY)]
    server = Wire(fleets.union)
    try:
        states = Counter(server.run(statement.text, statement.parameters).sqlstate for statement in asked)
        literal = server.run(query(24).sql())
        assert server.run(made(24, "UTC").text, made(24, "UTC").parameters) == literal
    finally:
        server.close()
    assert set(states) <= {None, "22003", "22008", "22P02"}, states
    assert sum(len(statement.parameters) for statement in asked) >= 20


def test_a_parameter_has_the_constant_s_value() -> None:
    parameters = Parameters(lambda text: True)
    asked = [("text", "'it''s'"), ("int4", "(-3)"), ("varchar", "'naïve'::varchar(3)"), ("bool", "null::bool"), ("text", "'it''s'")]
    assert [parameters.place(*constant) for constant in asked] == ["$1::text", "$2::int4", "$3::varchar(3)", "$4::bool", "$1::text"]
    assert parameters.values() == ("it's", "-3", "naïve", None)


def test_a_seed_is_a_query() -> None:
    assert [query(seed).sql() for seed in range(20)] == [query(seed).sql() for seed in range(20)]
    assert len({query(seed).sql() for seed in range(200)}) > 190


def test_many_shapes_are_made() -> None:
    texts = [query(seed).sql() for seed in range(1500)]
    for word in (
        "group by", "rollup", "grouping sets", "grouping(", "join", "left join", "full join", "lateral", "distinct", "distinct on",
        "union", "having", "limit", "filter (where", ") t", " in (select ", "exists (select", "with w_", "materialized",
        "with recursive", "values (", "generate_series", " over (", " rows between", " range between", " groups between", "exclude",
    ):  # fmt: skip
        assert sum(word in text for text in texts) >= 3, word


def test_shrinking_keeps_the_fault_and_little_else(fleets: TrapFleets) -> None:
    """As if `upper` were wrong: what is left of a large query is hardly more than the call."""

    def faulty(candidate: Query) -> bool:
        return "upper(" in candidate.sql()

    large = max((query(seed) for seed in range(400) if faulty(query(seed))), key=lambda q: len(q.sql()))
    small = shrink(large, faulty)
    assert faulty(small)
    assert len(small.sql()) < 120 < len(large.sql())
