"""Binary form of the types whose carrier is text or bytes: UTF-8 as it is; jsonb and jsonpath with a version byte, uuid as 16."""

from __future__ import annotations

import uuid
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import SqlError
from fedgate.pgwire.formats.codec import BinaryCodec, Bytes, Cells, sized
from fedgate.pgwire.messages import decode_utf8
from fedgate.types.json_text import canonical_jsonb, check_json
from fedgate.types.jsonpath import exact_jsonpath, jsonpath_text
from fedgate.types.text_in import char_byte, char_text
from fedgate.types.values import Value

_JSONB_VERSION = b"\1"


def _as_bytes(array: pa.Array) -> pa.Array:
    return pc.cast(array, pa.binary())


def decode_text(data: bytes) -> str:
    """Strict UTF-8 without U+0000. Raises SqlError 22021."""
    if b"\0" in data:
        raise SqlError("22021", 'invalid byte sequence for encoding "UTF8": 0x00')
    return decode_utf8(data)


def _jsonb_column(array: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(_JSONB_VERSION, _as_bytes(array), b"")


def _jsonb_decode(data: bytes) -> Value:
    if data[:1] != _JSONB_VERSION:
        raise SqlError("XX000", f"unsupported jsonb version number {data[0] if data else 0}")
    return canonical_jsonb(decode_text(data[1:]))


def _jsonpath_encode(value: Any) -> bytes:
    return _JSONB_VERSION + jsonpath_text(value).encode()


def _jsonpath_column(array: pa.Array) -> pa.Array:
    return pa.array([None if value is None else _jsonpath_encode(value) for value in array.to_pylist()], pa.binary())


def _jsonpath_decode(data: bytes) -> Value:
    if data[:1] != _JSONB_VERSION:
        raise SqlError("XX000", f"unsupported jsonpath version number: {data[0] if data else 0}")
    return exact_jsonpath(decode_text(data[1:]))


_NIBBLE = np.zeros(256, np.uint8)
for _digit in b"0123456789abcdef":
    _NIBBLE[_digit] = int(chr(_digit), 16)
_HEX_PLACES: Final = np.array([i for i in range(36) if i not in (8, 13, 18, 23)])


def _uuid_column(array: pa.Array) -> Bytes:
    """From canonical text: 36 characters each."""
    filled = array.fill_null("0" * 36)
    offset, data = filled.offset, filled.buffers()[2]
    if len(filled) == 0:
        return np.zeros((0, 16), np.uint8)
    starts = np.frombuffer(filled.buffers()[1], np.int32)[offset : offset + 2]
    text = np.frombuffer(data, np.uint8)[starts[0] : starts[0] + 36 * len(filled)].reshape(len(filled), 36)
    nibbles: Bytes = _NIBBLE[text[:, _HEX_PLACES]]
    packed: Bytes = (nibbles[:, 0::2] << np.uint8(4)) | nibbles[:, 1::2]
    return packed


def _bytea_column(array: pa.Array) -> Cells:
    return array


def _char_encode(value: Any) -> bytes:
    return bytes((char_byte(value),))


def _char_column(array: pa.Array) -> pa.Array:
    return pa.array([None if value is None else _char_encode(value) for value in array.to_pylist()], pa.binary())


def _char_decode(data: bytes) -> Value:
    return char_text(sized(data, 1)[0])


def _json_decode(data: bytes) -> Value:
    return check_json(decode_text(data))


TEXT = BinaryCodec(_as_bytes, lambda value: value.encode(), decode_text)
CHAR = BinaryCodec(_char_column, _char_encode, _char_decode)
JSON = BinaryCodec(_as_bytes, lambda value: value.encode(), _json_decode)
JSONB = BinaryCodec(_jsonb_column, lambda value: _JSONB_VERSION + value.encode(), _jsonb_decode)
JSONPATH = BinaryCodec(_jsonpath_column, _jsonpath_encode, _jsonpath_decode)
UUID = BinaryCodec(_uuid_column, lambda value: uuid.UUID(value).bytes, lambda data: str(uuid.UUID(bytes=sized(data, 16))))
BYTEA = BinaryCodec(_bytea_column, bytes, bytes)
