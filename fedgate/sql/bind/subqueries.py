"""Subqueries in expressions: EXISTS, scalar, ARRAY, IN, ANY and ALL.

Source: https://www.postgresql.org/docs/15/functions-subquery.html
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.operators import find_operator, operator_name, resolved_types
from fedgate.sql.bind.outer_aggregates import of_outer
from fedgate.sql.bind.select import bind_query
from fedgate.sql.bind.state import Message, State, enum_name
from fedgate.sql.refusals import several_dimensions
from fedgate.sql.tree import BOOL, Aggref, Block, Derived, Expr, Query, RowExpr, SubLink, Target, Var, WindowFunc, transform, walk
from fedgate.types import SqlType


@handles("sub_link", "sub_link_type testexpr oper_name subselect location")
def bind_sublink(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    kind = enum_name(node, "sub_link_type")
    query = bind_query(state, node.subselect, resolve_unknowns=True)
    if kind == "EXISTS_SUBLINK":
        return SubLink("exists", query, BOOL, pos=position)
    if kind in ("EXPR_SUBLINK", "ARRAY_SUBLINK"):
        return _single(state, node, kind, query, position)
    if kind in ("ANY_SUBLINK", "ALL_SUBLINK"):
        return _quantified(state, node, kind, query, position)
    raise unsupported("this kind of subquery", position=position)


def _single(state: State, node: Message, kind: str, query: Query, position: int | None) -> Expr:
    if len(query.columns) != 1:
        raise SqlError("42601", "subquery must return only one column", position=position)
    column = query.columns[0]
    if kind == "EXPR_SUBLINK":
        state.binder.sublink_names[node.location] = column.name
        return SubLink("scalar", query, column.type, pos=position)
    array = t.array_of(column.type.oid)
    if t.element_of(column.type.oid):
        raise several_dimensions(position)
    if not array:
        message = f"could not find array type for data type {t.type_name(column.type.oid)}"
        raise SqlError("42704", message, position=position)
    return SubLink("array", query, SqlType(array, column.type.typmod), pos=position)


def _quantified(state: State, node: Message, kind: str, query: Query, position: int | None) -> Expr:
    # `x NOT IN (…)` arrives as NOT (x IN (…)); `x IN (…)` has no operator name.
    name = operator_name(state, node.oper_name, position) if node.oper_name else "="
    left = bind_expr(state, node.testexpr)
    lefts = left.fields if isinstance(left, RowExpr) else (left,)
    if len(lefts) < len(query.columns):
        raise SqlError("42601", "subquery has too many columns", position=position)
    if len(lefts) > len(query.columns):
        raise SqlError("42601", "subquery has too few columns", position=position)
    if len(lefts) > 1 and name not in ("=", "<>"):
        raise unsupported(f"comparison of a row by {name} with a subquery", position=position)
    made: list[Expr] = []
    wanted: list[int] = []
    oids: list[int] = []
    for one, column in zip(lefts, query.columns, strict=True):
        row = find_operator(name, one.type.oid, column.type.oid, position)
        types, result = resolved_types(row, [one.type.oid, column.type.oid])
        if result != t.BOOL:
            message = f"row comparison operator must yield type boolean, not type {t.type_name(result)}"
            raise SqlError("42804", message, position=position)
        made.append(c.coerce_type(state, one, types[0]))
        wanted.append(types[1])
        oids.append(row.oid)
    query = convert_columns(state, query, wanted)
    quantifier = "any" if kind == "ANY_SUBLINK" else "all"
    return SubLink(quantifier, query, BOOL, tuple(made), name, tuple(oids), pos=position)  # type: ignore[arg-type]


def compare_with_subquery(state: State, name: str, left_node: Message, node: Message, position: int | None) -> Expr:
    """`(a, b) op (SELECT …)`: NULL of no row, 21000 of several. The pairs are compared in a block around the subquery."""
    from fedgate.sql.bind.rows import compare_rows

    left = bind_expr(state, left_node)
    query = bind_query(state, node.subselect, resolve_unknowns=True)
    assert isinstance(left, RowExpr)
    if len(left.fields) != len(query.columns):
        many = "many" if len(query.columns) > len(left.fields) else "few"
        raise SqlError("42601", f"subquery has too {many} columns", position=position)
    if any(isinstance(part, WindowFunc) for part in walk(left)):
        raise unsupported("comparison of a row of window functions with a subquery", position=position)
    left = transform(left, lambda part: of_outer(state, part) if isinstance(part, Aggref) else part)
    inner = State(state.binder, state)
    rel = inner.new_rel()
    columns = [Var(rel, column.id, column.type) for column in query.columns]
    test = compare_rows(inner, name, left.fields, columns, position)
    return SubLink("scalar", Block((Target(state.binder.new_id(), test, ""),), (Derived(rel, query),)), BOOL, pos=position)


def convert_columns(state: State, query: Query, wanted: list[int]) -> Query:
    """The query with its columns converted to the types `wanted`; itself when they are."""
    columns = query.columns
    if all(col.type.oid == oid for col, oid in zip(columns, wanted, strict=True)):
        return query
    if isinstance(query, Block) and query.distinct is False and not query.order_by:
        exprs = iter(wanted)
        targets = tuple(
            target if target.junk else replace(target, expr=c.coerce_type(state, target.expr, next(exprs)))
            for target in query.targets
        )
        return replace(query, targets=targets)
    inner = State(state.binder, state)
    rel = inner.new_rel()
    made = tuple(
        Target(state.binder.new_id(), c.coerce_type(inner, Var(rel, col.id, col.type), oid), col.name)
        for col, oid in zip(columns, wanted, strict=True)
    )
    return Block(made, (Derived(rel, query),))
