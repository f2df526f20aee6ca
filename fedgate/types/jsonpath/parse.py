"""Text -> path. One pass by precedence; what is a value and what a condition decides which operators may follow.

Raises SqlError 42601, 22P02 (nothing there, surrogates alone), 22P05, 22003 (a number out of range), 54001 (nested too deep), 0A000
(flag "x", as PostgreSQL). Whether patterns of like_regex are regular expressions is not looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NoReturn

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.types.jsonpath.scan import KEYWORDS, METHODS, Scanner, Token, syntax_error
from fedgate.types.jsonpath.tree import (
    COMPARING,
    PRIORITY,
    UNARY,
    Anchor,
    AnyElement,
    AnyKey,
    Arithmetic,
    Compare,
    Constant,
    Datetime,
    Descend,
    Filter,
    Item,
    Items,
    JsonPath,
    Key,
    LikeRegex,
    Logic,
    Method,
    Signed,
    Subscripts,
    Tested,
    Variable,
    inner,
)
from fedgate.types.numeric_text import parse_numeric

_PRIORITY: Final = PRIORITY | dict.fromkeys(("starts", "like_regex"), COMPARING)  # of tokens
_NAMES: Final = KEYWORDS | {"name", "string"}
_INT4_MAX: Final = 2**31 - 1
_FLAGS: Final = "ismxq"


@dataclass(frozen=True, slots=True)
class _Part:
    """What was read: `condition` is true, false or unknown; a `bare` one may be negated. `depth` counts nested items."""

    items: Items
    depth: int = 1
    condition: bool = False
    bare: bool = False


def parse(text: str) -> JsonPath:
    """The path of a text; see the module docstring for errors."""
    try:
        return _Parser(text).run()
    except RecursionError:
        raise too_deep() from None


def too_deep() -> SqlError:
    """54001 for paths, and for values that they walk through."""
    return SqlError("54001", "stack depth limit exceeded", hint="Nest the path and the JSON value less deeply.")


class _Parser:
    __slots__ = ("_depth", "_digits", "_scanner", "_text", "_token")

    def __init__(self, text: str) -> None:
        self._text = text
        self._scanner = Scanner(text)
        self._token = self._scanner.next()
        self._depth = 0
        self._digits = 0

    def run(self) -> JsonPath:
        if self._token.kind == "end":
            raise SqlError("22P02", f'invalid input syntax for type jsonpath: "{self._text}"')
        strict = self._token.kind == "strict"
        if self._token.kind in ("strict", "lax"):
            self._take()
        part = self._expression(0)
        if self._token.kind != "end":
            self._wrong()
        _check_anchors(part.items, filtered=False, subscript=False)
        return JsonPath(strict, part.items)

    # -- tokens

    def _take(self, kind: str | None = None) -> Token:
        token = self._token
        if kind is not None and token.kind != kind:
            self._wrong()
        self._token = self._scanner.next()
        return token

    def _wrong(self) -> NoReturn:
        raise syntax_error("syntax error", self._token.near)

    def _require(self, *parts: _Part, condition: bool) -> None:
        """Values where values stand, conditions where these do; the token that follows does not fit else."""
        if any(part.condition is not condition for part in parts):
            self._wrong()

    # -- expressions

    def _expression(self, lowest: int) -> _Part:
        """What binds at least as `lowest` does."""
        self._depth += 1
        if self._depth > limits.JSONPATH_DEPTH_MAX:
            raise too_deep()
        left = self._operand()
        while (priority := _PRIORITY.get(self._token.kind, -1)) >= lowest:
            self._require(left, condition=priority < COMPARING)
            left = self._binary(left, self._take().kind, priority)
            if left.depth > limits.JSONPATH_DEPTH_MAX:
                raise too_deep()
        self._depth -= 1
        return left

    def _binary(self, left: _Part, op: str, priority: int) -> _Part:
        if op == "starts":
            return self._starts_with(left)
        if op == "like_regex":
            return self._like_regex(left)
        right = self._expression(priority + 1)
        self._require(right, condition=priority < COMPARING)
        depth = max(left.depth, right.depth) + 1
        if priority < COMPARING:
            known = left.items[0] if len(left.items) == 1 else None
            if isinstance(known, Logic) and known.op == op:
                return _Part((Logic(op, (*known.args, right.items)),), max(left.depth, right.depth + 1), True)
            return _Part((Logic(op, (left.items, right.items)),), depth, True)
        if priority == COMPARING:
            return _Part((Compare(op, left.items, right.items),), depth, True)
        return _Part((Arithmetic(op, left.items, right.items),), depth)

    def _starts_with(self, left: _Part) -> _Part:
        self._take("with")
        if self._token.kind not in ("string", "variable"):
            self._wrong()
        token = self._take()
        initial = Constant(token.text) if token.kind == "string" else Variable(token.text)
        return _Part((Compare("starts with", left.items, (initial,)),), left.depth + 1, True)

    def _like_regex(self, left: _Part) -> _Part:
        pattern = self._take("string").text
        flags = ""
        if self._token.kind == "flag":
            self._take()
            flags = _flags(self._take("string").text)
        return _Part((LikeRegex(left.items, pattern, flags),), left.depth + 1, True)

    def _operand(self) -> _Part:
        kind = self._token.kind
        if kind == "!":
            self._take()
            if self._token.kind not in ("(", "exists"):
                self._wrong()
            part = self._primary(negated=True)
            self._require(part, condition=True)
            return _Part((Tested("!", part.items),), part.depth + 1, True)
        if kind in ("+", "-"):
            self._take()
            part = self._expression(UNARY)
            self._require(part, condition=False)
            return _Part(_signed(kind, part.items), part.depth + 1)
        return self._primary()

    def _primary(self, negated: bool = False) -> _Part:
        token = self._take()
        if token.kind == "exists":
            self._take("(")
            part = self._expression(0)
            self._require(part, condition=False)
            self._take(")")
            return _Part((Tested("exists", part.items),), part.depth + 1, True)
        if token.kind == "(":
            part = self._expression(0)
            self._take(")")
            if part.condition and self._token.kind == "is" and not negated:
                self._take()
                self._take("unknown")
                return _Part((Tested("is unknown", part.items),), part.depth + 1, True)
            if negated or (part.condition and self._token.kind not in (".", "[", "?")):
                return _Part(part.items, part.depth, part.condition)
            return self._accessors(part)
        return self._accessors(_Part((self._start(token),)))

    def _start(self, token: Token) -> Item:
        match token.kind:
            case "$" | "@" | "last":
                return Anchor(token.kind)
            case "variable":
                return Variable(token.text)
            case "string":
                return Constant(token.text)
            case "number" | "integer":
                return Constant(self._number(token.text))
            case "null" | "true" | "false":
                return Constant({"null": None, "true": True, "false": False}[token.kind])
        raise syntax_error("syntax error", token.near)

    def _number(self, text: str) -> Decimal:
        """A few characters can mean many digits."""
        value = parse_numeric(text)
        self._digits += max(value.adjusted() if value else 0, -int(value.as_tuple().exponent))
        if self._digits > limits.JSONPATH_DIGITS_MAX:
            raise SqlError("54001", f"a JSON path with numbers of more than {limits.JSONPATH_DIGITS_MAX} digits is not supported")
        return value

    # -- accessors

    def _accessors(self, start: _Part) -> _Part:
        items = list(start.items)
        depth = start.depth
        while self._token.kind in (".", "[", "?"):
            if len(items) >= limits.JSONPATH_STEPS_MAX:
                raise SqlError(
                    "54001",
                    f"a JSON path of more than {limits.JSONPATH_STEPS_MAX} steps is not supported",
                    hint="Apply a second path to what the first one gives.",
                )
            item, inside = self._accessor()
            items.append(item)
            depth = max(depth, inside + 1)
        return _Part(tuple(items), depth)

    def _accessor(self) -> tuple[Item, int]:
        """The next accessor and how deep what stands in it is."""
        kind = self._take().kind
        if kind == "?":
            self._take("(")
            condition = self._expression(0)
            self._require(condition, condition=True)
            self._take(")")
            return Filter(condition.items), condition.depth
        if kind == "[":
            return self._subscripts()
        return self._member(), 0

    def _member(self) -> Item:
        token = self._take()
        if token.kind == "*":
            return AnyKey()
        if token.kind == "**":
            return self._descend()
        if token.kind not in _NAMES:
            raise syntax_error("syntax error", token.near)
        if self._token.kind == "(" and (token.kind in METHODS or token.kind == "datetime"):
            self._take()
            template = self._take().text if token.kind == "datetime" and self._token.kind == "string" else None
            self._take(")")
            return Datetime(template) if token.kind == "datetime" else Method(token.kind)
        return Key(token.text)

    def _descend(self) -> Descend:
        if self._token.kind != "{":
            return Descend(0, None)
        self._take()
        first = last = self._level()
        if self._token.kind == "to":
            self._take()
            last = self._level()
        self._take("}")
        return Descend(first, last)

    def _level(self) -> int | None:
        if self._token.kind not in ("integer", "last"):
            self._wrong()
        token = self._take()
        if token.kind == "last":
            return None
        if len(token.text) > len(str(_INT4_MAX)) or int(token.text) > _INT4_MAX:
            raise SqlError("22003", f'value "{token.text}" is out of range for type integer')
        return int(token.text)

    def _subscripts(self) -> tuple[Item, int]:
        if self._token.kind == "*":
            self._take()
            self._take("]")
            return AnyElement(), 0
        ranges: list[tuple[Items, Items | None]] = []
        depth = 0
        while True:
            parts = [self._expression(0)]
            if self._token.kind == "to":
                self._take()
                parts.append(self._expression(0))
            self._require(*parts, condition=False)
            depth = max(depth, *(part.depth for part in parts))
            ranges.append((parts[0].items, parts[1].items if len(parts) > 1 else None))
            if self._token.kind != ",":
                break
            self._take()
        self._take("]")
        return Subscripts(tuple(ranges)), depth


def _signed(op: str, items: Items) -> Items:
    """The sign of a number that is written out belongs to it."""
    first = items[0]
    if len(items) == 1 and isinstance(first, Constant) and not isinstance(first.value, str | bool | None):
        return items if op == "+" else (Constant(first.value.copy_negate() if first.value else first.value),)
    return (Signed("+" if op == "+" else "-", items),)


def _flags(text: str) -> str:
    for letter in text:
        if letter not in _FLAGS:
            detail = f'Unrecognized flag character "{letter}" in LIKE_REGEX predicate.'
            raise SqlError("42601", "invalid input syntax for type jsonpath", detail=detail)
    if "x" in text and "q" not in text:
        raise SqlError("0A000", 'XQuery "x" flag (expanded regular expressions) is not implemented')
    return "".join(letter for letter in _FLAGS if letter in text)


def _check_anchors(items: Items, *, filtered: bool, subscript: bool) -> None:
    """`@` stands in filters, `last` in subscripts."""
    for item in items:
        if isinstance(item, Anchor) and item.name == "@" and not filtered:
            raise SqlError("42601", "@ is not allowed in root expressions")
        if isinstance(item, Anchor) and item.name == "last" and not subscript:
            raise SqlError("42601", "LAST is allowed only in array subscripts")
        for part in inner(item):
            _check_anchors(part, filtered=filtered or isinstance(item, Filter), subscript=subscript or isinstance(item, Subscripts))
