"""The one type table: PostgreSQL type, OID, array OID <-> Arrow type <-> DuckDB type.

Source of OIDs, categories and lengths: pg_type of PostgreSQL 15 (https://www.postgresql.org/docs/15/catalog-pg-type.html).

A value travels in its type's *carrier*, the Arrow type that `arrow_type` gives. Three things are special:

* `numeric` with a known precision and scale of at most 38 digits is decimal128(p, s): *static*. Any other numeric is *dynamic*:
  PostgreSQL keeps a display scale per value, so it travels as PostgreSQL's text (Arrow string).
* A record that a statement gives travels as PostgreSQL's text; no other place has values of that type.
* uuid, json, jsonb and jsonpath travel as strings in canonical text, whose code point order is PostgreSQL's order for uuid; that of
  jsonpath has the parentheses that PostgreSQL's own text lacks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from fedgate.errors import SqlError

ARRAY_SUFFIX: Final = "[]"


@dataclass(frozen=True, slots=True)
class PgType:
    """One row of the type table.

    `length` is pg_type.typlen (-1 variable, -2 C string); `duckdb` is None for types that never reach the merge engine.
    """

    oid: int
    name: str
    sql_name: str
    array_oid: int
    category: str
    preferred: bool
    length: int
    duckdb: str | None
    arrow: pa.DataType | None
    element_oid: int = 0

    @property
    def is_array(self) -> bool:
        return self.element_oid != 0


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type as an expression has it: pg_type OID and type modifier (-1: none), as pg_attribute holds them.

    A record that a statement gives, and an array of such, has the types of its `fields` as well.
    """

    oid: int
    typmod: int = -1
    fields: tuple[SqlType, ...] = ()

    @property
    def pg(self) -> PgType:
        return BY_OID[self.oid]

    def __str__(self) -> str:
        return format_type(self.oid, self.typmod)


_INTERVAL = pa.month_day_nano_interval()
_TS = pa.timestamp("us")
_TSTZ = pa.timestamp("us", tz="UTC")
_TEXT = ("VARCHAR", pa.string())
_OIDS = ("BIGINT", pa.int64())

# oid, name, SQL name, array oid, category, preferred, length, (DuckDB, Arrow)
_ROWS: tuple[tuple[int, str, str, int, str, bool, int, tuple[str | None, pa.DataType | None]], ...] = (
    (16, "bool", "boolean", 1000, "B", True, 1, ("BOOLEAN", pa.bool_())),
    (17, "bytea", "bytea", 1001, "U", False, -1, ("BLOB", pa.binary())),
    (18, "char", '"char"', 1002, "Z", False, 1, _TEXT),
    (19, "name", "name", 1003, "S", False, 64, _TEXT),
    (20, "int8", "bigint", 1016, "N", False, 8, ("BIGINT", pa.int64())),
    (21, "int2", "smallint", 1005, "N", False, 2, ("SMALLINT", pa.int16())),
    (22, "int2vector", "int2vector", 1006, "A", False, -1, _TEXT),
    (23, "int4", "integer", 1007, "N", False, 4, ("INTEGER", pa.int32())),
    (24, "regproc", "regproc", 1008, "N", False, 4, _OIDS),
    (25, "text", "text", 1009, "S", True, -1, _TEXT),
    (26, "oid", "oid", 1028, "N", True, 4, _OIDS),
    (27, "tid", "tid", 1010, "U", False, 6, _TEXT),
    (28, "xid", "xid", 1011, "U", False, 4, _OIDS),
    (29, "cid", "cid", 1012, "U", False, 4, _OIDS),
    (30, "oidvector", "oidvector", 1013, "A", False, -1, _TEXT),
    (114, "json", "json", 199, "U", False, -1, _TEXT),
    (194, "pg_node_tree", "pg_node_tree", 0, "Z", False, -1, _TEXT),
    (700, "float4", "real", 1021, "N", False, 4, ("FLOAT", pa.float32())),
    (701, "float8", "double precision", 1022, "N", True, 8, ("DOUBLE", pa.float64())),
    (705, "unknown", "unknown", 0, "X", False, -2, _TEXT),
    (869, "inet", "inet", 1041, "I", True, -1, _TEXT),
    (1033, "aclitem", "aclitem", 1034, "U", False, 12, _TEXT),
    (1042, "bpchar", "character", 1014, "S", False, -1, _TEXT),
    (1043, "varchar", "character varying", 1015, "S", False, -1, _TEXT),
    (1082, "date", "date", 1182, "D", False, 4, ("DATE", pa.date32())),
    (1083, "time", "time without time zone", 1183, "D", False, 8, ("TIME", pa.time64("us"))),
    (1114, "timestamp", "timestamp without time zone", 1115, "D", False, 8, ("TIMESTAMP", _TS)),
    (1184, "timestamptz", "timestamp with time zone", 1185, "D", True, 8, ("TIMESTAMPTZ", _TSTZ)),
    (1186, "interval", "interval", 1187, "T", True, 16, ("INTERVAL", _INTERVAL)),
    (1266, "timetz", "time with time zone", 1270, "D", False, 12, (None, None)),
    (1560, "bit", "bit", 1561, "V", False, -1, (None, None)),
    (1562, "varbit", "bit varying", 1563, "V", True, -1, (None, None)),
    (1700, "numeric", "numeric", 1231, "N", False, -1, _TEXT),
    (2202, "regprocedure", "regprocedure", 2207, "N", False, 4, _OIDS),
    (2203, "regoper", "regoper", 2208, "N", False, 4, _OIDS),
    (2204, "regoperator", "regoperator", 2209, "N", False, 4, _OIDS),
    (2205, "regclass", "regclass", 2210, "N", False, 4, _OIDS),
    (2206, "regtype", "regtype", 2211, "N", False, 4, _OIDS),
    (2249, "record", "record", 2287, "P", False, -1, _TEXT),
    (2275, "cstring", "cstring", 1263, "P", False, -2, _TEXT),
    (2278, "void", "void", 0, "P", False, 4, _TEXT),
    (2950, "uuid", "uuid", 2951, "U", False, 16, _TEXT),
    (3220, "pg_lsn", "pg_lsn", 3221, "U", False, 8, _TEXT),
    (3802, "jsonb", "jsonb", 3807, "U", False, -1, _TEXT),
    (4072, "jsonpath", "jsonpath", 4073, "U", False, -1, _TEXT),
    (4089, "regnamespace", "regnamespace", 4090, "N", False, 4, _OIDS),
    (4096, "regrole", "regrole", 4097, "N", False, 4, _OIDS),
)


