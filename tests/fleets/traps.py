"""The trap tables in PostgreSQL and in every fleet: made once a process, kept for its tests."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.conftest import PostgresServer
from tests.fleets.build import Fleet, build
from tests.fleets.layouts import LAYOUTS
from tests.fleets.source import SourceTable, read_tables, read_views

TRAPS = Path(__file__).parents[1] / "traps"


class TrapFleets:
    """`union` is the connection string of the database with all rows; `fleet(name)` builds a layout on first use."""

    def __init__(self, postgres: PostgresServer, directory: Path) -> None:
        self._postgres, self._directory = postgres, directory
        self._fleets: dict[str, Fleet] = {}
        self.union = postgres.create_database("union")
        with psycopg.connect(self.union, autocommit=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute((TRAPS / "schema.sql").read_bytes())
            self.tables: dict[str, SourceTable] = read_tables(connection)
            self.views = read_views(connection)

    def fleet(self, name: str) -> Fleet:
        if name not in self._fleets:
            self._fleets[name] = build(
                LAYOUTS[name], self.tables, self.views, self._directory / name, self._postgres.create_database
            )
        return self._fleets[name]
