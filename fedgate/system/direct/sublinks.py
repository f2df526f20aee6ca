"""Subqueries in expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fedgate.errors import SqlError
from fedgate.sql.tree import (
    Aggref,
    Block,
    CteRef,
    Derived,
    Expr,
    FuncExpr,
    FunctionRef,
    SubLink,
    TableRef,
    Var,
    WindowFunc,
    walk,
)
from fedgate.system.direct.expressions import comparison
from fedgate.system.direct.runtime import Env, Eval, Mark, NotDirectError, Rows

if TYPE_CHECKING:
    from fedgate.system.direct.compile import Compiler


def compile_sublink(c: Compiler, e: SubLink) -> Eval:
    """The value of a subquery."""
    if e.kind == "scalar" and (only := _only_value(e)) is not None:
        return c.expr(only)
    groups, c.groups = c.groups, []
    sets, c.sets = c.sets, []
    try:
        rows = c.once(e.query, c.query(e.query))
    finally:
        c.groups, c.sets = groups, sets
    if e.kind == "exists":
        return _remembered(c, e, lambda env: bool(rows(env)))
    if e.kind == "array":
        return _remembered(c, e, lambda env: tuple([row[0] for row in rows(env)]))
    if e.kind == "scalar":
        return _remembered(c, e, _scalar(rows))
    return _membership(c, e, rows)


def _only_value(e: SubLink) -> Expr | None:
    """The expression that a subquery without FROM is, as the bodies of many functions are; None for others."""
    query = e.query
    if not isinstance(query, Block) or query.from_ or query.where is not None or query.grouped or query.ctes:
        return None
    if query.limit is not None or query.offset is not None or len(query.targets) != 1:
        return None
    value = query.targets[0].expr
    if any(isinstance(n, WindowFunc | Aggref) or (isinstance(n, FuncExpr) and n.returns_set) for n in walk(value)):
        return None
    return value


def _remembered(c: Compiler, e: SubLink, value: Eval) -> Eval:
    """The value, computed once a run for each row of the few columns around it that it reads: a table's owner, a column's type."""
    own = {n.rel for n in walk(e.query, into_queries=True) if isinstance(n, TableRef | Derived | FunctionRef | CteRef)}
    outside = {(n.rel, n.col): n for n in walk(e.query, into_queries=True) if isinstance(n, Var) and n.rel not in own}
    if not outside or any(isinstance(n, CteRef) for n in walk(e.query, into_queries=True)):
        return value
    reads = [(c.slot(var.rel), c.place(var)) for var in outside.values()]
    mark = Mark()

    def run(env: Env) -> Any:
        known = env[0].answered(mark, False, dict)
        at = tuple([env[slot][place] for slot, place in reads])
        if at in known:
            return known[at]
        found = known[at] = value(env)
        return found

    return run


def _scalar(rows: Rows) -> Eval:
    def run(env: Env) -> Any:
        found = rows(env)
        if len(found) > 1:
            raise SqlError("21000", "more than one row returned by a subquery used as an expression")
        return found[0][0] if found else None

    return run


def _membership(c: Compiler, e: SubLink, rows: Rows) -> Eval:
    """`x = ANY (SELECT …)` and `x <> ALL (SELECT …)`, of one column."""
    negated = e.kind == "all"
    if len(e.left) != 1 or e.op != ("<>" if negated else "="):
        raise NotDirectError("a comparison with a subquery")
    comparison("=", e.left[0].type.oid, e.query.columns[0].type.oid)
    left = c.expr(e.left[0])
    mark = Mark()
    closed = c.is_closed(e.query)
    lasting = closed and c.is_lasting(e.query)

    def among(env: Env) -> tuple[frozenset[Any], bool, bool]:
        found = rows(env)
        return frozenset(row[0] for row in found), any(row[0] is None for row in found), bool(found)

    def known(env: Env) -> tuple[frozenset[Any], bool, bool]:
        if not closed:
            return among(env)
        found: tuple[frozenset[Any], bool, bool] = env[0].answered(mark, lasting, lambda: among(env))
        return found

    def run(env: Env) -> Any:
        wanted, unknown, some = known(env)
        if not some:
            return negated
        value = left(env)
        if value is None:
            return None
        if value in wanted:
            return not negated
        return None if unknown else negated

    return run
