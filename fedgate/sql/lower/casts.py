"""Conversions (`Coerce`): PostgreSQL's casts, type modifiers, and text read and written by our own functions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions import zones
from fedgate.sql.functions.carriers import E, Emit, element, error, type_dec
from fedgate.sql.functions.emit import (
    BPCHAR_OID,
    INTEGERS,
    TEXTUAL,
    as_output,
    as_text,
    default_sql,
    dyn,
    in_name,
    numeric_of_int,
    styled_in,
)
from fedgate.sql.functions.intervals import fields
from fedgate.sql.functions.udf import macro, scalar
from fedgate.sql.lower.literals import const
from fedgate.sql.numeric import rules
from fedgate.sql.tree import Coerce
from fedgate.types import OID_TYPES, SqlType, format_type
from fedgate.types.catalog import NUMERIC, numeric_precision_scale
from fedgate.types.interval_in import apply_interval_typmod
from fedgate.types.text_in import char_byte, char_text
from fedgate.types.values import Interval

_CHAR = 18
_STRINGS = frozenset({25, 1043, 1042, 19, 18, 705, 2275})
_JSON = frozenset({114, 3802})
_DATE, _TIME, _TIMESTAMP, _TIMESTAMPTZ, _INTERVAL = 1082, 1083, 1114, 1184, 1186
_VECTORS = (22, 30)
_BYTES = {21: 2, 23: 4, 20: 8}
_DUCK_INT = {21: "SMALLINT", 23: "INTEGER", 20: "BIGINT"}
HEADER = 4


def coerce(cx: Emit, e: E, node: Coerce) -> E:
    """`e` converted as the node says. Raises SqlError 0A000 for a conversion that is not known here."""
    target = node.type
    if e.is_null:
        return const(target, None)
    if e.type.pg.is_array and target.pg.is_array and e.type.pg.element_oid:
        return _array(cx, e, node)
    return convert(cx, e, target, explicit=node.explicit)


def convert(cx: Emit, e: E, target: SqlType, *, explicit: bool = True) -> E:
    """A value of any type as `target`, its type modifier applied."""
    if e.literal and (folded := _folded(e, target)) is not None:
        return folded
    if e.oid != target.oid:
        e = _base(cx, e, target)
    return _typmod(e, target, explicit)


# Few names are too long, and few of "char" are not a character of ASCII.
macro("pg_name", "x", "CASE WHEN strlen(x) <= 63 THEN x ELSE pg_in_name(x) END")
macro("pg_first_char", "x", "CASE WHEN strlen(x) <= 1 THEN x ELSE pg_in_char(x) END")
_CUT = {19: "name", _CHAR: "first_char"}


@scalar("pg_char_of_code", ["INTEGER"], "VARCHAR")
def char_of_code(code: int) -> str:
    if not -128 <= code <= 127:
        raise SqlError("22003", '"char" out of range')
    return char_text(code & 0xFF)


@scalar("pg_char_code", ["VARCHAR"], "INTEGER")
def char_code(text: str) -> int:
    """As a number "char" has a sign; compared it has none."""
    byte = char_byte(text)
    return byte - 256 if byte > 127 else byte


# An OID has no sign: an integer's four bytes are its own, a bigint must be one.
macro("pg_oid", "x", f"CASE WHEN x < 0 OR x > 4294967295 THEN {error('22003', 'OID out of range')} ELSE x END")
macro("pg_oid_of", "x", "CASE WHEN x < 0 THEN 4294967296 + CAST(x AS BIGINT) ELSE CAST(x AS BIGINT) END")
macro("pg_int_of_oid", "x", "CAST(CASE WHEN x > 2147483647 THEN x - 4294967296 ELSE x END AS INTEGER)")
_RANGES = {21: ("smallint", 2**15), 23: ("integer", 2**31), 20: ("bigint", 2**63)}


def _folded(e: E, target: SqlType) -> E | None:
    """A constant converted here and now, so that what reads constants (LIMIT, typmods, peepholes) sees one."""
    value = e.value
    if isinstance(value, bool) or not isinstance(value, int) or e.oid not in INTEGERS:
        return None
    if target.oid in _RANGES:
        name, limit = _RANGES[target.oid]
        if not -limit <= value < limit:
            raise SqlError("22003", f"{name} out of range")
        return const(target, value)
    if target.oid in OID_TYPES:
        if e.oid == 20 and not 0 <= value < 2**32:
            raise SqlError("22003", "OID out of range")
        return const(target, value % 2**32)
    return const(target, float(value)) if target.oid == 701 else None


def _array(cx: Emit, e: E, node: Coerce) -> E:
    inner, wanted = element(e.type), element(node.type)
    if inner == wanted or (inner.oid == wanted.oid and wanted.typmod == -1):
        return E(e.sql, node.type, e.dec)
    item = convert(cx, E("x", inner, e.dec), wanted, explicit=node.explicit)
    result = E("", node.type, type_dec(wanted))
    body = item.sql if item.dec == result.dec else default_sql(item)
    return E(f"CAST(list_transform({e.sql}, lambda x: {body}) AS {result.duck})", node.type, result.dec)


def _base(cx: Emit, e: E, target: SqlType) -> E:
    plain = SqlType(target.oid)
    source = e.oid
    if _CHAR in (source, target.oid) and 23 in (source, target.oid):
        return E(f"{'pg_char_of_code' if source == 23 else 'pg_char_code'}({e.sql})", plain)
    if target.oid in _STRINGS:
        # Of char(n) the first is a space; a boolean has another text than its output.
        text = e.sql if target.oid == _CHAR else as_output(cx, e) if source == 16 and target.oid == 19 else as_text(cx, e)
        return E(f"pg_{_CUT[target.oid]}({text})" if target.oid in _CUT else text, plain)
    if source in _STRINGS:
        return _read(cx, e, target)
    if source in _VECTORS:
        return E(f"(CASE WHEN {e.sql} = '' THEN [] ELSE CAST(string_split({e.sql}, ' ') AS {E('', plain).duck}) END)", plain)
    if target.oid == NUMERIC:
        return _to_numeric(cx, e)
    for table in (_numbers, _oids, _times, _others):
        if (sql := table(cx, e, target.oid)) is not None:
            return E(sql, plain)
    raise unsupported(f"a cast from {e.type} to {format_type(target.oid)}")


def _read(cx: Emit, e: E, target: SqlType) -> E:
    if target.oid in TEXTUAL and target.oid not in (*_JSON, 2950, 869):
        return E(f"rtrim({e.sql}, ' ')" if e.oid == BPCHAR_OID else e.sql, SqlType(target.oid))
    styled = f", {cx.zone}, {cx.style}" if styled_in(target) else ""
    return E(f"{in_name(target)}({e.sql}{styled})", SqlType(target.oid))


def _to_numeric(cx: Emit, e: E) -> E:
    plain = SqlType(NUMERIC)
    if e.oid in INTEGERS:
        return numeric_of_int(e)
    if e.oid == 701:
        return E(f"num_from_float8({e.sql})", plain)
    if e.oid == 700:
        return E(f"num_from_float4({e.sql})", plain)
    if e.oid == 3802:
        return E(f"jsonb_to_numeric({e.sql})", plain)
    raise unsupported(f"a cast from {e.type} to numeric")


def _numbers(cx: Emit, e: E, target: int) -> str | None:
    if e.oid in INTEGERS:
        if target in _DUCK_INT:
            return f"CAST({e.sql} AS {_DUCK_INT[target]})"
        if target in (700, 701):
            return f"CAST({e.sql} AS {'FLOAT' if target == 700 else 'DOUBLE'})"
        if target == 16:
            return f"({e.sql} <> 0)"
    if e.oid == 16 and target in _DUCK_INT:
        return f"CAST({e.sql} AS {_DUCK_INT[target]})"
    if e.oid in (700, 701):
        return _from_float(e, target)
    if e.oid == NUMERIC:
        return _from_numeric(e, target)
    return None


def _from_float(e: E, target: int) -> str | None:
    if target in _DUCK_INT:
        return f"CAST({e.sql} AS {_DUCK_INT[target]})"
    if target == 701:
        return f"CAST({e.sql} AS DOUBLE)"
    return f"pg_float4({e.sql})" if target == 700 else None


def _from_numeric(e: E, target: int) -> str | None:
    if target in _DUCK_INT:
        if e.dec:
            return f"CAST({e.sql} AS {_DUCK_INT[target]})"
        return f"CAST(num_int({e.sql}, {_BYTES[target]}) AS {_DUCK_INT[target]})"
    if target in (700, 701):
        # A decimal of at most 15 digits is an exact integer over an exact power of ten: one correctly rounded division.
        if e.dec is None:
            double = f"num_float8({e.sql})"
        else:
            double = f"CAST({e.sql} AS DOUBLE)" if e.dec.p <= 15 else f"CAST(CAST({e.sql} AS VARCHAR) AS DOUBLE)"
        return double if target == 701 else f"pg_float4({double})"
    return None


def _oids(cx: Emit, e: E, target: int) -> str | None:
    if target in OID_TYPES and e.oid in OID_TYPES:
        return e.sql
    if target in OID_TYPES and e.oid in INTEGERS:
        return f"pg_oid({e.sql})" if e.oid == 20 else f"pg_oid_of({e.sql})"
    if e.oid in OID_TYPES and target in _DUCK_INT:
        return f"pg_int_of_oid({e.sql})" if target == 23 else f"CAST({e.sql} AS {_DUCK_INT[target]})"
    return None


def _times(cx: Emit, e: E, target: int) -> str | None:
    pair = (e.oid, target)
    if pair == (_DATE, _TIMESTAMP):
        return f"CAST({e.sql} AS TIMESTAMP)"
    if pair == (_DATE, _TIMESTAMPTZ):
        return zones.to_zoned(cx, f"CAST({e.sql} AS TIMESTAMP)")
    if pair == (_TIMESTAMP, _TIMESTAMPTZ):
        return zones.to_zoned(cx, e.sql)
    if e.oid == _TIMESTAMPTZ and target in (_TIMESTAMP, _DATE, _TIME):
        local = zones.to_local(cx, e.sql)
        return local if target == _TIMESTAMP else _times(cx, E(local, SqlType(_TIMESTAMP)), target)
    if pair == (_TIMESTAMP, _DATE):
        return f"CAST({e.sql} AS DATE)"
    if pair == (_TIMESTAMP, _TIME):
        return f"CASE WHEN isfinite({e.sql}) THEN CAST({e.sql} AS TIME) END"
    if pair == (_TIME, _INTERVAL):
        return f"to_microseconds(epoch_us({e.sql}))"
    if pair == (_INTERVAL, _TIME):
        return f"pg_interval_time({e.sql})"
    return None


def _others(cx: Emit, e: E, target: int) -> str | None:
    if e.oid in _JSON and target in _JSON:
        return f"pg_in_jsonb({e.sql})" if target == 3802 else e.sql
    if e.oid == 3802 and target == 16:
        return f"jsonb_to_bool({e.sql})"
    if e.oid == 3802 and target in (*_DUCK_INT, 700, 701):
        return convert(cx, E(f"jsonb_to_numeric({e.sql})", SqlType(NUMERIC)), SqlType(target)).sql
    return None


def _typmod(e: E, target: SqlType, explicit: bool) -> E:
    modifier = target.typmod
    if modifier < 0 or e.type.typmod == modifier:
        return E(e.sql, target, e.dec, e.literal, e.value) if e.oid != BPCHAR_OID else _char(e, target, explicit)
    if target.oid == NUMERIC:
        return _numeric_typmod(e, target)
    if target.oid in (1042, 1043):
        return _char(e, target, explicit)
    if target.oid in (_TIMESTAMP, _TIMESTAMPTZ, _TIME):
        return E(f"pg_round_{target.pg.name}({e.sql}, {10 ** (6 - modifier)})", target) if modifier < 6 else E(e.sql, target)
    if target.oid == _INTERVAL:
        return _interval_typmod(e, target)
    return E(e.sql, target, e.dec)


def _numeric_typmod(e: E, target: SqlType) -> E:
    ps = numeric_precision_scale(target.typmod)
    carrier = type_dec(target)
    assert ps is not None
    if e.literal and isinstance(e.value, Decimal):
        return const(target, rules.to_precision(e.value, *ps))
    if e.dec and carrier:
        fits = e.dec.s <= ps[1] and e.dec.whole <= ps[0] - ps[1]
        if carrier.p > ps[0] and not fits:
            return E(f"CAST(num_fixed({dyn(e)}, {ps[0]}, {ps[1]}) AS {carrier.duck})", target, carrier)
        return E(f"CAST({e.sql} AS {carrier.duck})", target, carrier)
    arguments = f"{dyn(e)}, {ps[0]}, {ps[1]}"
    if carrier is None:
        return E(f"num_typmod({arguments})", target)
    return E(f"CAST(num_fixed({arguments}) AS {carrier.duck})", target, carrier)


def _char(e: E, target: SqlType, explicit: bool) -> E:
    length = target.typmod - HEADER
    if length < 0:
        return E(e.sql, target)
    if target.oid == 1043:
        if explicit:
            return E(f"left({e.sql}, {length})", target)
        return E(f"pg_varchar({e.sql}, {length})", target)
    call = "pg_char_cut" if explicit else "pg_char"
    return E(f"{call}({e.sql}, {length})", target)


@scalar("pg_interval_fields", ["INTERVAL", "INTEGER"], "INTERVAL")
def interval_fields(value: Any, typmod: int) -> Interval:
    return apply_interval_typmod(fields(value), typmod)


def _interval_typmod(e: E, target: SqlType) -> E:
    span, precision = target.typmod >> 16 & 0x7FFF, target.typmod & 0xFFFF
    if span != 0x7FFF:
        if e.literal and isinstance(e.value, Interval):
            return const(target, apply_interval_typmod(e.value, target.typmod))
        return E(f"pg_interval_fields({e.sql}, {target.typmod})", target)
    if precision >= 6:
        return E(e.sql, target)
    return E(f"pg_round_interval({e.sql}, {10 ** (6 - precision)})", target)
