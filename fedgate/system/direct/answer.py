"""A direct answer as a stream of rows, as the executor gives them."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.fragment import column_name
from fedgate.sql.functions.udf import build
from fedgate.sql.tree import OutputColumn
from fedgate.system.direct.runtime import Row
from fedgate.types import arrow_type


class Answered:
    """The `ResultStream` of rows that are there."""

    def __init__(self, columns: tuple[OutputColumn, ...], rows: list[Row], result_bytes_max: int | None) -> None:
        self.columns = columns
        types = [arrow_type(column.type) for column in columns]
        self.schema = pa.schema([pa.field(column_name(c.id), t) for c, t in zip(columns, types, strict=True)])
        values = zip(*rows, strict=True) if rows else ((),) * len(columns)
        arrays = [build(list(of), type_) for of, type_ in zip(values, types, strict=True)]
        self._batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        if result_bytes_max is not None and self._batch.nbytes > result_bytes_max:
            hint = "The setting fedgate.max_result_bytes says how large a result may be."
            raise SqlError("53400", f"the result exceeds {result_bytes_max} bytes", hint=hint)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        yield self._batch

    def close(self) -> None:
        """Nothing runs."""
