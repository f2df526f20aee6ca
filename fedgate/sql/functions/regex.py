"""Regular expressions: PostgreSQL's ARE syntax run by Python's `re` on translated patterns; plain constant ones by DuckDB's RE2.

Not every ARE can be said: what cannot (lookbehind of variable width, equivalence classes) is 0A000, never a different match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions import regex_bounds
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.emit import TEXT
from fedgate.sql.functions.regex_extent import every as _every
from fedgate.sql.functions.regex_extent import found as _found
from fedgate.sql.functions.table import function, operator, srf
from fedgate.sql.functions.udf import define, scalar
from fedgate.types import SqlType

_T = "VARCHAR"
_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f", "print": r"\x20-\x7e", "graph": r"\x21-\x7e", "word": r"\w",
}  # fmt: skip
_ESCAPES = {"m": r"\b(?=\w)", "M": r"\b(?<=\w)", "y": r"\b", "Y": r"\B", "A": r"\A", "Z": r"\Z"}
_SIMPLE = re.compile(r"\^?(?:[\w \-:;,/@#%&=<>!~'\"]|\\[.\\/+*?()\[\]{}|^$\-]|\.[*+]?|\[[\w\-]+\][*+?]?)*\$?\Z", re.ASCII)


def simple(pattern: str) -> bool:
    """Whether a pattern means the same to RE2 as it does to PostgreSQL."""
    return _SIMPLE.match(pattern) is not None


@lru_cache(maxsize=512)
def compiled(pattern: str, flags: str = "") -> re.Pattern[str]:
    """An ARE as Python's. Raises SqlError 2201B, 0A000."""
    bits = re.DOTALL
    if pattern.startswith("***="):
        return re.compile(re.escape(pattern[4:]), bits)
    if pattern.startswith("***:"):
        pattern = pattern[4:]
    if embedded := re.match(r"\(\?([a-z]+)\)", pattern):
        flags, pattern = embedded[1] + flags, pattern[embedded.end() :]
    for flag in flags:
        match flag:
            case "i":
                bits |= re.IGNORECASE
            case "c":
                bits &= ~re.IGNORECASE
            case "n" | "m":
                bits = bits & ~re.DOTALL | re.MULTILINE
            case "s":
                bits = bits & ~re.MULTILINE | re.DOTALL
            case "p":
                bits &= ~re.DOTALL
            case "w":
                bits |= re.MULTILINE
            case "x":
                bits |= re.VERBOSE
            case "q":
                return re.compile(re.escape(pattern), bits)
            case "g" | "t" | "e" | "b":
                if set(flags) - set("icnmspwxqgteb"):
                    continue  # the option that is none is reported first
                if flag == "b":
                    raise unsupported("basic regular expressions")
            case _:
                raise SqlError("22023", f'invalid regular expression option: "{flag}"')
    try:
        return re.compile(_translate(pattern, bool(bits & re.MULTILINE)), bits)
    except re.error as error:
        raise SqlError("2201B", f"invalid regular expression: {error.msg}") from None


def _translate(pattern: str, lines: bool) -> str:
    out, i = [], 0
    while i < len(pattern):
        c = pattern[i]
        if c == "\\" and i + 1 < len(pattern):
            out.append(_ESCAPES.get(pattern[i + 1], pattern[i : i + 2]))
            i += 2
        elif c == "[":
            text, i = _bracket(pattern, i)
            out.append(text)
        elif c == "$" and not lines:
            out.append(r"\Z")
            i += 1
        else:
            out.append(c)
            i += 1
    return "".join(out)


def _bracket(pattern: str, start: int) -> tuple[str, int]:
    if pattern.startswith(("[[:<:]]", "[[:>:]]"), start):
        return _ESCAPES["m" if pattern[start + 3] == "<" else "M"], start + 7
    i = start + 1
    out = ["["]
    if pattern[i : i + 1] == "^":
        out.append("^")
        i += 1
    first = True
    while i < len(pattern):
        c = pattern[i]
        if c == "]" and not first:
            return "".join(out) + "]", i + 1
        first = False
        if pattern.startswith("[:", i):
            end = pattern.find(":]", i)
            name = pattern[i + 2 : end]
            if end < 0 or name not in _CLASSES:
                raise SqlError("2201B", "invalid regular expression: invalid character class")
            out.append(_CLASSES[name])
            i = end + 2
        elif pattern.startswith(("[.", "[="), i):
            raise unsupported("collating elements in regular expressions")
        elif c == "\\" and i + 1 < len(pattern):
            out.append(pattern[i : i + 2])
            i += 2
        else:
            out.append("\\" + c if c in "[]&|~" else c)
            i += 1
    raise SqlError("2201B", "invalid regular expression: brackets [] not balanced")


