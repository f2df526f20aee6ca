"""Which match a regular expression means: PostgreSQL's longest (or shortest) against Python's first.

Both find the leftmost place where any match begins. From there PostgreSQL takes the longest match (the shortest, if the first
quantifier that has a preference is lazy), Python the first that its alternatives and quantifiers try. `study` tells apart

* *exact* patterns, whose next character always decides: Python's match is the only one to prefer;
* others, whose extent `extended` finds by asking for a match of exactly each possible length;
* those whose constraints, lazy alternatives or groups could still differ: SqlError 0A000.

Source: https://www.postgresql.org/docs/15/functions-matching.html#POSIX-MATCHING-RULES
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, Final

from fedgate.cache import of_texts
from fedgate.errors import SqlError

_KNOWN: Final = 0x250  # characters below are told apart, those above are one
_OTHER: Final = 1 << _KNOWN
_ALL: Final = (_OTHER << 1) - 1
_REPEATS: Final = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_PLACES: Final = (_constants.AT_BEGINNING, _constants.AT_BEGINNING_STRING, _constants.AT_END_STRING)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_SAME_BOUNDS: Final = re.compile(r"\{(\d+),\1\}")
Items = list[tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Study:
    """What `study` found. `why`/`why_groups`: why the extent, or what the groups hold, cannot be told (empty: it can)."""

    exact: bool
    shortest: bool
    least: int
    most: int
    why: str = ""
    why_groups: str = ""


def found(pattern: re.Pattern[str], text: str, start: int, *, groups: bool) -> re.Match[str] | None:
    """The first match at or after `start` as PostgreSQL has it. Raises SqlError 0A000 where that cannot be told."""
    first = pattern.search(text, start)
    return None if first is None else _extended(pattern, text, first, groups=groups and pattern.groups > 0)


def every(pattern: re.Pattern[str], text: str, start: int = 0, *, groups: bool) -> Iterator[re.Match[str]]:
    """All matches, one after the other; behind an empty one the search goes on a character later."""
    while start <= len(text) and (match := found(pattern, text, start, groups=groups)) is not None:
        yield match
        start = match.end() + (match.end() == match.start())


def _extended(pattern: re.Pattern[str], text: str, first: re.Match[str], *, groups: bool) -> re.Match[str]:
    about = study(pattern)
    if about.exact:
        return first
    why = about.why or (about.why_groups if groups else "")
    if why:
        raise SqlError(
            "0A000",
            f"what a regular expression with {why} matches is not supported",
            hint="PostgreSQL prefers the longest match; write alternatives that begin differently.",
        )
    start = first.start()
    least, most = start + about.least, min(start + about.most, len(text))
    # The last length to try is that of Python's match, whose groups may be another's.
    ends = range(least, first.end() + 1) if about.shortest else range(most, first.end() - 1, -1)
    for end in ends:
        if (match := (pattern if end == len(text) else _unended(pattern)).fullmatch(text, start, end)) is not None:
            return match
    return first


@of_texts(512)
def _unended(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The pattern for a match that ends before the text does, where `\\Z` would otherwise see the end of what is asked about."""
    return re.compile(_ESCAPE.sub(lambda m: "(?!)" if m[1] == "Z" else m[0], pattern.pattern), pattern.flags)


@of_texts(512)
def study(pattern: re.Pattern[str]) -> Study:
    """See the module docstring."""
    parsed = _parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    items: Items = list(parsed)
    least, most = parsed.getwidth()
    fold = bool(pattern.flags & re.IGNORECASE)
    lazy = any(op is _constants.MIN_REPEAT for op, _ in everything(items))
    if not lazy and decided(items, 0, fold):
        return Study(True, False, least, most)
    # {2,2} sets a preference as other quantifiers do, which Python's tree does not tell from {2}.
    same_bounds = lazy and _SAME_BOUNDS.search(pattern.pattern) is not None
    ends_text = bool(items) and items[-1] == (_constants.AT, _constants.AT_END_STRING)
    body = items[:-1] if ends_text else items
    why_groups = _group_trouble(body, fold)
    if ends_text and not why_groups and not same_bounds and not _constrained(body):
        return Study(True, False, least, most)  # the extent is fixed, and so is what each part takes
    why = "constraints or back references beside ambiguous parts" if _constrained(items) else ""
    if lazy and ("|" in pattern.pattern or same_bounds or _nested(items)):
        why = why or "lazy quantifiers beside alternatives or nested repetitions"
    return Study(False, lazy and _preference(items) == "short", least, most, why, why_groups)


