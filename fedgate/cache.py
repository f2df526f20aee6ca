"""Bounded memories: of results that hang on objects which many executions share (plans, exchanges, fitted blocks), and of what
functions make of texts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, Generic, TypeVar

from fedgate import limits

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


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


def of_texts(entries_max: int) -> Callable[[F], F]:
    """Remembers what a function makes of a text, its first argument (or of a pattern): of so many short ones, but of a few long
    ones only, since clients write them."""

    def remembering(function: F) -> F:
        short, long = lru_cache(entries_max)(function), lru_cache(limits.LONG_TEXTS_KNOWN_MAX)(function)

        @wraps(function)
        def call(text: Any, *args: Any, **named: Any) -> Any:
            size = len(text if isinstance(text, str) else text.pattern)
            return (long if size > limits.LONG_TEXT_CHARS else short)(text, *args, **named)

        return call  # type: ignore[return-value]

    return remembering
