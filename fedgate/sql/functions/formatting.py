"""to_char, to_date, to_timestamp and to_number over the template interpreters."""

from __future__ import annotations

from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions import datetime_columns, zones
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.datetime_format import format_moment, of_interval, of_timestamp
from fedgate.sql.functions.datetime_input import read_moment
from fedgate.sql.functions.emit import dyn
from fedgate.sql.functions.intervals import fields
from fedgate.sql.functions.number_format import format_float, format_number
from fedgate.sql.functions.number_input import number_of
from fedgate.sql.functions.table import function
from fedgate.sql.functions.udf import scalar
from fedgate.sql.numeric import rules
from fedgate.types.civil import DATE_MIN, DAY_US, SECOND_US, check_timestamp
from fedgate.types.values import TIMESTAMP_INFINITY
from fedgate.types.zones import find_zone

_T = "VARCHAR"
_DATE_LAST = 2_145_031_948  # 5874897-12-31
_EPOCH_2000 = 946_684_800_000_000


@scalar("pg_to_char_timestamp", ["TIMESTAMP", _T], _T)
def to_char_timestamp(local: int, template: str) -> str | None:
    return None if not template or abs(local) >= TIMESTAMP_INFINITY else format_moment(of_timestamp(local), template)


@scalar("pg_to_char_timestamptz", ["TIMESTAMPTZ", _T, _T], _T)
def to_char_timestamptz(at: int, template: str, zone_name: str) -> str | None:
    if not template or abs(at) >= TIMESTAMP_INFINITY:
        return None
    zone = find_zone(zone_name)
    assert zone is not None
    offset = zone.offset_at(at)
    return format_moment(of_timestamp(at + offset * 1_000_000, zone.abbreviation_at(at), offset), template)


@scalar("pg_to_char_interval", ["INTERVAL", _T], _T)
def to_char_interval(value: Any, template: str) -> str | None:
    return format_moment(of_interval(fields(value)), template) if template else None


@scalar("pg_to_char_numeric", [_T, _T], _T)
def to_char_numeric(text: str, template: str) -> str:
    return format_number(rules.read(text), template)


@scalar("pg_to_char_float8", ["DOUBLE", _T], _T)
def to_char_float8(value: float, template: str) -> str:
    return format_float(value, template, significant=15)


@scalar("pg_to_char_float4", ["FLOAT", _T], _T)
def to_char_float4(value: float, template: str) -> str:
    return format_float(value, template, significant=6)


def _numbers(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    return f"pg_to_char_numeric({dyn(a[0]) if a[0].oid == 1700 else f'CAST({a[0].sql} AS VARCHAR)'}, {a[1].sql})"


def _moments(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    at, template = a[0].sql, a[1]
    zoned = a[0].oid == 1184
    call = f"pg_to_char_timestamptz({at}, {template.sql}, {cx.zone})" if zoned else f"pg_to_char_timestamp({at}, {template.sql})"
    if not template.literal or not isinstance(template.value, str):
        return call
    quick = datetime_columns.written(zones.to_local(cx, at) if zoned else at, template.value, call)
    return call if quick is None else quick


function("to_char", "int4|int8|numeric, string", _numbers)
function("to_char", "float8, string", "pg_to_char_float8({0}, {1})")
function("to_char", "float4, string", "pg_to_char_float4({0}, {1})")
function("to_char", "timestamp, string", _moments)
function("to_char", "interval, string", "pg_to_char_interval({0}, {1})")
function("to_char", "timestamptz, string", _moments)


@scalar("pg_to_number", [_T, _T], _T)
def to_number(text: str, template: str) -> str | None:
    return number_of(text, template)


@scalar("pg_to_date", [_T, _T], "DATE")
def to_date(text: str, template: str) -> int:
    days = read_moment(text, template).days
    if not DATE_MIN <= days <= _DATE_LAST:
        raise SqlError("22008", f'date out of range: "{text}"')
    return days


@scalar("pg_to_timestamp_text", [_T, _T, _T], "TIMESTAMPTZ")
def to_timestamp(text: str, template: str, zone_name: str) -> int:
    moment = read_moment(text, template)
    zone = find_zone(zone_name)
    assert zone is not None
    local = moment.days * DAY_US + moment.us
    check_timestamp(local, "timestamp out of range")
    offset = zone.offset_of_local(local) if moment.offset is None else moment.offset
    at = local - offset * SECOND_US
    if moment.precision:
        at = _rounded(at, 10 ** (6 - moment.precision))
    check_timestamp(at, "timestamp out of range")
    return at


def _rounded(at: int, step: int) -> int:
    """Halves away from 2000-01-01, where PostgreSQL counts from."""
    since = at - _EPOCH_2000
    return _EPOCH_2000 + (since + step // 2 if since >= 0 else -(-since + step // 2) + step - 1) // step * step


function("to_number", "string, string", "pg_to_number({0}, {1})")
function("to_date", "string, string", "pg_to_date({0}, {1})")
function("to_timestamp", "string, string", lambda cx, a, node: f"pg_to_timestamp_text({a[0].sql}, {a[1].sql}, {cx.zone})")
