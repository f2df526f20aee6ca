"""real and double precision <-> text, as PostgreSQL 15 with extra_float_digits: shortest exact digits for 1 and more.

An exponent is written from 1e+15 (double precision) or 1e+06 (real) on and below 1e-04, with at least two digits.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np

from fedgate.errors import SqlError

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_HEX = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?\d+)?", re.ASCII)
_SPECIAL: Final = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}
FLOAT4_EXPONENT: Final = 6
FLOAT8_EXPONENT: Final = 15
_FLOAT4_BITS: Final = 24
_FLOAT8_BITS: Final = 53
_FLOAT4_DIGITS: Final = 6
_FLOAT8_DIGITS: Final = 15


def parse_float8(text: str) -> float:
    """Raises SqlError 22P02, 22003."""
    return _parse(text, "double precision")[0]


def parse_float4(text: str) -> float:
    """The nearest float4, as a float. Raises SqlError 22P02, 22003."""
    value, body = _parse(text, "real")
    if not math.isfinite(value):
        return value
    rounded = _nearest_float4(value, body)
    if math.isinf(rounded) or (rounded == 0 and value != 0):
        raise _out_of_range(body, "real")
    return rounded


def _parse(text: str, type_name: str) -> tuple[float, str]:
    body = text.strip(" \t\n\r\v\f")
    if _NUMBER.fullmatch(body):
        value = float(body)
    elif _HEX.fullmatch(body):
        try:
            value = float.fromhex(body)
        except OverflowError:
            value = math.inf
    else:
        special = _SPECIAL.get(body.lstrip("+-").lower()) if body[1:2] not in ("+", "-") else None
        if special is None:
            raise SqlError("22P02", f'invalid input syntax for type {type_name}: "{text}"')
        return -special if body.startswith("-") else special, body
    mantissa = re.split("[eEpP]", body, maxsplit=1)[0].lower().replace("0x", "")
    if math.isinf(value) or (value == 0 and mantissa.strip("+-0.")):
        raise _out_of_range(body, type_name)
    return value, body


def _nearest_float4(value: float, body: str) -> float:
    with np.errstate(over="ignore"):
        rounded = float(np.float32(value))
        if math.isinf(rounded) or rounded == value or "x" in body.lower():
            return rounded
        # `value` was rounded once already: where it lies just between two floats, the text decides.
        other = float(np.nextafter(np.float32(rounded), np.float32(math.copysign(math.inf, value - rounded))))
    if math.isinf(other) or (rounded + other) / 2 != value:
        return rounded
    exact = Fraction(body)
    if exact == Fraction(value):
        return rounded
    return max(rounded, other) if exact > Fraction(value) else min(rounded, other)


def _out_of_range(body: str, type_name: str) -> SqlError:
    return SqlError("22003", f'"{body}" is out of range for type {type_name}')


def float_text(value: float, *, single: bool = False, extra_float_digits: int = 1) -> str:
    """PostgreSQL's text of a float8, or of a float4 if `single`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    if extra_float_digits <= 0:
        precision = (_FLOAT4_DIGITS if single else _FLOAT8_DIGITS) + extra_float_digits
        return _c_exponent(f"{value:.{max(precision, 1)}g}")
    return _layout(_shortest(value, single), FLOAT4_EXPONENT if single else FLOAT8_EXPONENT)


def _shortest(value: float, single: bool) -> str:
    """The fewest digits of all numbers that are nearer to `value` than to any other float: 1e23 is not, it lies between two.

    Python and numpy take a number that lies just between two floats where reading it gives `value`; PostgreSQL does not rely on
    how it is read. Only whole numbers can lie so with so few digits.
    """
    text = np.format_float_scientific(np.float32(value), unique=True, trim="-") if single else repr(value)
    spare = math.frexp(value)[1] - (_FLOAT4_BITS if single else _FLOAT8_BITS)
    if spare <= 0:
        return text
    size, above = int(abs(value)), 1 << spare
    below = above // 2 if size & (size - 1) == 0 else above

    def is_nearest(text: str) -> bool:
        gap = abs(int(Decimal(text))) - size
        return 2 * abs(gap) < (above if gap > 0 else below)

    digits = len(text.lstrip("-").partition("e")[0].replace(".", ""))
    while not is_nearest(text):
        digits += 1
        text = f"{value:.{digits - 1}e}"
    return text


def _layout(shortest: str, exponent_from: int) -> str:
    sign = "-" if shortest.startswith("-") else ""
    mantissa, _, power = shortest.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # value = 0.DIGITS * 10 ** point
    point = len(whole) + int(power or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    exponent = point - 1
    if exponent < -4 or exponent >= exponent_from:
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def _c_exponent(text: str) -> str:
    """Python's %g writes exponents as C does."""
    return text
