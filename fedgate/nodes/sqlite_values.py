"""Values as SQLite stores them, a column at a time, into carriers; what does not fit the catalog's type is an error, never a
guess.

SQLite lets any column hold any type, so each value's own storage class decides. Accepted: boolean from 0/1 or 'true'/'false';
integers from INTEGER in range; floats from REAL or INTEGER; numeric from INTEGER, TEXT or REAL (at most 15 digits, rounded to the
scale); text from TEXT; bytea from BLOB; date, timestamp and time from INTEGER (days, microseconds) or PostgreSQL's ISO text;
interval, uuid (also 16 bytes), json, jsonb and arrays (JSON) from text.

A field of `fragment.schema` may carry metadata: `oid` (pg_type OID, needed where several types share a carrier), `column` (its
name in errors), `zone` (how time text without a zone is read).
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.fragment import Fragment
from fedgate.nodes.convert import ill_typed, name_in_errors
from fedgate.types import BY_OID, SqlType
from fedgate.types.style import TextStyle
from fedgate.types.text_in import parse as parse_text

_STYLE = TextStyle()
_FLOAT32_OVERFLOW = 3.4028235677973366e38
_REAL_DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)
_EXACT = Context(prec=1000, rounding=ROUND_HALF_UP)
_TIMES = frozenset({1082, 1083, 1114, 1184})
_TIME_TEXT = re.compile(r"\s*(?:\d|-?infinity\s*$)", re.ASCII | re.IGNORECASE)
_NUMERIC, _UUID, _BPCHAR, _TEXTS = 1700, 2950, 1042, frozenset({0, 19, 25, 1042, 1043})


class Misfit(Exception):  # noqa: N818 - not an error to show: it becomes one where node and column are known
    """A value that does not fit; `sqlstate` is 22P02, 22003 or 22021."""

    def __init__(self, sqlstate: str = "22P02") -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


class Undecoded(bytes):
    """A stored TEXT that is not UTF-8."""


def decoded(data: bytes) -> str | Undecoded:
    """A stored TEXT, as a connection's text factory that never fails."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Undecoded(data)


@dataclass(frozen=True, slots=True)
class Target:
    """What a column has to become: its carrier, pg_type OID (0: by the carrier alone) and the zone of zone-less text."""

    arrow: pa.DataType
    oid: int
    typmod: int
    zone: str

    @property
    def wanted(self) -> str:
        return str(SqlType(self.oid, self.typmod)) if self.oid else str(self.arrow)

    @property
    def sql_type(self) -> SqlType:
        return SqlType(self.oid, self.typmod)


def target(field: pa.Field) -> Target:
    """The target that a field of a fragment's schema describes."""
    meta = field.metadata or {}
    oid = int(meta.get(b"oid", b"0")) or _oid_of_carrier(field.type)
    return Target(field.type, oid, int(meta.get(b"typmod", b"-1")), meta.get(b"zone", b"UTC").decode())


def _oid_of_carrier(arrow: pa.DataType) -> int:
    if pa.types.is_timestamp(arrow):
        return 1184 if arrow.tz else 1114
    if pa.types.is_date32(arrow):
        return 1082
    if pa.types.is_time64(arrow):
        return 1083
    return 1186 if arrow == pa.month_day_nano_interval() else 0


def column_array(values: Sequence[Any], field: pa.Field, fragment: Fragment, rowids: Sequence[Any] | None = None) -> pa.Array:
    """One column of Python values (int, float, str, bytes, None) in the field's carrier. Raises SqlError 22P02, 22003, 22021."""
    kind = target(field)
    try:
        return to_array(values, kind)
    except Misfit as misfit:
        first = misfit
    for i, value in enumerate(values):
        try:
            to_array([value], kind)
        except Misfit as misfit:
            row = rowids[i] if rowids is not None else None
            raise ill_typed(fragment, name_in_errors(field), value, kind.wanted, sqlstate=misfit.sqlstate, row=row) from None
    raise first  # pragma: no cover - a column misfits only where one of its values does


