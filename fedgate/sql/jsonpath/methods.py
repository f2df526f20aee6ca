"""What methods and operators make of one item.

Source: https://www.postgresql.org/docs/15/functions-json.html#FUNCTIONS-SQLJSON-OP-TABLE
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from fedgate.cache import of_texts
from fedgate.errors import SqlError
from fedgate.sql.functions.regex import compiled
from fedgate.sql.functions.regex_bounds import ways
from fedgate.sql.jsonpath.datetimes import ItemError, moment
from fedgate.sql.jsonpath.items import Value, type_name
from fedgate.sql.numeric import rules
from fedgate.sql.numeric.columns import toward
from fedgate.types.float_text import parse_float8
from fedgate.types.jsonpath.tree import Items, JsonPath, LikeRegex, inner

__all__ = ["METHODS", "ItemError", "calculated", "check_patterns", "moment", "regex_flags", "regex_weight"]

_FLOAT8_DIGITS: Final = 15
_WAYS_PER_VISIT: Final = 100
_ARITHMETIC: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": rules.add,
    "-": rules.subtract,
    "*": rules.multiply,
    "/": rules.divide,
    "%": rules.modulo,
}


def calculated(op: str, left: Decimal, right: Decimal) -> Decimal:
    """As numeric does. Raises SqlError 22012, 22003."""
    return _ARITHMETIC[op](left, right)


def _numeric(name: str, compute: Callable[[Decimal], Decimal]) -> Callable[[Value], Value]:
    def method(value: Value) -> Value:
        if not isinstance(value, Decimal):
            raise ItemError("22036", f"jsonpath item method .{name}() can only be applied to a numeric value")
        return compute(value)

    return method


def _double(value: Value) -> Value:
    """A number that double precision holds, as it is; a string as the number that it holds."""
    if not isinstance(value, Decimal | str):
        raise ItemError("22036", "jsonpath item method .double() can only be applied to a string or numeric value")
    try:
        number = parse_float8(rules.write(value) if isinstance(value, Decimal) else value)
    except SqlError:
        number = math.nan
    if not math.isfinite(number):
        what = "string" if isinstance(value, str) else "numeric"
        problem = (
            "is not a valid representation of a double precision number"
            if isinstance(value, str)
            else "is out of range for type double precision"
        )
        raise ItemError("22036", f"{what} argument of jsonpath item method .double() {problem}")
    return rules.from_float(number, _FLOAT8_DIGITS) if isinstance(value, str) else value


METHODS: Final[dict[str, Callable[[Value], Value]]] = {
    "type": type_name,
    "size": lambda value: Decimal(len(value) if isinstance(value, list) else 1),
    "abs": _numeric("abs", Decimal.copy_abs),
    "floor": _numeric("floor", lambda value: toward(value, False)),
    "ceiling": _numeric("ceiling", lambda value: toward(value, True)),
    "double": _double,
}


# -- like_regex -----------------------------------------------------------------------------------------------------------------


def regex_flags(flags: str) -> str:
    """XQuery's flags as options of PostgreSQL's regular expressions; without "s" a point is no newline."""
    case = "i" if "i" in flags else ""
    if "q" in flags:
        return case + "q"
    lines = {(False, False): "p", (True, False): "s", (False, True): "n", (True, True): "w"}
    return case + lines["s" in flags, "m" in flags]


def check_patterns(path: JsonPath) -> None:
    """Raises SqlError 2201B for a pattern of like_regex that is none, 0A000 for one that cannot be run here."""
    _check(path.items)


def _check(items: Items) -> None:
    for item in items:
        if isinstance(item, LikeRegex):
            compiled(item.pattern, regex_flags(item.flags))
        for part in inner(item):
            _check(part)


@of_texts(512)
def _known(pattern: str, flags: str, length: int) -> int:
    return ways(compiled(pattern, flags), length)


def regex_weight(pattern: str, flags: str, text: str) -> int:
    """What a match counts as, in values looked at."""
    return min(_known(pattern, flags, len(text)) // _WAYS_PER_VISIT, 1_000_000) if text else 0
