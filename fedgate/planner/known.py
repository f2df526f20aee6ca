"""What pruning knows of an expression when the parameters have their values: the value itself, or the domain of a column.

Contract: `Known` is about one relation and one execution. What it says is never too little: a domain holds every value for which
the condition can be TRUE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from fedgate.planner.compute import Unknown, value_of
from fedgate.planner.domains import (
    FLIPPED,
    Domain,
    Elements,
    column_of,
    comparable,
    comparable_array,
    compare,
    comparison,
    constants,
    keeps,
    ordered,
)
from fedgate.planner.preimage import DAY_TYPES, INTERVAL, Preimage, interval_us
from fedgate.sql.tree import (
    BOOL,
    ArrayExpr,
    Coalesce,
    Coerce,
    Const,
    DistinctExpr,
    Expr,
    FuncExpr,
    NullTest,
    OpExpr,
    Param,
    RowCompare,
    ScalarArrayOp,
    Var,
)
from fedgate.types import SqlType
from fedgate.types.values import Interval, Value

_TEXT: Final = 25
_WILD: Final = frozenset("%_\\")
_LAST: Final = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Known:
    """`rel` is the sharded table's relation, `values` are the parameters' by name; without `timezone` nothing is known of what
    depends on the session's zone."""

    rel: int
    values: Mapping[str, Value]
    timezone: str | None = None
    _elements: dict[int, Elements] = field(default_factory=dict, compare=False, repr=False)

    def value(self, expr: Expr) -> tuple[bool, Value]:
        """(whether it is known, the value) of an expression without columns."""
        if isinstance(expr, Const):
            return True, expr.value
        if isinstance(expr, Param):
            return (True, self.values[expr.name]) if expr.name in self.values else (False, None)
        if isinstance(expr, Var):
            return False, None
        if isinstance(expr, Coerce) and expr.type.typmod == -1 and keeps(expr.arg.type.oid, expr.type.oid):
            return self.value(expr.arg)
        if self.timezone is not None and isinstance(expr, (Coerce, OpExpr, FuncExpr)):
            try:
                return True, value_of(expr, self.values, self.timezone)
            except Unknown:
                pass
        return False, None

    def items(self, array: Expr) -> tuple[Value, ...] | None:
        """The elements of an array whose values are all known; None if they are not, or the array is NULL."""
        if isinstance(array, Param):
            value = self.values.get(array.name)
            return value if isinstance(value, tuple) else None
        if isinstance(array, ArrayExpr):
            found = [self.value(e) for e in array.elements]
            return tuple(v for _, v in found) if all(known for known, _ in found) else None
        return constants(array)

    def elements(self, array: Expr) -> Elements | None:
        """The elements of a known array of values that Python orders as PostgreSQL does; kept, as there may be many."""
        found = self._elements.get(id(array))
        if found is None:
            items = self.items(array)
            if items is None or not all(v is None or ordered(v) for v in items):
                return None
            found = self._elements[id(array)] = Elements(items)
        return found

    def column(self, expr: Expr) -> Var | None:
        """The relation's column that an expression is, as comparisons see it."""
        column = column_of(expr)
        return column if column is not None and column.rel == self.rel else None

    def narrowing(self, part: Expr) -> tuple[int, Domain] | None:
        """The column that a condition is about, and the values with which it may be TRUE; None where nothing is known."""
        match part:
            case OpExpr(args=(left, right)):
                return self._prefixed(part.name, left, right) or self._comparison(part)
            case ScalarArrayOp():
                return self._array(part)
            case NullTest():
                column = self.column(part.arg)
                return None if column is None else (column.col, Domain(null=False) if part.negated else Domain(frozenset()))
            case Var() if part.rel == self.rel and part.type.oid == BOOL.oid:
                return part.col, Domain(frozenset([True]), null=False)
            case DistinctExpr(negated=True):
                return self._same(part)
            case RowCompare(op="<" | "<=" | ">" | ">=" as op):
                first = part.left[0], part.right[0]
                return self._comparison(OpExpr(op[0] + "=", first, (first[0].type.oid, first[1].type.oid), BOOL, 0))
            case FuncExpr(name="starts_with", args=(left, right)):
                return self._prefixed("^@", left, right)
        return None

    def each(self, part: ScalarArrayOp) -> tuple[OpExpr, ...] | None:
        """The comparisons that `computed = ANY (…)` is; None if its elements are not known."""
        items = self.items(part.right) if part.name == "=" and not part.all and comparable_array(part) else None
        if items is None or self.column(part.left) is not None:
            return None
        kind = part.left.type.oid
        return tuple(OpExpr("=", (part.left, Const(SqlType(kind), v)), (kind, kind), BOOL, 0) for v in items if v is not None)

    # ------------------------------------------------------------------------------------------- comparisons

    def _comparison(self, part: OpExpr) -> tuple[int, Domain] | None:
        if part.name not in FLIPPED:
            return None
        (left, right), (a, b), name = part.args, part.arg_types, part.name
        known, value = self.value(right)
        if not known:
            left, right, a, b, name = right, left, b, a, FLIPPED[name]
            known, value = self.value(right)
        if not known:
            return None
        if a in DAY_TYPES and b in DAY_TYPES and a != b:
            kind = max(a, b, key=DAY_TYPES.index)
            left, right = (e if e.type.oid == kind else Coerce(e, SqlType(kind), "function", False) for e in (left, right))
            known, value = self.value(right)
        elif (a, b) == (INTERVAL, INTERVAL):
            value = interval_us(value) if isinstance(value, Interval) else None
        elif not comparable(a, b):
            return None
        domain = comparison(name, value) if known and (value is None or ordered(value)) else None
        return None if domain is None else self._solved(left, name, value, domain)

    def _solved(self, left: Expr, name: str, value: Value, wanted: Domain) -> tuple[int, Domain] | None:
        """The column that `left` is or is computed of, and its values for the ones wanted of `left`."""
        if isinstance(left, Coalesce) and len(left.args) == 2:
            known, otherwise = self.value(left.args[1])
            found = self._solved(left.args[0], name, value, wanted) if known and (otherwise is None or ordered(otherwise)) else None
            if found is None:
                return None
            as_null = value is not None and otherwise is not None and compare(name, otherwise, value)
            return found[0], replace(found[1], null=found[1].null or as_null)
        column = self.column(left)
        if column is not None:
            return (column.col, wanted) if column.type.oid != INTERVAL else None
        if wanted.values is not None:
            if not wanted.values:
                return None
            (only,) = wanted.values
            wanted = Domain(low=only, high=only, null=False)
        solved = Preimage(self.column, self.value, self.timezone).of(left, wanted)
        return None if solved is None else (solved[0].col, solved[1])

    def _array(self, part: ScalarArrayOp) -> tuple[int, Domain] | None:
        if part.name != "=" or part.all or not comparable_array(part):
            return None
        column, elements = self.column(part.left), self.elements(part.right)
        return None if column is None or elements is None else (column.col, Domain(elements.values, null=False))

    def _same(self, part: DistinctExpr) -> tuple[int, Domain] | None:
        """IS NOT DISTINCT FROM: = of a value, IS NULL of none."""
        for left, right in ((part.left, part.right), (part.right, part.left)):
            known, value = self.value(right)
            if known and value is None:
                return self.narrowing(NullTest(left, False))
            if known:
                types = part.arg_types if left is part.left else part.arg_types[::-1]
                return self._comparison(OpExpr("=", (left, right), types, BOOL, 0))
        return None

    def _prefixed(self, name: str, left: Expr, right: Expr) -> tuple[int, Domain] | None:
        """LIKE and starts_with: of texts in the order of code points those with one beginning lie together."""
        if name not in ("~~", "^@"):
            return None
        column = self.column(left)
        known, pattern = self.value(right)
        if column is None or not known or not isinstance(pattern, str) or left.type.oid != _TEXT:
            return None
        prefix = pattern if name == "^@" else pattern[: next((i for i, c in enumerate(pattern) if c in _WILD), len(pattern))]
        if name == "~~" and prefix == pattern:
            return column.col, Domain(frozenset([pattern]), null=False)
        stem = prefix.rstrip(chr(_LAST))
        high = stem[:-1] + chr(ord(stem[-1]) + 1) if stem else None
        return column.col, Domain(low=prefix, high=high, high_open=high is not None, null=False)
