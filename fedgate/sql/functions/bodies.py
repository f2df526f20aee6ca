"""Functions over the system catalogs as SQL bodies: the binder puts the body in place of the call, as PostgreSQL inlines its own.

Contract: `body` gives one SELECT of one row and one column over pg_catalog, with the arguments as $1…$n (each may stand in it more
than once). What depends on the search path is written into the text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_PG_CLASS: Final = 1259
Path = tuple[str, ...]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _visible(path: Path) -> str:
    """The OIDs of the relations that their plain names mean."""
    places = ", ".join(f"({_quoted(schema)}, {place})" for place, schema in enumerate(path))
    return (
        "SELECT DISTINCT ON (c.relname) c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        f"JOIN (VALUES {places}) p(nspname, place) ON p.nspname = n.nspname ORDER BY c.relname, p.place"
    )


def _table_is_visible(path: Path) -> str:
    return f"SELECT CASE WHEN $1 IN ({_visible(path)}) THEN true WHEN $1 IN (SELECT oid FROM pg_catalog.pg_class) THEN false END"


def _class_name(path: Path) -> str:
    """The text of a regclass."""
    name = (
        f"SELECT CASE WHEN c.oid IN ({_visible(path)}) THEN quote_ident(c.relname::text) "
        "ELSE quote_ident(n.nspname::text) || '.' || quote_ident(c.relname::text) END "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid"
    )
    return f"SELECT CASE WHEN $1::oid = 0 THEN '-' ELSE coalesce(({name}), $1::oid::text) END"


def _to_regclass(path: Path) -> str:
    """Unquoted names are folded; quotes stand around whole parts. All ways to write a name are listed, to be looked up at once."""
    folded = "CASE WHEN strpos($1, '\"') > 0 THEN $1 ELSE lower($1) END"
    plain, quoted = "quote_ident({0}::text)", "'\"' || {0}::text || '\"'"
    whole = "SELECT c.oid, {} AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    alone = f"SELECT c.oid, {{}} AS name FROM pg_catalog.pg_class c WHERE c.oid IN ({_visible(path)})"
    written = " UNION ALL ".join(
        [
            whole.format(f"{s.format('n.nspname')} || '.' || {r.format('c.relname')}")
            for s in (plain, quoted)
            for r in (plain, quoted)
        ]
        + [alone.format(form.format("c.relname")) for form in (plain, quoted)]
    )
    return f"SELECT max(k.oid)::regclass FROM ({written}) k WHERE k.name = {folded}"


def _current_schemas(path: Path) -> str:
    """Those of the search path that exist; the implicit pg_catalog only when asked for."""
    places = ", ".join(f"({_quoted(schema)}, {place})" for place, schema in enumerate(path))
    return (
        f"SELECT array_agg(p.nspname::name ORDER BY p.place) FROM (VALUES {places}) p(nspname, place) "
        "JOIN pg_catalog.pg_namespace n ON n.nspname = p.nspname WHERE $1 OR p.nspname !~ '^pg_(catalog$|temp_)'"
    )


def _in_path(path: Path, relation: str, schema: str) -> str:
    names = ", ".join(map(_quoted, path))
    return (
        f"SELECT (SELECT x.{schema} IN (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname IN ({names})) "
        f"FROM pg_catalog.{relation} x WHERE x.oid = $1)"
    )


def _type_name(path: Path) -> str:
    """The text of a regtype: of row types, and arrays of them, the relation's name."""
    names = ", ".join(map(_quoted, path))
    row_type = (
        f"SELECT CASE WHEN n.nspname IN ({names}) THEN '' ELSE quote_ident(n.nspname::text) || '.' END || "
        "quote_ident(coalesce(e.typname, t.typname)::text) || CASE WHEN e.oid IS NULL THEN '' ELSE '[]' END "
        "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
        "LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem WHERE t.oid = $1::oid"
    )
    return (
        f"SELECT CASE WHEN $1::oid = 0 THEN '-' WHEN $1::oid < 14000 THEN format_type($1::oid, NULL) "
        f"ELSE coalesce(({row_type}), $1::oid::text) END"
    )


def _type_is_visible(path: Path) -> str:
    """Names of types are rarely taken twice: those of the path's schemas are visible."""
    return _in_path(path, "pg_type", "typnamespace")


