"""PostgreSQL's numeric arithmetic on single values: results and display scales as src/backend/utils/adt/numeric.c gives them.

Values are `decimal.Decimal` whose exponent is minus the display scale; NaN and infinities as Decimal has them. Everything is exact:
no decimal context's precision is ever applied to a result.
"""

from __future__ import annotations

import decimal
from decimal import Decimal

from fedgate.errors import SqlError

MIN_SIG_DIGITS = 16
MAX_DISPLAY_SCALE = 1000
DIGITS = 4  # decimal digits in one of PostgreSQL's base-10000 digits
MAX_WHOLE_DIGITS = 131072
MAX_SCALE = 16383
# Room for the square of a sum of the longest values, which a variance takes before it divides.
CONTEXT = decimal.Context(prec=320_000, Emin=-999_999, Emax=999_999, rounding=decimal.ROUND_HALF_UP, traps=[])
NAN = Decimal("NaN")


def division_by_zero() -> SqlError:
    return SqlError("22012", "division by zero")


def overflow() -> SqlError:
    return SqlError("22003", "value overflows numeric format")


def read(text: str) -> Decimal:
    """PostgreSQL's own numeric text as a value (only for text that we wrote)."""
    return Decimal(text)


def write(value: Decimal) -> str:
    """PostgreSQL's text: plain digits with the display scale."""
    if not value.is_finite():
        return "NaN" if value.is_nan() else "Infinity" if value > 0 else "-Infinity"
    text = format(value, "f")
    return text[1:] if value.is_zero() and text[0] == "-" else text


