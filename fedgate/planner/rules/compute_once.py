"""compute_once: what a condition computes without columns is computed before nodes are asked, and reaches them as a value.

Precondition: the expression stands in WHERE, ON or an aggregate's FILTER, reads no column, no subquery and nothing volatile, and is
more than a constant: `now() - interval '1 hour'`, `current_date - 7`, `$1 + 1`. Then nodes filter by it, whatever they can compute
themselves, and shards are pruned by it. Where PostgreSQL would raise only when a row needs the value, the plan to fall back on
leaves it where it stands. A date that is compared with a timestamp is computed as one (`alike`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from fedgate.errors import SqlError
from fedgate.planner.alike import alike
from fedgate.planner.compute import Unknown, value_of
from fedgate.planner.exchange import Split
from fedgate.planner.plan import Prelude
from fedgate.planner.show import show
from fedgate.planner.treetools import carried, every, map_blocks
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import (
    Aggref,
    ArrayExpr,
    Block,
    BooleanTest,
    BoolExpr,
    BoundQuery,
    Case,
    Coalesce,
    Coerce,
    Const,
    DistinctExpr,
    Expr,
    FromItem,
    FuncExpr,
    Join,
    MinMax,
    NullIf,
    NullTest,
    OpExpr,
    Param,
    Query,
    ScalarArrayOp,
    Subscript,
    TableRef,
    Target,
    When,
    children,
    is_query,
    transform,
)

NAME = "compute_once"
_BOOL: Final = 16
_NUMBERS: Final = frozenset((20, 21, 23, 700, 701, 1700))
_COMPUTED = (OpExpr, FuncExpr, Coerce, Case, Coalesce, MinMax, NullIf, ArrayExpr, Subscript)
_LOGIC = (BoolExpr, BooleanTest, DistinctExpr, NullTest, ScalarArrayOp, When)
_INSIDE = (*_COMPUTED, *_LOGIC, Const, Param)


def compute_once(query: Query, split: Split) -> Query:
    """Every condition over virtual tables with the values that it computes as constants or parameters."""
    if not any(isinstance(n, TableRef) and n.table.kind == "virtual" for n in every(query)):
        return query
    if split.deferred:
        split.declined(NAME, "an error counts only where a row needs the value")
        return query
    made: dict[str, Expr] = {}
    return map_blocks(query, lambda block: _block(block, split, made))


def _block(block: Block, split: Split, made: dict[str, Expr]) -> Block:
    def condition(expr: Expr | None) -> Expr | None:
        return None if expr is None else _computed(alike(expr), split, made)

    def filtered(node: Any) -> Any:
        return replace(node, filter=condition(node.filter)) if isinstance(node, Aggref) and node.filter is not None else node

    def joined(item: FromItem) -> FromItem:
        if isinstance(item, TableRef) and item.only is not None:
            return replace(item, only=_folded(alike(item.only), split.timezone))
        if not isinstance(item, Join):
            return item
        return replace(item, left=joined(item.left), right=joined(item.right), on=condition(item.on))

    targets = tuple(transform(t, filtered) for t in block.targets)
    having = None if block.having is None else transform(block.having, filtered)
    return replace(block, where=condition(block.where), from_=tuple(map(joined, block.from_)), targets=targets, having=having)


def _computed(condition: Expr, split: Split, made: dict[str, Expr]) -> Expr:
    values = {id(expr): _value(expr, split, made) for expr in _maximal(condition)}
    found: Expr = transform(condition, lambda n: values.get(id(n), n)) if values else condition
    return found


def _folded(only: Expr, timezone: str) -> Expr:
    """A role's condition with its constants computed. Nothing else is, nor is it noted, since EXPLAIN shows both."""
    values: dict[int, Expr] = {}
    for expr in _maximal(only):
        with suppress(Unknown, SqlError):
            values[id(expr)] = Const(expr.type, value_of(expr, {}, timezone))
    found: Expr = transform(only, lambda n: values.get(id(n), n)) if values else only
    return found


def _maximal(expr: Any) -> Iterator[Any]:
    """The largest expressions to compute. Booleans are not among them: connectives and comparisons are what pruning reads."""
    if isinstance(expr, _COMPUTED) and expr.type.oid != _BOOL and not _plain(expr) and _is_computable(expr):
        yield expr
        return
    for child in children(expr):
        if not is_query(child):
            yield from _maximal(child)


def _plain(expr: Expr) -> bool:
    """A constant as every engine takes it, conversions between numbers included."""
    if isinstance(expr, ArrayExpr):
        return all(map(_plain, expr.elements))
    if isinstance(expr, Coerce) and expr.type.typmod < 0:
        return _plain(expr.arg) and (expr.method == "relabel" or {expr.type.oid, expr.arg.type.oid} <= _NUMBERS)
    return isinstance(expr, Const | Param)


def _is_computable(expr: Expr) -> bool:
    parts = list(every(expr))
    if not all(isinstance(p, _INSIDE) for p in parts):
        return False
    return not any(isinstance(p, FuncExpr) and p.returns_set for p in parts) and carried(expr.type)


def _value(expr: Expr, split: Split, made: dict[str, Expr]) -> Expr:
    """The value, if it can be said now, else the parameter that will hold it."""
    if is_volatile(expr):
        split.declined(NAME, f"{show(expr)} is volatile")
        return expr
    key = repr(expr)  # not the expression: 1.0 and 1.00 are equal
    if key not in made:
        try:
            made[key] = Const(expr.type, value_of(expr, {}, split.timezone))
            split.fired(NAME, f"{show(expr)} is a constant")
        except Unknown:
            made[key] = _prelude(expr, split)
    return made[key]


def _prelude(expr: Expr, split: Split) -> Param:
    name = split.ids.name("q")
    block = Block(targets=(Target(1, expr, "value"),))
    split.preludes.append(
        Prelude(name, "scalar", split.sub_plan(BoundQuery(block, split.parameters, split.ids.next_id)), expr.type)
    )
    split.fired(NAME, f"${name} is {show(expr)}")
    return Param(name, expr.type)
