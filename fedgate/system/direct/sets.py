"""Set-returning functions, in FROM and in target lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fedgate.errors import SqlError
from fedgate.sql.tree import FuncExpr, FunctionRef
from fedgate.system.direct.kinds import ARRAYS, RANGES
from fedgate.system.direct.runtime import Env, NotDirectError, Row, Rows

if TYPE_CHECKING:
    from fedgate.system.direct.compile import Compiler


def elements(c: Compiler, e: FuncExpr) -> Callable[[Env], list[Any]]:
    """The values that a call gives, in order."""
    args = [c.expr(a) for a in e.args]
    if e.name == "unnest" and len(args) == 1 and e.arg_types[0] in ARRAYS:
        return lambda env: list(args[0](env) or ())
    if e.name == "generate_subscripts" and len(args) == 2 and e.arg_types[0] in ARRAYS:
        return lambda env: list(range(1, len(args[0](env) or ()) + 1)) if args[1](env) == 1 else []
    if e.name == "generate_series" and all(oid in RANGES for oid in e.arg_types):

        def series(env: Env) -> list[Any]:
            given = [a(env) for a in args]
            if None in given:
                return []
            start, stop, step = given if len(given) == 3 else (*given, 1)
            if step == 0:
                raise SqlError("22023", "step size cannot equal zero")
            env[0].count(abs(stop - start) // abs(step))
            return list(range(start, stop + (1 if step > 0 else -1), step))

        return series
    raise NotDirectError(e.name)


def compile_set(c: Compiler, leaf: FunctionRef) -> Rows:
    """The rows of functions in FROM: side by side, the shorter ones filled with NULLs, numbered WITH ORDINALITY."""
    made = []
    for call in leaf.functions:
        if not isinstance(call, FuncExpr) or not call.returns_set:
            raise NotDirectError("a function in FROM")
        made.append(elements(c, call))
    if len(leaf.columns) != len(made) + leaf.ordinality:
        raise NotDirectError("a function of several columns")
    numbered = leaf.ordinality

    def run(env: Env) -> list[Row]:
        lists = [make(env) for make in made]
        count = max(map(len, lists))
        rows = (tuple([items[i] if i < len(items) else None for items in lists]) for i in range(count))
        return [(*row, i) for i, row in enumerate(rows, 1)] if numbered else list(rows)

    return run
