"""Binary form of records: the number of fields, then of each its type's OID and its value with its length.

A record comes as PostgreSQL's text (types/catalog), so its fields are read back from there. In styles that lose digits or zones the
format is 0A000. Records are no input: PostgreSQL does not take anonymous ones either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from fedgate.errors import SqlError, unsupported
from fedgate.pgwire.formats.codec import BinaryCodec
from fedgate.types import BY_OID, RECORD, SqlType
from fedgate.types.array_text import split_array, split_row
from fedgate.types.style import TextStyle
from fedgate.types.text_in import parse
from fedgate.types.values import Value

_NULL = b"\xff\xff\xff\xff"


def record_codec(fields: Sequence[tuple[int, BinaryCodec]], types: Sequence[SqlType], style: TextStyle) -> BinaryCodec:
    """The codec of records whose fields have these OIDs, codecs and types. Raises SqlError 0A000 (module docstring)."""
    if style.extra_float_digits <= 0 or style.date_form != "iso" or style.intervalstyle not in ("postgres", "iso_8601"):
        hint = "Ask for the text format, or leave DateStyle ISO, IntervalStyle postgres and extra_float_digits 1."
        raise unsupported("the binary format of records in this style", hint=hint)
    oids = [oid.to_bytes(4, "big") for oid, _ in fields]
    count = len(fields).to_bytes(4, "big")

    def encode(text: str) -> bytes:
        parts = [count]
        texts = split_row(text)
        if len(texts) != (len(fields) or 1) or (not fields and texts != [None]):
            raise unsupported("the binary format of rows of different types in one value", hint="Ask for the text format.")
        for oid, (_, codec), type_, field in zip(oids, fields, types, texts, strict=False):
            if field is None:
                parts += (oid, _NULL)
                continue
            raw = codec.encode(_value(field, type_, style))
            parts += (oid, len(raw).to_bytes(4, "big"), raw)
        return b"".join(parts)

    def column(array: pa.Array) -> pa.Array:
        return pa.array([None if text is None else encode(text) for text in array.to_pylist()], pa.binary())

    return BinaryCodec(column, encode, _decode)


def _value(text: str, type_: SqlType, style: TextStyle) -> Any:
    if type_.oid == RECORD:
        return text
    pg = BY_OID[type_.oid]
    if pg.element_oid == RECORD:
        return tuple(split_array(text))
    return parse(text, SqlType(type_.oid), style)


def _decode(data: bytes) -> Value:
    raise SqlError("0A000", "input of anonymous composite types is not implemented")
