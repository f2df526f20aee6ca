"""What is known of a shard's values: domains of columns, and cases of them.

Contract: a `Domain` says which values a column may hold; it may say too much, never too little. A `Case` maps attnums to
domains; a column without one may hold anything. What is known of rows is one case or several, one of which holds for each row.

Values are those of fedgate.types.values; they are only compared where Python orders them as PostgreSQL does (`comparable`).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from fedgate.sql.tree import (
    ArrayExpr,
    Coerce,
    Const,
    Expr,
    ScalarArrayOp,
    Var,
)
from fedgate.types import BY_OID
from fedgate.types.values import Value

_INTEGERS = frozenset([20, 21, 23])
_TEXTS = frozenset([25, 1043])
_FLOATS = frozenset([700, 701])
# Types whose values, as fedgate.types.values holds them, Python compares as PostgreSQL does. char(n) is not: its padding does not
# count; nor real: a Python float holds more of a literal than it.
_COMPARABLE = _INTEGERS | _TEXTS | frozenset([16, 17, 26, 701, 1082, 1083, 1114, 1184, 1700, 2950])
# Conversions that keep a number's value, so that the column below may be compared instead.
_KEEPING = frozenset(
    [(21, 23), (21, 20), (23, 20), (21, 701), (23, 701), (700, 701), (21, 1700), (23, 1700), (20, 1700), (1043, 25), (25, 1043)]
)
FLIPPED: Final = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Domain:
    """Either finite (`values`) or a range without the values in `but`; `null`: whether NULL is possible. Bounds None are open."""

    values: frozenset[Value] | None = None
    low: Any = None
    low_open: bool = False
    high: Any = None
    high_open: bool = False
    null: bool = True
    but: frozenset[Value] = frozenset()

    @property
    def empty(self) -> bool:
        """No value but NULL is possible."""
        if self.values is not None:
            return not self.values
        if self.low is None or self.high is None:
            return False
        return bool(self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)))

    def admits(self, value: Any) -> bool:
        """Whether the value (not NULL) is in the range; of a finite domain, whether it is one of the values."""
        if self.values is not None:
            return value in self.values
        if value in self.but:
            return False
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        return not (self.high is not None and (value > self.high or (self.high_open and value == self.high)))

    def meet(self, other: Domain) -> Domain:
        """What both admit."""
        null = self.null and other.null
        if self.values is not None:
            return Domain(frozenset(v for v in self.values if other.admits(v)), null=null)
        if other.values is not None:
            return Domain(frozenset(v for v in other.values if self.admits(v)), null=null)
        low, low_open = _bound(self.low, self.low_open, other.low, other.low_open, larger=True)
        high, high_open = _bound(self.high, self.high_open, other.high, other.high_open, larger=False)
        return Domain(None, low, low_open, high, high_open, null, self.but | other.but)

    def __str__(self) -> str:
        if self.values is not None:
            if not self.values:
                return "is NULL"
            shown = sorted(map(repr, self.values))
            return f"= {shown[0]}" if len(shown) == 1 else f"in ({', '.join(shown[:6])}{', …' if len(shown) > 6 else ''})"
        parts = [f"<> {value}" for value in sorted(map(repr, self.but))]
        if self.low is not None:
            parts.append(f"{'>' if self.low_open else '>='} {self.low!r}")
        if self.high is not None:
            parts.append(f"{'<' if self.high_open else '<='} {self.high!r}")
        return " and ".join(parts) or "anything"


class Elements:
    """The elements of an array, of which many domains are asked about: whether one is in it, and whether all of it are elements."""

    def __init__(self, items: Iterable[Value]) -> None:
        given = frozenset(items)
        self.null = None in given
        self.values = given - {None}
        self._sorted: list[Any] | None = None

    def meets(self, domain: Domain) -> bool:
        """Whether an element is in the domain."""
        if domain.values is not None:
            return not self.values.isdisjoint(domain.values)
        if self._sorted is None:
            self._sorted = sorted(self.values)
        first = 0 if domain.low is None else bisect_left(self._sorted, domain.low)
        return any(domain.admits(value) for value in self._sorted[first : first + 2 + len(domain.but)])

    def cover(self, domain: Domain) -> bool:
        """Whether all values of a finite domain are elements."""
        return domain.values is not None and domain.values <= self.values


ANY = Domain()
Case: TypeAlias = Mapping[int, Domain]


def _bound(a: Any, a_open: bool, b: Any, b_open: bool, *, larger: bool) -> tuple[Any, bool]:
    if a is None or b is None:
        return (b, b_open) if a is None else (a, a_open)
    if a == b:
        return a, a_open or b_open
    return (a, a_open) if (a > b) == larger else (b, b_open)


def comparison(op: str, value: Value, *, null: bool = False) -> Domain | None:
    """The non-NULL values that satisfy `column op value`, and NULL if it does; None where it cannot be said."""
    if value is None:
        return Domain(frozenset(), null=null)
    if op == "=":
        return Domain(frozenset([value]), null=null)
    if op in ("<", "<="):
        return Domain(high=value, high_open=op == "<", null=null)
    if op in (">", ">="):
        return Domain(low=value, low_open=op == ">", null=null)
    return None


def compare(op: str, a: Any, b: Any) -> bool:
    """`a op b` of two values that are not NULL and that Python orders as PostgreSQL does."""
    if op == "=":
        return bool(a == b)
    if op == "<>":
        return bool(a != b)
    domain = comparison(op, b)
    assert domain is not None
    return domain.admits(a)


def comparable(left: int, right: int) -> bool:
    """Whether Python compares values of these two types (OIDs) as PostgreSQL's operator does."""
    if {left, right} == _FLOATS:  # as double precision
        return True
    same = left == right or (left in _INTEGERS and right in _INTEGERS) or (left in _TEXTS and right in _TEXTS)
    return same and left in _COMPARABLE


