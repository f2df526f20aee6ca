"""Generated queries as statements, each seed in one of three time zones, and what is wrong with them made small."""

from __future__ import annotations

from collections.abc import Iterable

from tests.fleets.build import Fleet
from tests.oracle.compare import compare, tolerance
from tests.oracle.generate import Query, query, shrink
from tests.oracle.reference import Reference
from tests.oracle.statements import Statement
from tests.oracle.wire import Wire

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns")


def generated(seeds: Iterable[int], zone: str) -> list[Statement]:
    """The queries of those seeds that run in that zone."""
    return [Statement(f"seed {seed} {zone}", query(seed).sql()) for seed in seeds if ZONES[seed % len(ZONES)] == zone]


def shrunk(statement: Statement, fleet: Fleet, target: Wire, reference: Reference) -> Statement:
    """A smaller query that is wrong as well."""

    def wrong(candidate: Query) -> bool:
        smaller = Statement("", candidate.sql())
        expected = reference.answer(smaller, fleet)
        actual = target.run(smaller.text)
        allowed = tolerance(smaller.text, reference.magnitude)
        return compare(expected.outcome, actual, expected.order, allowed).kind == "wrong"

    seed = int(statement.place.split()[1])
    return Statement(f"{statement.place} (shrunk)", shrink(query(seed), wrong).sql())
