"""Values as SQLite literals. A slot's form says what the value is compared with, so that every comparison has PostgreSQL's answer.

Forms: the kinds of `sqlite_columns`; `number` (a float that is calculated with); `limit`; `glob` (a LIKE pattern);
`<unit>:<how>`, a time against an integer column, and `num:<how>`, a numeric against one, with how `floor` (for > and <=),
`ceil` (for >= and <) or `exact` (for = and its kin); `iso:low` and `iso:high`, bounds that are safely outside, as
`near:low:scale` and `near:high:scale` are for a numeric; `list:<form>`, an array as the values between the parentheses of IN;
`least:<form>` and `greatest:<form>`, one element of an array.

What SQLite's integers cannot hold is written so that it compares right: infinity as 9e999, and NaN, which PostgreSQL has above all
numbers, as a text, which SQLite has above all numbers.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, cast

from fedgate.errors import SqlError, unsupported
from fedgate.fragment import Slot
from fedgate.nodes.dialects.site import Refused
from fedgate.nodes.dialects.sqlite_columns import PER_SECOND
from fedgate.types import SqlType
from fedgate.types.values import TIMESTAMP_INFINITY, Value

_NEVER = "9e999"
_EPOCH = date(1970, 1, 1)
_DAY = 86_400_000_000
_DAYS_MIN, _DAYS_MAX = (date.min - _EPOCH).days, (date.max - _EPOCH).days
INT8_MIN, INT8_MAX = -(2**63), 2**63 - 1


def literal(slot: Slot, value: Value) -> str:
    """The text for a slot. Raises SqlError 0A000 for NaN where it would be calculated with, 2201W for a negative LIMIT."""
    return write(slot.form, slot.type, value)


def write(form: str, t: SqlType, value: Value) -> str:
    """A value in a form."""
    head, _, rest = form.partition(":")
    if head == "limit":
        return _limit(value)
    if head == "list":
        return _items(rest, t, value)
    if head in ("least", "greatest"):
        return write(rest, t, _end(cast("tuple[Value, ...] | None", value), greatest=head == "greatest"))
    if value is None:
        return "NULL"
    if head in PER_SECOND:
        return _time(cast(int, value), PER_SECOND[head], rest)
    if head == "num":
        return _rounded(cast("Decimal | int", value), rest)
    if head in ("float", "number"):
        return _float(_as_float(value), head)
    if head == "near":
        return _near(Decimal(cast("Decimal | int", value)), *rest.split(":"))
    if head == "iso":
        return _iso_bound(cast(int, value), rest == "high")
    if head == "date":
        return _date(cast(int, value))
    if head == "glob":
        return text(glob(cast(str, value)))
    if head == "blob":
        return f"x'{cast(bytes, value).hex()}'"
    if head == "text":
        return text(cast(str, value))
    if head in ("int", "bool"):
        return integer(int(cast(int, value)))
    if head == "time":
        return _microseconds(cast(int, value))
    raise AssertionError(form)


def text(value: str) -> str:
    """A text literal. SQLite ends a literal at U+0000, which PostgreSQL's text cannot hold."""
    assert "\0" not in value
    return "'" + value.replace("'", "''") + "'"


def integer(value: int) -> str:
    """An integer literal that stays an integer: -2^63 has no literal of its own."""
    return "(-9223372036854775807 - 1)" if value == INT8_MIN else str(value)


def _bounded(value: int) -> str:
    if INT8_MIN <= value <= INT8_MAX:
        return integer(value)
    return _NEVER if value > 0 else f"-{_NEVER}"


def _limit(value: Value) -> str:
    if value is None:
        return "-1"
    count = int(cast(int, value))
    if count < 0:
        raise SqlError("2201W", "LIMIT must not be negative")
    return str(count)


def _items(form: str, t: SqlType, value: Value) -> str:
    if value is None:
        return "NULL"
    return ", ".join(write(form, t, item) for item in cast("tuple[Value, ...]", value))