def everything(items: Items) -> Iterator[tuple[Any, Any]]:
    for op, value in items:
        yield op, value
        for inner in insides(op, value):
            yield from everything(inner)


def insides(op: Any, value: Any) -> list[Items]:
    if op is _constants.SUBPATTERN:
        return [list(value[3])]
    if op is _constants.BRANCH:
        return [list(b) for b in value[1]]
    if op in _REPEATS:
        return [list(value[2])]
    if op in (_constants.ASSERT, _constants.ASSERT_NOT):
        return [list(value[1])]
    return []


def _nested(items: Items) -> bool:
    """Whether something with a preference of its own is repeated."""
    return any(op in _REPEATS and _preference(list(value[2])) for op, value in everything(items))


def _constrained(items: Items) -> bool:
    """Whether something looks at what is around it, so that a match of a part of the text is another thing."""
    for op, value in everything(items):
        if op is _constants.AT and value not in _PLACES:
            return True
        if op in (_constants.ASSERT, _constants.ASSERT_NOT, _constants.GROUPREF):
            return True
    return False


def _preference(items: Items) -> str:
    """The preference of the first part that has one: "long", "short" or ""."""
    for op, value in items:
        if op in _REPEATS and value[0] != value[1]:
            return "short" if op is _constants.MIN_REPEAT else "long"
        if op is _constants.BRANCH:
            return "long"
        for inner in insides(op, value):
            if kind := _preference(inner):
                return kind
    return ""


# -- does the next character decide? -------------------------------------------------------------------------------------------


def decided(items: Items, follow: int, fold: bool) -> bool:
    """Whether every choice in a sequence is settled by the next character, when `follow` may come after it."""
    for i, (op, value) in enumerate(items):
        after = _first(items[i + 1 :], fold)
        if _nullable(items[i + 1 :]):
            after |= follow
        if not _choice_decided(op, value, after, fold):
            return False
    return True


def _choice_decided(op: Any, value: Any, after: int, fold: bool) -> bool:
    if op in _REPEATS:
        low, high, inner = value[0], value[1], list(value[2])
        again = _first(inner, fold)
        if low != high and (again & after or _nullable(inner)):
            return False
        return decided(inner, after | (again if high > 1 else 0), fold)
    if op is _constants.BRANCH:
        branches = [list(b) for b in value[1]]
        seen = 0
        for i, branch in enumerate(branches):
            first = _first(branch, fold)
            if first & seen or (_nullable(branch) and (i + 1 < len(branches) or seen & after)):
                return False
            seen |= first
        return all(decided(b, after, fold) for b in branches)
    if op is _constants.GROUPREF:
        return False
    return all(decided(inner, after, fold) for inner in insides(op, value))


def _nullable(items: Items) -> bool:
    for op, value in items:
        if op in _REPEATS:
            if value[0] and not _nullable(list(value[2])):
                return False
        elif op is _constants.BRANCH:
            if not any(_nullable(list(b)) for b in value[1]):
                return False
        elif op is _constants.SUBPATTERN:
            if not _nullable(list(value[3])):
                return False
        elif op not in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT, _constants.GROUPREF):
            return False
    return True


