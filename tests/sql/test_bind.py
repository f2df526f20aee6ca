"""The binder against PostgreSQL 15: names, types, modifiers, parameters of what it accepts, SQLSTATE and position of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import PostgresServer
from tests.sql.describe import Described, PostgresRelations, Refused, Statement, bind_or_none, by_binder, by_postgres, statements
from tests.sql.invariants import broken

HERE = Path(__file__).parent
TRAPS = HERE.parent / "traps"
FILES = sorted((HERE / "statements").glob("*.sql"))
TRAP_FILES = [p for p in sorted(TRAPS.glob("*.sql")) if p.name != "schema.sql"]

# What the trap files hold and fedgate refuses, or says in its own way.
TRAPS_OWN = {
    "select r from readings r where r.temp > 47.4": "ok",
    "select count(*) from readings tablesample system (100)": "0A000",
    "select site from readings for update": "0A000",
    "show tables": "0A000",
    "explain select 1": "0A000",
    "select timestamp '0001-01-01 00:00:00 BC', date '5874897-12-31', timestamptz '294276-12-31 23:59:59+00'": "0A000",
}


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Iterator[psycopg.Connection]:
    dsn = postgres.create_database("bind")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute((TRAPS / "schema.sql").read_text(encoding="utf-8"))
        yield connection


@pytest.fixture(scope="module")
def relations(database: psycopg.Connection) -> PostgresRelations:
    return PostgresRelations(database)


def differences(connection: psycopg.Connection, relations: PostgresRelations, found: list[Statement]) -> list[str]:
    wrong = []
    for statement in found:
        theirs = by_postgres(connection, statement.sql)
        ours = by_binder(relations, connection.info.dbname, statement.sql)
        if statement.own is None:
            same = theirs == ours
        elif statement.own == "ok":
            same = isinstance(ours, Described)
        else:
            same = isinstance(ours, Refused) and ours.sqlstate == statement.own
        if not same:
            wrong.append(f"{statement.sql}\n    PostgreSQL: {theirs}\n    fedgate:    {ours}")
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_describes_as_postgresql_does(path: Path, database: psycopg.Connection, relations: PostgresRelations) -> None:
    found = list(statements(path))
    assert found
    wrong = differences(database, relations, found)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", TRAP_FILES, ids=lambda p: p.stem)
def test_describes_the_traps(path: Path, database: psycopg.Connection, relations: PostgresRelations) -> None:
    # Hidden columns are fedgate's own.
    found = [Statement(s.sql, TRAPS_OWN.get(s.sql)) for s in statements(path) if "_node" not in s.sql and "_shard" not in s.sql]
    wrong = differences(database, relations, found)
    # Arrays of two dimensions have no carrier.
    wrong = [w for w in wrong if "array[[1,2],[3,4]]" not in w]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", FILES + TRAP_FILES, ids=lambda p: p.stem)
def test_trees_keep_their_promises(path: Path, database: psycopg.Connection, relations: PostgresRelations) -> None:
    bound = [(s.sql, bind_or_none(relations, database.info.dbname, s.sql)) for s in statements(path)]
    assert any(query is not None for _, query in bound)
    wrong = [f"{sql}\n    {problem}" for sql, query in bound if query is not None for problem in broken(query)]
    assert not wrong, "\n".join(wrong)
