"""Generated queries as statements, and what is wrong with them made small."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from tests.fleets.build import Fleet
from tests.oracle.expressions import PARAMETERS, Parameters
from tests.oracle.generate import TRAPS, Schema, query
from tests.oracle.harness import Report, run
from tests.oracle.query import Query
from tests.oracle.reference import Reference
from tests.oracle.shrink import shrink
from tests.oracle.statements import Statement
from tests.oracle.wire import Wire

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns")
PARAMETERS_EVERY = 4
SHRUNK = 3
"""So many wrong ones of a report are made small; the rest mostly show the same."""


def generated(seeds: Iterable[int], zone: str) -> list[Statement]:
    """The queries of those seeds that run in that zone: each seed runs in one of three."""
    return [made(seed, zone) for seed in seeds if ZONES[seed % len(ZONES)] == zone]


def made(seed: int, zone: str, schema: Schema = TRAPS) -> Statement:
    return stated(f"seed {seed} {zone}", query(seed, schema))


def stated(place: str, asked: Query) -> Statement:
    """The query as it is asked: of every fourth seed most constants are parameters."""
    seed = int(place.split()[1])
    if seed % PARAMETERS_EVERY:
        return Statement(place, asked.sql())
    parameters = Parameters(lambda text: zlib.crc32(f"{seed} {text}".encode()) % 3 > 0)
    token = PARAMETERS.set(parameters)
    try:
        return Statement(place, asked.sql(), parameters.values())
    finally:
        PARAMETERS.reset(token)


def is_wrong(statement: Statement, fleet: Fleet, target: Wire, reference: Reference) -> bool:
    report = run([statement], fleet, target, reference)
    return bool(report.wrong)


def shrunk(statement: Statement, fleet: Fleet, target: Wire, reference: Reference, schema: Schema = TRAPS) -> Statement:
    """A smaller query that is wrong as well."""

    def wrong(candidate: Query) -> bool:
        return is_wrong(stated(statement.place, candidate), fleet, target, reference)

    seed = int(statement.place.split()[1])
    return replace(stated(statement.place, shrink(query(seed, schema), wrong)), place=f"{statement.place} (shrunk)")


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
