"""fedgate's own approximate aggregates, `approx_count_distinct` and `approx_percentile`, and what nodes send of them.

The states are those of `sql/numeric/sketches.py`. Node states (`fedgate.distinct_state`, `fedgate.ranks_state`, the latter also of
values that occur several times) and their merges stand in plans only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E
from fedgate.sql.functions.emit import BYTEA, FLOAT4, FLOAT8, INT8, dyn, key
from fedgate.sql.functions.table import OWN, aggregate
from fedgate.sql.functions.udf import define
from fedgate.sql.numeric import sketches

_NUMERIC, _INTERVAL = 1700, 1186


def _identity(e: E) -> str:
    """A text that is the same exactly for equal values."""
    if e.oid == _NUMERIC:
        return f"CAST(num_key({dyn(e)}) AS VARCHAR)"
    if e.oid == _INTERVAL:
        parts = (f"CAST(pg_interval_{part}({e.sql}) AS HUGEINT)" for part in ("months", "days", "us"))
        months, days, us = parts
        return f"CAST(({months} * 30 + {days}) * 86400000000 + {us} AS VARCHAR)"
    if e.oid in (FLOAT4.oid, FLOAT8.oid):  # zero has a sign
        return f"CASE WHEN {e.sql} = 0 THEN '0' ELSE CAST({e.sql} AS VARCHAR) END"
    return f"CAST({key(e)} AS VARCHAR)"


def _distinct_state(call: Call) -> E:
    e = call.args[0]
    texts = call.wrap("list", call.guarded(_identity(e)), distinct=True, order=(), also=f"{e.sql} IS NOT NULL")
    return E(f"sketch_distinct({texts})", BYTEA)


def _approx_count_distinct(call: Call) -> E:
    return E(f"sketch_distinct_count([{_distinct_state(call).sql}])", INT8)


def _distinct_merge(call: Call) -> E:
    return E(f"sketch_distinct_count({_states(call)})", INT8)


def _states(call: Call) -> str:
    e = call.args[0]
    return call.wrap("list", call.guarded(e.sql), distinct=False, order=(), also=f"{e.sql} IS NOT NULL")


def _ranks_state(call: Call) -> E:
    e = call.args[0]
    if len(call.args) == 1:
        values = call.wrap("list", call.guarded(e.sql), order=(), also=f"{e.sql} IS NOT NULL")
        return E(f"sketch_ranks({values})", BYTEA)
    pairs = call.wrap("list", call.guarded(f"{{v: {e.sql}, n: {call.args[1].sql}}}"), order=(), also=f"{e.sql} IS NOT NULL")
    return E(f"sketch_weighted_ranks(list_transform({pairs}, lambda x: x['v']), list_transform({pairs}, lambda x: x['n']))", BYTEA)


def _approx_percentile(call: Call) -> E:
    values = call.wrap("list", call.guarded(call.args[0].sql), order=(), also=f"{call.args[0].sql} IS NOT NULL")
    return E(f"sketch_quantile([sketch_ranks({values})], pg_fraction({call.args[1].sql}))", FLOAT8)


def _ranks_merge(call: Call) -> E:
    return E(f"sketch_quantile({_states(call)}, pg_fraction({call.args[1].sql}))", FLOAT8)


# ------------------------------------------------------------------------------------------------ on columns


def _texts(column: Any) -> pa.Array:
    return pa.array(
        [None if row is None else sketches.distinct_state(row.to_pylist()) for row in sketches.lists(column)], pa.binary()
    )


def _counts(column: Any) -> pa.Array:
    states = ([] if row is None else row.drop_null().to_pylist() for row in sketches.lists(column))
    return pa.array([sketches.distinct_count(row) for row in states], pa.int64())


def _floats(row: Any) -> Any:
    return np.asarray(row, np.float64)


def _points(column: Any) -> pa.Array:
    return pa.array([None if row is None else sketches.ranks_state(_floats(row)) for row in sketches.lists(column)], pa.binary())


def _weighted_points(column: Any, times: Any) -> pa.Array:
    pairs = zip(sketches.lists(column), sketches.lists(times), strict=True)
    made = [None if row is None else sketches.ranks_state(_floats(row), np.asarray(n, np.int64)) for row, n in pairs]
    return pa.array(made, pa.binary())


def _quantiles(column: Any, fractions: Any) -> pa.Array:
    found = [
        None if row is None or p is None else sketches.quantile(row.drop_null().to_pylist(), p)
        for row, p in zip(sketches.lists(column), fractions.to_pylist(), strict=True)
    ]
    return pa.array(found, pa.float64())


define("sketch_distinct", ["VARCHAR[]"], "BLOB", _texts)
define("sketch_distinct_count", ["BLOB[]"], "BIGINT", _counts)
define("sketch_ranks", ["DOUBLE[]"], "BLOB", _points)
define("sketch_weighted_ranks", ["DOUBLE[]", "BIGINT[]"], "BLOB", _weighted_points)
define("sketch_quantile", ["BLOB[]", "DOUBLE"], "DOUBLE", _quantiles)

aggregate("approx_count_distinct", "any", _approx_count_distinct)
aggregate("approx_percentile", "float8, float8", _approx_percentile)
aggregate(f"{OWN}distinct_state", "any", _distinct_state)
aggregate(f"{OWN}distinct_merge", "bytea", _distinct_merge)
aggregate(f"{OWN}ranks_state", "float8", _ranks_state)
aggregate(f"{OWN}ranks_state", "float8, int8", _ranks_state)
aggregate(f"{OWN}ranks_merge", "bytea, float8", _ranks_merge)
