"""A JSON Schema as a function that says, fast, whether a value is right.

Contract: `acceptor` knows the keywords that the schemas of `catalog/schema` use (https://json-schema.org/draft/2020-12/schema),
with jsonschema's meaning of them for values of JSON; ValueError for any other keyword. It says nothing of what is wrong: a catalog
of ten thousand right documents is read without a word, and the few wrong ones are explained by jsonschema itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

Accepts: TypeAlias = Callable[[Any], bool]

_ANNOTATIONS: Final = frozenset({"$schema", "$id", "title", "description", "default", "examples"})
_TYPES: Final[Mapping[str, Accepts]] = {
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: (isinstance(v, int) and not isinstance(v, bool)) or (isinstance(v, float) and v.is_integer()),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "string": lambda v: isinstance(v, str),
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "null": lambda v: v is None,
}


def acceptor(schema: Mapping[str, Any]) -> Accepts:
    """Whether a value is as the schema says. Raises ValueError for a schema of other keywords."""
    words = schema.keys() - _ANNOTATIONS - _READ_WITH
    if unknown := words - _KEYWORDS.keys():
        raise ValueError(f"unknown keywords of JSON Schema: {', '.join(sorted(unknown))}")
    return _all([_KEYWORDS[word](schema, said) for word, said in schema.items() if word in words])


def _all(tests: Sequence[Accepts]) -> Accepts:
    if len(tests) == 1:
        return tests[0]
    return lambda v: all(test(v) for test in tests)


def _type(_: Mapping[str, Any], said: str) -> Accepts:
    return _TYPES[said]


def _const(_: Mapping[str, Any], said: Any) -> Accepts:
    return _enum(_, [said])


def _enum(_: Mapping[str, Any], said: list[Any]) -> Accepts:
    """1, 1.0 and true are equal in Python; in JSON true is another."""
    return lambda v: any(v == one and isinstance(v, bool) == isinstance(one, bool) for one in said)


def _pattern(_: Mapping[str, Any], said: str) -> Accepts:
    search = re.compile(said).search
    return lambda v: not isinstance(v, str) or search(v) is not None


def _length(kind: type[str] | type[list[Any]] | type[dict[str, Any]], least: bool) -> Callable[[Mapping[str, Any], int], Accepts]:
    if least:
        return lambda _, said: lambda v: not isinstance(v, kind) or len(v) >= said
    return lambda _, said: lambda v: not isinstance(v, kind) or len(v) <= said


def _minimum(_: Mapping[str, Any], said: float) -> Accepts:
    return lambda v: not _TYPES["number"](v) or v >= said


def _required(_: Mapping[str, Any], said: list[str]) -> Accepts:
    return lambda v: not isinstance(v, dict) or all(name in v for name in said)


def _dependent(_: Mapping[str, Any], said: Mapping[str, list[str]]) -> Accepts:
    pairs = [(name, other) for name, others in said.items() for other in others]
    return lambda v: not isinstance(v, dict) or all(other in v for name, other in pairs if name in v)


def _items(_: Mapping[str, Any], said: Mapping[str, Any]) -> Accepts:
    item = acceptor(said)
    return lambda v: not isinstance(v, list) or all(map(item, v))


def _properties(_: Mapping[str, Any], said: Mapping[str, Any]) -> Accepts:
    named = {name: acceptor(inner) for name, inner in said.items()}
    return lambda v: not isinstance(v, dict) or all(named[name](item) for name, item in v.items() if name in named)


def _additional(schema: Mapping[str, Any], said: Mapping[str, Any] | bool) -> Accepts:
    known = frozenset(schema.get("properties", ()))
    if isinstance(said, bool):
        return lambda v: said or not isinstance(v, dict) or v.keys() <= known
    other = acceptor(said)
    return lambda v: not isinstance(v, dict) or all(other(item) for name, item in v.items() if name not in known)


def _names(_: Mapping[str, Any], said: Mapping[str, Any]) -> Accepts:
    name = acceptor(said)
    return lambda v: not isinstance(v, dict) or all(map(name, v))


def _any_of(_: Mapping[str, Any], said: list[Mapping[str, Any]]) -> Accepts:
    branches = [acceptor(branch) for branch in said]
    return lambda v: any(branch(v) for branch in branches)


def _all_of(_: Mapping[str, Any], said: list[Mapping[str, Any]]) -> Accepts:
    return _all([acceptor(branch) for branch in said])


def _if(schema: Mapping[str, Any], said: Mapping[str, Any]) -> Accepts:
    asked, then, otherwise = acceptor(said), acceptor(schema.get("then", {})), acceptor(schema.get("else", {}))
    return lambda v: then(v) if asked(v) else otherwise(v)


_READ_WITH: Final = frozenset({"then", "else"})
_KEYWORDS: Final[Mapping[str, Callable[[Mapping[str, Any], Any], Accepts]]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "minLength": _length(str, True),
    "maxLength": _length(str, False),
    "minItems": _length(list, True),
    "maxItems": _length(list, False),
    "minProperties": _length(dict, True),
    "minimum": _minimum,
    "required": _required,
    "dependentRequired": _dependent,
    "items": _items,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "anyOf": _any_of,
    "allOf": _all_of,
    "if": _if,
}
