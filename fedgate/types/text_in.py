"""Text -> value: PostgreSQL 15's input functions, with their SQLSTATEs and messages.

`parse` is the only way from text to a value. The type modifier is applied as an assignment does it: numeric and times are rounded,
a text that is too long is 22001 (unless only spaces are too many).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Final, TypeAlias

from fedgate import limits
from fedgate.errors import SqlError, unsupported
from fedgate.types.array_text import split_array
from fedgate.types.catalog import BY_OID, REG_TYPES, SqlType, format_type
from fedgate.types.datetime_in import parse_date, parse_time, parse_timestamp, parse_timestamptz
from fedgate.types.float_text import parse_float4, parse_float8
from fedgate.types.interval_in import parse_interval
from fedgate.types.json_text import canonical_jsonb, check_json
from fedgate.types.jsonpath import exact_jsonpath
from fedgate.types.numeric_text import parse_numeric
from fedgate.types.style import TextStyle
from fedgate.types.values import Value

_Parser: TypeAlias = "Callable[[str, int, TextStyle, int], Value]"

_SPACE: Final = " \t\n\r\v\f"
_INTEGER = re.compile(r"([+-]?)(\d+)(.*)", re.ASCII | re.DOTALL)
_UUID = re.compile(r"\{?((?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4})\}?", re.ASCII)
_OCTAL = re.compile(r"[0-3][0-7]{2}", re.ASCII)
_OCTAL_CHAR = re.compile(r"\\[0-7]{3}", re.ASCII)


def parse(text: str, type_: SqlType, style: TextStyle, *, now_us: int | None = None) -> Value:
    """The value of `text` as a literal of `type_` (never NULL itself). `now_us`: what 'now' and 'today' mean, else the clock.

    Raises SqlError with PostgreSQL's SQLSTATE and message; 0A000 for types without values here.
    """
    if "\0" in text:
        raise SqlError("22021", 'invalid byte sequence for encoding "UTF8": 0x00')
    parser = _PARSERS.get(type_.oid)
    if now_us is None:
        now_us = time.time_ns() // 1000
    if parser is not None:
        return parser(text, type_.typmod, style, now_us)
    pg = BY_OID.get(type_.oid)
    if pg is not None and pg.is_array and pg.element_oid in _PARSERS:
        element = SqlType(pg.element_oid, type_.typmod)
        return tuple(None if e is None else parse(e, element, style, now_us=now_us) for e in split_array(text))
    raise unsupported(f"input of type {format_type(type_.oid)}", hint="Compare with it as text.")


def _integer(low: int, high: int, type_name: str) -> _Parser:
    def parse_integer(text: str, typmod: int, style: TextStyle, now_us: int) -> int:
        match = _INTEGER.match(text.lstrip(_SPACE))
        if match is not None:
            digits = match[2].lstrip("0")
            value = int((match[1] if match[1] == "-" else "") + (digits or "0")) if len(digits) < 20 else high + 1
            if not low <= value <= high:
                raise SqlError("22003", f'value "{text}" is out of range for type {type_name}')
            if not match[3].strip(_SPACE):
                return value
        raise SqlError("22P02", f'invalid input syntax for type {type_name}: "{text}"')

    return parse_integer


def _oid(text: str, typmod: int, style: TextStyle, now_us: int) -> int:
    body = text.strip(_SPACE)
    if not re.fullmatch(r"[+-]?\d+", body, re.ASCII):
        raise SqlError("22P02", f'invalid input syntax for type oid: "{text}"')
    value = int(body) if len(body) < 21 else 2**64
    if not -(2**31) <= value < 2**32:
        raise SqlError("22003", f'value "{text}" is out of range for type oid')
    return value % 2**32


def _reg(text: str, typmod: int, style: TextStyle, now_us: int) -> int:
    """An object's number; names are looked up by whoever knows the catalog."""
    if text == "-":
        return 0
    if text.isascii() and text.isdigit():
        return _oid(text, typmod, style, now_us)
    raise unsupported("a name here", hint="Write the object's OID.")


_TRUE: Final = frozenset({"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"})
_FALSE: Final = frozenset({"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"})


def _bool(text: str, typmod: int, style: TextStyle, now_us: int) -> bool:
    word = text.strip(_SPACE).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise SqlError("22P02", f'invalid input syntax for type boolean: "{text}"')


