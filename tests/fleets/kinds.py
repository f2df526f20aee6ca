"""A fleet of one table with a column of every type, a shard on each of the four engines; kinds.sql has the rows."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import PostgresServer
from tests.fleets.layout import Engine, Layout, NodeSpec, PlacementSpec, Stored
from tests.fleets.union import UnionFleet

_ENGINES: tuple[Engine, ...] = ("sqlite", "duckdb", "parquet", "postgres")
# DuckDB and Parquet have no numeric without a scale, Parquet no interval of microseconds: they store text.
_NUMERIC = {"n": Stored(expression="n_text::numeric", input=("n_text", "text"), local="v")}
_INTERVAL = {"iv": Stored(expression="iv_text::interval", input=("iv_text", "text"), local="v")}
_HABITS = {"duckdb": _NUMERIC, "parquet": _NUMERIC | _INTERVAL}


def kinds_fleet(postgres: PostgresServer, directory: Path) -> UnionFleet:
    placements = tuple(PlacementSpec("kinds", engine, engine, _HABITS.get(engine, {})) for engine in _ENGINES)
    cuts = {"kinds": lambda _, row: _ENGINES[int(row["id"] or 0) % 4]}
    layout = Layout("kinds", tuple(NodeSpec(engine, engine) for engine in _ENGINES), placements, cuts)
    return UnionFleet(postgres, Path(__file__).with_name("kinds.sql"), layout, directory)
