"""Regular expressions and LIKE."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from fedgate.sql.functions.regex import regex_like
from fedgate.system.direct.runtime import NotDirectError


@lru_cache(maxsize=512)
def like(pattern: str, insensitive: bool) -> Callable[[str], bool]:
    """Whether a text is LIKE the pattern, its escape a backslash."""
    if insensitive and not pattern.isascii():
        raise NotDirectError("case of letters beyond ASCII")
    parts = []
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\":
            at += 1
            if at == len(pattern):
                raise NotDirectError("a pattern that ends in its escape")
            parts.append(re.escape(pattern[at]))
        else:
            parts.append({"%": ".*", "_": "."}.get(letter, re.escape(letter)))
        at += 1
    compiled = re.compile("".join(parts), re.DOTALL | (re.IGNORECASE | re.ASCII if insensitive else 0))
    return lambda text: compiled.fullmatch(text) is not None


def matches(name: str) -> Callable[[str, str], bool] | None:
    """The operator of that name on texts, None when it is no match."""
    return _OPERATORS.get(name)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "~": lambda text, pattern: regex_like(text, pattern, ""),
    "!~": lambda text, pattern: not regex_like(text, pattern, ""),
    "~*": lambda text, pattern: regex_like(text, pattern, "i"),
    "!~*": lambda text, pattern: not regex_like(text, pattern, "i"),
    "~~": lambda text, pattern: like(pattern, False)(text),
    "!~~": lambda text, pattern: not like(pattern, False)(text),
    "~~*": lambda text, pattern: like(pattern, True)(text),
    "!~~*": lambda text, pattern: not like(pattern, True)(text),
}
