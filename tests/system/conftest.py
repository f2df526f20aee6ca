"""Fixtures of the system relations' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from fedgate.system.facts import DATABASE, OWNER
from tests.conftest import PostgresServer
from tests.system.gateway import DDL, Answer, Metadata
from tests.system.twin import DOCUMENTS, Server, ddl


def asker(connection: psycopg.Connection) -> Callable[[str], Answer]:
    """What asks a server in the simple protocol, so that values come as text."""

    def ask(statement: str) -> Answer:
        result = connection.pgconn.exec_(statement.encode())
        assert result.status == psycopg.pq.ExecStatus.TUPLES_OK, result.error_message.decode()
        rows = [
            tuple(None if (value := result.get_value(row, column)) is None else value.decode() for column in range(result.nfields))
            for row in range(result.ntuples)
        ]
        names = tuple((result.fname(i) or b"").decode() for i in range(result.nfields))
        return Answer(names, tuple(result.ftype(i) for i in range(result.nfields)), rows)

    return ask


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

        yield asker(connection)


@pytest.fixture(scope="session")
def mine() -> Iterator[Server]:
    """fedgate over the twins' documents, for its owner."""
    found = Metadata(DOCUMENTS, OWNER)
    yield Server(found.ask)
    found.close()


@pytest.fixture(scope="session")
def theirs(postgres: PostgresServer) -> Iterator[Server]:
    """PostgreSQL 15 with the twins' tables, for its owner."""
    with psycopg.connect(postgres.create_database("twin"), autocommit=True) as connection:
        connection.execute(ddl().encode())
        renamed = {connection.info.dbname: DATABASE, connection.info.user: OWNER}
        yield Server(asker(connection), renamed)
