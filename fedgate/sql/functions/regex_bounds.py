"""What a regular expression may cost.

Python's engine tries one way after the other and cannot be interrupted, so the time of a match is bounded before it begins:
tests go to RE2 (through Arrow), which needs no bound; what only Python can do is refused where the ways to try grow
exponentially, or are too many for the text.
"""

from __future__ import annotations

import math
import re
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from fedgate.cache import of_texts
from fedgate.errors import SqlError
from fedgate.sql.functions.regex_extent import Items, decided, everything, insides

WAYS: Final = 100_000_000  # a few seconds of Python's engine
_FEW: Final = 4  # so many repetitions multiply the ways, more are taken for exponential
_ENDLESS: Final = 99
_SHORT: Final = 10  # a text of so few characters is matched soon even so
_OPTIONS: Final = 14  # so many alternatives in a row multiply the ways by some thousands
_REPEATS: Final = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_BEGINNINGS: Final = (_constants.AT_BEGINNING, _constants.AT_BEGINNING_STRING)


@of_texts(512)
def degree(pattern: re.Pattern[str]) -> int:
    """The power of the text's length that the ways to match grow with; `_ENDLESS` where it is no power, more where it is large
    for any text."""
    items: Items = list(_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
    fold = bool(pattern.flags & re.IGNORECASE)
    anchored = bool(items) and items[0][0] is _constants.AT and items[0][1] in _BEGINNINGS and not pattern.flags & re.MULTILINE
    if decided(items, 0, fold):
        return 0 if anchored else 1
    if sum(1 for op, value in everything(items) if op is _constants.BRANCH or (op in _REPEATS and value[:2] == (0, 1))) > _OPTIONS:
        return _ENDLESS + 1
    return min(_choices(items, fold) + (not anchored), _ENDLESS)


def _choices(items: Items, fold: bool) -> int:
    total = 0
    if decided(items, 0, fold):
        return 0
    for op, value in items:
        if op in _REPEATS:
            total += _repeated(value[0], value[1], list(value[2]), (op, value), fold)
        elif op is _constants.BRANCH:
            total += max(_choices(list(b), fold) for b in value[1])
        else:
            total += sum(_choices(inner, fold) or _open(inner) for inner in insides(op, value))
    return total


def _open(items: Items) -> int:
    """Repetitions in a part that is decided in itself: what follows the part may undo that."""
    return sum(1 for op, value in items if op in _REPEATS and value[1] - value[0] > _FEW)


def _repeated(low: Any, high: Any, body: Items, whole: tuple[Any, Any], fold: bool) -> int:
    inner = _choices(body, fold)
    if high <= 1:
        return inner or _open(body)
    if not decided([whole], 0, fold):
        return _ENDLESS if high > _FEW else int(high) * max(inner, 1)
    return 1 if high - low > _FEW else inner


def check(pattern: re.Pattern[str], length: int) -> None:
    """Raises SqlError 0A000 when matching a text of that length could take too long."""
    power = degree(pattern)
    if power > _ENDLESS or (power == _ENDLESS and length > _SHORT):
        raise SqlError(
            "0A000",
            "a regular expression that repeats what can be repeated in several ways is not supported",
            hint="Nested quantifiers such as (a+)+ take exponential time here; write one quantifier instead.",
        )
    if power > 1 and ways(pattern, length) > WAYS:
        raise SqlError(
            "0A000",
            f"a regular expression with so many ambiguous parts is not supported for a text of {length} characters",
            hint="Anchor the expression, or use classes that exclude what comes next, such as [^,]* before a comma.",
        )


def ways(pattern: re.Pattern[str], length: int) -> int:
    """About so many ways there are to match a text of that length, where `check` admits it."""
    power = degree(pattern)
    return math.comb(length + power, power) if power < _ENDLESS else 0


_UNLIKE_RE2 = re.compile(r"\(\?[=!<P(]|\\[1-9bB]|\\Z(?!$|\)|\|)|[^\x00-\x7f]")


@of_texts(512)
def _re2(pattern: re.Pattern[str]) -> str | None:
    if _UNLIKE_RE2.search(pattern.pattern):
        return None
    names = ((re.IGNORECASE, "i"), (re.DOTALL, "s"), (re.MULTILINE, "m"))
    flags = "".join(name for bit, name in names if pattern.flags & bit)
    text = re.sub(r"\\(.)", lambda m: r"\z" if m[1] == "Z" else m[0], pattern.pattern, flags=re.DOTALL)
    return f"(?{flags}){text}" if flags else text


def tested(texts: pa.Array, pattern: re.Pattern[str]) -> pa.Array | None:
    """Which texts a pattern matches, by RE2; None where RE2 would not mean the same (other than ASCII) or lacks something."""
    quick = _re2(pattern)
    if quick is None or not pc.all(pc.string_is_ascii(texts), min_count=0).as_py():
        return None
    try:
        return pc.match_substring_regex(texts, quick)
    except pa.ArrowInvalid:
        return None
