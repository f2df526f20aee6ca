"""json and jsonb. Both travel as text, jsonb's canonical, so that a part of a canonical text is canonical itself."""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecoder
from typing import Any

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions import records  # noqa: F401  (registers its function)
from fedgate.sql.functions.carriers import E, Emit, element, quote
from fedgate.sql.functions.emit import TEXT, as_output, as_text, dyn, iso_output
from fedgate.sql.functions.table import function, operator, srf
from fedgate.sql.functions.udf import scalar
from fedgate.types import RECORD, SqlType
from fedgate.types.json_text import canonical_jsonb, check_escapes, checked_text, quote_json

_T = "VARCHAR"
JSON, JSONB = SqlType(114), SqlType(3802)
_DECODER = JSONDecoder()
_SPACE = " \t\n\r"


# -- reading ------------------------------------------------------------------------------------------------------------------


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def members(text: str) -> Iterator[tuple[str | None, str]]:
    """The members of an object (key, text of the value) or the elements of an array (None, text); nothing for a scalar.

    Raises SqlError 22P05 or 22P02 for a string anywhere in it that text cannot hold.
    """
    check_escapes(text)
    return _parts(text)


def _parts(text: str) -> Iterator[tuple[str | None, str]]:
    at = _skip(text, 0)
    if at >= len(text) or text[at] not in "{[":
        return
    is_object = text[at] == "{"
    at = _skip(text, at + 1)
    while at < len(text) and text[at] not in "}]":
        key = None
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        yield key, text[at:end]
        at = _skip(text, end)
        if at < len(text) and text[at] == ",":
            at = _skip(text, at + 1)


def kind(text: str) -> str:
    """json_typeof."""
    first = text.lstrip(_SPACE)[:1]
    return {"{": "object", "[": "array", '"': "string", "t": "boolean", "f": "boolean", "n": "null"}.get(first, "number")


def as_plain(text: str | None) -> str | None:
    """->>: a string without its quotes, null as NULL."""
    if text is None or kind(text) == "null":
        return None
    return checked_text(_DECODER.decode(text.strip(_SPACE))) if kind(text) == "string" else text


def by_key(text: str, key: str) -> str | None:
    found = None
    for name, value in members(text):
        if name == key:
            found = value
    return found if kind(text) == "object" else None


def by_index_jsonb(text: str, index: int) -> str | None:
    """jsonb keeps a scalar as an array of one, and -> shows it."""
    return by_index(text if kind(text) in ("object", "array") else f"[{text}]", index)


def by_index(text: str, index: int) -> str | None:
    if kind(text) != "array":
        return None
    items = [value for _, value in members(text)]
    return items[index] if -len(items) <= index < len(items) else None


def by_path(text: str, path: list[str | None]) -> str | None:
    at: str | None = text
    for step in path:
        if step is None or at is None:
            return None
        if kind(at) == "array":
            body = step.strip()
            at = by_index(at, int(body)) if body.lstrip("+-").isdigit() else None
        else:
            at = by_key(at, step)
    return at


scalar("json_by_key", [_T, _T], _T)(by_key)
scalar("json_by_index", [_T, "INTEGER"], _T)(by_index)
scalar("jsonb_by_index", [_T, "INTEGER"], _T)(by_index_jsonb)
scalar("json_by_path", [_T, "VARCHAR[]"], _T)(by_path)
scalar("json_plain", [_T], _T)(as_plain)
scalar("json_kind", [_T], _T)(kind)
for _j in ("json", "jsonb"):
    operator("->", f"{_j}, string", "json_by_key({0}, {1})")
    operator("->", f"{_j}, int4", f"{_j}_by_index({{0}}, {{1}})")
    operator("->>", f"{_j}, string", "json_plain(json_by_key({0}, {1}))")
    operator("->>", f"{_j}, int4", f"json_plain({_j}_by_index({{0}}, {{1}}))")
    operator("#>", f"{_j}, _text", "json_by_path({0}, {1})")
    operator("#>>", f"{_j}, _text", "json_plain(json_by_path({0}, {1}))")
    function(f"{_j}_typeof", _j, "json_kind({0})")


def _path_function(plain: bool) -> Any:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> str:
        path = a[1].sql if node.variadic else f"CAST([{', '.join(e.sql for e in a[1:])}] AS VARCHAR[])"
        found = f"json_by_path({a[0].sql}, {path})"
        return f"json_plain({found})" if plain else found

    return lower


for _j in ("json", "jsonb"):
    function(f"{_j}_extract_path", f"{_j}, text|_text...", _path_function(False))
    function(f"{_j}_extract_path_text", f"{_j}, text|_text...", _path_function(True))


@scalar("json_length", [_T], "INTEGER")
def json_length(text: str) -> int:
    if kind(text) != "array":
        raise SqlError("22023", f"cannot get array length of {'a non-array' if kind(text) == 'object' else 'a scalar'}")
    return sum(1 for _ in _parts(text))


