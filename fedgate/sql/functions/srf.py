"""Set-returning functions: each gives, per output column, the list that is unnested."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit, element, error
from fedgate.sql.functions.emit import TEXT, dyn
from fedgate.sql.functions.table import srf
from fedgate.sql.functions.udf import macro, scalar
from fedgate.types import SqlType
from fedgate.types.catalog import NUMERIC

ZERO_STEP = error("22023", "step size cannot equal zero")
_TOO_LONG = error("54000", f"generate_series would give more than {limits.SERIES_VALUES_MAX} values")
# The checks stand in an argument: the optimizer folds constant calls even in a branch of CASE that is not taken.
macro(
    "pg_series",
    "a, b, s",
    f"generate_series(CAST(a AS BIGINT), CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN s = 0 THEN {ZERO_STEP} "
    f"WHEN (CAST(b AS DOUBLE) - CAST(a AS DOUBLE)) / s >= {limits.SERIES_VALUES_MAX} THEN {_TOO_LONG} "
    "ELSE CAST(b AS BIGINT) END, CAST(s AS BIGINT))",
)


def _integers(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
    step = a[2].sql if len(a) > 2 else "1"
    series = f"pg_series({a[0].sql}, {a[1].sql}, {step})"
    if node.type.oid == 23:
        series = f"CAST({series} AS INTEGER[])"
    return (E(series, node.type),)


def _numerics(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
    step = dyn(a[2]) if len(a) > 2 else "'1'"
    return (E(f"num_series({dyn(a[0])}, {dyn(a[1])}, {step})", SqlType(NUMERIC)),)


@scalar("num_series", ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR[]")
def num_series(first: str, last: str, step: str) -> list[str]:
    from fedgate.sql.numeric import rules

    value, end, by = rules.read(first), rules.read(last), rules.read(step)
    for name, v in (("start value", value), ("stop value", end), ("step size", by)):
        if not v.is_finite():
            raise SqlError("22023", f"{name} cannot be {'NaN' if v.is_nan() else 'infinity'}")
    if by == 0:
        raise SqlError("22023", "step size cannot equal zero")
    out: list[str] = []
    while value <= end if by > 0 else value >= end:
        _require_room(out)
        out.append(rules.write(value))
        value = rules.add(value, by)
    return out


def _require_room(series: Sized) -> None:
    """These series are lists, and no cancel reaches their making. Those of integers in FROM stream, without limit."""
    if len(series) >= limits.SERIES_VALUES_MAX:
        raise SqlError("54000", f"generate_series would give more than {limits.SERIES_VALUES_MAX} values")


def _moments(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
    start, stop, step = a
    if start.oid == 1114:
        return (E(f"pg_series_ts({start.sql}, {stop.sql}, {step.sql})", node.type),)
    return (E(f"pg_series_tz({start.sql}, {stop.sql}, {step.sql}, {cx.zone})", node.type),)


macro(
    "pg_series_ts",
    "a, b, s",
    f"generate_series(a, CASE WHEN a IS NULL OR b IS NULL THEN b WHEN s = INTERVAL 0 DAY THEN {ZERO_STEP} "
    f"WHEN (epoch(b) - epoch(a)) / epoch(s) >= {limits.SERIES_VALUES_MAX} THEN {_TOO_LONG} ELSE b END, s)",
)


@scalar("pg_series_tz", ["TIMESTAMPTZ", "TIMESTAMPTZ", "INTERVAL", "VARCHAR"], "TIMESTAMPTZ[]")
def series_tz(start: int, stop: int, step: Any, zone_name: str) -> list[int]:
    """Steps on the local clock of the zone, as PostgreSQL's timestamptz + interval does, one after the other."""
    from fedgate.sql.functions.intervals import fields
    from fedgate.sql.functions.zoned import add

    by = fields(step)
    sign = by.months * 30 * 86_400_000_000 + by.days * 86_400_000_000 + by.microseconds
    if sign == 0:
        raise SqlError("22023", "step size cannot equal zero")
    out: list[int] = []
    at = start
    while at <= stop if sign > 0 else at >= stop:
        _require_room(out)
        out.append(at)
        at = add(at, by, zone_name)
    return out


def _unnest(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
    return tuple(E(e.sql, element(e.type), e.dec) for e in a)


def _subscripts(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
    """Arrays have one dimension, counted from 1."""
    places = f"CASE WHEN {a[1].sql} = 1 THEN CAST(range(1, len({a[0].sql}) + 1) AS INTEGER[]) END"
    if len(a) > 2:
        places = f"CASE WHEN {a[2].sql} THEN list_reverse({places}) WHEN NOT {a[2].sql} THEN {places} END"
    return (E(places, node.type),)


srf("generate_series", "int4, int4", _integers)
srf("generate_series", "int8, int8", _integers)
srf("generate_series", "int4, int4, int4", _integers)
srf("generate_series", "int8, int8, int8", _integers)
srf("generate_series", "numeric, numeric", _numerics)
srf("generate_series", "numeric, numeric, numeric", _numerics)
srf("generate_series", "timestamp, timestamp, interval", _moments)
srf("generate_series", "timestamptz, timestamptz, interval", _moments)
srf("unnest", "anyarray...", _unnest)
srf("generate_subscripts", "anyarray, int4", _subscripts)
srf("generate_subscripts", "anyarray, int4, bool", _subscripts)


def _string_to_table(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
    null = a[2].sql if len(a) > 2 else "CAST(NULL AS VARCHAR)"
    return (E(f"pg_string_to_array({a[0].sql}, {a[1].sql}, {null})", TEXT),)


srf("string_to_table", "string, string", _string_to_table)
srf("string_to_table", "string, string, string", _string_to_table)
