"""Raw documents → checked documents: what the JSON Schemas in `catalog/schema` say, and nothing about other documents.

Contract: `check` gives a `Document` whose body has the schema's types (plain scalars converted where the schema wants a boolean,
number or null), or raises `DocumentError` naming the field and, for a misspelt name, the nearest right one. `read_text` never
raises: what cannot be used is a `Broken`, with as much of its identity as could be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, cast

import jsonschema

from fedgate.catalog.accepts import Accepts, acceptor
from fedgate.catalog.lost import UNDECODED, claims
from fedgate.catalog.names import KINDS, qualified
from fedgate.catalog.yaml_reader import Plain, RawDocument, read_json, read_yaml
from fedgate.wording import perhaps

FILE_ENGINES: Final = ("sqlite", "duckdb", "parquet")
"""Engines whose nodes are files or directories, so that a URL may be a path."""
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


class DocumentError(Exception):
    """Why a document cannot be used; `path` is the field, from the document's root."""

    def __init__(self, message: str, path: tuple[str | int, ...] = (), hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.hint = hint


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One usable document. `name` is its identity among its kind: `schema.name` for tables and views, `table/node/shard` for
    placements. `file` is None for documents that never were in a file; then relative paths are relative to the working directory.
    """

    kind: str
    name: str
    body: dict[str, Any]
    file: Path | None = None
    line: int = 0
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    raw: RawDocument | None = None
    by_operator: bool = True
    """Whether who runs the gateway has written it; others' documents may name neither secrets nor files of this machine."""

    def where(self, path: tuple[str | int, ...] = ()) -> str:
        """`file:line` of a field, for messages."""
        line = next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), self.line)
        return f"{self.file}:{line}" if self.file else ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A document that cannot be used. `kind` and `name` are "" where they could not be read; `tables` are those it may concern."""

    kind: str
    name: str
    message: str
    file: Path | None = None
    line: int = 0
    tables: tuple[str, ...] = ()
    shard: str | None = None
    role: bool = False
    """Whether a role may have been in it, of whatever kind it was taken to be."""


def identity(body: Mapping[str, Any]) -> str:
    """The name of a checked document's body among its kind."""
    if body["kind"] in ("table", "view"):
        return qualified(body["name"])
    if body["kind"] == "placement":
        return f"{qualified(body['table'])}/{body['node']}/{body.get('shard', body['node'])}"
    return str(body["name"])


def read_text(text: str, file: Path | None, *, is_json: bool = False) -> list[Document | Broken]:
    """Every document of a file's text."""
    return [_document(raw, file) for raw in (read_json(text) if is_json else read_yaml(text))]


def from_dict(body: Mapping[str, Any], file: Path | None = None) -> Document:
    """A document that a program made. Raises DocumentError."""
    checked = check(dict(body))
    return Document(checked["kind"], identity(checked), checked, file)


def _document(raw: RawDocument, file: Path | None) -> Document | Broken:
    if raw.error is not None:
        return _broken(raw, file, raw.error.message, raw.error.line)
    try:
        body = check(raw.value)
    except DocumentError as error:
        line = next((raw.lines[error.path[:n]] for n in range(len(error.path), -1, -1) if error.path[:n] in raw.lines), raw.line)
        return _broken(raw, file, error.message + (f" ({error.hint})" if error.hint else ""), line)
    return Document(body["kind"], identity(body), body, file, raw.line, raw.lines, raw)


def _broken(raw: RawDocument, file: Path | None, message: str, line: int) -> Broken:
    found = claims(raw.value, raw.text)
    return Broken(found.kind, found.name, message, file, line, found.tables, found.shard, found.role)


# ------------------------------------------------------------------------------------------------------------ schema


