"""SQL text over several lines, for people who read EXPLAIN: broken at its clauses, then at commas, joins, AND and OR, then within
parentheses, and never within a constant or a quoted name. And numbers as people read them.

Contract: it reads words, constants and parentheses and no grammar, so that it serves the text of every engine. But for white space
and the rest of long constants the lines are the text. A line is longer than the width only where one word is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from fedgate.wording import counted

INDENT: Final = 2
WIDTH_MIN: Final = 40
CONSTANT_MAX: Final = 60
"""So many characters of a constant are shown."""
DEPTH_MAX: Final = 24
"""Parentheses that are nested deeper stay on one line."""

_TOKEN: Final = re.compile(
    r"""\s+ | [eE]'(?:[^'\\]|\\.|'')*'? | '(?:[^']|'')*'? | "(?:[^"]|"")*"? | [()\[\],] | [^\s()\[\]'",]+""", re.VERBOSE | re.DOTALL
)
_CLOSING: Final = {"(": ")", "[": "]", "CASE": "END"}
_CLAUSES: Final = frozenset(
    ["SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "VALUES", "UNION", "INTERSECT", "EXCEPT"]
)
_JOINS: Final = frozenset(["INNER", "LEFT", "RIGHT", "FULL", "CROSS", "JOIN"])
_SIZES: Final = ("kB", "MB", "GB", "TB")
_SIZE_MAX: Final = 10 * 1024
_BRANCHES: Final = frozenset(["WHEN", "ELSE"])


@dataclass(frozen=True, slots=True)
class _Group:
    """What stands between two parentheses, or between CASE and END."""

    opening: str
    words: tuple[_Word, ...]

    @property
    def closing(self) -> str:
        return _CLOSING[self.opening]

    @property
    def text(self) -> str:
        space = " " if self.opening == "CASE" else ""
        return f"{self.opening}{space}{_flat(self.words)}{space}{self.closing}"


@dataclass(frozen=True, slots=True)
class _Word:
    """What stands between two spaces."""

    pieces: tuple[str | _Group, ...]
    text: str


Separator: TypeAlias = Callable[[Sequence[_Word], int], bool]
"""Whether a line may be broken before the word at a place."""


def sql_lines(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` characters where that can be, indented as its parts lie in each other."""
    return _lay(_words(text), max(width, WIDTH_MIN), 0)


# ---------------------------------------------------------------------------------------------------- reading


class _Open:
    """A group that is being read."""

    def __init__(self, opening: str) -> None:
        self.opening = opening
        self.words: list[_Word] = []
        self.pieces: list[str | _Group] = []

    def end_word(self) -> None:
        if self.pieces:
            self.words.append(_Word(tuple(self.pieces), "".join(p if isinstance(p, str) else p.text for p in self.pieces)))
            self.pieces = []

    def group(self) -> _Group:
        self.end_word()
        return _Group(self.opening, tuple(self.words))


def _words(text: str) -> tuple[_Word, ...]:
    """The words of a text. What is not closed ends with the text; what was not opened is a word."""
    stack = [_Open("")]
    for token in _TOKEN.findall(text):
        top = stack[-1]
        if token.isspace():
            top.end_word()
        elif token in ("(", "[") or (token == "CASE" and not top.pieces):
            stack.append(_Open(token))
        elif token == _CLOSING.get(top.opening):
            stack.pop()
            stack[-1].pieces.append(top.group())
        else:
            top.pieces.append(_shortened(token) if token[-1] == "'" else token)
    while len(stack) > 1:
        group = stack.pop().group()
        stack[-1].pieces.append(group)
    stack[0].end_word()
    return tuple(stack[0].words)


def _shortened(constant: str) -> str:
    left = len(constant) - CONSTANT_MAX
    return constant if left <= CONSTANT_MAX else f"{constant[:CONSTANT_MAX]}… {left} characters more'"


def _flat(words: Sequence[_Word]) -> str:
    return " ".join(word.text for word in words)


# ---------------------------------------------------------------------------------------------------- writing


