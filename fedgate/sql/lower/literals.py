"""Values as DuckDB literals: constants of the tree, and the parameters that fill a template's slots."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import cast

from fedgate.errors import SqlError
from fedgate.fragment import Slot
from fedgate.sql.functions.carriers import NUMERIC_ARRAY, Dec, E, carrier_duck, element, quote, type_dec, value_dec
from fedgate.sql.functions.interval_vectors import CARRIED_US
from fedgate.sql.functions.long_lists import common_decimal, long_list
from fedgate.sql.numeric import columns, rules
from fedgate.types import BY_OID, SqlType
from fedgate.types.catalog import NUMERIC
from fedgate.types.values import DATE_INFINITY, TIMESTAMP_INFINITY, Interval, Value

_TEXT_ARRAY = 1009


def const(t: SqlType, value: Value) -> E:
    """A constant in its natural carrier: a numeric of up to 38 digits is static."""
    if t.oid == NUMERIC and isinstance(value, Decimal):
        d = value_dec(value)
        promised = type_dec(t)
        if promised and d and d.s == promised.s and d.whole <= promised.whole:
            d = promised
        sql = f"CAST({quote(rules.write(value))} AS {d.duck})" if d else quote(rules.write(value))
        return E(sql, t, d, True, value)
    d = type_dec(t)
    if t.oid == NUMERIC_ARRAY and isinstance(value, tuple):
        d = d or common_decimal(value)
    return E(render(t, value, d), t, d, True, value)


def literal(slot: Slot, value: Value) -> str:
    """The text for a slot. Forms: "" the default carrier; `dec:p:s` DECIMAL; `clamp:p:s` comparable with DECIMAL(p, s);
    `limit` and `offset` row counts; `among` an array as what IN looks in, `among:p:s` and
    `among:key` one of numerics, to be found among DECIMAL(p, s) and among keys.
    """
    form, _, rest = slot.form.partition(":")
    if form in ("limit", "offset"):
        check_count(form, value)
        return str(value) if value is not None else "NULL" if form == "limit" else "0"
    if form == "among":
        return _among(slot.type, cast("tuple[Value, ...] | None", value), rest)
    if form in ("clamp", "dec"):
        p, s = map(int, rest.split(":"))
        wide = f"DECIMAL({p + 2},{s + 1})" if form == "clamp" else f"DECIMAL({p},{s})"
        if value is None:
            return f"CAST(NULL AS {wide})"
        number = value if isinstance(value, Decimal) else Decimal(cast(int, value))
        text = columns.clamp(number, p, s) if form == "clamp" else rules.write(number)
        return f"CAST({quote(text)} AS {wide})"
    if isinstance(value, int) and not isinstance(value, bool) and slot.type.oid == NUMERIC:
        value = Decimal(value)
    return render(slot.type, value, type_dec(slot.type))


def _among(t: SqlType, values: tuple[Value, ...] | None, rest: str) -> str:
    if not rest:
        duck = carrier_duck(element(t), None)
        return f"(CAST(NULL AS {duck}))" if values is None else f"(SELECT unnest({render(t, values, type_dec(t))}))"
    numbers = [None if v is None else Decimal(cast("Decimal | int", v)) for v in values or ()]
    if rest == "key":
        texts = render(SqlType(_TEXT_ARRAY), tuple(None if n is None else rules.write(n) for n in numbers), None)
        return "(CAST(NULL AS BLOB))" if values is None else f"(SELECT num_key(x) FROM (SELECT unnest({texts}) AS x))"
    p, s = map(int, rest.split(":"))
    wide = f"DECIMAL({p + 2},{s + 1})"
    clamped = ", ".join("NULL" if n is None else columns.clamp(n, p, s) for n in numbers)
    return f"(CAST(NULL AS {wide}))" if values is None else f"(SELECT unnest(CAST('[{clamped}]' AS {wide}[])))"


def check_count(form: str, value: Value) -> None:
    """Raises SqlError 2201W or 2201X for a negative LIMIT or OFFSET."""
    if isinstance(value, int) and value < 0:
        raise SqlError("2201W" if form == "limit" else "2201X", f"{form.upper()} must not be negative")


def render(t: SqlType, value: Value, d: Dec | None) -> str:
    """A value in the carrier (t, d). Raises SqlError 0A000 for types without one."""
    duck = carrier_duck(t, d)
    if value is None:
        return f"CAST(NULL AS {duck})"
    pg = BY_OID[t.oid]
    if pg.is_array:
        inner = SqlType(pg.element_oid, t.typmod)
        elements = cast("tuple[Value, ...]", value)
        if (listed := long_list(inner, elements, d)) is not None:
            return listed
        items = ", ".join(render(inner, item, d) for item in elements)
        return f"CAST([{items}] AS {duck})"
    if t.oid == NUMERIC:
        text = quote(rules.write(cast(Decimal, value)))
        return f"CAST({text} AS {duck})" if d else text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Interval):
        return interval(value)
    if isinstance(value, bytes):
        return "CAST('" + "".join(f"\\x{byte:02X}" for byte in value) + "' AS BLOB)"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, (int, float)):
        return _number(t, value, duck)
    raise SqlError("0A000", f"values of type {t} are not supported here")


def _number(t: SqlType, value: int | float, duck: str) -> str:
    if t.oid in (700, 701):
        return f"CAST({quote(_float(float(value)))} AS {duck})"
    whole = int(value)
    if t.oid == 1082:
        return _infinite(whole, DATE_INFINITY, duck) or f"(DATE '1970-01-01' + CAST({whole} AS INTEGER))"
    if t.oid == 1083:
        seconds, micros = divmod(whole, 1_000_000)
        return f"CAST('{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{micros:06}' AS TIME)"
    if t.oid in (1114, 1184):
        call = "make_timestamp" if t.oid == 1114 else "make_timestamptz"
        return _infinite(whole, TIMESTAMP_INFINITY, duck) or f"{call}(CAST({whole} AS BIGINT))"
    return f"CAST({whole} AS {duck})"


def _infinite(value: int, infinity: int, duck: str) -> str | None:
    if abs(value) < infinity:
        return None
    return f"CAST('{'-' if value < 0 else ''}infinity' AS {duck})"


def _float(value: float) -> str:
    if math.isnan(value):
        return "nan"
    return ("inf" if value > 0 else "-inf") if math.isinf(value) else repr(value)


def interval(value: Interval) -> str:
    """An interval from its three counts. Raises SqlError 22008 for a time that would wrap in Arrow's nanoseconds."""
    if abs(value.microseconds) > CARRIED_US:
        raise SqlError("22008", "interval out of range", hint="Times of more than 2562047 hours are not supported.")
    return f"(to_months({value.months}) + to_days({value.days}) + to_microseconds({value.microseconds}))"