def _table() -> dict[int, PgType]:
    rows: dict[int, PgType] = {}
    for oid, name, sql_name, array_oid, category, preferred, length, (duck, arrow) in _ROWS:
        rows[oid] = PgType(oid, name, sql_name, array_oid, category, preferred, length, duck, arrow)
        if array_oid:
            duck_array = None if duck is None else duck + ARRAY_SUFFIX
            arrow_array = None if arrow is None else pa.list_(arrow)
            rows[array_oid] = PgType(
                array_oid, "_" + name, sql_name + ARRAY_SUFFIX, 0, "A", False, -1, duck_array, arrow_array, oid
            )
    return rows


BY_OID: Final[dict[int, PgType]] = _table()
BY_NAME: Final[dict[str, PgType]] = {t.name: t for t in BY_OID.values()}
OID_TYPES: Final = frozenset(oid for oid, *_, carriers in _ROWS if carriers is _OIDS)
"""oid, those that are one (regclass …), and xid and cid: whole numbers of four bytes without a sign."""
REG_TYPES: Final = frozenset(oid for oid in OID_TYPES if BY_OID[oid].name.startswith("reg"))
"""OIDs that are shown as names."""

NUMERIC: Final = 1700
MAX_DIGITS: Final = 38
"""Of a decimal, which carries a static numeric."""
RECORD: Final = 2249
_VARLENA_HEADER: Final = 4
_SPELLINGS: Final = {
    **{t.sql_name: t.name for t in BY_OID.values() if not t.is_array},
    **{t.name: t.name for t in BY_OID.values() if not t.is_array},
    "int": "int4",
    "decimal": "numeric",
    "float": "float8",
    "char": "bpchar",
    "character": "bpchar",
    "time": "time",
    "timestamp": "timestamp",
}
_TYPE_TEXT = re.compile(
    r"\s*(?P<head>\"?[a-z_][a-z0-9_ \"]*?)\s*(?:\(\s*(?P<mods>\d+(?:\s*,\s*-?\d+)?)\s*\))?"
    r"\s*(?P<tail>with(?:out)? time zone)?\s*(?P<array>\[\s*\])?\s*$"
)


def record_type(row_type: int) -> SqlType:
    """The type of a record whose row type is pg_type `row_type`, 0 for one without a name.

    The modifier of a record says which row type it has, as in PostgreSQL; `described` tells it to clients.
    """
    return SqlType(RECORD, row_type or -1)


def described(t: SqlType) -> tuple[int, int]:
    """(type OID, type modifier) as clients are told: a record of a named row type is of that type."""
    return (t.typmod, -1) if t.oid == RECORD and t.typmod > 0 else (t.oid, t.typmod)


def numeric_typmod(precision: int, scale: int) -> int:
    """pg_attribute.atttypmod of numeric(precision, scale)."""
    return ((precision << 16) | (scale & 0x7FF)) + _VARLENA_HEADER


def numeric_precision_scale(typmod: int) -> tuple[int, int] | None:
    """(precision, scale) of a numeric's type modifier; None for unconstrained numeric."""
    if typmod < _VARLENA_HEADER:
        return None
    bits = typmod - _VARLENA_HEADER
    scale = bits & 0x7FF
    return (bits >> 16) & 0xFFFF, scale - 0x800 if scale > 1000 else scale


