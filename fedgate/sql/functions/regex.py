"""Regular expressions: PostgreSQL's ARE syntax run by Python's `re` on translated patterns; plain constant ones by DuckDB's RE2.

Not every ARE can be said: what cannot (lookbehind of variable width, equivalence classes) is 0A000, never a different match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fedgate.cache import of_texts
from fedgate.errors import SqlError, unsupported
from fedgate.sql.functions import regex_bounds
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.regex_classes import folds_otherwise
from fedgate.sql.functions.regex_extent import every as _every
from fedgate.sql.functions.regex_extent import found as _found
from fedgate.sql.functions.regex_syntax import translate
from fedgate.sql.functions.table import operator
from fedgate.sql.functions.udf import define

ASCII = "\0"
"""Begins a pattern that knows no letters but those of ASCII; no text of PostgreSQL holds it."""
_T = "VARCHAR"
_NOT_EXTENDED = re.compile(r"\\[A-Za-z0-9]|\[[^\]]*\\|[*+?}]\?|\(\?")
_SIMPLE = re.compile(r"\^?(?:[\w \-:;,/@#%&=<>!~'\"]|\\[.\\/+*?()\[\]{}|^$\-]|\.[*+]?|\[[\w\-]+\][*+?]?)*\$?\Z", re.ASCII)


def simple(pattern: str) -> bool:
    """Whether a pattern means the same to RE2 as it does to PostgreSQL."""
    return _SIMPLE.match(pattern) is not None


@dataclass(slots=True)
class _Options:
    """What the letters of options say. `kind`: b, e (basic, extended) or nothing (advanced)."""

    bits: int = re.DOTALL
    expanded: bool = False
    quoted: bool = False
    kind: str = ""

    def take(self, letter: str) -> bool:
        """Sets an option; whether it is one."""
        match letter:
            case "i":
                self.bits |= re.IGNORECASE
            case "c":
                self.bits &= ~re.IGNORECASE
            case "n" | "m":
                self.bits = self.bits & ~re.DOTALL | re.MULTILINE
            case "s":
                self.bits = self.bits & ~re.MULTILINE | re.DOTALL
            case "p":
                self.bits &= ~(re.DOTALL | re.MULTILINE)
            case "w":
                self.bits |= re.MULTILINE | re.DOTALL
            case "x" | "t":
                self.expanded = letter == "x"
            case "q":
                self.quoted, self.kind = True, ""
            case "b" | "e":
                self.quoted, self.kind = False, letter
        return letter in "icnmspwxtqbe"


@of_texts(512)
def compiled(pattern: str, flags: str = "", *, ascii_only: bool = True) -> re.Pattern[str]:
    """An ARE as Python's, for texts that are ASCII or for any. Raises SqlError 2201B, 22023, 0A000."""
    options = _Options()
    if pattern.startswith(ASCII):
        pattern, ascii_only = pattern[1:], True
        options.bits |= re.ASCII
    for flag in flags:
        if flag != "g" and not options.take(flag):
            raise SqlError("22023", f'invalid regular expression option: "{flag}"')
    pattern = _prefixed(pattern, options)
    if options.quoted:
        return re.compile(re.escape(pattern), options.bits & ~re.MULTILINE | re.DOTALL)
    if options.kind == "b":
        raise unsupported("basic regular expressions")
    if options.kind == "e" and _NOT_EXTENDED.search(pattern):
        raise unsupported("escapes and lazy quantifiers in extended regular expressions")
    text = translate(pattern, ascii_only=ascii_only, bits=options.bits, expanded=options.expanded)
    try:
        return re.compile(text, options.bits)
    except re.error as error:
        if error.msg.startswith("look-behind"):
            raise unsupported("lookbehind of variable width in regular expressions") from None
        raise SqlError("2201B", f"invalid regular expression: {error.msg}") from None


def _prefixed(pattern: str, options: _Options) -> str:
    """The pattern behind its director (***=) or embedded options, which `options` takes."""
    if options.quoted or options.kind:
        return pattern
    if pattern.startswith("***="):
        options.quoted = True
        return pattern[4:]
    if pattern.startswith("***:"):
        pattern = pattern[4:]
    elif pattern.startswith("***"):
        raise SqlError("2201B", "invalid regular expression: quantifier operand invalid")
    if embedded := re.match(r"\(\?([a-zA-Z]+)(\)?)", pattern):
        if not embedded[2] or not all(options.take(letter) for letter in embedded[1]):
            raise SqlError("2201B", "invalid regular expression: invalid embedded option")
        pattern = pattern[embedded.end() :]
    return pattern


def known(text: str, pattern: str, flags: str = "") -> re.Pattern[str]:
    """The pattern as this text needs it. Raises SqlError 0A000 where one of both has letters that Python folds otherwise."""
    ascii_only = text.isascii()
    found = compiled(pattern, flags, ascii_only=ascii_only)
    if (
        found.flags & re.IGNORECASE
        and not found.flags & re.ASCII
        and not (ascii_only and pattern.isascii())
        and folds_otherwise(pattern, text)
    ):
        raise unsupported("these letters in a regular expression without regard to case")
    return found


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
