"""COPY gives and takes what PostgreSQL 15 does, to the byte, and refuses what it refuses, in its words."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.conftest import PostgresServer
from tests.pgwire.test_scripts import gateway  # noqa: F401 (a fixture)

HERE = Path(__file__).parent
STATEMENTS = (HERE / "copy_to.sql").read_text().splitlines()
FILLED = [line for line in (HERE / "copy_from.txt").read_text().splitlines() if not line.startswith("#")]


def copied(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> object:
    """The messages' data, or the error."""
    try:
        with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            data = [bytes(data) for data in copy]
            return sorted(data) if "pg_am" in statement else data  # a table's own order is nobody's
    except psycopg.Error as error:
        d = error.diag
        return (d.sqlstate, d.message_primary, d.message_hint, d.statement_position)


@pytest.mark.usefixtures("gateway")
def test_copy_to_is_postgresqls(postgres: PostgresServer, gateway: str) -> None:  # noqa: F811
    different = []
    with psycopg.connect(postgres.dsn, autocommit=True) as theirs, psycopg.connect(gateway, autocommit=True) as ours:
        theirs.execute("SET timezone = 'UTC'")
        for statement in STATEMENTS:
            expected, got = copied(theirs, statement), copied(ours, statement)
            if expected != got:
                different.append((statement, expected, got))
    assert not different, "\n".join(f"{s}\n  expected {e}\n  got      {g}" for s, e, g in different)


@pytest.mark.usefixtures("gateway")
def test_copy_from_is_postgresqls(postgres: PostgresServer, gateway: str) -> None:  # noqa: F811
    different = []
    with psycopg.connect(postgres.dsn, autocommit=True) as theirs, psycopg.connect(gateway, autocommit=True) as ours:
        theirs.execute("SET timezone = 'UTC'")
        for line in FILLED:
            statement, data = eval(line)
            expected, got = filled(theirs, statement, data), filled(ours, statement, data)
            if expected != got:
                different.append((line, expected, got))
    assert not different, "\n".join(f"{s}\n  expected {e}\n  got      {g}" for s, e, g in different)


def filled(connection: psycopg.Connection[tuple[object, ...]], statement: str, data: str | bytes) -> object:
    """The tag and the table's rows, or the error."""
    connection.execute("DROP TABLE IF EXISTS t")
    connection.execute("CREATE TEMP TABLE t (a int NOT NULL, b text, c numeric(6,2), d timestamptz DEFAULT '2024-01-01 00:00+00')")
    try:
        with connection.cursor() as cursor:
            with cursor.copy(statement.encode()) as copy:
                copy.write(data)
            return cursor.statusmessage, connection.execute("SELECT a, b, c::text, d::text FROM t ORDER BY a").fetchall()
    except psycopg.Error as error:
        d = error.diag
        return (d.sqlstate, d.message_primary, d.message_detail, d.message_hint, d.statement_position, d.context)
