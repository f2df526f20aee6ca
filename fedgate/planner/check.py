"""The invariant of a bound tree, checked after every rule in tests.

Contract: `check` raises BrokenTreeError naming what is wrong; it says nothing about meaning. Relation ids are unique; a Var
names a relation that its block, or an enclosing block, has in FROM, and a column of it, with that column's type; sort keys and
DISTINCT ON name targets; GroupRefs and grouping sets name keys; aggregates stand in grouped blocks only; WHERE holds none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedgate.fragment import column_name
from fedgate.planner.treetools import own
from fedgate.sql.tree import (
    Aggref,
    Block,
    CteRef,
    Derived,
    ExchangeRef,
    FromItem,
    FunctionRef,
    GroupRef,
    Join,
    Query,
    SetOp,
    SubLink,
    TableRef,
    Values,
    Var,
    children,
    is_query,
    leaves,
)


class BrokenTreeError(AssertionError):
    """A rule has broken the tree: a defect of the planner, never of a statement."""


def same_output(before: Query, after: Query, rule: str) -> None:
    """Raises BrokenTreeError when the visible columns differ in id, name or type."""
    if before.columns != after.columns:
        raise BrokenTreeError(f"{rule} changed the output from {before.columns} to {after.columns}")


def check(query: Query) -> None:
    """Check a whole statement."""
    seen: set[int] = set()
    _query(query, {}, frozenset(), seen)


_Scope = Mapping[int, Mapping[int, int]]


def _query(query: Query, outer: _Scope, ctes: frozenset[int], seen: set[int]) -> None:
    for cte in query.ctes:
        inside = ctes | {cte.id} if cte.recursive else ctes
        _query(cte.query, outer, inside, seen)
        ctes = ctes | {cte.id}
    if isinstance(query, SetOp):
        _query(query.left, outer, ctes, seen)
        _query(query.right, outer, ctes, seen)
        widths = {len(query.left.columns), len(query.right.columns), len(query.columns)}
        _require(len(widths) == 1, f"branches of a set operation differ in width: {widths}")
        _sorting(query, frozenset(c.id for c in query.columns))
    elif isinstance(query, Values):
        for row in query.rows:
            _require(len(row) == len(query.columns), "a VALUES row has another width")
            for expr in row:
                _expr(expr, outer, ctes, seen)
        _sorting(query, frozenset(c.id for c in query.columns))
    else:
        _block(query, outer, ctes, seen)


def _sorting(query: Query, ids: frozenset[int]) -> None:
    for key in query.order_by:
        _require(key.column in ids, f"ORDER BY names column {key.column}, there are {sorted(ids)}")


def _block(block: Block, outer: _Scope, ctes: frozenset[int], seen: set[int]) -> None:
    scope: dict[int, Mapping[int, int]] = dict(outer)
    own_scope = {leaf.rel: _columns(leaf) for leaf in leaves(block.from_)}
    for leaf in leaves(block.from_):
        _require(leaf.rel not in seen, f"relation {leaf.rel} is defined twice")
        seen.add(leaf.rel)
    full = {**scope, **own_scope}
    for item in block.from_:
        _item(item, full, outer, ctes, seen)
    ids = [t.id for t in block.targets]
    _require(len(set(ids)) == len(ids), f"target ids are not unique: {ids}")
    _sorting(block, frozenset(ids))
    if isinstance(block.distinct, tuple):
        _require(set(block.distinct) <= set(ids), f"DISTINCT ON names {block.distinct}, there are {ids}")
    _require(block.grouped or not (block.group_by or block.having or block.grouping_sets), "keys or HAVING in a block not grouped")
    for sets in block.grouping_sets or ():
        _require(all(0 <= i < len(block.group_by) for i in sets), f"grouping set {sets} of {len(block.group_by)} keys")
    for expr in (block.where, *block.group_by, block.limit, block.offset):
        if expr is not None:
            _expr(expr, full, ctes, seen)
            _require(not any(isinstance(n, GroupRef | Aggref) for n in own(expr)), "an aggregate where none may be")
    for expr in (*(t.expr for t in block.targets), *(() if block.having is None else (block.having,))):
        _expr(expr, full, ctes, seen)
        for node in own(expr):
            if isinstance(node, GroupRef):
                _require(node.index < len(block.group_by), f"key {node.index} of {len(block.group_by)}")
                _require(node.type == block.group_by[node.index].type, f"GroupRef {node.index} is of another type than its key")
            _require(block.grouped or not isinstance(node, Aggref), "an aggregate in a block that is not grouped")
    if block.grouped:
        _grouped(block, frozenset(own_scope))


def _grouped(block: Block, rels: frozenset[int]) -> None:
    """Vars of the block's own relations stand only in aggregates (nested queries may hold keys)."""

    def visit(node: Any) -> None:
        if isinstance(node, Aggref):
            return
        _require(not (isinstance(node, Var) and node.rel in rels), f"{node} is neither a key nor in an aggregate")
        for child in _children(node):
            visit(child)

    for target in block.targets:
        visit(target.expr)
    if block.having is not None:
        visit(block.having)


def _children(node: Any) -> list[Any]:
    return [c for c in children(node) if not is_query(c)]


def _columns(leaf: FromItem) -> Mapping[int, int]:
    if isinstance(leaf, TableRef):
        return {n: leaf.table.column(n).type.oid for n in (*(c.attnum for c in leaf.table.columns), -7, -8)}
    columns = leaf.query.columns if isinstance(leaf, Derived) else leaf.columns  # type: ignore[union-attr]
    return {c.id: c.type.oid for c in columns}


def _item(item: FromItem, scope: _Scope, outer: _Scope, ctes: frozenset[int], seen: set[int]) -> None:
    if isinstance(item, Join):
        _item(item.left, scope, outer, ctes, seen)
        _item(item.right, scope, outer, ctes, seen)
        if item.on is not None:
            _expr(item.on, scope, ctes, seen)
    elif isinstance(item, Derived):
        _query(item.query, scope if item.lateral else outer, ctes, seen)
    elif isinstance(item, FunctionRef):
        for call in item.functions:
            _expr(call, scope, ctes, seen)
    elif isinstance(item, CteRef):
        _require(item.cte in ctes, f"CTE {item.cte} is not in sight")
    elif isinstance(item, ExchangeRef):
        names = set(item.schema.names)
        for c in item.columns:
            name = column_name(c.id)
            _require(name in names, f"{item.name} has no column {name}")


def _expr(expr: Any, scope: _Scope, ctes: frozenset[int], seen: set[int]) -> None:
    for node in own(expr):
        if isinstance(node, Var):
            _require(node.rel in scope, f"{node} names a relation that is not in sight")
            _require(node.col in scope[node.rel], f"{node} names a column that is not there: {sorted(scope[node.rel])}")
            oid = scope[node.rel][node.col]
            _require(oid == node.type.oid, f"{node} is of type {oid} there")
        elif isinstance(node, SubLink):
            _query(node.query, scope, ctes, seen)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise BrokenTreeError(message)
