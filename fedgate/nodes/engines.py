"""The registry of engines by name."""

from __future__ import annotations

from typing import Final

from fedgate.errors import SqlError, unsupported
from fedgate.nodes.duckdb import DuckdbEngine
from fedgate.nodes.engine import NodeEngine
from fedgate.nodes.parquet import ParquetEngine
from fedgate.nodes.postgres import PostgresEngine
from fedgate.nodes.sqlite import SqliteEngine

ENGINES: Final[dict[str, NodeEngine]] = {e.name: e for e in (SqliteEngine(), DuckdbEngine(), ParquetEngine(), PostgresEngine())}


def engine(name: str) -> NodeEngine:
    """The engine of that name. Raises SqlError 0A000 for one that this build does not have."""
    try:
        return ENGINES[name]
    except KeyError:
        raise unsupported(f'node engine "{name}"', hint=f"Engines: {', '.join(ENGINES)}.") from None


__all__ = ["ENGINES", "SqlError", "engine"]
