"""Functions and operators of text and bytea."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions.carriers import E, Emit, error, quote
from fedgate.sql.functions.emit import as_output, as_text
from fedgate.sql.functions.table import function, operator
from fedgate.sql.functions.udf import macro, scalar

_T = "VARCHAR"
_TOO_LONG = "requested length too large"


def _strings(count: int) -> str:
    return ", ".join(["string"] * count)


# -- joining ------------------------------------------------------------------------------------------------------------------


def _concat_operator(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    return f"({as_text(cx, a[0])} || {as_text(cx, a[1])})"


operator("||", "string|bpchar, string|bpchar", _concat_operator)
operator("||", "string, any", _concat_operator)
operator("||", "any, string", _concat_operator)
operator("||", "bytea, bytea", "({0} || {1})")
function("textcat", "text, text", "({0} || {1})")


def _concat(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    if node.variadic:
        return f"coalesce(array_to_string({a[0].sql}, ''), '')"
    return f"concat({', '.join(as_output(cx, e) for e in a)})"


def _concat_ws(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    if node.variadic:
        return f"array_to_string({a[1].sql}, {a[0].sql})"
    return f"concat_ws({', '.join([a[0].sql, *(as_output(cx, e) for e in a[1:])])})"


function("concat", "any...", _concat)
function("concat_ws", "string, any...", _concat_ws)

# -- case, length -------------------------------------------------------------------------------------------------------------

function("lower", "string", "lower({0})")


@scalar("pg_upper_each", [_T], _T)
def upper_each(text: str) -> str:
    """Upper case letter by letter, as C does: ß stays."""
    return "".join(u if len(u := c.upper()) == 1 else c for c in text)


macro("pg_upper", "x", "CASE WHEN contains(x, 'ß') THEN pg_upper_each(x) ELSE upper(x) END")
function("upper", "string", "pg_upper({0})")


@scalar("pg_initcap", [_T], _T)
def initcap(text: str) -> str:
    result, inside = [], False
    for c in text:
        result.append((c.lower() if len(c.lower()) == 1 else c) if inside else (c.upper() if len(c.upper()) == 1 else c))
        inside = c.isalnum()
    return "".join(result)


function("initcap", "string", "pg_initcap({0})")
function("length char_length character_length", "string", "CAST(length({0}) AS INTEGER)")
function("length char_length character_length", "bpchar", "CAST(length(rtrim({0}, ' ')) AS INTEGER)")
function("length octet_length", "bytea", "CAST(octet_length({0}) AS INTEGER)")
function("octet_length", "string|bpchar", "CAST(octet_length(encode({0})) AS INTEGER)")
function("bit_length", "string", "CAST(octet_length(encode({0})) * 8 AS INTEGER)")
function("bit_length", "bytea", "CAST(octet_length({0}) * 8 AS INTEGER)")
function("reverse", "string", "pg_reverse({0})")
scalar("pg_reverse", [_T], _T)(lambda text: text[::-1])
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


scalar("pg_length_as", ["BLOB", _T], "INTEGER")(lambda data, name: len(data.decode(_codec(name))))

# -- parts --------------------------------------------------------------------------------------------------------------------

macro(
    "pg_substr",
    "s, a, n",
    f"CASE WHEN n < 0 THEN {error('22011', 'negative substring length not allowed')}"
    " WHEN CAST(a AS BIGINT) + n <= 1 THEN CASE WHEN s IS NOT NULL THEN '' END"
    " ELSE substring(s, greatest(a, 1), CAST(a AS BIGINT) + n - greatest(a, 1)) END",
)
function("substr substring", "string, int4", "substring({0}, CASE WHEN {1} < 1 THEN 1 ELSE {1} END)")
function("substr substring", "string, int4, int4", "pg_substr({0}, {1}, {2})")


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
macro("pg_left", "s, n", "CASE WHEN n >= 0 THEN left(s, n) WHEN n < 0 THEN left(s, greatest(length(s) + n, 0)) END")
macro(
    "pg_right",
    "s, n",
    "CASE WHEN n = -2147483648 THEN s WHEN n >= 0 THEN right(s, n) WHEN n < 0 THEN right(s, greatest(length(s) + n, 0)) END",
)
function("left", "string, int4", "pg_left({0}, {1})")
function("right", "string, int4", "pg_right({0}, {1})")
function("strpos", "string, string", "CAST(strpos({0}, {1}) AS INTEGER)")
function("position", "string, string", "CAST(strpos({0}, {1}) AS INTEGER)")
macro("pg_split_part", "s, d, n", f"CASE WHEN n = 0 THEN {error('22023', 'field position must not be zero')}"
      " WHEN d = '' THEN CASE WHEN n IN (1, -1) THEN s WHEN s IS NOT NULL THEN '' END ELSE split_part(s, d, n) END")  # fmt: skip
function("split_part", "string, string, int4", "pg_split_part({0}, {1}, {2})")
function("starts_with", "string, string", "starts_with({0}, {1})")
operator("^@", "string, string", "starts_with({0}, {1})")


@scalar("pg_overlay", [_T, _T, "INTEGER", "INTEGER"], _T)
def overlay(text: str, new: str, start: int, count: int) -> str:
    if start <= 0:
        raise SqlError("22011", "negative substring length not allowed")
    after = start - 1 + count
    return text[: start - 1] + new + text[max(after, 0) :]


function("overlay", "string, string, int4, int4", "pg_overlay({0}, {1}, {2}, {3})")
function("overlay", "string, string, int4", "pg_overlay({0}, {1}, {2}, CAST(length({1}) AS INTEGER))")

# -- filling and trimming -----------------------------------------------------------------------------------------------------

macro("pg_lpad", "s, n, f", "CASE WHEN s IS NULL OR f IS NULL OR n IS NULL THEN NULL WHEN n <= 0 THEN ''"
      f" WHEN n > 268435454 THEN {error('54000', _TOO_LONG)}"
      " WHEN f = '' OR length(s) >= n THEN left(s, n) ELSE lpad(s, CASE WHEN n > 268435454 THEN 0 ELSE n END, f) END")  # fmt: skip
macro("pg_rpad", "s, n, f", "CASE WHEN s IS NULL OR f IS NULL OR n IS NULL THEN NULL WHEN n <= 0 THEN ''"
      f" WHEN n > 268435454 THEN {error('54000', _TOO_LONG)}"
      " WHEN f = '' OR length(s) >= n THEN left(s, n) ELSE rpad(s, CASE WHEN n > 268435454 THEN 0 ELSE n END, f) END")  # fmt: skip
for _name in ("lpad", "rpad"):
    function(_name, "string, int4, string", f"pg_{_name}({{0}}, {{1}}, {{2}})")
    function(_name, "string, int4", f"pg_{_name}({{0}}, {{1}}, ' ')")
for _name, _native in (("ltrim", "ltrim"), ("rtrim", "rtrim"), ("btrim", "trim")):
    function(_name, "string", f"{_native}({{0}}, ' ')")
    function(_name, "string, string", f"pg_{_name}({{0}}, {{1}})")
    macro(f"pg_{_name}", "s, c", f"CASE WHEN c = '' THEN s ELSE {_native}(s, c) END")
scalar("pg_btrim_bytes", ["BLOB", "BLOB"], "BLOB")(lambda data, chars: data.strip(chars) if chars else data)
function("btrim", "bytea, bytea", "pg_btrim_bytes({0}, {1})")


macro(
    "pg_repeat",
    "s, n",
    f"CASE WHEN length(s) * CAST(n AS BIGINT) > 1073741000 THEN {error('54000', _TOO_LONG)} ELSE repeat(s, CASE WHEN length(s) "
    f"* CAST(n AS BIGINT) > 1073741000 THEN 0 ELSE greatest(n, 0) END) END",
)
function("repeat", "string, int4", "CASE WHEN {1} IS NOT NULL THEN pg_repeat({0}, {1}) END")
macro("pg_replace", "s, a, b", "CASE WHEN a = '' AND b IS NOT NULL THEN s ELSE replace(s, a, b) END")
function("replace", "string, string, string", "pg_replace({0}, {1}, {2})")
scalar("pg_translate", [_T, _T, _T], _T)(
    lambda text, source, target: text.translate(
        {ord(c): (target[i] if i < len(target) else None) for i, c in reversed(list(enumerate(source)))}
    )
)
function("translate", "string, string, string", "pg_translate({0}, {1}, {2})")

# -- characters and codes -----------------------------------------------------------------------------------------------------

function("ascii", "string", "CASE WHEN {0} = '' THEN CAST(0 AS INTEGER) ELSE CAST(unicode({0}) AS INTEGER) END")


@scalar("pg_chr", ["INTEGER"], _T)
def chr_(code: int) -> str:
    if code == 0:
        raise SqlError("54000", "null character not permitted")
    if code < 0:
        raise SqlError("22023", "character number must be positive")
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise SqlError("54000", f"requested character {'not valid for encoding' if code > 0 else 'too large for encoding'}: {code}")
    return chr(code)


function("chr", "int4", "pg_chr({0})")
scalar("pg_to_hex4", ["INTEGER"], _T)(lambda n: f"{n & 0xFFFFFFFF:x}")
scalar("pg_to_hex8", ["BIGINT"], _T)(lambda n: f"{n & 0xFFFFFFFFFFFFFFFF:x}")
function("to_hex", "int4", "pg_to_hex4({0})")
function("to_hex", "int8", "pg_to_hex8({0})")
function("md5", "string", "md5({0})")
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
            try:
                return base64.b64decode("".join(text.split()), validate=True)
            except ValueError:
                raise SqlError("22023", "invalid base64 end sequence") from None
        case "escape":
            return bytes(text_in.parse(text, SqlType(17), TextStyle()))  # type: ignore[arg-type]
    raise SqlError("22023", f'unrecognized encoding: "{kind}"')


function("encode", "bytea, string", "pg_encode({0}, {1})")
function("decode", "string, string", "pg_decode({0}, {1})")


@scalar("pg_convert_from", ["BLOB", _T], _T)
def convert_from(data: bytes, name: str) -> str:
    try:
        return data.decode(_codec(name))
    except (UnicodeDecodeError, LookupError):
        raise SqlError("22021", f'invalid byte sequence for encoding "{name}"') from None


function("convert_from", "bytea, string", "pg_convert_from({0}, {1})")
scalar("pg_convert_to", [_T, _T], "BLOB")(_convert_to)
function("convert_to", "string, string", "pg_convert_to({0}, {1})")

# -- quoting ------------------------------------------------------------------------------------------------------------------

_KEYWORDS = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "between",
        "bigint",
        "binary",
        "bit",
        "boolean",
        "both",
        "case",
        "cast",
        "char",
        "character",
        "check",
        "coalesce",
        "collate",
        "collation",
        "column",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "dec",
        "decimal",
        "default",
        "deferrable",
        "desc",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "exists",
        "extract",
        "false",
        "fetch",
        "float",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "grant",
        "greatest",
        "group",
        "grouping",
        "having",
        "ilike",
        "in",
        "initially",
        "inner",
        "inout",
        "int",
        "integer",
        "intersect",
        "interval",
        "into",
        "is",
        "isnull",
        "join",
        "lateral",
        "leading",
        "least",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "national",
        "natural",
        "nchar",
        "none",
        "normalize",
        "not",
        "notnull",
        "null",
        "nullif",
        "numeric",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "out",
        "outer",
        "overlaps",
        "overlay",
        "placing",
        "position",
        "precision",
        "primary",
        "real",
        "references",
        "returning",
        "right",
        "row",
        "select",
        "session_user",
        "setof",
        "similar",
        "smallint",
        "some",
        "substring",
        "symmetric",
        "table",
        "tablesample",
        "then",
        "time",
        "timestamp",
        "to",
        "trailing",
        "treat",
        "trim",
        "true",
        "union",
        "unique",
        "user",
        "using",
        "values",
        "varchar",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
        "xmlattributes",
        "xmlconcat",
        "xmlelement",
        "xmlexists",
        "xmlforest",
        "xmlnamespaces",
        "xmlparse",
        "xmlpi",
        "xmlroot",
        "xmlserialize",
        "xmltable",
    ]
)


def quote_identifier(name: str) -> str:
    """quote_ident."""
    plain = (
        name
        and (name[0].islower() or name[0] == "_")
        and all(c.isascii() and (c.islower() or c.isdigit() or c == "_") for c in name)
    )
    return name if plain and name not in _KEYWORDS else '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """quote_literal."""
    body = text.replace("'", "''")
    return "E'" + body.replace("\\", "\\\\") + "'" if "\\" in text else f"'{body}'"


scalar("pg_quote_ident", [_T], _T)(quote_identifier)
scalar("pg_quote_literal", [_T], _T)(quote_text)
function("quote_ident", "string", "pg_quote_ident({0})")
function("quote_literal", "any", lambda cx, a, node: f"pg_quote_literal({as_text(cx, a[0])})")
function("quote_nullable", "any", lambda cx, a, node: f"coalesce(pg_quote_literal({as_text(cx, a[0])}), 'NULL')")


def _format(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    if node.variadic:
        return f"pg_format({a[0].sql}, {a[1].sql})"
    items = ", ".join(as_output(cx, e) for e in a[1:])
    return f"pg_format({a[0].sql}, CAST([{items}] AS VARCHAR[]))"


@scalar("pg_format", [_T, "VARCHAR[]"], _T)
def format_(pattern: str, items: list[str | None]) -> str:
    import re

    out, used, end = [], 0, 0
    for match in re.finditer(r"%(?:%|(?:(\d+)\$)?(-?)(\*(?:\d+\$)?|\d+)?([sIL])?)", pattern):
        out.append(pattern[end : match.start()])
        end = match.end()
        if match[0] == "%%":
            out.append("%")
            continue
        if match[4] is None:
            raise SqlError("22023", f'unrecognized format() type specifier "{pattern[end : end + 1]}"')
        width = int(match[3]) if match[3] and match[3].isdigit() else 0
        if match[3] and not match[3].isdigit():
            width = int(items[used] or 0)
            used += 1
        place = int(match[1]) - 1 if match[1] else used
        used = place + 1
        if place >= len(items) or place < 0:
            raise SqlError("22023", "too few arguments for format()")
        value = items[place]
        if match[4] == "I" and value is None:
            raise SqlError("22004", "null values cannot be formatted as an SQL identifier")
        shown = (
            (quote_text(value) if value is not None else "NULL")
            if match[4] == "L"
            else quote_identifier(value or "")
            if match[4] == "I"
            else value or ""
        )
        out.append(shown.ljust(abs(width)) if match[2] or width < 0 else shown.rjust(width))
    return "".join(out) + pattern[end:]


function("format", "string", _format)
function("format", "string, any...", _format)

# -- LIKE ---------------------------------------------------------------------------------------------------------------------


_BAD_ESCAPE = error("22025", "LIKE pattern must not end with escape character")


def trailing_escape(pattern: str) -> bool:
    """Whether the pattern ends in a backslash that escapes nothing."""
    return (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 1


def _like(native: str, negated: bool) -> Any:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> str:
        text, pattern = a
        subject = text.sql
        escape = ""
        if pattern.literal and isinstance(pattern.value, str) and trailing_escape(pattern.value):
            # PostgreSQL complains only about a text that reaches the pattern's end.
            reaches = f"{subject} {native} {quote(pattern.value[:-1] + '_%')} ESCAPE '\\'"
            return f"CASE WHEN {reaches} THEN {_BAD_ESCAPE} WHEN {subject} IS NOT NULL THEN {'true' if negated else 'false'} END"
        if not pattern.literal or "\\" in str(pattern.value):
            escape = " ESCAPE '\\'"
        test = f"({subject} {native} {pattern.sql}{escape})"
        return f"(NOT {test})" if negated else test

    return lower


for _op, _native, _negated in (("~~", "LIKE", False), ("!~~", "LIKE", True), ("~~*", "ILIKE", False), ("!~~*", "ILIKE", True)):
    operator(_op, "string|bpchar, string", _like(_native, _negated))
function("like", "string, string", _like("LIKE", False))
function("notlike", "string, string", _like("LIKE", True))


@scalar("pg_like_escape", [_T, _T], _T)
def like_escape(pattern: str, escape: str) -> str:
    """The pattern with backslash as its escape."""
    if len(escape) > 1:
        raise SqlError("22025", "invalid escape string", hint="Escape string must be empty or one character.")
    if escape == "\\":
        return pattern
    out, skip = [], False
    for c in pattern:
        if skip:
            out.append("\\" + c)
            skip = False
        elif escape and c == escape:
            skip = True
        else:
            out.append("\\\\" if c == "\\" else c)
    return "".join(out) + ("\\" if skip else "")


def _like_escape(cx: Emit, a: tuple[E, ...], node: Any) -> E | str:
    if a[0].literal and a[1].literal and isinstance(a[0].value, str) and isinstance(a[1].value, str):
        pattern = like_escape(a[0].value, a[1].value)
        return E(quote(pattern), node.type, None, True, pattern)
    return f"pg_like_escape({a[0].sql}, {a[1].sql})"


function("like_escape", "string, string", _like_escape)
