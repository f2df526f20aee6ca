"""Arithmetic operators and mathematical functions of integers, floats and numerics.

Integers overflow as PostgreSQL's do because operands have its result type. Static numerics stay DECIMAL while 38 digits are enough,
else they become dynamic. Floats go through checked macros (22003 for overflow and underflow, 22012 for a zero divisor).
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions import float_columns  # noqa: F401  (registers its functions)
from fedgate.sql.functions.carriers import Dec, E, Emit, dec, error
from fedgate.sql.functions.emit import INTEGERS, dyn
from fedgate.sql.functions.table import operator
from fedgate.sql.functions.udf import macro
from fedgate.types import SqlType
from fedgate.types.catalog import NUMERIC

_NUMERIC = SqlType(NUMERIC)
_DUCK = {21: "SMALLINT", 23: "INTEGER", 20: "BIGINT"}
_NAMES = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod"}
_ZERO = error("22012", "division by zero")
_OVERFLOW = error("22003", "value out of range: overflow")
_UNDERFLOW = error("22003", "value out of range: underflow")

macro("pg_f8", "r, ok", f"CASE WHEN NOT isfinite(r) AND ok THEN {_OVERFLOW} ELSE r END")
macro("pg_nonzero", "b", f"CASE WHEN b = 0 THEN {_ZERO} ELSE b END")
macro(
    "pg_f8_mul",
    "a, b",
    f"CASE WHEN a * b = 0 AND a <> 0 AND b <> 0 THEN {_UNDERFLOW} ELSE pg_f8(a * b, isfinite(a) AND isfinite(b)) END",
)
macro(
    "pg_f8_div",
    "a, b",
    f"CASE WHEN b = 0 AND NOT isnan(a) THEN {_ZERO} WHEN a / b = 0 AND a <> 0 AND NOT isinf(b) THEN {_UNDERFLOW}"
    " ELSE pg_f8(a / b, isfinite(a) AND isfinite(b)) END",
)
macro(
    "pg_float4",
    "x",
    f"CASE WHEN isinf(TRY_CAST(x AS FLOAT)) AND NOT isinf(x) OR TRY_CAST(x AS FLOAT) IS NULL AND x IS NOT NULL THEN {_OVERFLOW}"
    f" WHEN CAST(x AS FLOAT) = 0 AND x <> 0 THEN {_UNDERFLOW} ELSE CAST(x AS FLOAT) END",
)


def arithmetic(cx: Emit, a: tuple[E, ...], node: Any) -> E:
    """`a op b` for + - * / % of two numbers; the binder has made both of the operator's types."""
    op = node.name
    if node.type.oid in INTEGERS:
        return E(_integer(op, a, node.type.oid), node.type)
    if node.type.oid in (700, 701):
        return _float(op, a, node.type)
    return numeric(cx, op, *a)


def _integer(op: str, a: tuple[E, ...], oid: int) -> str:
    x, y = (e.sql if e.oid == oid else f"CAST({e.sql} AS {_DUCK[oid]})" for e in a)
    if op in "/%" and a[1].literal and a[1].value == 0 and a[0].literal and a[0].value is not None:
        raise SqlError("22012", "division by zero")
    if op == "%" and not (a[1].literal and a[1].value != -1):
        # The smallest integer % -1 overflows in hardware; PostgreSQL says 0.
        return f"CASE WHEN {y} = -1 THEN {x} - {x} ELSE {x} % {y} END"
    if op == "/" and not (a[1].literal and a[1].value != -1):
        return f"CASE WHEN {y} = -1 THEN CAST(-{x} AS {_DUCK[oid]}) ELSE {x} // {y} END"
    return f"({x} {'//' if op == '/' else op} {y})"


