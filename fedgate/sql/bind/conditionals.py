"""CASE, COALESCE, GREATEST and LEAST."""

from __future__ import annotations

from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.functions import without_sets
from fedgate.sql.bind.operators import make_operator
from fedgate.sql.bind.state import Message, State, enum_name
from fedgate.sql.tree import Case, Coalesce, Const, Expr, MinMax, When
from fedgate.types import SqlType


@handles("case_expr", "arg args defresult location")
def bind_case(state: State, node: Message) -> Expr:
    with without_sets(state, "CASE"):
        return _case(state, node, state.pos(node.location))


def _case(state: State, node: Message, position: int | None) -> Expr:
    operand = None
    if node.HasField("arg"):
        operand = c.settle_unknown(state, bind_expr(state, node.arg))
    conditions, results = [], []
    for item in node.args:
        when = item.case_when
        condition = bind_expr(state, when.expr)
        if operand is not None:
            condition = make_operator(state, "=", operand, condition, state.pos(when.location))
        conditions.append(c.to_boolean(state, condition, "CASE/WHEN"))
        results.append(bind_expr(state, when.result))
    default: Expr = bind_expr(state, node.defresult) if node.HasField("defresult") else Const(SqlType(t.UNKNOWN), None)
    # PostgreSQL looks at ELSE first.
    made, type_ = c.unify(state, [default, *results], "CASE")
    whens = tuple(When(condition, result) for condition, result in zip(conditions, made[1:], strict=True))
    return Case(whens, made[0], type_, pos=position)


@handles("coalesce_expr", "args location")
def bind_coalesce(state: State, node: Message) -> Expr:
    with without_sets(state, "COALESCE"):
        args, type_ = c.unify(state, [bind_expr(state, arg) for arg in node.args], "COALESCE")
    return Coalesce(args, type_, pos=state.pos(node.location))


@handles("min_max_expr", "op args location")
def bind_min_max(state: State, node: Message) -> Expr:
    op = enum_name(node, "op").removeprefix("IS_")
    args, type_ = c.unify(state, [bind_expr(state, arg) for arg in node.args], op)
    return MinMax("greatest" if op == "GREATEST" else "least", args, type_, pos=state.pos(node.location))
