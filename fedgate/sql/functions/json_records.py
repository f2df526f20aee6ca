"""json_to_record and json_to_recordset (and jsonb's): objects as rows of the columns that the statement defines."""

from __future__ import annotations

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions.carriers import E, Emit, quote
from fedgate.sql.functions.emit import TEXT
from fedgate.sql.functions.json import kind, members
from fedgate.sql.functions.udf import scalar
from fedgate.types import SqlType

NAMES = frozenset(("json_to_record", "jsonb_to_record", "json_to_recordset", "jsonb_to_recordset"))
_JSON = (114, 3802)
_T = "VARCHAR"


def columns(cx: Emit, name: str, argument: E, defined: tuple[tuple[str, SqlType], ...]) -> list[E]:
    """Per column the list of its values. Raises SqlError 0A000 for columns of arrays."""
    from fedgate.sql.lower.casts import convert

    rows = f"json_rows_of({argument.sql}, {quote(name)})"
    result = []
    for column, type_ in defined:
        if type_.pg.is_array:
            raise unsupported(f"{name}() with a column of an array type")
        field = f"json_by_key(r, {quote(column)})"
        if type_.oid in _JSON:
            known = f"CASE WHEN json_kind({field}) <> 'null' THEN {field} END"
            value = E(f"pg_in_jsonb({known})" if type_.oid == 3802 else known, type_)
        else:
            value = convert(cx, E(f"json_plain({field})", TEXT), type_, explicit=False)
        result.append(E(f"list_transform({rows}, lambda r: {value.sql})", type_, value.dec))
    return result


@scalar("json_rows_of", [_T, _T], "VARCHAR[]", strict=False)
def rows_of(text: str | None, name: str) -> list[str | None]:
    """The objects; one row of NULLs for a record of NULL. Raises SqlError 22023."""
    if text is None:
        return [] if name.endswith("set") else [None]
    what = kind(text)
    shown = f"an {what}" if what in ("object", "array") else "a scalar"
    if name.endswith("set"):
        if what != "array":
            raise SqlError("22023", f"cannot call {name} on {'an object' if what == 'object' else 'a scalar'}")
        items: list[str | None] = [value for _, value in members(text)]
        if any(kind(item or "") != "object" for item in items):
            raise SqlError("22023", f"argument of {name} must be an array of objects")
        return items
    if what != "object":
        raise SqlError("22023", f"cannot call populate_composite on {shown}")
    return [text]
