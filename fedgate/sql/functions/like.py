"""LIKE and ILIKE with their escapes.

Source: https://www.postgresql.org/docs/15/functions-matching.html#FUNCTIONS-LIKE
"""

from __future__ import annotations

import re
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit, error, quote
from fedgate.sql.functions.table import function, operator
from fedgate.sql.functions.udf import scalar
from fedgate.sql.tree import OpExpr, Param

_T = "VARCHAR"

_BAD_ESCAPE = error("22025", "LIKE pattern must not end with escape character")


def trailing_escape(pattern: str) -> bool:
    """Whether the pattern ends in a backslash that escapes nothing."""
    return (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 1


def _like(native: str, negated: bool) -> Any:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> str:
        text, pattern = a
        subject = text.sql
        escape = ""

        def unfinished(shorter: str) -> str:
            """PostgreSQL complains only about a text that reaches the pattern's end."""
            reaches = f"{subject} {native} {shorter} ESCAPE '\\'"
            return f"CASE WHEN {reaches} THEN {_BAD_ESCAPE} WHEN {subject} IS NOT NULL THEN {'true' if negated else 'false'} END"

        if pattern.literal and isinstance(pattern.value, str) and trailing_escape(pattern.value):
            return unfinished(quote(pattern.value[:-1] + "_%"))
        if not pattern.literal or "\\" in str(pattern.value):
            escape = " ESCAPE '\\'"
        test = f"({subject} {native} {pattern.sql}{escape})"
        test = f"(NOT {test})" if negated else test
        if isinstance(node, OpExpr) and len(node.args) == 2 and isinstance(node.args[1], Param):
            # DuckDB takes LIKE for what never raises, and tries it on values that no row has any more.
            p = pattern.sql
            ends = f"(length({p}) - length(rtrim({p}, '\\'))) % 2 = 1"
            shorter = f"(left({p}, -1) || '_%')"
            return f"CASE WHEN {ends} THEN {unfinished(shorter)} ELSE {test} END"
        return test

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


@scalar("pg_like_bytes", ["BLOB", "BLOB"], "BOOLEAN")
def like_bytes(data: bytes, pattern: bytes) -> bool:
    """LIKE of bytes. Raises SqlError 22025."""
    out, skip = [], False
    for c in pattern:
        byte = bytes([c])
        if skip:
            out.append(re.escape(byte))
            skip = False
        elif byte == b"\\":
            skip = True
        else:
            out.append({b"%": b".*", b"_": b"."}.get(byte, re.escape(byte)))
    if skip:
        raise SqlError("22025", "LIKE pattern must not end with escape character")
    return re.fullmatch(b"".join(out), data, re.DOTALL) is not None


@scalar("pg_like_escape_bytes", ["BLOB", "BLOB"], "BLOB")
def like_escape_bytes(pattern: bytes, escape: bytes) -> bytes:
    """`like_escape` of bytes, each of which is a character."""
    escaped: str = like_escape(pattern.decode("latin-1"), escape.decode("latin-1"))
    return escaped.encode("latin-1")


function("like_escape", "bytea, bytea", "pg_like_escape_bytes({0}, {1})")
operator("~~", "bytea, bytea", "pg_like_bytes({0}, {1})")
operator("!~~", "bytea, bytea", "(NOT pg_like_bytes({0}, {1}))")
function("like", "bytea, bytea", "pg_like_bytes({0}, {1})")
function("notlike", "bytea, bytea", "(NOT pg_like_bytes({0}, {1}))")
