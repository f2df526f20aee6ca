"""date_trunc, extract and date_part whose unit is no constant (a parameter, a column): a CASE over all units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit, carrier_duck, error, quote
from fedgate.sql.functions.emit import TEXT, default_sql
from fedgate.sql.functions.udf import mark, scalar

Lowering = Callable[[Emit, tuple[E, ...], Any], E | str]


def register(name: str, units: Mapping[str, str]) -> None:
    """A UDF that gives the canonical name of a unit's spelling; 22023 for what is none, `what` is the type that it is asked of."""

    def canonical(given: str, what: str) -> str:
        found = units.get(given.lower())
        if found is None:
            raise SqlError("22023", f'unit "{given}" not recognized for type {what}')
        return found

    scalar(name, ["VARCHAR", "VARCHAR"], "VARCHAR")(canonical)


def any_unit(udf: str, units: Mapping[str, str], lower: Lowering, branch: Lowering | None = None) -> Lowering:
    """`lower`, which needs a constant unit as its first argument, for any unit; `branch` is the same in the type's own carrier."""
    names = sorted(set(units.values()))

    def lowering(cx: Emit, a: tuple[E, ...], node: Any) -> E | str:
        given = a[0]
        if given.literal and isinstance(given.value, str):
            return lower(cx, a, node)
        branches = []
        for name in names:
            unit = E(quote(name), TEXT, None, True, name)
            try:
                value = (branch or lower)(cx, (unit, *a[1:]), node)
                sql = default_sql(value) if isinstance(value, E) else value
            except SqlError as refused:
                sql = f"CASE WHEN {a[1].sql} IS NOT NULL THEN {_raise(refused)} END"
            branches.append(f"WHEN {quote(name)} THEN {sql}")
        none = f"CAST(NULL AS {carrier_duck(node.type, None)})"
        known = " AND ".join(f"{e.sql} IS NOT NULL" for e in a[1:])
        named = f"CASE WHEN {known} THEN {given.sql} END"
        call = f"CASE {udf}({named}, {quote(str(a[1].type))}) {' '.join(branches)} ELSE {none} END"
        return E(call, node.type)

    return lowering


def _raise(refused: SqlError) -> str:
    return error(refused.sqlstate, refused.message) if not refused.detail else f"error({quote(mark(refused))})"
