"""Regular expressions: PostgreSQL's ARE syntax run by Python's `re` on translated patterns; plain constant ones by DuckDB's RE2.

Not every ARE can be said: what cannot (lookbehind of variable width, equivalence classes) is 0A000, never a different match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions import regex_bounds, regex_classes
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.regex_extent import every as _every
from fedgate.sql.functions.regex_extent import found as _found
from fedgate.sql.functions.table import operator
from fedgate.sql.functions.udf import define

_T = "VARCHAR"
_ESCAPES = {"m": r"\b(?=\w)", "M": r"\b(?<=\w)", "y": r"\b", "Y": r"\B", "A": r"\A", "Z": r"\Z"}
_SIMPLE = re.compile(r"\^?(?:[\w \-:;,/@#%&=<>!~'\"]|\\[.\\/+*?()\[\]{}|^$\-]|\.[*+]?|\[[\w\-]+\][*+?]?)*\$?\Z", re.ASCII)


def simple(pattern: str) -> bool:
    """Whether a pattern means the same to RE2 as it does to PostgreSQL."""
    return _SIMPLE.match(pattern) is not None


@lru_cache(maxsize=512)
def compiled(pattern: str, flags: str = "", *, ascii_only: bool = True) -> re.Pattern[str]:
    """An ARE as Python's, for texts that are ASCII or for any. Raises SqlError 2201B, 0A000."""
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
        return re.compile(_Translation(pattern, ascii_only, bits).text(), bits)
    except re.error as error:
        raise SqlError("2201B", f"invalid regular expression: {error.msg}") from None


@dataclass(frozen=True, slots=True)
class _Translation:
    """An ARE on its way to Python's syntax; `bits` are Python's flags."""

    pattern: str
    ascii_only: bool
    bits: int

    def text(self) -> str:
        pattern, out, i = self.pattern, [], 0
        while i < len(pattern):
            c = pattern[i]
            if c == "\\" and i + 1 < len(pattern):
                out.append(self._escape(pattern[i + 1]))
                i += 2
            elif c == "[":
                text, i = self._bracket(i)
                out.append(text)
            elif c == "$" and not self.bits & re.MULTILINE:
                out.append(r"\Z")
                i += 1
            else:
                out.append(c)
                i += 1
        return "".join(out)

    def _escape(self, letter: str) -> str:
        if letter.lower() in regex_classes.ESCAPES:
            return regex_classes.escape(letter, ascii_only=self.ascii_only)
        return _ESCAPES.get(letter, "\\" + letter)

    def _class(self, name: str, *, negated: bool = False) -> str:
        return regex_classes.inside(name, ascii_only=self.ascii_only, fold=bool(self.bits & re.IGNORECASE), negated=negated)

    def _bracket(self, start: int) -> tuple[str, int]:
        pattern = self.pattern
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
                out.append(self._class(pattern[i + 2 : end] if end > 0 else ""))
                i = end + 2
            elif pattern.startswith(("[.", "[="), i):
                raise unsupported("collating elements in regular expressions")
            elif c == "\\" and i + 1 < len(pattern):
                letter = pattern[i + 1]
                name = regex_classes.ESCAPES.get(letter.lower())
                out.append(self._class(name, negated=letter.isupper()) if name else pattern[i : i + 2])
                i += 2
            else:
                out.append("\\" + c if c in "[]&|~" else c)
                i += 1
        raise SqlError("2201B", "invalid regular expression: brackets [] not balanced")


def known(text: str, pattern: str, flags: str = "") -> re.Pattern[str]:
    """The pattern as this text needs it."""
    return compiled(pattern, flags, ascii_only=text.isascii())


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
    """Which texts match: by RE2 where it means the same, else row by row."""
    if len(texts) and len(pc.unique(patterns)) == len(pc.unique(flags)) == 1 and patterns[0].is_valid and flags[0].is_valid:
        pattern = compiled(patterns[0].as_py(), flags[0].as_py())
        column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        if "g" not in flags[0].as_py() and (result := regex_bounds.tested(column, pattern)) is not None:
            return result
    rows = zip(texts.to_pylist(), patterns.to_pylist(), flags.to_pylist(), strict=True)
    return pa.array([None if None in row else regex_like(*row) for row in rows], pa.bool_())


def regex_like(text: str, pattern: str, flags: str) -> bool:
    if "g" in flags:
        raise no_global("regexp_like")
    regex = known(text, pattern, flags)
    regex_bounds.check(regex, len(text))
    return regex.search(text) is not None


def no_global(name: str) -> SqlError:
    """The error for a function of one match that is asked for all."""
    hint = "Use the regexp_matches function instead." if name == "regexp_match" else None
    return SqlError("22023", f'{name}() does not support the "global" option', hint=hint)


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
