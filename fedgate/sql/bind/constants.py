"""Long lists of constants as one constant, so that nothing after the binder walks their elements.

Contract: the value is the one that the elements would give. Only conversions that can neither fail nor depend on a setting are
made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from fedgate.sql.bind import typenames as t
from fedgate.sql.functions.long_lists import LISTED_MAX, known
from fedgate.sql.tree import ArrayExpr, Coerce, Const, Expr
from fedgate.types import BY_OID, SqlType
from fedgate.types.values import Value

SHORT_MAX = 32
_INTEGERS = (t.INT2, t.INT4, t.INT8)


def array_of_elements(elements: tuple[Expr, ...], array: int, position: int | None) -> Expr:
    """The array of elements of its element type: a Const when it is long and all of them are constants."""
    if len(elements) > SHORT_MAX:
        values: list[Value] = []
        for element in elements:
            found = _constant(element)
            if found is None:
                break
            values.append(found.value)
        else:
            return Const(SqlType(array), tuple(values), pos=position)
    return ArrayExpr(elements, SqlType(array), pos=position)


def columns_of_rows(rows: Sequence[Sequence[Expr]], types: Sequence[SqlType]) -> list[Const] | None:
    """The columns of many VALUES rows of constants, each an array; None where there is anything else among them."""
    if len(rows) <= LISTED_MAX or not all(t.typmod < 0 and known(t.oid) for t in types):
        return None
    columns: list[Const] = []
    for place, type_ in enumerate(types):
        values: list[Value] = []
        for row in rows:
            found = _constant(row[place])
            if found is None or found.type.oid != type_.oid:
                return None
            values.append(found.value)
        columns.append(Const(SqlType(BY_OID[type_.oid].array_oid), tuple(values)))
    return columns


def _constant(element: Expr) -> Const | None:
    if isinstance(element, Const):
        return element if element.type.typmod < 0 and not t.element_of(element.type.oid) else None
    if not isinstance(element, Coerce) or not isinstance(element.arg, Const) or element.type.typmod >= 0:
        return None
    source, target, value = element.arg.type.oid, element.type.oid, element.arg.value
    if source not in _INTEGERS or not isinstance(value, int):
        return None
    if target in _INTEGERS and _INTEGERS.index(target) >= _INTEGERS.index(source):
        return Const(element.type, value, pos=element.pos)
    return Const(element.type, Decimal(value), pos=element.pos) if target == t.NUMERIC else None
