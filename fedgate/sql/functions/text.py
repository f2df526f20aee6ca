"""Functions and operators of text: joining, cases, lengths, parts, filling and trimming, characters."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions import regex_classes
from fedgate.sql.functions.carriers import E, Emit, error
from fedgate.sql.functions.emit import as_output, as_text, output_list
from fedgate.sql.functions.table import function, operator
from fedgate.sql.functions.udf import macro, scalar

_T = "VARCHAR"
_TOO_LONG = "requested length too large"


# -- joining ------------------------------------------------------------------------------------------------------------------


def _concat_operator(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    return f"({as_text(cx, a[0])} || {as_text(cx, a[1])})"


operator("||", "string|bpchar, string|bpchar", _concat_operator)
operator("||", "string, any", _concat_operator)
operator("||", "any, string", _concat_operator)
function("textcat", "text, text", "({0} || {1})")


def _concat(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    if node.variadic:
        return f"pg_array_join({output_list(cx, a[0])}, '', CAST(NULL AS VARCHAR))"
    return f"concat({', '.join(as_output(cx, e) for e in a)})"


def _concat_ws(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    if node.variadic:
        return f"pg_array_join({output_list(cx, a[1])}, {a[0].sql}, CAST(NULL AS VARCHAR))"
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


@cache
def _alnum() -> re.Pattern[str]:
    """Letters and digits as C.UTF-8 has them, which superscripts and fractions are not."""
    return re.compile(f"[{regex_classes.inside('alnum', ascii_only=False, fold=False)}]")


@scalar("pg_initcap", [_T], _T)
def initcap(text: str) -> str:
    alnum, result, inside = _alnum(), [], False
    for c in text:
        result.append((c.lower() if len(c.lower()) == 1 else c) if inside else (c.upper() if len(c.upper()) == 1 else c))
        inside = alnum.match(c) is not None
    return "".join(result)


function("initcap", "string", "pg_initcap({0})")
function("length char_length character_length", "string", "CAST(length({0}) AS INTEGER)")
function("length char_length character_length", "bpchar", "CAST(length(rtrim({0}, ' ')) AS INTEGER)")
function("octet_length", "string|bpchar", "CAST(octet_length(encode({0})) AS INTEGER)")
function("bit_length", "string", "CAST(octet_length(encode({0})) * 8 AS INTEGER)")
function("reverse", "string", "pg_reverse({0})")
scalar("pg_reverse", [_T], _T)(lambda text: text[::-1])
# -- parts --------------------------------------------------------------------------------------------------------------------

macro(
    "pg_substr",
    "s, a, n",
    f"CASE WHEN n < 0 AND s IS NOT NULL AND a IS NOT NULL THEN {error('22011', 'negative substring length not allowed')}"
    " WHEN CAST(a AS BIGINT) + n <= 1 THEN CASE WHEN s IS NOT NULL THEN '' END"
    " ELSE substring(s, greatest(a, 1), CAST(a AS BIGINT) + n - greatest(a, 1)) END",
)
function("substr substring", "string, int4", "substring({0}, CASE WHEN {1} < 1 THEN 1 ELSE {1} END)")
function("substr substring", "string, int4, int4", "pg_substr({0}, {1}, {2})")


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
# The list around it hides what DuckDB knows of split_part over a column that is always NULL: it cannot bind a comparison with that.
macro("pg_split_part", "s, d, n", "CASE WHEN n = 0 AND s IS NOT NULL AND d IS NOT NULL THEN "
      f"{error('22023', 'field position must not be zero')}"
      " WHEN d = '' THEN CASE WHEN n IN (1, -1) THEN s WHEN s IS NOT NULL AND n IS NOT NULL THEN '' END"
      " ELSE list_extract([split_part(s, d, n)], 1) END")  # fmt: skip
function("split_part", "string, string, int4", "pg_split_part({0}, {1}, {2})")
function("starts_with", "string, string", "starts_with({0}, {1})")
operator("^@", "string, string", "starts_with({0}, {1})")


@scalar("pg_overlay", [_T, _T, "INTEGER", "INTEGER"], _T)
def overlay(text: str, new: str, start: int, count: int) -> str:
    if start <= 0:
        raise SqlError("22011", "negative substring length not allowed")
    after = start - 1 + count
    if start + count > 2**31 - 1:
        raise SqlError("22003", "integer out of range")
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
function("gen_random_uuid", "", "CAST(uuid() AS VARCHAR)")
