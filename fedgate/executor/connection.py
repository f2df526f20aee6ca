"""One connection of the merge engine, for one query: the places of its inputs, and the query as DuckDB has understood it.

An input's place is registered in DuckDB once and filled anew for each run, since a registered object is a view in DuckDB's
catalog: making and dropping it costs more than the query over a dashboard's few rows. For the same reason such a query is prepared.
A prepared query's result is held in memory whole, so only queries that cannot give many rows are asked so.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TypeAlias

import duckdb
import pyarrow as pa

Input: TypeAlias = "pa.Table | pa.RecordBatchReader"
_SCAN_ROWS = 131_072
"""Rows of a table that one thread scans in turn."""

# DuckDB says so each time that a prepared query's rows are taken as Arrow: they are few.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result makes an extra copy", UserWarning)


class _Place:
    """What DuckDB knows an input by: the Arrow PyCapsule interface over the rows that are there now."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self.rows: Input | None = None

    def __arrow_c_schema__(self) -> object:
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        assert self.rows is not None
        rows = self.rows.to_reader(max_chunksize=_SCAN_ROWS) if isinstance(self.rows, pa.Table) else self.rows
        return rows.__arrow_c_stream__(requested_schema)


class Connection:
    """A cursor of the database `root`. One statement at a time uses it, and every statement asks it the same."""

    def __init__(self, root: duckdb.DuckDBPyConnection, sql: str) -> None:
        self.root = root
        self.sql = sql
        self.cursor = root.cursor()
        self._places: dict[str, _Place] = {}
        self._relation: duckdb.DuckDBPyRelation | None = None
        self._prepared = False

    def fill(self, inputs: Mapping[str, Input]) -> None:
        """Put the statement's inputs in their places."""
        if {name: given.schema for name, given in inputs.items()} != {name: place.schema for name, place in self._places.items()}:
            self._register(inputs)
        for name, given in inputs.items():
            self._places[name].rows = given

    def _register(self, inputs: Mapping[str, Input]) -> None:
        """New places. What was understood of the query before was bound to the former ones."""
        if self._prepared:
            self.cursor.execute("DEALLOCATE q")
        self._prepared, self._relation = False, None
        for name in self._places:
            self.cursor.unregister(name)
        self._places = {name: _Place(given.schema) for name, given in inputs.items()}
        for name, place in self._places.items():
            self.cursor.register(name, place)

    def empty(self) -> None:
        """Let go of the inputs."""
        for place in self._places.values():
            place.rows = None

    def rows(self, batch_rows: int) -> pa.RecordBatchReader:
        """The query's rows, as DuckDB makes them.

        Making a relation parses and binds the query, and running it does so once more; a relation that is there is run at half the
        cost.
        """
        if self._relation is None:
            self._relation = self.cursor.sql(self.sql)
        return self._relation.to_arrow_reader(batch_rows)

    def few_rows(self, batch_rows: int) -> pa.RecordBatchReader:
        """The rows of a query that gives few."""
        if not self._prepared:
            self.cursor.execute(f"PREPARE q AS {self.sql}")
            self._prepared = True
        return self.cursor.execute("EXECUTE q").to_arrow_reader(batch_rows)

    def close(self) -> None:
        """Close the cursor and let go of the inputs."""
        self.empty()
        self.cursor.close()
