r"""Tokens of a path. They are read one at a time, so that of two errors the first is told, as PostgreSQL 15 does.

Names are what no special character ends; in them and in strings stand escapes (\n, \x41, \u00e9, \u{1f600}, surrogate pairs).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fedgate.errors import SqlError

_OTHER: Final = r"[^?%$.\[\]{}()|&!=<>@#,*:\-+/\\\" \t\n\r\f]"
_INTEGER: Final = r"(?:0|[1-9][0-9]*)"
_DECIMAL: Final = rf"(?:{_INTEGER}\.[0-9]*|\.[0-9]+)"
_REAL: Final = rf"(?:{_DECIMAL}|{_INTEGER})[Ee][-+]?[0-9]+"
# Of what matches, the longest counts, and of the longest the first.
_NUMBERS: Final = (
    ("real", re.compile(_REAL)),
    ("decimal", re.compile(_DECIMAL)),
    ("integer", re.compile(_INTEGER)),
    ("fail", re.compile(rf"(?:{_DECIMAL}|{_INTEGER})[Ee][-+]")),
    ("junk", re.compile(rf"(?:{_REAL}|{_DECIMAL}|{_INTEGER}){_OTHER}")),
    # Digits followed by more letters than one are a name to the scanner.
    ("name", re.compile(rf"{_OTHER}+")),
)
_NAME: Final = re.compile(rf"{_OTHER}+")
_BLANK: Final = re.compile(r"[ \t\n\r\f]+")
_PLAIN: Final = re.compile(r'[^\\"]+')
_SPECIAL: Final = re.compile(r"&&|\|\||\*\*|<=|<>|==|!=|>=|.", re.DOTALL)
_UNICODE: Final = re.compile(r"(?:\\u(?:[0-9A-Fa-f]{4}|\{[0-9A-Fa-f]{1,6}\}))+")
_BROKEN_UNICODE: Final = re.compile(r"\\u(?:\{[0-9A-Fa-f]{0,6}|[0-9A-Fa-f]{0,3})")
_CODE: Final = re.compile(r"\\u\{?([0-9A-Fa-f]+)")
_HEX: Final = re.compile(r"\\x([0-9A-Fa-f]{2})")
_BROKEN_HEX: Final = re.compile(r"\\x[0-9A-Fa-f]?")
_LETTERS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_WORDS: Final = "is to lax flag last with exists starts strict unknown datetime like_regex"
METHODS: Final = frozenset(("abs", "size", "type", "floor", "double", "ceiling", "keyvalue"))
_ANY_CASE: Final = METHODS.union(_WORDS.split())
_LOWER_CASE: Final = frozenset(("null", "true", "false"))
KEYWORDS: Final = _ANY_CASE | _LOWER_CASE


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: name, string, variable, number, integer, end, a keyword in lower case or a special character.

    `near` is what an error about it points at.
    """

    kind: str
    text: str
    near: str


def syntax_error(message: str, near: str) -> SqlError:
    """42601 as PostgreSQL words it."""
    where = f'at or near "{near}"' if near else "at end"
    return SqlError("42601", f"{message} {where} of jsonpath input")


