"""What is refused is called as PostgreSQL calls it in a read-only transaction."""

from __future__ import annotations

import psycopg
import pytest

from fedgate.errors import SqlError
from fedgate.sql.parse import parse
from fedgate.sql.utility import utility
from tests.conftest import PostgresServer

STATEMENTS = (
    "create table x as select 1",
    "/* a */ create or replace view v as select 1",
    "create materialized view mv as select 1",
    "-- b\ncreate view w as select 1",
    "create user u",
    "create type tt as (a int)",
    "create or replace function f() returns int language sql as 'select 1'",
    "create foreign table ft(a int) server s",
    "create foreign data wrapper w",
    "create user mapping for public server s",
    "create text search configuration c (copy = x)",
    "drop owned by u",
    "drop materialized view v",
    "alter table t rename to u",
    "alter user r set x = 1",
    "alter default privileges grant select on tables to public",
    "grant select on t to u",
    "grant r to u",
    "refresh materialized view v",
    "comment on table t is 'x'",
)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_called_as_postgresql_calls_it(postgres: PostgresServer, statement: str) -> None:
    with postgres.connect() as connection:
        connection.execute("SET default_transaction_read_only = on")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as theirs:
            connection.execute(statement.encode())
    (raw,) = parse(statement)
    with pytest.raises(SqlError) as ours:
        utility(raw)
    assert (ours.value.sqlstate, ours.value.message) == ("25006", theirs.value.diag.message_primary)