def _function_is_visible(path: Path) -> str:
    return _in_path(path, "pg_proc", "pronamespace")


def _fixed(text: str) -> Callable[[Path], str]:
    return lambda path: text


_OWNER = (
    "SELECT CASE WHEN $1 IS NOT NULL THEN coalesce((SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = $1), "
    "('unknown (OID=' || $1::text || ')')::name) END"
)
_VIEW = (
    "SELECT v.definition FROM pg_catalog.pg_views v JOIN pg_catalog.pg_class c ON c.relname = v.viewname "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = v.schemaname WHERE c.oid = $1"
)
_CONSTRAINT = (
    "SELECT 'PRIMARY KEY (' || string_agg(quote_ident(a.attname::text), ', ' ORDER BY array_position(c.conkey, a.attnum)) || ')' "
    "FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) "
    "WHERE c.oid = $1"
)
_VIEW_BY_NAME = (
    "SELECT v.definition FROM pg_catalog.pg_views v JOIN pg_catalog.pg_class c ON c.relname = v.viewname "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = v.schemaname "
    "WHERE c.oid = pg_catalog.to_regclass($1)"
)
_RULE = (
    "SELECT 'CREATE RULE \"' || r.rulename || '\" AS' || E'\\n    ON SELECT TO ' || {name} || ' DO INSTEAD ' || v.definition "
    "FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace n "
    "ON n.oid = c.relnamespace JOIN pg_catalog.pg_views v ON v.viewname = c.relname AND v.schemaname = n.nspname WHERE r.oid = $1"
)
_WHOLE_NAME = "quote_ident(n.nspname::text) || '.' || quote_ident(c.relname::text)"
_SHORT_NAME = "quote_ident(c.relname::text)"
_INDEX = (
    "SELECT 'CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ' || quote_ident(x.relname::text) "
    "|| ' ON ' || {name} || ' USING ' || m.amname || ' (' || "
    "(SELECT string_agg(quote_ident(a.attname::text), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = i.indexrelid) || ')' FROM pg_catalog.pg_index i "
    "JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam "
    "JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE i.indexrelid = $1"
)
_INDEX_PART = (
    f"SELECT CASE WHEN $2 <> 0 THEN (SELECT quote_ident(a.attname::text) FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1 "
    f"AND a.attnum = $2) WHEN $3 THEN ({_INDEX.format(name=_SHORT_NAME)}) ELSE ({_INDEX.format(name=_WHOLE_NAME)}) END"
)
_FUNCTION_TEXT = (
    "SELECT 'CREATE OR REPLACE ' || CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || quote_ident(n.nspname::text) "
    "|| '.' || quote_ident(p.proname::text) || '(' || pg_catalog.pg_get_function_arguments(p.oid) || E')\\n' || "
    "CASE WHEN p.prokind = 'p' THEN '' ELSE ' RETURNS ' || pg_catalog.pg_get_function_result(p.oid) || E'\\n' END || "
    "' LANGUAGE ' || l.lanname || E'\\n' || CASE WHEN f.flags <> '' THEN f.flags || E'\\n' ELSE '' END || 'AS $function$' "
    "|| p.prosrc || E'$function$\\n' FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
    "JOIN pg_catalog.pg_language l ON l.oid = p.prolang, "
    "LATERAL (SELECT CASE WHEN p.prokind = 'w' THEN ' WINDOW' ELSE '' END || "
    "CASE p.provolatile WHEN 'i' THEN ' IMMUTABLE' WHEN 's' THEN ' STABLE' ELSE '' END || "
    "CASE p.proparallel WHEN 's' THEN ' PARALLEL SAFE' WHEN 'r' THEN ' PARALLEL RESTRICTED' ELSE '' END || "
    "CASE WHEN p.proisstrict THEN ' STRICT' ELSE '' END || CASE WHEN p.prosecdef THEN ' SECURITY DEFINER' ELSE '' END || "
    "CASE WHEN p.proleakproof THEN ' LEAKPROOF' ELSE '' END AS flags) f WHERE p.oid = $1 AND p.prokind <> 'a'"
)
# What may be seen may be read: one more function of the kind says which privilege that is.
_RIGHT = "SELECT CASE WHEN {oid} IN (SELECT c.oid FROM pg_catalog.pg_class c) THEN has_type_privilege(23::oid, {privilege}) END"
_RIGHT_BY_NAME = (
    "SELECT CASE WHEN {name} IS NOT NULL AND {privilege} IS NOT NULL THEN "
    "has_type_privilege(({name}::text)::regclass::oid, {privilege}) END"
)
_SHARED_COMMENT = (
    "SELECT max(d.description) FROM pg_catalog.pg_shdescription d JOIN pg_catalog.pg_class c ON c.oid = d.classoid "
    "WHERE d.objoid = $1 AND c.relname = $2 AND c.relnamespace = 11"
)
_REGROLE = "SELECT r.oid::regrole FROM pg_catalog.pg_roles r WHERE r.rolname = $1"
_MINE = "SELECT a.{column} FROM pg_catalog.pg_stat_activity a WHERE a.pid = pg_catalog.pg_backend_pid()"
_PORT = "SELECT s.setting::integer FROM pg_catalog.pg_settings s WHERE s.name = 'port'"
_OBJECT_COMMENT = (
    "SELECT max(d.description) FROM pg_catalog.pg_description d JOIN pg_catalog.pg_class c ON c.oid = d.classoid "
    "WHERE d.objoid = $1 AND d.objsubid = 0 AND c.relname = $2 AND c.relnamespace = 11"
)
_ANY_COMMENT = "SELECT max(d.description) FROM pg_catalog.pg_description d WHERE d.objoid = $1 AND d.objsubid = 0"
_COLUMN_COMMENT = (
    "SELECT max(d.description) FROM pg_catalog.pg_description d "
    f"WHERE d.objoid = $1 AND d.classoid = {_PG_CLASS} AND d.objsubid = $2"
)
_TYPE = (
    "SELECT t.oid::regtype FROM pg_catalog.pg_type t WHERE t.typname = lower($1) OR format_type(t.oid, NULL) = lower($1) LIMIT 1"
)
_NAMESPACE = "SELECT n.oid::regnamespace FROM pg_catalog.pg_namespace n WHERE n.nspname = $1"
_FUNCTION = "SELECT CASE WHEN count(*) = 1 THEN max(p.oid)::regproc END FROM pg_catalog.pg_proc p WHERE p.proname = $1"
_NAMESPACE_NAME = (
    "SELECT coalesce((SELECT quote_ident(n.nspname::text) FROM pg_catalog.pg_namespace n WHERE n.oid = $1::oid), $1::oid::text)"
)
_FUNCTION_NAME = (
    "SELECT CASE WHEN $1::oid = 0 THEN '-' ELSE coalesce((SELECT CASE WHEN p.pronamespace <> 11 THEN 'information_schema.' "
    "WHEN (SELECT count(*) FROM pg_catalog.pg_proc o WHERE o.proname = p.proname) > 1 THEN 'pg_catalog.' ELSE '' END "
    "|| quote_ident(p.proname::text) FROM pg_catalog.pg_proc p WHERE p.oid = $1::oid), $1::oid::text) END"
)
_ARGUMENT_TYPES = (
    "coalesce((SELECT string_agg(format_type(a.x, NULL), ',' ORDER BY a.n) FROM unnest(p.proargtypes) WITH ORDINALITY a(x, n)), '')"
)
_PROCEDURE_NAME = (
    "SELECT CASE WHEN $1::oid = 0 THEN '-' ELSE coalesce("
    "(SELECT CASE WHEN p.pronamespace = 11 THEN '' ELSE 'information_schema.' END || quote_ident(p.proname::text) "
    f"|| '(' || {_ARGUMENT_TYPES} || ')' FROM pg_catalog.pg_proc p WHERE p.oid = $1::oid), $1::oid::text) END"
)
_OPERATOR_NAME = (
    "SELECT coalesce((SELECT CASE WHEN (SELECT count(*) FROM pg_catalog.pg_operator s WHERE s.oprname = o.oprname) = 1 THEN '' "
    "ELSE 'pg_catalog.' END || o.oprname::text FROM pg_catalog.pg_operator o WHERE o.oid = $1::oid), $1::oid::text)"
)
_OPERAND = "CASE WHEN o.{0} = 0 THEN 'NONE' ELSE format_type(o.{0}, NULL) END"
_OPERATOR_OF_TYPES = (
    f"SELECT coalesce((SELECT o.oprname::text || '(' || {_OPERAND.format('oprleft')} || ',' || {_OPERAND.format('oprright')} "
    "|| ')' FROM pg_catalog.pg_operator o WHERE o.oid = $1::oid), $1::oid::text)"
)
_ROLE_NAME = (
    "SELECT coalesce((SELECT quote_ident(r.rolname::text) FROM pg_catalog.pg_roles r WHERE r.oid = $1::oid), $1::oid::text)"
)
_RESULT = (
    "SELECT CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END || format_type(p.prorettype, NULL) "
    "FROM pg_catalog.pg_proc p WHERE p.oid = $1"
)
_SETTING = "SELECT s.setting FROM pg_catalog.pg_settings s WHERE lower(s.name) = lower($1)"
_SETTING_OR_ERROR = f"SELECT CASE WHEN $1 IS NULL THEN NULL ELSE coalesce(({_SETTING}), {{error}}) END"

