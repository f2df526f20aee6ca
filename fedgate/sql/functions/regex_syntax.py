r"""PostgreSQL's advanced regular expressions written for Python's `re`.

The pattern is read as PostgreSQL's own lexer reads it, so that what it refuses is 2201B here, and what the two spell alike and mean
otherwise (`\b`, `\B`, `\x0041`, `\12`, groups in lookarounds, `{2`, possessive quantifiers) is written anew. What Python cannot say
is 0A000.
Source: https://www.postgresql.org/docs/15/functions-matching.html#POSIX-SYNTAX-DETAILS
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions import regex_classes

BEGINNING_OF_WORD: Final = r"\b(?=\w)"
END_OF_WORD: Final = r"\b(?<=\w)"
# An empty text has no \B in Python.
_CONSTRAINTS: Final = {"A": r"\A", "Z": r"\Z", "m": BEGINNING_OF_WORD, "M": END_OF_WORD, "y": r"\b", "Y": r"(?!\b)"}
_CHARACTERS: Final = {"a": 7, "b": 8, "B": 0x5C, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_SPECIAL: Final = frozenset("\\.^$*+?{}[]|()")
_SPECIAL_INSIDE: Final = frozenset("\\]^-[&~|")
_BOUNDS: Final = re.compile(r"(\d+)(?:(,)(\d*))?\}(\??)", re.ASCII)
_SPACED_BOUNDS: Final = re.compile(r"\s*(\d+)\s*(?:(,)\s*(\d*)\s*)?\}(\??)", re.ASCII)
_DIGIT_NEXT: Final = re.compile(r"\s*\d", re.ASCII)
_NEVER: Final = "(?:(?!))"
_BOUND_MAX: Final = 255
_CODE_MAX: Final = 0x10FFFF
_AROUND: Final = ("?<=", "?<!", "?=", "?!")


def bad(message: str) -> SqlError:
    return SqlError("2201B", f"invalid regular expression: {message}")


def translate(pattern: str, *, ascii_only: bool, bits: int, expanded: bool = False) -> str:
    """The pattern for `re` with flags `bits`; `expanded`: white space and comments are skipped. Raises SqlError 2201B, 0A000."""
    return _Reader(pattern, ascii_only, bits, expanded).text()


@dataclass(slots=True)
class _Group:
    """An open bracket: the number that it captures (0: none), whether it looks around, and which of its branches is being read."""

    number: int = 0
    around: bool = False
    branch: int = 0


@dataclass(slots=True)
class _Reader:
    """`repeats`: whether a quantifier may come next. `closed`: where each group stood that ended, as groups and their branches."""

    pattern: str
    ascii_only: bool
    bits: int
    expanded: bool
    at: int = 0
    repeats: bool = False
    groups: int = 0
    out: list[str] = field(default_factory=list)
    open: list[_Group] = field(default_factory=lambda: [_Group()])
    closed: dict[int, list[tuple[_Group, int]]] = field(default_factory=dict)

    def text(self) -> str:
        while self.at < len(self.pattern):
            if not (self.expanded and self._skipped()):
                self._token(self._next())
        if len(self.open) > 1:
            raise bad("parentheses () not balanced")
        return "".join(self.out)

    def _next(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _skipped(self) -> bool:
        c = self._peek()
        if c == "#":
            end = self.pattern.find("\n", self.at)
            self.at = len(self.pattern) if end < 0 else end
            return True
        self.at += c.isspace()
        return c.isspace()

    def _token(self, c: str) -> None:
        if c in "*+?" or (c == "{" and self._bounds_follow()):
            self._quantifier(c)
        elif c == "|":
            self.open[-1].branch += 1
            self._put("|", repeats=False)
        elif c == "(":
            self._open()
        elif c == ")":
            self._close()
        elif c == "^":
            self._put("^", repeats=False)
        elif c == "$":
            self._put("$" if self.bits & re.MULTILINE else r"\Z", repeats=False)
        elif c == ".":
            self._put(".")
        elif c == "[":
            self._bracket()
        elif c == "\\":
            self._escape()
        else:
            self._character(ord(c))

    def _put(self, text: str, *, repeats: bool = True) -> None:
        self.out.append(text)
        self.repeats = repeats

    def _character(self, code: int) -> None:
        if code > _CODE_MAX or 0xD800 <= code <= 0xDFFF:
            self._put(_NEVER)
            return
        c = chr(code)
        if c.isdigit() and self.out and re.fullmatch(r"\\\d+", self.out[-1]):
            self._put(f"[{c}]")  # no digit more of the back reference
        else:
            self._put(_written(code, _SPECIAL))

    # -- quantifiers and groups ------------------------------------------------------------------------------------------------

    def _quantifier(self, c: str) -> None:
        if not self.repeats:
            raise bad("quantifier operand invalid")
        if c != "{":
            lazy = self._peek() == "?"
            self.at += lazy
            self._put(c + "?" * lazy, repeats=False)
            return
        found = (_SPACED_BOUNDS if self.expanded else _BOUNDS).match(self.pattern, self.at)
        if found is None:
            raise bad("invalid repetition count(s)")
        low, comma, high, lazy_mark = found.groups()
        if int(low) > _BOUND_MAX or int(high or 0) > _BOUND_MAX or (high and int(high) < int(low)):
            raise bad("invalid repetition count(s)")
        self.at = found.end()
        # {2}? has no preference of its own, {2,2}? has.
        self._put(f"{{{int(low)},{int(high) if high else ''}}}{lazy_mark}" if comma else f"{{{int(low)}}}", repeats=False)

    def _bounds_follow(self) -> bool:
        found = _DIGIT_NEXT.match(self.pattern, self.at)
        return found is not None and (self.expanded or len(found[0]) == 1)

    def _open(self) -> None:
        rest = self.pattern[self.at : self.at + 3]
        around = next((mark for mark in _AROUND if rest.startswith(mark)), None)
        if rest.startswith("?#"):
            end = self.pattern.find(")", self.at)
            self.at = len(self.pattern) if end < 0 else end + 1
            return
        if around is None and rest.startswith("?") and not rest.startswith("?:"):
            raise bad("quantifier operand invalid")
        capturing = not rest.startswith("?") and not any(group.around for group in self.open)
        self.groups += capturing
        self.open.append(_Group(self.groups if capturing else 0, around is not None))
        self.at += len(around) if around else 2 * rest.startswith("?:")
        self._put(f"({around}" if around else "(" if capturing else "(?:", repeats=False)

    def _close(self) -> None:
        if len(self.open) == 1:
            raise bad("parentheses () not balanced")
        group = self.open.pop()
        if group.number:
            self.closed[group.number] = [(outer, outer.branch) for outer in self.open]
        self._put(")", repeats=not group.around)

    # -- escapes ---------------------------------------------------------------------------------------------------------------

    def _escape(self) -> None:
        if self.at == len(self.pattern):
            raise bad("invalid escape \\ sequence")
        c = self._next()
        if c in _CONSTRAINTS:
            self._put(_CONSTRAINTS[c], repeats=False)
        elif c.lower() in regex_classes.ESCAPES:
            self._put(regex_classes.escape(c, ascii_only=self.ascii_only))
        elif c in "123456789" and (number := self._reference(c)):
            self._refer(number)
        else:
            self._character(self._code(c))

    def _reference(self, first: str) -> int:
        """The group that digits mean, 0 where they are an octal number."""
        digits = re.compile(r"\d*", re.ASCII).match(self.pattern, self.at)
        assert digits is not None
        number = int(first + digits[0][:9])
        if digits[0] and number > self.groups:
            return 0
        self.at = digits.end()
        return number

    def _refer(self, number: int) -> None:
        if any(group.around for group in self.open) or number not in self.closed:
            raise bad("invalid backreference number")
        if any(branch != group.branch for group, branch in self.closed[number]):
            raise unsupported("a back reference to a group of another alternative")
        self._put(f"\\{number}")

    def _code(self, c: str) -> int:
        """The code of an escaped character, whose letter was read."""
        if not (c.isascii() and c.isalnum()):
            return ord(c)
        if c in _CHARACTERS:
            return _CHARACTERS[c]
        if c == "c" and self.at < len(self.pattern):
            return ord(self._next()) & 0o37
        if c in "uUx":
            least, most = {"u": (4, 4), "U": (8, 8), "x": (1, 255)}[c]
            return self._digits("0123456789abcdefABCDEF", 16, least, most)
        if c in "01234567":
            self.at -= 1
            start = self.at
            code = self._digits("01234567", 8, 1, 3)
            if code > 0xFF:
                self.at = start + 2
                code >>= 3
            return code
        raise bad("invalid escape \\ sequence")

    def _digits(self, allowed: str, base: int, least: int, most: int) -> int:
        start = self.at
        while self.at < min(start + most, len(self.pattern)) and self.pattern[self.at] in allowed:
            self.at += 1
        code = int(self.pattern[start : self.at], base) if self.at - start >= least else 1 << 31
        if code > 0x7FFFFFFE:
            raise bad("invalid escape \\ sequence")
        return code

    # -- brackets --------------------------------------------------------------------------------------------------------------

    def _bracket(self) -> None:
        for mark, constraint in (("[:<:]]", BEGINNING_OF_WORD), ("[:>:]]", END_OF_WORD)):
            if self.pattern.startswith(mark, self.at):
                self.at += len(mark)
                self._put(constraint, repeats=False)
                return
        negated = self._peek() == "^"
        self.at += negated
        start, items = self.at, []
        while self._peek() != "]" or self.at == start:
            items.append(self._item(first=self.at == start))
        self.at += 1
        if negated and not self.bits & re.DOTALL:
            items.append(r"\n")  # newline-sensitive: what is none of these is no end of a line either
        self._put(f"[{'^' * negated}{''.join(items)}]" if any(items) else "[^\\x00-\\U0010ffff]")

    def _item(self, *, first: bool) -> str:
        """A class, a character or a range of characters between brackets."""
        if self._peek() == "-" and not first and self.pattern[self.at + 1 : self.at + 2] != "]":
            raise bad("invalid character range")
        low = self._member()
        if isinstance(low, str):
            return low
        if self._peek() != "-" or self.pattern[self.at + 1 : self.at + 2] in ("]", ""):
            return _written(low, _SPECIAL_INSIDE) if low <= _CODE_MAX else ""
        self.at += 1
        high = self._member()
        if isinstance(high, str) or high < low:
            raise bad("invalid character range")
        if low > _CODE_MAX:
            return ""
        return f"{_written(low, _SPECIAL_INSIDE)}-{_written(min(high, _CODE_MAX), _SPECIAL_INSIDE)}"

    def _member(self) -> int | str:
        """The code of a character, or a class as text."""
        if self.at >= len(self.pattern):
            raise bad("brackets [] not balanced")
        c = self._next()
        if c == "[" and self._peek() in (":", ".", "="):
            kind = self._next()
            end = self.pattern.find(kind + "]", self.at)
            name, self.at = self.pattern[self.at : max(end, self.at)], end + 2
            if end < 0:
                raise bad("brackets [] not balanced")
            if kind == ":":
                return self._class(name)
            if len(name) != 1:
                raise unsupported("collating elements in regular expressions")
            return ord(name) if kind == "." else _written(ord(name), _SPECIAL_INSIDE)
        if c != "\\":
            return ord(c)
        if self.at == len(self.pattern):
            raise bad("invalid escape \\ sequence")
        c = self._next()
        if name := regex_classes.ESCAPES.get(c.lower(), ""):
            return self._class(name, negated=c.isupper())
        if c in _CONSTRAINTS or (c in "123456789" and self._reference(c)):
            raise bad("invalid escape \\ sequence")
        return self._code(c)

    def _class(self, name: str, *, negated: bool = False) -> str:
        return regex_classes.inside(name, ascii_only=self.ascii_only, fold=bool(self.bits & re.IGNORECASE), negated=negated)


def _written(code: int, special: frozenset[str]) -> str:
    c = chr(code)
    return f"\\x{code:02x}" if code < 32 or code == 127 else "\\" + c if c in special else c
