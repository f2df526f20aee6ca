"""The dialect of each engine."""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.nodes.dialects.duckdb import DuckDialect
from fedgate.nodes.dialects.parquet import ParquetDialect
from fedgate.nodes.dialects.postgres import PostgresDialect
from fedgate.nodes.dialects.site import Dialect
from fedgate.nodes.dialects.sqlite import SqliteDialect

_DIALECTS: dict[str, Dialect] = {
    "sqlite": SqliteDialect(),
    "duckdb": DuckDialect(),
    "parquet": ParquetDialect(),
    "postgres": PostgresDialect(),
}


def dialect_of(engine: str) -> Dialect:
    """Raises SqlError 0A000 for an engine without a dialect."""
    dialect = _DIALECTS.get(engine)
    if dialect is None:
        raise unsupported(f'fragments for engine "{engine}"')
    return dialect
