"""A direct answer as a stream of rows, as the executor gives them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.fragment import column_name
from fedgate.sql.functions.udf import build
from fedgate.sql.tree import OutputColumn
from fedgate.system.direct.runtime import Row
from fedgate.types import arrow_type


@lru_cache(limits.DIRECT_SCHEMAS_MAX)
def _schema(columns: tuple[OutputColumn, ...]) -> tuple[pa.Schema, pa.RecordBatch]:
    """What a result of these columns is in Arrow, and one without rows."""
    schema = pa.schema([pa.field(column_name(c.id), arrow_type(c.type)) for c in columns])
    return schema, pa.RecordBatch.from_arrays([build([], type_) for type_ in schema.types], schema=schema)


class Answered:
    """The `ResultStream` of rows that are there."""

    def __init__(self, columns: tuple[OutputColumn, ...], rows: list[Row], result_bytes_max: int | None) -> None:
        self.columns = columns
        self.schema, nothing = _schema(columns)
        if rows:
            arrays = [build(list(of), type_) for of, type_ in zip(zip(*rows, strict=True), self.schema.types, strict=True)]
            self._batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        else:
            self._batch = nothing
        if result_bytes_max is not None and self._batch.nbytes > result_bytes_max:
            hint = "The setting fedgate.max_result_bytes says how large a result may be."
            raise SqlError("53400", f"the result exceeds {result_bytes_max} bytes", hint=hint)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        yield self._batch

    def close(self) -> None:
        """Nothing runs."""
