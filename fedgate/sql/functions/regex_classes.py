"""Character classes of regular expressions in C.UTF-8, written for Python's and RE2's brackets.

Two writings: for texts of ASCII alone, short and known to RE2, and for all others, by PostgreSQL 15's own tables.
Source: https://www.postgresql.org/docs/15/functions-matching.html#POSIX-CLASS-SHORTHAND-ESCAPES-TABLE
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import re
from functools import cache
from re._casefix import _EXTRA_CASES  # type: ignore[import-not-found]
from typing import Final

from fedgate.errors import SqlError
from fedgate.sql import tables

ESCAPES: Final = {"d": "digit", "s": "space", "w": "word"}
_ASCII: Final = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r" \t-\r",
    "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9A-Fa-f", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f", "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e", "word": "a-zA-Z0-9_",
}  # fmt: skip
_ASCII_NOT: Final = {
    "digit": r"\x00-/:-\U0010ffff", "space": r"\x00-\x08\x0e-\x1f!-\U0010ffff", "word": r"\x00-/:-@\[-\^`{-\U0010ffff"
}  # fmt: skip
_LAST: Final = 0x10FFFF
_CASED_LAST: Final = 0x1E944  # no letter beyond has cases


@cache
def inside(name: str, *, ascii_only: bool, fold: bool, negated: bool = False) -> str:
    """A class as it stands within brackets. `fold`: cases are one, then upper and lower are all letters. Raises SqlError 2201B."""
    if name not in _ASCII:
        raise SqlError("2201B", "invalid regular expression: invalid character class")
    if fold and name in ("upper", "lower"):
        name = "alpha"
    if ascii_only:
        return _ASCII_NOT[name] if negated else _ASCII[name]
    ranges = _ranges(name)
    return "".join(_escaped(low) if low == high else f"{_escaped(low)}-{_escaped(high)}" for low, high in _not(ranges, negated))


def escape(letter: str, *, ascii_only: bool) -> str:
    r"""\d, \s, \w and their complements outside brackets."""
    body = inside(ESCAPES[letter.lower()], ascii_only=ascii_only, fold=False)
    return f"[{'^' if letter.isupper() else ''}{body}]"


def folds_otherwise(pattern: str, text: str) -> bool:
    """Whether Python's matching without regard to case could take letters for one that PostgreSQL tells apart.

    PostgreSQL takes a letter of the pattern with its own upper and lower case, Python with all that have the same: k with the
    Kelvin sign, s with the long ſ. That matters where one of these stands beside another of its letters, or beside a range.
    """
    both = pattern + text
    test, groups = _odd_letters()
    return any("[" in pattern or any(other != c and other in both for other in groups[c]) for c in set(test.findall(both)))


@cache
def _odd_letters() -> tuple[re.Pattern[str], dict[str, str]]:
    """The letters that are not one of a pair of cases, and with each all letters that Python takes for the same."""
    alike: dict[int, set[int]] = {}
    for code in range(_CASED_LAST):
        if _sre.unicode_iscased(code):
            alike.setdefault(_sre.unicode_tolower(code), set()).add(code)
    for code, others in _EXTRA_CASES.items():
        group = set().union(*(alike.get(other, {other}) for other in (code, *others)))
        alike.update(dict.fromkeys((code, *others), group))
    groups = ["".join(map(chr, sorted(group))) for group in alike.values() if len(group) > 1]
    found = {c: letters for letters in groups for c in letters if not _is_paired(c)}
    return re.compile("[" + "".join(map(re.escape, found)) + "]"), found


def _is_paired(c: str) -> bool:
    lower, upper = c.lower(), c.upper()
    return (lower != c and lower.upper() == c) or (upper != c and upper.lower() == c)


def _ranges(name: str) -> list[tuple[int, int]]:
    known = tables.character_classes()
    match name:
        case "digit":
            return [(48, 57)]
        case "xdigit":
            return [(48, 57), (65, 70), (97, 102)]
        case "blank":
            return [(9, 9), (32, 32)]
        case "alnum":
            return sorted([(48, 57), *known["alpha"]])
        case "word":
            return sorted([(48, 57), (95, 95), *known["alpha"]])
    return list(known[name])


def _not(ranges: list[tuple[int, int]], negated: bool) -> list[tuple[int, int]]:
    if not negated:
        return ranges
    result, start = [], 0
    for low, high in ranges:
        if low > start:
            result.append((start, low - 1))
        start = high + 1
    return [*result, (start, _LAST)] if start <= _LAST else result


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
