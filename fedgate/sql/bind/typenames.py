"""Types: what a raw TypeName means, how types are spelled in messages, and small questions about pg_type rows.

Source: https://www.postgresql.org/docs/15/datatype.html; modifiers as the typmodin functions encode them.
"""

from __future__ import annotations

from fedgate.errors import SqlError, unsupported
from fedgate.sql import tables
from fedgate.sql.bind.state import Message, State, allow
from fedgate.sql.refusals import refused_type
from fedgate.types import BY_OID, SqlType
from fedgate.types.catalog import format_type as format_known
from fedgate.types.catalog import numeric_typmod

BOOL, BYTEA, CHAR, NAME, INT8, INT2, INT4, TEXT = 16, 17, 18, 19, 20, 21, 23, 25
OID, FLOAT4, FLOAT8, UNKNOWN, BPCHAR, VARCHAR = 26, 700, 701, 705, 1042, 1043
DATE, TIME, TIMESTAMP, TIMESTAMPTZ, INTERVAL, TIMETZ, BIT, VARBIT, NUMERIC = 1082, 1083, 1114, 1184, 1186, 1266, 1560, 1562, 1700
JSON, JSONB, RECORD, CSTRING, ANY, ANYARRAY, VOID, REGCLASS, REGTYPE = 114, 3802, 2249, 2275, 2276, 2277, 2278, 2205, 2206
TEXT_ARRAY, RECORD_ARRAY, REGPROC, REGPROCEDURE, REGOPER, REGOPERATOR = 1009, 2287, 24, 2202, 2203, 2204
REGNAMESPACE, REGROLE, REGCONFIG, REGDICTIONARY, REGCOLLATION = 4089, 4096, 3734, 3769, 4191
INT2VECTOR, OIDVECTOR = 22, 30
REG_TYPES = frozenset(
    (REGCLASS, REGTYPE, REGPROC, REGPROCEDURE, REGOPER, REGOPERATOR, REGNAMESPACE, REGROLE, REGCONFIG, REGDICTIONARY, REGCOLLATION)
)
_PRECISION_MAX = 6
_INTERVAL_FULL_PRECISION = 0xFFFF
_INTERVAL_FULL_RANGE = 0x7FFF
# Serial types are names that only CREATE TABLE knows; typname spellings of PostgreSQL's own grammar arrive as pg_catalog names.
_TYPE_FIELDS = frozenset(["names", "typmods", "typemod", "array_bounds", "location", "setof", "pct_type"])
_CHAR_LENGTH_MAX = 10485760


def type_row(oid: int) -> tables.TypeRow:
    return tables.types()[oid]


def element_of(oid: int) -> int:
    """The element type of a true array type, else 0."""
    if oid == RECORD_ARRAY:
        return RECORD
    row = tables.types().get(oid)
    return row.element if row is not None and row.is_array else 0


def array_of(oid: int) -> int:
    """The array type over `oid`, 0 if it has none."""
    row = tables.types().get(oid)
    return row.array if row is not None else 0


def category(oid: int) -> str:
    row = tables.types().get(oid)
    return row.category if row is not None else "U"


def preferred(oid: int) -> bool:
    row = tables.types().get(oid)
    return row is not None and row.preferred


def type_name(oid: int, typmod: int = -1) -> str:
    """format_type for every type of pg_catalog, also those that fedgate has no values of."""
    if oid in BY_OID:
        return format_known(oid, typmod)
    row = tables.types().get(oid)
    if row is None:
        return "???"
    if row.is_array:
        return type_name(row.element, typmod) + "[]"
    return row.name


def require_carrier(type_: SqlType, position: int | None) -> None:
    """0A000 for a type whose values fedgate cannot hold."""
    known = BY_OID.get(type_.oid)
    base = BY_OID.get(known.element_oid) if known is not None and known.is_array else known
    if base is None or (base.arrow is None and base.oid not in (UNKNOWN, RECORD)):
        row = tables.types().get(type_.oid)
        raise refused_type(row.element if row is not None and row.is_array else type_.oid, type_name(type_.oid), position)


def bind_type(state: State, node: Message) -> SqlType:
    """The type that a TypeName names. 42704 for unknown names, 22023 and 42601 for its modifiers, 0A000 for what has no carrier."""
    position = state.pos(node.location)
    allow(state, node, _TYPE_FIELDS, "a type")
    if node.setof or node.pct_type:
        raise unsupported("SETOF and %TYPE", position=position)
    names = [n.string.sval for n in node.names]
    row = _named_type(names, position, is_array=bool(node.array_bounds))
    typmod = _typmod(row, _modifier_values(state, node), position)
    oid = row.oid
    if node.array_bounds:
        oid = row.array
        if not oid:
            raise SqlError("42704", f"could not find array type for data type {type_name(row.oid)}", position=position)
    result = SqlType(oid, typmod)
    require_carrier(result, position)
    return result