# pg_proc OID -> its body.
_BODIES: Final[dict[int, Callable[[Path], str]]] = {
    1642: _fixed(_OWNER),  # pg_get_userbyid(oid)
    1403: _current_schemas,  # current_schemas(boolean)
    2079: _table_is_visible,  # pg_table_is_visible(oid)
    1641: _fixed(_VIEW),  # pg_get_viewdef(oid)
    2506: _fixed(_VIEW),  # pg_get_viewdef(oid, boolean)
    1387: _fixed(_CONSTRAINT),  # pg_get_constraintdef(oid)
    2508: _fixed(_CONSTRAINT),  # pg_get_constraintdef(oid, boolean)
    1215: _fixed(_OBJECT_COMMENT),  # obj_description(oid, name)
    1348: _fixed(_ANY_COMMENT),  # obj_description(oid)
    1216: _fixed(_COLUMN_COMMENT),  # col_description(oid, integer)
    3495: _to_regclass,  # to_regclass(text)
    3493: _fixed(_TYPE),  # to_regtype(text)
    4086: _fixed(_NAMESPACE),  # to_regnamespace(text)
    3494: _fixed(_FUNCTION),  # to_regproc(text)
    2077: _fixed(_SETTING_OR_ERROR.format(error="$2")),  # current_setting(text)
    # current_setting(text, boolean)
    3294: _fixed(f"SELECT CASE WHEN $2 THEN ({_SETTING}) ELSE ({_SETTING_OR_ERROR.format(error='$3')}) END"),
    2165: _fixed(_RESULT),  # pg_get_function_result(oid)
    1640: _fixed(_VIEW_BY_NAME),  # pg_get_viewdef(text)
    2505: _fixed(_VIEW_BY_NAME),  # pg_get_viewdef(text, boolean)
    3159: _fixed(_VIEW),  # pg_get_viewdef(oid, integer)
    1573: _fixed(_RULE.format(name=_WHOLE_NAME)),  # pg_get_ruledef(oid)
    2504: _fixed(_RULE.format(name=_SHORT_NAME)),  # pg_get_ruledef(oid, boolean)
    1643: _fixed(_INDEX.format(name=_WHOLE_NAME)),  # pg_get_indexdef(oid)
    2507: _fixed(_INDEX_PART),  # pg_get_indexdef(oid, integer, boolean)
    2098: _fixed(_FUNCTION_TEXT),  # pg_get_functiondef(oid)
    1923: _fixed(_RIGHT.format(oid="$2", privilege="$3")),  # has_table_privilege(name, oid, text)
    1925: _fixed(_RIGHT.format(oid="$2", privilege="$3")),  # has_table_privilege(oid, oid, text)
    1927: _fixed(_RIGHT.format(oid="$1", privilege="$2")),  # has_table_privilege(oid, text)
    1922: _fixed(_RIGHT_BY_NAME.format(name="$2", privilege="$3")),  # has_table_privilege(name, text, text)
    1924: _fixed(_RIGHT_BY_NAME.format(name="$2", privilege="$3")),  # has_table_privilege(oid, text, text)
    1926: _fixed(_RIGHT_BY_NAME.format(name="$1", privilege="$2")),  # has_table_privilege(text, text)
    2080: _type_is_visible,  # pg_type_is_visible(oid)
    2081: _function_is_visible,  # pg_function_is_visible(oid)
    1993: _fixed(_SHARED_COMMENT),  # shobj_description(oid, name)
    4093: _fixed(_REGROLE),  # to_regrole(text)
    2196: _fixed(_MINE.format(column="client_addr")),  # inet_client_addr()
    2197: _fixed(_MINE.format(column="client_port")),  # inet_client_port()
    2199: _fixed(_PORT),  # inet_server_port()
}

