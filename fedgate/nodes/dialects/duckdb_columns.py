"""A DuckDB or Parquet column in its type's carrier, whatever DuckDB type holds it: the same value, or an error in the statement.

The stored type is the node's to know: the session that makes a TypedView chooses among each column's cases.
"""

from __future__ import annotations

import hashlib

from fedgate.catalog.model import LocalColumn, Placement
from fedgate.errors import unsupported
from fedgate.fragment import TypedColumn, TypedView, column_name
from fedgate.nodes.dialects.site import LocalRelation
from fedgate.nodes.relations import quote
from fedgate.sql.functions.carriers import carrier_duck, error, type_dec
from fedgate.sql.functions.carriers import quote as text
from fedgate.types import BY_OID, SqlType

_INTS = "'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'"
_STAMPS = "'TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS'"
_STRINGS = "'VARCHAR', 'JSON', 'UUID'"
_PER_SECOND = {"unix_s": 1, "unix_ms": 1_000, "unix_us": 1_000_000, "unix_ns": 1_000_000_000}
_ISO = r"\d{4,6}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?"
_OFFSET = r" ?(Z|[+-]\d\d(:\d\d)?)"
_VARLENA_HEADER = 4


def typed_view(relation: LocalRelation) -> TypedView:
    """The view by which blocks read a local relation: its columns `c1`, `c2`, … in the carriers of their types.

    Raises SqlError 0A000 for what cannot be read.
    """
    placement = relation.placement
    columns = tuple(_typed(column_name(n), column, placement) for n, column in enumerate(relation.columns, 1))
    digest = hashlib.blake2b(repr((placement.relation, columns)).encode(), digest_size=8).hexdigest()
    return TypedView(f"{placement.relation[1].lower()} {digest}", placement.relation, columns)


def _typed(name: str, column: LocalColumn, placement: Placement) -> TypedColumn:
    raw = quote(column.name)
    what = f'column "{column.name}" of "{placement.relation[1]}" at node "{placement.node.name}" is not of type {column.type}'
    return TypedColumn(name, raw, tuple(_cases(raw, column)), error("22P02", what))


def _cases(raw: str, column: LocalColumn) -> list[tuple[str, str]]:
    """Pairs of a test (`@` stands for the name of the column's DuckDB type) and the value when it holds."""
    t = column.type
    duck = carrier_duck(t, type_dec(t))
    cast = f"CAST({raw} AS {duck})"
    if column.encoding is not None:
        return _encoded(raw, column)
    if BY_OID[t.oid].is_array:
        return [("suffix(@, '[]')", cast)]
    if t.oid in (20, 21, 23):
        return [(f"@ IN ({_INTS})", cast)]
    if t.oid in (700, 701):
        return [(f"@ IN ('FLOAT', 'DOUBLE', {_INTS}) OR starts_with(@, 'DECIMAL')", cast)]
    if t.oid == 1700:
        return _numeric(raw, cast, duck)
    if t.oid in (25, 1042, 1043):
        return [(f"@ IN ({_STRINGS}) OR starts_with(@, 'ENUM')", _string(f"CAST({raw} AS VARCHAR)", t))]
    if t.oid == 1114:
        return [(f"@ IN ({_STAMPS})", cast), ("@ = 'TIMESTAMP WITH TIME ZONE'", f"timezone('UTC', CAST({raw} AS TIMESTAMPTZ))")]
    if t.oid == 1184:
        local = f"timezone({text(column.zone or 'UTC')}, CAST({raw} AS TIMESTAMP))"
        return [("@ = 'TIMESTAMP WITH TIME ZONE'", f"CAST({raw} AS TIMESTAMPTZ)"), (f"@ IN ({_STAMPS})", local)]
    if t.oid == 2950:
        return [("@ = 'UUID'", cast), ("@ = 'VARCHAR'", f"CAST(CAST({raw} AS UUID) AS VARCHAR)")]
    if t.oid in (114, 3802):
        return [("@ IN ('JSON', 'VARCHAR')", cast)]
    plain = {16: "BOOLEAN", 17: "BLOB", 1082: "DATE", 1083: "TIME", 1186: "INTERVAL"}.get(t.oid)
    if plain is None:
        raise unsupported(f"reading {t} from DuckDB")
    return [(f"@ = '{plain}'", cast)]


