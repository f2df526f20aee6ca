"""Aggregates over the rows of a group."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from fedgate.sql.tree import Aggref
from fedgate.system.direct.kinds import TEXTS, is_simple, kind, passes
from fedgate.system.direct.runtime import Env, NotDirectError, Row

if TYPE_CHECKING:
    from fedgate.system.direct.compile import Compiler


class Fold:
    """One aggregate of one group: the arguments of its rows, and what they come to."""

    def __init__(self, arguments: Callable[[Env], Row | None], end: Callable[[list[Row]], Any]) -> None:
        self._arguments = arguments
        self._end = end
        self._rows: list[Row] = []

    def add(self, env: Env) -> None:
        """Take the row that is open, if it counts."""
        row = self._arguments(env)
        if row is not None:
            self._rows.append(row)

    def end(self) -> Any:
        """The aggregate's value."""
        return self._end(self._rows)


def _strings(rows: list[Row]) -> str | None:
    """string_agg(value, separator): NULLs are left out, a row's separator stands before it."""
    found = [(value, separator) for value, separator in rows if value is not None]
    if not found:
        return None
    return "".join((("" if place == 0 else separator or "") + value) for place, (value, separator) in enumerate(found))


def _some(call: Callable[[list[Any]], Any]) -> Callable[[list[Row]], Any]:
    def end(rows: list[Row]) -> Any:
        found = [row[0] for row in rows if row[0] is not None]
        return call(found) if found else None

    return end


_ENDS: Final[dict[str, Callable[[list[Row]], Any]]] = {
    "array_agg": lambda rows: tuple([row[0] for row in rows]) if rows else None,
    "string_agg": _strings,
    "min": _some(min),
    "max": _some(max),
    "bool_and": _some(all),
    "every": _some(all),
    "bool_or": _some(any),
}
_KINDS: Final = {"min": ("integer", "text"), "max": ("integer", "text"), "bool_and": ("boolean",), "bool_or": ("boolean",)}


def compile_aggregate(c: Compiler, e: Aggref) -> Callable[[], Fold]:
    """What makes the aggregate's state for a new group."""
    if e.within_group or (e.name not in _ENDS and e.name != "count"):
        raise NotDirectError(e.name)
    if e.name in _KINDS and kind(e.arg_types[0]) not in _KINDS[e.name]:
        raise NotDirectError(e.name)
    if e.name == "array_agg" and (e.type.oid not in _PASSED or not passes(e.type.oid)):
        raise NotDirectError(e.name)
    if e.name == "string_agg" and any(oid not in TEXTS for oid in e.arg_types):
        raise NotDirectError(e.name)
    if (e.distinct or e.order_by) and not all(is_simple(x.type.oid) for x in (*e.args, *(s.expr for s in e.order_by))):
        raise NotDirectError(e.name)
    args = [c.expr(x) for x in e.args]
    order = [(c.expr(s.expr), s.nulls_first is s.descending, s.descending) for s in e.order_by]
    test = c.expr(e.filter) if e.filter is not None else None
    width = len(args)

    def arguments(env: Env) -> Row | None:
        if test is not None and test(env) is not True:
            return None
        return (*[a(env) for a in args], *[key(env) for key, _, _ in order])

    finish = _count(e) if e.name == "count" else _ENDS[e.name]
    distinct = e.distinct

    def end(rows: list[Row]) -> Any:
        for place in range(len(order) - 1, -1, -1):
            _, nulls_last, descending = order[place]
            at = width + place
            rows.sort(key=lambda row, at=at, last=nulls_last: ((row[at] is None) is last, row[at]), reverse=descending)  # type: ignore[misc]
        given = [row[:width] for row in rows] if order else rows
        if distinct:
            given = list(dict.fromkeys(given))
            if not order:
                given.sort(key=lambda row: tuple((value is None, value) for value in row))
        return finish(given)

    return lambda: Fold(arguments, end)


def _count(e: Aggref) -> Callable[[list[Row]], int]:
    if e.star:
        return len
    return lambda rows: sum(row[0] is not None for row in rows)


_PASSED: Final = frozenset((1000, 1005, 1007, 1016, 1009, 1003, 1028, 1002, 1015))
