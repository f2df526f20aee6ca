"""SIMILAR TO and substring(text SIMILAR pattern ESCAPE escape): SQL's regular expressions.

Source: https://www.postgresql.org/docs/15/functions-matching.html#FUNCTIONS-SIMILARTO-REGEXP
"""

from __future__ import annotations

from typing import Any

from fedgate.cache import of_texts
from fedgate.errors import SqlError
from fedgate.sql.functions import regex_bounds
from fedgate.sql.functions.carriers import E, Emit, quote
from fedgate.sql.functions.emit import TEXT
from fedgate.sql.functions.regex import known
from fedgate.sql.functions.table import function
from fedgate.sql.functions.udf import scalar

_T = "VARCHAR"


@scalar("pg_similar", [_T, _T], _T, strict=False)
def similar(pattern: str | None, escape: str | None) -> str | None:
    """similar_to_escape: the pattern as an ARE."""
    if pattern is None:
        return None
    parts = _parts(pattern, "\\" if escape is None else escape)
    return _joined(parts)


def _joined(parts: tuple[str, ...]) -> str:
    if len(parts) == 1:
        return f"^(?:{parts[0]})$"
    return f"^(?:{parts[0]}){{1,1}}?({parts[1]}){{1,1}}(?:{''.join(parts[2:])})$"


@of_texts(256)
def _parts(pattern: str, escape: str) -> tuple[str, ...]:
    """The pattern as AREs, cut at its escape-double-quote separators."""
    if len(escape) > 1:
        raise SqlError("22025", "invalid escape string", hint="Escape string must be empty or one character.")
    parts: list[list[str]] = [[]]
    skip, inside = False, False
    for c in pattern:
        out = parts[-1]
        if skip:
            if c == '"' and not inside:
                if len(parts) == 3:
                    raise SqlError("2200C", "SQL regular expression may not contain more than two escape-double-quote separators")
                parts.append([])
            else:
                out.append("\\" + c)  # letters among them: \\d is a digit here, too
            skip = False
        elif escape and c == escape:
            skip = True
        elif inside:
            out.append("\\\\" if c == "\\" else c)
            inside = c != "]"
        elif c == "[":
            out.append(c)
            inside = True
        else:
            out.append({"%": ".*", "_": ".", "(": "(?:"}.get(c, "\\" + c if c in "\\.^$" else c))
    return tuple("".join(p) for p in parts)


@scalar("pg_similar_substring", [_T, _T, _T], _T)
def similar_substring(text: str, pattern: str, escape: str) -> str | None:
    """The part between the separators: the first part takes as little as it can, the second then as much."""
    before, *rest = (known(text, part) for part in _parts(pattern, escape))
    for regex in (before, *rest):
        regex_bounds.check(regex, len(text))
    if not rest:
        return text if before.fullmatch(text) else None
    middle, after = rest[0], rest[1] if len(rest) > 1 else known(text, "")
    for start in range(len(text) + 1):
        if before.fullmatch(text, 0, start):
            for end in range(len(text), start - 1, -1):
                if after.fullmatch(text, end) and middle.fullmatch(text, start, end):
                    return text[start:end]
    return None


def _similar(cx: Emit, a: tuple[E, ...], node: Any) -> E | str:
    escape = a[1] if len(a) > 1 else E("'\\'", TEXT, None, True, "\\")
    if escape.is_null and node.name == "similar_to_escape":
        return E("CAST(NULL AS VARCHAR)", TEXT, None, True, None)
    if a[0].literal and escape.literal and isinstance(a[0].value, str):
        pattern = similar(a[0].value, escape.value)
        return E(quote(pattern), TEXT, None, True, pattern)
    call = f"pg_similar({a[0].sql}, {escape.sql})"
    # similar_to_escape is strict, similar_escape reads a NULL as no escape given.
    return f"CASE WHEN {escape.sql} IS NOT NULL THEN {call} END" if node.name == "similar_to_escape" else call


function("similar_to_escape similar_escape", "string", _similar)
function("similar_to_escape similar_escape", "string, string", _similar)
function("substring", "string, string, string", "pg_similar_substring({0}, {1}, {2})")
