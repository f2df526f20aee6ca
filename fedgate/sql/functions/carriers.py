"""What lowering passes around: a piece of DuckDB SQL with its PostgreSQL type and the representation its values are in.

`E.dec` matters to numeric (and numeric arrays) only. `Dec(p, s)` says *static*: the SQL gives DECIMAL(p, s) and every value has the
display scale s. None says *dynamic*: the SQL gives PostgreSQL's text. All other types have one representation, `types.duckdb_type`.

Parameters stand in the SQL as `\\x00<number>\\x00`; `Emit` keeps the slots and `template` splits the text at the end (no PostgreSQL
text can hold U+0000, so the mark cannot be forged by a literal).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa

from fedgate.fragment import TEXT_STYLE, Slot, Template
from fedgate.types import BY_OID, SqlType, arrow_type, duckdb_type
from fedgate.types.catalog import MAX_DIGITS, NUMERIC, decimal_carrier, numeric_precision_scale
from fedgate.types.values import Value

NUMERIC_ARRAY = 1231


class Dec(NamedTuple):
    """A static numeric's precision and scale; precision is always above the scale (DuckDB prints DECIMAL(p, p) without a zero)."""

    p: int
    s: int

    @property
    def whole(self) -> int:
        return self.p - self.s

    @property
    def duck(self) -> str:
        return f"DECIMAL({self.p},{self.s})"

    @property
    def arrow(self) -> pa.DataType:
        return pa.decimal128(self.p, self.s)


def dec(whole: int, scale: int) -> Dec | None:
    """The static carrier with room for that many digits before and after the point, or None when only text has it."""
    whole = max(whole, 1)
    return Dec(whole + scale, scale) if scale >= 0 and whole + scale <= MAX_DIGITS else None


def type_dec(t: SqlType) -> Dec | None:
    """The static carrier that a type modifier promises."""
    if t.oid not in (NUMERIC, NUMERIC_ARRAY):
        return None
    ps = numeric_precision_scale(t.typmod)
    carrier = decimal_carrier(*ps) if ps else None
    return Dec(*carrier) if carrier else None


def value_dec(value: Decimal) -> Dec | None:
    """The static carrier of a literal."""
    if not value.is_finite():
        return None
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if exponent > 0:
        return dec(len(digits) + exponent, 0)
    return dec(len(digits) + exponent, -exponent)


def unify(carriers: list[Dec | None]) -> Dec | None:
    """The one static carrier for values of several: only when they agree on the display scale."""
    known = [c for c in carriers if c is not None]
    if not known or len(known) < len(carriers) or len({c.s for c in known}) > 1:
        return None
    return max(known)


@dataclass(frozen=True, slots=True)
class E:
    """SQL, type and carrier (module docstring). `literal` marks a constant, `value` is what it holds.

    `quotient` keeps the two sides of a numeric division, for what can be computed from them without dividing (floor).
    `raw` is the unchecked SQL of a float computation with the operands it starts from, so that a chain is checked once, at its end.
    `fields` are the names and values of a row that is written out, `present` the SQL that is NULL where the row itself is.
    """

    sql: str
    type: SqlType
    dec: Dec | None = None
    literal: bool = False
    value: Value = None
    quotient: tuple[E, E] | None = None
    fields: tuple[tuple[str, E], ...] | None = None
    raw: tuple[str, tuple[str, ...]] | None = None
    present: str | None = None

    @property
    def oid(self) -> int:
        return self.type.oid

    @property
    def is_null(self) -> bool:
        return self.literal and self.value is None

    @property
    def dynamic(self) -> bool:
        """True for a numeric that travels as text."""
        return self.type.oid == NUMERIC and self.dec is None

    @property
    def duck(self) -> str:
        return carrier_duck(self.type, self.dec)

    @property
    def arrow(self) -> pa.DataType:
        return carrier_arrow(self.type, self.dec)


def carrier_duck(t: SqlType, d: Dec | None) -> str:
    """DuckDB's type for a carrier. SqlError 0A000 for a type that has none."""
    if t.oid == NUMERIC:
        return d.duck if d else "VARCHAR"
    if t.oid == NUMERIC_ARRAY:
        return f"{d.duck}[]" if d else "VARCHAR[]"
    return duckdb_type(t)


def carrier_arrow(t: SqlType, d: Dec | None) -> pa.DataType:
    """Arrow's type for a carrier. SqlError 0A000 for a type that has none."""
    if t.oid == NUMERIC:
        return d.arrow if d else pa.string()
    if t.oid == NUMERIC_ARRAY:
        return pa.list_(d.arrow if d else pa.string())
    return arrow_type(t)


def arrow_dec(t: SqlType, arrow: pa.DataType) -> Dec | None:
    """The carrier of numeric values that an Arrow field holds."""
    if t.oid == NUMERIC_ARRAY and pa.types.is_list(arrow):
        arrow = arrow.value_type
    if t.oid in (NUMERIC, NUMERIC_ARRAY) and pa.types.is_decimal(arrow):
        return Dec(arrow.precision, arrow.scale)
    return None


def element(t: SqlType) -> SqlType:
    """The element type of an array type."""
    return SqlType(BY_OID[t.oid].element_oid, t.typmod, t.fields)


@dataclass(slots=True)
class Emit:
    """What one lowering carries through: the session's zone and the slots met so far."""

    timezone: str = "UTC"
    slots: list[Slot] = field(default_factory=list)

    def slot(self, slot: Slot) -> str:
        if slot not in self.slots:
            self.slots.append(slot)
        return f"\x00{self.slots.index(slot)}\x00"

    @property
    def zone(self) -> str:
        return quote(self.timezone)

    @property
    def style(self) -> str:
        """The session's text style but for the zone (`TextStyle.packed`)."""
        return self.slot(Slot(TEXT_STYLE, SqlType(25)))

    def template(self, sql: str) -> Template:
        """The finished text with its slots in place."""
        parts = sql.split("\x00")
        return tuple(self.slots[int(p)] if i % 2 else p for i, p in enumerate(parts) if i % 2 or p)


def quote(text: str) -> str:
    """A DuckDB string literal."""
    return "'" + text.replace("'", "''") + "'"


def error(sqlstate: str, message: str) -> str:
    """A DuckDB call that raises; `translate` reads the mark back."""
    return f"error({quote(f'SQLSTATE:{sqlstate}:{message}')})"
