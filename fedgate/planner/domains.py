"""What is known of a shard's values: domains of columns, and cases of them.

Contract: a `Domain` says which values a column may hold; it may say too much, never too little. A `Case` maps attnums to
domains; a column without one may hold anything. Facts come from a shard's check, which is true *or NULL* for every row: so a
domain from a check admits NULL, until the column is not_null. A check that is an OR gives several cases, one of which holds for
each row.

Values are those of fedgate.types.values; they are only compared where Python orders them as PostgreSQL does (`comparable`).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypeAlias

from fedgate.sql.tree import (
    ArrayExpr,
    BoolExpr,
    Coerce,
    Const,
    Expr,
    OpExpr,
    ScalarArrayOp,
    Var,
)
from fedgate.types import BY_OID
from fedgate.types.values import Value

CASES_MAX: Final = 32
"""More cases than this are not kept apart: what they say is then not used."""

_INTEGERS = frozenset([20, 21, 23])
_TEXTS = frozenset([25, 1043])
# Types whose values, as fedgate.types.values holds them, Python compares as PostgreSQL does. char(n) is not: its padding does not
# count; nor real: a Python float holds more of a literal than it.
_COMPARABLE = _INTEGERS | _TEXTS | frozenset([16, 17, 26, 701, 1082, 1083, 1114, 1184, 1700, 2950])
# Conversions that keep a number's value, so that the column below may be compared instead.
_KEEPING = frozenset(
    [(21, 23), (21, 20), (23, 20), (21, 701), (23, 701), (21, 1700), (23, 1700), (20, 1700), (1043, 25), (25, 1043)]
)
FLIPPED: Final = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Domain:
    """Either finite (`values`) or a range; `null`: whether NULL is possible. Bounds None are open ends."""

    values: frozenset[Value] | None = None
    low: Any = None
    low_open: bool = False
    high: Any = None
    high_open: bool = False
    null: bool = True

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
        return Domain(None, low, low_open, high, high_open, null)

    def __str__(self) -> str:
        if self.values is not None:
            if not self.values:
                return "is NULL"
            shown = sorted(map(repr, self.values))
            return f"= {shown[0]}" if len(shown) == 1 else f"in ({', '.join(shown[:6])}{', …' if len(shown) > 6 else ''})"
        parts = []
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
        return any(domain.admits(value) for value in self._sorted[first : first + 2])

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


def comparison(op: str, value: Value) -> Domain | None:
    """The non-NULL values that satisfy `column op value`; None where it cannot be said."""
    if value is None:
        return Domain(frozenset(), null=False)
    if op == "=":
        return Domain(frozenset([value]), null=False)
    if op in ("<", "<="):
        return Domain(high=value, high_open=op == "<", null=False)
    if op in (">", ">="):
        return Domain(low=value, low_open=op == ">", null=False)
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


# ------------------------------------------------------------------------------------------------ facts from a check


def cases_of(check: Expr | None) -> tuple[Case, ...]:
    """The cases of a check (true or NULL): for each row at least one holds. What is not understood says nothing."""
    if check is None:
        return ({},)
    if isinstance(check, BoolExpr) and check.op == "and":
        cases: tuple[Case, ...] = ({},)
        for arg in check.args:
            more = cases_of(arg)
            if len(cases) * len(more) <= CASES_MAX:
                cases = tuple(_both(a, b) for a in cases for b in more)
        return cases
    if isinstance(check, BoolExpr) and check.op == "or":
        found = tuple(case for arg in check.args for case in cases_of(arg))
        return found if len(found) <= CASES_MAX else ({},)
    return (_fact(check),)


def _both(a: Case, b: Case) -> Case:
    return {**a, **b, **{n: a[n].meet(b[n]) for n in a.keys() & b.keys()}}


def _fact(check: Expr) -> Case:
    domain: Domain | None = None
    column: Var | None = None
    if isinstance(check, OpExpr) and len(check.args) == 2:
        column, domain = _comparison_fact(check)
    elif isinstance(check, ScalarArrayOp) and check.name == "=" and not check.all and comparable_array(check):
        column, values = column_of(check.left), constants(check.right)
        if values is not None and all(ordered(v) for v in values if v is not None):
            # With a NULL among them the check is never false: it says nothing.
            domain = None if None in values else Domain(frozenset(values), null=False)
    elif isinstance(check, Var) and check.type.oid == 16:
        column, domain = check, Domain(frozenset([True]), null=False)
    elif isinstance(check, BoolExpr) and check.op == "not" and isinstance(check.args[0], Var):
        column, domain = check.args[0], Domain(frozenset([False]), null=False)
    if column is None or domain is None:
        return {}
    return {column.col: replace(domain, null=True)}


def _comparison_fact(check: OpExpr) -> tuple[Var | None, Domain | None]:
    if check.name not in FLIPPED or not comparable(*check.arg_types):
        return None, None
    left, right = check.args
    name = check.name
    if isinstance(left, Const):
        left, right, name = right, left, FLIPPED[name]
    if not isinstance(right, Const) or right.value is None or not ordered(right.value):
        return None, None
    return column_of(left), comparison(name, right.value)


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