# pg_proc OID -> SQLSTATE and message of the error that the body raises; {} is the first argument. In the body it is the parameter
# after the arguments.
_ERRORS: Final[dict[int, tuple[str, str]]] = dict.fromkeys((2077, 3294), ("42704", 'unrecognized configuration parameter "{}"'))

TYPE_NAMES: Final = (
    "SELECT CASE WHEN $1 IS NOT NULL THEN ARRAY(SELECT format_type(u.x, NULL) FROM unnest($1::oid[]) WITH ORDINALITY u(x, n) "
    "ORDER BY n) END"
)
"""The names of the types in an array of regtype."""

# reg* type -> the body of its text.
_NAMES: Final[dict[int, Callable[[Path], str]]] = {
    2205: _class_name,
    2206: _type_name,
    4089: _fixed(_NAMESPACE_NAME),
    24: _fixed(_FUNCTION_NAME),
    2202: _fixed(_PROCEDURE_NAME),
    2203: _fixed(_OPERATOR_NAME),
    2204: _fixed(_OPERATOR_OF_TYPES),
    4096: _fixed(_ROLE_NAME),
}


# reg* type -> the lookup of its text, and SQLSTATE and message of the error where there is no such object.
_INPUTS: Final[dict[int, tuple[Callable[[Path], str], str, str]]] = {
    2205: (_to_regclass, "42P01", 'relation "{}" does not exist'),
    2206: (_fixed(_TYPE), "42704", 'type "{}" does not exist'),
    4089: (_fixed(_NAMESPACE), "3F000", 'schema "{}" does not exist'),
}
_MEANT: Final = "coalesce(({found})::oid::text, $2)"
_NUMBERED: Final = f"CASE WHEN $1 = '-' THEN '0' WHEN $1 ~ '^[0-9]+$' THEN $1 ELSE {_MEANT} END"


