"""lift_subqueries: uncorrelated subqueries that filter a virtual table run first, and arrive as parameters.

Precondition: the subquery reads nothing of the blocks around it, no CTE of theirs, and nothing volatile. A scalar one may stand
anywhere in WHERE or in an aggregate; `x IN (SELECT …)` must be a whole conjunct of WHERE, not negated: there NULL is as good as
FALSE, so NULLs of the set may be dropped. Then fragments stay exact, aggregate at the nodes and prune. PostgreSQL evaluates
such a subquery only when a row needs it, so an error in it is an error of the statement only then: the plan keeps one to fall back
on, in which the parameter raises the error where it is read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fedgate.planner.calls import finishing
from fedgate.planner.exchange import Split
from fedgate.planner.plan import Prelude
from fedgate.planner.treetools import carried, every, foreign_ctes, map_blocks, outer_rels
from fedgate.sql.properties import is_volatile
from fedgate.sql.tables import operators
from fedgate.sql.tree import (
    Aggref,
    Block,
    BoundQuery,
    Derived,
    Expr,
    NullTest,
    Param,
    Query,
    ScalarArrayOp,
    SubLink,
    TableRef,
    Target,
    Var,
    conjunction,
    conjuncts,
    leaves,
    transform,
)
from fedgate.types import SqlType

NAME = "lift_subqueries"
_TEXT = SqlType(25)
# Types whose values travel as array elements without loss and compare by their own = operator.
SET_TYPES = frozenset([16, 20, 21, 23, 25, 26, 701, 1043, 1082, 1114, 1184, 2950])


def lift_subqueries(query: Query, split: Split) -> Query:
    """Every liftable subquery as a parameter; its plan is a prelude of the statement."""
    return map_blocks(query, lambda block: _block(block, split))


def _block(block: Block, split: Split) -> Block:
    tables = [leaf for leaf in leaves(block.from_) if isinstance(leaf, TableRef)]
    if not any(t.table.kind == "virtual" for t in tables):
        return block
    where = tuple(_conjunct(part, split) for part in conjuncts(block.where))
    targets = tuple(replace(t, expr=_aggregates(t.expr, split)) for t in block.targets)
    having = None if block.having is None else _aggregates(block.having, split)
    return replace(block, where=conjunction(where), targets=targets, having=having)


def _aggregates(expr: Expr, split: Split) -> Expr:
    found: Expr = transform(expr, lambda n: _scalars(n, split) if isinstance(n, Aggref) else n)
    return found


def _scalars(expr: Any, split: Split) -> Any:
    """The expression with its liftable scalar subqueries as parameters."""

    def swap(node: Any) -> Any:
        if isinstance(node, SubLink) and node.kind == "scalar":
            reason = _reason(node.query)
            if reason is None:
                return _prelude(node.query, "scalar", node.type, split)
            split.declined(NAME, f"a scalar subquery {reason}")
        return node

    return transform(expr, swap)


def _conjunct(part: Expr, split: Split) -> Expr:
    if not (isinstance(part, SubLink) and part.kind == "any"):
        found: Expr = _scalars(part, split)
        return found
    reason = _set_reason(part)
    if reason is not None:
        split.declined(NAME, f"an IN subquery {reason}")
        return part
    element = part.query.columns[0].type
    array = SqlType(element.pg.array_oid, element.typmod)
    values = _prelude(_distinct_values(part.query, split), "set", array, split)
    (left,) = part.left
    return ScalarArrayOp("=", left, values, (left.type.oid, array.oid), False, part.oids[0])


def _reason(query: Query) -> str | None:
    """Why the subquery stays where it is."""
    if outer_rels(query):
        return "is correlated"
    if foreign_ctes(query):
        return "reads a CTE of a query around it"
    if is_volatile(query):
        return "is volatile"
    return None if all(carried(c.type) for c in query.columns) else "gives a type that cannot travel"


def _set_reason(link: SubLink) -> str | None:
    if link.op != "=" or len(link.left) != 1:
        return "compares other than one column for equality"
    if any(isinstance(n, SubLink) for n in every(link.left[0])):
        return "has another subquery on its left"
    element = link.query.columns[0].type
    if element.oid not in SET_TYPES:
        return f"gives {element}"
    if not any(row.oid == link.oids[0] and row.right == element.oid for row in operators("=")):
        return "compares by an operator of another type"
    return _reason(link.query)


def _distinct_values(query: Query, split: Split) -> Block:
    """SELECT DISTINCT c FROM (query) WHERE c IS NOT NULL."""
    rel = split.ids.rel()
    (column,) = query.columns
    value = Var(rel, column.id, column.type)
    return Block(
        targets=(Target(1, value, column.name),),
        from_=(Derived(rel, replace(query, order_by=()) if query.limit is None and query.offset is None else query),),
        where=NullTest(value, True),
        distinct=True,
    )


def _prelude(query: Query, kind: Any, type_: SqlType, split: Split) -> Expr:
    name = split.ids.name("q")
    plan = split.sub_plan(BoundQuery(query, split.parameters, split.ids.next_id))
    prelude = Prelude(name, kind, plan, type_, split.deferred)
    split.preludes.append(prelude)
    split.fired(NAME, f"${name}: {'one value' if kind == 'scalar' else 'a set of values'}")
    value = Param(name, type_)
    return finishing("needed", value, Param(prelude.failure, _TEXT), result=type_) if split.deferred else value
