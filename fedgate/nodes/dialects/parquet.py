"""Parquet: DuckDB reads the files, so all is as in the duckdb dialect; the session's view stands for the placement's glob."""

from __future__ import annotations

from fedgate.nodes.dialects.duckdb import DuckDialect


class ParquetDialect(DuckDialect):
    """See the module docstring."""
