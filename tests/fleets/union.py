"""A fleet beside the database with all its rows: what an oracle over tables of its own needs."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.conftest import PostgresServer
from tests.fleets.build import Fleet, build
from tests.fleets.layout import Layout
from tests.fleets.source import SourceTable, read_tables


class UnionFleet:
    """`union` is the connection string of the database that the file `schema` fills, `fleet` the same rows cut as `layout` says."""

    def __init__(self, postgres: PostgresServer, schema: Path, layout: Layout, directory: Path) -> None:
        self.union = postgres.create_database(layout.name)
        with psycopg.connect(self.union, autocommit=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(schema.read_bytes())
            self.tables: dict[str, SourceTable] = read_tables(connection)
        self.fleet: Fleet = build(layout, self.tables, {}, directory, postgres.create_database)