def _float(op: str, a: tuple[E, ...], t: SqlType) -> E:
    """Computed in float8. Overflow shows at the end of a chain as well as at each step: what is not finite then, though every
    operand was, has overflowed. Checking each step would repeat its operands, and double the text with every level.
    """
    if op == "/" and a[1].literal and a[1].value == 0 and a[0].literal and a[0].value is not None and a[0].value == a[0].value:
        raise SqlError("22012", "division by zero")
    parts = [e.raw or _operand(e) for e in a]
    (x, left), (y, right) = parts
    if op == "/" and not (a[1].literal and a[1].value):
        y = f"pg_nonzero_for({y}, {x})"
    raw, operands = f"({x} {op} {y})", tuple(dict.fromkeys((*left, *right)))
    if (
        op in "*/"
        and t.oid == 701
        and a[0].raw is None
        and a[1].raw is None
        and not (isinstance(a[1].value, float) and abs(a[1].value) > 1e-3)
    ):
        checked = f"pg_f8_{_NAMES[op]}({parts[0][0]}, {parts[1][0]})"
    elif (op in "+-" and not operands[1:] and any(e.literal for e in a)) or not operands:
        checked = raw if not operands else f"pg_f8({raw}, isfinite({operands[0]}))"
    else:
        checked = f"pg_f8({raw}, {' AND '.join(f'isfinite({o})' for o in operands)})"
    if t.oid == 700:
        return E(f"{'pg_float4_step' if 'pg_float4' in raw else 'pg_float4'}({raw})", t)
    return E(checked, t, raw=(raw, operands))


def _operand(e: E) -> tuple[str, tuple[str, ...]]:
    """The SQL of an operand as a double, and itself as what a check must look at (a finite constant need not be)."""
    sql = e.sql if e.oid == 701 else f"CAST({e.sql} AS DOUBLE)"
    finite = e.literal and isinstance(e.value, float) and math.isfinite(e.value)
    return sql, () if finite else (sql,)


def numeric(cx: Emit, op: str, x: E, y: E) -> E:
    """Numeric arithmetic: DECIMAL while it is exact there, UDFs on text else."""
    zero = isinstance(y.value, Decimal) and y.value == 0
    if op in "/%" and zero and isinstance(x.value, Decimal) and not x.value.is_nan():
        raise SqlError("22012", "division by zero")
    if x.dec and y.dec and op != "/" and (result := _static(op, x, y, x.dec, y.dec)):
        return result
    return E(f"num_{_NAMES[op]}({dyn(x)}, {dyn(y)})", _NUMERIC, quotient=(x, y) if op == "/" else None)


def _static(op: str, x: E, y: E, a: Dec, b: Dec) -> E | None:
    if op == "*":
        d = dec(a.whole + b.whole, a.s + b.s)
        if d is None:
            return None
        # DuckDB keeps width 18 for two narrow operands and overflows: one of them is made wide.
        left = f"CAST({x.sql} AS DECIMAL({max(19, a.p)},{a.s}))"
        return E(f"CAST({left} * {y.sql} AS {d.duck})", _NUMERIC, d)
    scale = max(a.s, b.s)
    if op == "%":
        d = dec(max(a.whole, b.whole), scale)
        if d is None:
            return None
        both = (f"CAST({x.sql} AS {d.duck})", f"CAST({y.sql} AS {d.duck})")
        return E(f"CASE WHEN {both[1]} = 0 THEN {_ZERO} ELSE CAST({both[0]} % {both[1]} AS {d.duck}) END", _NUMERIC, d)
    d = dec(max(a.whole, b.whole) + 1, scale)
    if d is None:
        return None
    # DuckDB widens a sum by a digit; the outer cast keeps the carrier that schema_of promises.
    return E(f"CAST(CAST({x.sql} AS {d.duck}) {op} CAST({y.sql} AS {d.duck}) AS {d.duck})", _NUMERIC, d)


for _op in ("+", "-", "*", "/"):
    operator(_op, "int, int", arithmetic)
    operator(_op, "float, float", arithmetic)
    operator(_op, "numeric, numeric", arithmetic)
operator("%", "int, int", arithmetic)
operator("%", "numeric, numeric", arithmetic)
