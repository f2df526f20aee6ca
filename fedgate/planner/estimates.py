"""About how many rows a relation has when its conditions are applied: what `semi_filter` weighs sides of a join by.

Contract: guesses, of which no answer depends. The rows of a table are those that its placements' documents say (`rows`), a round
number where they say none. Of a condition counts what the shards' checks say of the column (a column of k values: one in k), the
primary key, and otherwise PostgreSQL's own defaults for columns without statistics (src/include/utils/selfuncs.h).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fedgate.catalog.model import Shard
from fedgate.planner.domains import column_of, constants
from fedgate.planner.exchange import ShardsOf
from fedgate.planner.prune import INDEXES_MAX, index_of
from fedgate.schema import Table
from fedgate.sql.tree import (
    ArrayExpr,
    Block,
    BoolExpr,
    Coerce,
    Const,
    Derived,
    DistinctExpr,
    Expr,
    FuncExpr,
    FunctionRef,
    Leaf,
    NullTest,
    OpExpr,
    Query,
    ScalarArrayOp,
    SetOp,
    TableRef,
    Values,
    Var,
    conjuncts,
    leaves,
)

SHARD_ROWS: Final = 100_000
"""Of a shard whose placements say nothing."""
COPY_ROWS: Final = 10_000
"""Of a replicated table, which is usually one of names."""
OTHER_ROWS: Final = 1_000
"""Of what is no table of the catalog: PostgreSQL's default for a function."""
UNNEST_ROWS: Final = 10
"""Elements of an array that is not known: PostgreSQL's default."""
GROUPS: Final = 200
"""Distinct values of a column of which nothing is known: DEFAULT_NUM_DISTINCT."""
_EQUAL, _ONE_SIDE, _RANGE, _MATCH, _NULL, _OTHER = 0.005, 1 / 3, 0.005, 0.005, 0.005, 0.5
_LOW, _HIGH = frozenset({">", ">="}), frozenset({"<", "<="})
_MATCHES = frozenset({"~~", "~~*", "~", "~*"})


@dataclass(frozen=True, slots=True)
class Estimate:
    """`rows` of `base` that a relation has without its conditions; `narrowed`: whether these, or a LIMIT, leave less than half."""

    rows: float
    base: float
    narrowed: bool

    def limited(self, most: float) -> Estimate:
        return Estimate(min(self.rows, most), self.base, self.narrowed or most * 2 <= self.rows)


def leaf_rows(leaf: Leaf, conditions: Iterable[Expr], shards: ShardsOf) -> Estimate:
    """Of one relation of FROM, its conditions applied."""
    if isinstance(leaf, Derived):
        return query_rows(leaf.query, shards)
    if isinstance(leaf, TableRef) and leaf.table.kind == "virtual":
        facts = _Facts(leaf.table, shards.shards(leaf.table))
        base = table_rows(leaf.table, facts.shards)
    elif isinstance(leaf, TableRef) and leaf.table.estimate is not None:
        facts, base = None, float(leaf.table.estimate)
    else:
        facts, base = None, _unnested(leaf) or float(OTHER_ROWS)
    share = _all_of(tuple(conditions), facts)
    rows = base * share
    if facts is not None and facts.table.primary_key:
        rows = min(rows, _of_key(tuple(conditions), facts))
    return Estimate(rows, base, rows * 2 <= base)


def _unnested(leaf: Leaf) -> float | None:
    """The elements of the arrays that a function in FROM unnests."""
    if not isinstance(leaf, FunctionRef):
        return None
    calls = [call for call in leaf.functions if isinstance(call, FuncExpr) and call.name == "unnest"]
    return float(max(_elements(call.args[0]) for call in calls)) if len(calls) == len(leaf.functions) else None


def query_rows(query: Query, shards: ShardsOf) -> Estimate:
    """Of a query's answer. Joins are taken to be those of keys: as many rows as the largest relation has."""
    if isinstance(query, Values):
        found = Estimate(float(len(query.rows)), float(len(query.rows)), False)
    elif isinstance(query, SetOp):
        sides = query_rows(query.left, shards), query_rows(query.right, shards)
        found = Estimate(sum(s.rows for s in sides), sum(s.base for s in sides), all(s.narrowed for s in sides))
    else:
        found = _block_rows(query, shards)
    most = _count(query.limit)
    return found if most is None else found.limited(most)


def _block_rows(block: Block, shards: ShardsOf) -> Estimate:
    relations = tuple(leaves(block.from_))
    where = conjuncts(block.where) if len(relations) == 1 else ()
    sides = [leaf_rows(leaf, where, shards) for leaf in relations]
    rows = max((side.rows for side in sides), default=1.0)
    narrowed = any(side.narrowed for side in sides)
    if block.grouped and not block.group_by:
        rows = 1.0
    elif block.grouped:
        rows = min(rows, _groups(block.group_by, relations, shards))
    elif block.distinct is True:
        rows = min(rows, _groups([t.expr for t in block.targets if not t.junk], relations, shards))
    return Estimate(rows, max((side.base for side in sides), default=1.0), narrowed)