def schema_directory() -> Path:
    """Where the JSON Schemas are: in the wheel's data, or in the source tree."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "_data" / "catalog" / "schema", package.parent / "catalog" / "schema"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError("the JSON Schemas of catalog documents are missing from this installation")


@cache
def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind of document."""
    loaded: dict[str, Any] = json.loads((schema_directory() / f"{kind}.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(kind))


@cache
def _acceptor(kind: str) -> Accepts:
    return acceptor(schema(kind))


def absolute(path: str, file: Path | None) -> str:
    """A path relative to its document's file (or the working directory), made absolute without following links."""
    return str(_directory(file) / path) if file is not None else str(Path(path).absolute())


@lru_cache(maxsize=1024)
def _directory(file: Path) -> Path:
    return file.parent.absolute()


def check(raw: Any) -> dict[str, Any]:
    """The body of one document, with the schema's types. Raises DocumentError."""
    if not isinstance(raw, dict):
        raise DocumentError("a document must be a mapping of fields")
    kind = raw.get("kind")
    if kind is None:
        raise DocumentError('field "kind" is missing', hint="one of " + ", ".join(KINDS))
    if kind not in KINDS:
        hint = perhaps(str(kind), list(KINDS)) or "one of " + ", ".join(KINDS)
        raise DocumentError(f'unknown kind "{kind}"', ("kind",), hint)
    definition = schema(kind)
    body = {k: _convert(v, definition["properties"].get(k, {})) for k, v in raw.items()}
    if kind == "node" and isinstance(body.get("options"), dict):
        body["options"] = _convert(body["options"], _node_options(str(body.get("engine"))))
    if not _acceptor(kind)(body):
        errors = sorted(_validator(kind).iter_errors(body), key=lambda e: (len(e.absolute_path), str(e.path)))
        raise _explain(errors[0])
    settled = {k: _settled(v) for k, v in body.items()}
    _check_characters(settled, ())
    return settled


_NAMES = frozenset({"name", "node", "table", "shard", "relation"})


def _check_characters(value: Any, path: tuple[str | int, ...]) -> None:
    """No text holds NUL, which clients could not be sent, and no name a character that nobody sees."""
    if isinstance(value, dict):
        for key, item in value.items():
            _check_characters(key, (*path, "name"))
            _check_characters(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _check_characters(item, (*path, place))
    elif isinstance(value, str):
        if UNDECODED.search(value):
            raise DocumentError(f"{_field(path)} holds what is not UTF-8", path)
        names = _NAMES & {path[0], path[-1]} if path else frozenset()
        if "\0" in value or (names and not value.isprintable()):
            odd = next(c for c in value if c == "\0" or (names and not c.isprintable()))
            raise DocumentError(f"{_field(path)} holds the character U+{ord(odd):04X}", path)


def _settled(value: Any) -> Any:
    """`value` with what is still a plain scalar as text."""
    if isinstance(value, dict):
        return {k: _settled(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_settled(v) for v in value]
    return str(value) if isinstance(value, Plain) else value


def _node_options(engine: str) -> dict[str, Any]:
    for branch in schema("node")["allOf"]:
        if branch["if"]["properties"]["engine"]["const"] == engine:
            options: dict[str, Any] = branch["then"]["properties"]["options"]
            return options
    return {}


def _convert(value: Any, definition: Mapping[str, Any]) -> Any:
    """`value` with plain scalars converted where the schema has no text at that place; what does not convert stays."""
    options = definition.get("anyOf", [definition])
    if isinstance(value, dict):
        inner: Mapping[str, Any] = next((o for o in options if o.get("type") == "object"), {})
        more = inner.get("additionalProperties")
        rest = more if isinstance(more, dict) else {}
        return {k: _convert(v, inner.get("properties", {}).get(k, rest)) for k, v in value.items()}
    if isinstance(value, list):
        inner = next((o for o in options if o.get("type") == "array"), {})
        return [_convert(v, inner.get("items", {})) for v in value]
    if not isinstance(value, Plain):
        return value
    types = {o.get("type") for o in options}
    if types == {None}:  # another schema knows
        return value
    if "string" not in types:
        if "boolean" in types and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if "integer" in types and _INTEGER.fullmatch(value):
            return int(value)
        if "number" in types and _NUMBER.fullmatch(value):
            return float(value)
        if "null" in types and value in ("", "~", "null"):
            return None
    return str(value)


# ------------------------------------------------------------------------------------------------------------ messages

_TYPE_WORDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "object": "a mapping",
    "array": "a list",
}


def _explain(error: jsonschema.ValidationError) -> DocumentError:
    """One message of ours for what jsonschema found."""
    path = tuple(error.absolute_path)
    wanted: Any = error.validator_value
    known = list(cast(Mapping[str, Any], error.schema).get("properties", {}))
    written: Any = error.instance
    if error.context:  # anyOf: explain the branch whose type fits
        fitting = [e for e in error.context if e.validator != "type" or e.relative_path]
        if fitting:
            return _explain(fitting[0])
        words = " or ".join(_TYPE_WORDS.get(str(o.get("type")), "a text") for o in wanted)
        return DocumentError(f"{_field(path)} must be {words}", path)
    if error.validator == "additionalProperties":
        unknown = next(k for k in written if k not in known)
        others = "known are " + ", ".join(known) if known else "none is known here"
        return DocumentError(f'unknown field "{_dotted((*path, unknown))}"', (*path, unknown), perhaps(unknown, known) or others)
    if error.validator == "required":
        missing = next(k for k in wanted if k not in written)
        near = [k for k in written if k not in known and get_close_matches(missing, [k])]
        hint = f'"{near[0]}" is not a field' if near else None
        return DocumentError(f'field "{_dotted((*path, missing))}" is missing', path, hint)
    if error.validator == "dependentRequired":
        return DocumentError(f"{_field(path)}: {error.message}", path)
    if error.validator == "type":
        word = _TYPE_WORDS.get(str(wanted), str(wanted))
        return DocumentError(f"{_field(path)} must be {word}, not {_shown(written)}", path)
    if error.validator in ("enum", "const"):
        names = [str(v) for v in (wanted if error.validator == "enum" else [wanted])]
        near_name = perhaps(str(written), names) or "one of " + ", ".join(names)
        return DocumentError(f"{_field(path)}: {_shown(written)} is not known", path, near_name)
    if error.validator == "pattern":
        return DocumentError(f"{_field(path)}: {_shown(written)} is not of the form {wanted}", path)
    return DocumentError(f"{_field(path)}: {error.message}", path)


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)


def _field(path: tuple[str | int, ...]) -> str:
    return f'field "{_dotted(path)}"' if path else "the document"


def _dotted(path: tuple[str | int, ...]) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