function("json_array_length", "json", "json_length({0})")
function("jsonb_array_length", "jsonb", "json_length({0})")

# -- casts ----------------------------------------------------------------------------------------------------------------------


@scalar("jsonb_to_numeric", [_T], _T)
def to_numeric(text: str) -> str | None:
    if kind(text) != "number":
        raise SqlError("22023", f"cannot cast jsonb {kind(text)} to type numeric")
    return text


@scalar("jsonb_to_bool", [_T], "BOOLEAN")
def to_bool(text: str) -> bool:
    if kind(text) != "boolean":
        raise SqlError("22023", f"cannot cast jsonb {kind(text)} to type boolean")
    return text == "true"


# -- changing -----------------------------------------------------------------------------------------------------------------


def as_object(pairs: Any) -> str:
    """The canonical object of pairs of a key and a value's text."""
    return canonical_jsonb("{" + ",".join(f"{quote_json(k)}:{v}" for k, v in pairs) + "}")


def _array(items: Any) -> str:
    return "[" + ", ".join(items) + "]"


@scalar("jsonb_concat", [_T, _T], _T)
def concat(a: str, b: str) -> str:
    if kind(a) == kind(b) == "object":
        return as_object({**dict(members(a)), **dict(members(b))}.items())
    sides = [[v for _, v in members(x)] if kind(x) == "array" else [x] for x in (a, b)]
    return _array(sides[0] + sides[1])


@scalar("jsonb_without", [_T, "VARCHAR[]"], _T)
def without(text: str, keys: list[str | None]) -> str:
    what = kind(text)
    if what == "object":
        return as_object((k, v) for k, v in members(text) if k not in keys)
    if what == "array":
        return _array(v for _, v in members(text) if not (kind(v) == "string" and as_plain(v) in keys))
    raise SqlError("22023", "cannot delete from scalar")


@scalar("jsonb_without_index", [_T, "INTEGER"], _T)
def without_index(text: str, index: int) -> str:
    if kind(text) == "object":
        raise SqlError("22023", "cannot delete from object using integer index")
    if kind(text) != "array":
        raise SqlError("22023", "cannot delete from scalar")
    items = [v for _, v in members(text)]
    at = index + len(items) if index < 0 else index
    return _array(v for i, v in enumerate(items) if i != at)


operator("||", "jsonb, jsonb", "jsonb_concat({0}, {1})")
operator("-", "jsonb, string", "CASE WHEN {1} IS NOT NULL THEN jsonb_without({0}, [{1}]) END")
operator("-", "jsonb, _text", "jsonb_without({0}, {1})")
operator("-", "jsonb, int4", "jsonb_without_index({0}, {1})")


def _stripped(text: str) -> str:
    if kind(text) == "object":
        return "{" + ",".join(f"{quote_json(str(k))}:{_stripped(v)}" for k, v in members(text) if kind(v) != "null") + "}"
    return "[" + ",".join(_stripped(v) for _, v in members(text)) + "]" if kind(text) == "array" else text


def _pretty(text: str, indent: int = 0) -> str:
    pad = "    " * (indent + 1)
    if kind(text) not in ("object", "array"):
        return text
    items = [(f"{quote_json(k)}: " if k is not None else "") + _pretty(v, indent + 1) for k, v in members(text)]
    ends = "{}" if kind(text) == "object" else "[]"
    return f"{ends[0]}\n" + ",\n".join(pad + i for i in items) + ("\n" if items else "") + f"{'    ' * indent}{ends[1]}"


scalar("json_strip_nulls", [_T], _T)(_stripped)
scalar("jsonb_pretty_text", [_T], _T)(lambda text: _pretty(text))
function("json_strip_nulls", "json", "json_strip_nulls({0})")
function("jsonb_strip_nulls", "jsonb", "pg_in_jsonb(json_strip_nulls({0}))")
function("jsonb_pretty", "jsonb", "jsonb_pretty_text({0})")

# -- writing ------------------------------------------------------------------------------------------------------------------

scalar("json_quote_text", [_T], _T)(quote_json)
scalar("json_number", [_T], _T)(lambda text: quote_json(text) if text[-1].isalpha() or text[-1] == "y" else text)
scalar("json_time", [_T], _T)(lambda text: quote_json(_iso(text)))


def _iso(text: str) -> str:
    """A timestamp's text in ISO 8601, as JSON has it."""
    if text.endswith("infinity"):
        return text
    era = " BC" if text.endswith(" BC") else ""
    body = text.removesuffix(" BC").replace(" ", "T", 1)
    sign = max(body.rfind("+"), body.rfind("-", 11))
    return body + (":00" if sign > 0 and len(body) - sign == 3 else "") + era


