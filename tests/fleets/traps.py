"""The trap tables in PostgreSQL and in every fleet: made once a process, kept for its tests."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import PostgresServer
from tests.fleets.build import Fleet
from tests.fleets.layouts import LAYOUTS
from tests.fleets.union import Union

TRAPS = Path(__file__).parents[1] / "traps"


class TrapFleets(Union):
    """`fleet(name)` builds a layout on first use."""

    def __init__(self, postgres: PostgresServer, directory: Path) -> None:
        super().__init__(postgres, "union", TRAPS / "schema.sql")
        self._directory = directory
        self._fleets: dict[str, Fleet] = {}

    def fleet(self, name: str) -> Fleet:
        if name not in self._fleets:
            self._fleets[name] = self.build(LAYOUTS[name], self._directory / name)
        return self._fleets[name]
