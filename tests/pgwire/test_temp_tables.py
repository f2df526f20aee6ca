"""Temporary tables behave as PostgreSQL 15's: one session of statements on both."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.conftest import PostgresServer
from tests.pgwire.conftest import Connection, differences

STATEMENTS = (Path(__file__).parent / "temp_tables.sql").read_text().splitlines()


def outcome(connection: Connection, statement: str) -> object:
    """Tag, columns, rows and notices, or the error."""
    notices: list[object] = []
    handler = lambda d: notices.append((d.severity, d.sqlstate, d.message_primary))  # noqa: E731
    connection.add_notice_handler(handler)
    try:
        cursor = connection.execute(statement.encode())
        columns = [(d.name, d.type_code) for d in cursor.description] if cursor.description else None
        return (cursor.statusmessage, columns, cursor.fetchall() if columns else None, notices)
    except psycopg.Error as error:
        d = error.diag
        return (d.sqlstate, d.message_primary, d.message_detail, d.message_hint, d.statement_position, notices)
    finally:
        connection.remove_notice_handler(handler)


def test_statements_do_what_postgresqls_do(postgres: PostgresServer, gateway: str) -> None:
    found = differences(postgres, gateway, STATEMENTS, outcome)
    assert not found, found


def test_a_parameter_may_name_a_temporary_table(postgres: PostgresServer, gateway: str) -> None:
    for dsn in (postgres.dsn, gateway):
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TEMP TABLE named (a int, b text)")
            for name in ("named", "pg_temp.named"):
                asked = "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass::oid AND attnum > 0 ORDER BY attnum"
                assert connection.execute(asked, [name]).fetchall() == [("a",), ("b",)]
