"""A connection of DuckDB that remembers what it was asked, so that the same query is parsed and bound once, not twice."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

ASKED_MAX = 16
ASKED_CHARS_MAX = 16_384


@dataclass(slots=True)
class Asking:
    """A cursor and the relations of its latest queries."""

    connection: duckdb.DuckDBPyConnection
    asked: OrderedDict[str, duckdb.DuckDBPyRelation] = field(default_factory=OrderedDict)

    def rows(self, sql: str, batch_rows: int) -> pa.RecordBatchReader:
        """The rows of a query, as DuckDB makes them.

        Making a relation of a text parses and binds it, and running the relation does so once more. What is asked again runs the
        relation that there is, at half the cost: its text is bound then to what its names stand for now.
        """
        relation = self.asked.get(sql)
        if relation is None:
            relation = self.connection.sql(sql)
            if len(sql) <= ASKED_CHARS_MAX:
                self.asked[sql] = relation
                if len(self.asked) > ASKED_MAX:
                    self.asked.popitem(last=False)
        else:
            self.asked.move_to_end(sql)
        return relation.to_arrow_reader(batch_rows)
