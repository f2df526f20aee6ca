"""Trigonometry in degrees: exact at the angles that have exact values, as PostgreSQL scales between them.

Source: https://www.postgresql.org/docs/15/functions-math.html#FUNCTIONS-MATH-TRIG-TABLE
"""

from __future__ import annotations

import math
from typing import Final

from fedgate.errors import SqlError
from fedgate.sql.functions.math import float1
from fedgate.sql.functions.table import function
from fedgate.sql.functions.udf import scalar

_SIN_30: Final = math.sin(math.radians(30.0))
_ONE_MINUS_COS_60: Final = 1.0 - math.cos(math.radians(60.0))
_ASIN_HALF: Final = math.asin(0.5)
_ACOS_HALF: Final = math.acos(0.5)
_ATAN_ONE: Final = math.atan(1.0)


def _sin_quarter(x: float) -> float:
    return _sin_to_30(x) if x <= 30.0 else _cos_to_60(90.0 - x)


def _cos_quarter(x: float) -> float:
    return _cos_to_60(x) if x <= 60.0 else _sin_to_30(90.0 - x)


def _sin_to_30(x: float) -> float:
    return math.sin(math.radians(x)) / _SIN_30 / 2.0


def _cos_to_60(x: float) -> float:
    return 1.0 - (1.0 - math.cos(math.radians(x))) / _ONE_MINUS_COS_60 / 2.0


_TAN_45: Final = _sin_quarter(45.0) / _cos_quarter(45.0)
_COT_45: Final = _cos_quarter(45.0) / _sin_quarter(45.0)


def _quarter(x: float) -> tuple[float, int, int, int]:
    """The angle within 0 to 90 degrees, and the signs of sine, cosine and tangent. Raises SqlError 22003."""
    if math.isinf(x):
        raise SqlError("22003", "input is out of range")
    sine = cosine = 1
    x = math.fmod(x, 360.0)
    if x < 0.0:
        x, sine = -x, -sine
    if x > 180.0:
        x, sine = 360.0 - x, -sine
    if x > 90.0:
        x, cosine = 180.0 - x, -cosine
    return x, sine, cosine, sine * cosine


def sind(x: float) -> float:
    if math.isnan(x):
        return x
    angle, sign, _, _ = _quarter(x)
    return sign * _sin_quarter(angle)


def cosd(x: float) -> float:
    if math.isnan(x):
        return x
    angle, _, sign, _ = _quarter(x)
    return sign * _cos_quarter(angle)


def tand(x: float) -> float:
    if math.isnan(x):
        return x
    angle, _, _, sign = _quarter(x)
    return _signed(sign, _sin_quarter(angle), _cos_quarter(angle), _TAN_45)


def cotd(x: float) -> float:
    if math.isnan(x):
        return x
    angle, _, _, sign = _quarter(x)
    return _signed(sign, _cos_quarter(angle), _sin_quarter(angle), _COT_45)


def _signed(sign: int, above: float, below: float, scale: float) -> float:
    value = sign * (above / below / scale) if below else math.copysign(math.inf, sign)
    return value or 0.0  # never -0


def _asin_quarter(x: float) -> float:
    return math.asin(x) / _ASIN_HALF * 30.0 if x <= 0.5 else 90.0 - math.acos(x) / _ACOS_HALF * 60.0


def asind(x: float) -> float:
    if math.isnan(x):
        return x
    _within_one(x)
    return _asin_quarter(x) if x >= 0 else -_asin_quarter(-x)


def acosd(x: float) -> float:
    if math.isnan(x):
        return x
    _within_one(x)
    if x < 0:
        return 90.0 + _asin_quarter(-x)
    return 90.0 - math.asin(x) / _ASIN_HALF * 30.0 if x <= 0.5 else math.acos(x) / _ACOS_HALF * 60.0


def _within_one(x: float) -> None:
    if not -1.0 <= x <= 1.0:
        raise SqlError("22003", "input is out of range")


for _rule in (sind, cosd, tand, cotd, asind, acosd):
    float1(_rule.__name__, _rule)
float1("atand", lambda x: math.atan(x) / _ATAN_ONE * 45.0)
scalar("pg_atan2d", ["DOUBLE", "DOUBLE"], "DOUBLE")(lambda y, x: math.atan2(y, x) / _ATAN_ONE * 45.0)
function("atan2d", "float8, float8", "pg_atan2d({0}, {1})")
