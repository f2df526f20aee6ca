"""Ordered-set aggregates: percentiles and the mode of a group's values, or of values that each stand for several rows.

A group becomes a list, sorted as WITHIN GROUP says and without NULLs: of the values themselves, or of structs of a value and the
number of its rows where nodes sent them so (`fedgate.percentile_cont`, …: their last argument is that number). The formulas are
the same; a `_Form` says how they read its kind of list.

Source: https://www.postgresql.org/docs/15/functions-aggregate.html#FUNCTIONS-ORDEREDSET-TABLE
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from fedgate.errors import unsupported
from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E
from fedgate.sql.functions.emit import has_key
from fedgate.sql.functions.table import OWN, aggregate
from fedgate.sql.functions.udf import define, macro

_INTERVAL = 1186


@dataclass(frozen=True, slots=True)
class _Form:
    """A kind of list, for macros: `item` the value at place `k` of the group's rows in list `l`, `number` how many rows those are,
    `counts` how many each entry stands for, `value` what takes an entry's value.
    """

    name: str
    item: str
    number: str
    counts: str
    value: str

    def entry(self, call: Call) -> str:
        """What the list holds of a row."""
        value = call.order_by[0].value.sql
        return f"{{v: {value}, n: {call.args[-1].sql}}}" if self.value else value

    def items(self, call: Call) -> str:
        """The group's list."""
        present = f"{call.order_by[0].value.sql} IS NOT NULL"
        return call.wrap("list", call.guarded(self.entry(call)), distinct=False, also=present)

    def define(self) -> None:
        """Registers the formulas as macros `pg_<name>_disc(l, p)`, `…_cont_float(l, p)`, `…_cont_interval(l, p)`, `…_mode(l)`."""
        own = f"pg_{self.name}"
        macro(f"{own}_number", "l", self.number)
        macro(f"{own}_item", "l, k", self.item)
        place = f"greatest(ceil(pg_fraction(p) * {own}_number(l)), 1)"  # greatest passes over NULLs
        macro(f"{own}_disc", "l, p", f"CASE WHEN p IS NOT NULL THEN {own}_item(l, {place}) END")
        macro(f"{own}_rank", "l, p", f"pg_fraction(p) * ({own}_number(l) - 1)")
        macro(f"{own}_low", "l, p", f"{own}_item(l, floor({own}_rank(l, p)) + 1)")
        macro(f"{own}_high", "l, p", f"{own}_item(l, ceil({own}_rank(l, p)) + 1)")
        macro(f"{own}_part", "l, p", f"({own}_rank(l, p) - floor({own}_rank(l, p)))")
        low, part, step = f"{own}_low(l, p)", f"{own}_part(l, p)", f"{own}_high(l, p) - {own}_low(l, p)"
        for kind, share in (("float", f"({step}) * {part}"), ("interval", f"pg_interval_mul({step}, {part})")):
            macro(f"{own}_cont_{kind}", "l, p", f"CASE WHEN {part} = 0 THEN {low} ELSE {low} + {share} END")
        # Each entry beside the one before it: a lambda that looks into `l` cannot be bound where `l` has lambdas of its own.
        pairs, first = "list_zip(l, list_prepend(NULL, l), true)", f"i = 1 OR x[1]{self.value} IS DISTINCT FROM x[2]{self.value}"
        most = f"pg_most_frequent({self.counts}, list_transform({pairs}, lambda x, i: {first}))"
        macro(f"{own}_mode", "l", f"list_extract(l, {most}){self.value}")


_COUNTS: Final = "list_transform(l, lambda x: x['n'])"
_PLAIN: Final = _Form(
    "sorted",
    item="list_extract(l, CAST(k AS BIGINT))",
    number="len(l)",
    counts="list_transform(l, lambda x: CAST(1 AS BIGINT))",
    value="",
)
_COUNTED: Final = _Form(
    "counted",
    item=f"list_extract(l, pg_counted_at({_COUNTS}, CAST(k AS BIGINT))).v",
    number=f"list_sum({_COUNTS})",
    counts=_COUNTS,
    value="['v']",
)


def _percentile(form: _Form, kind: str) -> Callable[[Call], E]:
    """percentile_cont or percentile_disc (`kind`) of one fraction or of an array of them."""

    def lower(call: Call) -> E:
        fraction, value = call.args[0], call.order_by[0].value
        name = f"pg_{form.name}_{kind}"
        if kind == "cont":
            name += "_interval" if value.oid == _INTERVAL else "_float"
        carrier = value.dec if kind == "disc" else None
        items = form.items(call)
        if fraction.type.pg.is_array:
            return E(f"list_transform({fraction.sql}, lambda p: {name}({items}, p))", call.node.type, carrier)
        return E(f"{name}({items}, {fraction.sql})", call.node.type, carrier)

    return lower


def _mode(form: _Form) -> Callable[[Call], E]:
    """The first, in the order asked for, of the most frequent values."""

    def lower(call: Call) -> E:
        value = call.order_by[0].value
        if has_key(value):
            raise unsupported("mode() of values whose equality is not that of their text")
        return E(f"pg_{form.name}_mode({form.items(call)})", value.type, value.dec)

    return lower


# ------------------------------------------------------------------------------------------------ lists in columns


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


define("pg_counted_at", ["BIGINT[]", "BIGINT"], "BIGINT", _counted_at)
define("pg_most_frequent", ["BIGINT[]", "BOOLEAN[]"], "BIGINT", _most_frequent)
macro(
    "pg_fraction",
    "p",
    "CASE WHEN p < 0 OR p > 1 OR isnan(p) THEN error('SQLSTATE:22003:percentile value ' || p || ' is not between 0 and 1') ELSE p"
    " END",
)
_PLAIN.define()
_COUNTED.define()

for _kind in ("cont", "disc"):
    aggregate(f"percentile_{_kind}", "float8|_float8, any", _percentile(_PLAIN, _kind))
    aggregate(f"percentile_{_kind}", "float8|_float8", _percentile(_PLAIN, _kind))
    aggregate(f"{OWN}percentile_{_kind}", "float8|_float8, int8", _percentile(_COUNTED, _kind))
aggregate("mode", "any", _mode(_PLAIN))
aggregate("mode", "", _mode(_PLAIN))
aggregate(f"{OWN}mode", "int8", _mode(_COUNTED))
