"""jsonb with a part set, inserted or deleted by its path, and objects made of arrays of text.

Source: https://www.postgresql.org/docs/15/functions-json.html#FUNCTIONS-JSON-PROCESSING-TABLE
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.json import as_object, kind, members
from fedgate.sql.functions.table import function, operator
from fedgate.sql.functions.udf import scalar
from fedgate.types.json_text import quote_json

_T = "VARCHAR"
Change = Literal["set", "replace", "before", "after", "delete"]
Path = list[str | None]


@dataclass(frozen=True, slots=True)
class _Edit:
    """What is done at the end of a path: "set" also makes what is missing, "replace" does not."""

    path: Path
    change: Change
    new: str = ""

    def at(self, text: str, level: int) -> str:
        """The container with the edit made below it; scalars stay as they are."""
        step = self.path[level]
        if step is None:
            raise SqlError("22004", f"path element at position {level + 1} is null")
        if kind(text) == "object":
            return self._in_object(text, step, level)
        return self._in_array(text, step, level) if kind(text) == "array" else text

    def _last(self, level: int) -> bool:
        return level == len(self.path) - 1

    def _in_object(self, text: str, step: str, level: int) -> str:
        pairs = {str(name): value for name, value in members(text)}
        if step in pairs and not self._last(level):
            pairs[step] = self.at(pairs[step], level + 1)
        elif step in pairs:
            if self.change in ("before", "after"):
                hint = "Try using the function jsonb_set to replace key value."
                raise SqlError("22023", "cannot replace existing key", hint=hint)
            if self.change == "delete":
                del pairs[step]
            else:
                pairs[step] = self.new
        elif self._last(level) and self.change not in ("replace", "delete"):
            pairs[step] = self.new
        return as_object(pairs.items())

    def _in_array(self, text: str, step: str, level: int) -> str:
        items = [value for _, value in members(text)]
        index = _index(step, level)
        makes = self.change not in ("replace", "delete")
        below = index < 0 and -index > len(items)
        place = index + len(items) if index < 0 else index
        if not self._last(level):
            if not below and place < len(items):
                items[place] = self.at(items[place], level + 1)
        elif below or place >= len(items):
            if makes:
                items.insert(0 if below else len(items), self.new)
        else:
            kept = [items[place]] if self.change in ("before", "after") else []
            made = [] if self.change == "delete" else [self.new]
            items[place : place + 1] = kept + made if self.change == "after" else made + kept
        return "[" + ", ".join(items) + "]"


def _index(step: str, level: int) -> int:
    try:
        index = int(step) if "_" not in step else None
    except ValueError:
        index = None
    if index is None or not -(2**31) <= index < 2**31:
        raise SqlError("22P02", f'path element at position {level + 1} is not an integer: "{step}"')
    return index


def _edited(text: str, edit: _Edit, verb: str) -> str:
    if kind(text) not in ("object", "array"):
        raise SqlError("22023", f"cannot {verb} path in scalar")
    empty = next(members(text), None) is None
    if not edit.path or (empty and edit.change in ("replace", "delete")):
        return text
    return edit.at(text, 0)


def set_path(text: str, path: Path, new: str, create: bool) -> str:
    return _edited(text, _Edit(path, "set" if create else "replace", new), "set")


@scalar("jsonb_insert_path", [_T, "VARCHAR[]", _T, "BOOLEAN"], _T)
def insert_path(text: str, path: Path, new: str, after: bool) -> str:
    return _edited(text, _Edit(path, "after" if after else "before", new), "set")


def delete_path(text: str, path: Path) -> str:
    return _edited(text, _Edit(path, "delete"), "delete")


scalar("jsonb_set_path", [_T, "VARCHAR[]", _T, "BOOLEAN"], _T)(set_path)
scalar("jsonb_delete_path", [_T, "VARCHAR[]"], _T)(delete_path)


@scalar("jsonb_set_lax", [_T, "VARCHAR[]", _T, "BOOLEAN", _T], _T, strict=False)
def set_lax(text: str | None, path: Path | None, new: str | None, create: bool | None, on_null: str | None) -> str | None:
    if text is None or path is None or create is None:
        return None
    choices = '"delete_key", "return_target", "use_json_null", or "raise_exception"'
    if on_null is None:
        raise SqlError("22023", f"null_value_treatment must be {choices}")
    if new is not None:
        return set_path(text, path, new, create)
    match on_null:
        case "raise_exception":
            raise SqlError(
                "22004",
                "JSON value must not be null",
                detail='Exception was raised because null_value_treatment is "raise_exception".',
            )
        case "use_json_null":
            return set_path(text, path, "null", create)
        case "delete_key":
            return delete_path(text, path)
        case "return_target":
            return text
    raise SqlError("22023", f"null_value_treatment must be {choices}")


function("jsonb_set", "jsonb, _text, jsonb, bool", "jsonb_set_path({0}, {1}, {2}, {3})")
function("jsonb_set_lax", "jsonb, _text, jsonb, bool, text", "jsonb_set_lax({0}, {1}, {2}, {3}, {4})")
function("jsonb_insert", "jsonb, _text, jsonb, bool", "jsonb_insert_path({0}, {1}, {2}, {3})")
function("jsonb_delete_path", "jsonb, _text", "jsonb_delete_path({0}, {1})")
operator("#-", "jsonb, _text", "jsonb_delete_path({0}, {1})")


def _pairs_text(pairs: list[tuple[str | None, str | None]]) -> str:
    if any(name is None for name, _ in pairs):
        raise SqlError("22004", "null value not allowed for object key")
    shown = (f"{quote_json(str(k))} : {'null' if v is None else quote_json(v)}" for k, v in pairs)
    return "{" + ", ".join(shown) + "}"


@scalar("json_object_of", ["VARCHAR[]"], _T)
def object_of(items: list[str | None]) -> str:
    if len(items) % 2:
        raise SqlError("2202E", "array must have even number of elements")
    return _pairs_text(list(zip(items[::2], items[1::2], strict=True)))


@scalar("json_object_of_two", ["VARCHAR[]", "VARCHAR[]"], _T)
def object_of_two(names: list[str | None], items: list[str | None]) -> str:
    if len(names) != len(items):
        raise SqlError("2202E", "mismatched array dimensions")
    return _pairs_text(list(zip(names, items, strict=True)))


def _object(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    text = f"json_object_of({a[0].sql})" if len(a) == 1 else f"json_object_of_two({a[0].sql}, {a[1].sql})"
    return f"pg_in_jsonb({text})" if node.type.oid == 3802 else text


for _name in ("json_object", "jsonb_object"):
    function(_name, "_text", _object)
    function(_name, "_text, _text", _object)