# -- matching -----------------------------------------------------------------------------------------------------------------


def found(pattern: re.Pattern[str], text: str, start: int, *, groups: bool) -> re.Match[str] | None:
    """`regex_extent.found`, its time bounded."""
    regex_bounds.check(pattern, len(text))
    return _found(pattern, text, start, groups=groups)


def every(pattern: re.Pattern[str], text: str, start: int = 0, *, groups: bool) -> Iterator[re.Match[str]]:
    """`regex_extent.every`, its time bounded."""
    regex_bounds.check(pattern, len(text))
    return _every(pattern, text, start, groups=groups)


def like(texts: Any, patterns: Any, flags: Any) -> pa.Array:
    """Which texts match: by RE2 where one pattern is given and could cost Python much, else row by row."""
    if len(texts) and len(pc.unique(patterns)) == len(pc.unique(flags)) == 1 and patterns[0].is_valid and flags[0].is_valid:
        pattern = compiled(patterns[0].as_py(), flags[0].as_py())
        if regex_bounds.degree(pattern) > 1:
            column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
            if (result := regex_bounds.tested(column, pattern)) is not None:
                return result
    rows = zip(texts.to_pylist(), patterns.to_pylist(), flags.to_pylist(), strict=True)
    return pa.array([None if None in row else regex_like(*row) for row in rows], pa.bool_())


def regex_like(text: str, pattern: str, flags: str) -> bool:
    known = compiled(pattern, flags)
    regex_bounds.check(known, len(text))
    return known.search(text) is not None


define("pg_regex_like", [_T, _T, _T], "BOOLEAN", like)


def _match(insensitive: bool, negated: bool) -> Any:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> str:
        text, pattern = a
        if pattern.literal and isinstance(pattern.value, str):
            compiled(pattern.value, "")  # raises now what would raise later
            if simple(pattern.value) and not insensitive:
                test = f"regexp_matches({text.sql}, {pattern.sql}, 's')"
                return f"(NOT {test})" if negated else test
        flags = "'i'" if insensitive else "''"
        test = f"pg_regex_like({text.sql}, {pattern.sql}, {flags})"
        return f"(NOT {test})" if negated else test

    return lower


for _op, _i, _n in (("~", False, False), ("~*", True, False), ("!~", False, True), ("!~*", True, True)):
    operator(_op, "string|bpchar, string", _match(_i, _n))


def _groups(match: re.Match[str]) -> list[str | None]:
    return list(match.groups()) if match.re.groups else [match[0]]


@scalar("pg_regexp_match", [_T, _T, _T], "VARCHAR[]")
def regexp_match(text: str, pattern: str, flags: str) -> list[str | None] | None:
    if "g" in flags:
        raise SqlError(
            "22023", 'regexp_match() does not support the "global" option', hint="Use the regexp_matches function instead."
        )
    match = found(compiled(pattern, flags), text, 0, groups=True)
    return _groups(match) if match else None


@scalar("pg_regexp_matches", [_T, _T, _T], "VARCHAR[][]")
def regexp_matches(text: str, pattern: str, flags: str) -> list[list[str | None]]:
    matches = every(compiled(pattern, flags), text, groups=True)
    return [_groups(m) for m in (matches if "g" in flags else islice(matches, 1))]


def _replacement(text: str) -> Any:
    parts = re.split(r"\\([0-9&\\])", text)

    def expand(match: re.Match[str]) -> str:
        out = []
        for i, part in enumerate(parts):
            if i % 2 == 0:
                out.append(part)
            elif part == "\\":
                out.append("\\")
            else:
                number = 0 if part in "&0" else int(part)
                out.append((match[number] or "") if number <= match.re.groups else "")
        return "".join(out)

    return expand


@scalar("pg_regexp_replace", [_T, _T, _T, _T], _T)
def regexp_replace(text: str, pattern: str, new: str, flags: str) -> str:
    if flags[:1].isdigit():
        raise SqlError("22023", f'invalid regular expression option: "{flags[0]}"')
    expand = _replacement(new)
    matches = every(compiled(pattern, flags), text, groups=re.search(r"\\[1-9]", new) is not None)
    out, last = [], 0
    for match in matches if "g" in flags else islice(matches, 1):
        out += [text[last : match.start()], expand(match)]
        last = match.end()
    return "".join([*out, text[last:]])


def _from(start: int) -> bool:
    if start <= 0:
        raise SqlError("22023", f'invalid value for parameter "start": {start}')
    return True


