"""Selectors: which nodes a text like `region=us-east,site!=JFK` means.

Contract: terms are joined by commas and all must hold; `k=v`, `k!=v` (also true of a node without k). A text without `=` is the
name of a group; the caller resolves it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fedgate.errors import SqlError

_TERM = re.compile(r"\s*([A-Za-z0-9._/-]+)\s*(!?=)\s*([A-Za-z0-9._-]+)\s*")


@dataclass(frozen=True, slots=True)
class Term:
    """`key=value`, or `key!=value` when negated."""

    key: str
    value: str
    negated: bool

    def holds(self, labels: Mapping[str, str]) -> bool:
        return (labels.get(self.key) == self.value) is not self.negated


def group_name(selector: str) -> str | None:
    """The group that a selector names, None when it consists of terms."""
    return None if "=" in selector else selector.strip()


@lru_cache(maxsize=1024)
def parse(selector: str) -> tuple[Term, ...]:
    """The terms of a selector. Raises SqlError 22023."""
    terms = []
    for part in selector.split(","):
        match = _TERM.fullmatch(part)
        if match is None:
            raise SqlError(
                "22023",
                f'"{part.strip()}" is not a term of a selector',
                hint="Terms are key=value or key!=value, joined by commas; values have letters, digits, dots, _ and -.",
            )
        terms.append(Term(match[1], match[3], match[2] == "!="))
    return tuple(terms)


def check(selector: str) -> None:
    """Whether the text is a selector, or may be a group's name. Raises SqlError 22023."""
    if group_name(selector) is None:
        parse(selector)
