"""The text of a catalog file → raw documents with positions.

Contract: YAML is read with plain scalars as text (`Plain`): `NO`, `on`, `010` and dates stay what was written, and only the schema
decides which of them are booleans, numbers or nulls. Repeated keys, anchors, aliases and tags are errors. A file is cut at its
document markers first, so that one broken document does not take the others with it; a byte that is not UTF-8 comes as
`surrogateescape` decodes it, and is an error of its document. JSON files hold objects, one after the other or in arrays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from fedgate.catalog.lost import UNDECODED

Path: TypeAlias = tuple[str | int, ...]
_Node: TypeAlias = yaml.nodes.Node
_MARKS_AT = re.compile(r"[&*!]")
"""Without one of these a text has no anchor, alias or tag, and need not be read for them."""
_MARKER = re.compile(r"^(---|\.\.\.)(?=[ \t]|\r?$)", re.MULTILINE)
_NESTING_MAX = 50


class Plain(str):
    """A scalar that was written without quotes."""

    __slots__ = ()


class ReadError(Exception):
    """The text is not what the reader takes; `line` counts from 1 in the whole file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One document as written: its value, the line of each field, and where its text stands in the file (character offsets).

    `error` is set, and `value` None, when the text could not be read.
    """

    value: Any
    line: int
    start: int
    end: int
    text: str
    lines: dict[Path, int] = field(default_factory=dict)
    error: ReadError | None = None


def read_yaml(text: str) -> list[RawDocument]:
    """All documents of a YAML file, empty ones left out."""
    documents = []
    line, counted = 1, 0
    for start, end in chunks(text):
        chunk = text[start:end]
        line, counted = line + text.count("\n", counted, start), start
        try:
            found = _read_chunk(chunk, line)
        except ReadError as error:
            documents.append(RawDocument(None, line, start, end, chunk, error=error))
            continue
        if found is not None:
            value, lines = found
            documents.append(RawDocument(value, lines[()], start, end, chunk, lines))
    return documents


def chunks(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the text between document markers; the marker's line belongs to neither."""
    start = 0
    for match in _MARKER.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _read_chunk(chunk: str, first_line: int) -> tuple[Any, dict[Path, int]] | None:
    undecoded = UNDECODED.search(chunk)
    if undecoded is not None:
        raise ReadError("the document is not UTF-8", first_line + chunk.count("\n", 0, undecoded.start()))
    try:
        node = yaml.compose(chunk, Loader=yaml.CSafeLoader)
        if node is None or _is_empty(node):
            return None
        if _MARKS_AT.search(chunk):
            _refuse_anchors(chunk, first_line)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark is not None else 0)
        raise ReadError(getattr(error, "problem", None) or str(error).splitlines()[0], line) from error
    lines: dict[Path, int] = {}
    return _value(node, (), lines, first_line), lines


def _is_empty(node: _Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and not node.style


def _refuse_anchors(chunk: str, first_line: int) -> None:
    for event in yaml.parse(chunk, Loader=yaml.CSafeLoader):
        mark = event.start_mark
        line = first_line + (mark.line if mark is not None else 0)
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            raise ReadError(f"aliases (*{anchor}) are not allowed", line)
        if anchor:
            raise ReadError(f"anchors (&{anchor}) are not allowed", line)
        if tag:
            raise ReadError(f"tags ({tag}) are not allowed", line)


def _value(node: _Node, path: Path, lines: dict[Path, int], first_line: int) -> Any:
    lines[path] = first_line + node.start_mark.line
    if len(path) > _NESTING_MAX:
        raise ReadError("nested too deeply", lines[path])
    if isinstance(node, yaml.ScalarNode):
        return Plain(node.value) if not node.style else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), lines, first_line) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.MappingNode)
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = first_line + key_node.start_mark.line
        if not isinstance(key_node, yaml.ScalarNode):
            raise ReadError("a key must be a text", line)
        key = str(key_node.value)
        if key in result:
            raise ReadError(f'repeated key "{key}"', line)
        result[key] = _value(value_node, (*path, key), lines, first_line)
        lines[(*path, key)] = line
    return result


def read_json(text: str) -> list[RawDocument]:
    """All documents of a JSON file. What follows an error is not read."""
    decoder = json.JSONDecoder(object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    documents: list[RawDocument] = []
    at = 0
    line, counted = 1, 0
    while (at := _skip_space(text, at)) < len(text):
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            documents.append(RawDocument(None, line, at, len(text), text[at:], error=ReadError(error.msg, error.lineno)))
            break
        except (_JsonError, RecursionError) as error:
            message = str(error) if isinstance(error, _JsonError) else "nested too deeply"
            documents.append(RawDocument(None, line, at, len(text), text[at:], error=ReadError(message, line)))
            break
        items = value if isinstance(value, list) else [value]
        documents.extend(RawDocument(item, line, at, end, text[at:end], {(): line}) for item in items)
        at = end
    return documents


class _JsonError(ValueError):
    pass


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise _JsonError(f'repeated key "{key}"')
        result[key] = value
    return result


def _no_constant(name: str) -> Any:
    raise _JsonError(f"{name} is not JSON")
