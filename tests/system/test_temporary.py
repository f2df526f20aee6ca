"""Temporary tables of a session in the catalogs: listed as PostgreSQL lists its own, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from tests.system.gateway import Answer, Metadata
from tests.system.twin import DOCUMENTS

_MAKE = "CREATE TEMP TABLE staged (id integer PRIMARY KEY, name text)"
_ASKED = (
    "SELECT relname, relkind, relpersistence, relnatts, relhasindex FROM pg_class WHERE relname LIKE 'staged%' ORDER BY 1",
    "SELECT n.nspname ~ '^pg_temp_[0-9]+$', pg_table_is_visible(c.oid), c.oid::regclass::text FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relname = 'staged'",
    "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = 'staged'::regclass "
    "AND attnum > -7 ORDER BY attnum",
    "SELECT table_type, is_insertable_into FROM information_schema.tables WHERE table_name = 'staged'",
    "SELECT to_regclass('staged')::text, to_regclass('nope') IS NULL",
    "SELECT conname, contype, conkey FROM pg_constraint WHERE conrelid = 'staged'::regclass",
    "SELECT (current_schemas(true))[1] ~ '^pg_temp', current_schemas(false)",
    "SELECT t.typname, t.typtype FROM pg_type t JOIN pg_class c ON c.reltype = t.oid WHERE c.relname = 'staged'",
)


def test_temporary_tables_are_listed(postgres_says: Callable[[str], Answer]) -> None:
    theirs_made = postgres_says  # one connection: what it makes it sees
    with closing(Metadata(DOCUMENTS)) as metadata, closing(metadata.session()) as session, closing(metadata.session()) as other:
        metadata.do(session, _MAKE)
        made = theirs_made(f"{_MAKE}; SELECT 1")
        assert made.rows == [("1",)]
        for statement in _ASKED:
            assert metadata.ask(statement, session).rows == postgres_says(statement).rows, statement
        assert metadata.ask("SELECT count(*) FROM pg_class WHERE relname = 'staged'", other).rows == [("0",)]
        metadata.do(session, "DROP TABLE staged")
        assert metadata.ask("SELECT count(*) FROM pg_class WHERE relname = 'staged'", session).rows == [("0",)]
        postgres_says("DROP TABLE staged; SELECT 1")
