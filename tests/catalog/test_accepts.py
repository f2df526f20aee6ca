"""The fast check of documents says exactly what the JSON Schemas say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from fedgate.catalog.accepts import acceptor
from fedgate.catalog.documents import schema
from fedgate.catalog.names import KINDS

RIGHT: dict[str, dict[str, Any]] = {
    "node": {
        "kind": "node",
        "name": "a",
        "engine": "sqlite",
        "url": "a.db",
        "options": {"immutable": True},
        "credentials": {"password": "env:FEDGATE_SECRET_A"},
        "labels": {"a/b": "c"},
    },
    "table": {
        "kind": "table",
        "name": "s.t",
        "columns": [{"name": "a", "type": "int4", "not_null": True}, {"name": "b", "type": "text"}],
        "primary_key": ["a"],
        "distribution": "sharded",
    },
    "placement": {
        "kind": "placement",
        "table": "t",
        "node": "a",
        "relation": ["main", "t"],
        "priority": 7,
        "check": "a > 1",
        "columns": {
            "a": "x",
            "b": {"absent": True},
            "c": {"expression": "x + 1", "inputs": {"x": "int4", "y": {"type": "timestamptz", "encoding": "unix_s"}}},
        },
    },
    "view": {"kind": "view", "name": "v", "query": "select 1"},
    "group": {"kind": "group", "name": "g", "selector": "a=b", "format": 1},
    "role": {"kind": "role", "name": "r"},
}
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    1,
    0,
    -1,
    1.0,
    1.5,
    "",
    "x",
    "a b",
    "x" * 200,
    "sqlite",
    "parquet",
    [],
    ["a"],
    [1, 2, 3],
    {},
    {"a": 1},
)


def changed(value: Any) -> Iterator[Any]:
    """The value with each part of it replaced by each odd one, left out, or with one more beside it."""
    yield from ODD
    if isinstance(value, dict):
        yield {**value, "unknown": "x"}
        for key, item in value.items():
            yield {k: v for k, v in value.items() if k != key}
            for other in changed(item):
                yield {**value, key: other}
    if isinstance(value, list):
        yield [*value, *value]
        for place, item in enumerate(value):
            for other in changed(item):
                yield [*value[:place], other, *value[place + 1 :]]


@pytest.mark.parametrize("kind", KINDS)
def test_it_accepts_what_the_schema_accepts(kind: str) -> None:
    accepts, validator = acceptor(schema(kind)), jsonschema.Draft202012Validator(schema(kind))
    said = [(accepts(value), validator.is_valid(value), value) for value in (RIGHT[kind], *changed(RIGHT[kind]))]
    assert [value for mine, theirs, value in said if mine != theirs] == []
    assert {theirs for _, theirs, _ in said} == {True, False}


def test_a_keyword_it_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="maxProperties"):
        acceptor({"type": "object", "properties": {"a": {"maxProperties": 1}}})
