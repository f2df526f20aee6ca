"""Array functions and operators. Arrays have one dimension here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fedgate.sql.functions.carriers import E, Emit, carrier_duck, element, error
from fedgate.sql.functions.emit import key, output_list, to_carrier
from fedgate.sql.functions.table import function, operator
from fedgate.sql.functions.udf import macro, scalar
from fedgate.types import SqlType

_T = "VARCHAR"


def _fit(a: E, t: SqlType) -> str:
    """A scalar or array in the default carrier of array type `t` or its element."""
    target = t if a.type.pg.is_array else element(t)
    value = to_carrier(E(a.sql, a.type, a.dec, a.literal, a.value), None)
    return f"CAST({value.sql} AS {carrier_duck(target, None)})"


def _empty_as_nothing(sql: str) -> str:
    return f"coalesce({sql}, [])"


def _cat(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    left, right = (_fit(e, node.type) for e in a)
    return f"CASE WHEN {left} IS NULL THEN {right} WHEN {right} IS NULL THEN {left} ELSE list_concat({left}, {right}) END"


def _append(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    return f"list_append({_empty_as_nothing(_fit(a[0], node.type))}, {_fit(a[1], node.type)})"


def _prepend(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    return f"list_prepend({_fit(a[0], node.type)}, {_empty_as_nothing(_fit(a[1], node.type))})"


def _operator(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    if a[0].type.pg.is_array and a[1].type.pg.is_array:
        return _cat(cx, a, node)
    return _append(cx, a, node) if a[0].type.pg.is_array else _prepend(cx, a, node)


function("array_cat", "anyarray, anyarray", _cat)
function("array_append", "anyarray, any", _append)
function("array_prepend", "any, anyarray", _prepend)
operator("||", "anyarray, anyarray", _operator)
operator("||", "anyarray, any", _operator)
operator("||", "any, anyarray", _operator)


def _keyed(a: E) -> str:
    """The array with its elements in comparable form."""
    item = E("x", element(a.type), a.dec)
    return a.sql if key(item) == "x" else f"list_transform({a.sql}, lambda x: {key(item)})"


def _both(template: str) -> Callable[..., str]:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> str:
        left, right = (to_carrier(e, None) if a[0].dec != a[1].dec else e for e in a)
        return template.format(_keyed(left), _keyed(right))

    return lower


operator("@>", "anyarray, anyarray", _both("pg_contains({0}, {1})"))
operator("<@", "anyarray, anyarray", _both("pg_contains({1}, {0})"))
operator("&&", "anyarray, anyarray", _both("list_has_any({0}, {1})"))
macro(
    "pg_contains",
    "a, b",
    "CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE len(list_filter(b, lambda x: x IS NULL)) = 0 AND list_has_all(a, b) END",
)

# -- sizes and places ---------------------------------------------------------------------------------------------------------

macro("pg_array_length", "a, d", "CASE WHEN d = 1 AND len(a) > 0 THEN CAST(len(a) AS INTEGER) END")
macro("pg_array_lower", "a, d", "CASE WHEN d = 1 AND len(a) > 0 THEN CAST(1 AS INTEGER) END")
function("array_length array_upper", "anyarray, int4", "pg_array_length({0}, {1})")
function("array_lower", "anyarray, int4", "pg_array_lower({0}, {1})")
function("cardinality", "anyarray", "CAST(len({0}) AS INTEGER)")
function("array_ndims", "anyarray", "CASE WHEN len({0}) > 0 THEN CAST(1 AS INTEGER) END")
function("array_dims", "anyarray", "CASE WHEN len({0}) > 0 THEN '[1:' || CAST(len({0}) AS VARCHAR) || ']' END")


_NO_START = error("22004", "initial position must not be null")


def _position(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    array, item = _keyed(to_carrier(a[0], None)), key(to_carrier(a[1], None))
    start = a[2].sql if len(a) > 2 else "1"
    matches = f"list_filter({array}, lambda x, i: i >= {start} AND x IS NOT DISTINCT FROM {item})"
    places = (
        f"list_filter(range(1, len({array}) + 1), lambda i: i >= {start} AND list_extract({array}, i) IS NOT DISTINCT FROM {item})"
    )
    known = "" if len(a) < 3 else f"WHEN {array} IS NOT NULL AND {start} IS NULL THEN {_NO_START} "
    return f"CASE {known}WHEN len({matches}) > 0 THEN CAST(list_extract({places}, 1) AS INTEGER) END"


def _positions(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    array, item = _keyed(to_carrier(a[0], None)), key(to_carrier(a[1], None))
    places = f"list_filter(range(1, len({array}) + 1), lambda i: list_extract({array}, i) IS NOT DISTINCT FROM {item})"
    return f"CASE WHEN {array} IS NOT NULL THEN CAST({places} AS INTEGER[]) END"


function("array_position", "anyarray, any", _position)
function("array_position", "anyarray, any, int4", _position)
function("array_positions", "anyarray, any", _positions)


def _remove(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    item = E("x", element(a[0].type), None)
    array, out = to_carrier(a[0], None), to_carrier(a[1], None)
    return E(f"list_filter({array.sql}, lambda x: {key(item)} IS DISTINCT FROM {key(out)})", node.type)


def _replace(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    item = E("x", element(a[0].type), None)
    array, old, new = (to_carrier(e, None) for e in a)
    body = f"CASE WHEN {key(item)} IS NOT DISTINCT FROM {key(old)} THEN {new.sql} ELSE x END"
    return E(f"list_transform({array.sql}, lambda x: {body})", node.type)


function("array_remove", "anyarray, any", _remove)
function("array_replace", "anyarray, any, any", _replace)
macro(
    "pg_trim_array",
    "a, n",
    "CASE WHEN n < 0 OR n > len(a) THEN error('SQLSTATE:2202E:number of elements to trim must be between 0 and ' || len(a))"
    " ELSE list_slice(a, 1, len(a) - n) END",
)
function("trim_array", "anyarray, int4", "pg_trim_array({0}, {1})")

# -- text ---------------------------------------------------------------------------------------------------------------------


def _to_string(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    return f"pg_array_join({output_list(cx, a[0])}, {a[1].sql}, {a[2].sql if len(a) > 2 else 'CAST(NULL AS VARCHAR)'})"


@scalar("pg_array_join", ["VARCHAR[]", _T, _T], _T, strict=False)
def array_join(items: list[str | None] | None, glue: str | None, null: str | None) -> str | None:
    if items is None or glue is None:
        return None
    return glue.join(i if i is not None else (null or "") for i in items if i is not None or null is not None)


function("array_to_string", "anyarray, string", _to_string)
function("array_to_string", "anyarray, string, string", _to_string)


@scalar("pg_string_to_array", [_T, _T, _T], "VARCHAR[]", strict=False)
def string_to_array(text: str | None, glue: str | None, null: str | None) -> list[str | None] | None:
    if text is None:
        return None
    parts: list[str] = [] if text == "" else list(text) if glue is None else [text] if glue == "" else text.split(glue)
    return [None if null is not None and p == null else p for p in parts]


function("string_to_array", "string, string", "pg_string_to_array({0}, {1}, CAST(NULL AS VARCHAR))")
function("string_to_array", "string, string, string", "pg_string_to_array({0}, {1}, {2})")


def _fill(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    value = to_carrier(a[0], None)
    return f"list_resize(CAST([] AS {carrier_duck(node.type, None)}), pg_fill_length({a[1].sql}), {value.sql})"


macro(
    "pg_fill_length",
    "d",
    f"CASE WHEN d IS NULL THEN {error('22004', 'dimension array or low bound array cannot be null')}"
    f" WHEN len(list_filter(d, lambda x: x IS NULL)) > 0 THEN {error('22004', 'dimension values cannot be null')}"
    f" WHEN len(d) > 1 THEN {error('0A000', 'arrays of more than one dimension are not supported')}"
    f" WHEN d[1] < 0 THEN {error('22023', 'array size cannot be negative')} ELSE coalesce(d[1], 0) END",
)


function("array_fill", "any, _int4", _fill)