def _bytea(text: str, typmod: int, style: TextStyle, now_us: int) -> bytes:
    if text.startswith("\\x"):
        return _hex(text[2:])
    out = bytearray()
    at = 0
    while at < len(text):
        char = text[at]
        if char != "\\":
            out += char.encode()
            at += 1
        elif text[at + 1 : at + 2] == "\\":
            out.append(0x5C)
            at += 2
        elif _OCTAL.match(text, at + 1):
            out.append(int(text[at + 1 : at + 4], 8))
            at += 4
        else:
            raise SqlError("22P02", "invalid input syntax for type bytea")
    return bytes(out)


def _hex(digits: str) -> bytes:
    out = bytearray()
    at = 0
    while at < len(digits):
        if digits[at] in " \n\t\r":
            at += 1
            continue
        for digit in digits[at : at + 2]:
            if digit not in "0123456789abcdefABCDEF":
                raise SqlError("22023", f'invalid hexadecimal digit: "{digit}"')
        if at + 1 >= len(digits):
            raise SqlError("22023", "invalid hexadecimal data: odd number of digits")
        out.append(int(digits[at : at + 2], 16))
        at += 2
    return bytes(out)


def _uuid(text: str, typmod: int, style: TextStyle, now_us: int) -> str:
    match = _UUID.fullmatch(text)
    if match is None or text.startswith("{") != text.endswith("}"):
        raise SqlError("22P02", f'invalid input syntax for type uuid: "{text}"')
    digits = match[1].replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def fit_text(text: str, typmod: int, *, padded: bool) -> str:
    """A text in varchar(n), or char(n) if `padded`. Raises SqlError 22001."""
    if typmod < 4:
        return text
    length = typmod - 4
    if len(text) > length:
        if text[length:].strip(" "):
            name = "character" if padded else "character varying"
            raise SqlError("22001", f"value too long for type {name}({length})")
        return text[:length]
    return text.ljust(length) if padded else text


def fit_name(text: str) -> str:
    """A text as type name holds it: at most 63 bytes."""
    raw = text.encode("utf-8", "surrogatepass")
    return text if len(raw) <= limits.IDENTIFIER_BYTES_MAX else raw[: limits.IDENTIFIER_BYTES_MAX].decode("utf-8", "ignore")


def char_text(byte: int) -> str:
    """A value of type "char" as it is kept and shown: nothing for zero, beyond ASCII `\\ooo`."""
    return f"\\{byte:03o}" if byte > 0x7F else chr(byte) if byte else ""


def char_byte(text: str) -> int:
    """The byte that a text is as "char": its first one, or what `\\ooo` numbers."""
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) == 4 and _OCTAL_CHAR.fullmatch(text):
        return int(text[1:], 8) & 0xFF
    return raw[0] if raw else 0


_PARSERS: Final[dict[int, _Parser]] = {
    16: _bool,
    17: _bytea,
    18: lambda text, typmod, style, now_us: char_text(char_byte(text)),
    19: lambda text, typmod, style, now_us: fit_name(text),
    20: _integer(-(2**63), 2**63 - 1, "bigint"),
    21: _integer(-(2**15), 2**15 - 1, "smallint"),
    23: _integer(-(2**31), 2**31 - 1, "integer"),
    25: lambda text, typmod, style, now_us: text,
    26: _oid,
    28: _oid,
    29: _oid,
    114: lambda text, typmod, style, now_us: check_json(text),
    700: lambda text, typmod, style, now_us: parse_float4(text),
    701: lambda text, typmod, style, now_us: parse_float8(text),
    705: lambda text, typmod, style, now_us: text,
    1042: lambda text, typmod, style, now_us: fit_text(text, typmod, padded=True),
    1043: lambda text, typmod, style, now_us: fit_text(text, typmod, padded=False),
    1082: lambda text, typmod, style, now_us: parse_date(text, style, now_us),
    1083: lambda text, typmod, style, now_us: parse_time(text, typmod, style, now_us),
    1114: lambda text, typmod, style, now_us: parse_timestamp(text, typmod, style, now_us),
    1184: lambda text, typmod, style, now_us: parse_timestamptz(text, typmod, style, now_us),
    1186: lambda text, typmod, style, now_us: parse_interval(text, typmod, style),
    1700: lambda text, typmod, style, now_us: parse_numeric(text, typmod),
    2275: lambda text, typmod, style, now_us: text,
    2950: _uuid,
    3802: lambda text, typmod, style, now_us: canonical_jsonb(text),
    4072: lambda text, typmod, style, now_us: exact_jsonpath(text),
    **dict.fromkeys(REG_TYPES, _reg),
}