def _numeric(raw: str, cast: str, duck: str) -> list[tuple[str, str]]:
    exact = f"@ IN ({_INTS}) OR starts_with(@, 'DECIMAL')"
    digits = f"format('{{:.15g}}', CAST({raw} AS DOUBLE))"
    if duck == "VARCHAR":  # DuckDB writes DECIMAL(p, p) without the zero before the point
        return [(exact, f"regexp_replace({cast}, '^(-?)[.]', '\\10.')")]
    return [(exact, cast), ("@ IN ('FLOAT', 'DOUBLE')", f"CAST({digits} AS {duck})")]


def _string(value: str, t: SqlType) -> str:
    length = t.typmod - _VARLENA_HEADER
    if t.oid == 25 or length < 0:
        return value
    bare = f"rtrim({value}, ' ')"
    checked = bare if t.oid == 1042 else value
    fits = f"rpad({bare}, {length}, ' ')" if t.oid == 1042 else value
    return f"CASE WHEN length({checked}) > {length} THEN {error('22001', f'value too long for type {t}')} ELSE {fits} END"


def _encoded(raw: str, column: LocalColumn) -> list[tuple[str, str]]:
    oid, encoding = column.type.oid, column.encoding
    if encoding == "iso8601":
        return [("@ = 'VARCHAR'", _from_text(raw, column))]
    if encoding == "julian":
        micros = f"CAST(round((CAST({raw} AS DOUBLE) - 2440587.5) * 86400000.0) AS BIGINT) * 1000"
        return [(f"@ IN ('DOUBLE', 'FLOAT', {_INTS}) OR starts_with(@, 'DECIMAL')", _from_micros(micros, oid))]
    per = _PER_SECOND[encoding or ""]
    whole = f"CAST({raw} AS BIGINT)"
    micros = f"{whole} * {1_000_000 // per}" if per <= 1_000_000 else f"({whole} - ({whole} % 1000 + 1000) % 1000) // 1000"
    near = f"CAST(round_even(CAST({raw} AS DOUBLE) * {1_000_000 / per!r}, 0) AS BIGINT)"
    return [
        (f"@ IN ({_INTS})", _from_micros(micros, oid)),
        ("@ IN ('DOUBLE', 'FLOAT') OR starts_with(@, 'DECIMAL')", _from_micros(near, oid)),
    ]


def _from_micros(micros: str, oid: int) -> str:
    match oid:
        case 1184:
            return f"make_timestamptz({micros})"
        case 1114:
            return f"make_timestamp({micros})"
        case 1082:
            return f"CAST(make_timestamp({micros}) AS DATE)"
        case 1083:
            return f"CAST(make_timestamp({micros}) AS TIME)"
    raise unsupported(f"an encoding of {SqlType(oid)}")


def _from_text(raw: str, column: LocalColumn) -> str:
    """ISO 8601 text, nothing looser: DuckDB's own casts take more than PostgreSQL does."""
    value = f"CAST({raw} AS VARCHAR)"
    bad = error("22P02", f'column "{column.name}" holds text that is not of type {column.type}')
    oid = column.type.oid
    if oid == 1082:
        day = r"\d{4,6}-\d\d-\d\d"
        return f"CASE WHEN regexp_full_match({value}, '{day}') THEN CAST({value} AS DATE) ELSE {_or_null(value, bad)} END"
    if oid == 1083:
        time = r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?"
        return f"CASE WHEN regexp_full_match({value}, '{time}') THEN CAST({value} AS TIME) ELSE {_or_null(value, bad)} END"
    bare = f"WHEN regexp_full_match({value}, '{_ISO}') THEN "
    offset = f"WHEN regexp_full_match({value}, '{_ISO}{_OFFSET}') THEN "
    if oid == 1184:
        zoned = f"timezone({text(column.zone or 'UTC')}, CAST({value} AS TIMESTAMP))"
        return f"CASE {bare}{zoned} {offset}CAST({value} AS TIMESTAMPTZ) ELSE {_or_null(value, bad)} END"
    strip = f"regexp_replace({value}, '{_OFFSET}$', '')"
    return f"CASE {bare}CAST({value} AS TIMESTAMP) {offset}CAST({strip} AS TIMESTAMP) ELSE {_or_null(value, bad)} END"


def _or_null(value: str, otherwise: str) -> str:
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE {otherwise} END"
