"""The regexp_* functions over `regex`: parts, counts and places of matches, replacements, splitting.

Source: https://www.postgresql.org/docs/15/functions-matching.html#FUNCTIONS-POSIX-REGEXP
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.emit import TEXT
from fedgate.sql.functions.regex import every, found, known, no_global
from fedgate.sql.functions.table import function, srf
from fedgate.sql.functions.udf import scalar
from fedgate.types import SqlType

_T = "VARCHAR"


def _groups(match: re.Match[str]) -> list[str | None]:
    return list(match.groups()) if match.re.groups else [match[0]]


@scalar("pg_regexp_match", [_T, _T, _T], "VARCHAR[]")
def regexp_match(text: str, pattern: str, flags: str) -> list[str | None] | None:
    if "g" in flags:
        raise no_global("regexp_match")
    match = found(known(text, pattern, flags), text, 0, groups=True)
    return _groups(match) if match else None


@scalar("pg_regexp_matches", [_T, _T, _T], "VARCHAR[][]")
def regexp_matches(text: str, pattern: str, flags: str) -> list[list[str | None]]:
    matches = every(known(text, pattern, flags), text, groups=True)
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
    return _replaced(text, pattern, new, 1, 0 if "g" in flags else 1, flags)


@scalar("pg_regexp_replace_n", [_T, _T, _T, "INTEGER", "INTEGER", _T], _T)
def regexp_replace_n(text: str, pattern: str, new: str, start: int, n: int, flags: str) -> str:
    """The n-th match from `start` on, all of them where n is 0."""
    _positive("start", start)
    if n < 0:
        raise SqlError("22023", f'invalid value for parameter "n": {n}')
    return _replaced(text, pattern, new, start, n, flags)


def _replaced(text: str, pattern: str, new: str, start: int, n: int, flags: str) -> str:
    expand = _replacement(new)
    matches = every(known(text, pattern, flags), text, start - 1, groups=re.search(r"\\[1-9]", new) is not None)
    out, last = [], 0
    for match in islice(matches, n - 1, n) if n else matches:
        out += [text[last : match.start()], expand(match)]
        last = match.end()
    return "".join([*out, text[last:]])


def _positive(name: str, value: int) -> None:
    if value <= 0:
        raise SqlError("22023", f'invalid value for parameter "{name}": {value}')


def regexp_split(text: str, pattern: str, flags: str) -> list[str | None]:
    out: list[str | None] = []
    last = 0
    for m in every(known(text, pattern, flags), text, groups=False):
        if m.start() >= len(text) or m.end() <= last:
            continue  # an empty match at either end, or right behind the one before
        out.append(text[last : m.start()])
        last = m.end()
    out.append(text[last:])
    return out


def _install_split(name: str) -> None:
    def split(text: str, pattern: str, flags: str) -> list[str | None]:
        if "g" in flags:
            known(text, pattern, flags)  # an option that is none is reported first
            raise no_global(name)
        return regexp_split(text, pattern, flags)

    scalar(f"pg_{name}", [_T, _T, _T], "VARCHAR[]")(split)


_install_split("regexp_split_to_array")
_install_split("regexp_split_to_table")


@scalar("pg_regexp_count", [_T, _T, "INTEGER", _T], "INTEGER")
def regexp_count(text: str, pattern: str, start: int, flags: str) -> int:
    _positive("start", start)
    if "g" in flags:
        raise no_global("regexp_count")
    return sum(1 for _ in every(known(text, pattern, flags), text, start - 1, groups=False))


def _nth(text: str, pattern: str, start: int, n: int, flags: str, group: int, name: str) -> re.Match[str] | None:
    """The n-th match from `start` on, both counted from 1, None if there is none or it lacks the group."""
    _positive("start", start)
    _positive("n", n)
    if group < 0:
        raise SqlError("22023", f'invalid value for parameter "subexpr": {group}')
    if "g" in flags:
        raise no_global(name)
    regex = known(text, pattern, flags)
    if group > regex.groups:
        return None
    match = next(islice(every(regex, text, start - 1, groups=group > 0), n - 1, None), None)
    return match if match is not None and match.start(group) >= 0 else None


@scalar("pg_regexp_instr", [_T, _T, "INTEGER[]", _T], "INTEGER")
def regexp_instr(text: str, pattern: str, numbers: list[int | None], flags: str) -> int | None:
    """`numbers`: start, n, endoption, subexpr."""
    if None in numbers:
        return None
    start, n, end, group = (int(x or 0) for x in numbers)
    _positive("start", start)
    _positive("n", n)
    if end not in (0, 1):
        raise SqlError("22023", f'invalid value for parameter "endoption": {end}')
    match = _nth(text, pattern, start, n, flags, group, "regexp_instr")
    return 0 if match is None else (match.end(group) if end else match.start(group)) + 1


@scalar("pg_regexp_substr_n", [_T, _T, "INTEGER[]", _T], _T)
def regexp_substr_n(text: str, pattern: str, numbers: list[int | None], flags: str) -> str | None:
    """`numbers`: start, n, subexpr."""
    if None in numbers:
        return None
    start, n, group = (int(x or 0) for x in numbers)
    match = _nth(text, pattern, start, n, flags, group, "regexp_substr")
    return None if match is None else match[group]


@scalar("pg_regexp_substr", [_T, _T], _T)
def regexp_substr(text: str, pattern: str) -> str | None:
    """substring(text from pattern): the first group, or the whole match."""
    match = found(known(text, pattern), text, 0, groups=True)
    return None if match is None else (match[1] if match.re.groups else match[0])


function("regexp_match", "string, string", "pg_regexp_match({0}, {1}, '')")
function("regexp_match", "string, string, string", "pg_regexp_match({0}, {1}, {2})")
function("regexp_replace", "string, string, string", "pg_regexp_replace({0}, {1}, {2}, '')")
function("regexp_replace", "string, string, string, string", "pg_regexp_replace({0}, {1}, {2}, {3})")
function("regexp_replace", "string, string, string, int4", "pg_regexp_replace_n({0}, {1}, {2}, {3}, 1, '')")
function("regexp_replace", "string, string, string, int4, int4", "pg_regexp_replace_n({0}, {1}, {2}, {3}, {4}, '')")
function("regexp_replace", "string, string, string, int4, int4, string", "pg_regexp_replace_n({0}, {1}, {2}, {3}, {4}, {5})")
function("regexp_split_to_array", "string, string", "pg_regexp_split_to_array({0}, {1}, '')")
function("regexp_split_to_array", "string, string, string", "pg_regexp_split_to_array({0}, {1}, {2})")
function("regexp_like", "string, string", "pg_regex_like({0}, {1}, '')")
function("regexp_like", "string, string, string", "pg_regex_like({0}, {1}, {2})")
function("regexp_count", "string, string", "pg_regexp_count({0}, {1}, 1, '')")
function("regexp_count", "string, string, int4", "pg_regexp_count({0}, {1}, {2}, '')")
function("regexp_count", "string, string, int4, string", "pg_regexp_count({0}, {1}, {2}, {3})")
for _given in range(5):
    _types = ["int4", "int4", "int4", "string", "int4"][: _given + 1]
    _at = [f"{{{2 + i}}}" if i <= _given else d for i, d in enumerate(("1", "1", "0", "''", "0"))]
    _call = f"pg_regexp_instr({{0}}, {{1}}, [{_at[0]}, {_at[1]}, {_at[2]}, {_at[4]}], {_at[3]})"
    function("regexp_instr", ", ".join(["string, string", *_types]), _call)
function("regexp_instr", "string, string", "pg_regexp_instr({0}, {1}, [1, 1, 0, 0], '')")
for _given in range(4):
    _types = ["int4", "int4", "string", "int4"][: _given + 1]
    _at = [f"{{{2 + i}}}" if i <= _given else d for i, d in enumerate(("1", "1", "''", "0"))]
    _call = f"pg_regexp_substr_n({{0}}, {{1}}, [{_at[0]}, {_at[1]}, {_at[3]}], {_at[2]})"
    function("regexp_substr", ", ".join(["string, string", *_types]), _call)
function("regexp_substr", "string, string", "pg_regexp_substr_n({0}, {1}, [1, 1, 0], '')")
function("substring", "string, string", "pg_regexp_substr({0}, {1})")


def _set(name: str, flags: bool) -> Any:
    def lower(cx: Emit, a: tuple[E, ...], node: Any) -> tuple[E, ...]:
        given = a[2].sql if flags else "''"
        oid = SqlType(1009) if name == "pg_regexp_matches" else TEXT
        return (E(f"{name}({a[0].sql}, {a[1].sql}, {given})", oid),)

    return lower


for _name, _udf in (("regexp_matches", "pg_regexp_matches"), ("regexp_split_to_table", "pg_regexp_split_to_table")):
    srf(_name, "string, string", _set(_udf, False))
    srf(_name, "string, string, string", _set(_udf, True))
