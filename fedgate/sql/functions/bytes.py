"""Functions and operators of bytea: bits and bytes, digests, text forms, encodings.

Source: https://www.postgresql.org/docs/15/functions-binarystring.html
"""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import Final

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions.table import function, operator
from fedgate.sql.functions.udf import scalar

_T = "VARCHAR"

operator("||", "bytea, bytea", "({0} || {1})")
function("length octet_length", "bytea", "CAST(octet_length({0}) AS INTEGER)")
function("bit_length", "bytea", "CAST(octet_length({0}) * 8 AS INTEGER)")

# -- encodings ----------------------------------------------------------------------------------------------------------------

_CODECS = {"utf8": "utf-8", "unicode": "utf-8", "latin1": "latin-1", "iso88591": "latin-1"}


def _codec(name: str) -> str:
    """Python's name of an encoding; PostgreSQL's aliases of others mean what only it knows."""
    found = _CODECS.get("".join(c for c in name.lower() if c.isalnum()))
    if found is None:
        raise unsupported(f'the encoding "{name}"')
    return found


def _convert_to(text: str, name: str) -> bytes:
    try:
        return text.encode(_codec(name))
    except UnicodeEncodeError:
        raise SqlError("22P05", f'character has no equivalent in encoding "{name}"') from None


scalar("pg_length_as", ["BLOB", _T], "INTEGER")(lambda data, name: len(convert_from(data, name)))
function("length", "bytea, name", "pg_length_as({0}, {1})")

# -- parts --------------------------------------------------------------------------------------------------------------------


@scalar("pg_substr_bytes", ["BLOB", "INTEGER", "INTEGER"], "BLOB")
def substr_bytes(data: bytes, start: int, count: int) -> bytes:
    if count < 0:
        raise SqlError("22011", "negative substring length not allowed")
    return data[max(start - 1, 0) : max(start - 1 + count, 0)]


function("substr substring", "bytea, int4, int4", "pg_substr_bytes({0}, {1}, {2})")
function(
    "substr substring",
    "bytea, int4",
    "pg_substr_bytes({0}, {1}, 2147483647 - CAST(abs(CAST({1} AS BIGINT) + CAST({1} = -2147483648 AS BIGINT)) AS INTEGER))",
)
scalar("pg_btrim_bytes", ["BLOB", "BLOB"], "BLOB")(lambda data, chars: data.strip(chars) if chars else data)
function("btrim", "bytea, bytea", "pg_btrim_bytes({0}, {1})")

for _name, _strip in (("ltrim", bytes.lstrip), ("rtrim", bytes.rstrip)):
    scalar(f"pg_{_name}_bytes", ["BLOB", "BLOB"], "BLOB")(lambda data, chars, strip=_strip: strip(data, chars) if chars else data)
    function(_name, "bytea, bytea", f"pg_{_name}_bytes({{0}}, {{1}})")

# -- places -------------------------------------------------------------------------------------------------------------------

scalar("pg_position_bytes", ["BLOB", "BLOB"], "INTEGER")(lambda data, part: data.find(part) + 1)
function("position", "bytea, bytea", "pg_position_bytes({0}, {1})")


@scalar("pg_overlay_bytes", ["BLOB", "BLOB", "INTEGER", "INTEGER"], "BLOB")
def overlay_bytes(data: bytes, new: bytes, start: int, count: int) -> bytes:
    if start <= 0:
        raise SqlError("22011", "negative substring length not allowed")
    if start + count > 2**31 - 1:
        raise SqlError("22003", "integer out of range")
    return data[: start - 1] + new + data[max(start - 1 + count, 0) :]


function("overlay", "bytea, bytea, int4, int4", "pg_overlay_bytes({0}, {1}, {2}, {3})")
function("overlay", "bytea, bytea, int4", "pg_overlay_bytes({0}, {1}, {2}, CAST(octet_length({1}) AS INTEGER))")


def _within(index: int, count: int) -> int:
    if not 0 <= index < count:
        raise SqlError("2202E", f"index {index} out of valid range, 0..{count - 1}")
    return index


@scalar("pg_get_byte", ["BLOB", "INTEGER"], "INTEGER")
def get_byte(data: bytes, index: int) -> int:
    return data[_within(index, len(data))]


@scalar("pg_set_byte", ["BLOB", "INTEGER", "INTEGER"], "BLOB")
def set_byte(data: bytes, index: int, value: int) -> bytes:
    _within(index, len(data))
    return data[:index] + bytes([value & 255]) + data[index + 1 :]


