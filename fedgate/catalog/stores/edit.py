"""Edits of hand-written catalog files: only the fields that change are rewritten, comments and order of the rest stay.

Contract: `edited` gives the new text of a file. In a YAML file a replaced document keeps every top-level field whose value is the
same, with its comments, and the comments above its first field; a new field is written as its own file wrote it. A JSON file has no
comments and is written anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from fedgate.catalog.documents import FILE_ENGINES, Document, absolute
from fedgate.catalog.yaml_reader import read_json


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` None: a new document; `new` None: a deletion."""

    old: Document | None
    new: Document | None


def relocated(document: Document, target: Path) -> Document:
    """The document as it must read in `target`: a node's relative file names the same file from there."""
    url = document.body.get("url", "")
    if document.kind != "node" or document.body["engine"] not in FILE_ENGINES or "://" in url or os.path.isabs(url):
        return document
    if document.file is not None and document.file.absolute().parent == target.parent:
        return document
    path = Path(absolute(url, document.file))
    inside = path.is_relative_to(target.parent)
    moved = {**document.body, "url": str(path.relative_to(target.parent) if inside else path)}
    return replace(document, body=moved, raw=None)


def edited(path: Path, text: str, edits: Sequence[Edit]) -> str:
    """The file's text after the edits; "" when no document is left in it."""
    return _edited_json(text, edits) if path.suffix == ".json" else _edited_yaml(text, edits)


def _edited_json(text: str, edits: Sequence[Edit]) -> str:
    values = [raw.value for raw in read_json(text)]
    for item in edits:
        if item.old is None:
            assert item.new is not None
            values.append(item.new.body)
            continue
        place = next(i for i, v in enumerate(values) if v == item.old.body)
        values[place : place + 1] = [] if item.new is None else [item.new.body]
    return json.dumps(values[0] if len(values) == 1 else values, indent=2, ensure_ascii=False) + "\n" if values else ""


def _edited_yaml(text: str, edits: Sequence[Edit]) -> str:
    replaced = [e for e in edits if e.old is not None and e.old.raw is not None]
    for item in sorted(replaced, key=lambda e: -_raw(e.old).start):
        raw = _raw(item.old)
        if item.new is not None:
            assert item.old is not None
            text = text[: raw.start] + merged(item.old, item.new) + text[raw.end :]
        else:
            before, after = text[: raw.start], text[raw.end :]
            # the marker in front of the document goes with it, the first document's marker is the one behind it
            head, marker, rest = before.rpartition("---")
            text = head + after if marker and not rest.strip() else after.removeprefix("---").lstrip(" \t\r\n")
    for item in edits:
        if item.old is None and item.new is not None:
            separator = ("" if text.endswith("\n") else "\n") + "---\n" if text.strip() else ""
            text = text + separator + written(item.new)
    return text if text.strip() else ""


def _raw(document: Document | None) -> Any:
    assert document is not None
    assert document.raw is not None
    return document.raw


def written(document: Document) -> str:
    """A document as YAML: its own text where it has one, else made from its body."""
    if document.raw is not None and document.file is not None and document.file.suffix != ".json":
        return document.raw.text.lstrip("\r\n").rstrip() + "\n"
    return "".join(_field(k, v) for k, v in document.body.items())


def _field(name: str, value: Any) -> str:
    # one line for a mapping or list of scalars, block style for what holds more; a scalar alone must not become a flow mapping
    flow = None if isinstance(value, dict | list) else False
    text: str = yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=120)
    return text


def merged(old: Document, new: Document) -> str:
    """The old document's text with the fields of `new`."""
    chunk = _raw(old).text
    spans = _field_spans(chunk)
    if spans is None:
        lead = "\n" if chunk.startswith("\n") else ""
        return str(lead + written(new))
    theirs: str | None = new.raw.text if new.raw is not None and new.file is not None and new.file.suffix != ".json" else None
    their_spans = _field_spans(theirs) if theirs is not None else None
    first = min(start for start, _ in spans.values())
    parts = [chunk[:first]]
    for name, (start, end) in spans.items():
        if name in new.body and new.body[name] == old.body.get(name):
            parts.append(chunk[start:end])
        elif name in new.body:
            parts.append(_field_text(name, new, theirs, their_spans))
    parts += [_field_text(name, new, theirs, their_spans) for name in new.body if name not in spans]
    last = max(end for _, end in spans.values())
    text = "".join(part if part.endswith("\n") or not part else part + "\n" for part in parts)
    return text + str(chunk[last:])


def _field_text(name: str, new: Document, text: str | None, spans: dict[str, tuple[int, int]] | None) -> str:
    if text is not None and spans is not None and name in spans:
        start, end = spans[name]
        return text[start:end]
    return _field(name, new.body[name])


def _field_spans(chunk: str) -> dict[str, tuple[int, int]] | None:
    """(start, end) of each top-level field in whole lines; None when the document is written in braces.

    Comments between two fields belong to the lower one, as people write them; trailing ones of the document to none.
    """
    node = yaml.compose(chunk, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return None
    lines = chunk.splitlines(keepends=True)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    starts = [key.start_mark.line for key, _ in node.value]
    ends = [min(value.end_mark.line + (1 if value.end_mark.column else 0), len(lines)) for _, value in node.value]
    spans = {}
    previous_end = starts[0]
    for (key, _), start, end in zip(node.value, starts, ends, strict=True):
        stop = max(end, start + 1)
        while stop > start + 1 and _is_blank(lines[stop - 1]):
            stop -= 1
        spans[str(key.value)] = (offsets[min(previous_end, start)], offsets[stop])
        previous_end = stop
    return spans


def _is_blank(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