def named_type(node: Message) -> int:
    """The OID of the built-in type that a TypeName names, values of it or none. Raises as `bind_type`."""
    row = _named_type([n.string.sval for n in node.names], None, is_array=bool(node.array_bounds))
    return row.array if node.array_bounds else row.oid


def _named_type(names: list[str], position: int | None, *, is_array: bool) -> tables.TypeRow:
    shown = ".".join(names)
    schema, name = (names[-2], names[-1]) if len(names) > 1 else (None, names[-1])
    row = tables.type_names().get(name) if schema in (None, "pg_catalog") else None
    if row is None or row.kind == "c":
        suffix = "[]" if is_array else ""
        if schema is not None and schema not in ("pg_catalog", "information_schema", "public"):
            raise SqlError("3F000", f'schema "{schema}" does not exist', position=position)
        if row is not None:
            raise unsupported(f"the composite type {shown}", position=position)
        raise SqlError("42704", f'type "{shown}{suffix}" does not exist', position=position)
    return row


def _modifier_values(state: State, node: Message) -> list[int]:
    values = []
    for item in node.typmods:
        kind = item.WhichOneof("node")
        constant = item.a_const
        which = constant.WhichOneof("val") if kind == "a_const" else None
        if which == "ival":
            values.append(constant.ival.ival)
        elif which in ("sval", "fval"):
            text = constant.sval.sval if which == "sval" else constant.fval.fval
            try:
                values.append(int(text))
            except ValueError:
                raise SqlError("22P02", f'invalid input syntax for type integer: "{text}"', position=None) from None
        elif kind == "column_ref":
            raise SqlError("22P02", f'invalid input syntax for type integer: "{item.column_ref.fields[0].string.sval}"')
        else:
            raise SqlError("42601", "type modifiers must be simple constants or identifiers", position=state.pos(node.location))
    return values


def _typmod(row: tables.TypeRow, values: list[int], position: int | None) -> int:
    if not values:
        return -1
    if not row.has_typmod:
        raise SqlError("42601", f'type modifier is not allowed for type "{row.name}"', position=position)
    if row.oid == NUMERIC:
        return _numeric(values, position)
    if row.oid in (BPCHAR, VARCHAR, BIT, VARBIT):
        return _length(row, values, position)
    if row.oid in (TIME, TIMETZ, TIMESTAMP, TIMESTAMPTZ):
        return _precision(row, values, position)
    if row.oid == INTERVAL:
        return interval_typmod(values, position)
    raise unsupported(f"a modifier of type {row.name}", position=position)


def _numeric(values: list[int], position: int | None) -> int:
    if len(values) > 2:
        raise SqlError("22023", "invalid NUMERIC type modifier", position=position)
    precision, scale = values[0], values[1] if len(values) == 2 else 0
    if not 1 <= precision <= 1000:
        raise SqlError("22023", f"NUMERIC precision {precision} must be between 1 and 1000", position=position)
    if not -1000 <= scale <= 1000:
        raise SqlError("22023", f"NUMERIC scale {scale} must be between -1000 and 1000", position=position)
    return numeric_typmod(precision, scale)


def _length(row: tables.TypeRow, values: list[int], position: int | None) -> int:
    name = {BPCHAR: "char", VARCHAR: "varchar"}.get(row.oid, row.name)
    if len(values) != 1:
        raise SqlError("22023", "invalid type modifier", position=position)
    if values[0] < 1:
        raise SqlError("22023", f"length for type {name} must be at least 1", position=position)
    if values[0] > _CHAR_LENGTH_MAX:
        raise SqlError("22023", f"length for type {name} cannot exceed {_CHAR_LENGTH_MAX}", position=position)
    return values[0] if row.oid in (BIT, VARBIT) else values[0] + 4


def _precision(row: tables.TypeRow, values: list[int], position: int | None) -> int:
    if len(values) != 1:
        raise SqlError("22023", "invalid type modifier", position=position)
    if values[0] < 0:
        name = {TIME: "TIME", TIMETZ: "TIME", TIMESTAMP: "TIMESTAMP", TIMESTAMPTZ: "TIMESTAMP"}[row.oid]
        zone = " WITH TIME ZONE" if row.oid in (TIMETZ, TIMESTAMPTZ) else ""
        raise SqlError("22023", f"{name}({values[0]}){zone} precision must not be negative", position=position)
    return min(values[0], _PRECISION_MAX)


def interval_typmod(values: list[int], position: int | None) -> int:
    """intervaltypmodin: `values` are [fields mask] or [fields mask, precision]; a bare interval(p) comes with the full mask."""
    fields = values[0]
    if len(values) == 1:
        return -1 if fields == _INTERVAL_FULL_RANGE else (fields << 16) | _INTERVAL_FULL_PRECISION
    if values[1] < 0:
        raise SqlError("22023", f"INTERVAL({values[1]}) precision must not be negative", position=position)
    return (fields << 16) | min(values[1], _PRECISION_MAX)
