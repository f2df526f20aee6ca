"""One fleet over four engines behind a real gateway, and the same rows in PostgreSQL 15."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.conftest import PostgresServer
from tests.fleets.traps import TrapFleets
from tests.oracle.gateway import Gateway, serving

OPTIONS = "-c TimeZone=UTC -c default_transaction_read_only=on"


@dataclass(frozen=True, slots=True)
class Pair:
    """Connection strings of two servers with the same tables; clients run against both."""

    postgres: str
    fedgate: str

    def urls(self) -> tuple[str, str]:
        """As (PostgreSQL's, fedgate's) URLs, without a scheme."""
        postgres, fedgate = (_url(dsn) for dsn in (self.postgres, self.fedgate))
        return postgres, fedgate


def _url(dsn: str) -> str:
    parts = conninfo_to_dict(dsn)
    return f"://{parts['user']}@{parts['host']}:{parts['port']}/{parts['dbname']}"


@pytest.fixture(scope="package")
def gateway(fleets: TrapFleets) -> Iterator[Gateway]:
    with serving(fleets.fleet("sites").catalog) as running:
        yield running


@pytest.fixture(scope="package")
def fleets(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> TrapFleets:
    return TrapFleets(postgres, tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="package")
def pair(fleets: TrapFleets, gateway: Gateway) -> Pair:
    return Pair(make_conninfo(fleets.union, options=OPTIONS), make_conninfo(gateway.dsn, options=OPTIONS))


@pytest.fixture
def both(pair: Pair) -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Connections in autocommit to (PostgreSQL, fedgate)."""
    with psycopg.connect(pair.postgres, autocommit=True) as expected, psycopg.connect(pair.fedgate, autocommit=True) as actual:
        yield expected, actual
