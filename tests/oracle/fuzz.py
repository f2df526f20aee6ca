"""Generated queries as statements, and what is wrong with them made small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tests.fleets.build import Fleet
from tests.oracle.compare import compare, tolerance
from tests.oracle.generate import TRAPS, Schema, query
from tests.oracle.harness import Report, run
from tests.oracle.query import Query
from tests.oracle.reference import Reference
from tests.oracle.shrink import shrink
from tests.oracle.statements import Statement
from tests.oracle.wire import Wire

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns")
SHRUNK = 3
"""So many wrong ones of a report are made small; the rest mostly show the same."""


def generated(seeds: Iterable[int], zone: str) -> list[Statement]:
    """The queries of those seeds that run in that zone: each seed runs in one of three."""
    return [made(seed, zone) for seed in seeds if ZONES[seed % len(ZONES)] == zone]


def made(seed: int, zone: str, schema: Schema = TRAPS) -> Statement:
    return Statement(f"seed {seed} {zone}", query(seed, schema).sql())


def is_wrong(text: str, fleet: Fleet, target: Wire, reference: Reference) -> bool:
    statement = Statement("", text)
    expected = reference.answer(statement, fleet)
    allowed = tolerance(text, reference.magnitude)
    return compare(expected.outcome, target.run(text), expected.order, allowed).kind == "wrong"


def shrunk(statement: Statement, fleet: Fleet, target: Wire, reference: Reference, schema: Schema = TRAPS) -> Statement:
    """A smaller query that is wrong as well."""

    def wrong(candidate: Query) -> bool:
        return is_wrong(candidate.sql(), fleet, target, reference)

    seed = int(statement.place.split()[1])
    return Statement(f"{statement.place} (shrunk)", shrink(query(seed, schema), wrong).sql())


def asked(fleet: Fleet, seeds: Sequence[int], target: Callable[[str], Wire], references: Callable[[str], Reference]) -> Report:
    """The queries of those seeds over the trap tables, each in one of three time zones. The first that are wrong come shrunk."""
    whole = Report()
    for zone in ZONES:
        wire, reference = target(zone), references(zone)
        report = run(generated(seeds, zone), fleet, wire, reference)
        small = [(shrunk(statement, fleet, wire, reference), why) for statement, why in report.wrong[:SHRUNK]]
        report.wrong = small + report.wrong[SHRUNK:]
        whole.add_all(report)
    return whole
