"""Path -> text: keys quoted, strings escaped as JSON, parentheses by the operators' priorities.

PostgreSQL 15 leaves parentheses out that an accessor behind them needs (`($.a * 2).abs() + 1` becomes `$."a" * 2.abs() + 1`). Its
text is what clients see; inside, paths travel in `exact` text, which has those parentheses, and none in `a && b && c`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fedgate.types.json_text import quote_json
from fedgate.types.jsonpath.tree import (
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
)
from fedgate.types.numeric_text import numeric_text

_CLOSEST: Final = UNARY + 1


def write(path: JsonPath) -> str:
    """PostgreSQL's text."""
    return _Writer(False).path(path)


def exact(path: JsonPath) -> str:
    """The text that reads as the same path."""
    return _Writer(True).path(path)


def _priority(items: Items) -> int:
    match items[0]:
        case Logic(op=op) | Compare(op=op) | Arithmetic(op=op):
            return PRIORITY[op]
        case Signed():
            return UNARY
    return _CLOSEST


@dataclass(frozen=True, slots=True)
class _Writer:
    exact: bool

    def path(self, path: JsonPath) -> str:
        return ("strict " if path.strict else "") + self._items(path.items, parenthesized=True)

    def _items(self, items: Items, *, parenthesized: bool) -> str:
        first = self._first(items[0], parenthesized=parenthesized, followed=len(items) > 1)
        return first + "".join(map(self._accessor, items[1:]))

    def _operand(self, items: Items, outer: int) -> str:
        """An operand in parentheses unless it binds closer than its operator."""
        return self._items(items, parenthesized=_priority(items) <= outer)

    def _first(self, item: Item, *, parenthesized: bool, followed: bool) -> str:
        match item:
            case Constant():
                text = _constant(item)
                return f"({text})" if followed and text[0] in "-0123456789" else text
            case Variable(name=name):
                return "$" + quote_json(name)
            case Anchor(name=name):
                return name
            case Tested():
                text = self._tested(item)
                return f"({text})" if followed and self.exact else text
            case Logic():
                text = self._logic(item)
            case Arithmetic() | Compare():
                own = _priority((item,))
                text = f"{self._operand(item.left, own)} {item.op} {self._operand(item.right, own)}"
            case Signed():
                text = item.op + self._operand(item.arg, UNARY)
            case LikeRegex():
                flags = f' flag "{item.flags}"' if item.flags else ""
                text = f"{self._operand(item.arg, _CLOSEST)} like_regex {quote_json(item.pattern)}{flags}"
            case _:
                raise AssertionError(item)
        return f"({text})" if parenthesized or (followed and self.exact) else text

    def _tested(self, item: Tested) -> str:
        text = f"({self._items(item.arg, parenthesized=False)})"
        if item.test == "is unknown":
            return f"{text} is unknown"
        return f"exists {text}" if item.test == "exists" else f"!{text}"

    def _logic(self, item: Logic) -> str:
        """Of several in a row each pair but the last stands in parentheses."""
        own = _priority((item,))
        parts = [self._operand(arg, own) for arg in item.args]
        if self.exact:
            return f" {item.op} ".join(parts)
        tail = "".join(f" {item.op} {part})" for part in parts[1:-1])
        return f"{'(' * (len(parts) - 2)}{parts[0]}{tail} {item.op} {parts[-1]}"

    def _accessor(self, item: Item) -> str:
        match item:
            case Key(name=name):
                return "." + quote_json(name)
            case AnyKey():
                return ".*"
            case AnyElement():
                return "[*]"
            case Subscripts(ranges=ranges):
                return f"[{','.join(self._range(*pair) for pair in ranges)}]"
            case Descend(first=first, last=last):
                return _descend(first, last)
            case Filter(condition=condition):
                return f"?({self._items(condition, parenthesized=False)})"
            case Method(name=name):
                return f".{name}()"
            case Datetime(template=template):
                return f".datetime({'' if template is None else quote_json(template)})"
        raise AssertionError(item)

    def _range(self, first: Items, last: Items | None) -> str:
        text = self._items(first, parenthesized=False)
        return text if last is None else f"{text} to {self._items(last, parenthesized=False)}"


def _constant(item: Constant) -> str:
    value = item.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote_json(value) if isinstance(value, str) else numeric_text(value)


def _descend(first: int | None, last: int | None) -> str:
    if first == 0 and last is None:
        return ".**"
    shown = ["last" if level is None else str(level) for level in (first, last)]
    return f".**{{{shown[0]}}}" if first == last else f".**{{{shown[0]} to {shown[1]}}}"