def _first(items: Items, fold: bool) -> int:
    """The characters that a sequence may begin with, as bits."""
    result = 0
    for item in items:
        op, value = item
        inner = insides(op, value) if op not in (_constants.ASSERT, _constants.ASSERT_NOT) else []
        if inner:
            for part in inner:
                result |= _first(part, fold)
        elif op is _constants.GROUPREF:
            return _ALL
        elif op not in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
            result |= _characters(op, value, fold)
        if not _nullable([item]):
            break
    return result


def _characters(op: Any, value: Any, fold: bool) -> int:
    if op is _constants.ANY:
        return _ALL
    if op is _constants.LITERAL:
        return _bit(value, fold)
    if op is _constants.NOT_LITERAL:
        return _ALL if fold else _ALL & ~(_bit(value, False) & ~_OTHER)
    if op is _constants.IN:
        return _class(value, fold)
    return _ALL


def _class(parts: Items, fold: bool) -> int:
    bits, negated = 0, False
    for op, value in parts:
        if op is _constants.NEGATE:
            negated = True
        elif op is _constants.LITERAL:
            bits |= _bit(value, fold)
        elif op is _constants.RANGE:
            low, high = value
            for code in range(low, min(high, _KNOWN - 1) + 1):
                bits |= _bit(code, fold)
            bits |= _OTHER if high >= _KNOWN else 0
        else:
            bits |= _category(value)
    if not negated:
        return bits
    return _ALL if fold else (_ALL & ~bits) | _OTHER


_CATEGORIES: Final = {
    _constants.CATEGORY_DIGIT: r"\d", _constants.CATEGORY_NOT_DIGIT: r"\D", _constants.CATEGORY_SPACE: r"\s",
    _constants.CATEGORY_NOT_SPACE: r"\S", _constants.CATEGORY_WORD: r"\w", _constants.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


@lru_cache(maxsize=16)
def _category(value: Any) -> int:
    test = re.compile(_CATEGORIES[value])
    return sum(1 << code for code in range(_KNOWN) if test.match(chr(code))) | _OTHER


def _bit(code: int, fold: bool) -> int:
    if not fold:
        return 1 << min(code, _KNOWN)
    letters = {chr(code), chr(code).lower(), chr(code).upper()}
    return sum(1 << place for place in {min(ord(c), _KNOWN) for text in letters for c in text})


# -- do the parts take what they take in PostgreSQL? ---------------------------------------------------------------------------


def _group_trouble(items: Items, fold: bool, *, alone: bool = False) -> str:
    """Why the parts of a match of known extent could be cut otherwise; empty when they cannot.

    Safe are rows of characters, of classes repeated without upper bound, and of groups with at most one repetition each (`alone`).
    """
    for op, value in items:
        if op is _constants.SUBPATTERN:
            inner = list(value[3])
            if decided(inner, 0, fold) and _width(inner) is not None:
                continue
            if sum(1 for part, _ in inner if part in _REPEATS) > 1 or any(p is _constants.SUBPATTERN for p, _ in inner):
                return "groups of several ambiguous parts"
            if trouble := _group_trouble(inner, fold, alone=True):
                return trouble
        elif op in _REPEATS:
            low, high, inner = value[0], value[1], list(value[2])
            if low != high and ((high is not _constants.MAXREPEAT and not alone) or len(inner) != 1 or _width(inner) != 1):
                return "groups beside ambiguous repetitions"
        elif op is _constants.BRANCH:
            return "groups beside ambiguous alternatives"
    return ""


def _width(items: Items) -> int | None:
    """The number of characters that a sequence always takes, None when it varies or holds a choice."""
    total = 0
    for op, value in items:
        if op in _REPEATS:
            inner = _width(list(value[2]))
            if value[0] != value[1] or inner is None:
                return None
            total += inner * int(value[0])
        elif op is _constants.SUBPATTERN:
            inner = _width(list(value[3]))
            if inner is None:
                return None
            total += inner
        elif op is _constants.BRANCH:
            widths = {_width(list(b)) for b in value[1]}
            if len(widths) != 1 or None in widths:
                return None
            total += widths.pop() or 0
        elif op is not _constants.AT:
            total += 1
    return total
