"""Conditions in three-valued logic: true, false, or None for unknown, which every error in an operand is.

Source: https://www.postgresql.org/docs/15/functions-json.html#JSONPATH-FILTER-EX-TABLE
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from fedgate.sql.functions.regex import regex_like
from fedgate.sql.jsonpath import methods
from fedgate.sql.jsonpath.comparing import compared
from fedgate.sql.jsonpath.items import Base, Found, Outcome, Value
from fedgate.types.jsonpath import tree
from fedgate.types.jsonpath.tree import Item, Items
from fedgate.types.zones import Zone

Test: TypeAlias = "Callable[[Value, Value], bool | None]"


class Runner(Protocol):
    """What conditions need of an evaluation."""

    lax: bool
    raising: bool
    zone: Zone | None

    def run(self, items: Items, value: Value, base: Base, found: Found) -> Outcome: ...

    def sequence(self, items: Items, value: Value, base: Base, *, unwrap: bool) -> list[Value] | None: ...

    def visit(self, weight: int = 1) -> None: ...


def truth(ev: Runner, item: Item, value: Value, base: Base) -> bool | None:
    """Whether a condition holds for a value."""
    match item:
        case tree.Logic():
            return _logic(ev, item, value, base)
        case tree.Tested(test="exists"):
            return _exists(ev, item.arg, value, base)
        case tree.Tested(test="!"):
            inner = truth(ev, item.arg[0], value, base)
            return None if inner is None else not inner
        case tree.Tested():
            return truth(ev, item.arg[0], value, base) is None
        case tree.Compare(op=op):
            left = _operands(ev, item.left, value, base, unwrap=True)
            if left is None:
                return None
            right = _operands(ev, item.right, value, base, unwrap=op != "starts with")
            return _any(ev, left, right, _starts_with if op == "starts with" else _comparison(ev, op))
        case tree.LikeRegex():
            return _any(ev, _operands(ev, item.arg, value, base, unwrap=True), (None,), _matching(ev, item))
    raise AssertionError(item)


def _logic(ev: Runner, item: tree.Logic, value: Value, base: Base) -> bool | None:
    """The second side is asked even where the first is unknown: it may decide."""
    deciding = item.op == "||"
    result = truth(ev, item.args[0][0], value, base)
    for arg in item.args[1:]:
        if result is deciding:
            return result
        other = truth(ev, arg[0], value, base)
        if other is None or other is deciding:
            result = other
    return result


def _exists(ev: Runner, items: Items, value: Value, base: Base) -> bool | None:
    """Strict mode looks at all, as any error makes it unknown."""
    outer, ev.raising = ev.raising, False
    found: Found = None if ev.lax else []
    outcome = ev.run(items, value, base, found)
    ev.raising = outer
    if outcome == "error":
        return None
    return outcome == "found" if found is None else bool(found)


def _any(ev: Runner, left: Sequence[Value] | None, right: Sequence[Value] | None, test: Test) -> bool | None:
    """Whether any pair passes. Strict mode looks at all, and one that is unknown decides; lax mode takes the first true."""
    if left is None or right is None:
        return None
    passed = unknown = False
    for a in left:
        for b in right:
            ev.visit()
            result = test(a, b)
            if result is None:
                if not ev.lax:
                    return None
                unknown = True
            elif result:
                if ev.lax:
                    return True
                passed = True
    return True if passed else None if unknown else False


def _operands(ev: Runner, items: Items, value: Value, base: Base, *, unwrap: bool) -> list[Value] | None:
    outer, ev.raising = ev.raising, False
    values = ev.sequence(items, value, base, unwrap=unwrap)
    ev.raising = outer
    return values


def _comparison(ev: Runner, op: str) -> Test:
    return lambda a, b: compared(op, a, b, ev.zone)


def _matching(ev: Runner, item: tree.LikeRegex) -> Test:
    flags = methods.regex_flags(item.flags)

    def matches(text: Value, _: Value) -> bool | None:
        if not isinstance(text, str):
            return None
        ev.visit(methods.regex_weight(item.pattern, flags, text))
        return regex_like(text, item.pattern, flags)

    return matches


def _starts_with(whole: Value, initial: Value) -> bool | None:
    return whole.startswith(initial) if isinstance(whole, str) and isinstance(initial, str) else None