def to_array(values: Sequence[Any], kind: Target) -> pa.Array:
    """The values in `kind`'s carrier; raises Misfit if any does not fit."""
    stored = set(map(type, values)) - {type(None)}
    arrow = kind.arrow
    if pa.types.is_list(arrow):
        return _lists(values, kind)
    if pa.types.is_integer(arrow):
        return _plain(values, stored, {int}, arrow)
    if pa.types.is_floating(arrow):
        return _floats(values, stored, arrow)
    if pa.types.is_binary(arrow):
        return _plain(values, stored, {bytes}, arrow)
    if pa.types.is_string(arrow) and kind.oid in _TEXTS:
        return _strings(values, stored, kind)
    if pa.types.is_temporal(arrow) and not stored - {int}:
        return _times_of_int(values, arrow)
    if pa.types.is_timestamp(arrow) and stored == {str}:
        return _timestamps(values, kind)
    return pa.array([None if v is None else _one(v, kind) for v in values], arrow)


def _plain(values: Sequence[Any], stored: set[type], allowed: set[type], arrow: pa.DataType) -> pa.Array:
    if stored - allowed:
        raise Misfit
    try:
        return pa.array(values, arrow)
    except (pa.ArrowInvalid, OverflowError):
        raise Misfit("22003") from None


def _floats(values: Sequence[Any], stored: set[type], arrow: pa.DataType) -> pa.Array:
    if stored - {int, float}:
        raise Misfit
    if int in stored:
        values = [None if v is None else float(v) for v in values]
    if pa.types.is_float32(arrow) and any(v is not None and _FLOAT32_OVERFLOW <= abs(v) < float("inf") for v in values):
        raise Misfit("22003")
    return pa.array(values, arrow)


def _strings(values: Sequence[Any], stored: set[type], kind: Target) -> pa.Array:
    if stored - {str}:
        raise Misfit("22021" if Undecoded in stored else "22P02")
    if kind.typmod >= 0 and kind.oid in (1042, 1043):
        return pa.array([None if v is None else _parsed(v, kind) for v in values], pa.string())
    texts = pa.array(values, pa.string())
    characters = texts.buffers()[2]
    if characters is not None and b"\0" in characters.to_pybytes():  # several times faster than Arrow's own search
        raise Misfit("22021")
    return texts


def _times_of_int(values: Sequence[Any], arrow: pa.DataType) -> pa.Array:
    bits = pa.int32() if pa.types.is_date32(arrow) else pa.int64()
    if pa.types.is_time64(arrow) and any(v is not None and not 0 <= v <= 86_400_000_000 for v in values):
        raise Misfit("22003")
    if arrow == pa.month_day_nano_interval():
        if any(v is not None for v in values):
            raise Misfit
        return pa.nulls(len(values), arrow)
    try:
        return pa.array(values, bits).view(arrow)
    except (pa.ArrowInvalid, OverflowError):
        raise Misfit("22003") from None


def _timestamps(values: Sequence[Any], kind: Target) -> pa.Array:
    """ISO text all at once where Arrow reads it the way PostgreSQL does, else one by one."""
    texts = pa.array(values, pa.string())
    if kind.arrow.tz is None or kind.zone == "UTC":
        for arrow in (kind.arrow, pa.timestamp("us")) if kind.arrow.tz else (kind.arrow,):
            try:
                return texts.cast(arrow).cast(kind.arrow)
            except pa.ArrowInvalid:
                continue
    return _times_of_int([None if v is None else _parsed(v, kind) for v in values], kind.arrow)


def _parsed(text: str, kind: Target) -> Any:
    """PostgreSQL's reading of a text; Misfit if it has none. Words like `now` mean nothing in stored data."""
    if kind.oid in _TIMES and not _TIME_TEXT.match(text):
        raise Misfit
    try:
        return parse_text(text, kind.sql_type, replace(_STYLE, timezone=kind.zone))
    except SqlError as exc:
        raise Misfit("22003" if exc.sqlstate in ("22003", "22008") else "22P02") from None


