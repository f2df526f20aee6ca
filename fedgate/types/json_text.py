"""json and jsonb input: validation, and jsonb's canonical text.

jsonb orders keys by length in bytes, then by bytes; the last of equal keys wins; numbers are numeric and keep
their scale; the separators are `": "` and `", "`.
Errors: 22P02 `invalid input syntax for type json`, 22P05 (\\u0000 in jsonb), 54001 (nested too deep).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final, NoReturn

from fedgate.errors import SqlError
from fedgate.types.numeric_text import numeric_text, parse_numeric

_ESCAPES: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    **{chr(c): f"\\u{c:04x}" for c in range(32) if chr(c) not in "\b\f\n\r\t"},
}
_ESCAPE_TABLE: Final = str.maketrans(_ESCAPES)
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_HALVES: Final = re.compile("[\ud800-\udfff]")


def check_json(text: str) -> str:
    """The text itself, once it is known to be JSON."""
    _load(text)
    return text


def canonical_jsonb(text: str) -> str:
    """jsonb's text of a JSON text."""
    value = _load(text)
    try:
        return _write(value)
    except RecursionError:
        raise _too_deep() from None


def _load(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_no_constant, object_pairs_hook=_Object)
    except json.JSONDecodeError as error:
        raise _invalid(text, error) from None
    except RecursionError:
        raise _too_deep() from None


class _Number(str):
    """A JSON number, kept as its text."""

    __slots__ = ()


class _Object(list[tuple[str, Any]]):
    """A JSON object: its members in order, repeated keys included."""

    __slots__ = ()


def _no_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError(f'Token "{name}" is invalid.', name, 0)


def _invalid(text: str, error: json.JSONDecodeError) -> SqlError:
    detail = None
    if error.pos >= len(text.rstrip()) and error.doc == text:
        detail = "The input string ended unexpectedly."
    elif error.msg.startswith("Token"):
        detail = error.msg
    elif error.msg.startswith("Invalid control character"):
        detail = f"Character with value 0x{ord(text[error.pos]):02x} must be escaped."
    elif text[error.pos].isalpha():
        end = error.pos
        while end < len(text) and (text[end].isalnum() or text[end] == "_"):
            end += 1
        detail = f'Token "{text[error.pos : end]}" is invalid.'
    return SqlError("22P02", "invalid input syntax for type json", detail=detail)


def _too_deep() -> SqlError:
    return SqlError("54001", "stack depth limit exceeded", hint="Nest the JSON value less deeply.")


def _write(value: Any) -> str:
    if isinstance(value, _Number):
        return _number(value)
    if isinstance(value, str):
        return _string(value)
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is None:
        return "null"
    if isinstance(value, _Object):
        members = dict(value)
        ordered = sorted(((key.encode("utf-8", "surrogatepass"), key) for key in members), key=lambda pair: (len(pair[0]), pair[0]))
        return "{" + ", ".join(f"{_string(key)}: {_write(members[key])}" for _, key in ordered) + "}"
    return "[" + ", ".join(map(_write, value)) + "]"


def _number(text: str) -> str:
    number: Decimal = parse_numeric(text)
    return numeric_text(number)


def _string(text: str) -> str:
    return quote_json(checked_text(text))


def checked_text(text: str) -> str:
    """The text of a JSON string, if it is one that text can hold: no \\0 (22P05) and no half of a surrogate pair (22P02)."""
    if "\0" in text:
        raise SqlError("22P05", "unsupported Unicode escape sequence", detail="\\u0000 cannot be converted to text.")
    if _HALVES.search(text):
        raise SqlError("22P02", "invalid input syntax for type json", detail="Unicode low surrogate must follow a high surrogate.")
    return text


def check_escapes(text: str) -> None:
    """Raise what `checked_text` raises, of any string in a JSON text: json keeps escapes as written until they are read."""
    if "\\u" in text:
        for string in _STRING.findall(text):
            if "\\u" in string:
                checked_text(json.loads(string, strict=False))


def quote_json(text: str) -> str:
    """A JSON string as PostgreSQL writes it: only what must be is escaped."""
    return f'"{text.translate(_ESCAPE_TABLE)}"' if _ESCAPED.search(text) else f'"{text}"'
