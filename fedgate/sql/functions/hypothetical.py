"""Hypothetical-set aggregates: the place that a row would have among those of the group.

Source: https://www.postgresql.org/docs/15/functions-aggregate.html#FUNCTIONS-HYPOTHETICAL-TABLE
"""

from __future__ import annotations

from collections.abc import Callable

from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E
from fedgate.sql.functions.emit import FLOAT8, INT8, comparable
from fedgate.sql.functions.table import aggregate


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


def hypothetical(name: str) -> Callable[[Call], E]:
    """rank(v, …) WITHIN GROUP (ORDER BY x, …) and its kin."""

    def lower(call: Call) -> E:
        keys = [(s.direction, *comparable(call.cx, s.value, a)) for s, a in zip(call.order_by, call.args, strict=False)]
        less = _before(keys)
        n_less = call.wrap("count", "*", order=(), also=less, distinct=False)
        n_all = call.wrap("count", "*", order=(), distinct=False)
        if name == "rank":
            return E(f"({n_less} + 1)", INT8)
        if name == "dense_rank":
            row = "{" + ", ".join(f"k{i}: {x}" for i, (_, x, _) in enumerate(keys)) + "}"
            return E(f"({call.wrap('count', f'DISTINCT {row}', order=(), also=less, distinct=False)} + 1)", INT8)
        if name == "percent_rank":
            return E(f"coalesce(CAST({n_less} AS DOUBLE) / nullif({n_all}, 0), 0)", FLOAT8)
        same = " AND ".join(f"{x} IS NOT DISTINCT FROM {given}" for _, x, given in keys)
        n_same = call.wrap("count", "*", order=(), also=f"({less} OR ({same}))", distinct=False)
        return E(f"(CAST({n_same} + 1 AS DOUBLE) / ({n_all} + 1))", FLOAT8)

    return lower


for _name in ("rank", "dense_rank", "percent_rank", "cume_dist"):
    aggregate(_name, "any...", hypothetical(_name))
