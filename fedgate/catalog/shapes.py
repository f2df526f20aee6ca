"""Checks that differ only in their literals are bound once: `site = 's1' AND day >= '2024-01-01'`, a thousand times.

Contract: `Shapes.bind` gives what the binder gives. The text of a check is cut into its shape and its literals. Of the first check
of a shape the bound tree is kept, with the place of each literal that stands beside an operator or in a list and whose constant is
what reading the literal as the constant's type gives. For a further check of that shape only such constants change, since a
literal's type follows from what stands around it and, for a number, from its kind: whole and no larger than integer, or with a
decimal point. Every other literal must be the same text. What cannot be cut with certainty has no shape, and is bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypeAlias

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.sql.tree import ArrayExpr, Coerce, Const, Expr, OpExpr, RowCompare, transform, walk
from fedgate.types import text_in
from fedgate.types.style import TextStyle
from fedgate.types.values import Value

Key: TypeAlias = tuple[object, ...]
_UNCERTAIN: Final = re.compile(r"""[$"'\\]|--|/\*|[\w&]\0""")
"""In a shape: other quotes, comments, and literals with a prefix."""
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'|(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_INT4_MAX: Final = 2**31 - 1
_INT4, _NUMERIC = 23, 1700
_READ: Final = frozenset((25, 1082, 1114, 1184, 2950))
"""Types of constants that come of quoted literals alone: text, times, uuid. The rest are the same text or no shape."""
_UTC: Final = TextStyle()


@dataclass(frozen=True, slots=True)
class _Template:
    """`slots` says for the number of a literal which constant (by its position) it is; `fixed` are the other literals' texts."""

    bound: Expr
    slots: Mapping[int, int]
    fixed: Mapping[int, str]


class Shapes:
    """What was bound before, by shape; bounded, and safe to share between threads."""

    def __init__(self) -> None:
        self._templates: dict[Key, _Template] = {}

    def bind(self, text: str, over: Key, bind: Callable[[str], Expr]) -> Expr:
        """`bind(text)`, perhaps without a call. `over` is all else that the bound tree depends on. Raises what `bind` raises."""
        literals = list(_LITERAL.finditer(text))
        shape = _LITERAL.sub(lambda m: _kind(m[0]), text)
        if _UNCERTAIN.search(shape) or "\0" in text:
            return bind(text)
        key = (over, shape)
        template = self._templates.get(key)
        if template is not None:
            found = _filled(template, [m[0] for m in literals])
            if found is not None:
                return found
        bound = bind(text)
        if template is None and literals:
            if len(self._templates) >= limits.CHECK_SHAPES_MAX:
                self._templates.clear()
            self._templates[key] = _template(bound, literals)
        return bound


def _kind(literal: str) -> str:
    if literal.startswith("'"):
        return "\0"
    if "." in literal:
        return "#."
    return "#" if int(literal) <= _INT4_MAX else literal


def _template(bound: Expr, literals: list[re.Match[str]]) -> _Template:
    constants: dict[int, list[Const]] = {}
    for node in walk(bound):
        for constant in _operands(node):
            if isinstance(constant, Const) and constant.pos is not None:
                constants.setdefault(constant.pos, []).append(constant)
    slots, fixed = {}, {}
    for number, match in enumerate(literals):
        at = match.start() + 1  # positions count from 1
        same = constants.get(at, [])
        if len(same) == 1 and _value(same[0], match[0]) == (True, same[0].value):
            slots[number] = at
        else:
            fixed[number] = match[0]
    return _Template(bound, slots, fixed)


def _operands(node: Any) -> tuple[Expr, ...]:
    """Of operators and lists; not of functions, for the binder may look at what it gives them."""
    match node:
        case OpExpr(args=parts) | ArrayExpr(elements=parts):
            found: tuple[Expr, ...] = parts
        case RowCompare():
            found = (*node.left, *node.right)
        case _:
            return ()
    return tuple(part.arg if isinstance(part, Coerce) and not part.explicit else part for part in found)


def _filled(template: _Template, literals: list[str]) -> Expr | None:
    """The tree with other literals; None where they are not alike, or cannot be read."""
    if any(literals[number] != text for number, text in template.fixed.items()):
        return None
    texts = {at: literals[number] for number, at in template.slots.items()}

    def swap(node: Any) -> Any:
        if not isinstance(node, Const) or node.pos not in texts:
            return node
        known, value = _value(node, texts[node.pos])
        if not known:
            raise _Unread
        return replace(node, value=value)

    try:
        return transform(template.bound, swap)
    except _Unread:
        return None


class _Unread(Exception):  # noqa: N818 - the binder will say what is wrong
    pass


def _value(constant: Const, literal: str) -> tuple[bool, Value]:
    """(whether it is known, the value) of a literal as a constant of that type."""
    type_ = constant.type
    if not literal.startswith("'"):
        if type_.oid == _INT4 and "." not in literal:
            return True, int(literal)
        if type_.oid == _NUMERIC and type_.typmod == -1 and "." in literal:
            return True, Decimal(literal)
        return False, None
    if type_.oid not in _READ or type_.typmod != -1:
        return False, None
    try:
        return True, text_in.parse(literal[1:-1].replace("''", "'"), type_, _UTC)
    except SqlError:
        return False, None
