"""A path of SQL/JSON as a frozen tree. An expression is a tuple of items: where it starts, then an accessor a step.

Source: https://www.postgresql.org/docs/15/datatype-json.html#DATATYPE-JSONPATH
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

Sign = Literal["+", "-"]
Test = Literal["!", "is unknown", "exists"]
COMPARING: Final = 2
PRIORITY: Final = {
    "||": 0,
    "&&": 1,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "starts with"), COMPARING),
    **dict.fromkeys(("+", "-"), 3),
    **dict.fromkeys(("*", "/", "%"), 4),
}
"""How closely operators of two sides bind; those below COMPARING join conditions, those of it make them."""
UNARY: Final = 5
"""How closely a sign does."""


@dataclass(frozen=True, slots=True)
class Constant:
    """null, a boolean, a number (its exponent is minus the display scale) or a string."""

    value: bool | Decimal | str | None


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """`$`, `@` or `last`."""

    name: str


@dataclass(frozen=True, slots=True)
class Key:
    name: str


@dataclass(frozen=True, slots=True)
class AnyKey:
    """`.*`"""


@dataclass(frozen=True, slots=True)
class AnyElement:
    """`[*]`"""


@dataclass(frozen=True, slots=True)
class Subscripts:
    """`[1, 2 to last]`: each from where, and to where if that was written."""

    ranges: tuple[tuple[Items, Items | None], ...]


@dataclass(frozen=True, slots=True)
class Descend:
    """`.**{first to last}`, counted from the value itself; None is `last`."""

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Filter:
    condition: Items


@dataclass(frozen=True, slots=True)
class Method:
    """A method without arguments."""

    name: str


@dataclass(frozen=True, slots=True)
class Datetime:
    template: str | None


@dataclass(frozen=True, slots=True)
class Arithmetic:
    op: str
    left: Items
    right: Items


@dataclass(frozen=True, slots=True)
class Signed:
    op: Sign
    arg: Items


@dataclass(frozen=True, slots=True)
class Logic:
    """`&&` or `||` of two or more, from left to right."""

    op: str
    args: tuple[Items, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """`==`, `!=`, `<`, `<=`, `>`, `>=` or `starts with`."""

    op: str
    left: Items
    right: Items


@dataclass(frozen=True, slots=True)
class LikeRegex:
    """`flags`: letters of "ismxq" in this order."""

    arg: Items
    pattern: str
    flags: str


@dataclass(frozen=True, slots=True)
class Tested:
    test: Test
    arg: Items


Item: TypeAlias = (
    Constant
    | Variable
    | Anchor
    | Key
    | AnyKey
    | AnyElement
    | Subscripts
    | Descend
    | Filter
    | Method
    | Datetime
    | Arithmetic
    | Signed
    | Logic
    | Compare
    | LikeRegex
    | Tested
)
Items: TypeAlias = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class JsonPath:
    strict: bool
    items: Items


def inner(item: Item) -> tuple[Items, ...]:
    """The expressions that stand in an item."""
    match item:
        case Filter():
            return (item.condition,)
        case Arithmetic() | Compare():
            return (item.left, item.right)
        case Signed() | LikeRegex() | Tested():
            return (item.arg,)
        case Logic():
            return item.args
        case Subscripts():
            return tuple(part for pair in item.ranges for part in pair if part is not None)
    return ()
