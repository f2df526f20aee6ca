"""What dashboards ask of data, tool by tool, as PostgreSQL 15 answers it: panels, filters, variables, extracts, buckets of time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.bi import buckets
from tests.clients.bi.fleet import BiFleet
from tests.oracle.gateway import Gateway
from tests.oracle.statements import read
from tests.oracle.unions import assert_answers
from tests.oracle.wire import Protocol

PANELS = Path(__file__).with_name("panels")
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("tool", "zone", "protocol"),
    [
        ("dbeaver", "UTC", "extended"),
        ("grafana", "UTC", "extended"),
        ("metabase", NEW_YORK, "extended"),
        ("powerbi", "UTC", "extended"),
        ("superset", "UTC", "simple"),
        ("tableau", NEW_YORK, "simple"),
    ],
)
def test_panels(tool: str, zone: str, protocol: Protocol, bi: BiFleet, bi_gateway: Gateway) -> None:
    statements = read(PANELS / f"{tool}.sql")
    assert statements
    assert_answers(bi, bi_gateway, statements, zone, protocol)


def test_buckets_of_time(bi: BiFleet, bi_gateway: Gateway) -> None:
    """A part of them; the others at night."""
    some = list(buckets.statements(("time_hour",)))[::4]
    assert_answers(bi, bi_gateway, some, NEW_YORK, "extended")


@pytest.mark.nightly
@pytest.mark.parametrize(("zone", "protocol"), [(NEW_YORK, "simple"), ("UTC", "extended")])
def test_buckets_of_each_type_of_time(zone: str, protocol: Protocol, bi: BiFleet, bi_gateway: Gateway) -> None:
    assert_answers(bi, bi_gateway, buckets.statements(buckets.COLUMNS), zone, protocol)


def test_every_file_of_panels_is_run() -> None:
    marks = test_panels.pytestmark  # type: ignore[attr-defined]
    tools = {case[0] for mark in marks for case in mark.args[1]}
    assert tools == {path.stem for path in PANELS.glob("*.sql")}
