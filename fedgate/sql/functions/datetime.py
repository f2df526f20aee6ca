"""Arithmetic of dates, times and intervals. Zones are always named: nothing depends on DuckDB's TimeZone."""

from __future__ import annotations

from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions import by_unit, interval_vectors, intervals, zoned, zones
from fedgate.sql.functions.carriers import E, Emit, error
from fedgate.sql.functions.table import function, operator
from fedgate.sql.functions.udf import macro, scalar
from fedgate.types import SqlType
from fedgate.types.civil import TIMESTAMP_MIN
from fedgate.types.values import TIMESTAMP_INFINITY, Interval
from fedgate.types.zones import place_of

_DATE, _TIMESTAMP, _TIMESTAMPTZ = 1082, 1114, 1184
_DAY = 86_400_000_000
assert interval_vectors.CARRIED_US  # its macros are used below
_INFINITE = error("22008", "cannot subtract infinite timestamps")
_RANGE = error("22008", "timestamp out of range")

# epoch_us is NULL of an infinite time. Each mention of x counts: below other macros it is all of theirs that is written there.
_UNSHIFTED = "CASE WHEN us IS NOT NULL THEN CAST(x AS {}) END"
macro("pg_shift_local", "x, us", f"coalesce(make_timestamp(epoch_us(x) + us), {_UNSHIFTED.format('TIMESTAMP')})")
macro("pg_shift_zoned", "x, us", f"coalesce(make_timestamptz(epoch_us(x) + us), {_UNSHIFTED.format('TIMESTAMPTZ')})")
macro("pg_interval_months", "i", "CAST(date_part('year', i) * 12 + date_part('month', i) AS BIGINT)")
macro("pg_interval_days", "i", "CAST(date_part('day', i) AS BIGINT)")
macro(
    "pg_interval_us",
    "i",
    "CAST(date_part('hour', i) * 3600000000 + date_part('minute', i) * 60000000 + date_part('microseconds', i) AS BIGINT)",
)
macro("pg_interval", "m, d, u", "(to_months(CAST(m AS INTEGER)) + to_days(CAST(d AS INTEGER)) + to_microseconds(pg_carried_us(u)))")
macro("pg_interval_time", "i", f"CAST(TIME '00:00:00' + to_microseconds(((pg_interval_us(i) % {_DAY}) + {_DAY}) % {_DAY}) AS TIME)")
macro("pg_round_interval", "i, k", "pg_interval(pg_interval_months(i), pg_interval_days(i), pg_round_us(pg_interval_us(i), k))")
macro("pg_ts_add", "x, i", "CASE WHEN isfinite(x) THEN x + i ELSE x + CASE WHEN i IS NOT NULL THEN INTERVAL 0 DAY END END")
macro("pg_us_interval", "u", f"(to_days(CAST(u // {_DAY} AS INTEGER)) + to_microseconds(u % {_DAY}))")
macro(
    "pg_ts_minus",
    "a, b",
    f"CASE WHEN isfinite(a) AND isfinite(b) THEN pg_us_interval(epoch_us(a) - epoch_us(b))"
    f" WHEN a IS NOT NULL AND b IS NOT NULL THEN {_INFINITE} END",
)


def _local_then_zoned(cx: Emit, x: str, interval: E) -> str:
    """timestamptz + interval: months and days on the local clock, the rest on the absolute one."""
    value = interval.value if interval.literal and isinstance(interval.value, Interval) else None
    if value is None or _computed(x):
        return f"pg_tz_add({x}, {interval.sql}, {cx.zone})"
    if not value.months and not value.days:
        return f"pg_ts_add_us({x}, {value.microseconds})"
    moved = zones.to_zoned(cx, f"pg_ts_add({zones.to_local(cx, x)}, pg_interval({value.months}, {value.days}, 0))")
    return f"pg_ts_add_us({moved}, {value.microseconds})" if value.microseconds else moved


def _computed(sql: str) -> bool:
    """Whether an operand holds calls of ours, which macros would repeat, and multiply with every level."""
    return "pg_" in sql


scalar("pg_tz_add", ["TIMESTAMPTZ", "INTERVAL", "VARCHAR"], "TIMESTAMPTZ")(
    lambda at, by, zone: zoned.add(at, intervals.fields(by), zone)
)
macro("pg_ts_add_us", "x, u", "CASE WHEN isfinite(x) THEN make_timestamptz(epoch_us(x) + u) WHEN u IS NOT NULL THEN x END")


