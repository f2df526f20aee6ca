"""The queries of TPC-H and the shapes of the time series benchmark suite over eight nodes, as PostgreSQL 15 answers them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import PostgresServer
from tests.fleets.layout import Layout
from tests.fleets.union import Union
from tests.oracle.gateway import PATIENT, serving
from tests.oracle.harness import run
from tests.oracle.reference import Reference
from tests.oracle.statements import read
from tests.oracle.wire import Wire
from tests.workloads.fleets import TPCH_COLOCATED, TPCH_SCATTERED, TSBS_DEVOPS_IOT, TSBS_SCATTERED

HERE = Path(__file__).parent
TPCH_QUERIES = 22


@dataclass(frozen=True, slots=True)
class Workload:
    """`name` is that of the directory that holds schema.sql and queries.sql; the second layout scatters what belongs together."""

    name: str
    layouts: tuple[Layout, Layout]


WORKLOADS = (Workload("tpch", (TPCH_COLOCATED, TPCH_SCATTERED)), Workload("tsbs", (TSBS_DEVOPS_IOT, TSBS_SCATTERED)))


@pytest.mark.long
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_answers(workload: Workload, postgres: PostgresServer, tmp_path: Path) -> None:
    """On the fleet that is laid out for them."""
    _ask(workload, workload.layouts[0], postgres, tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_answers_of_rows_that_lie_apart(workload: Workload, postgres: PostgresServer, tmp_path: Path) -> None:
    _ask(workload, workload.layouts[1], postgres, tmp_path)


def _ask(workload: Workload, layout: Layout, postgres: PostgresServer, directory: Path) -> None:
    statements = read(HERE / workload.name / "queries.sql")
    union = Union(postgres, workload.name, HERE / workload.name / "schema.sql")
    with closing(Reference(union.union, union.tables)) as reference:
        fleet = union.build(layout, directory / layout.name)
        empty = [s.place for s in statements if not reference.answer(s, fleet).outcome.rows]
        assert not empty, "without a row, a wrong answer could not be seen"
        with serving(fleet.catalog) as gateway, closing(Wire(gateway.dsn)) as wire:
            wire.run(PATIENT)
            report = run(statements, fleet, wire, reference)
    assert not report.wrong, f"{layout.name}: {report.text()}"
    assert not report.unsupported, report.unsupported


def test_every_query_of_tpch_is_there() -> None:
    assert len(read(HERE / "tpch" / "queries.sql")) == TPCH_QUERIES
