"""PostgreSQL's transcendental functions of numeric: sqrt, exp, ln, log and power, with the display scales of numeric.c."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal

from fedgate.errors import SqlError
from fedgate.sql.numeric import rules
from fedgate.sql.numeric.rules import CONTEXT, DIGITS, MAX_DISPLAY_SCALE, MIN_SIG_DIGITS, NAN, scale

_LOG10_E = 0.434294481903252
_RESULT_SCALE_MAX = 2000  # NUMERIC_MAX_RESULT_SCALE: e^x is computed for |x| below three times that


def _context(digits: int) -> decimal.Context:
    return decimal.Context(prec=max(digits, 30), Emin=-999_999, Emax=999_999, rounding=decimal.ROUND_HALF_EVEN, traps=[])


def _clip(digits: int) -> int:
    return min(max(digits, 0), MAX_DISPLAY_SCALE)


def square_root(value: Decimal, digits: int) -> Decimal:
    """sqrt rounded half away from zero to `digits` after the point, from exact integers."""
    shifted = rules.unscaled(value, 2 * digits) if 2 * digits >= scale(value) else int(value.scaleb(2 * digits, CONTEXT))
    root = math.isqrt(shifted)
    if shifted - root * root > root:
        root += 1
    return rules.from_unscaled(root, digits)


def sqrt(value: Decimal) -> Decimal:
    if value.is_nan():
        return NAN
    if value < 0:
        raise SqlError("2201F", "cannot take square root of a negative number")
    if value.is_infinite():
        return value
    weight, _ = rules.weight_and_first_digit(value)
    sweight = ((weight + 1) * DIGITS) // 2 - 1 if weight >= 0 else -(-((weight + 1) * DIGITS) // 2) - 1
    return square_root(value, _clip(max(MIN_SIG_DIGITS - sweight, scale(value))))


def exp(value: Decimal) -> Decimal:
    if value.is_nan():
        return NAN
    if value.is_infinite():
        return value if value > 0 else Decimal(0)
    log10 = float(value) * _LOG10_E
    digits = _clip(max(MIN_SIG_DIGITS - int(max(min(log10, _RESULT_SCALE_MAX), -_RESULT_SCALE_MAX)), scale(value)))
    return _exp(value, digits)


def _exp(value: Decimal, digits: int) -> Decimal:
    """exp_var: e^value rounded to `digits`. Raises SqlError 22003 from its own bound on, which is far below the format's."""
    size = float(value)
    if abs(size) >= _RESULT_SCALE_MAX * 3:
        if size > 0:
            raise rules.overflow()
        return rules.from_unscaled(0, digits)
    return rules.rescale(_context(digits + max(int(size * _LOG10_E), 0) + 20).exp(value), digits)


def ln(value: Decimal) -> Decimal:
    _check_log(value)
    if not value.is_finite():
        return value
    digits = _clip(max(MIN_SIG_DIGITS - _ln_weight(value), scale(value)))
    return rules.rescale(_context(digits + 20).ln(value), digits)


def _ln_weight(value: Decimal) -> int:
    """estimate_ln_dweight: decimal weight of the first digit of ln(value)."""
    if value <= 0:
        return 0
    ninth, eleventh = Decimal("0.9"), Decimal("1.1")
    if ninth <= value <= eleventh:
        distance = rules.subtract(value, Decimal(1))
        return distance.adjusted() if distance else 0
    return int(math.log10(abs(_rough_ln(value)))) if _rough_ln(value) else 0


def _rough_ln(value: Decimal) -> float:
    """ln from the first two base-10000 digits, which is all that PostgreSQL looks at here."""
    weight, _ = rules.weight_and_first_digit(value)
    top = (weight - 1) * DIGITS
    return math.log(int(value.scaleb(-top, CONTEXT))) + top * 2.302585092994046


def _check_log(value: Decimal) -> None:
    if value.is_nan():
        return
    if value == 0:
        raise SqlError("2201E", "cannot take logarithm of zero")
    if value < 0:
        raise SqlError("2201E", "cannot take logarithm of a negative number")


