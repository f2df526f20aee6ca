"""The registry of engines by name. An engine's driver is imported when a node of it is first asked: PostgreSQL's takes 0.3 s."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from typing import Final, cast

from fedgate.errors import unsupported
from fedgate.nodes.engine import NodeEngine

_ENGINES: Final = {"sqlite": "SqliteEngine", "duckdb": "DuckdbEngine", "parquet": "ParquetEngine", "postgres": "PostgresEngine"}


@cache
def engine(name: str) -> NodeEngine:
    """The engine of that name. Raises SqlError 0A000 for one that this build does not have."""
    if name not in _ENGINES:
        raise unsupported(f'node engine "{name}"', hint=f"Engines: {', '.join(_ENGINES)}.")
    return cast("NodeEngine", getattr(importlib.import_module(f"fedgate.nodes.{name}"), _ENGINES[name])())


def warm(names: Iterable[str]) -> None:
    """Load the drivers of engines, so that their first sessions need not wait for it."""
    known = set(names) & set(_ENGINES)
    for name in known:
        engine(name)
    if known & {"duckdb", "parquet"}:
        from fedgate.nodes.duckhost import HOST

        HOST.open()