def _end(values: tuple[Value, ...] | None, *, greatest: bool) -> Value:
    """The greatest or least element that is not NULL; NaN is above all numbers."""
    found: list[Any] = [v for v in values or () if v is not None]
    numbers = [v for v in found if not (isinstance(v, Decimal) and v.is_nan())]
    if greatest and len(numbers) < len(found):
        return Decimal("NaN")
    found = numbers or found
    return (max if greatest else min)(found, default=None)


def _time(value: int, per_second: int, how: str) -> str:
    if abs(value) >= TIMESTAMP_INFINITY:
        return _NEVER if value > 0 else f"-{_NEVER}"
    if per_second > 1_000_000:  # nanoseconds are cut off: the column is at least c (above c) from c (the next microsecond) on
        return _bounded(value * (per_second // 1_000_000))
    whole, rest = divmod(value, 1_000_000 // per_second)
    if rest and how == "exact":
        return _NEVER
    return str(whole + (1 if rest and how == "ceil" else 0))


def _microseconds(value: int) -> str:
    if abs(value) >= TIMESTAMP_INFINITY:
        raise unsupported("an infinite timestamp in a calculation at a SQLite node")
    return str(value)


def _rounded(value: Decimal | int, how: str) -> str:
    number = Decimal(value)
    if number.is_nan():
        return "'NaN'"
    if number.is_infinite():
        return _NEVER if number > 0 else f"-{_NEVER}"
    whole = int(number.to_integral_value(ROUND_CEILING if how == "ceil" else ROUND_FLOOR))
    if how == "exact" and whole != number:
        return _NEVER
    return _bounded(whole)


def _as_float(value: Value) -> float:
    """A number as double precision. Raises SqlError 22003 when it is too large, as PostgreSQL's cast does."""
    number = float(cast("float | Decimal", value))
    if math.isinf(number) and isinstance(value, Decimal) and value.is_finite():
        raise SqlError("22003", f'"{value}" is out of range for type double precision')
    return number


def _float(value: float, form: str) -> str:
    if math.isnan(value):
        if form == "number":
            raise unsupported("NaN in a calculation at a SQLite node")
        return "'NaN'"
    if math.isinf(value):
        return _NEVER if value > 0 else f"-{_NEVER}"
    return repr(value)


def _near(value: Decimal, side: str, scale: str) -> str:
    """A double below (above) all that a column of numerics with that scale may hold for the value, rounded as it may be."""
    if not value.is_finite():
        return "'NaN'" if value.is_nan() or value > 0 else f"-{_NEVER}"
    margin = abs(value) * Decimal("1e-9") + Decimal(1).scaleb(-int(scale))
    return _float(float(value - margin if side == "low" else value + margin), "float")


def _iso_bound(value: int, high: bool) -> str:
    """The date a day before (two after) a time: below (above) the text of every time on that side, however it is spelled."""
    if abs(value) >= TIMESTAMP_INFINITY:
        return "':'" if value > 0 else "''"
    return _date(value // _DAY + (2 if high else -1))


def _date(days: int) -> str:
    if days > _DAYS_MAX:
        return "':'"  # above every digit
    if days < _DAYS_MIN:
        return "''"
    return text((_EPOCH + timedelta(days=days)).isoformat())


def glob(pattern: str) -> str:
    """The GLOB pattern of a LIKE pattern with the usual escape. SqlError 22025 for a pattern that ends in its escape."""
    out: list[str] = []
    chars = iter(pattern)
    for char in chars:
        if char == "\\":
            escaped = next(chars, None)
            if escaped is None:
                raise SqlError("22025", "LIKE pattern must not end with escape character")
            out.append(f"[{escaped}]" if escaped in "*?[" else escaped)
        else:
            out.append({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}.get(char, char))
    return "".join(out)


def in_value(form: str, t: SqlType, value: Value) -> str:
    """A constant where it is calculated with or given out, not compared: what only compares right is Refused."""
    sentinel = (form == "date" and value is not None and not _DAYS_MIN <= cast(int, value) <= _DAYS_MAX) or (
        form == "float" and isinstance(value, float) and math.isnan(value)
    )
    if sentinel or (form == "time" and value is not None and abs(cast(int, value)) >= TIMESTAMP_INFINITY):
        raise Refused(f"this constant of type {t} is not on sqlite's list")
    return write("number" if form == "float" else form, t, value)
