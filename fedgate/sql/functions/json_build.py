"""json_build_array, json_build_object and jsonb's: of arguments one by one, or of the array after VARIADIC."""

from __future__ import annotations

from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit, element, error
from fedgate.sql.functions.emit import as_text, iso_output
from fedgate.sql.functions.json import element_members, joined, member
from fedgate.sql.functions.table import function
from fedgate.sql.functions.udf import scalar
from fedgate.types import RECORD

_T = "VARCHAR"


def _build_array(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    if node.variadic:
        text = f"('[' || array_to_string({element_members(cx, a[0])}, ', ') || ']')"
    else:
        text = "(" + joined([member(cx, e) for e in a], "[", "]", ", ") + ")"
    return f"pg_in_jsonb({text})" if node.type.oid == 3802 else text


def key_text(cx: Emit, e: E) -> str:
    """A key of an object."""
    if e.oid in (114, 3802, RECORD) or e.type.pg.is_array:
        return f"CAST({error('22023', 'key value must be scalar, not array, composite, or json')} AS VARCHAR)"
    if e.oid in (1082, 1114, 1184):
        text = iso_output(cx, e)
        return f"json_time(json_key_of({text}))"
    return f"json_quote_text(json_key_of({as_text(cx, e)}))"


@scalar("json_key_of", [_T], _T, strict=False)
def json_key_of(text: str | None) -> str:
    if text is None:
        raise SqlError("22023", "argument 1: key must not be null")
    return text


def _build_object(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    odd = "argument list must have even number of elements"
    if node.variadic:
        (array,) = a
        key, value = (E(f"{array.sql}[{place}]", element(array.type), array.dec) for place in ("i", "i + 1"))
        pairs = f"list_transform(range(1, len({array.sql}), 2), lambda i: {key_text(cx, key)} || ' : ' || {member(cx, value)})"
        whole = f"'{{' || array_to_string({pairs}, ', ') || '}}'"
        text = f"CASE WHEN len({array.sql}) % 2 = 1 THEN {error('22023', odd)} ELSE {whole} END"
    elif len(a) % 2:
        hint = f"The arguments of {node.name}() must consist of alternating keys and values."
        raise SqlError("22023", odd, hint=hint)
    else:
        made = [f"{key_text(cx, k)} || ' : ' || {member(cx, v)}" for k, v in zip(a[::2], a[1::2], strict=True)]
        text = "(" + joined(made, "{", "}", ", ") + ")"
    return f"pg_in_jsonb({text})" if node.type.oid == 3802 else text


for _j in ("json", "jsonb"):
    function(f"{_j}_build_array", "", _build_array)
    function(f"{_j}_build_array", "any...", _build_array)
    function(f"{_j}_build_object", "", _build_object)
    function(f"{_j}_build_object", "any...", _build_object)
