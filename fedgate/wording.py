"""Words that messages for people have in common: counts, lists that may be long, what a misspelt name may mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

LISTED_MAX: Final = 5
"""Of more names than these the first are told, and how many more there are."""


def counted(number: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Sequence[str]) -> str:
    """`a, b`; of many the first: `a, b, c, d, e and 7 more`."""
    more = len(names) - LISTED_MAX
    return ", ".join(names[:LISTED_MAX]) + (f" and {more} more" if more > 0 else "")


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The right name that a misspelt one is nearest to, if any is near."""
    close = get_close_matches(name, list(names), 1)
    return close[0] if close else None


def perhaps(name: str, names: Iterable[str]) -> str | None:
    """What a document's problem advises: `perhaps you mean "x"`."""
    near = nearest(name, names)
    return f'perhaps you mean "{near}"' if near else None


def perhaps_hint(name: str, names: Iterable[str]) -> str | None:
    """The same as the hint of an error."""
    near = nearest(name, names)
    return f'Perhaps you mean "{near}".' if near else None