def _lay(words: Sequence[_Word], width: int, depth: int, hang: int = 0) -> list[str]:
    """The words in lines; those after the first are indented by `hang`."""
    text = _flat(words)
    if len(text) <= width or depth > DEPTH_MAX:
        return [text]
    if len(words) == 1:
        return _opened(words[0], width, depth)
    if words[0].text in _CLAUSES:
        hang = INDENT
        clauses = list(_split(words, _clause))
        if len(clauses) > 1:
            return [line for clause in clauses for line in _lay(clause, width, depth)]
    for apart, each in ((_comma, False), (_join, True), (_conjunction, True), (_branch, True)):
        parts = list(_split(words, apart))
        if len(parts) > 1:
            return _filled(parts, width, depth, hang, each=each)
    return _filled([[word] for word in words], width, depth, hang, each=False)


def _filled(parts: Sequence[Sequence[_Word]], width: int, depth: int, hang: int, *, each: bool) -> list[str]:
    """The parts one after the other, `each` on a line of its own or as many as there is room for."""
    found: list[str] = []
    line, indent = "", 0
    for part in parts:
        text = _flat(part)
        if line and not each and indent + len(line) + 1 + len(text) <= width:
            line = f"{line} {text}"
            continue
        room = width - max(hang, indent)
        inner = [text] if len(text) <= room else _lay(part, max(room, WIDTH_MIN), depth + 1, INDENT)
        if line and not each and inner[0].endswith(("(", "[")) and indent + len(line) + 1 + len(inner[0]) <= width:
            inner[0] = f"{line} {inner[0]}"
        elif line:
            found.append(" " * indent + line)
            indent = hang
        found += [" " * indent + one for one in inner[:-1]]
        line = inner[-1]
    return [*found, " " * indent + line]


def _opened(word: _Word, width: int, depth: int) -> list[str]:
    """One word with what stands in its parentheses on lines of its own."""
    found, line = [], ""
    for piece in word.pieces:
        if isinstance(piece, str):
            line += piece
        elif len(line) + len(piece.text) <= width or not piece.words:
            line += piece.text
        else:
            inner = _lay(piece.words, max(width - INDENT, WIDTH_MIN), depth + 1)
            found += [line + piece.opening, *(" " * INDENT + one for one in inner)]
            line = piece.closing
    return [*found, line]


# ---------------------------------------------------------------------------------------------------- where to break


def _split(words: Sequence[_Word], apart: Separator) -> Iterator[Sequence[_Word]]:
    """The runs of words between which a line may be broken."""
    begin = 0
    for i in range(1, len(words)):
        if apart(words, i):
            yield words[begin:i]
            begin = i
    yield words[begin:]


def _clause(words: Sequence[_Word], i: int) -> bool:
    """DISTINCT FROM, WITHIN GROUP and ALL SELECT go on."""
    return words[i].text in _CLAUSES and words[i - 1].text not in ("DISTINCT", "WITHIN", "ALL")


def _comma(words: Sequence[_Word], i: int) -> bool:
    return words[i - 1].text.endswith(",")


def _join(words: Sequence[_Word], i: int) -> bool:
    return words[i].text in _JOINS and words[i - 1].text not in _JOINS


def _conjunction(words: Sequence[_Word], i: int) -> bool:
    if words[i].text == "OR":
        return True
    ranges = ("BETWEEN", "AND", "OR")
    last = next((w.text for w in reversed(words[:i]) if w.text in ranges), "")
    return words[i].text == "AND" and last != "BETWEEN"


def _branch(words: Sequence[_Word], i: int) -> bool:
    return words[i].text in _BRANCHES


# ---------------------------------------------------------------------------------------------------- numbers


def milliseconds(number: float) -> str:
    """A time without digits that mean nothing."""
    if number >= 10_000:
        return f"{number / 1000:.1f} s"
    return f"{number:.0f} ms" if number >= 10 else f"{number:.1f} ms"


def size(number: int) -> str:
    """A number of bytes, as pg_size_pretty writes it."""
    if number < _SIZE_MAX:
        return counted(number, "byte")
    power = 1
    while number / 1024**power >= _SIZE_MAX and power < len(_SIZES):
        power += 1
    return f"{number / 1024**power:.0f} {_SIZES[power - 1]}"
