"""Functions over the system catalogs that need nothing of the catalog: what does not exist here is NULL.

Those that read pg_catalog have SQL bodies (`bodies`), which the binder puts in place of the call.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fedgate import __version__
from fedgate.errors import SqlError
from fedgate.sql import tables
from fedgate.sql.bind.typenames import type_name
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.emit import default_sql, dyn
from fedgate.sql.functions.table import function
from fedgate.sql.functions.udf import scalar
from fedgate.sql.numeric import rules
from fedgate.types import SqlType
from fedgate.types.catalog import NUMERIC
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.text_in import parse

SERVER_VERSION = "15.18"  # the PostgreSQL whose meanings these are; session.settings tells clients the same
_TEXT = "CAST(NULL AS VARCHAR)"
_SIZE = "CAST(NULL AS BIGINT)"
_UTF8 = 6


_DOMAINS = dict(
    zip(
        (13221, 13224, 13226, 13232, 13234),
        ("cardinal_number", "character_data", "sql_identifier", "time_stamp", "yes_or_no"),
        strict=True,
    )
)
"""Those of information_schema, as initdb of PostgreSQL 15 numbers them; each has its array type before it."""
_CHARACTER = {
    1042: "character",
    1014: "character[]",
    2276: '"any"',
    **{oid: f"information_schema.{name}" for oid, name in _DOMAINS.items()},
    **{oid - 1: f"information_schema.{name}[]" for oid, name in _DOMAINS.items()},
}


def plain_type_name(oid: int) -> str:
    """format_type(oid, NULL), which is what regtype shows: without a modifier `character` is not `bpchar`."""
    return _CHARACTER.get(oid) or type_name(oid)


_BUILT_IN = 12_000


@scalar("pg_format_type", ["BIGINT", "INTEGER"], "VARCHAR", strict=False)
def format_type(oid: int | None, typmod: int | None) -> str | None:
    if oid is None:
        return None
    if oid == 0:
        return "-"
    return plain_type_name(oid) if typmod is None or oid > _BUILT_IN else type_name(oid, typmod)


def _row(oid: int) -> tables.FunctionRow | None:
    name = tables.function_name(oid)
    return next((r for r in tables.functions(name) if r.oid == oid), None) if name is not None else None


@scalar("pg_function_arguments", ["BIGINT"], "VARCHAR")
def function_arguments(oid: int) -> str | None:
    """As pg_get_function_arguments writes them: VARIADIC, names, types, defaults, then the OUT columns."""
    row = _row(oid)
    return None if row is None else _arguments(row, defaults=True)


@scalar("pg_function_identity", ["BIGINT"], "VARCHAR")
def function_identity(oid: int) -> str | None:
    """As pg_get_function_identity_arguments writes them: what tells the function from others of its name."""
    row = _row(oid)
    return None if row is None else _arguments(row, defaults=False)


@scalar("pg_function_default", ["BIGINT", "INTEGER"], "VARCHAR")
def _function_default(oid: int, place: int) -> str | None:
    """pg_get_function_arg_default: of the argument at `place`, from 1."""
    row = _row(oid)
    if row is None or not 0 < place <= len(row.args):
        return None
    default = place - 1 - len(row.args) + len(row.defaults)
    return row.defaults[default] if default >= 0 else None


def _arguments(row: tables.FunctionRow, *, defaults: bool) -> str:
    parts = []
    for place, type_ in enumerate(row.args):
        given = row.arg_names[place] if place < len(row.arg_names) else ""
        mode = "VARIADIC " if row.variadic and place == len(row.args) - 1 else ""
        part = mode + (f"{given} " if given else "") + plain_type_name(type_)
        default = place - len(row.args) + len(row.defaults)
        parts.append(f"{part} DEFAULT {row.defaults[default]}" if defaults and default >= 0 else part)
    for given, type_ in zip(row.out_names, row.out_types, strict=True):
        parts.append("OUT " + (f"{given} " if given else "") + plain_type_name(type_))
    if row.aggregate_kind == "o":
        return f"{', '.join(parts[: row.direct_args])} ORDER BY {', '.join(parts[row.direct_args :])}".lstrip()
    if row.aggregate_kind == "h":  # the sorted columns are as many as the direct arguments
        return f"{', '.join(parts)} ORDER BY {', '.join(parts)}"
    return ", ".join(parts)


function("pg_get_function_identity_arguments", "oid", "pg_function_identity({0})")
function("pg_get_function_arg_default", "oid, int4", "pg_function_default({0}, {1})")
function("pg_get_function_arguments", "oid", "pg_function_arguments({0})")
function("format_type", "oids, int4", "pg_format_type({0}, {1})")


@scalar("pg_type_named", ["VARCHAR"], "BIGINT")
def type_named(text: str) -> int | None:
    """The OID of the built-in type of that name, written as in SQL; None when there is none."""
    from fedgate.sql.bind.fragments import raw_type
    from fedgate.sql.bind.typenames import named_type

    try:
        return named_type(raw_type(text))
    except SqlError:
        return None


function("fedgate_type", "text", "pg_type_named({0})")


def _always(value: str, count: int) -> str:
    """A template that is NULL when any argument is, else `value`."""
    if not count:
        return value
    nulls = " OR ".join(f"{{{i}}} IS NULL" for i in range(count))
    return f"(CASE WHEN {nulls} THEN NULL ELSE {value} END)"


# The error of a body (`bodies.body_error`); nothing that a client writes can mean this name.
function("fedgate_raise", "text, text, text, text", "error('SQLSTATE:' || {0} || ':' || {1} || {2} || {3})")

# -- what does not exist here: rules, indexes, defaults, triggers, sequences, replication --------------------------------------

function("pg_get_expr", "pg_node_tree, oid", _TEXT)
function("pg_get_expr", "pg_node_tree, oid, bool", _TEXT)
function("pg_get_triggerdef pg_get_partkeydef pg_get_statisticsobjdef_columns", "oid", _TEXT)
function("pg_get_statisticsobjdef pg_get_partition_constraintdef pg_get_function_sqlbody", "oid", _TEXT)
function("pg_get_triggerdef", "oid, bool", _TEXT)
function("pg_get_serial_sequence", "text, text", _TEXT)
function("pg_tablespace_location", "oid", _always("''", 1))
function("pg_relation_is_publishable", "regclass", _always("false", 1))
function("pg_sequence_last_value", "regclass", _SIZE)
function("acldefault", "char, oid", "CAST(NULL AS VARCHAR[])")
function("pg_my_temp_schema", "", "CAST(0 AS BIGINT)")
function("pg_is_other_temp_schema", "oid", _always("false", 1))
function("version", "", f"'PostgreSQL {SERVER_VERSION} (fedgate {__version__})'")
function("pg_is_in_recovery pg_jit_available", "", "false")
function("pg_column_is_updatable", "regclass, int2, bool", _always("false", 3))
function("pg_relation_is_updatable", "regclass, bool", _always("0", 2))
function("pg_relation_filenode", "regclass", "CAST(NULL AS BIGINT)")
function("pg_relation_filepath", "regclass", _TEXT)
function("txid_current_if_assigned", "", _SIZE)
function("pg_last_xact_replay_timestamp", "", "CAST(NULL AS TIMESTAMPTZ)")
function("pg_postmaster_start_time pg_conf_load_time", "", f"TIMESTAMPTZ '{datetime.now(UTC).isoformat()}'")
function("pg_advisory_unlock_all", "", "''")

# -- sizes and statistics: nothing is stored here, as PostgreSQL says of foreign tables, and nobody counts -----------------------

_NOTHING = _always("CAST(0 AS BIGINT)", 1)
function("pg_relation_size pg_table_size pg_total_relation_size pg_indexes_size", "regclass", _NOTHING)
function("pg_relation_size", "regclass, text", _NOTHING)
function("pg_database_size pg_tablespace_size", "oid|name", _NOTHING)
function("pg_stat_get_numscans pg_stat_get_live_tuples pg_stat_get_dead_tuples pg_stat_get_mod_since_analyze", "oid", _NOTHING)


@scalar("pg_size_pretty_int8", ["BIGINT"], "VARCHAR")
def _size_pretty(size: int) -> str:
    """As PostgreSQL's pg_size_pretty: the next unit from 10240 on, halves rounded away from zero."""
    units = ("bytes", "kB", "MB", "GB", "TB", "PB")
    sign, value = (-1 if size < 0 else 1), abs(size)
    if value < 10 * 1024:
        return f"{size} bytes"
    value >>= 9  # keeps one bit for rounding
    for unit in units[1:]:
        if value < 20 * 1024 - 1 or unit == units[-1]:
            return f"{sign * ((value + 1) // 2)} {unit}"
        value >>= 10
    raise AssertionError("unreachable: the last unit takes everything")


