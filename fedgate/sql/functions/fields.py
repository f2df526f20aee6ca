"""extract() and date_part(): fields of dates, times and intervals, with the scales that PostgreSQL's numeric results have."""

from __future__ import annotations

from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions import by_unit, zones
from fedgate.sql.functions.carriers import Dec, E, Emit, error
from fedgate.sql.functions.datetime import UNITS
from fedgate.sql.functions.table import function
from fedgate.sql.functions.udf import macro
from fedgate.types import SqlType
from fedgate.types.catalog import NUMERIC

_DATE, _TIME, _TIMESTAMP, _TIMESTAMPTZ, _INTERVAL = 1082, 1083, 1114, 1184, 1186
_MORE = {
    "dow": "dow", "isodow": "isodow", "doy": "doy", "isoyear": "isoyear", "epoch": "epoch", "julian": "julian",
    "timezone": "timezone",
    "timezone_hour": "timezone_hour", "timezone_h": "timezone_hour", "timezone_minute": "timezone_minute",
    "timezone_m": "timezone_minute",
}  # fmt: skip
_INFINITE = error("0A000", "extracting this field of an infinite value is not supported")
# Fields that grow without bound: PostgreSQL gives Infinity for an infinite argument, for others NULL.
_MONOTONIC = frozenset({"year", "decade", "century", "millennium", "julian", "isoyear", "epoch"})
_CLOCK = frozenset({"hour", "minute", "second", "milliseconds", "microseconds"})
_SCALES = {"second": 6, "milliseconds": 3, "epoch": 6}
_JULIAN_1970 = 2_440_588

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
    return _of_timestamp(name, x, cx), _SCALES.get(name, 6 if name == "julian" else 0)


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
    if name == "julian":
        raise SqlError("0A000", "extract(julian) of a timestamp is not supported")
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
        "epoch": f"((({months} // 12) * 31557600 + ({months} % 12) * 2592000 + pg_interval_days({x}) * 86400) * 1000000 + {us})",
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


def _guarded(name: str, x: E, value: str) -> str:
    if x.oid not in (_DATE, _TIMESTAMP, _TIMESTAMPTZ) or name not in _MONOTONIC:
        return value
    return f"CASE WHEN isfinite({x.sql}) THEN {value} WHEN {x.sql} IS NOT NULL THEN {_INFINITE} END"


def _extract(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    name, x = _field(a[0], a[1].type), a[1]
    value, scale = _whole_and_scale(name, x, cx)
    value = _guarded(name, x, value)
    if not scale:
        d = Dec(19, 0)
        return E(f"CAST({value} AS {d.duck})", SqlType(NUMERIC), d)
    d = Dec(20, scale)
    return E(
        f"CAST(CAST({value} AS DECIMAL(19,0)) * CAST(0.{'0' * (scale - 1)}1 AS DECIMAL({scale + 1},{scale})) AS {d.duck})",
        SqlType(NUMERIC),
        d,
    )


def _date_part(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    name, x = _field(a[0], a[1].type), a[1]
    if x.oid == _DATE and (name in _CLOCK or name.startswith("timezone")):
        x = E(f"CAST({x.sql} AS TIMESTAMP)", SqlType(_TIMESTAMP))  # date_part takes a date as its midnight, extract does not
    value, scale = _whole_and_scale(name, x, cx)
    value = _guarded(name, x, value)
    return f"(CAST({value} AS DOUBLE) / 1{'0' * scale})" if scale else f"CAST({value} AS DOUBLE)"


_FIELDS = {**UNITS, **_MORE}
by_unit.register("pg_extract_unit", _FIELDS)
for _name, _lowering in (("extract", _extract), ("date_part", _date_part)):
    _any = by_unit.any_unit("pg_extract_unit", _FIELDS, _lowering)
    function(_name, "string, date|time|timestamp|timestamptz|interval", _any)
