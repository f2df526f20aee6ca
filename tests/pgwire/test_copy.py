"""COPY gives and takes what PostgreSQL 15 does, to the byte, and refuses what it refuses, in its words."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.conftest import PostgresServer
from tests.pgwire.conftest import Connection, differences

HERE = Path(__file__).parent
STATEMENTS = (HERE / "copy_to.sql").read_text().splitlines()
FILLED = [line for line in (HERE / "copy_from.txt").read_text().splitlines() if not line.startswith("#")]


def copied(connection: Connection, statement: str) -> object:
    """The messages' data, or the error."""
    try:
        with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            data = [bytes(data) for data in copy]
            return sorted(data) if "pg_am" in statement else data  # a table's own order is nobody's
    except psycopg.Error as error:
        d = error.diag
        return (d.sqlstate, d.message_primary, d.message_hint, d.statement_position)


def test_copy_to_is_postgresqls(postgres: PostgresServer, gateway: str) -> None:
    found = differences(postgres, gateway, STATEMENTS, copied)
    assert not found, found


def test_copy_from_is_postgresqls(postgres: PostgresServer, gateway: str) -> None:
    found = differences(postgres, gateway, FILLED, lambda connection, line: filled(connection, *eval(line)))
    assert not found, found


def filled(connection: Connection, statement: str, data: str | bytes) -> object:
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
