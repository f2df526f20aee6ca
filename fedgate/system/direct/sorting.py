"""ORDER BY, LIMIT, DISTINCT and WITH, which all kinds of queries share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from fedgate.errors import SqlError
from fedgate.sql.tree import Cte, Expr, SetOp, SortBy, SortKey
from fedgate.system.direct.kinds import is_simple
from fedgate.system.direct.runtime import Env, NotDirectError, Row, Rows

if TYPE_CHECKING:
    from fedgate.system.direct.compile import Compiler

Order: TypeAlias = "Callable[[list[Row]], list[Row]]"


def unique(rows: list[Row]) -> list[Row]:
    """The different rows, each where it was first."""
    return list(dict.fromkeys(rows))


def _key(place: int, nulls_last: bool) -> Callable[[Row], Any]:
    if nulls_last:
        return lambda row: (row[place] is None, row[place])
    return lambda row: (row[place] is not None, row[place])


def compile_order(keys: Sequence[SortKey], ids: list[int]) -> Order | None:
    """What sorts rows of columns `ids`; None when nothing is to be sorted."""
    if not keys:
        return None
    # Sorted from the last key to the first; a descending sort is an ascending one read backwards, NULLs with it.
    passes = [(_key(ids.index(k.column), k.nulls_first is k.descending), k.descending) for k in reversed(keys)]

    def sort(rows: list[Row]) -> list[Row]:
        made = list(rows)
        for key, descending in passes:
            made.sort(key=key, reverse=descending)
        return made

    return sort


def sort_by(c: Compiler, keys: Sequence[SortBy]) -> Callable[[list[Env]], list[int]]:
    """What gives the places of environments in order of expressions."""
    if not all(is_simple(k.expr.type.oid) for k in keys):
        raise NotDirectError("an order of that type")
    made = [(c.expr(k.expr), k.nulls_first is k.descending, k.descending) for k in reversed(keys)]

    def sort(envs: list[Env]) -> list[int]:
        places = list(range(len(envs)))
        for expr, nulls_last, descending in made:
            found = [expr(env) for env in envs]
            keys = [(value is None) is nulls_last for value in found]
            places.sort(key=lambda p, keys=keys, found=found: (keys[p], found[p]), reverse=descending)  # type: ignore[misc]
        return places

    return sort


def compile_limit(c: Compiler, limit: Expr | None, offset: Expr | None) -> Callable[[Env, list[Row]], list[Row]]:
    """What cuts rows."""
    if limit is None and offset is None:
        return lambda env, rows: rows
    most, skipped = (c.expr(limit) if limit is not None else None), (c.expr(offset) if offset is not None else None)

    def cut(env: Env, rows: list[Row]) -> list[Row]:
        first = (skipped(env) if skipped is not None else None) or 0
        count = most(env) if most is not None else None
        if first < 0 or (count is not None and count < 0):
            raise SqlError(*(("2201X", "OFFSET must not be negative") if first < 0 else ("2201W", "LIMIT must not be negative")))
        return rows[first:] if count is None else rows[first : first + count]

    return cut


def with_ctes(c: Compiler, ctes: Sequence[Cte], make: Callable[[], Rows]) -> Rows:
    """A query behind its WITH items, which are computed before it."""
    if not ctes:
        return make()
    made = [(cte.id, _recursive(c, cte) if cte.recursive else c.query(cte.query)) for cte in ctes]
    rows = make()

    def run(env: Env) -> list[Row]:
        for id_, of in made:
            env[0].ctes[id_] = of(env)
        return rows(env)

    return run


def _recursive(c: Compiler, cte: Cte) -> Rows:
    query = cte.query
    if not isinstance(query, SetOp) or query.op != "union" or query.order_by or query.limit is not None or query.ctes:
        raise NotDirectError("a recursive query")
    if not query.all and not all(is_simple(column.type.oid) for column in query.columns):
        raise NotDirectError("a recursive query of that type")
    first, more, every, id_ = c.query(query.left), c.query(query.right), query.all, cte.id

    def run(env: Env) -> list[Row]:
        rows = first(env) if every else unique(first(env))
        known = set() if every else set(rows)
        found, step = list(rows), rows
        while step:
            env[0].count(len(step))
            env[0].ctes[id_] = step
            step = more(env)
            if not every:
                step = [row for row in unique(step) if row not in known]
                known.update(step)
            found.extend(step)
        return found

    return run