def log(base: Decimal, value: Decimal) -> Decimal:
    """log(base, value)."""
    if base.is_nan() or value.is_nan():
        return NAN
    _check_log(base)
    _check_log(value)
    if base.is_infinite() or value.is_infinite():
        if base.is_infinite() and value.is_infinite():
            return NAN
        return Decimal(0) if base.is_infinite() else value
    ln_base, ln_value = _ln_weight(base), _ln_weight(value)
    # log_var: each logarithm is rounded to eight digits more than the result shows.
    weight = ln_value - ln_base
    digits = _clip(max(MIN_SIG_DIGITS - weight, scale(base), scale(value)))
    divisor = _rounded_ln(base, digits + weight - ln_base + 8)
    if not divisor:
        raise rules.division_by_zero()
    quotient = _context(digits + max(weight, 0) + 40).divide(_rounded_ln(value, digits + weight - ln_value + 8), divisor)
    return rules.rescale(quotient, digits)


def _rounded_ln(value: Decimal, digits: int) -> Decimal:
    return rules.rescale(_context(max(digits, 0) + 30).ln(value), max(digits, 0))


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """base ^ exponent."""
    if base.is_nan():
        return Decimal(1) if exponent == 0 else NAN
    if exponent.is_nan():
        return Decimal(1) if base == 1 else NAN
    if base == 0 and exponent < 0:
        raise SqlError("2201F", "zero raised to a negative power is undefined")
    whole = exponent.is_infinite() or exponent == rules.truncate(exponent, 0)
    if base.is_infinite() or exponent.is_infinite():
        if base < 0 and not whole:
            raise _complex_result()
        return _infinite_power(base, exponent)
    if whole and -(2**31) <= exponent < 2**31:
        return _integer_power(base, int(exponent))
    if base == 0:
        return rules.from_unscaled(0, MIN_SIG_DIGITS)
    if base < 0 and not whole:
        raise _complex_result()
    result = _power_by_logarithm(base.copy_abs(), exponent)
    return result.copy_negate() if base < 0 and _is_odd(exponent) and result else result


def _complex_result() -> SqlError:
    return SqlError("2201F", "a negative number raised to a non-integer power yields a complex result")


def _is_odd(value: Decimal) -> bool:
    return int(value) % 2 != 0


def _power_by_logarithm(base: Decimal, exponent: Decimal) -> Decimal:
    """power_var for base > 0: a rough logarithm says how large the result is, and so how exact the true one must be."""
    weight = _ln_weight(base)
    rough = _rounded_product(base, exponent, 8 - weight)
    size = float(rough)
    if abs(size) > _RESULT_SCALE_MAX * 3.01:
        if size > 0:
            raise rules.overflow()
        return rules.from_unscaled(0, MAX_DISPLAY_SCALE)
    log10 = int(size * _LOG10_E)
    digits = _clip(max(MIN_SIG_DIGITS - log10, scale(base), scale(exponent)))
    return _exp(_rounded_product(base, exponent, max(digits + log10, 0) - weight + 8), digits)


def _rounded_product(base: Decimal, exponent: Decimal, digits: int) -> Decimal:
    """ln(base) * exponent, both rounded to `digits`."""
    return rules.rescale(CONTEXT.multiply(_rounded_ln(base, digits), exponent), max(digits, 0))


def _infinite_power(base: Decimal, exponent: Decimal) -> Decimal:
    """As POSIX has pow(), where one of both is infinite and none NaN."""
    if exponent == 0 or base == 1 or (exponent.is_infinite() and base == -1):
        return Decimal(1)
    if exponent.is_infinite():
        return Decimal("Infinity") if (abs(base) > 1) == (exponent > 0) else Decimal(0)
    if exponent < 0:
        return Decimal(0)
    return base if base > 0 or _is_odd(exponent) else -base


def _integer_power(base: Decimal, exponent: int) -> Decimal:
    """power_var_int: 16 digits after the point, or the base's own if it shows more."""
    digits = _clip(max(MIN_SIG_DIGITS, scale(base)))
    if base == 0:
        return rules.rescale(Decimal(1 if exponent == 0 else 0), digits)
    log10 = exponent * _rough_log10(base.copy_abs())
    if log10 > rules.MAX_WHOLE_DIGITS + 1:
        raise rules.overflow()
    if log10 + 1 < -digits:
        return rules.from_unscaled(0, digits)
    magnitude = _context(digits + max(int(log10), 0) + 30).power(base.copy_abs(), exponent)
    if magnitude.adjusted() >= rules.MAX_WHOLE_DIGITS:
        raise rules.overflow()
    result = rules.rescale(magnitude, digits)
    return result.copy_negate() if base < 0 and exponent % 2 and result else result


def _rough_log10(value: Decimal) -> float:
    """The logarithm of the value's first sixteen digits or so, and its exponent."""
    top = value.adjusted()
    return math.log10(float(value.scaleb(-top, CONTEXT))) + top
