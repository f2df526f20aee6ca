"""Values on the wire: one file per type family gives its binary form; text forms come from types/text_in and text_out."""

from __future__ import annotations

from typing import Final

from fedgate.errors import SqlError, unsupported
from fedgate.pgwire.formats import datetimes, numbers, numerics, texts
from fedgate.pgwire.formats.arrays import array_codec
from fedgate.pgwire.formats.codec import WRONG_SIZE, BinaryCodec
from fedgate.pgwire.formats.records import record_codec
from fedgate.types import BY_OID, OID_TYPES, RECORD, SqlType, described, format_type
from fedgate.types.style import DEFAULT_STYLE, TextStyle
from fedgate.types.text_in import parse
from fedgate.types.values import Value

TEXT_FORMAT: Final = 0
BINARY_FORMAT: Final = 1

_CODECS: Final[dict[int, BinaryCodec]] = {
    16: numbers.BOOL,
    17: texts.BYTEA,
    18: texts.CHAR,
    20: numbers.INT8,
    21: numbers.INT2,
    23: numbers.INT4,
    114: texts.JSON,
    700: numbers.FLOAT4,
    701: numbers.FLOAT8,
    1082: datetimes.DATE,
    1083: datetimes.TIME,
    1114: datetimes.TIMESTAMP,
    1184: datetimes.TIMESTAMP,
    1186: datetimes.INTERVAL,
    1700: numerics.NUMERIC,
    2950: texts.UUID,
    3802: texts.JSONB,
    4072: texts.JSONPATH,
    **dict.fromkeys((19, 25, 705, 1042, 1043, 2275, 2278), texts.TEXT),
    **dict.fromkeys(OID_TYPES, numbers.OID),
}


def binary_codec(type_: SqlType, style: TextStyle = DEFAULT_STYLE) -> BinaryCodec:
    """The binary form of a type. Raises SqlError 0A000 for a type without one.

    `style` is what the text of records was written in.
    """
    codec = _CODECS.get(type_.oid)
    if codec is not None:
        return codec
    pg = BY_OID.get(type_.oid)
    if pg is not None and RECORD in (type_.oid, pg.element_oid):
        record = record_codec([(described(field)[0], binary_codec(field, style)) for field in type_.fields], type_.fields, style)
        return array_codec(record, RECORD) if pg.is_array else record
    if pg is not None and pg.element_oid in _CODECS:
        return array_codec(_CODECS[pg.element_oid], pg.element_oid)
    raise unsupported(f"binary format of type {format_type(type_.oid)}", hint="Ask for the text format.")


def decode_parameter(
    data: bytes | None, type_: SqlType, format_: int, style: TextStyle, *, number: int = 1, now_us: int | None = None
) -> Value:
    """Parameter `number` of Bind. Raises SqlError with the class that the type's input or receive function has in PostgreSQL."""
    if data is None:
        return None
    if format_ == TEXT_FORMAT:
        return parse(texts.decode_text(data), type_, style, now_us=now_us)
    try:
        return binary_codec(type_).decode(data)
    except SqlError as error:
        if error.sqlstate == "22P03" and error.message == WRONG_SIZE:
            raise SqlError("22P03", f"{WRONG_SIZE} in bind parameter {number}") from None
        raise
