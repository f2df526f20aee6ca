"""Fleets, their gateways and PostgreSQL's answers: one of each a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.conftest import PostgresServer
from tests.fleets.traps import TrapFleets
from tests.oracle.harness import Report
from tests.oracle.reference import Reference
from tests.oracle.told import ToldGateway
from tests.oracle.wire import Wire

Counted = Callable[[Report], Report]
_COUNTED = "generated queries"


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Counted:
    """Adds a report's generated queries to those that the end of the run speaks of."""

    def add(report: Report) -> Report:
        record_property(_COUNTED, (report.total, report.counts["equal"], report.counts["unsupported"], len(report.wrong)))
        return report

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many generated queries were asked, and how they came out."""
    reports = [report for some in terminalreporter.stats.values() for report in some if isinstance(report, pytest.TestReport)]
    found = [value for report in reports if report.when == "call" for name, value in report.user_properties if name == _COUNTED]
    if found:
        asked, equal, refused, wrong = (sum(column) for column in zip(*found, strict=True))
        terminalreporter.write_line(
            f"generated queries: {asked:,} asked, {equal:,} equal, {refused:,} unsupported, {wrong:,} wrong"
        )


@pytest.fixture(scope="session")
def fleets(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> TrapFleets:
    return TrapFleets(postgres, tmp_path_factory.mktemp("fleets"))


@pytest.fixture(scope="session")
def references(fleets: TrapFleets) -> Iterator[Callable[[str], Reference]]:
    """PostgreSQL's answers in a time zone."""
    made: dict[str, Reference] = {}

    def reference(timezone: str = "UTC") -> Reference:
        if timezone not in made:
            made[timezone] = Reference(fleets.union, fleets.tables, timezone)
        return made[timezone]

    yield reference
    for one in made.values():
        one.close()


@pytest.fixture(scope="session")
def told() -> Iterator[ToldGateway]:
    with closing(ToldGateway()) as running:
        yield running


@pytest.fixture(scope="session")
def gateways(fleets: TrapFleets, told: ToldGateway) -> Iterator[Callable[[str, str], Wire]]:
    """A connection to a gateway over the fleet of that name, in a time zone; one over another fleet ends it."""
    wires: dict[str, Wire] = {}

    def end() -> None:
        for wire in wires.values():
            wire.close()
        wires.clear()

    def connect(name: str, timezone: str = "UTC") -> Wire:
        catalog = fleets.fleet(name).catalog
        if told.catalog != catalog:
            end()
            told.serve(catalog)
        if timezone not in wires:
            wires[timezone] = Wire(told.dsn, timezone)
        return wires[timezone]

    yield connect
    end()
