"""Row values as PostgreSQL writes them (record_out): `(1,"a b",)`. Registers what the binder puts where a result column is a row.

Source: https://www.postgresql.org/docs/15/rowtypes.html#ROWTYPES-IO-SYNTAX.
"""

from __future__ import annotations

import re
from typing import Any

from fedgate.errors import unsupported
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.emit import as_output
from fedgate.sql.functions.table import OWN, function
from fedgate.sql.functions.udf import macro, scalar
from fedgate.sql.numeric import rules
from fedgate.types import SqlType
from fedgate.types.array_text import split_row
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.text_in import parse

_DATES = {"d": SqlType(1082), "s": SqlType(1114), "z": SqlType(1184)}
_ISO = re.compile(r"\d{4,}-|-?infinity\Z")  # no other style begins with a year

macro("pg_record_field", "x", r"""CASE WHEN x IS NULL THEN '' WHEN x = '' OR regexp_matches(x, '["\\(),\s\x0b]')"""
      r""" THEN '"' || replace(replace(x, '\', '\\'), '"', '""') || '"' ELSE x END""")  # fmt: skip


def _written(cx: Emit, row: E) -> str:
    assert row.fields is not None, "only rows that are written out"
    fields = [_written(cx, e) if e.fields is not None else as_output(cx, e) for _, e in row.fields]
    text = " || ',' || ".join(f"pg_record_field({field})" for field in fields)
    text = f"('(' || {text} || ')')" if fields else "'()'"
    return text if row.present is None else f"CASE WHEN {row.present} IS NOT NULL THEN {text} END"


def _key(text: str, kinds: str) -> bytes:
    """Bytes in the order of rows: field after field, NULL above every value. `kinds` as in emit.KEYED_FIELDS."""
    parts = []
    for field, kind in zip(split_row(text), kinds, strict=True):
        if field is None:
            parts.append(b"\x02")
        elif kind == "i" or kind in _DATES:
            number = int(field) if kind == "i" else _instant(field, kind)
            parts.append(b"\x01" + (number + (1 << 63)).to_bytes(8, "big"))
        elif kind == "n":
            parts.append(b"\x01" + rules.order_key(rules.read(field)))
        else:
            parts.append(b"\x01" + field.encode() + b"\x00")
    return b"".join(parts)


def _instant(text: str, kind: str) -> int:
    """A date or timestamp as a number in its order. Raises SqlError 0A000 for texts in other styles than ISO."""
    if not _ISO.match(text):
        raise unsupported("comparing rows with fields of times, in arrays, in this DateStyle", hint="SET DateStyle = ISO.")
    number = parse(text, _DATES[kind], DEFAULT_STYLE)
    assert isinstance(number, int)
    return number


def _array_key(rows: list[str | None], kinds: str) -> bytes:
    """The same of arrays: row after row, NULL above every row, the end below."""
    return b"".join(b"\x02" if row is None else b"\x01" + _key(row, kinds) for row in rows) + b"\x00"


scalar("pg_row_key", ["VARCHAR", "VARCHAR"], "BLOB")(_key)
scalar("pg_rows_key", ["VARCHAR[]", "VARCHAR"], "BLOB")(_array_key)


def _record(cx: Emit, args: tuple[E, ...], node: Any) -> E:
    return E(_written(cx, args[0]), node.type)


function(f"{OWN}record", "any", _record)
