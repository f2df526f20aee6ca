"""What of a bound query fedgate can run and answer with: asked once at bind, so that Describe already fails with 0A000."""

from __future__ import annotations

from fedgate.errors import unsupported
from fedgate.sql.bind.rows import WRITTEN_ROW
from fedgate.sql.functions.table import lookup
from fedgate.sql.tree import (
    Aggref,
    ArrayExpr,
    Block,
    BoundQuery,
    Const,
    CteRef,
    DistinctExpr,
    Expr,
    FuncExpr,
    FunctionRef,
    NullIf,
    OpExpr,
    Query,
    ScalarArrayOp,
    SetOp,
    SubLink,
    Values,
    WindowFunc,
    walk,
)
from fedgate.types import arrow_type

_ROWS = (2249, 2287)
_ROW_HINT = "Select its columns; a row can be a column of the statement's own result."


def check_supported(bound: BoundQuery) -> None:
    """Raises SqlError 0A000 for the first function, operator or aggregate that has no lowering (with position), and for result
    columns whose type has no carrier, such as records.
    """
    for column in bound.columns:
        arrow_type(column.type)
    _check_rows(bound.query)
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


def _check_rows(query: Query) -> None:
    """Rows are values only in their text, which the statement gives to the client, or arrays of rows hold."""
    for node in walk(query, into_queries=True):
        if isinstance(node, Block):
            given = [(t.expr.type, t.expr.pos) for t in node.targets if not _is_written(t.expr)]
        elif isinstance(node, SetOp | Values | FunctionRef | CteRef):
            given = [(c.type, None) for c in node.columns]
        else:
            continue
        for type_, position in given:
            if type_.oid in _ROWS and not type_.fields:
                raise unsupported(f"a value of type {type_} here", hint=_ROW_HINT, position=position)


def _is_written(expr: Expr) -> bool:
    if isinstance(expr, SubLink) and expr.kind in ("scalar", "array") and isinstance(expr.query, Block):
        return all(target.junk or _is_written(target.expr) for target in expr.query.targets)
    if isinstance(expr, Aggref | ArrayExpr):
        parts = expr.args if isinstance(expr, Aggref) else expr.elements
        return bool(parts) and all(map(_is_written, parts))
    return (isinstance(expr, FuncExpr) and expr.name == WRITTEN_ROW) or (isinstance(expr, Const) and expr.value is None)
