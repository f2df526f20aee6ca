"""Comparison operators: the six of every ordered type, in the form that DuckDB orders as PostgreSQL does (`emit.comparable`)."""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from fedgate.fragment import Slot
from fedgate.sql.functions import zones
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.emit import BOOL, INTEGERS, comparable, dyn, key
from fedgate.sql.functions.long_lists import long_list
from fedgate.sql.functions.table import function, operator
from fedgate.types import BY_OID, OID_TYPES, SqlType
from fedgate.types.catalog import MAX_DIGITS, NUMERIC
from fedgate.types.civil import DAY_US, TIMESTAMP_END
from fedgate.types.values import DATE_INFINITY, Value

_PYTHON: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": python.eq, "<>": python.ne, "<": python.lt, "<=": python.le, ">": python.gt, ">=": python.ge,
}  # fmt: skip
OPERATORS = frozenset(_PYTHON)
_PLAIN = "bool|int|oids|float|numeric|string|bpchar|char|bytea|date|time|timestamp|timestamptz|interval|uuid|pg_lsn|jsonb"
_DATE, _TIMESTAMP, _TIMESTAMPTZ = 1082, 1114, 1184
_DAYS_OF_TIMES: Final = TIMESTAMP_END // DAY_US
_DATES = (_DATE, _TIMESTAMP, _TIMESTAMPTZ)
_SAME_CARRIER = frozenset({25, 1043, 19, 705})
_WHOLE = OID_TYPES | INTEGERS.keys()
_AS_THEY_STAND = frozenset({*INTEGERS, 25, 1043})


def comparable_types(a: int, b: int) -> bool:
    """Whether the six operators are defined here for two types."""
    if a == b:
        return a in BY_OID and a not in (114, 2249)
    pair = {a, b}
    return pair <= {700, 701} or pair <= set(_DATES) or pair <= _SAME_CARRIER or pair <= _WHOLE


def sides(cx: Emit, a: E, b: E) -> tuple[str, str]:
    """Both sides ready for a DuckDB comparison, also of two different date types."""
    if a.oid != b.oid and a.oid in _DATES and b.oid in _DATES:
        top = max(a.oid, b.oid)
        return _as(cx, a, top), _as(cx, b, top)
    if {a.oid, b.oid} == {700, 701}:
        return f"CAST({a.sql} AS DOUBLE)", f"CAST({b.sql} AS DOUBLE)"
    return comparable(cx, a, b)


def _as(cx: Emit, e: E, oid: int) -> str:
    if e.oid == oid:
        return e.sql
    if e.oid == _DATE and e.literal and isinstance(e.value, int) and _DAYS_OF_TIMES <= e.value < DATE_INFINITY:
        return f"make_{'timestamp' if oid == _TIMESTAMP else 'timestamptz'}({TIMESTAMP_END - 1})"  # later than any timestamp
    local = f"CAST({e.sql} AS TIMESTAMP)" if e.oid == _DATE else e.sql
    return local if oid == _TIMESTAMP else zones.to_zoned(cx, local)


def decided(op: str, args: Sequence[E]) -> bool | None:
    """What a comparison of two constants gives, where that is plain: of integers, and whether texts are equal."""
    if op not in _PYTHON or len(args) != 2 or any(not e.literal or e.is_null for e in args):
        return None
    left, right = args
    whole = left.oid in INTEGERS and right.oid in INTEGERS
    if not whole and (op not in ("=", "<>") or left.oid not in _SAME_CARRIER or right.oid not in _SAME_CARRIER):
        return None
    return _PYTHON[op](left.value, right.value)


def compare(cx: Emit, op: str, a: E, b: E) -> str:
    """`a op b` as SQL."""
    left, right = sides(cx, a, b)
    return f"({left} {op} {right})"


def in_list(cx: Emit, op: str, all_: bool, left: E, items: list[E]) -> str | None:
    """`left IN (…)` or NOT IN when the elements compare as they stand; None otherwise."""
    if (op, all_) not in (("=", False), ("<>", True)) or any(i.oid != left.oid for i in items):
        return None
    if left.oid == NUMERIC:
        if left.dec is None or any(i.dec is None for i in items):
            return None
        if max(left.dec.whole, *(i.dec.whole for i in items if i.dec)) + max(left.dec.s, *(i.dec.s for i in items if i.dec)) > 38:
            return None
        values = [i.sql for i in items]
        target = left.sql
    else:
        target, values = key(left), [key(i) for i in items]
    return f"({target} {'NOT IN' if all_ else 'IN'} ({', '.join(values)}))"


def in_long_list(op: str, all_: bool, left: E, inner: SqlType, values: tuple[Value, ...]) -> str | None:
    """`left IN (…)` or NOT IN for many integers or texts; None for others.

    The list is one literal, which DuckDB parses at once, and a subquery, which it makes a hash join of (with IN's three values).
    As the subquery cannot stand in a lambda, it is for lists that are too long for anything else.
    """
    if (op, all_) not in (("=", False), ("<>", True)) or inner.oid != left.oid or left.oid not in _AS_THEY_STAND:
        return None
    array = long_list(inner, values, None)
    if array is None:
        return None
    return f"({left.sql} {'NOT IN' if all_ else 'IN'} (SELECT unnest({array})))"


def in_parameter(cx: Emit, op: str, all_: bool, left: E, inner: SqlType, slot: Slot) -> str | None:
    """`left IN (…)` or NOT IN for a parameter whose values are equal as their keys are; None for others.

    A hash join as above, however many they are: a test of each element for each row takes their product.
    """
    if (op, all_) not in (("=", False), ("<>", True)):
        return None
    verb = "NOT IN" if all_ else "IN"
    if left.oid == NUMERIC == inner.oid:
        if left.dec and left.dec.p + 2 <= MAX_DIGITS:  # of numbers between two of the column's digits none is equal to any
            return f"({left.sql} {verb} {cx.slot(replace(slot, form=f'among:{left.dec.p}:{left.dec.s}'))})"
        return f"(num_key({dyn(left)}) {verb} {cx.slot(replace(slot, form='among:key'))})"
    if left.oid == NUMERIC or key(left) != left.sql:
        return None
    if inner.oid != left.oid and not {inner.oid, left.oid} <= INTEGERS.keys():
        return None
    return f"({left.sql} {verb} {cx.slot(slot)})"


def _comparison(cx: Emit, args: tuple[E, ...], node: Any) -> E:
    return E(compare(cx, node.name, *args), BOOL)


for _name in sorted(OPERATORS):
    for _type in ("int", "float", "string", "date|timestamp|timestamptz", "oids|int"):
        operator(_name, f"{_type}, {_type}", _comparison)
    for _type in (*(t for t in _PLAIN.split("|") if t not in ("int", "float", "string")), "anyarray"):
        operator(_name, f"{_type}, {_type}", _comparison)


def _between_texts(op: str) -> Any:
    return lambda cx, a, node: E(f"({a[0].sql} {op} {a[1].sql})", BOOL)


for _name, _op in (("~<~", "<"), ("~<=~", "<="), ("~>~", ">"), ("~>=~", ">=")):
    operator(_name, "string, string", _between_texts(_op))
    operator(_name, "bpchar, bpchar", f"(rtrim({{0}}, ' ') {_op} rtrim({{1}}, ' '))")

for _name, _op in (("booleq", "="), ("int4eq", "="), ("texteq", "=")):
    function(_name, "any, any", lambda cx, a, node, op=_op: E(compare(cx, op, *a), BOOL))
