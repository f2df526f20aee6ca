"""Temporary tables behave as PostgreSQL 15's: one session of statements on both."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.conftest import PostgresServer
from tests.pgwire.test_scripts import gateway  # noqa: F401 (a fixture)

STATEMENTS = (Path(__file__).parent / "temp_tables.sql").read_text().splitlines()


def outcome(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> object:
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


@pytest.mark.usefixtures("gateway")
def test_statements_do_what_postgresqls_do(postgres: PostgresServer, gateway: str) -> None:  # noqa: F811
    different = []
    with psycopg.connect(postgres.dsn, autocommit=True) as theirs, psycopg.connect(gateway, autocommit=True) as ours:
        theirs.execute("SET timezone = 'UTC'")
        for statement in STATEMENTS:
            expected, got = outcome(theirs, statement), outcome(ours, statement)
            if expected != got:
                different.append((statement, expected, got))
    assert not different, "\n".join(f"{s}\n  expected {e}\n  got      {g}" for s, e, g in different)


@pytest.mark.usefixtures("gateway")
def test_a_parameter_may_name_a_temporary_table(postgres: PostgresServer, gateway: str) -> None:  # noqa: F811
    for dsn in (postgres.dsn, gateway):
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TEMP TABLE named (a int, b text)")
            for name in ("named", "pg_temp.named"):
                asked = "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass::oid AND attnum > 0 ORDER BY attnum"
                assert connection.execute(asked, [name]).fetchall() == [("a",), ("b",)]