@scalar("pg_get_bit", ["BLOB", "BIGINT"], "INTEGER")
def get_bit(data: bytes, index: int) -> int:
    _within(index, len(data) * 8)
    return data[index // 8] >> index % 8 & 1


@scalar("pg_set_bit", ["BLOB", "BIGINT", "INTEGER"], "BLOB")
def set_bit(data: bytes, index: int, value: int) -> bytes:
    _within(index, len(data) * 8)
    if value not in (0, 1):
        raise SqlError("22023", "new bit must be 0 or 1")
    place = 1 << index % 8
    byte = data[index // 8] | place if value else data[index // 8] & ~place
    return data[: index // 8] + bytes([byte]) + data[index // 8 + 1 :]


function("get_byte", "bytea, int4", "pg_get_byte({0}, {1})")
function("set_byte", "bytea, int4, int4", "pg_set_byte({0}, {1}, {2})")
function("get_bit", "bytea, int8", "pg_get_bit({0}, {1})")
function("set_bit", "bytea, int8, int4", "pg_set_bit({0}, {1}, {2})")
scalar("pg_bit_count", ["BLOB"], "BIGINT")(lambda data: int.from_bytes(data, "big").bit_count())
function("bit_count", "bytea", "pg_bit_count({0})")

# -- digests and text forms ---------------------------------------------------------------------------------------------------

function("md5", "bytea", "md5({0})")
for _name in ("sha224", "sha256", "sha384", "sha512"):
    scalar(f"pg_{_name}", ["BLOB"], "BLOB")(lambda data, name=_name: hashlib.new(name, data).digest())
    function(_name, "bytea", f"pg_{_name}({{0}})")


@scalar("pg_encode", ["BLOB", _T], _T)
def encode(data: bytes, kind: str) -> str:
    match kind.lower():
        case "hex":
            return data.hex()
        case "base64":
            text = base64.b64encode(data).decode()
            return "\n".join(text[i : i + 76] for i in range(0, len(text), 76))
        case "escape":
            return "".join("\\\\" if b == 92 else f"\\{b:03o}" if b == 0 or b > 127 else chr(b) for b in data)
    raise SqlError("22023", f'unrecognized encoding: "{kind}"')


@scalar("pg_decode", [_T, _T], "BLOB")
def decode(text: str, kind: str) -> bytes:
    from fedgate.types import SqlType, text_in
    from fedgate.types.style import TextStyle

    match kind.lower():
        case "hex":
            return bytes(text_in.parse("\\x" + text, SqlType(17), TextStyle()))  # type: ignore[arg-type]
        case "base64":
            return _from_base64(text)
        case "escape":
            return bytes(text_in.parse(text, SqlType(17), TextStyle()))  # type: ignore[arg-type]
    raise SqlError("22023", f'unrecognized encoding: "{kind}"')


_BASE64: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def _from_base64(text: str) -> bytes:
    """Spaces stand anywhere; the end must be filled up with =."""
    symbols = [c for c in text if c not in " \t\n\r"]
    for place, c in enumerate(symbols):
        if c == "=" and place % 4 < 2:
            raise SqlError("22023", 'unexpected "=" while decoding base64 sequence')
        if c != "=" and (not c.isascii() or ord(c) not in _BASE64):
            raise SqlError("22023", f'invalid symbol "{c}" found while decoding base64 sequence')
    try:
        return base64.b64decode("".join(symbols), validate=True)
    except ValueError:
        hint = "Input data is missing padding, is truncated, or is otherwise corrupted."
        raise SqlError("22023", "invalid base64 end sequence", hint=hint) from None


function("encode", "bytea, string", "pg_encode({0}, {1})")
function("decode", "string, string", "pg_decode({0}, {1})")


@scalar("pg_convert_from", ["BLOB", _T], _T)
def convert_from(data: bytes, name: str) -> str:
    try:
        text = data.decode(_codec(name))
    except (UnicodeDecodeError, LookupError):
        raise SqlError("22021", f'invalid byte sequence for encoding "{name}"') from None
    if "\0" in text:
        raise SqlError("22021", f'invalid byte sequence for encoding "{name}": 0x00')
    return text


function("convert_from", "bytea, string", "pg_convert_from({0}, {1})")


@scalar("pg_convert", ["BLOB", _T, _T], "BLOB")
def convert(data: bytes, source: str, target: str) -> bytes:
    return _convert_to(convert_from(data, source), target)


function("convert", "bytea, name, name", "pg_convert({0}, {1}, {2})")
scalar("pg_convert_to", [_T, _T], "BLOB")(_convert_to)
function("convert_to", "string, string", "pg_convert_to({0}, {1})")

# -- values as they are sent in binary --------------------------------------------------------------------------------------------

for _type, _duck, _form in (
    ("int2", "SMALLINT", ">h"),
    ("int4", "INTEGER", ">i"),
    ("int8", "BIGINT", ">q"),
    ("float4", "FLOAT", ">f"),
    ("float8", "DOUBLE", ">d"),
):
    scalar(f"pg_{_type}send", [_duck], "BLOB")(lambda value, form=_form: struct.pack(form, value))
    function(f"{_type}send", _type, f"pg_{_type}send({{0}})")
