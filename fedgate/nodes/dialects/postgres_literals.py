"""Values as PostgreSQL literals: always typed, never by the server's settings."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import cast

from fedgate.errors import SqlError, unsupported
from fedgate.fragment import Slot
from fedgate.types import BY_OID, SqlType, format_type
from fedgate.types.style import TextStyle
from fedgate.types.text_out import value_text
from fedgate.types.values import Value

_STYLE = TextStyle(timezone="UTC", datestyle="ISO, MDY", intervalstyle="postgres", extra_float_digits=1, bytea_output="hex")


def literal(slot: Slot, value: Value) -> str:
    """The text for a slot. Forms: "" the typed value; `limit` the count of LIMIT."""
    if slot.form == "limit":
        return _limit(value)
    return write(slot.type, value)


def write(t: SqlType, value: Value) -> str:
    """`CAST('…' AS type)`; the quotes are right with standard_conforming_strings on or off."""
    name = type_name(t)
    if value is None:
        return f"CAST(NULL AS {name})"
    return f"CAST({quoted(_text(t, value))} AS {name})"


def type_name(t: SqlType) -> str:
    """The type as a cast names it; without a length, char would mean one character."""
    if t.oid == 1042 and t.typmod < 0:
        return "bpchar"
    return format_type(t.oid, t.typmod)


def quoted(text: str) -> str:
    """A string literal, as an escape string where it holds a backslash."""
    if "\0" in text:
        raise SqlError("22021", 'invalid byte sequence for encoding "UTF8": 0x00')
    body = text.replace("'", "''")
    return f" E'{body.replace(chr(92), chr(92) * 2)}'" if "\\" in body else f"'{body}'"


def _text(t: SqlType, value: Value) -> str:
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else repr(value).replace("inf", "Infinity")
    if isinstance(value, Decimal) and t.oid == 1700:
        if not value.is_finite():
            return str(value)
        return format(value, "f")
    if t.oid not in BY_OID:
        raise unsupported(f"a value of type {t} at a PostgreSQL node")
    return value_text(value, t, _STYLE)


def _limit(value: Value) -> str:
    if value is None:
        return "ALL"
    count = int(cast(int, value))
    if count < 0:
        raise SqlError("2201W", "LIMIT must not be negative")
    return str(count)