def _groups(keys: Sequence[Expr], relations: Sequence[Leaf], shards: ShardsOf) -> float:
    tables = {leaf.rel: leaf.table for leaf in relations if isinstance(leaf, TableRef) and leaf.table.kind == "virtual"}
    found = 1.0
    for key in keys:
        column = column_of(key)
        table = tables.get(column.rel) if column is not None else None
        facts = None if table is None or column is None else _Facts(table, shards.shards(table))
        found *= (facts.values(column) if facts is not None and column is not None else None) or GROUPS
    return found


def _count(limit: Expr | None) -> float | None:
    while isinstance(limit, Coerce):
        limit = limit.arg
    return float(limit.value) if isinstance(limit, Const) and isinstance(limit.value, int) else None


@lru_cache(maxsize=INDEXES_MAX)
def table_rows(table: Table, shards: tuple[Shard, ...]) -> float:
    """Of a table: the sum of its shards' rows."""
    unknown = COPY_ROWS if table.replicated else SHARD_ROWS
    return float(sum(max((p.rows for p in shard.placements if p.rows is not None), default=unknown) for shard in shards))


# ------------------------------------------------------------------------------------------------ conditions


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of a table's columns."""

    table: Table
    shards: tuple[Shard, ...]

    def values(self, column: Var) -> int | None:
        """How many values the shards' checks leave a column."""
        return _values(self.table, self.shards, column.col)


@lru_cache(maxsize=INDEXES_MAX)
def _values(table: Table, shards: tuple[Shard, ...], attnum: int) -> int | None:
    domains = [case.get(attnum) for case in index_of(table, shards).cases]
    if not domains or any(d is None or d.values is None for d in domains):
        return None
    return max(len({value for d in domains if d is not None for value in d.values or ()}), 1)


def _all_of(parts: Sequence[Expr], facts: _Facts | None) -> float:
    """The share of rows for which all hold: a lower and an upper bound of one column are a range."""
    sides: dict[tuple[int, int], set[bool]] = {}
    found = 1.0
    for part in parts:
        bound = _bound(part)
        if bound is None:
            found *= _share(part, facts)
        else:
            column, low = bound
            sides.setdefault(column, set()).add(low)
    for ends in sides.values():
        found *= _RANGE if len(ends) == 2 else _ONE_SIDE
    return found


def _bound(part: Expr) -> tuple[tuple[int, int], bool] | None:
    """The column that a condition bounds, and whether from below."""
    if not isinstance(part, OpExpr) or part.name not in _LOW | _HIGH or len(part.args) != 2:
        return None
    column = column_of(part.args[0])
    if column is not None:
        return (column.rel, column.col), part.name in _LOW
    column = column_of(part.args[1])
    return None if column is None else ((column.rel, column.col), part.name in _HIGH)


def _share(part: Expr, facts: _Facts | None) -> float:
    if isinstance(part, Const):
        return 1.0 if part.value is True else 0.0
    if isinstance(part, BoolExpr):
        if part.op == "not":
            return 1 - _share(part.args[0], facts)
        if part.op == "and":
            return _all_of(part.args, facts)
        misses = 1.0
        for arg in part.args:
            misses *= 1 - _share(arg, facts)
        return 1 - misses
    if isinstance(part, OpExpr):
        return _operator(part, facts)
    if isinstance(part, ScalarArrayOp) and part.name in ("=", "<>"):
        equal = min(_elements(part.right) * _equal(part.left, facts), 1.0)
        return equal if part.name == "=" else 1 - equal
    if isinstance(part, DistinctExpr):
        equal = _equal(part.left, facts)
        return equal if part.negated else 1 - equal
    if isinstance(part, NullTest):
        return 1 - _NULL if part.negated else _NULL
    return _OTHER


def _operator(part: OpExpr, facts: _Facts | None) -> float:
    if part.name in ("=", "<>"):
        equal = max(_equal(side, facts) for side in part.args)
        return equal if part.name == "=" else 1 - equal
    if part.name in _LOW | _HIGH:
        return _ONE_SIDE
    return _MATCH if part.name in _MATCHES else _OTHER


def _equal(side: Expr, facts: _Facts | None) -> float:
    """The share of rows whose value is a certain one."""
    column = column_of(side)
    if column is None:
        return _EQUAL
    if column.type.oid == 16:
        return _OTHER
    values = facts.values(column) if facts is not None else None
    return _EQUAL if values is None else 1 / values


def _elements(array: Expr) -> int:
    if isinstance(array, ArrayExpr):
        return len(array.elements)
    known = constants(array)
    return UNNEST_ROWS if known is None else len(known)


def _of_key(parts: Sequence[Expr], facts: _Facts) -> float:
    """How many rows conditions leave that fix the whole primary key; infinite if they do not."""
    fixed: dict[int, int] = {}
    for part in parts:
        if isinstance(part, OpExpr) and part.name == "=":
            sides = [c for c in map(column_of, part.args) if c is not None]
            if len(sides) == 1:
                fixed[sides[0].col] = 1
        elif isinstance(part, ScalarArrayOp) and part.name == "=" and not part.all and (column := column_of(part.left)) is not None:
            fixed.setdefault(column.col, _elements(part.right))
    key = [c.attnum for c in facts.table.columns if c.name in facts.table.primary_key]
    if not fixed.keys() >= set(key):
        return float("inf")
    rows = 1.0
    for attnum in key:
        rows *= fixed[attnum]
    return rows