def _negated(e: E) -> E:
    if e.literal and isinstance(e.value, Interval):
        value = Interval(-e.value.months, -e.value.days, -e.value.microseconds)
        return E(f"(-{e.sql})", e.type, None, True, value)
    return E(f"(-{e.sql})", e.type)


def _plus(cx: Emit, moment: E, interval: E) -> str:
    if moment.oid == _TIMESTAMPTZ:
        return _local_then_zoned(cx, moment.sql, interval)
    base = f"CAST({moment.sql} AS TIMESTAMP)" if moment.oid == _DATE else moment.sql
    return f"pg_ts_add({base}, {interval.sql})"


operator("+", "date|timestamp|timestamptz, interval", lambda cx, a, node: _plus(cx, a[0], a[1]))
operator("+", "interval, date|timestamp|timestamptz", lambda cx, a, node: _plus(cx, a[1], a[0]))
operator("-", "date|timestamp|timestamptz, interval", lambda cx, a, node: _plus(cx, a[0], _negated(a[1])))


def _between(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    step = f"_step_{a[0].type.pg.name}" if any(_computed(e.sql) for e in a) else ""
    return f"pg_ts_minus{step}({a[0].sql}, {a[1].sql})"


def _minus(a: int, b: int) -> Interval:
    if max(abs(a), abs(b)) >= TIMESTAMP_INFINITY:
        raise SqlError("22008", "cannot subtract infinite timestamps")
    days = abs(a - b) // _DAY * (1 if a > b else -1)
    return Interval(0, days, a - b - days * _DAY)


scalar("pg_ts_minus_step_timestamp", ["TIMESTAMP", "TIMESTAMP"], "INTERVAL")(_minus)
scalar("pg_ts_minus_step_timestamptz", ["TIMESTAMPTZ", "TIMESTAMPTZ"], "INTERVAL")(_minus)
operator("-", "times, times", _between)
macro(
    "pg_date_minus",
    "a, b",
    "CASE WHEN isfinite(a) AND isfinite(b) THEN CAST(a - b AS INTEGER) WHEN a IS NOT NULL AND b IS NOT NULL THEN "
    + error("22008", "cannot subtract infinite dates")
    + " END",
)
operator("-", "date, date", "pg_date_minus({0}, {1})")
# PostgreSQL's dates end at 5874897-12-31, 2145031948 days after 1970, and begin 2440588 days before.
macro(
    "pg_date_add",
    "d, n",
    "CASE WHEN isfinite(d) THEN CASE WHEN (d - DATE '1970-01-01') + n NOT BETWEEN -2440588 AND 2145031948 THEN "
    + error("22008", "date out of range")
    + " ELSE d + CAST(n AS INTEGER) END WHEN n IS NOT NULL THEN d END",
)
operator("+", "date, int4", "pg_date_add({0}, {1})")
operator("+", "int4, date", "pg_date_add({1}, {0})")
operator("-", "date, int4", "pg_date_add({0}, -CAST({1} AS BIGINT))")
_AT = "(CAST({0} AS TIMESTAMP) + to_microseconds(epoch_us({1})))"
operator("+", "date, time", _AT)
operator("+", "time, date", "(CAST({1} AS TIMESTAMP) + to_microseconds(epoch_us({0})))")
macro("pg_time_add", "t, u", f"CAST(TIME '00:00:00' + to_microseconds((((epoch_us(t) + u) % {_DAY}) + {_DAY}) % {_DAY}) AS TIME)")
operator("+", "time, interval", "pg_time_add({0}, pg_interval_us({1}))")
operator("+", "interval, time", "pg_time_add({1}, pg_interval_us({0}))")
operator("-", "time, interval", "pg_time_add({0}, -pg_interval_us({1}))")
operator("-", "time, time", "to_microseconds(epoch_us({0}) - epoch_us({1}))")
operator("+", "interval, interval", "pg_carried({0} + {1})")
operator("-", "interval, interval", "pg_carried({0} - {1})")
operator("-", "interval", lambda cx, a, node: _negated(a[0]))
operator("*", "interval, float8", "pg_interval_mul({0}, {1})")
operator("*", "float8, interval", "pg_interval_mul({1}, {0})")
operator("/", "interval, float8", "pg_interval_div({0}, {1})")

# -- zones --------------------------------------------------------------------------------------------------------------------


macro(
    "pg_zone_us",
    "i",
    "CASE WHEN pg_interval_months(i) <> 0 OR pg_interval_days(i) <> 0 THEN "
    + error("22023", "interval time zone must not include months or days")
    + " ELSE pg_interval_us(i) // 1000000 * 1000000 END",
)


def _at_zone(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    zone, x = a
    known = zones.constant_zone(zone)
    if known is not None:
        return zones.zoned_in(x.sql, known) if x.oid == _TIMESTAMP else zones.local_in(x.sql, known)
    if zone.oid == 1186:
        call = "pg_shift_zoned" if x.oid == _TIMESTAMP else "pg_shift_local"
        return f"{call}({x.sql}, {'-' if x.oid == _TIMESTAMP else ''}pg_zone_us({zone.sql}))"
    return f"{'pg_zoned_in' if x.oid == _TIMESTAMP else 'pg_local_in'}({x.sql}, {zone.sql})"


function("timezone", "string|interval, times", _at_zone)

# -- truncation ---------------------------------------------------------------------------------------------------------------

UNITS = {
    "microsecond": "microseconds", "microseconds": "microseconds", "us": "microseconds", "usec": "microseconds",
    "millisecond": "milliseconds", "milliseconds": "milliseconds", "ms": "milliseconds", "msec": "milliseconds",
    "second": "second", "seconds": "second", "sec": "second", "s": "second", "minute": "minute", "minutes": "minute",
    "min": "minute",
    "m": "minute", "hour": "hour", "hours": "hour", "h": "hour", "hr": "hour", "day": "day", "days": "day", "d": "day",
    "week": "week",
    "weeks": "week", "w": "week", "month": "month", "months": "month", "mon": "month", "mons": "month", "quarter": "quarter",
    "qtr": "quarter",
    "year": "year", "years": "year", "y": "year", "yr": "year", "decade": "decade", "decades": "decade", "dec": "decade",
    "century": "century", "centuries": "century", "c": "century", "cent": "century", "millennium": "millennium",
    "mil": "millennium",
    "millennia": "millennium", "mils": "millennium",
}  # fmt: skip
_CLOCK = frozenset({"microseconds", "milliseconds", "second", "minute", "hour"})


def unit(e: E, t: SqlType) -> str:
    """The canonical name of a constant unit. Raises SqlError 22023."""
    assert isinstance(e.value, str)
    name = UNITS.get(e.value.lower())
    if name is None:
        raise SqlError("22023", f'unit "{e.value}" not recognized for type {t}')
    return name


def trunc_sql(name: str, x: str) -> str:
    """date_trunc of a local timestamp."""
    if name in _LONG:
        return f"pg_trunc_{name}({x})"
    return x if name == "microseconds" else f"date_trunc('{name}', {x})"


# Unit -> (its first year, of the astronomical year y; the first one that begins after the earliest of PostgreSQL's timestamps).
# A decade begins at a year that ends with 0, and 1 BC is none; the others begin at the year 1.
_LONG = {
    "decade": ("CASE WHEN y > 0 THEN y // 10 * 10 ELSE -((9 - y) // 10 * 10) END", "4711-01-01 (BC)"),
    "century": ("CASE WHEN y > 0 THEN (y + 99) // 100 * 100 - 99 ELSE 1 - (100 - y) // 100 * 100 END", "4700-01-01 (BC)"),
    "millennium": ("CASE WHEN y > 0 THEN (y + 999) // 1000 * 1000 - 999 ELSE 1 - (1000 - y) // 1000 * 1000 END", "4000-01-01 (BC)"),
}
for _name, (_start, _first) in _LONG.items():
    macro(f"pg_start_of_{_name}", "y", _start)
    macro(
        f"pg_trunc_{_name}",
        "x",
        f"CASE WHEN NOT isfinite(x) THEN x WHEN x < TIMESTAMP '{_first}' THEN {_RANGE}"
        f" ELSE make_timestamp(pg_start_of_{_name}(date_part('year', x)), 1, 1, 0, 0, 0) END",
    )


def _date_trunc(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    name, x = unit(a[0], a[1].type), a[1]
    if x.oid == _TIMESTAMP:
        return trunc_sql(name, x.sql)
    zone = zones.constant_zone(a[2]) if len(a) > 2 else zones.session(cx)
    if zone is None:
        raise SqlError("0A000", "date_trunc() with a time zone that is no constant is not supported")
    zone = place_of(zone)
    offset = zones.fixed_offset(zone)
    if offset is not None:
        us = offset * 1_000_000
        local = trunc_sql(name, f"make_timestamp(epoch_us({x.sql}) + {us})")
        return f"coalesce(make_timestamptz(epoch_us({local}) - {us}), {x.sql})"  # epoch_us is NULL of an infinite time
    local = zones.local_in(x.sql, zone)
    if name in _CLOCK:
        # PostgreSQL keeps the offset of the moment itself for these.
        back = f"epoch_us({local}) - epoch_us({trunc_sql(name, local)})"
        return f"coalesce(make_timestamptz(epoch_us({x.sql}) - ({back})), {x.sql})"
    return zones.zoned_in(trunc_sql(name, local), zone)


def _interval_trunc(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    name = unit(a[0], a[1].type)
    if name == "week":
        raise SqlError("0A000", 'unit "week" not supported for type interval', detail="Months usually have fractional weeks.")
    return f"pg_interval_trunc('{name}', {a[1].sql})"


by_unit.register("pg_trunc_unit", UNITS)
for _arguments, _lowering in (
    ("string, times", _date_trunc),
    ("string, timestamptz, string", _date_trunc),
    ("string, interval", _interval_trunc),
):
    function("date_trunc", _arguments, by_unit.any_unit("pg_trunc_unit", UNITS, _lowering))


def _date_bin(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    stride, x, origin = a
    step = f"pg_bin_step({stride.sql})"
    if stride.literal and isinstance(stride.value, Interval):
        intervals.check_bin(stride.value)
        step = str(stride.value.days * _DAY + stride.value.microseconds)
    return f"pg_date_bin_{x.type.pg.name}({step}, {x.sql}, {origin.sql})"


_BIN_START = "epoch_us(x) - (((epoch_us(x) - epoch_us(origin)) % step) + step) % step"
for _name, _make in (("timestamp", "make_timestamp"), ("timestamptz", "make_timestamptz")):
    # Only times within a step of the first can begin before it; the others are not computed twice.
    macro(
        f"pg_date_bin_{_name}",
        "step, x, origin",
        "CASE WHEN isfinite(x) AND isfinite(origin) THEN"
        f" CASE WHEN epoch_us(x) < step + {TIMESTAMP_MIN} AND {_BIN_START} < {TIMESTAMP_MIN} THEN {_RANGE}"
        f" ELSE {_make}({_BIN_START}) END"
        f" WHEN isfinite(x) AND origin IS NOT NULL THEN {error('22008', 'origin out of range')} ELSE x END",
    )
macro(
    "pg_bin_step",
    "i",
    "CASE WHEN pg_interval_months(i) <> 0 THEN "
    + error("0A000", "timestamps cannot be binned into intervals containing months or years")
    + f" WHEN pg_interval_days(i) * {_DAY} + pg_interval_us(i) <= 0 THEN "
    + error("22008", "stride must be greater than zero")
    + " WHEN pg_interval_days(i) > 106751991 THEN "
    + error("22008", "interval out of range")
    + f" ELSE pg_interval_days(i) * {_DAY} + pg_interval_us(i) END",
)
function("date_bin", "interval, times, times", _date_bin)

# -- building and testing -----------------------------------------------------------------------------------------------------

function("isfinite", "date|timestamp|timestamptz", "isfinite({0})")
function("isfinite", "interval", "({0} IS NOT NULL OR NULL)")
function("make_date", "int4, int4, int4", "pg_make_date({0}, {1}, {2})")
function("make_time", "int4, int4, float8", "pg_make_time({0}, {1}, {2})")
function("make_timestamp", "int4, int4, int4, int4, int4, float8", "pg_make_timestamp({0}, {1}, {2}, {3}, {4}, {5})")


def _make_timestamptz(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    local = f"pg_make_timestamp({', '.join(e.sql for e in a[:6])})"
    if len(a) == 6:
        return zones.to_zoned(cx, local)
    zone = zones.written_zone(str(a[6].value)) if a[6].literal and a[6].value is not None else None
    return zones.zoned_in(local, zone) if zone else f"pg_zoned_by({local}, {a[6].sql})"


function("make_timestamptz", "int4, int4, int4, int4, int4, float8", _make_timestamptz)
function("make_timestamptz", "int4, int4, int4, int4, int4, float8, string", _make_timestamptz)
_DEFAULTS = ("0", "0", "0", "0", "0", "0", "CAST(0 AS DOUBLE)")


macro("pg_finite_seconds", "s", f"CASE WHEN isfinite(s) OR s IS NULL THEN s ELSE {error('22008', 'interval out of range')} END")


def _make_interval(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    given = [e.sql for e in a]
    years, months, weeks, days, hours, minutes, seconds = (*given, *_DEFAULTS[len(given) :])
    us = (
        f"CAST({hours} AS BIGINT) * 3600000000 + CAST({minutes} AS BIGINT) * 60000000"
        f" + CAST(round_even(pg_finite_seconds({seconds}) * 1000000, 0) AS BIGINT)"
    )
    known = " AND ".join(f"{e} IS NOT NULL" for e in given) or "true"
    return f"CASE WHEN {known} THEN pg_interval({years} * 12 + {months}, {weeks} * 7 + {days}, {us}) END"


function("make_interval", "int4, int4, int4, int4, int4, int4, float8", _make_interval)
macro(
    "pg_to_timestamp",
    "x",
    "CASE WHEN isinf(x) THEN CASE WHEN x > 0 THEN CAST('infinity' AS TIMESTAMPTZ) ELSE CAST('-infinity' AS TIMESTAMPTZ) END"
    f" WHEN isnan(x) THEN {error('22008', 'timestamp cannot be NaN')}"
    f" WHEN x < -210866803200 OR x >= 9224318016000 THEN {_RANGE}"
    " ELSE make_timestamptz(CAST(round_even((x - 946684800) * 1000000, 0) AS BIGINT) + 946684800000000) END",
)
function("to_timestamp", "float8", "pg_to_timestamp({0})")


def _age(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    sides = [zones.to_local(cx, e.sql) if e.oid == _TIMESTAMPTZ else e.sql for e in a]
    return f"pg_age({sides[0]}, {sides[1]})"


function("age", "times, times", _age)
function("timestamptz", "date, time", lambda cx, a, node: zones.to_zoned(cx, _AT.format(a[0].sql, a[1].sql)))
for _name in ("justify_days", "justify_hours", "justify_interval"):
    function(_name, "interval", f"pg_{_name}({{0}})")
function("clock_timestamp", "", "now()")


def _overlaps(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    ends = [
        e.sql
        if e.oid != 1186
        else _plus(cx, a[i - 1], e)
        if a[i - 1].oid != 1083
        else f"pg_time_add({a[i - 1].sql}, pg_interval_us({e.sql}))"
        for i, e in enumerate(a)
    ]
    return f"pg_overlaps_{a[0].type.pg.name}({', '.join(ends)})"


def overlap(s: int | None, e: int | None, t: int | None, f: int | None) -> bool | None:
    """(s, e) OVERLAPS (t, f): overlaps_timestamp, three-valued; the ends of a period may come in either order."""
    if s is None or (e is not None and s > e):
        s, e = e, s
    if t is None or (f is not None and t > f):
        t, f = f, t
    if s is None or t is None:
        return None
    if s > t:
        return None if f is None else True if s < f else None if e is None else False
    if s < t:
        return None if e is None else True if t < e else None if f is None else False
    return None if e is None or f is None else True


for _t, _duck in (("timestamp", "TIMESTAMP"), ("timestamptz", "TIMESTAMPTZ"), ("time", "TIME")):
    scalar(f"pg_overlaps_{_t}", [_duck] * 4, "BOOLEAN", strict=False)(overlap)
for _t in ("timestamp", "timestamptz", "time"):
    for _left in (_t, "interval"):
        for _right in (_t, "interval"):
            function("overlaps", f"{_t}, {_left}, {_t}, {_right}", _overlaps)
