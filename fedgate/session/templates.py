"""Statements that differ in literals only, told apart before they are bound: one that was seen answers for the next.

`lift` says which literals of a statement do not change its plan; here their places in the text are remembered. A text with the same
words around its literals, and the same literals elsewhere, gets the plan with its own values. Only what is surely so is taken:
plain strings and whole numbers, of types that are read the same everywhere, each standing in the bound statement as often as it was
lifted out of it. Clients that write names into their catalog queries send thousands of such texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fedgate import limits
from fedgate.session.lift import LIKE, REGEX, plain_text
from fedgate.sql.parse import RawStatement
from fedgate.sql.tree import BoundQuery, Const, Param, walk
from fedgate.types.values import Value

_TOKENS = re.compile(
    r"""(?P<string>(?<![\w&'])'(?:[^']|'')*'(?!\s*'))|(?P<number>(?<![\w.$"])[0-9]{1,10}(?![\w.]))"""
    r"""|(?P<other>"(?:[^"]|"")*"|[A-Za-z&]+'(?:[^'\\]|''|\\.)*'|--[^\n]*)""",
    re.DOTALL,
)
_UNREAD = re.compile(r"\$[A-Za-z_]*\$|/\*")
_TEXTS: Final = frozenset((19, 25, 1043))
_LIMITS: Final = {20: 2**63, 21: 2**15, 23: 2**31, 26: 2**32, 2205: 2**32}
_DIGITS_MAX: Final = 10
_NAME_BYTES: Final = 63


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal of a text: where it starts (from 0), and how it is written."""

    start: int
    written: str

    def read(self, name: str, type_oid: int) -> Value:
        """Its value as the parameter `name` of that type; None when it is none that is surely read so."""
        quoted = self.written[0] == "'"
        text = self.written[1:-1].replace("''", "'") if quoted else self.written
        if type_oid in _LIMITS:
            plain = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
            limit = _LIMITS[type_oid] if quoted else min(_LIMITS[type_oid], 2**31)
            return int(text) if plain and int(text) < limit else None
        if type_oid not in _TEXTS or not quoted:
            return None
        if name.startswith((LIKE, REGEX)):
            return plain_text(name, text)
        return text if len(text.encode()) <= _NAME_BYTES or type_oid != 19 else None


@dataclass(frozen=True, slots=True)
class Mask:
    """A text without its literals."""

    text: str
    literals: tuple[Literal, ...]


def mask(raw: RawStatement) -> Mask | None:
    """The statement's mask; None when it is long, or written in a way that is not looked into."""
    text = raw.source
    if len(text) > limits.TEMPLATE_CHARS_MAX or _UNREAD.search(text):
        return None
    parts, literals, at = [], [], 0
    for found in _TOKENS.finditer(text):
        if found.lastgroup == "other":
            continue
        parts.append(text[at : found.start()])
        parts.append("\0s" if found.lastgroup == "string" else "\0n")
        literals.append(Literal(found.start(), found[0]))
        at = found.end()
    parts.append(text[at:])
    return Mask("".join(parts), tuple(literals))


@dataclass(frozen=True, slots=True)
class Template:
    """What was learnt of one statement: which of its literals are parameters (name, type OID), and how the others are written."""

    lifted: tuple[tuple[tuple[str, int], ...] | None, ...]
    written: tuple[str, ...]
    rest: Mapping[str, Value]

    def values(self, given: Mask) -> Mapping[str, Value] | None:
        """The parameters of another text of the mask; None when it is not the same statement."""
        values: dict[str, Value] = dict(self.rest)
        for literal, parameters, written in zip(given.literals, self.lifted, self.written, strict=True):
            if parameters is None:
                if literal.written != written:
                    return None
                continue
            for name, type_oid in parameters:
                value = literal.read(name, type_oid)
                if value is None:
                    return None
                values[name] = value
        return values


def learn(found: Mask, start: int, lifted: BoundQuery, values: Mapping[str, Value]) -> Template:
    """The template of a statement that begins at character `start` (from 0) of its text."""
    parameters, constants = _by_place(walk(lifted.query, into_queries=True), values)
    known: list[tuple[tuple[str, int], ...] | None] = []
    taken: set[str] = set()
    for literal in found.literals:
        place = start + literal.start + 1
        of = parameters.get(place, ())
        sure = of and place not in constants and all(literal.read(p.name, p.type.oid) == values[p.name] for p in of)
        known.append(tuple((p.name, p.type.oid) for p in of) if sure else None)
        taken.update(p.name for p in of if sure)
    rest = {name: value for name, value in values.items() if name not in taken}
    return Template(tuple(known), tuple(literal.written for literal in found.literals), rest)


def _by_place(nodes: Iterable[Any], values: Mapping[str, Value]) -> tuple[dict[int, list[Param]], set[int]]:
    """Lifted parameters by their places in the text, and the places of literals that stayed."""
    parameters: dict[int, list[Param]] = {}
    constants: set[int] = set()
    for node in nodes:
        if isinstance(node, Param) and node.name in values and node.pos is not None:
            parameters.setdefault(node.pos, []).append(node)
        elif isinstance(node, Const) and node.pos is not None:
            constants.add(node.pos)
    return parameters, constants