@scalar("pg_size_pretty_numeric", ["VARCHAR"], "VARCHAR")
def _numeric_size_pretty(size: str) -> str:
    """The same of a numeric: bytes may have a fraction, larger units are of whole bytes."""
    value = Decimal(size)
    if not value.is_finite():
        return f"{size} PB"
    return f"{size} bytes" if value.copy_abs() < 10 * 1024 else _size_pretty(int(value))


def _pretty_of_numeric(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    return f"pg_size_pretty_numeric({dyn(a[0])})"


function("pg_size_pretty", "int8", "pg_size_pretty_int8({0})")
function("pg_size_pretty", "numeric", _pretty_of_numeric)

_MEASURED = re.compile(r"\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*", re.DOTALL | re.ASCII)
_UNIT_BITS = {"": 0, "bytes": 0, "kb": 10, "mb": 20, "gb": 30, "tb": 40, "pb": 50}


@scalar("pg_size_bytes", ["VARCHAR"], "BIGINT")
def _size_bytes(text: str) -> int:
    """A size with a unit as bytes. Raises SqlError 22023, 22003."""
    found = _MEASURED.fullmatch(text)
    bits = _UNIT_BITS.get(found[2].lower()) if found else None
    if found is None or bits is None:
        raise SqlError("22023", f'invalid size: "{text}"')
    number = parse(found[1], SqlType(NUMERIC), DEFAULT_STYLE)
    assert isinstance(number, Decimal)
    size = int(rules.rescale(rules.multiply(Decimal(1 << bits), number), 0))
    if not -(2**63) <= size < 2**63:
        raise SqlError("22003", "bigint out of range")
    return size


function("pg_size_bytes", "text", "pg_size_bytes({0})")

# -- rights: everything may be read, nothing written ---------------------------------------------------------------------------

_READING = "(SELECT|USAGE|CONNECT|EXECUTE|MEMBER|SET)( *,|$)"


def _privilege(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    arguments = [default_sql(e) for e in a]
    nulls = " OR ".join(f"{sql} IS NULL" for sql in arguments)
    return f"(CASE WHEN {nulls} THEN NULL ELSE regexp_matches(upper(trim({arguments[-1]})), '{_READING}') END)"


_OBJECTS = " ".join(
    f"has_{kind}_privilege" for kind in ("table", "any_column", "schema", "database", "function", "type", "language", "tablespace")
)
for _subject in ("", "name, ", "oid, "):
    function(_OBJECTS + " has_sequence_privilege", f"{_subject}oid, text", _privilege)
    function(_OBJECTS + " has_sequence_privilege", f"{_subject}text, text", _privilege)
    for _column in ("text", "int2"):
        function("has_column_privilege", f"{_subject}oid, {_column}, text", _privilege)
        function("has_column_privilege", f"{_subject}text, {_column}, text", _privilege)
    function("pg_has_role", f"{_subject}oid, text", _privilege)
    function("pg_has_role", f"{_subject}name, text", _privilege)

# -- names in pg_catalog, where all functions, types and operators are ---------------------------------------------------------

function(
    "pg_function_is_visible pg_type_is_visible pg_operator_is_visible pg_collation_is_visible pg_opclass_is_visible "
    "pg_opfamily_is_visible pg_conversion_is_visible pg_statistics_obj_is_visible pg_ts_config_is_visible pg_ts_dict_is_visible "
    "pg_ts_parser_is_visible pg_ts_template_is_visible",
    "oid",
    _always("true", 1),
)

# -- encodings: UTF8 is the only one -------------------------------------------------------------------------------------------

_ENCODINGS = (
    *("SQL_ASCII", "EUC_JP", "EUC_CN", "EUC_KR", "EUC_TW", "EUC_JIS_2004", "UTF8", "MULE_INTERNAL", "LATIN1", "LATIN2", "LATIN3"),
    *("LATIN4", "LATIN5", "LATIN6", "LATIN7", "LATIN8", "LATIN9", "LATIN10", "WIN1256", "WIN1258", "WIN866", "WIN874", "KOI8R"),
    *("WIN1251", "WIN1252", "ISO_8859_5", "ISO_8859_6", "ISO_8859_7", "ISO_8859_8", "WIN1250", "WIN1253", "WIN1254", "WIN1255"),
    *("WIN1257", "KOI8U", "SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "SHIFT_JIS_2004"),
)
"""PostgreSQL's, in the order of their numbers (https://www.postgresql.org/docs/15/multibyte.html)."""


@scalar("pg_encoding_name", ["INTEGER"], "VARCHAR")
def encoding_name(number: int) -> str:
    return _ENCODINGS[number] if 0 <= number < len(_ENCODINGS) else ""


@scalar("pg_encoding_number", ["VARCHAR"], "INTEGER")
def _encoding_number(name: str) -> int:
    plain = "".join(filter(str.isalnum, name)).upper()
    plain = {"UNICODE": "UTF8"}.get(plain, plain)
    return next((i for i, known in enumerate(_ENCODINGS) if known.replace("_", "") == plain), -1)


function("pg_encoding_to_char", "int4", "pg_encoding_name({0})")
function("pg_char_to_encoding", "name", "pg_encoding_number({0})")
function("pg_encoding_max_length", "int4", f"(CASE WHEN {{0}} = {_UTF8} THEN 4 WHEN {{0}} IS NOT NULL THEN 1 END)")
function("getdatabaseencoding pg_client_encoding", "", "'UTF8'")
