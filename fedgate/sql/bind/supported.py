"""Which of a bound query's functions fedgate can run: asked once at bind, so that Describe already fails with 0A000."""

from __future__ import annotations

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


def check_supported(bound: BoundQuery) -> None:
    """Raises SqlError 0A000, with position, for the first function, operator or aggregate that has no lowering."""
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
            case Aggref():
                lookup("aggregate", node.name, () if node.star else node.arg_types, node.pos)
            case WindowFunc():
                kind = "aggregate" if node.aggregate else "window"
                lookup(kind, node.name, () if node.star else node.arg_types, node.pos)  # type: ignore[arg-type]
