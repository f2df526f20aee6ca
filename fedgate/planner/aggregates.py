"""The table of partial aggregates: what a node computes of each aggregate, and how the gateway makes the aggregate of that.

Contract: `parts(call)` gives a `Parts` or the reason why the aggregate cannot be taken apart. Node expressions are ordinary SQL
aggregates, so that a gateway can be another gateway's node; what finishes them may be one of ours. Sums are widened as PostgreSQL
widens them. An average is sum and count at the node and PostgreSQL's own division at the gateway, never an average of averages.
Variances of exact numbers are numbers, sums and sums of squares, all exact; of floats they are numbers, means and variances, merged
by Chan's formulas, since squares of floats would cancel. A merge of floats folds in the order that it is given, so that it repeats
to the bit; everything else is exact. Every merge passes over parts that are NULL.

`COUNTED` aggregates need the values themselves, each with the number of times that it occurs. Of `SKETCHED` ones nodes send states
of bounded size (`sql/numeric/sketches.py`).

Sources: https://www.postgresql.org/docs/15/functions-aggregate.html, numeric.c's and float.c's accumulators of PostgreSQL 15.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from fedgate.planner.calls import (
    BYTEA,
    FLOAT8,
    INT4,
    INT8,
    NUMERIC,
    aggregate,
    cast,
    count,
    count_star,
    finishing,
    merging,
    operator,
)
from fedgate.planner.treetools import has_window, own
from fedgate.sql.tree import Aggref, Block, Coalesce, Const, Expr, SortBy

Order: TypeAlias = tuple[SortBy, ...]
Merge: TypeAlias = Callable[[Sequence[Expr], Order], Expr]

_INTS = frozenset([21, 23])
_INT8, _FLOAT4, _FLOAT8, _NUMERIC, _INTERVAL = 20, 700, 701, 1700, 1186
_HALF = 32
_LOW = 2**_HALF - 1


@dataclass(frozen=True, slots=True)
class Parts:
    """`nodes` are what each node computes; `merge` makes the aggregate of their columns, and depends on its order if `ordered`."""

    nodes: tuple[Aggref, ...]
    merge: Merge
    ordered: bool = False


def _total(part: Expr) -> Expr:
    """A sum of counts."""
    return cast(aggregate("sum", part), INT8)


def _count(call: Aggref) -> Parts | None:
    node = count_star(call.filter) if call.star else count(call.args[0], call.filter)
    return Parts((node,), lambda p, order: Coalesce((_total(p[0]), Const(INT8, 0)), INT8))


def _sum(call: Aggref) -> Parts | None:
    (arg,) = call.args
    oid = arg.type.oid
    if oid in _INTS:
        return Parts((aggregate("sum", arg, filter=call.filter),), lambda p, order: _total(p[0]))
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


# ------------------------------------------------------------------------------------------------ moments


_DEVIATIONS: Final = {
    "variance": "var_samp",
    "var_samp": "var_samp",
    "var_pop": "var_pop",
    "stddev": "stddev_samp",
    "stddev_samp": "stddev_samp",
    "stddev_pop": "stddev_pop",
}
_PAIRS: Final = (
    "corr", "covar_pop", "covar_samp",
    "regr_avgx", "regr_avgy", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy",
)  # fmt: skip


def _deviation(call: Aggref) -> Parts | None:
    (arg,) = call.args
    name = _DEVIATIONS[call.name]
    if arg.type.oid in (_FLOAT4, _FLOAT8):
        x = cast(arg, FLOAT8)
        nodes = (count(x, call.filter), *(aggregate(n, x, filter=call.filter) for n in ("avg", "var_pop")))
        return Parts(nodes, lambda p, order: merging(name, *p, result=FLOAT8, order_by=order), ordered=True)
    squares = _squares(arg)
    if squares is None:
        return None
    products, combine = squares
    nodes = (
        count(arg, call.filter),
        aggregate("sum", arg, filter=call.filter),
        *(aggregate("sum", product, filter=call.filter) for product in products),
    )

    def merge(p: Sequence[Expr], order: Order) -> Expr:
        total = cast(aggregate("sum", p[1]), NUMERIC)
        return finishing(name, _total(p[0]), total, combine([aggregate("sum", part) for part in p[2:]]), result=NUMERIC)

    return Parts(nodes, merge)


def _squares(arg: Expr) -> tuple[tuple[Expr, ...], Callable[[Sequence[Expr]], Expr]] | None:
    """What adds up to the sum of squares of exact numbers, and how. Of bigint they are taken by halves, whose products fit."""
    oid = arg.type.oid
    if oid in _INTS:
        x = cast(arg, INT8)
        return (operator("*", x, x),), lambda p: p[0]
    if oid == _NUMERIC:
        return (operator("*", arg, arg),), lambda p: p[0]
    if oid != _INT8:
        return None
    high = operator(">>", arg, Const(INT4, _HALF))
    low = operator("&", arg, Const(INT8, _LOW))
    wide = cast(low, NUMERIC)

    def combine(p: Sequence[Expr]) -> Expr:
        square, cross = (operator("*", part, _power(n)) for part, n in zip(p, (2 * _HALF, _HALF + 1), strict=False))
        return operator("+", operator("+", square, cross), p[2])

    return (operator("*", high, high), operator("*", high, low), operator("*", wide, wide)), combine


def _power(exponent: int) -> Const:
    from decimal import Decimal

    return Const(NUMERIC, Decimal(2**exponent))


def _pair(call: Aggref) -> Parts | None:
    def node(name: str) -> Aggref:
        return aggregate(name, *call.args, filter=call.filter)

    if call.name == "regr_count":
        return Parts((node("regr_count"),), lambda p, order: Coalesce((_total(p[0]), Const(INT8, 0)), INT8))
    nodes = tuple(node(f"regr_{part}") for part in ("count", "avgx", "avgy", "sxx", "syy", "sxy"))
    return Parts(nodes, lambda p, order: merging(call.name, *p, result=FLOAT8, order_by=order), ordered=True)


# ------------------------------------------------------------------------------------------------ the table


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
    "bit_xor": _same,
    **dict.fromkeys(_DEVIATIONS, _deviation),
    **dict.fromkeys([*_PAIRS, "regr_count"], _pair),
}
PARTIAL: Final = frozenset(_ROWS)
# With DISTINCT these are what they are without.
_IDEMPOTENT: Final = frozenset(["min", "max", "bool_and", "bool_or", "every", "bit_and", "bit_or", "approx_count_distinct"])
# These pass over NULLs: a row that FILTER excludes may stand as NULL. The order of their input does not matter to them either.
SKIPS_NULL: Final = PARTIAL | {"approx_count_distinct", "approx_percentile"}
ORDERLESS: Final = SKIPS_NULL
# Ordered-set aggregates over values with counts. Values whose equality is not identity are no such values: which of 1.0 and 1.00
# stands for both would be open.
COUNTED: Final = frozenset(["percentile_cont", "percentile_disc", "mode"])
IDENTICAL: Final = frozenset([16, 17, 20, 21, 23, 25, 1043, 1082, 1083, 1114, 1184, 2950])
"""Types whose equal values are identical: numerics differ in scale, floats in the sign of 0, intervals in their parts."""
_COUNTABLE: Final = IDENTICAL | {700, 701}
# The node's state and the gateway's merge. Both pass over NULLs, and no order matters to them.
SKETCHED: Final = {
    "approx_count_distinct": ("distinct_state", "distinct_merge"),
    "approx_percentile": ("ranks_state", "ranks_merge"),
}
# Of these the first row of a sorted group is enough, where only the first element is read.
LISTS: Final = frozenset(["array_agg"])


def needs_distinct(call: Aggref) -> bool:
    """Whether the distinct values themselves have to reach the gateway."""
    return call.distinct and call.name not in _IDEMPOTENT


def parts(call: Aggref) -> Parts | str:
    """How the aggregate is taken apart (DISTINCT aside), or why it is not."""
    row = _ROWS.get(call.name)
    made = row(call) if row is not None and not call.within_group else None
    return made or f"{call.name} of {', '.join(str(a.type) for a in call.args) or '*'} is not decomposable"


def counted(call: Aggref, value: Expr, times: Expr) -> Aggref:
    """The ordered-set aggregate over values that stand for `times` rows each."""
    order = (replace(call.order_by[0], expr=value),)
    return merging(call.name, *call.args, times, result=call.type, order_by=order, within_group=True)


def sketch(call: Aggref, value: Expr) -> Aggref:
    """What a node computes of a sketched aggregate of `value`."""
    return merging(SKETCHED[call.name][0], value, result=BYTEA)


def sketched(call: Aggref, state: Expr) -> Aggref:
    """The aggregate of the nodes' states."""
    return merging(SKETCHED[call.name][1], state, *call.args[1:], result=call.type)


def countable(call: Aggref) -> bool:
    """Whether values with counts serve: equal values have to be identical."""
    (sort,) = call.order_by
    return sort.expr.type.oid in _COUNTABLE or (sort.expr.type.oid == _NUMERIC and sort.expr.type.typmod >= 0)


def order_is_moot(block: Block) -> bool:
    """Whether nobody can tell in which order the rows below a block come."""
    if any(has_window(t.expr) for t in block.targets):
        return False
    calls = [n for t in block.targets for n in own(t.expr) if isinstance(n, Aggref)]
    return (block.grouped or bool(block.order_by)) and all(c.name in ORDERLESS or c.order_by for c in calls)