def decimal_carrier(precision: int, scale: int) -> tuple[int, int] | None:
    """(p, s) of the decimal128 that carries numeric(precision, scale), or None when only text can (over 38 digits).

    DuckDB prints DECIMAL(p, p) without the leading zero, so p is at least s + 1.
    """
    if scale < 0 or precision > MAX_DIGITS or scale >= MAX_DIGITS:
        return None
    return max(precision, scale + 1), scale


def arrow_type(t: SqlType) -> pa.DataType:
    """The Arrow carrier of a type (module docstring). Raises SqlError 0A000 for a type that has none."""
    pg = BY_OID.get(t.oid)
    base = pg and (BY_OID[pg.element_oid] if pg.is_array else pg)
    if base is not None and base.oid == NUMERIC:
        ps = numeric_precision_scale(t.typmod)
        carrier = decimal_carrier(*ps) if ps else None
        arrow = pa.decimal128(*carrier) if carrier else pa.string()
        return pa.list_(arrow) if pg is not base else arrow
    if pg is None or pg.arrow is None:
        raise SqlError("0A000", f"values of type {format_type(t.oid, t.typmod)} are not supported")
    return pg.arrow


def duckdb_type(t: SqlType) -> str:
    """The DuckDB type that holds the carrier of `t`. Raises SqlError 0A000 for a type that has none."""
    pg = BY_OID.get(t.oid)
    base = pg and (BY_OID[pg.element_oid] if pg.is_array else pg)
    if base is not None and base.oid == NUMERIC:
        ps = numeric_precision_scale(t.typmod)
        carrier = decimal_carrier(*ps) if ps else None
        duck = f"DECIMAL({carrier[0]},{carrier[1]})" if carrier else "VARCHAR"
        return duck + ARRAY_SUFFIX if pg is not base else duck
    if pg is None or pg.duckdb is None:
        raise SqlError("0A000", f"values of type {format_type(t.oid, t.typmod)} are not supported")
    return pg.duckdb


def format_type(oid: int, typmod: int = -1) -> str:
    """PostgreSQL's format_type(oid, typmod): `numeric(12,4)`, `timestamp(3) without time zone`, `integer[]`."""
    pg = BY_OID.get(oid)
    if pg is None:
        return "???"
    if pg.is_array:
        return format_type(pg.element_oid, typmod) + ARRAY_SUFFIX
    if pg.oid == 1042 and typmod == -1:
        return "bpchar"
    if typmod < 0:
        return pg.sql_name
    if pg.oid == NUMERIC:
        ps = numeric_precision_scale(typmod)
        return f"numeric({ps[0]},{ps[1]})" if ps else "numeric"
    if pg.oid in (1042, 1043):
        return f"{pg.sql_name}({typmod - _VARLENA_HEADER})"
    if pg.oid in (1083, 1114, 1184, 1266):
        head, _, tail = pg.sql_name.partition(" ")
        return f"{head}({typmod}) {tail}"
    return pg.sql_name


def parse_type(text: str) -> SqlType:
    """A type from its text as format_type or a user of the catalog writes it. Raises SqlError 42704, 22023.

    This reads the types of catalog documents; types in SQL are read by PostgreSQL's grammar.
    """
    match = _TYPE_TEXT.match(text.lower())
    head = match and re.sub(r"\s+", " ", match["head"] + (" " + match["tail"] if match["tail"] else "")).strip()
    name = _SPELLINGS.get(head or "")
    if match is None or name is None:
        raise SqlError("42704", f'type "{text}" does not exist')
    pg = BY_NAME[name]
    mods = [int(m) for m in match["mods"].split(",")] if match["mods"] else []
    typmod = _typmod(pg, mods, explicit_char=head in ("char", "character"))
    return SqlType(pg.array_oid if match["array"] else pg.oid, typmod)


def _typmod(pg: PgType, mods: list[int], *, explicit_char: bool) -> int:
    if pg.oid == NUMERIC and mods:
        precision, scale = mods[0], mods[1] if len(mods) > 1 else 0
        if not 1 <= precision <= 1000:
            raise SqlError("22023", f"NUMERIC precision {precision} must be between 1 and 1000")
        if not -1000 <= scale <= 1000:
            raise SqlError("22023", f"NUMERIC scale {scale} must be between -1000 and 1000")
        return numeric_typmod(precision, scale)
    if pg.oid in (1042, 1043) and (mods or explicit_char):
        length = mods[0] if mods else 1
        if length < 1:
            raise SqlError("22023", f"length for type {pg.name} must be at least 1")
        return length + _VARLENA_HEADER
    if pg.oid in (1083, 1114, 1184, 1266) and mods:
        return min(mods[0], 6)
    if mods:
        raise SqlError("42601", f'type modifier is not allowed for type "{pg.name}"')
    return -1
