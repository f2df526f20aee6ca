"""What of a bound query fedgate can run and answer with: asked once at bind, so that Describe already fails with 0A000."""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.sql.functions.table import lookup
from fedgate.sql.tree import (
    Aggref,
    BoundQuery,
    DistinctExpr,
    FuncExpr,
    NullIf,
    OpExpr,
    ScalarArrayOp,
    WindowFunc,
    walk,
)
from fedgate.types import arrow_type


def check_supported(bound: BoundQuery) -> None:
    """Raises SqlError 0A000 for the first function, operator or aggregate that has no lowering (with position), and for result
    columns whose type has no carrier, such as records.
    """
    for column in bound.columns:
        arrow_type(column.type)
    for node in walk(bound.query, into_queries=True):
        match node:
            case FuncExpr(returns_set=True):
                lookup("set", node.name, node.arg_types, node.pos)
            case FuncExpr():
                lookup("function", node.name, node.arg_types, node.pos)
            case OpExpr():
                lookup("operator", node.name, node.arg_types, node.pos)
            case ScalarArrayOp() | DistinctExpr() | NullIf():
                pass  # by the operator of their elements, which lowering knows to expand
            case Aggref(levels_up=up) if up:
                raise unsupported("an aggregate of an outer query inside a subquery", position=node.pos)
            case Aggref():
                lookup("aggregate", node.name, () if node.star else node.arg_types, node.pos)
            case WindowFunc():
                kind = "aggregate" if node.aggregate else "window"
                lookup(kind, node.name, () if node.star else node.arg_types, node.pos)  # type: ignore[arg-type]