def _one(value: Any, kind: Target) -> Any:
    """A single value, for the types that are converted one by one."""
    arrow = kind.arrow
    if pa.types.is_boolean(arrow):
        return _boolean(value)
    if pa.types.is_decimal(arrow):
        return _decimal(value, arrow)
    if kind.oid == _NUMERIC:
        return _numeric_text(value)
    if kind.oid == _UUID and isinstance(value, bytes) and len(value) == 16:
        return str(uuid.UUID(bytes=value))
    if not isinstance(value, str):
        raise Misfit
    parsed = _parsed(value, kind)
    if pa.types.is_temporal(arrow) and arrow != pa.month_day_nano_interval():
        return _scalar_of_int(parsed, arrow)
    if arrow == pa.month_day_nano_interval():
        return (parsed.months, parsed.days, _nanoseconds(parsed.microseconds))
    return parsed


def _scalar_of_int(value: int, arrow: pa.DataType) -> pa.Scalar:
    return _times_of_int([value], arrow)[0]


def _nanoseconds(microseconds: int) -> int:
    if not -(2**63) <= microseconds * 1000 < 2**63:
        raise Misfit("22003")
    return microseconds * 1000


def _boolean(value: Any) -> bool:
    known = {0: False, 1: True, "false": False, "true": True}
    if isinstance(value, float | bytes) or value not in known:
        raise Misfit
    return known[value]


def _decimal(value: Any, arrow: pa.DataType) -> Decimal:
    if isinstance(value, str):
        value = _finite(_parsed(value, Target(pa.string(), _NUMERIC, -1, "UTC")))
    elif isinstance(value, float):
        value = _finite(_REAL_DIGITS.create_decimal_from_float(value))
    elif isinstance(value, int):
        value = Decimal(value)
    else:
        raise Misfit
    rounded: Decimal = _EXACT.quantize(value, Decimal(1).scaleb(-arrow.scale))
    if rounded and rounded.adjusted() >= arrow.precision - arrow.scale:
        raise Misfit("22003")
    return rounded


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise Misfit("22003")
    return value


def _numeric_text(value: Any) -> str:
    """PostgreSQL's text of a numeric without a type modifier."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format(_finite(_REAL_DIGITS.create_decimal_from_float(value)).normalize(), "f")
    if not isinstance(value, str):
        raise Misfit
    number: Decimal = _parsed(value, Target(pa.string(), _NUMERIC, -1, "UTC"))
    if number.is_nan():
        return "NaN"
    if number.is_infinite():
        return "Infinity" if number > 0 else "-Infinity"
    return format(number, "f")


def _lists(values: Sequence[Any], kind: Target) -> pa.Array:
    """Arrays from JSON text, element by element by the element type's rules."""
    element = BY_OID[kind.oid].element_oid if kind.oid and kind.oid in BY_OID else 0
    inner = Target(kind.arrow.value_type, element or _oid_of_carrier(kind.arrow.value_type), kind.typmod, kind.zone)
    flat: list[Any] = []
    offsets = [0]
    for value in values:
        flat.extend(_json_elements(value, inner))
        offsets.append(len(flat))
    mask = pa.array([v is None for v in values], pa.bool_())
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), to_array(flat, inner), type=kind.arrow, mask=mask)


def _json_elements(value: Any, inner: Target) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, str):
        raise Misfit
    exact: Callable[[str], Any] = str if inner.oid == _NUMERIC or pa.types.is_decimal(inner.arrow) else float
    try:
        items = json.loads(value, parse_float=exact)
    except ValueError:
        raise Misfit from None
    if not isinstance(items, list) or any(isinstance(item, dict | list) for item in items):
        raise Misfit
    if pa.types.is_boolean(inner.arrow):
        return [int(item) if isinstance(item, bool) else item for item in items]
    if any(isinstance(item, bool) for item in items):
        raise Misfit
    return items
