"""Small pieces of DuckDB SQL that every family of functions needs: carriers converted, values compared, values as text."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions.carriers import Dec, E, Emit, dec, element, quote
from fedgate.sql.numeric import columns, rules
from fedgate.types import BY_OID, RECORD, SqlType
from fedgate.types.catalog import NUMERIC
from fedgate.types.style import DEFAULT_STYLE

BOOL = SqlType(16)
BYTEA = SqlType(17)
INT8 = SqlType(20)
INT2 = SqlType(21)
INT4 = SqlType(23)
TEXT = SqlType(25)
FLOAT4 = SqlType(700)
FLOAT8 = SqlType(701)
BPCHAR_OID = 1042
TIMESTAMPTZ_OID = 1184
TEXTUAL = frozenset({18, 19, 22, 25, 27, 30, 114, 194, 705, 869, 1043, 2275, 2950, 3220, 3802})
INTEGERS = {21: 5, 23: 10, 20: 19}
PLAIN_INTS = frozenset({20, 21, 23, 26, 28, 29})

RECORDS = 2287
# How fields of kept rows are read for keys (functions.records): integers, texts (times of the day are in the order of theirs),
# booleans, numerics, dates, timestamps without and with a zone.
KEYED_FIELDS = {
    20: "i", 21: "i", 23: "i", 26: "i", 19: "t", 25: "t", 1043: "t", 2950: "t", 1083: "t", 16: "b", NUMERIC: "n", 1082: "d",
    1114: "s", TIMESTAMPTZ_OID: "z",
}  # fmt: skip

_SLOT = re.compile(r"\x00(\d+)\x00\Z")


def dyn(e: E) -> str:
    """A numeric as PostgreSQL's text."""
    if e.dec is None:
        return e.sql
    if e.literal and isinstance(e.value, Decimal):
        return quote(rules.write(e.value))
    return f"CAST({e.sql} AS VARCHAR)"


def default_sql(e: E) -> str:
    """SQL in the default carrier of the type (numeric as text)."""
    if e.type.oid == NUMERIC:
        return dyn(e)
    if e.dec is not None:
        return f"CAST({e.sql} AS VARCHAR[])"
    return e.sql


def to_carrier(e: E, target: Dec | None) -> E:
    """The same values in another carrier; `target` must hold them (same scale, more digits) or be dynamic."""
    if e.dec == target:
        return e
    if e.is_null:
        return E(f"CAST(NULL AS {replace(e, dec=target).duck})", e.type, target, True)
    if target is None:
        return E(default_sql(e), e.type, None, e.literal, e.value)
    return E(f"CAST({e.sql} AS {replace(e, dec=target).duck})", e.type, target, e.literal, e.value)


def numeric_of_int(e: E) -> E:
    """An integer as static numeric of scale 0."""
    digits = INTEGERS[e.oid]
    if e.literal and isinstance(e.value, int):
        digits = max(len(str(abs(e.value))), 1)
        value = Decimal(e.value)
        return E(f"CAST({e.value} AS DECIMAL({digits},0))", SqlType(NUMERIC), Dec(digits, 0), True, value)
    return E(f"CAST({e.sql} AS DECIMAL({digits},0))", SqlType(NUMERIC), Dec(digits, 0))


def slot_form(cx: Emit, e: E, form: str) -> str | None:
    """The SQL of a parameter written in another form, None when `e` is no parameter."""
    match = _SLOT.match(e.sql)
    return cx.slot(replace(cx.slots[int(match[1])], form=form)) if match else None


def against(cx: Emit, scalar: E, column: Dec) -> str | None:
    """A numeric in a form that compares with DECIMAL `column`, None when 38 digits are not enough."""
    if column.p + 2 > 38:
        return None
    wide = f"DECIMAL({column.p + 2},{column.s + 1})"
    if scalar.literal and isinstance(scalar.value, Decimal):
        return f"CAST({quote(columns.clamp(scalar.value, *column))} AS {wide})"
    slot = slot_form(cx, scalar, f"clamp:{column.p}:{column.s}")
    return slot or f"CAST(num_clamp({dyn(scalar)}, {column.p}, {column.s}) AS {wide})"


def comparable(cx: Emit, a: E, b: E) -> tuple[str, str]:
    """Both sides in a form that DuckDB compares as PostgreSQL does."""
    if a.oid == NUMERIC and b.oid == NUMERIC:
        if a.dec and b.dec and dec(max(a.dec.whole, b.dec.whole), max(a.dec.s, b.dec.s)):
            return a.sql, b.sql
        if a.dec and not a.literal and (other := against(cx, b, a.dec)):
            return a.sql, other
        if b.dec and not b.literal and (other := against(cx, a, b.dec)):
            return other, b.sql
        return f"num_key({dyn(a)})", f"num_key({dyn(b)})"
    if a.dec != b.dec:
        a, b = to_carrier(a, None), to_carrier(b, None)
    return key(a), key(b)


