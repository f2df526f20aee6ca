"""Fixtures of the system relations' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.conftest import PostgresServer
from tests.system.gateway import DDL, Answer, Metadata


@pytest.fixture(scope="session")
def metadata() -> Iterator[Metadata]:
    found = Metadata()
    yield found
    found.close()


@pytest.fixture(scope="session")
def postgres_says(postgres: PostgresServer) -> Iterator[Callable[[str], Answer]]:
    """The same statement on a PostgreSQL 15 that has the same relations."""
    with psycopg.connect(postgres.create_database("system"), autocommit=True) as connection:
        connection.execute(DDL)

        def ask(statement: str) -> Answer:
            # Without parameters psycopg uses the simple protocol: values come as text.
            result = connection.pgconn.exec_(statement.encode())
            assert result.status == psycopg.pq.ExecStatus.TUPLES_OK, result.error_message.decode()
            rows = [
                tuple(
                    None if (value := result.get_value(row, column)) is None else value.decode() for column in range(result.nfields)
                )
                for row in range(result.ntuples)
            ]
            names = tuple((result.fname(i) or b"").decode() for i in range(result.nfields))
            return Answer(names, tuple(result.ftype(i) for i in range(result.nfields)), rows)

        yield ask