def body(oid: int, search_path: tuple[str, ...]) -> str | None:
    """The body of pg_proc `oid` under a search path, None when it has none."""
    make = _BODIES.get(oid)
    return make(_effective(search_path)) if make is not None else None


def body_error(oid: int) -> tuple[str, str] | None:
    """SQLSTATE and message (with {} for the first argument) of the error that a body may raise, None when it raises none."""
    return _ERRORS.get(oid)


def name_body(type_oid: int, search_path: tuple[str, ...]) -> str | None:
    """The body that turns a value of a reg* type into its text, None for other types."""
    make = _NAMES.get(type_oid)
    return make(_effective(search_path)) if make is not None else None


def input_body(type_oid: int, type_name: str, search_path: tuple[str, ...]) -> tuple[str, tuple[str, str]] | None:
    """The body that turns a text into a reg* type's value, and its error (see `body_error`); None for other types."""
    if (known := _INPUTS.get(type_oid)) is None:
        return None
    make, sqlstate, message = known
    # text to regclass is a cast of its own, which takes names only; the others go through the type's input function.
    number = (_MEANT if type_name == "regclass" else _NUMBERED).format(found=make(_effective(search_path)))
    return f"SELECT CASE WHEN $1 IS NOT NULL THEN ({number})::bigint::oid::{type_name} END", (sqlstate, message)


def _effective(search_path: tuple[str, ...]) -> Path:
    if "pg_catalog" in search_path:
        return search_path
    temp = search_path[:1] if search_path and search_path[0].startswith("pg_temp_") else ()
    return (*temp, "pg_catalog", *search_path[len(temp) :])
