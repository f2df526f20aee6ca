"""What pruning knows of an expression when the parameters have their values: the value itself, or the domain of a column.

Contract: `Known` is about one relation and one execution. What it says is never too little: a domain holds every value for which
the condition can be TRUE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fedgate.planner.domains import (
    FLIPPED,
    Domain,
    Elements,
    column_of,
    comparable,
    comparable_array,
    comparison,
    constants,
    keeps,
    ordered,
)
from fedgate.sql.tree import ArrayExpr, Coerce, Const, Expr, NullTest, OpExpr, Param, ScalarArrayOp, Var
from fedgate.types.values import Value


@dataclass(frozen=True, slots=True)
class Known:
    """`rel` is the sharded table's relation, `values` are the parameters' by name."""

    rel: int
    values: Mapping[str, Value]
    _elements: dict[int, Elements] = field(default_factory=dict, compare=False, repr=False)

    def value(self, expr: Expr) -> tuple[bool, Value]:
        """(whether it is known, the value) of an expression without columns."""
        if isinstance(expr, Const):
            return True, expr.value
        if isinstance(expr, Param):
            return (True, self.values[expr.name]) if expr.name in self.values else (False, None)
        if isinstance(expr, Coerce) and expr.type.typmod == -1 and keeps(expr.arg.type.oid, expr.type.oid):
            return self.value(expr.arg)
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
        if isinstance(part, OpExpr):
            return self._comparison(part)
        if isinstance(part, ScalarArrayOp):
            return self._array(part)
        if isinstance(part, NullTest):
            column = self.column(part.arg)
            return None if column is None else (column.col, Domain(null=False) if part.negated else Domain(frozenset()))
        if isinstance(part, Var) and part.rel == self.rel and part.type.oid == 16:
            return part.col, Domain(frozenset([True]), null=False)
        return None

    def _comparison(self, part: OpExpr) -> tuple[int, Domain] | None:
        if len(part.args) != 2 or part.name not in FLIPPED or not comparable(*part.arg_types):
            return None
        left, right, name = *part.args, part.name
        if column_of(left) is None:
            left, right, name = right, left, FLIPPED[name]
        column = self.column(left)
        if column is None:
            return None
        known, value = self.value(right)
        domain = comparison(name, value) if known and (value is None or ordered(value)) else None
        return None if domain is None else (column.col, domain)

    def _array(self, part: ScalarArrayOp) -> tuple[int, Domain] | None:
        if part.name != "=" or part.all or not comparable_array(part):
            return None
        column, elements = self.column(part.left), self.elements(part.right)
        return None if column is None or elements is None else (column.col, Domain(elements.values, null=False))
