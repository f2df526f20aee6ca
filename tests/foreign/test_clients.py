"""Each foreign client against PostgreSQL 15 and fedgate: every step has the same outcome, its catalog statements the same rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import PostgresServer
from tests.foreign import catalogs, environments, results, steps
from tests.foreign.definition import names, read, shared
from tests.foreign.making import BrokenError, MissingError
from tests.foreign.world import World, world
from tools.recordproxy import RecordingProxy

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def servers(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(postgres, tmp_path_factory.mktemp("foreign") / "fleet") as made:
        yield made


@pytest.mark.parametrize("name", names())
def test_client(name: str, servers: World) -> None:
    definition = read(name)
    try:
        placeholders = environments.ready(definition)
        with RecordingProxy(servers.postgres.host, servers.postgres.port) as proxy:
            theirs = steps.run(definition, placeholders, servers.postgres, proxy.address)
            recorded = list(proxy.statements)
        ours = steps.run(definition, placeholders, servers.fedgate, (servers.fedgate.host, servers.fedgate.port))
    except (MissingError, BrokenError, steps.FailedError) as exc:
        pytest.fail(f"{definition.title}: {exc}", pytrace=False)
    everywhere, columns = shared()
    outcome = steps.compare(theirs, ours, definition.expected)
    compared = catalogs.compare(servers, recorded, (*definition.expected, *everywhere), columns)
    results.write(definition, outcome, compared)
    told = results.report(outcome, compared)
    if told:
        pytest.fail(f"{definition.title} {outcome.version}\n\n{told}", pytrace=False)
