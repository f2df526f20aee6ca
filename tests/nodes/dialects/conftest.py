"""The world of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import PostgresServer
from tests.nodes.dialects.world import World, make_world


@pytest.fixture(scope="session")
def world(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("dialects"), postgres.create_database("dialects"))
    yield made
    made.oracle.close()
