"""PostgreSQL's numeric arithmetic on columns of its text: the UDFs that lowered SQL calls on *dynamic* numerics.

They mostly see few rows (what is left after aggregation). `num_key` gives the bytes that order, compare and group them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import SqlError
from fedgate.sql.functions.udf import define, scalar
from fedgate.sql.numeric import keys, quotients, rules, vectors

_T = "VARCHAR"


def _binary(name: str, rule: Callable[[Decimal, Decimal], Decimal]) -> None:
    scalar(name, [_T, _T], _T)(lambda a, b: rules.write(rule(rules.read(a), rules.read(b))))


def _unary(name: str, rule: Callable[[Decimal], Decimal]) -> None:
    scalar(name, [_T], _T)(lambda a: rules.write(rule(rules.read(a))))


define("num_add", [_T, _T], _T, keys.binary(rules.add, pc.add, product=False))
define("num_sub", [_T, _T], _T, keys.binary(rules.subtract, pc.subtract, product=False))
define("num_mul", [_T, _T], _T, keys.binary(rules.multiply, pc.multiply, product=True))
define("num_div", [_T, _T], _T, vectors.divide)
_binary("num_mod", rules.modulo)
_binary("num_div_whole", rules.whole_quotient)
_unary("num_neg", lambda a: a if a.is_nan() or not a else a.copy_negate())
_unary("num_abs", lambda a: a.copy_abs())
_unary("num_sign", lambda a: a if a.is_nan() else Decimal((a > 0) - (a < 0)))


def toward(value: Decimal, up: bool) -> Decimal:
    """ceil if `up`, else floor."""
    if not value.is_finite():
        return value
    whole = rules.truncate(value, 0)
    if whole != value and (value > 0) == up:
        whole = rules.add(whole, Decimal(1 if up else -1))
    return whole if whole else whole.copy_abs()


_unary("num_floor", lambda a: toward(a, False))
_unary("num_ceil", lambda a: toward(a, True))


define("num_round", [_T, "INTEGER"], _T, keys.rounded)


@scalar("num_trunc", [_T, "INTEGER"], _T)
def num_trunc(text: str, digits: int) -> str:
    value = rules.read(text)
    return rules.write(rules.truncate(value, rules.shown_digits(digits)))


define("num_key", [_T], "BLOB", keys.order_keys)


@scalar("num_clamp", [_T, "INTEGER", "INTEGER"], _T)
def num_clamp(text: str, precision: int, digits: int) -> str:
    """A value of DECIMAL(precision + 2, digits + 1) that compares with every DECIMAL(precision, digits) as `text` does."""
    return clamp(rules.read(text), precision, digits)


def clamp(value: Decimal, precision: int, digits: int) -> str:
    """See `num_clamp`; NaN is above everything."""
    top = "9" * (precision - digits + 1)
    if value.is_nan():
        return top
    if value.is_infinite() or (value and value.adjusted() >= precision - digits):
        return top if value > 0 else "-" + top
    cut = rules.truncate(value, digits)
    if cut == value:
        return rules.write(cut)
    half = Decimal(5).scaleb(-digits - 1, rules.CONTEXT)
    return rules.write(rules.add(cut, half if value > 0 else -half))


@scalar("num_typmod", [_T, "INTEGER", "INTEGER"], _T)
def num_typmod(text: str, precision: int, digits: int) -> str:
    return rules.write(rules.to_precision(rules.read(text), precision, digits))


@scalar("num_fixed", [_T, "INTEGER", "INTEGER"], _T)
def num_fixed(text: str, precision: int, digits: int) -> str:
    """The same for a carrier that has no NaN."""
    if text == "NaN":
        raise SqlError("0A000", f"NaN as numeric({precision},{digits}) is not supported", hint="Write numeric without digits.")
    return rules.write(rules.to_precision(rules.read(text), precision, digits))


@scalar("num_int", [_T, "INTEGER"], "BIGINT")
def num_int(text: str, bytes_: int) -> int:
    """numeric to smallint, integer or bigint."""
    value = rules.read(text)
    name = {2: "smallint", 4: "integer", 8: "bigint"}[bytes_]
    if not value.is_finite():
        raise SqlError("0A000", f"cannot convert {'NaN' if value.is_nan() else 'infinity'} to {name}")
    whole = int(rules.rescale(value, 0))
    if not -(2 ** (8 * bytes_ - 1)) <= whole < 2 ** (8 * bytes_ - 1):
        raise SqlError("22003", f"{name} out of range")
    return whole


@scalar("num_float8", [_T], "DOUBLE")
def num_float8(text: str) -> float:
    value = float(text)
    if (value in (float("inf"), float("-inf")) and "Inf" not in text) or (value == 0 and Decimal(text)):
        raise SqlError("22003", f'"{text}" is out of range for type double precision')
    return value


@scalar("num_from_float8", ["DOUBLE"], _T)
def num_from_float8(value: float) -> str:
    return rules.write(rules.from_float(value, 15))


@scalar("num_from_float4", ["FLOAT"], _T)
def num_from_float4(value: float) -> str:
    return rules.write(rules.from_float(value, 6))


@scalar("num_scale", [_T], "INTEGER")
def num_scale(text: str) -> int | None:
    value = rules.read(text)
    return rules.scale(value) if value.is_finite() else None


def _sums(column: Any) -> list[tuple[int, Decimal] | None]:
    """Number and sum of each list's values, None for a list without any."""
    quick = vectors.sums(column)
    if quick is not None:
        return [None if found is None else found[:2] for found in quick]
    return [_sum([rules.read(i) for i in items or () if i is not None]) for items in column.to_pylist()]


def _sum(present: list[Decimal]) -> tuple[int, Decimal] | None:
    total = Decimal(0)
    for value in present:  # only the last of these sums must fit the format
        total = rules.CONTEXT.add(total, value)
    return (len(present), rules.fitting(total)) if present else None


define("num_sum", ["VARCHAR[]"], _T, lambda column: quotients.texts(_sums(column)))
define("num_avg", ["VARCHAR[]"], _T, lambda column: quotients.averages(_sums(column)))


def _of_quotients(finish: Callable[[Any], pa.Array]) -> Callable[[Any, Any, Any], pa.Array]:
    """An aggregate of x / y over lists of pairs; the digits of x and y behind the point are the same in every row."""

    def call(pairs: Any, x_digits: Any, y_digits: Any) -> pa.Array:
        if not len(pairs):
            return pa.array([], pa.string())
        return finish(quotients.sums(pairs, x_digits[0].as_py(), y_digits[0].as_py()))

    return call


_PAIRS = "STRUCT(x BIGINT, y BIGINT)[]"
define("num_quotient_sum", [_PAIRS, "INTEGER", "INTEGER"], _T, _of_quotients(quotients.texts))
define("num_quotient_avg", [_PAIRS, "INTEGER", "INTEGER"], _T, _of_quotients(quotients.averages))
