"""Aggregates of partial aggregates, and what else the planner puts into queries and no statement can name.

Variances take what nodes send of each part of a group. Those of ordered sets stand in `ordered_sets`, of sketches in `sketches`.
`wide` is a numeric as one of no known precision (`planner.wide_numerics`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fedgate.sql.functions.calls import Call
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.emit import FLOAT8, dyn
from fedgate.sql.functions.table import OWN, aggregate, function
from fedgate.sql.numeric.moments import FINALS


def _exact(name: str) -> Callable[[Emit, tuple[E, ...], Any], str]:
    """(n, sum, sum of squares) of numerics, with PostgreSQL's digits."""
    return lambda cx, args, node: f"num_{name}({args[0].sql}, {dyn(args[1])}, {dyn(args[2])})"


def _merged(name: str) -> Callable[[Call], E]:
    """(n, mean, …) of each part; parts without values say nothing."""

    def lower(call: Call) -> E:
        row = ", ".join(f"CAST({a.sql} AS DOUBLE)" for a in call.args)
        rows = call.wrap("list", f"[{row}]", also=f"{call.args[0].sql} > 0")
        return E(f"merge_{name}({rows})", FLOAT8)

    return lower


def _needed(cx: Emit, args: tuple[E, ...], node: Any) -> E:
    """The value of a prelude, or its error: raised only for rows that come here."""
    value, failure = args
    return E(f"CASE WHEN {failure.sql} IS NULL THEN {value.sql} ELSE error({failure.sql}) END", node.type, value.dec)


def _wide(cx: Emit, args: tuple[E, ...], node: Any) -> E:
    return E(dyn(args[0]), node.type)


function(f"{OWN}needed", "any, text", _needed)
function(f"{OWN}wide", "numeric", _wide)
for _name in ("var_pop", "var_samp", "stddev_pop", "stddev_samp"):
    function(f"{OWN}{_name}", "int8, numeric, numeric", _exact(_name))
for _name in FINALS:
    _single = _name.startswith(("var", "stddev"))
    aggregate(
        f"{OWN}{_name}", "int8, float8, float8" if _single else "int8, float8, float8, float8, float8, float8", _merged(_name)
    )