class Scanner:
    """`next()` gives a token after the other, at last `end` for ever. Raises SqlError 42601, 22P02, 22P05."""

    __slots__ = ("_at", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self) -> Token:
        text = self._text
        while self._at < len(text):
            if blank := _BLANK.match(text, self._at):
                self._at = blank.end()
            elif text.startswith("/*", self._at):
                self._comment()
            else:
                token = self._token()
                if token is not None:
                    return token
        return Token("end", "", "")

    def _comment(self) -> None:
        end = self._text.find("*/", self._at + 2)
        if end < 0:
            raise syntax_error("unexpected end of comment", "")
        self._at = end + 2

    def _token(self) -> Token | None:
        here = self._text[self._at]
        if here == '"':
            return Token("string", self._quoted(self._at + 1), '"')
        if here == "$":
            return self._dollar()
        if here.isascii() and (here.isdigit() or here == ".") and (number := self._number()) is not None:
            return number
        if here == "\\" or _NAME.match(here):
            return self._name()
        found = _SPECIAL.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        return Token("!=" if found[0] == "<>" else found[0], found[0], found[0])

    def _dollar(self) -> Token:
        if self._text.startswith('"', self._at + 1):
            return Token("variable", self._quoted(self._at + 2), '"')
        found = _NAME.match(self._text, self._at + 1)
        self._at = found.end() if found else self._at + 1
        return Token("variable", found[0], f"${found[0]}") if found else Token("$", "$", "$")

    def _number(self) -> Token | None:
        """None for what is a name, or a point alone."""
        found = [(kind, m[0]) for kind, pattern in _NUMBERS if (m := pattern.match(self._text, self._at))]
        if not found:
            return None
        kind, text = max(found, key=lambda pair: len(pair[1]))
        if kind == "name":
            return None
        if kind == "fail":
            raise syntax_error("invalid numeric literal", text)
        if kind == "junk":
            raise syntax_error("trailing junk after numeric literal", text)
        self._at += len(text)
        return Token("integer" if kind == "integer" else "number", text, text)

    def _name(self) -> Token | None:
        """A name or keyword. A comment that follows it without a space swallows it (PostgreSQL 15 loses it too)."""
        parts = []
        while self._at < len(self._text):
            if self._text[self._at] == "\\":
                parts.append(self._escape())
            elif found := _NAME.match(self._text, self._at):
                parts.append(found[0])
                self._at = found.end()
            else:
                break
        if self._text.startswith("/*", self._at):
            return None
        blank = _BLANK.match(self._text, self._at)
        near = blank[0] if blank else ""
        word = "".join(parts)
        keyword = word if word in _LOWER_CASE else word.lower() if word.lower() in _ANY_CASE and word.isascii() else "name"
        return Token(keyword, word, near)

    def _quoted(self, start: int) -> str:
        parts = []
        self._at = start
        while True:
            if self._at >= len(self._text):
                raise syntax_error("unexpected end of quoted string", "")
            if found := _PLAIN.match(self._text, self._at):
                parts.append(found[0])
                self._at = found.end()
            elif self._text[self._at] == "\\":
                parts.append(self._escape())
            else:
                self._at += 1
                return "".join(parts)

    def _escape(self) -> str:
        text, at = self._text, self._at
        if found := _UNICODE.match(text, at):
            broken = _BROKEN_UNICODE.match(text, found.end())
            if broken:
                raise syntax_error("invalid unicode sequence", text[at : broken.end()])
            self._at = found.end()
            return _decoded(found[0])
        if found := _BROKEN_UNICODE.match(text, at):
            raise syntax_error("invalid unicode sequence", found[0])
        if found := _HEX.match(text, at):
            self._at = found.end()
            return _character(int(found[1], 16))
        if found := _BROKEN_HEX.match(text, at):
            raise syntax_error("invalid hex character sequence", found[0])
        if at + 1 >= len(text):
            raise syntax_error("unexpected end after backslash", "\\")
        self._at = at + 2
        return _LETTERS.get(text[at + 1], text[at + 1])


def _decoded(escapes: str) -> str:
    r"""Several \u in a row, of which two may be one character."""
    out: list[str] = []
    high: int | None = None
    for digits in _CODE.findall(escapes):
        code = int(digits, 16)
        if 0xD800 <= code < 0xDC00:
            if high is not None:
                raise _surrogate("Unicode high surrogate must not follow a high surrogate.")
            high = code
        elif 0xDC00 <= code < 0xE000:
            if high is None:
                raise _surrogate("Unicode low surrogate must follow a high surrogate.")
            out.append(chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00))
            high = None
        else:
            if high is not None:
                raise _surrogate("Unicode low surrogate must follow a high surrogate.")
            out.append(_character(code))
    if high is not None:
        raise _surrogate("Unicode low surrogate must follow a high surrogate.")
    return "".join(out)


def _character(code: int) -> str:
    if code == 0:
        raise SqlError("22P05", "unsupported Unicode escape sequence", detail="\\u0000 cannot be converted to text.")
    if code > 0x10FFFF:
        raise SqlError("42601", "invalid Unicode code point")
    return chr(code)


def _surrogate(detail: str) -> SqlError:
    return SqlError("22P02", "invalid input syntax for type jsonpath", detail=detail)
