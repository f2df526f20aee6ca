"""Objects as rows (json_to_recordset, json_populate_record …): the objects of a document, and one's field as a column's value."""

from __future__ import annotations

from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit, carrier_duck, element, type_dec
from fedgate.sql.functions.emit import TEXT, to_carrier
from fedgate.sql.functions.json import kind, members
from fedgate.sql.functions.table import OWN, function, srf
from fedgate.sql.functions.udf import scalar
from fedgate.sql.refusals import several_dimensions
from fedgate.types import SqlType

ROWS = f"{OWN}json_rows"
"""(json, name of the function): the objects, one a row."""
FIELD = f"{OWN}json_field"
"""(json, key, value where the object lacks the key): the field as a value of the third argument's type."""
_JSON = (114, 3802)
_T = "VARCHAR"


def _rows(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
    return (E(f"json_rows_of({a[0].sql}, {a[1].sql})", node.type),)


def _field(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    json, key, old = a
    field = f"json_member({json.sql}, {key.sql})"
    value = _value(cx, field, node.type, key.sql)
    carrier = type_dec(node.type)
    kept = f"CAST(NULL AS {carrier_duck(node.type, carrier)})" if old.is_null else to_carrier(old, carrier).sql
    return E(f"CASE WHEN {field} IS NULL THEN {kept} ELSE {to_carrier(value, carrier).sql} END", node.type, carrier)


def _value(cx: Emit, field: str, type_: SqlType, key: str) -> E:
    """The SQL of a value from the JSON text `field`."""
    from fedgate.sql.lower.casts import convert

    if type_.oid in _JSON:
        known = f"CASE WHEN json_kind({field}) <> 'null' THEN {field} END"
        return E(f"pg_in_jsonb({known})" if type_.oid == 3802 else known, type_)
    if not type_.pg.is_array:
        return convert(cx, E(f"json_plain({field})", TEXT), type_, explicit=False)
    carrier = type_dec(element(type_))
    item = to_carrier(_value(cx, "x", element(type_), key), carrier).sql
    items = f"CAST(list_transform(json_items_of({field}, {key}), lambda x: {item}) AS {carrier_duck(type_, carrier)})"
    text = to_carrier(convert(cx, E(f"json_plain({field})", TEXT), type_, explicit=False), carrier).sql
    return E(f"CASE WHEN json_kind({field}) = 'string' THEN {text} ELSE {items} END", type_, carrier)


@scalar("json_rows_of", [_T, _T], "VARCHAR[]", strict=False)
def rows_of(text: str | None, name: str) -> list[str | None]:
    """The objects; one row of NULLs for a record of NULL. Raises SqlError 22023."""
    if text is None:
        return [] if name.endswith("set") else [None]
    what = kind(text)
    if not name.endswith("set"):
        return [text]
    if what != "array":
        raise SqlError("22023", f"cannot call {name} on {'an object' if what == 'object' else 'a scalar'}")
    items: list[str | None] = [value for _, value in members(text)]
    if any(kind(item or "") != "object" for item in items):
        raise SqlError("22023", f"argument of {name} must be an array of objects")
    return items


@scalar("json_member", [_T, _T], _T)
def member(text: str, key: str) -> str | None:
    """The field, JSON's null as `null`, None where there is none. Raises SqlError 22023."""
    what = kind(text)
    if what != "object":
        raise SqlError("22023", f"cannot call populate_composite on {'an array' if what == 'array' else 'a scalar'}")
    found = None
    for name, value in members(text):
        if name == key:
            found = value
    return found


@scalar("json_items_of", [_T, _T], "VARCHAR[]")
def items_of(text: str, key: str) -> list[str] | None:
    """The elements of a field that is an array. Raises SqlError 22P02, 0A000 for arrays in it."""
    what = kind(text)
    if what in ("null", "string"):
        return None
    if what != "array":
        raise SqlError("22P02", "expected JSON array", hint=f'See the value of key "{key}".')
    items = [value for _, value in members(text)]
    if any(kind(item) == "array" for item in items):
        raise several_dimensions()
    return items


srf(ROWS, "json|jsonb, text", _rows)
function(FIELD, "json|jsonb, text, any", _field)