def written(cx: Emit, e: E) -> str:
    """`e` as JSON text; NULL stays NULL."""
    if e.fields is not None:
        text = "(" + joined([f"{quote(quote_json(name) + ':')} || {member(cx, value)}" for name, value in e.fields], "{", "}") + ")"
        return text if e.present is None else f"CASE WHEN {e.present} IS NOT NULL THEN {text} END"
    if e.oid in (114, 3802):
        return e.sql
    if e.oid == RECORD:
        raise unsupported("JSON of a row whose fields are not known", hint="row_to_json writes rows that are written out.")
    if e.type.pg.is_array:
        return f"('[' || array_to_string({element_members(cx, e)}, ',') || ']')"
    if e.oid == 16:
        return as_text(cx, e)
    if e.oid in (20, 21, 23, 26):
        return f"CAST({e.sql} AS VARCHAR)"
    if e.oid == 1700:
        return dyn(e) if e.dec else f"json_number({e.sql})"
    if e.oid in (700, 701):
        return f"json_number({as_output(cx, e)})"
    if e.oid in (1114, 1184):
        return f"json_time({iso_output(cx, e)})"
    if e.oid == 1082:
        return f"json_quote_text({iso_output(cx, e)})"
    return f"json_quote_text({as_output(cx, e)})"


def member(cx: Emit, e: E) -> str:
    """`e` as JSON text, NULL as null."""
    return f"coalesce({written(cx, e)}, 'null')"


def element_members(cx: Emit, array: E) -> str:
    """The list of an array's elements as JSON texts."""
    if element(array.type).oid == RECORD:
        raise unsupported("JSON of an array of rows", hint="json_agg takes rows.")
    return f"list_transform({array.sql}, lambda x: {member(cx, E('x', element(array.type), array.dec))})"


def _pretty_row(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    row, pretty = a
    if row.fields is None:
        raise unsupported("row_to_json() of a row value whose fields are not known", position=node.pos)
    names = [f"{quote(quote_json(name) + ':')} || {member(cx, value)}" for name, value in row.fields]
    forms = ("(" + joined(names, "{", "}", glue) + ")" for glue in (",\n ", ","))
    text = "CASE WHEN {0} THEN {1} WHEN NOT {0} THEN {2} END".format(pretty.sql, *forms)
    return text if row.present is None else f"CASE WHEN {row.present} IS NOT NULL THEN {text} END"


def joined(items: list[str], start: str, end: str, glue: str = ",") -> str:
    return f" || {quote(glue)} || ".join(items).join((f"{quote(start)} || ", f" || {quote(end)}")) if items else quote(start + end)


def _to_json(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    text = written(cx, a[0])
    return f"pg_in_jsonb({text})" if node.type.oid == 3802 else text


function("to_json to_jsonb row_to_json array_to_json", "any", _to_json)


def _pretty_array(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    texts = element_members(cx, a[0])
    forms = (f"'[' || array_to_string({texts}, {glue}) || ']'" for glue in ("',\n '", "','"))
    return "CASE WHEN {0} THEN {1} WHEN NOT {0} THEN {2} END".format(a[1].sql, *forms)


function("array_to_json", "anyarray, bool", _pretty_array)
function("row_to_json", "record, bool", _pretty_row)


# -- sets ---------------------------------------------------------------------------------------------------------------------


def _check(text: str, wanted: str, name: str) -> None:
    if kind(text) != wanted:
        what = "a scalar" if kind(text) not in ("object", "array") else f"an {kind(text)}"
        raise SqlError("22023", f"cannot call {name} on {what}" if wanted == "object" else f"cannot extract elements from {what}")


@scalar("json_keys_of", [_T], "VARCHAR[]")
def keys_of(text: str) -> list[str | None]:
    _check(text, "object", "json_object_keys")
    return [k for k, _ in members(text)]


@scalar("json_values_of", [_T], "VARCHAR[]")
def values_of(text: str) -> list[str]:
    _check(text, "object", "json_each")
    return [v for _, v in members(text)]


@scalar("json_elements_of", [_T], "VARCHAR[]")
def elements_of(text: str) -> list[str]:
    _check(text, "array", "json_array_elements")
    return [v for _, v in members(text)]


def _plain_list(sql: str) -> str:
    return f"list_transform({sql}, lambda x: json_plain(x))"


for _j, _t in (("json", JSON), ("jsonb", JSONB)):
    srf(f"{_j}_object_keys", _j, lambda cx, a, node: (E(f"json_keys_of({a[0].sql})", TEXT),))
    srf(f"{_j}_each", _j, lambda cx, a, node, t=_t: (E(f"json_keys_of({a[0].sql})", TEXT), E(f"json_values_of({a[0].sql})", t)))
    srf(
        f"{_j}_each_text",
        _j,
        lambda cx, a, node: (E(f"json_keys_of({a[0].sql})", TEXT), E(_plain_list(f"json_values_of({a[0].sql})"), TEXT)),
    )
    srf(f"{_j}_array_elements", _j, lambda cx, a, node, t=_t: (E(f"json_elements_of({a[0].sql})", t),))
    srf(f"{_j}_array_elements_text", _j, lambda cx, a, node: (E(_plain_list(f"json_elements_of({a[0].sql})"), TEXT),))
