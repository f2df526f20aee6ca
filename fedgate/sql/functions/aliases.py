"""Functions that are other names: of an operator (`int4pl`), of a cast (`float8(x)`), of another function (`dsqrt`)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from fedgate.sql import tables
from fedgate.sql.functions import table
from fedgate.sql.functions.carriers import E, Emit
from fedgate.types import SqlType, format_type

_SAME: Final = {
    "dexp": "exp", "dlog1": "ln", "dlog10": "log", "dround": "round", "dtrunc": "trunc", "numeric_exp": "exp", "numeric_ln": "ln",
    "numeric_log": "log", "numeric_sqrt": "sqrt", "numeric_div_trunc": "div", "textlen": "length",
}  # fmt: skip

_POLYMORPHIC: Final = frozenset({2276, 2277, 2283, 2776, 5077, 5078, 5079})


@lru_cache(maxsize=1024)
def find(name: str, arg_types: tuple[int, ...]) -> table.Row | None:
    """The row of the operator, cast or function that a function of PostgreSQL's is another name of, None if it is none."""
    if name in _SAME:
        return table.find("function", _SAME[name], arg_types)
    for function in tables.functions(name):
        if len(function.args) != len(arg_types) or not all(map(_takes, function.args, arg_types)):
            continue
        for operator in tables.operators_by_function().get(function.oid, ()):
            if (bool(operator.left) + bool(operator.right)) == len(arg_types):
                row = table.find("operator", operator.name, arg_types)
                return _operator(row) if row is not None else None
        cast = tables.casts_by_function().get(function.oid)
        if cast is not None and arg_types == (cast.source,):
            return _cast(name, cast.source, cast.target)
    return None


def _takes(declared: int, given: int) -> bool:
    return declared == given or declared in _POLYMORPHIC


def _operator(row: table.Row) -> table.Row:
    """The operator's row for a node that has the function's name."""
    if isinstance(row.lower, str):
        return row
    inner = row.lower
    return replace(row, lower=lambda cx, a, node: inner(cx, a, replace(node, name=row.name)))


def _cast(name: str, source: int, target: int) -> table.Row:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> E:
        from fedgate.sql.lower.casts import convert

        return convert(cx, a[0], SqlType(target))

    return table.Row("function", name, (format_type(source),), (frozenset({source}),), False, lower)
