"""One pair of engines with the trap tables for the tests of lowering."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import PostgresServer
from tests.sql.pair import Pair

TRAPS = Path(__file__).parents[1] / "traps"


@pytest.fixture(scope="session")
def trap_dsn(postgres: PostgresServer) -> str:
    """A database with the trap tables."""
    dsn = postgres.create_database("lower")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute((TRAPS / "schema.sql").read_bytes())
    return dsn


@pytest.fixture(scope="session")
def pair(trap_dsn: str) -> Iterator[Pair]:
    both = Pair(trap_dsn)
    yield both
    both.close()
