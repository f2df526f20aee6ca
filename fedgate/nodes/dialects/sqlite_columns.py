"""Columns as SQLite files store them: how a value is read, which stored values are ill-typed, and the units of times.

Kinds of values in SQLite expressions: `int`, `float`, `text`, `bool` (0/1), `blob`, `date` (ISO text, years 1 to 9999),
`time` (INTEGER microseconds since 1970, for timestamps). Columns of any other type, or in an encoding that SQL cannot read
exactly, are fetched raw for the session to decode and take part in no expression.
"""

from __future__ import annotations

from dataclasses import dataclass

from fedgate.catalog.model import LocalColumn
from fedgate.nodes.dialects.site import Refused
from fedgate.nodes.relations import quote
from fedgate.types import SqlType

INTS = {21: (-(2**15), 2**15 - 1), 23: (-(2**31), 2**31 - 1), 20: None}
TEXTS = frozenset({25, 1043})
STAMPS = frozenset({1114, 1184})
PER_SECOND = {"unix_s": 1, "unix_ms": 1_000, "unix_us": 1_000_000, "unix_ns": 1_000_000_000}
# PostgreSQL's timestamps begin at 4714-11-24 BC; the carrier ends at 2^63 microseconds.
_SECONDS_MIN, _SECONDS_MAX = -210_866_803_200, 9_223_372_036_853
_VARLENA_HEADER = 4
_KINDS = {16: "bool", 17: "blob", 701: "float", 1082: "date", **dict.fromkeys(INTS, "int"), **dict.fromkeys(TEXTS, "text")}


@dataclass(frozen=True, slots=True)
class Stored:
    """A column in expressions.

    `sql`: its value in `kind`; `raw`: the bare column, in `unit` for times. `ill`: true for a stored value that does not fit the
    type, false or NULL for others. `aside`: true for at least those ill-typed values that a comparison with `raw` may drop in
    silence, written so that an index on the column still serves.
    """

    sql: str
    kind: str
    raw: str
    unit: str
    ill: str
    aside: str


def kind_of(t: SqlType) -> str:
    """The kind of a type's values. Refused for types that SQLite expressions do not have."""
    kind = "time" if t.oid in STAMPS else _KINDS.get(t.oid)
    if kind is None:
        raise Refused(f"values of type {t} are not on sqlite's list")
    return kind


def stored(column: LocalColumn, alias: str) -> Stored:
    """The column as expressions read it. Refused when they cannot."""
    raw = f"{alias}.{quote(column.name)}"
    kind = kind_of(column.type)
    encoding = column.encoding
    if kind == "time":
        if encoding not in PER_SECOND:
            raise Refused(f"{column.type} stored as {encoding or 'iso8601'} is not on sqlite's list")
        return _time(raw, encoding)
    if kind == "date" and encoding not in (None, "iso8601"):
        raise Refused(f"date stored as {encoding} is not on sqlite's list")
    sql, ill, aside = _BY_KIND[kind](raw, column.type)
    return Stored(sql, kind, raw, "", ill, aside or ill)


def _misfit(raw: str, classes: str) -> str:
    return f"typeof({raw}) NOT IN ({classes}, 'null')"


def _int(raw: str, t: SqlType) -> tuple[str, str, str]:
    bounds = INTS[t.oid]
    ill = _misfit(raw, "'integer'")
    if bounds:
        ill = f"({ill} OR ({raw} NOT BETWEEN {bounds[0]} AND {bounds[1]}) IS TRUE)"
    return raw, ill, f"{raw} >= ''"


# SQLite orders values by their class first: NULL, numbers, texts, blobs. A comparison with the least text or blob costs a third of
# asking for the class, and an index answers it. It is NULL for NULL, which counts as false wherever a guard stands. COLLATE, since
# the column's own collation may not be known here.


def _float(raw: str, _: SqlType) -> tuple[str, str, str]:
    ill = f"{raw} >= '' COLLATE BINARY"
    return f"CAST({raw} AS REAL)", ill, ill


def _text(raw: str, t: SqlType) -> tuple[str, str, str]:
    ill = f"{raw} < '' COLLATE BINARY OR {raw} >= x'' COLLATE BINARY"
    if t.typmod >= _VARLENA_HEADER:
        ill = f"{ill} OR length({raw}) > {t.typmod - _VARLENA_HEADER}"
    return raw, f"({ill})", ill


def _bool(raw: str, _: SqlType) -> tuple[str, str, str]:
    plain = f"+{raw}"
    ill = (
        f"NOT (typeof({raw}) = 'null' OR (typeof({raw}) = 'integer' AND {plain} IN (0, 1))"
        f" OR (typeof({raw}) = 'text' AND ({plain} COLLATE BINARY) IN ('true', 'false')))"
    )
    value = f"CASE WHEN typeof({raw}) = 'text' THEN {plain} = 'true' COLLATE BINARY ELSE {plain} END"
    return f"({value})", ill, ""


def _blob(raw: str, _: SqlType) -> tuple[str, str, str]:
    ill = f"{raw} < x'' COLLATE BINARY"
    return raw, ill, ill


def _date(raw: str, _: SqlType) -> tuple[str, str, str]:
    shape = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
    good = f"typeof({raw}) = 'text' AND {raw} GLOB '{shape}' AND date({raw}, '+0 days') IS +{raw} AND +{raw} >= '0001'"
    return raw, f"NOT (typeof({raw}) = 'null' OR ({good}))", ""


_BY_KIND = {"int": _int, "float": _float, "text": _text, "bool": _bool, "blob": _blob, "date": _date}


def _time(raw: str, unit: str) -> Stored:
    per = PER_SECOND[unit]
    low, high = _SECONDS_MIN * per, _SECONDS_MAX * per
    ill = _misfit(raw, "'integer'")
    if high < 2**63:
        ill = f"({ill} OR ({raw} NOT BETWEEN {low} AND {high}) IS TRUE)"
    return Stored(f"({microseconds(raw, unit)})", "time", raw, unit, ill, f"{raw} >= ''")


def microseconds(raw: str, unit: str) -> str:
    """An integer number of units as microseconds; nanoseconds are cut off downwards."""
    per = PER_SECOND[unit]
    return f"{raw} * {1_000_000 // per}" if per <= 1_000_000 else floor_div(raw, 1_000)


def floor_div(sql: str, divisor: int) -> str:
    """Integer division that rounds down (SQLite's rounds towards zero)."""
    return f"({sql} - {remainder(sql, divisor)}) / {divisor}"


def remainder(sql: str, divisor: int) -> str:
    """The remainder that is never negative."""
    return f"(({sql}) % {divisor} + {divisor}) % {divisor}"


def fetched(column: LocalColumn, alias: str) -> str:
    """The column for the session to check and decode.

    Times in numbers come as INTEGER microseconds or days; a stored value that is not of the encoding comes as BLOB.
    """
    raw = f"{alias}.{quote(column.name)}"
    encoding = column.encoding
    if encoding is None or encoding == "iso8601":
        return raw
    if encoding == "julian":
        classes, value = "'real', 'integer'", f"CAST(round(({raw} - 2440587.5) * 86400000.0) AS INTEGER) * 1000"
    else:
        classes, value = "'integer'", microseconds(raw, encoding)
    if column.type.oid == 1082:
        value = floor_div(f"({value})", 86_400_000_000)
    return f"CASE WHEN typeof({raw}) IN ({classes}) THEN {value} ELSE CAST({raw} AS BLOB) END"
