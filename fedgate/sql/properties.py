"""What may be assumed of evaluating an expression: whether it is the same again, NULL of NULL, and never an error.

Contract: pure; what is not known to be harmless is taken to be harmful. What functions are is what PostgreSQL's pg_proc says.
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from fedgate.sql.functions.table import OWN
from fedgate.sql.tables import FunctionRow, casts, function_name, functions, operators
from fedgate.sql.tree import (
    Aggref,
    ArrayExpr,
    BooleanTest,
    BoolExpr,
    Case,
    Coalesce,
    Coerce,
    Const,
    DistinctExpr,
    Expr,
    FieldSelect,
    FuncExpr,
    GroupRef,
    MinMax,
    NullIf,
    NullTest,
    OpExpr,
    Param,
    RowCompare,
    RowExpr,
    ScalarArrayOp,
    SubLink,
    Var,
    When,
    WindowFunc,
    walk,
)

# Functions of our own that pg_proc does not have: what they say belongs to the statement, not to a node.
_STABLE_OWN = frozenset(
    [
        f"{OWN}needed",
        f"{OWN}record",
        f"{OWN}wide",
        f"{OWN}extract",
        *(f"{OWN}{name}" for name in ("lower", "upper", "initcap", "pattern")),
    ]
)


@cache
def _row(name: str, oid: int) -> FunctionRow | None:
    return next((row for row in functions(name) if row.oid == oid), None)


@cache
def volatility(name: str, oid: int) -> str:
    """pg_proc.provolatile (i, s or v) of a function; v of one that is not known."""
    if name in _STABLE_OWN:
        return "s"
    row = _row(name, oid)
    return "v" if row is None else row.volatile


@cache
def strict(name: str, oid: int) -> bool:
    """pg_proc.proisstrict of a function: a NULL argument makes its result NULL without a call."""
    row = _row(name, oid)
    return row is not None and row.strict


@cache
def _operator_function(name: str, oid: int) -> tuple[str, int]:
    """Name and OID of the function behind an operator."""
    found = next((row.function for row in operators(name) if row.oid == oid), 0)
    return function_name(found) or "", found


def _function(node: Any) -> tuple[str, int] | None:
    """Name and OID of the function that a node calls; None for nodes that are no call."""
    if isinstance(node, (OpExpr, ScalarArrayOp)):
        return _operator_function(node.name, node.oid)
    if isinstance(node, (FuncExpr, Aggref, WindowFunc)):
        return node.name, node.oid
    return None


def is_volatile(node: Any) -> bool:
    """Whether evaluating `node` (nested queries included) twice, or at another time, may give something else."""
    return any(call is not None and volatility(*call) == "v" for call in map(_function, walk(node, into_queries=True)))


def is_settled(node: Any) -> bool:
    """Whether evaluating `node` (nested queries included) gives the same in every session, whatever its settings, and at any time.

    Params do; what they stand for is another question.
    """
    return all(_is_settled(part) for part in walk(node, into_queries=True))


def _is_settled(node: Any) -> bool:
    if isinstance(node, Coerce):
        source, target = node.arg.type.oid, node.type.oid
        if node.method == "function" and source != target:
            row = casts().get((source, target))
            return row is not None and volatility(function_name(row.function) or "", row.function) == "i"
        return node.method in ("relabel", "function") or {source, target} <= _PLAIN_TEXT
    return all(volatility(*call) == "i" for call in _calls(node))


def _calls(node: Any) -> list[tuple[str, int]]:
    """Every function that a node calls."""
    if isinstance(node, DistinctExpr | NullIf):
        return [_operator_function("=", node.oid)]
    if isinstance(node, RowCompare):
        names = ("=", "<>", "<", "<=", ">", ">=")
        return [next(c for c in (_operator_function(n, oid) for n in names) if c[1]) for oid in node.oids]
    call = _function(node)
    return [] if call is None else [call]


def is_strict(expr: Expr) -> bool:
    """Whether `expr` is NULL whenever one of the Vars in it is NULL; False where that is not known.

    An expression without Vars is not strict: it keeps its value where an outer join puts NULLs.
    """
    if isinstance(expr, Var):
        return True
    if isinstance(expr, Coerce):
        return is_strict(expr.arg)
    if isinstance(expr, (OpExpr, FuncExpr)):
        call = _function(expr)
        args = [a for a in expr.args if not isinstance(a, (Const, Param))]
        return call is not None and strict(*call) and bool(args) and all(is_strict(a) for a in args)
    if isinstance(expr, BoolExpr) and expr.op == "not":
        return is_strict(expr.args[0])
    return False


_SAFE_OPERATORS = frozenset(
    ["=", "<>", "<", "<=", ">", ">=", "~~", "!~~", "~~*", "!~~*", "||", "~<~", "~<=~", "~>~", "~>=~", "&&", "@>", "<@"]
)
_SAFE_FUNCTIONS = frozenset(["lower", "upper", "length", "btrim", "ltrim", "rtrim", "starts_with"])
# These fail only by their first argument, a constant that the binder or the first row has judged.
_SAFE_BY_CONSTANT = frozenset(["date_trunc", "date_part", "extract"])
_SAFE_NODES = (
    Var,
    Const,
    Param,
    BoolExpr,
    NullTest,
    BooleanTest,
    DistinctExpr,
    RowCompare,
    Case,
    Coalesce,
    GroupRef,
    When,
    ArrayExpr,
    NullIf,
    MinMax,
    RowExpr,
)
# Types whose text no setting changes.
_PLAIN_TEXT = frozenset([16, 19, 20, 21, 23, 25, 26, 114, 705, 1042, 1043, 1700, 2950, 3802])
_WIDENING = frozenset(
    [(21, 23), (21, 20), (23, 20), (21, 701), (23, 701), (20, 701), (700, 701), (21, 1700), (23, 1700), (20, 1700), (1082, 1114)]
)


def can_fail(expr: Expr) -> bool:
    """Whether evaluating `expr` on some row might raise; True where that is not known.

    Such a predicate goes to a place only together with the conjuncts written before it, which may protect it.
    """
    return any(_may_raise(node) and any(isinstance(n, Var) for n in walk(node)) for node in walk(expr))


_LIKES = frozenset(["~~", "!~~", "~~*", "!~~*"])
_TEXTS = frozenset([25, 705, 1042, 1043])


def may_tell(node: Any) -> bool:
    """Whether this very node, whatever its arguments are, may raise for some of their values; True where that is not known.

    Of nodes that are no expressions of one row (queries and their parts) nothing is said: what stands in them is.
    """
    if isinstance(node, OpExpr | ScalarArrayOp):
        if node.name in _LIKES:  # a pattern that ends in a backslash raises for the texts that it matches so far
            pattern = node.args[1] if isinstance(node, OpExpr) else node.right
            return not (isinstance(pattern, Const) and "\\" not in str(pattern.value))
        if node.name == "||":
            return not set(node.arg_types) <= _TEXTS
        return _may_raise(node)
    if isinstance(node, FuncExpr):
        return node.name not in _SAFE_FUNCTIONS
    if isinstance(node, SubLink):
        return node.kind == "scalar"  # more than one row
    return isinstance(node, get_args(Expr)) and not isinstance(node, Aggref | WindowFunc | FieldSelect) and _may_raise(node)


def _may_raise(node: Any) -> bool:
    if isinstance(node, (OpExpr, ScalarArrayOp)):
        return node.name not in _SAFE_OPERATORS
    if isinstance(node, FuncExpr):
        if node.name in _SAFE_BY_CONSTANT:
            return not isinstance(node.args[0], Const)
        return node.name not in _SAFE_FUNCTIONS
    if isinstance(node, Coerce):
        return not (node.method == "relabel" or _widens(node))
    return not isinstance(node, _SAFE_NODES)


def _widens(node: Coerce) -> bool:
    source = node.arg.type
    if node.type.typmod >= 0 and node.type.typmod != source.typmod:
        return False
    return source.oid == node.type.oid or (source.oid, node.type.oid) in _WIDENING