def key(e: E) -> str:
    """SQL that orders, compares and groups in DuckDB as the value does in PostgreSQL."""
    if e.oid == NUMERIC:
        return e.sql if e.dec else f"num_key({e.sql})"
    if e.oid == BPCHAR_OID:
        return f"rtrim({e.sql}, ' ')"
    if e.oid == 3802:
        return f"jsonb_key({e.sql})"
    if e.oid in (RECORD, RECORDS) and e.fields is None:
        return row_key(e)
    if e.oid == 18:  # by bytes without a sign: `\\ooo` is above ASCII
        return f"CASE WHEN strlen({e.sql}) > 1 THEN chr(128) || {e.sql} ELSE {e.sql} END"
    if e.type.pg.is_array and (inner := BY_OID.get(e.type.pg.element_oid)) is not None:
        item = key(E("x", SqlType(inner.oid), e.dec))
        return e.sql if item == "x" else f"list_transform({e.sql}, lambda x: {item})"
    return e.sql


def row_key(e: E) -> str:
    """The key of a row in its text, or of an array of such, by the types of its fields."""
    kinds = [KEYED_FIELDS.get(field.oid, "") for field in e.type.fields]
    if not all(kinds) or not kinds:
        bad = next((field for field, kind in zip(e.type.fields, kinds, strict=True) if not kind), None)
        if bad is not None and bad.oid == 705:
            raise SqlError("42883", "could not identify a comparison function for type unknown")
        what = f"comparing rows with fields of type {bad}" if bad is not None else "comparing rows whose fields are not known"
        raise unsupported(f"{what}, in arrays,", hint="Put the fields there as text or integers.")
    return f"pg_row{'s' if e.oid == RECORDS else ''}_key({e.sql}, {quote(''.join(kinds))})"


def has_key(e: E) -> bool:
    """Whether `key(e)` is not the value itself, so that grouping by it needs the value kept beside it."""
    return key(e) != e.sql


def as_text(cx: Emit, e: E) -> str:
    """`e::text`."""
    if e.oid == 16:
        return f"CASE WHEN {e.sql} THEN 'true' WHEN NOT {e.sql} THEN 'false' END"
    if e.oid == BPCHAR_OID:
        return f"rtrim({e.sql}, ' ')"
    return as_output(cx, e)


def as_output(cx: Emit, e: E) -> str:
    """The value's output text, as clients see it and as concat() and arrays use it."""
    if e.oid == 16:
        return f"CASE WHEN {e.sql} THEN 't' WHEN NOT {e.sql} THEN 'f' END"
    if e.oid in TEXTUAL or e.oid == BPCHAR_OID:
        return e.sql
    if e.oid in PLAIN_INTS:
        return f"CAST({e.sql} AS VARCHAR)"
    if e.oid == NUMERIC:
        return dyn(e)
    styled = f", {cx.zone}, {cx.style}" if styled_out(e.type) else ""
    return f"{out_name(e.type)}({default_sql(e)}{styled})"


def output_list(cx: Emit, e: E) -> str:
    """An array's elements as their output texts."""
    array = to_carrier(e, None)
    return f"CAST(list_transform({array.sql}, lambda x: {as_output(cx, E('x', element(array.type)))}) AS VARCHAR[])"


def iso_output(cx: Emit, e: E) -> str:
    """The same in DateStyle ISO, whatever the session's."""
    return f"{out_name(e.type)}({default_sql(e)}, {cx.zone}, {quote(DEFAULT_STYLE.packed)})"


def out_name(t: SqlType) -> str:
    """The UDF that writes values of a type."""
    pg = BY_OID.get(t.oid)
    if pg is None or pg.arrow is None:
        raise unsupported(f"text of type {t}")
    return f"pg_out_{pg.name.strip(chr(34))}"


def in_name(t: SqlType) -> str:
    """The UDF that reads values of a type."""
    pg = BY_OID.get(t.oid)
    if pg is None or pg.arrow is None:
        raise unsupported(f"text read as type {t}")
    return f"pg_in_{pg.name.strip(chr(34))}"


_TIMES = frozenset({1082, 1114, TIMESTAMPTZ_OID, 1186})
_STYLED = _TIMES | {17, 700, 701}


def styled_out(t: SqlType) -> bool:
    """Whether the text of such values depends on the session's zone or style."""
    return (t.pg.element_oid or t.oid) in _STYLED


def styled_in(t: SqlType) -> bool:
    """Whether the value of a text depends on them."""
    return (t.pg.element_oid or t.oid) in _TIMES
