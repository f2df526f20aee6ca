"""Subqueries in expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fedgate.errors import SqlError
from fedgate.sql.tree import SubLink
from fedgate.system.direct.expressions import comparison
from fedgate.system.direct.runtime import Env, Eval, NotDirectError, Rows

if TYPE_CHECKING:
    from fedgate.system.direct.compile import Compiler


def compile_sublink(c: Compiler, e: SubLink) -> Eval:
    """The value of a subquery."""
    groups, c.groups = c.groups, []
    sets, c.sets = c.sets, []
    try:
        rows = c.once(e.query, c.query(e.query))
    finally:
        c.groups, c.sets = groups, sets
    if e.kind == "exists":
        return lambda env: bool(rows(env))
    if e.kind == "array":
        return lambda env: tuple([row[0] for row in rows(env)])
    if e.kind == "scalar":
        return _scalar(rows)
    return _membership(c, e, rows)


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
    key = object()
    closed = c.is_closed(e.query)
    lasting = closed and c.is_lasting(e.query)

    def among(env: Env) -> tuple[frozenset[Any], bool, bool]:
        found = rows(env)
        return frozenset(row[0] for row in found), any(row[0] is None for row in found), bool(found)

    def known(env: Env) -> tuple[frozenset[Any], bool, bool]:
        if not closed:
            return among(env)
        answers: dict[object, Any] = env[0].store.answers if lasting else env[0].answers
        found = answers.get(key)
        if found is None:
            found = answers[key] = among(env)
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
