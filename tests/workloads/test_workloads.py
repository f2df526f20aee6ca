"""The queries of TPC-H and the shapes of the time series benchmark suite over eight nodes, as PostgreSQL 15 answers them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import PostgresServer
from tests.fleets.layout import Layout
from tests.fleets.union import UnionFleet
from tests.oracle.gateway import Gateway
from tests.oracle.harness import run
from tests.oracle.reference import Reference
from tests.oracle.statements import read
from tests.oracle.wire import Wire
from tests.workloads.fleets import TPCH_COLOCATED, TPCH_SCATTERED, TSBS_DEVOPS_IOT, TSBS_SCATTERED

HERE = Path(__file__).parent
TPCH_QUERIES = 22


@dataclass(frozen=True, slots=True)
class Workload:
    """`directory` holds schema.sql and queries.sql."""

    directory: Path
    layout: Layout


WORKLOADS = (
    Workload(HERE / "tpch", TPCH_COLOCATED),
    Workload(HERE / "tpch", TPCH_SCATTERED),
    Workload(HERE / "tsbs", TSBS_DEVOPS_IOT),
    Workload(HERE / "tsbs", TSBS_SCATTERED),
)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.layout.name)
def test_answers(workload: Workload, postgres: PostgresServer, tmp_path: Path) -> None:
    statements = read(workload.directory / "queries.sql")
    fleet = UnionFleet(postgres, workload.directory / "schema.sql", workload.layout, tmp_path / "fleet")
    reference = Reference(fleet.union, fleet.tables)
    empty = [s.place for s in statements if not reference.answer(s, fleet.fleet).outcome.rows]
    assert not empty, "without a row, a wrong answer could not be seen"
    for wire in _wires(fleet):
        report = run(statements, fleet.fleet, wire, reference)
        assert not report.wrong, report.text()
        assert not report.unsupported, report.unsupported
    reference.close()


def test_every_query_of_tpch_is_there() -> None:
    assert len(read(HERE / "tpch" / "queries.sql")) == TPCH_QUERIES


def _wires(fleet: UnionFleet) -> Iterator[Wire]:
    gateway = Gateway(fleet.fleet.catalog)
    wire = Wire(gateway.dsn)
    wire.run("SET fedgate.connect_timeout = '15s'")  # a busy machine is no fault of the answers
    try:
        yield wire
    finally:
        wire.close()
        assert "ended by itself" not in gateway.stop()
