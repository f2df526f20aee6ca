"""Builds calls of PostgreSQL's functions, operators and aggregates by name and argument types, for the rules' own expressions.

Contract: the types must match a row of PostgreSQL's tables exactly; KeyError otherwise (a defect of the planner).
"""

from __future__ import annotations

from functools import cache

from fedgate.sql.functions.table import OWN
from fedgate.sql.tables import functions, operators
from fedgate.sql.tree import Aggref, Coerce, Expr, FuncExpr, OpExpr, SortBy
from fedgate.types import SqlType

BYTEA = SqlType(17)
INT4 = SqlType(23)
INT8 = SqlType(20)
NUMERIC = SqlType(1700)
FLOAT8 = SqlType(701)


@cache
def _aggregate_row(name: str, args: tuple[int, ...]) -> tuple[int, int]:
    for row in functions(name):
        if row.kind == "a" and row.args == args:
            return row.oid, row.result
    raise KeyError((name, args))


@cache
def _operator_row(name: str, left: int, right: int) -> tuple[int, int]:
    for row in operators(name):
        if (row.left, row.right) == (left, right):
            return row.oid, row.result
    raise KeyError((name, left, right))


def aggregate(name: str, *args: Expr, filter: Expr | None = None, order_by: tuple[SortBy, ...] = ()) -> Aggref:
    """The aggregate `name` of exactly these arguments' types."""
    types = tuple(a.type.oid for a in args)
    oid, result = _aggregate_row(name, types)
    return Aggref(name, args, types, SqlType(result), oid, filter=filter, order_by=order_by)


def count_star(filter: Expr | None = None) -> Aggref:
    oid, result = _aggregate_row("count", ())
    return Aggref("count", (), (), SqlType(result), oid, star=True, filter=filter)


def count(arg: Expr, filter: Expr | None = None) -> Aggref:
    """count(arg); its argument type is polymorphic."""
    oid, result = _aggregate_row("count", (2276,))
    return Aggref("count", (arg,), (arg.type.oid,), SqlType(result), oid, filter=filter)


def merging(name: str, *args: Expr, result: SqlType, order_by: tuple[SortBy, ...] = (), within_group: bool = False) -> Aggref:
    """One of our own aggregates, which only plans hold."""
    types = tuple(a.type.oid for a in args)
    return Aggref(f"{OWN}{name}", args, types, result, 0, order_by=order_by, within_group=within_group)


def finishing(name: str, *args: Expr, result: SqlType) -> FuncExpr:
    """One of our own functions, which only plans hold."""
    return FuncExpr(f"{OWN}{name}", args, tuple(a.type.oid for a in args), result, 0)


def operator(name: str, left: Expr, right: Expr) -> OpExpr:
    """`left name right`."""
    oid, result = _operator_row(name, left.type.oid, right.type.oid)
    return OpExpr(name, (left, right), (left.type.oid, right.type.oid), SqlType(result), oid)


def operator_oid(name: str, left: int, right: int) -> int:
    """The OID of the operator of exactly these types."""
    return _operator_row(name, left, right)[0]


def equals(left: Expr, right: Expr) -> OpExpr:
    """`left = right`, of one type."""
    return operator("=", left, right)


def cast(arg: Expr, target: SqlType) -> Expr:
    """`arg` as `target`, by pg_cast's function."""
    return arg if arg.type == target else Coerce(arg, target, "function", True)