def scale(value: Decimal) -> int:
    """The display scale."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def shown_digits(wanted: int) -> int:
    """The digits that round() and trunc() go to when asked for `wanted`: at the last of them every value rounds to zero."""
    return max(min(wanted, MAX_SCALE), -MAX_WHOLE_DIGITS - 1)


def rescale(value: Decimal, digits: int) -> Decimal:
    """Rounded half away from zero to that many digits after the point (before it, when negative)."""
    if not value.is_finite():
        return value
    if digits >= 0:
        result = value.quantize(Decimal(1).scaleb(-digits, CONTEXT), context=CONTEXT)
    else:
        result = value.quantize(Decimal(1).scaleb(-digits, CONTEXT), context=CONTEXT).quantize(Decimal(1), context=CONTEXT)
    return result if result else result.copy_abs()


def truncate(value: Decimal, digits: int) -> Decimal:
    """Cut to that many digits after the point."""
    if not value.is_finite():
        return value
    result = value.quantize(Decimal(1).scaleb(-digits, CONTEXT), rounding=decimal.ROUND_DOWN, context=CONTEXT)
    if digits < 0:
        result = result.quantize(Decimal(1), context=CONTEXT)
    return result if result else result.copy_abs()


def weight_and_first_digit(value: Decimal) -> tuple[int, int]:
    """The base-10000 weight of a value and its leading base-10000 digit; (0, 0) for zero."""
    if value.is_zero():
        return 0, 0
    top = value.adjusted()
    weight = top // DIGITS
    first = value.copy_abs().scaleb(-weight * DIGITS, CONTEXT)
    return weight, int(first)


def division_scale(a: Decimal, b: Decimal) -> int:
    """select_div_scale: at least 16 significant digits and no fewer after the point than either argument shows."""
    weight_a, first_a = weight_and_first_digit(a)
    weight_b, first_b = weight_and_first_digit(b)
    quotient_weight = weight_a - weight_b
    if first_a <= first_b:
        quotient_weight -= 1
    return min(max(MIN_SIG_DIGITS - quotient_weight * DIGITS, scale(a), scale(b), 0), MAX_DISPLAY_SCALE)


def divide(a: Decimal, b: Decimal) -> Decimal:
    """a / b. Raises SqlError 22012."""
    special = _special_quotient(a, b)
    return quotient(a, b, division_scale(a, b)) if special is None else special


def _special_quotient(a: Decimal, b: Decimal) -> Decimal | None:
    """The quotient where one of both is no number; None where both are. Raises SqlError 22012."""
    if a.is_nan() or b.is_nan():
        return NAN
    if b.is_zero():
        raise division_by_zero()
    if a.is_infinite():
        return NAN if b.is_infinite() else (a if b > 0 else -a)
    return Decimal(0) if b.is_infinite() else None


def quotient(a: Decimal, b: Decimal, digits: int) -> Decimal:
    """a / b rounded half away from zero to `digits` after the point, in exact integer arithmetic."""
    sa, sb = scale(a), scale(b)
    numerator, denominator = unscaled(a, sa), unscaled(b, sb)
    shift = digits + sb - sa
    if shift >= 0:
        numerator *= 10**shift
    else:
        denominator *= 10**-shift
    whole, rest = divmod(abs(numerator), abs(denominator))
    if 2 * rest >= abs(denominator):
        whole += 1
    return from_unscaled(-whole if (numerator < 0) != (denominator < 0) else whole, digits)


def unscaled(value: Decimal, digits: int) -> int:
    """value * 10**digits, which must be whole."""
    return int(value.scaleb(digits, CONTEXT))


def from_unscaled(value: int, digits: int) -> Decimal:
    """value / 10**digits with display scale `digits`."""
    return Decimal(value).scaleb(-digits, CONTEXT) if digits else Decimal(value)


def modulo(a: Decimal, b: Decimal) -> Decimal:
    """a % b, with the sign of a. Raises SqlError 22012."""
    if a.is_nan() or b.is_nan() or (a.is_infinite() and not b.is_zero()):
        return NAN
    if b.is_zero():
        raise division_by_zero()
    if b.is_infinite():
        return a
    digits = max(scale(a), scale(b))
    x, y = unscaled(a, digits), unscaled(b, digits)
    rest = abs(x) % abs(y)
    return from_unscaled(-rest if x < 0 else rest, digits)


def whole_quotient(a: Decimal, b: Decimal) -> Decimal:
    """div(a, b): truncated. Raises SqlError 22012."""
    special = _special_quotient(a, b)
    if special is not None:
        return special
    digits = max(scale(a), scale(b))
    x, y = unscaled(a, digits), unscaled(b, digits)
    whole = abs(x) // abs(y)
    return Decimal(-whole if (x < 0) != (y < 0) else whole)


def add(a: Decimal, b: Decimal) -> Decimal:
    return _normal(CONTEXT.add(a, b), max(scale(a), scale(b)))


def subtract(a: Decimal, b: Decimal) -> Decimal:
    return _normal(CONTEXT.subtract(a, b), max(scale(a), scale(b)))


def multiply(a: Decimal, b: Decimal) -> Decimal:
    """a * b; the display scale is the sum of both, at most 16383."""
    if not (a.is_finite() and b.is_finite()):
        return NAN if a.is_nan() or b.is_nan() or a.is_zero() or b.is_zero() else CONTEXT.multiply(a, b)
    return _normal(CONTEXT.multiply(a, b), min(scale(a) + scale(b), MAX_SCALE))


def _normal(value: Decimal, digits: int) -> Decimal:
    return rescale(fitting(value), digits) if value.is_finite() else value


def fitting(value: Decimal) -> Decimal:
    """A value that the format holds. Raises SqlError 22003."""
    if value.is_finite() and value and value.adjusted() >= MAX_WHOLE_DIGITS:
        raise overflow()
    return value


def to_precision(value: Decimal, precision: int, digits: int) -> Decimal:
    """numeric(precision, digits) applied. Raises SqlError 22003 when it does not fit."""
    if value.is_nan():
        return value
    if value.is_infinite():
        raise SqlError("22003", "numeric field overflow", detail=_field_detail(precision, digits, infinite=True))
    result = rescale(value, digits)
    if result and result.adjusted() >= precision - digits:
        raise SqlError("22003", "numeric field overflow", detail=_field_detail(precision, digits))
    return result


def _field_detail(precision: int, digits: int, *, infinite: bool = False) -> str:
    head = f"A field with precision {precision}, scale {digits} "
    if infinite:
        return head + "cannot hold an infinite value."
    power = precision - digits
    return head + f"must round to an absolute value less than {'10^' + str(power) if power else '1'}."


def from_float(value: float, significant: int) -> Decimal:
    """A float as numeric: that many significant digits (15 for float8, 6 for float4)."""
    if value != value:
        return NAN
    if value in (float("inf"), float("-inf")):
        return Decimal(value)
    plain = Decimal(f"{value:.{significant}g}")
    exponent = plain.as_tuple().exponent
    assert isinstance(exponent, int)
    return rescale(plain, 0) if exponent > 0 else plain


def order_key(value: Decimal) -> bytes:
    """Bytes that compare as PostgreSQL orders numerics (NaN above everything, 1.0 equal to 1.00)."""
    if value.is_nan():
        return b"\xff"
    if value.is_infinite():
        return b"\xfe" if value > 0 else b"\x01"
    if value.is_zero():
        return b"\x80"
    sign, digits, _ = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0").rstrip("0")
    body = (value.adjusted() + 0x40_0000).to_bytes(3, "big") + text.encode() + b"\x00"
    return b"\x81" + body if not sign else b"\x02" + bytes(255 - byte for byte in body)
