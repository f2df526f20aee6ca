"""Set-returning functions: each gives, per output column, the list that is unnested."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit, element, error
from fedgate.sql.functions.emit import TEXT, dyn
from fedgate.sql.functions.table import srf
from fedgate.sql.functions.udf import macro, scalar
from fedgate.sql.functions.zones import named
from fedgate.types import SqlType
from fedgate.types.catalog import NUMERIC
from fedgate.types.civil import DAY_US, SECOND_US
from fedgate.types.values import TIMESTAMP_INFINITY, Interval
from fedgate.types.zones import Zone

_DAYS_MAX = 100_000
_GAP_US = 7_200 * SECOND_US
"""Clocks are put forward by no more each spring."""
_ONCE_US = 3 * DAY_US
"""All that a zone's clocks were ever put forward by beside that: days left out at the date line, local mean time given up."""
_NEAR = TIMESTAMP_INFINITY - 2 * _DAYS_MAX * DAY_US

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
        value = rules.CONTEXT.add(value, by)  # what is beyond the format is beyond the end, too
    return out


def _require_room(series: Sized) -> None:
    """These series are lists, and no cancel reaches their making. Those of integers in FROM stream, without limit."""
    if len(series) >= limits.SERIES_VALUES_MAX:
        raise _too_long()


def _too_long() -> SqlError:
    return SqlError("54000", f"generate_series would give more than {limits.SERIES_VALUES_MAX} values")


def _moments(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
    start, stop, step = a
    if start.oid == 1114:
        return (E(f"pg_series_ts({start.sql}, {stop.sql}, {step.sql})", node.type),)
    return (E(f"pg_series_tz({start.sql}, {stop.sql}, {step.sql}, {cx.zone})", node.type),)


macro(
    "pg_series_ts",
    "a, b, s",
    f"CASE WHEN s <> INTERVAL 0 DAY AND NOT (isfinite(a) AND isfinite(b)) THEN"
    f" CASE WHEN a <> b AND (a > b) = (epoch(s) > 0) THEN [] ELSE {_TOO_LONG} END ELSE "
    f"generate_series(a, CASE WHEN a IS NULL OR b IS NULL THEN b WHEN s = INTERVAL 0 DAY THEN {ZERO_STEP} "
    f"WHEN (epoch(b) - epoch(a)) / epoch(s) >= {limits.SERIES_VALUES_MAX} THEN {_TOO_LONG} ELSE b END, s) END",
)


@scalar("pg_series_tz", ["TIMESTAMPTZ", "TIMESTAMPTZ", "INTERVAL", "VARCHAR"], "TIMESTAMPTZ[]")
def series_tz(start: int, stop: int, step: Any, zone_name: str) -> list[int]:
    """Steps on the local clock of the zone, as PostgreSQL's timestamptz + interval does, one after the other."""
    from fedgate.sql.functions.intervals import fields
    from fedgate.sql.functions.zoned import add

    by = fields(step)
    sign = by.months * 30 * DAY_US + by.days * DAY_US + by.microseconds
    if sign == 0:
        raise SqlError("22023", "step size cannot equal zero")
    # No step is longer on the clock: a series of too many is refused before it is made.
    longest = abs(by.months) * 31 * DAY_US + abs(by.days) * DAY_US + abs(by.microseconds) + _GAP_US
    if ((stop - start) * (1 if sign > 0 else -1) - _ONCE_US) // longest >= limits.SERIES_VALUES_MAX:
        raise _too_long()
    if by == Interval(0, by.days, 0) and abs(by.days) <= _DAYS_MAX and all(abs(at) < _NEAR for at in (start, stop)):
        return _by_days(start, stop, by.days * DAY_US, named(zone_name))
    out: list[int] = []
    at = start
    while at <= stop if sign > 0 else at >= stop:
        _require_room(out)
        out.append(at)
        at = add(at, by, zone_name)
    return out


def _by_days(start: int, stop: int, step: int, zone: Zone) -> list[int]:
    """A series by whole days: always the same time of the clock, until that falls into a gap, from where the clock goes on."""
    out: list[int] = []
    at = start
    while at <= stop if step > 0 else at >= stop:
        clock = at + zone.offset_at(at) * SECOND_US + step * np.arange((stop - at) // step + 2)
        found = clock - zone.offsets_of_locals(clock) * SECOND_US
        found[0] = at  # of an hour that the clock shows twice it may be the first
        moved = np.flatnonzero(found + zone.offsets(found) * SECOND_US != clock)
        reach = int(moved[0]) + 1 if len(moved) else len(found)
        values = found[:reach]
        inside = values[values <= stop if step > 0 else values >= stop]
        out += inside.tolist()
        if len(out) > limits.SERIES_VALUES_MAX:
            raise _too_long()
        if len(inside) < reach or not len(moved):
            break
        local = out[-1] + zone.offset_at(out[-1]) * SECOND_US + step
        at = local - zone.offset_of_local(local) * SECOND_US
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