def ordered(value: Value) -> bool:
    """Whether a value orders in Python as in PostgreSQL: not a NaN, not a composite."""
    if isinstance(value, float):
        return not math.isnan(value)
    if isinstance(value, Decimal):
        return not value.is_nan()
    return not isinstance(value, tuple)


def keeps(source: int, target: int) -> bool:
    """Whether a conversion between these types (OIDs) keeps every value, as comparisons see it."""
    return source == target or (source, target) in _KEEPING


def column_of(expr: Expr) -> Var | None:
    """The column that `expr` is, conversions that keep its value taken off; None if it is something else."""
    while isinstance(expr, Coerce):
        source, target = expr.arg.type, expr.type
        if target.typmod != -1 and target.typmod != source.typmod:
            return None
        if not keeps(source.oid, target.oid):
            return None
        expr = expr.arg
    return expr if isinstance(expr, Var) else None


# ------------------------------------------------------------------------------------------------ arrays


def comparable_array(expr: ScalarArrayOp) -> bool:
    return comparable(expr.arg_types[0], BY_OID[expr.arg_types[1]].element_oid)


def constants(array: Expr) -> tuple[Value, ...] | None:
    """The elements of a constant array; None if it is not one (or is NULL)."""
    if isinstance(array, Coerce) and array.method in ("relabel", "array") and isinstance(array.arg, ArrayExpr):
        inner = array.arg
        if all(column_type_kept(e, array) for e in inner.elements):
            array = inner
    if isinstance(array, Const) and isinstance(array.value, tuple):
        return array.value
    if isinstance(array, ArrayExpr) and all(isinstance(e, Const) for e in array.elements):
        return tuple(e.value for e in array.elements if isinstance(e, Const))
    return None


def column_type_kept(element: Expr, target: Coerce) -> bool:
    """Whether the elements keep their values under the array's conversion."""
    oid = BY_OID[target.type.oid].element_oid
    return keeps(element.type.oid, oid)