def regexp_split(text: str, pattern: str, flags: str) -> list[str | None]:
    out: list[str | None] = []
    last = 0
    for m in every(compiled(pattern, flags), text, groups=False):
        if m.start() >= len(text) or m.end() <= last:
            continue  # an empty match at either end, or right behind the one before
        out.append(text[last : m.start()])
        last = m.end()
    out.append(text[last:])
    return out


scalar("pg_regexp_split", [_T, _T, _T], "VARCHAR[]")(regexp_split)
scalar("pg_regexp_count", [_T, _T, "INTEGER", _T], "INTEGER")(
    lambda text, pattern, start, flags: (
        _from(start) and sum(1 for _ in every(compiled(pattern, flags), text, start - 1, groups=False))
    )
)


@scalar("pg_regexp_substr", [_T, _T], _T)
def regexp_substr(text: str, pattern: str) -> str | None:
    """substring(text from pattern): the first group, or the whole match."""
    match = found(compiled(pattern), text, 0, groups=True)
    return None if match is None else (match[1] if match.re.groups else match[0])


function("regexp_match", "string, string", "pg_regexp_match({0}, {1}, '')")
function("regexp_match", "string, string, string", "pg_regexp_match({0}, {1}, {2})")
function("regexp_replace", "string, string, string", "pg_regexp_replace({0}, {1}, {2}, '')")
function("regexp_replace", "string, string, string, string", "pg_regexp_replace({0}, {1}, {2}, {3})")
function("regexp_split_to_array", "string, string", "pg_regexp_split({0}, {1}, '')")
function("regexp_split_to_array", "string, string, string", "pg_regexp_split({0}, {1}, {2})")
function("regexp_like", "string, string", "pg_regex_like({0}, {1}, '')")
function("regexp_like", "string, string, string", "pg_regex_like({0}, {1}, {2})")
function("regexp_count", "string, string", "pg_regexp_count({0}, {1}, 1, '')")
function("regexp_count", "string, string, int4", "pg_regexp_count({0}, {1}, {2}, '')")
function("regexp_count", "string, string, int4, string", "pg_regexp_count({0}, {1}, {2}, {3})")
function("regexp_substr", "string, string", "pg_regexp_substr_all({0}, {1})")
scalar("pg_regexp_substr_all", [_T, _T], _T)(
    lambda text, pattern: m[0] if (m := found(compiled(pattern), text, 0, groups=False)) else None
)
function("substring", "string, string", "pg_regexp_substr({0}, {1})")


def _set(name: str, flags: bool) -> Any:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
        given = a[2].sql if flags else "''"
        oid = SqlType(1009) if name == "pg_regexp_matches" else TEXT
        return (E(f"{name}({a[0].sql}, {a[1].sql}, {given})", oid),)

    return lower


for _name, _udf in (("regexp_matches", "pg_regexp_matches"), ("regexp_split_to_table", "pg_regexp_split")):
    srf(_name, "string, string", _set(_udf, False))
    srf(_name, "string, string, string", _set(_udf, True))

# -- SIMILAR TO ---------------------------------------------------------------------------------------------------------------


@scalar("pg_similar", [_T, _T], _T, strict=False)
def similar(pattern: str | None, escape: str | None) -> str | None:
    """similar_to_escape: the pattern as an ARE."""
    if pattern is None:
        return None
    escape = "\\" if escape is None else escape
    if len(escape) > 1:
        raise SqlError("22025", "invalid escape string", hint="Escape string must be empty or one character.")
    out, skip, inside = ["^(?:"], False, False
    for c in pattern:
        if skip:
            out.append("\\" + c if not c.isalnum() else c)
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
    return "".join(out) + ")$"


def _similar(cx: Emit, a: tuple[E, ...], node: Any) -> E | str:
    escape = a[1] if len(a) > 1 else E("'\\'", TEXT, None, True, "\\")
    if escape.is_null and node.name == "similar_to_escape":
        return E("CAST(NULL AS VARCHAR)", TEXT, None, True, None)
    if a[0].literal and escape.literal and isinstance(a[0].value, str):
        from fedgate.sql.functions.carriers import quote

        pattern = similar(a[0].value, escape.value)
        return E(quote(pattern), TEXT, None, True, pattern)
    call = f"pg_similar({a[0].sql}, {escape.sql})"
    # similar_to_escape is strict, similar_escape reads a NULL as no escape given.
    return f"CASE WHEN {escape.sql} IS NOT NULL THEN {call} END" if node.name == "similar_to_escape" else call


function("similar_to_escape similar_escape", "string", _similar)
function("similar_to_escape similar_escape", "string, string", _similar)
