"""The demo fleet: flights that left New York City in 2013, one airport on SQLite, one on DuckDB, one on Parquet."""

from fedgate.demo.build import build
from fedgate.demo.progress import Progress, bar

__all__ = ["Progress", "bar", "build"]
