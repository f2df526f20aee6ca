"""generate_series in FROM as DuckDB's table function over BIGINT, which streams and stops when it is cancelled.

A list would hold all values at once. Integers go as they are, numerics of known scale as multiples of their last digit, times as
microseconds where every step has the same length; other series are lists (`functions.srf`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fedgate.fragment import column_name
from fedgate.sql.functions.carriers import Dec, E, error
from fedgate.sql.functions.emit import dyn, numeric_of_int
from fedgate.sql.functions.srf import ZERO_STEP
from fedgate.sql.lower.state import Lowering
from fedgate.sql.tree import FuncExpr, FunctionRef
from fedgate.types import SqlType
from fedgate.types.catalog import NUMERIC
from fedgate.types.values import Interval

_INT4, _INT8, _TIMESTAMP, _TIMESTAMPTZ = 23, 20, 1114, 1184
_DIGITS = 18  # of a BIGINT
_INFINITE = error("22008", "timestamp out of range")


@dataclass(frozen=True, slots=True)
class _Series:
    """Bounds and step as BIGINT; `value` is the SQL of a value from `v`, `type` and `dec` its type and carrier."""

    start: str
    stop: str
    step: str
    value: str
    type: SqlType
    dec: Dec | None = None


def streamed(lo: Lowering, item: FunctionRef) -> str | None:
    """The FROM text of an item that is one generate_series, None for those that are lists."""
    call = item.functions[0]
    alone = len(item.functions) == len(item.columns) == 1 and not item.ordinality
    if not alone or not isinstance(call, FuncExpr) or call.name != "generate_series":
        return None
    args = lo.exprs(call.args)
    if call.type.oid in (_INT4, _INT8):
        series: _Series | None = _of_integers(call.type, args)
    elif call.type.oid == NUMERIC:
        series = _of_numerics(args)
    else:
        series = _of_times(call.type, args)
    if series is None:
        return None
    out = item.columns[0]
    name = column_name(out.id)
    lo.vars[item.rel, out.id] = E(f"t{item.rel}.{name}", series.type, series.dec)
    # A NULL among the arguments is no row, before any of them is looked at.
    bounds = (
        f"{series.start}, {series.stop}, CASE WHEN {_known(series)} AND {series.step} = 0 THEN {ZERO_STEP} ELSE {series.step} END"
    )
    return f"LATERAL (SELECT {series.value} AS {name} FROM generate_series({bounds}) AS s(v)) AS t{item.rel}"


def _known(series: _Series) -> str:
    return f"{series.start} IS NOT NULL AND {series.stop} IS NOT NULL"


def _of_integers(type_: SqlType, args: tuple[E, ...]) -> _Series:
    start, stop, *step = (f"CAST({a.sql} AS BIGINT)" for a in args)
    return _Series(
        start, stop, step[0] if step else "CAST(1 AS BIGINT)", "CAST(v AS INTEGER)" if type_.oid == _INT4 else "v", type_
    )


def _of_numerics(args: tuple[E, ...]) -> _Series | None:
    start, stop, step = args if len(args) > 2 else (*args, numeric_of_int(E("1", SqlType(_INT4), None, True, 1)))
    if not start.dec or not stop.dec or not step.dec:
        return None
    scale = max(start.dec.s, step.dec.s)
    if any(e.dec and e.dec.whole + max(scale, e.dec.s) > _DIGITS for e in (start, stop, step)) or stop.dec.s > scale:
        return None
    power = f"1{'0' * scale}"
    first, last, by = (f"CAST(CAST({e.sql} AS DECIMAL(38,{scale})) * {power} AS BIGINT)" for e in (start, stop, step))
    d = Dec(_DIGITS + 1, scale)
    last_digit = f"CAST('{'0.' + '0' * (scale - 1) if scale else ''}1' AS DECIMAL({scale + 1},{scale}))"
    value = f"CAST(CAST(v AS DECIMAL(38,0)) * {last_digit} AS {d.duck})"
    if start.dec.s == scale:
        return _Series(first, last, by, value, SqlType(NUMERIC), d)
    # The first value keeps its own digits after the point.
    return _Series(first, last, by, f"CASE WHEN v = {first} THEN {dyn(start)} ELSE CAST({value} AS VARCHAR) END", SqlType(NUMERIC))


def _of_times(type_: SqlType, args: tuple[E, ...]) -> _Series | None:
    start, stop, step = args
    by = step.value
    if not isinstance(by, Interval) or by.months or by.days:
        return None
    make = "make_timestamp" if type_.oid == _TIMESTAMP else "make_timestamptz"
    first, last = (
        f"CASE WHEN isfinite({e.sql}) THEN epoch_us({e.sql}) WHEN {e.sql} IS NOT NULL THEN {_INFINITE} END" for e in (start, stop)
    )
    return _Series(first, last, f"CAST({by.microseconds} AS BIGINT)", f"{make}(v)", type_)
