"""Aggregates of partial aggregates: what the planner puts into final queries and no statement can name.

Their names begin with `fedgate.`. Variances take what nodes send of each part of a group; ordered-set aggregates take values with
the number of times that each occurs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.emit import FLOAT8, default_sql, dyn, key
from fedgate.sql.functions.table import aggregate, function
from fedgate.sql.functions.udf import define, macro
from fedgate.sql.numeric.moments import FINALS

OWN = "fedgate."
_INTERVAL = 1186


def _exact(name: str) -> Callable[[Emit, tuple[E, ...], Any], str]:
    """(n, sum, sum of squares) of numerics, with PostgreSQL's digits."""
    return lambda cx, args, node: f"num_{name}({args[0].sql}, {dyn(args[1])}, {dyn(args[2])})"


def _merged(name: str) -> Callable[[Call], E]:
    """(n, mean, …) of each part; parts without values say nothing."""

    def lower(call: Call) -> E:
        row = ", ".join(f"CAST({a.sql} AS DOUBLE)" for a in call.args)
        rows = call.wrap("list", f"[{row}]", also=f"{call.args[0].sql} > 0")
        return E(f"merge_{name}({rows})", FLOAT8)

    return lower


# ------------------------------------------------------------------------------------------------ values with counts


def _items(call: Call) -> str:
    """The group's values with their numbers, sorted as the aggregate says."""
    value = call.order_by[0].value
    pair = f"{{v: {default_sql(value) if value.dec is None else value.sql}, n: {call.args[-1].sql}}}"
    return call.wrap("list", call.guarded(pair), distinct=False, also=f"{value.sql} IS NOT NULL")


def _percentile(kind: str) -> Callable[[Call], E]:
    def lower(call: Call) -> E:
        value, fraction = call.order_by[0].value, call.args[0]
        name = f"pg_counted_{kind}"
        if kind == "cont":
            name += "_interval" if value.oid == _INTERVAL else "_float"
        items = _items(call)
        dec = value.dec if kind == "disc" else None
        if fraction.type.pg.is_array:
            return E(f"list_transform({fraction.sql}, lambda p: {name}({items}, p))", call.node.type, dec)
        return E(f"{name}({items}, {fraction.sql})", call.node.type, dec)

    return lower


def _mode(call: Call) -> E:
    value = call.order_by[0].value
    same = key(E("x.v", value.type, value.dec))
    before = key(E("list_extract(l, i - 1).v", value.type, value.dec))
    assert (same, before) == ("x.v", "list_extract(l, i - 1).v"), "the planner sends no values whose equality needs a key"
    return E(f"pg_counted_mode({_items(call)})", value.type, value.dec)


def _flat(column: Any) -> tuple[Any, Any, Any]:
    """A list column's flat values, and each list's size and begin."""
    lists = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    sizes = np.asarray(lists.value_lengths().fill_null(0), np.int64)
    return lists.flatten(), sizes, np.cumsum(sizes) - sizes


def _counted_at(counts: Any, places: Any) -> pa.Array:
    """The number (from 1) of the item that the place falls on, where the i-th item fills counts[i] places."""
    flat, sizes, starts = _flat(counts)
    ends = np.cumsum(np.asarray(flat, np.int64))
    before = np.where(starts > 0, ends[np.maximum(starts - 1, 0)] if len(ends) else 0, 0)
    wanted = places.combine_chunks() if isinstance(places, pa.ChunkedArray) else places
    found = np.searchsorted(ends, before + np.asarray(wanted.fill_null(1), np.int64)) - starts + 1
    absent = (sizes == 0) | np.asarray(wanted.is_null())
    return pa.array(found, pa.int64(), mask=absent)


def _most_frequent(counts: Any, first: Any) -> pa.Array:
    """The number (from 1) of the first item of the run with the largest count; `first` marks the first item of each run."""
    flat, sizes, starts = _flat(counts)
    begins = np.flatnonzero(np.asarray(_flat(first)[0]))
    total = np.add.reduceat(np.asarray(flat, np.int64), begins) if len(begins) else begins
    found = np.zeros(len(sizes), np.int64)
    for i in np.flatnonzero(sizes):
        low, high = np.searchsorted(begins, (starts[i], starts[i] + sizes[i]))
        found[i] = begins[low + np.argmax(total[low:high])] - starts[i] + 1
    return pa.array(found, pa.int64(), mask=sizes == 0)


def _needed(cx: Emit, args: tuple[E, ...], node: Any) -> E:
    """The value of a prelude, or its error: raised only for rows that come here."""
    value, failure = args
    return E(f"CASE WHEN {failure.sql} IS NULL THEN {value.sql} ELSE error({failure.sql}) END", node.type, value.dec)


define("pg_counted_at", ["BIGINT[]", "BIGINT"], "BIGINT", _counted_at)
define("pg_most_frequent", ["BIGINT[]", "BOOLEAN[]"], "BIGINT", _most_frequent)
macro("pg_counts", "l", "list_transform(l, lambda x: x.n)")
macro("pg_number", "l", "list_sum(pg_counts(l))")
macro("pg_counted_item", "l, k", "list_extract(l, pg_counted_at(pg_counts(l), CAST(k AS BIGINT))).v")
macro("pg_counted_disc", "l, p", "pg_counted_item(l, greatest(ceil(pg_fraction(p) * pg_number(l)), 1))")
macro("pg_counted_rank", "l, p", "pg_fraction(p) * (pg_number(l) - 1)")
macro("pg_counted_low", "l, p", "pg_counted_item(l, floor(pg_counted_rank(l, p)) + 1)")
macro("pg_counted_high", "l, p", "pg_counted_item(l, ceil(pg_counted_rank(l, p)) + 1)")
macro("pg_counted_part", "l, p", "(pg_counted_rank(l, p) - floor(pg_counted_rank(l, p)))")
macro("pg_counted_cont_float", "l, p", "CASE WHEN pg_counted_part(l, p) = 0 THEN pg_counted_low(l, p) ELSE pg_counted_low(l, p)"
      " + (pg_counted_high(l, p) - pg_counted_low(l, p)) * pg_counted_part(l, p) END")  # fmt: skip
macro("pg_counted_cont_interval", "l, p", "CASE WHEN pg_counted_part(l, p) = 0 THEN pg_counted_low(l, p) ELSE"
      " pg_counted_low(l, p) + pg_interval_mul(pg_counted_high(l, p) - pg_counted_low(l, p), pg_counted_part(l, p))"
      " END")  # fmt: skip
macro("pg_counted_mode", "l", "list_extract(l, pg_most_frequent(pg_counts(l), list_transform(l, lambda x, i: i = 1 OR"
      " list_extract(l, i - 1).v IS DISTINCT FROM x.v))).v")  # fmt: skip

function(f"{OWN}needed", "any, text", _needed)
for _name in ("var_pop", "var_samp", "stddev_pop", "stddev_samp"):
    function(f"{OWN}{_name}", "int8, numeric, numeric", _exact(_name))
for _name in FINALS:
    _single = _name.startswith(("var", "stddev"))
    aggregate(
        f"{OWN}{_name}", "int8, float8, float8" if _single else "int8, float8, float8, float8, float8, float8", _merged(_name)
    )
for _kind in ("cont", "disc"):
    aggregate(f"{OWN}percentile_{_kind}", "float8|_float8, int8", _percentile(_kind))
aggregate(f"{OWN}mode", "int8", _mode)
