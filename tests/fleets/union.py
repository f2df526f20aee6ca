"""The database that has all rows of a fleet, and fleets that are cut from it: what an oracle over tables of its own needs."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.conftest import PostgresServer
from tests.fleets.build import Fleet, build
from tests.fleets.layout import Layout
from tests.fleets.source import SourceTable, read_tables, read_views


class Union:
    """`union` is the connection string of a database that the file of SQL `schema` fills."""

    def __init__(self, postgres: PostgresServer, name: str, schema: Path) -> None:
        self._postgres = postgres
        self.union = postgres.create_database(name)
        with psycopg.connect(self.union, autocommit=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(schema.read_bytes())
            self.tables: dict[str, SourceTable] = read_tables(connection)
            self.views = read_views(connection)

    def build(self, layout: Layout, directory: Path) -> Fleet:
        """The same rows cut as `layout` says."""
        return build(layout, self.tables, self.views, directory, self._postgres.create_database)


class UnionFleet(Union):
    """A union and the one fleet that is cut from it."""

    def __init__(self, postgres: PostgresServer, schema: Path, layout: Layout, directory: Path) -> None:
        super().__init__(postgres, layout.name, schema)
        self.fleet: Fleet = self.build(layout, directory)
