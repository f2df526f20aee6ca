"""extract() and date_part(): fields of dates, times and intervals, with the scales that PostgreSQL's numeric results have."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from fedgate.errors import NOT_FINITE, SqlError
from fedgate.sql.functions import by_unit, zones
from fedgate.sql.functions.carriers import Dec, E, Emit, quote
from fedgate.sql.functions.datetime import UNITS
from fedgate.sql.functions.emit import dyn
from fedgate.sql.functions.table import OWN, function
from fedgate.sql.functions.udf import macro, mark, scalar
from fedgate.sql.numeric import rules
from fedgate.types import SqlType, duckdb_type
from fedgate.types.catalog import NUMERIC
from fedgate.types.civil import DAY_US, SECOND_US
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY

_DATE, _TIME, _TIMESTAMP, _TIMESTAMPTZ, _INTERVAL = 1082, 1083, 1114, 1184, 1186
_MORE = {
    "dow": "dow", "isodow": "isodow", "doy": "doy", "isoyear": "isoyear", "epoch": "epoch", "julian": "julian",
    "timezone": "timezone",
    "timezone_hour": "timezone_hour", "timezone_h": "timezone_hour", "timezone_minute": "timezone_minute",
    "timezone_m": "timezone_minute",
}  # fmt: skip
_NOT_OF_INFINITE = SqlError("0A000", f"extract() of an infinite time: {NOT_FINITE}", hint="date_part() gives it.")
_INFINITE = f"error({quote(mark(_NOT_OF_INFINITE))})"
# Fields that grow without bound: PostgreSQL gives Infinity for an infinite argument, for others NULL.
_MONOTONIC = frozenset({"year", "decade", "century", "millennium", "julian", "isoyear", "epoch"})
_CLOCK = frozenset({"hour", "minute", "second", "milliseconds", "microseconds"})
_SCALES = {"second": 6, "milliseconds": 3, "epoch": 6}
_JULIAN_1970 = 2_440_588

# date_part adds up doubles, as PostgreSQL does: the last digit is of these steps.
macro("pg_part_second", "u", "CAST(u // 1000000 AS DOUBLE) + CAST(u % 1000000 AS DOUBLE) / 1000000")
macro("pg_part_milliseconds", "u", "CAST(u // 1000000 AS DOUBLE) * 1000 + CAST(u % 1000000 AS DOUBLE) / 1000")
macro(
    "pg_part_epoch",
    "i",
    "pg_interval_us(i) / 1000000 + 31557600.0::DOUBLE * (pg_interval_months(i) // 12)"
    " + 2592000.0::DOUBLE * (pg_interval_months(i) % 12) + 86400.0::DOUBLE * pg_interval_days(i)",
)
macro("pg_unbounded", "x, zero", "CASE WHEN x > zero THEN CAST('inf' AS DOUBLE) ELSE CAST('-inf' AS DOUBLE) END")


@scalar("pg_extract_julian", ["TIMESTAMP"], "VARCHAR")
def extract_julian(local: int) -> str:
    """The Julian day with the part of the day that is over, in the digits of a numeric division."""
    if abs(local) == TIMESTAMP_INFINITY:
        return "Infinity" if local > 0 else "-Infinity"
    days, us = divmod(local, DAY_US)
    return rules.write(rules.add(Decimal(days + _JULIAN_1970), rules.divide(Decimal(us), Decimal(DAY_US))))


@scalar("pg_part_julian", ["TIMESTAMP"], "DOUBLE")
def part_julian(local: int) -> float:
    if abs(local) == TIMESTAMP_INFINITY:
        return math.copysign(math.inf, local)
    days, us = divmod(local, DAY_US)
    seconds, fraction = divmod(us, SECOND_US)
    return days + _JULIAN_1970 + (seconds + fraction / 1_000_000) / 86_400


macro("pg_year", "y", "CASE WHEN y > 0 THEN y ELSE y - 1 END")
macro("pg_century", "y", "CASE WHEN y > 0 THEN (y + 99) // 100 ELSE -((99 - (y - 1)) // 100) END")
macro("pg_millennium", "y", "CASE WHEN y > 0 THEN (y + 999) // 1000 ELSE -((999 - (y - 1)) // 1000) END")
macro("pg_decade", "y", "CASE WHEN y >= 0 THEN y // 10 ELSE -((8 - (y - 1)) // 10) END")


def _field(e: E, t: SqlType) -> str:
    assert isinstance(e.value, str)
    name = _MORE.get(e.value.lower()) or UNITS.get(e.value.lower())
    if name is None:
        raise SqlError("22023", f'unit "{e.value}" not recognized for type {t}')
    return name


def _whole_and_scale(name: str, x: E, cx: Emit) -> tuple[str, int]:
    """The field times ten to its scale, as an integer expression, and the scale."""
    if x.oid == _INTERVAL:
        return _of_interval(name, x.sql), _SCALES.get(name, 0)
    if x.oid == _TIME:
        return _of_time(name, f"epoch_us({x.sql})", x.type), _SCALES.get(name, 0)
    if x.oid == _DATE:
        return _of_date(name, x), 0
    return _of_timestamp(name, x, cx), _SCALES.get(name, 0)


def _of_date(name: str, x: E) -> str:
    if name in _CLOCK or name.startswith("timezone"):
        raise SqlError("0A000", f'unit "{name}" not supported for type date')
    if name == "epoch":
        return f"CAST(epoch({x.sql}) AS BIGINT)"
    if name == "julian":
        return f"(({x.sql} - DATE '1970-01-01') + {_JULIAN_1970})"
    return _calendar(name, x.sql)


def _calendar(name: str, x: str) -> str:
    year = f"date_part('year', {x})"
    match name:
        case "year":
            return f"pg_year({year})"
        case "isoyear":
            return f"pg_year(date_part('isoyear', {x}))"
        case "century" | "millennium" | "decade":
            return f"pg_{name}({year})"
    return f"date_part('{name}', {x})"


def _of_timestamp(name: str, x: E, cx: Emit) -> str:
    if name == "epoch":
        return f"epoch_us({x.sql})"
    zoned = x.oid == _TIMESTAMPTZ
    if name.startswith("timezone"):
        if not zoned:
            raise SqlError("0A000", f'unit "{name}" not supported for type {x.type}')
        offset = f"((epoch_us({zones.to_local(cx, x.sql)}) - epoch_us({x.sql})) // 1000000)"
        return {"timezone": offset, "timezone_hour": f"({offset} // 3600)", "timezone_minute": f"(({offset} // 60) % 60)"}[name]
    local = zones.to_local(cx, x.sql) if zoned else x.sql
    if name in ("second", "milliseconds", "microseconds"):
        return f"date_part('microseconds', {local})"
    return _calendar(name, local)


def _of_time(name: str, us: str, t: SqlType) -> str:
    match name:
        case "epoch":
            return us
        case "second" | "milliseconds" | "microseconds":
            return f"({us} % 60000000)"
        case "minute":
            return f"(({us} // 60000000) % 60)"
        case "hour":
            return f"({us} // 3600000000)"
    raise SqlError("0A000" if not name.startswith("x") else "22023", f'unit "{name}" not supported for type {t}')


def _of_interval(name: str, x: str) -> str:
    months, us = f"pg_interval_months({x})", f"pg_interval_us({x})"
    parts = {
        "epoch": f"(CAST(({months} // 12) * 31557600 + ({months} % 12) * 2592000 + pg_interval_days({x}) * 86400 AS HUGEINT)"
        f" * 1000000 + {us})",
        "second": f"({us} % 60000000)",
        "milliseconds": f"({us} % 60000000)",
        "microseconds": f"({us} % 60000000)",
        "minute": f"(({us} // 60000000) % 60)",
        "hour": f"({us} // 3600000000)",
        "day": f"pg_interval_days({x})",
        "month": f"({months} % 12)",
        "quarter": f"(({months} % 12) // 3 + 1)",
        "year": f"({months} // 12)",
        "decade": f"({months} // 120)",
        "century": f"({months} // 1200)",
        "millennium": f"({months} // 12000)",
    }
    if name not in parts:
        raise SqlError("0A000", f'unit "{name}" not supported for type interval')
    return parts[name]


def _is_unbounded(name: str, x: E) -> bool:
    return name in _MONOTONIC and x.oid in (_DATE, _TIMESTAMP, _TIMESTAMPTZ)


def _julian_of_time(name: str, x: E, cx: Emit) -> str | None:
    """The local time of a timestamp whose Julian day is asked for."""
    if name != "julian" or x.oid not in (_TIMESTAMP, _TIMESTAMPTZ):
        return None
    return zones.to_local(cx, x.sql) if x.oid == _TIMESTAMPTZ else x.sql


def _extract(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    name, x = _field(a[0], a[1].type), a[1]
    if (local := _julian_of_time(name, x, cx)) is not None:
        return E(f"pg_extract_julian({local})", SqlType(NUMERIC))
    value, scale = _whole_and_scale(name, x, cx)
    if _is_unbounded(name, x):
        if x.literal and isinstance(x.value, int) and abs(x.value) == (DATE_INFINITY if x.oid == _DATE else TIMESTAMP_INFINITY):
            # Only the carrier of all numerics holds infinity; columns of years and epochs are kept in a quicker one.
            infinite = Decimal("Infinity").copy_sign(x.value)
            return E(quote(rules.write(infinite)), SqlType(NUMERIC), None, True, infinite)
        value = f"CASE WHEN isfinite({x.sql}) THEN {value} WHEN {x.sql} IS NOT NULL THEN {_INFINITE} END"
    return _scaled(value, scale, x)


def _scaled(value: str, scale: int, x: E) -> E:
    """A whole number divided by ten to a scale, as a static numeric; `x` is what it is a field of."""
    if not scale:
        d = Dec(19, 0)
        return E(f"CAST({value} AS {d.duck})", SqlType(NUMERIC), d)
    whole = 22 if x.oid == _INTERVAL else 19
    d = Dec(whole + 1, scale)
    return E(
        f"CAST(CAST({value} AS DECIMAL({whole},0)) * CAST(0.{'0' * (scale - 1)}1 AS DECIMAL({scale + 1},{scale})) AS {d.duck})",
        SqlType(NUMERIC),
        d,
    )


def grows(unit: str, oid: int) -> bool:
    """Whether a field of a type is infinite where its values are."""
    name = _MORE.get(unit.lower()) or UNITS.get(unit.lower())
    return name in _MONOTONIC and oid in (_DATE, _TIMESTAMP, _TIMESTAMPTZ)


def _extract_wide(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    """extract() in the carrier of all numerics, which holds infinity."""
    name, x = _field(a[0], a[1].type), a[1]
    if not _is_unbounded(name, x) or _julian_of_time(name, x, cx) is not None:
        return _extract(cx, a, node)
    value = dyn(_scaled(*_whole_and_scale(name, x, cx), x))
    infinite = f"CASE WHEN {x.sql} > {_zero(x)} THEN 'Infinity' ELSE '-Infinity' END"
    return E(f"CASE WHEN isfinite({x.sql}) THEN {value} WHEN {x.sql} IS NOT NULL THEN {infinite} END", SqlType(NUMERIC))


def _zero(x: E) -> str:
    return f"CAST('1970-01-01' AS {duckdb_type(x.type)})"


def _date_part(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    name, x = _field(a[0], a[1].type), a[1]
    if x.oid == _DATE and (name in _CLOCK or name.startswith("timezone")):
        x = E(f"CAST({x.sql} AS TIMESTAMP)", SqlType(_TIMESTAMP))  # date_part takes a date as its midnight, extract does not
    if (local := _julian_of_time(name, x, cx)) is not None:
        return f"pg_part_julian({local})"
    if name == "epoch" and x.oid == _INTERVAL:
        return f"pg_part_epoch({x.sql})"
    value, scale = _whole_and_scale(name, x, cx)
    if name in ("second", "milliseconds"):
        return f"pg_part_{name}({value})"
    part = f"(CAST({value} AS DOUBLE) / 1{'0' * scale})" if scale else f"CAST({value} AS DOUBLE)"
    if not _is_unbounded(name, x):
        return part
    return f"CASE WHEN isfinite({x.sql}) THEN {part} WHEN {x.sql} IS NOT NULL THEN pg_unbounded({x.sql}, {_zero(x)}) END"


_FIELDS = {**UNITS, **_MORE}
by_unit.register("pg_extract_unit", _FIELDS)
_ARGUMENTS = "string, date|time|timestamp|timestamptz|interval"
function("date_part", _ARGUMENTS, by_unit.any_unit("pg_extract_unit", _FIELDS, _date_part))
function("extract", _ARGUMENTS, by_unit.any_unit("pg_extract_unit", _FIELDS, _extract, _extract_wide))
function(f"{OWN}extract", _ARGUMENTS, by_unit.any_unit("pg_extract_unit", _FIELDS, _extract_wide))
