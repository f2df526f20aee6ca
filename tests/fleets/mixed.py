"""A fleet of one table for comparisons across types: a shard on each engine, and on SQLite one for each way to store times."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import PostgresServer
from tests.fleets.layout import Engine, Layout, NodeSpec, PlacementSpec, Stored
from tests.fleets.union import UnionFleet

_ENGINES: dict[str, Engine] = {
    "text": "sqlite",
    "seconds": "sqlite",
    "millis": "sqlite",
    "micros": "sqlite",
    "duckdb": "duckdb",
    "parquet": "parquet",
    "postgres": "postgres",
}


def _unix(unit: str, date: Stored) -> dict[str, Stored]:
    return {"ts": Stored("ts_x", encoding=unit), "tz": Stored("tz_x", encoding=unit), "d": date}


_INTERVAL = {"iv": Stored(expression="iv_text::interval", input=("iv_text", "text"), local="v")}
_HABITS: dict[str, dict[str, Stored]] = {
    "seconds": _unix("unix_s", Stored("day")),
    "millis": _unix("unix_ms", Stored("day", encoding="julian")),
    "micros": _unix("unix_us", Stored("day", encoding="unix_s")),
    "parquet": _INTERVAL,
}


def mixed_fleet(postgres: PostgresServer, directory: Path) -> UnionFleet:
    names = tuple(_ENGINES)
    nodes = tuple(NodeSpec(name, engine) for name, engine in _ENGINES.items())
    placements = tuple(PlacementSpec("mixed", name, name, _HABITS.get(name, {})) for name in names)
    cuts = {"mixed": lambda _, row: names[int(row["id"] or 0) % len(names)]}
    return UnionFleet(postgres, Path(__file__).with_name("mixed.sql"), Layout("mixed", nodes, placements, cuts), directory)
