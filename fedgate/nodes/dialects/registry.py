"""The dialect of each engine."""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.nodes.dialects.duckdb import DuckDialect
from fedgate.nodes.dialects.parquet import ParquetDialect
from fedgate.nodes.dialects.postgres import PostgresDialect
from fedgate.nodes.dialects.site import Dialect
from fedgate.nodes.dialects.sqlite import SqliteDialect
from fedgate.nodes.dialects.written import Written

_DIALECTS: dict[str, Dialect] = {
    "sqlite": SqliteDialect(),
    "duckdb": DuckDialect(),
    "parquet": ParquetDialect(),
    "postgres": PostgresDialect(),
}
_WRITTEN = {engine: Written(dialect.literal) for engine, dialect in _DIALECTS.items()}


def literal_of(engine: str) -> Written:
    """How an engine that has a dialect writes values."""
    return _WRITTEN[engine]


def dialect_of(engine: str) -> Dialect:
    """Raises SqlError 0A000 for an engine without a dialect."""
    dialect = _DIALECTS.get(engine)
    if dialect is None:
        raise unsupported(f'fragments for engine "{engine}"')
    return dialect
