"""Statements over a fleet and its union: each answer has to be PostgreSQL's, and none may be refused."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from tests.fleets.union import UnionFleet
from tests.oracle.gateway import Gateway
from tests.oracle.harness import run
from tests.oracle.reference import Reference
from tests.oracle.statements import Statement
from tests.oracle.wire import Protocol, Wire


def assert_answers(
    fleet: UnionFleet,
    gateway: Gateway,
    statements: Iterable[Statement],
    zone: str,
    protocol: Protocol,
    magnitude: float | None = None,
) -> None:
    """`magnitude` as `Reference` takes it."""
    with (
        closing(Reference(fleet.union, fleet.tables, zone, magnitude)) as reference,
        closing(Wire(gateway.dsn, zone)) as wire,
    ):
        report = run(statements, fleet.fleet, wire, reference, protocol)
    assert not report.wrong, report.text(40)
    assert not report.unsupported, report.unsupported
