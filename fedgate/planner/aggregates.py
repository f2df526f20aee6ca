"""The table of partial aggregates: what a node computes of each aggregate, and how the gateway makes the aggregate of that.

Contract: `parts(call)` gives a `Parts` or the reason why the aggregate cannot be taken apart. Node expressions and merges are
ordinary SQL aggregates, so that a gateway can be another gateway's node. Sums are widened as PostgreSQL widens them. An average
is sum and count at the node and PostgreSQL's own division at the gateway, never an average of averages. A merge of floats folds
in the order that it is given, so that it repeats to the bit; everything else is exact.

Sources: https://www.postgresql.org/docs/15/functions-aggregate.html, numeric.c's and float.c's accumulators of PostgreSQL 15.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from fedgate.planner.calls import FLOAT8, INT8, aggregate, cast, count, count_star, operator
from fedgate.sql.tree import Aggref, Coalesce, Const, Expr, SortBy

Order: TypeAlias = tuple[SortBy, ...]
Merge: TypeAlias = Callable[[Sequence[Expr], Order], Expr]

_INTS = frozenset([21, 23])
_INT8, _FLOAT4, _FLOAT8, _NUMERIC, _INTERVAL = 20, 700, 701, 1700, 1186


@dataclass(frozen=True, slots=True)
class Parts:
    """`nodes` are what each node computes; `merge` makes the aggregate of their columns, and depends on its order if `ordered`."""

    nodes: tuple[Aggref, ...]
    merge: Merge
    ordered: bool = False


def _count(call: Aggref) -> Parts | None:
    node = count_star(call.filter) if call.star else count(call.args[0], call.filter)
    return Parts((node,), lambda p, order: Coalesce((cast(aggregate("sum", p[0]), INT8), Const(INT8, 0)), INT8))


def _sum(call: Aggref) -> Parts | None:
    (arg,) = call.args
    oid = arg.type.oid
    if oid in _INTS:
        return Parts((aggregate("sum", arg, filter=call.filter),), lambda p, order: cast(aggregate("sum", p[0]), INT8))
    if oid in (_INT8, _NUMERIC, _INTERVAL):
        return Parts((aggregate("sum", arg, filter=call.filter),), lambda p, order: aggregate("sum", p[0]))
    if oid in (_FLOAT4, _FLOAT8):
        # real is added up in double precision and rounded once, at the end.
        node = aggregate("sum", cast(arg, FLOAT8), filter=call.filter)
        return Parts((node,), lambda p, order: cast(aggregate("sum", p[0], order_by=order), call.type), ordered=True)
    return None


def _avg(call: Aggref) -> Parts | None:
    (arg,) = call.args
    oid = arg.type.oid
    counted = count(arg, call.filter)
    if oid in _INTS or oid in (_INT8, _NUMERIC):
        nodes = (aggregate("sum", arg, filter=call.filter), counted)
        return Parts(nodes, lambda p, order: operator("/", aggregate("sum", p[0]), aggregate("sum", p[1])))
    if oid in (_FLOAT4, _FLOAT8):
        nodes = (aggregate("sum", cast(arg, FLOAT8), filter=call.filter), counted)

        def merge(p: Sequence[Expr], order: Order) -> Expr:
            return operator("/", aggregate("sum", p[0], order_by=order), cast(aggregate("sum", p[1]), FLOAT8))

        return Parts(nodes, merge, ordered=True)
    if oid == _INTERVAL:
        nodes = (aggregate("sum", arg, filter=call.filter), counted)
        return Parts(nodes, lambda p, order: operator("/", aggregate("sum", p[0]), cast(aggregate("sum", p[1]), FLOAT8)))
    return None


def _same(call: Aggref) -> Parts | None:
    """min(min), max(max), bool_and(bool_and), … : the aggregate of its own results."""
    node = replace(call, distinct=False, order_by=())
    return Parts((node,), lambda p, order: replace(node, args=(p[0],), filter=None))


_ROWS: Final[dict[str, Callable[[Aggref], Parts | None]]] = {
    "count": _count,
    "sum": _sum,
    "avg": _avg,
    "min": _same,
    "max": _same,
    "bool_and": _same,
    "bool_or": _same,
    "every": _same,
    "bit_and": _same,
    "bit_or": _same,
}
# With DISTINCT these are what they are without.
_IDEMPOTENT: Final = frozenset(["min", "max", "bool_and", "bool_or", "every", "bit_and", "bit_or"])
# These pass over NULLs: a row that FILTER excludes may stand as NULL.
SKIPS_NULL: Final = frozenset(
    ["count", "sum", "avg", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", *_IDEMPOTENT]
)
# The order of their input does not matter to these.
ORDERLESS: Final = SKIPS_NULL


def needs_distinct(call: Aggref) -> bool:
    """Whether the distinct values themselves have to reach the gateway."""
    return call.distinct and call.name not in _IDEMPOTENT


def parts(call: Aggref) -> Parts | str:
    """How the aggregate is taken apart (DISTINCT aside), or why it is not."""
    row = _ROWS.get(call.name)
    made = row(call) if row is not None and not call.within_group and len(call.args) <= 1 else None
    return made or f"{call.name} of {', '.join(str(a.type) for a in call.args) or '*'} is not decomposable"
