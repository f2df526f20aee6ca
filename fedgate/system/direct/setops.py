"""UNION, INTERSECT, EXCEPT and VALUES."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fedgate.sql.tree import SetOp, Values
from fedgate.system.direct.kinds import is_simple
from fedgate.system.direct.runtime import Env, NotDirectError, Row, Rows
from fedgate.system.direct.sorting import compile_limit, compile_order, unique, with_ctes

if TYPE_CHECKING:
    from fedgate.system.direct.compile import Compiler


def compile_setop(c: Compiler, query: SetOp) -> Rows:
    """Two queries' rows as one."""
    if query.with_ties or (not (query.op == "union" and query.all) and not all(is_simple(x.type.oid) for x in query.columns)):
        raise NotDirectError("a set operation of that type")
    return with_ctes(c, query.ctes, lambda: _ended(c, query, _combined(c, query)))


def _combined(c: Compiler, query: SetOp) -> Rows:
    left, right, op, every = c.query(query.left), c.query(query.right), query.op, query.all

    def run(env: Env) -> list[Row]:
        a, b = left(env), right(env)
        if op == "union":
            return [*a, *b] if every else unique([*a, *b])
        if not every:
            others = set(b)
            return [row for row in unique(a) if (row in others) is (op == "intersect")]
        counts = Counter(b)
        kept = []
        for row in a:
            there = counts[row] > 0
            if there:
                counts[row] -= 1
            if there is (op == "intersect"):
                kept.append(row)
        return kept

    return run


def compile_values(c: Compiler, query: Values) -> Rows:
    """A list of rows."""
    if query.with_ties:
        raise NotDirectError("with ties")
    made = [[c.expr(e) for e in row] for row in query.rows]
    return _ended(c, query, lambda env: [tuple([e(env) for e in row]) for row in made])


def _ended(c: Compiler, query: SetOp | Values, rows: Rows) -> Rows:
    order = compile_order(query.order_by, [column.id for column in query.columns])
    limit = compile_limit(c, query.limit, query.offset)
    if order is None:
        return lambda env: limit(env, rows(env))
    return lambda env: limit(env, order(rows(env)))
