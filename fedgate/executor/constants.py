"""`SELECT 1`, `SELECT $1, 'x'`: a final query of nothing but constants needs no merge engine.

Pools and dashboards send such queries all day to see whether the server lives; the merge engine would take most of their time.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from fedgate.sql.tree import Block, Const, Param, Query
from fedgate.types.arrow_values import from_python
from fedgate.types.values import Value


def constant_row(query: Query, schema: pa.Schema, values: Mapping[str, Value]) -> pa.RecordBatch | None:
    """The one row of such a query, with exactly `schema`; None for any other query, or where a carrier is not its type's."""
    if not isinstance(query, Block) or query != Block(query.targets):
        return None
    arrays: list[pa.Array] = []
    for target, field in zip(query.targets, schema, strict=True):
        expr = target.expr
        if isinstance(expr, Const):
            array = from_python([expr.value], expr.type)
        elif isinstance(expr, Param):
            array = from_python([values[expr.name]], expr.type)
        else:
            return None
        if array.type != field.type:
            return None
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=schema) if arrays else None
