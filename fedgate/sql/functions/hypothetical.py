"""Hypothetical-set aggregates: the place that a row would have among those of the group.

Source: https://www.postgresql.org/docs/15/functions-aggregate.html#FUNCTIONS-HYPOTHETICAL-TABLE
"""

from __future__ import annotations

from collections.abc import Callable

from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E
from fedgate.sql.functions.emit import FLOAT8, INT8, comparable
from fedgate.sql.functions.table import aggregate
from fedgate.sql.tree import GroupRef, walk


def _less(direction: str, x: str, given: str) -> str:
    """Whether a row's key `x` comes before the given one, never NULL."""
    before = ">" if direction.startswith("DESC") else "<"
    null = f"({x} IS NULL AND {given} IS NOT NULL)" if direction.endswith("FIRST") else f"({x} IS NOT NULL AND {given} IS NULL)"
    return f"coalesce({x} {before} {given}, {null})"


def _before(keys: list[tuple[str, str, str]]) -> str:
    """Whether a row comes before the given one, key after key; each is (direction, the row's, the given one's)."""
    result = "false"
    for direction, x, given in reversed(keys):
        result = f"({_less(direction, x, given)} OR ({x} IS NOT DISTINCT FROM {given} AND {result}))"
    return result


def _same(keys: list[tuple[str, str, str]]) -> str:
    """Whether a row has the given one's place."""
    return " AND ".join(f"{x} IS NOT DISTINCT FROM {given}" for _, x, given in keys)


def _row(keys: list[tuple[str, str, str]]) -> str:
    """A row's keys as one value."""
    return "{" + ", ".join(f"k{i}: {x}" for i, (_, x, _) in enumerate(keys)) + "}"


def hypothetical(name: str) -> Callable[[Call], E]:
    """rank(v, …) WITHIN GROUP (ORDER BY x, …) and its kin."""

    def lower(call: Call) -> E:
        keys = [(s.direction, *comparable(call.cx, s.value, a)) for s, a in zip(call.order_by, call.args, strict=False)]
        if any(isinstance(node, GroupRef) for arg in call.node.args for node in walk(arg)):
            return _beside_group(name, call, keys)
        less = _before(keys)
        n_less = call.wrap("count", "*", order=(), also=less, distinct=False)
        n_all = call.wrap("count", "*", order=(), distinct=False)
        if name == "rank":
            return E(f"({n_less} + 1)", INT8)
        if name == "dense_rank":
            return E(f"({call.wrap('count', f'DISTINCT {_row(keys)}', order=(), also=less, distinct=False)} + 1)", INT8)
        if name == "percent_rank":
            return E(f"coalesce(CAST({n_less} AS DOUBLE) / nullif({n_all}, 0), 0)", FLOAT8)
        n_same = call.wrap("count", "*", order=(), also=f"({less} OR ({_same(keys)}))", distinct=False)
        return E(f"(CAST({n_same} + 1 AS DOUBLE) / ({n_all} + 1))", FLOAT8)

    return lower


def _beside_group(name: str, call: Call, keys: list[tuple[str, str, str]]) -> E:
    """The same of arguments that read the group's keys, which FILTER would take for a row's: over a list of the group's rows."""
    rows = f"coalesce({call.wrap('list', call.guarded(_row(keys)), order=(), distinct=False)}, [])"
    given = ", ".join(f"g{i}: {value}" for i, (_, _, value) in enumerate(keys))
    read = [(direction, f"x['k{i}']", f"s['g{i}']") for i, (direction, _, _) in enumerate(keys)]
    less = _before(read)
    before, n_all = f"list_filter(s['rows'], lambda x: {less})", "len(s['rows'])"
    result = {
        "rank": f"len({before}) + 1",
        "dense_rank": f"len(list_distinct({before})) + 1",
        "percent_rank": f"coalesce(CAST(len({before}) AS DOUBLE) / nullif({n_all}, 0), 0)",
        "cume_dist": f"CAST(len(list_filter(s['rows'], lambda x: {less} OR ({_same(read)}))) + 1 AS DOUBLE) / ({n_all} + 1)",
    }[name]
    whole = f"list_extract(list_transform([{{rows: {rows}, {given}}}], lambda s: {result}), 1)"
    return E(whole, FLOAT8 if name in ("percent_rank", "cume_dist") else INT8)


for _name in ("rank", "dense_rank", "percent_rank", "cume_dist"):
    aggregate(_name, "any...", hypothetical(_name))
