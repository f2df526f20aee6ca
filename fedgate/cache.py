"""A bounded memory of results that hang on objects which many executions share: plans, exchanges, fitted blocks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """The most recently used results, at most `entries_max`. Thread-safe.

    Keys may hold ids of objects: `owner` is kept with the result, so that no other object can get those ids.
    """

    def __init__(self, entries_max: int) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[object, T]] = OrderedDict()
        self._entries_max = entries_max

    def get(self, key: Hashable, owner: object, make: Callable[[], T]) -> T:
        """The result for `key`, made at most once but for races."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][1]
        result = make()
        with self._lock:
            self._entries[key] = (owner, result)
            while len(self._entries) > self._entries_max:
                self._entries.popitem(last=False)
        return result
