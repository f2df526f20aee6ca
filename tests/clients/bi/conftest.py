"""The fleet that dashboards read, behind one gateway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.bi.fleet import BiFleet
from tests.conftest import PostgresServer
from tests.oracle.gateway import Gateway, serving


@pytest.fixture(scope="package")
def bi(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> BiFleet:
    return BiFleet(postgres, tmp_path_factory.mktemp("bi") / "fleet")


@pytest.fixture(scope="package")
def bi_gateway(bi: BiFleet) -> Iterator[Gateway]:
    with serving(bi.fleet.catalog) as running:
        yield running
