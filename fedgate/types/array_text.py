"""One-dimensional arrays (and rows) <-> text, `{1,NULL,"a b"}`: splitting and quoting only; elements are text here.

Arrays of more dimensions are 0A000: no type of the catalog has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

from fedgate.errors import SqlError

_BOUNDS = re.compile(r"\s*(?:\[([+-]?\d+)(?::([+-]?\d+))?\])+\s*=")
_QUOTE_ARRAY = re.compile(r'[\s{}",\\]')
_QUOTE_ROW = re.compile(r'[\s(),"\\]')
_FIELD = re.compile(r'("(?:[^"\\]|""|\\.)*")?([^",()]*)([,)])', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPACE = " \t\n\r\v\f"


def split_array(text: str) -> list[str | None]:
    """Elements of an array literal, None for NULL. Raises SqlError 22P02, 0A000."""
    at, expected = 0, None
    bounds = _BOUNDS.match(text)
    if bounds:
        low, high = (1, int(bounds[1])) if bounds[2] is None else (int(bounds[1]), int(bounds[2]))
        if bounds[0].count("[") > 1 or low != 1:
            raise _unsupported("arrays of several dimensions or with a lower bound other than 1")
        at, expected = bounds.end(), high
    while at < len(text) and text[at] in _SPACE:
        at += 1
    if text[at : at + 1] != "{":
        _malformed(text, 'Array value must start with "{" or dimension information.')
    elements, at = _elements(text, at + 1)
    if text[at:].strip(_SPACE):
        _malformed(text, "Junk after closing right brace.")
    if expected is not None and expected != len(elements):
        _malformed(text, "Specified array dimensions do not match array contents.")
    return elements


def _elements(text: str, at: int) -> tuple[list[str | None], int]:
    elements: list[str | None] = []
    while True:
        element, quoted, at = _element(text, at)
        stop = text[at : at + 1]
        if not quoted and not element:
            if stop == "}" and not elements:
                return elements, at + 1
            _malformed(text, f'Unexpected "{stop}" character.' if stop else "Unexpected end of input.")
        elements.append(None if not quoted and element.upper() == "NULL" else element)
        if not stop:
            _malformed(text, "Unexpected end of input.")
        at += 1
        if stop == "}":
            return elements, at


def _element(text: str, at: int) -> tuple[str, bool, int]:
    """(element, was quoted, where its , or } or the end is)."""
    parts: list[str] = []
    kept = 0  # characters that trailing white space may not lose: escaped ones
    quoted = False
    while at < len(text) and text[at] in _SPACE:
        at += 1
    while at < len(text) and text[at] not in ",}":
        char = text[at]
        if char == '"':
            if quoted or parts:
                _malformed(text, "Unexpected array element.")
            inner, at = _quoted(text, at + 1)
            parts, quoted = [inner], True
            continue
        if char == "{":
            if quoted or parts:
                _malformed(text, 'Unexpected "{" character.')
            raise _unsupported("arrays of several dimensions")
        if quoted and char not in _SPACE:
            _malformed(text, "Unexpected array element.")
        if char == "\\":
            at += 1
            if at >= len(text):
                _malformed(text, "Unexpected end of input.")
            parts.append(text[at])
            kept = len(parts)
        elif not quoted:
            parts.append(char)
        at += 1
    if quoted:
        return parts[0], True, at
    joined = "".join(parts[:kept]) + "".join(parts[kept:]).rstrip(_SPACE)
    return joined, kept > 0, at


def _quoted(text: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while at < len(text):
        char = text[at]
        if char == '"':
            return "".join(parts), at + 1
        if char == "\\":
            at += 1
            if at >= len(text):
                break
            char = text[at]
        parts.append(char)
        at += 1
    raise _error(text, "Unexpected end of input.")


def _malformed(text: str, detail: str) -> NoReturn:
    raise _error(text, detail)


def _unsupported(what: str) -> SqlError:
    return SqlError("0A000", f"{what} are not supported", hint="Arrays here have one dimension; jsonb holds arrays of arrays.")


def _error(text: str, detail: str) -> SqlError:
    return SqlError("22P02", f'malformed array literal: "{text}"', detail=detail)


def join_array(elements: Iterable[str | None]) -> str:
    """The array's text from its elements' text."""
    return "{" + ",".join("NULL" if e is None else quote_element(e) for e in elements) + "}"


def quote_element(element: str) -> str:
    if element and element.upper() != "NULL" and not _QUOTE_ARRAY.search(element):
        return element
    return '"' + element.replace("\\", "\\\\").replace('"', '\\"') + '"'


def join_row(fields: Iterable[str | None]) -> str:
    """A row's text, `(1,,"a b")`."""
    return "(" + ",".join("" if f is None else _quote_field(f) for f in fields) + ")"


def split_row(text: str) -> list[str | None]:
    """The fields of a row's text that `join_row` or PostgreSQL wrote, None for NULL; `()` has one, as a row of one NULL has."""
    fields: list[str | None] = []
    for quoted, plain, end in _FIELD.findall(text[1:]):
        written = quoted[1:-1].replace('""', '"') if quoted else plain
        fields.append(_ESCAPED.sub(r"\1", written) if quoted or plain else None)
        if end == ")":
            break
    return fields


def _quote_field(field: str) -> str:
    if field and not _QUOTE_ROW.search(field):
        return field
    return '"' + field.replace("\\", "\\\\").replace('"', '""') + '"'
