"""What a prelude's rows are as values of parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.executor.api import KeysSent
from fedgate.executor.values import values_of
from fedgate.planner.plan import Prelude, bounds
from fedgate.sql.functions.long_lists import LISTED_MAX
from fedgate.types.values import Value


def parameters(prelude: Prelude, batches: Iterable[pa.RecordBatch], sent: list[KeysSent]) -> Mapping[str, Value]:
    """The parameters that a prelude's rows give; of keys, `sent` gets how they will travel.

    Keys that are more than the nodes are to get are NULL, and have their bounds beside them. Raises SqlError 21000 for a second
    row of a scalar, 54000 for a set that is too large.
    """
    if prelude.kind == "keys":
        return _keys(prelude, batches, sent)
    if prelude.kind == "range":
        ((low, high),) = (pair for batch in batches for pair in zip(*(_column(batch, i, prelude) for i in (0, 1)), strict=True))
        sent.append(KeysSent(prelude.name, "range", None, low, high))
        return dict(zip(bounds(prelude.name), (low, high), strict=True))
    found: list[Value] = []
    for batch in batches:
        found += _column(batch, 0, prelude)
        if prelude.kind == "scalar" and len(found) > 1:
            raise SqlError("21000", "more than one row returned by a subquery used as an expression")
        if len(found) > limits.PRELUDE_SET_ROWS_MAX:
            raise SqlError("54000", f"a subquery gave more than {limits.PRELUDE_SET_ROWS_MAX} values")
    if prelude.kind == "scalar":
        return {prelude.name: found[0] if found else None}
    return {prelude.name: tuple(dict.fromkeys(v for v in found if v is not None))}


def _keys(prelude: Prelude, batches: Iterable[pa.RecordBatch], sent: list[KeysSent]) -> Mapping[str, Value]:
    assert prelude.keys is not None
    most = prelude.keys.most
    found: dict[Any, None] = {}
    count, low, high = 0, *ends(())
    for batch in batches:
        keys = [v for v in _column(batch, 0, prelude) if v is not None]
        if not keys:
            continue
        count += len(keys)
        if count <= most:
            found |= dict.fromkeys(keys)
        else:  # the first time with those that were kept so far
            keys += found
            found = {}
            low, high = ends([low, high, *keys])
    if count <= most:
        sent.append(KeysSent(prelude.name, "list" if count <= LISTED_MAX else "set", count))
        return {prelude.name: tuple(found)}
    sent.append(KeysSent(prelude.name, "range", count, low, high))
    return {prelude.name: None, **dict(zip(bounds(prelude.name), (low, high), strict=True))}


def ends(values: Iterable[Any]) -> tuple[Value, Value]:
    """The least and the greatest that is not NULL; NaN is above all numbers."""
    found = [v for v in values if v is not None]
    numbers = [v for v in found if not _is_nan(v)]
    nan = next((v for v in found if _is_nan(v)), None)
    return min(numbers, default=nan), max(numbers, default=None) if nan is None else nan


def _is_nan(value: Any) -> bool:
    return isinstance(value, (float, Decimal)) and math.isnan(value)


def _column(batch: pa.RecordBatch, at: int, prelude: Prelude) -> list[Value]:
    return values_of(batch.column(at), prelude.plan.columns[at].type)
