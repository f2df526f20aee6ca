"""Long arrays as literals, written once: keys and sets of a statement go to all of its nodes in the same words.

Contract: the literal is the dialect's own, for the same slot and the same array. The latest few are kept, with their arrays.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from fedgate.fragment import Slot
from fedgate.types.values import Value

LONG_MIN: Final = 1_000
"""Elements of an array whose literal is kept."""
KEPT_MAX: Final = 4
"""Literals of one dialect that are kept."""


class Written:
    """A dialect's `literal` that remembers. Thread-safe: whoever needs one that is being written waits for it."""

    def __init__(self, literal: Callable[[Slot, Value], str]) -> None:
        self._literal = literal
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Slot, int], tuple[Value, str]] = OrderedDict()

    def __call__(self, slot: Slot, value: Value) -> str:
        if not isinstance(value, tuple) or len(value) < LONG_MIN:
            return self._literal(slot, value)
        key = (slot, id(value))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = (value, self._literal(slot, value))
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
            return self._kept[key][1]
