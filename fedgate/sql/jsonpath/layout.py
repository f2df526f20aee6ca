"""Where containers lie in jsonb as PostgreSQL stores it: .keyvalue() identifies an object by that place.

A container is a head of four bytes, an entry of four for each key, value or element, then keys, then values, each number and
container on a multiple of four. Source: src/include/utils/jsonb.h, the layout that is on disk since 9.4.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from fedgate.types.numeric_text import numeric_text

_ENTRY: Final = 4
_DIGITS: Final = 4  # decimal digits in two bytes of numeric
_SHORT_WEIGHTS: Final = range(-64, 64)
_SHORT_SCALE_MAX: Final = 63


def places(root: Any) -> dict[int, int]:
    """The offset of every container from the root's, by Python's id of it, in bytes."""
    found: dict[int, int] = {}
    _container(root, 0, found)
    return found


def _container(value: Any, at: int, found: dict[int, int]) -> int:
    """The offset behind a container that starts at `at`."""
    found[id(value)] = at
    if isinstance(value, dict):
        at += _ENTRY + 2 * _ENTRY * len(value) + sum(len(key.encode()) for key in value)
        parts = value.values()
    else:
        at += _ENTRY + _ENTRY * len(value)
        parts = value
    for part in parts:
        if isinstance(part, dict | list):
            at = _container(part, _aligned(at), found)
        elif isinstance(part, Decimal):
            at = _aligned(at) + _number_bytes(part)
        elif isinstance(part, str):
            at += len(part.encode())
    return at


def _aligned(at: int) -> int:
    return (at + 3) & ~3


def _number_bytes(value: Decimal) -> int:
    """A numeric: its length, a head of two bytes or four, and its digits in base 10000 without zeros at either end."""
    whole, _, fraction = numeric_text(abs(value)).partition(".")
    whole = whole.lstrip("0").rjust(-(-len(whole.lstrip("0")) // _DIGITS) * _DIGITS, "0")
    padded = whole + fraction.ljust(-(-len(fraction) // _DIGITS) * _DIGITS, "0")
    groups = [padded[i : i + _DIGITS] for i in range(0, len(padded), _DIGITS)]
    first = next((i for i, group in enumerate(groups) if group.strip("0")), None)
    if first is None:
        return 4 + 2
    last = max(i for i, group in enumerate(groups) if group.strip("0"))
    weight = len(whole) // _DIGITS - 1 - first
    short = weight in _SHORT_WEIGHTS and len(fraction) <= _SHORT_SCALE_MAX
    return 4 + (2 if short else 4) + 2 * (last - first + 1)
