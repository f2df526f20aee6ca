"""numeric <-> text, and numeric's type modifier, as PostgreSQL 15 does.

Every Decimal here has an exponent of at most 0: the exponent is the display scale. There is no negative zero.
Limits: 131,072 digits before the point, 16,383 after.
"""

from __future__ import annotations

import re
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from typing import Final

from fedgate.errors import SqlError
from fedgate.types.catalog import numeric_precision_scale

EXACT: Final = Context(prec=200_000, rounding=ROUND_HALF_UP, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""A context that never rounds what numeric can hold."""
_DIGITS_MAX: Final = 131_072
_SCALE_MAX: Final = 16_383
_EXPONENT_MAX: Final = (2**31 - 1) // 2
_NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?", re.ASCII)
_SPECIAL: Final = {
    "nan": Decimal("NaN"),
    "infinity": Decimal("Infinity"),
    "+infinity": Decimal("Infinity"),
    "-infinity": Decimal("-Infinity"),
    "inf": Decimal("Infinity"),
    "+inf": Decimal("Infinity"),
    "-inf": Decimal("-Infinity"),
}


def parse_numeric(text: str, typmod: int = -1) -> Decimal:
    """Raises SqlError 22P02, 22003."""
    stripped = text.strip(" \t\n\r\v\f")
    match = _NUMBER.fullmatch(stripped)
    if match is None or not (match[2] or match[3]):
        special = _SPECIAL.get(stripped.lower())
        if special is None:
            raise SqlError("22P02", f'invalid input syntax for type numeric: "{text}"')
        return apply_typmod(special, typmod)
    sign, whole, fraction, exponent_text = match.groups(default="")
    exponent = int(exponent_text or 0) if len(exponent_text) < 20 else _EXPONENT_MAX + 1
    if abs(exponent) > _EXPONENT_MAX:
        raise value_overflow()
    exponent -= len(fraction)
    if exponent < -_SCALE_MAX:
        raise value_overflow()
    return apply_typmod(_value(sign, whole + fraction, exponent), typmod)


def _value(sign: str, digits: str, exponent: int) -> Decimal:
    significant = digits.lstrip("0")
    if not significant:
        return Decimal((0, (0,), min(exponent, 0)))
    if len(significant) + exponent > _DIGITS_MAX:
        raise value_overflow()
    if exponent > 0:
        significant += "0" * exponent
        exponent = 0
    return EXACT.create_decimal(f"{sign}{significant}E{exponent}")


def value_overflow() -> SqlError:
    return SqlError("22003", "value overflows numeric format")


def plain(value: Decimal) -> Decimal:
    """The same value as numeric holds it: no positive exponent, no negative zero."""
    if not value.is_finite():
        return Decimal("NaN") if value.is_nan() else value
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if exponent > 0:
        return Decimal((sign, digits + (0,) * exponent, 0)) if value else Decimal(0)
    return value if value or not sign else value.copy_abs()


def apply_typmod(value: Decimal, typmod: int) -> Decimal:
    """Rounded to the scale of numeric(p, s). Raises SqlError 22003 when it does not fit."""
    limits = numeric_precision_scale(typmod)
    if limits is None or value.is_nan():
        return value
    precision, scale = limits
    if value.is_infinite():
        raise SqlError(
            "22003",
            "numeric field overflow",
            detail=f"A field with precision {precision}, scale {scale} cannot hold an infinite value.",
        )
    rounded = plain(EXACT.quantize(value, Decimal((0, (1,), -scale))))
    if rounded and rounded.adjusted() >= precision - scale:
        power = precision - scale
        bound = f"10^{power}" if power else "1"
        raise SqlError(
            "22003",
            "numeric field overflow",
            detail=f"A field with precision {precision}, scale {scale} must round to an absolute value less than {bound}.",
        )
    return rounded


def numeric_text(value: Decimal) -> str:
    """PostgreSQL's text: never an exponent, as many fraction digits as the display scale."""
    if not value.is_finite():
        return "NaN" if value.is_nan() else "-Infinity" if value.is_signed() else "Infinity"
    return format(plain(value), "f")
