"""The plan cache: a plan is built once per statement and everything it depends on.

Contract: a key holds whatever may change a plan: the bound statement (literals that stand for parameters taken out), the
parameters' types, the catalog's revision, the role, search_path, TimeZone, DateStyle and the `fedgate.*` settings that the
planner reads. Entries of another revision are dropped when one of a newer revision comes. Thread-safe; at most `entries_max`
plans, the least recently used go.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

ENTRIES_MAX = 1_000
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class PlanKey:
    """What a plan depends on. `statement` is the text, or whatever hashes a bound statement with its literals lifted.

    `temp` are the session's temporary tables, compared by identity: no other session has them. A bound statement names its own.
    """

    statement: object
    parameter_types: tuple[int, ...]
    revision: object
    role: str
    search_path: tuple[str, ...] = ()
    timezone: str = "UTC"
    datestyle: str = "ISO, MDY"
    settings: tuple[tuple[str, str], ...] = ()
    temp: tuple[object, ...] = ()


class PlanCache(Generic[P]):
    """Plans, or whatever is made together with them, by key."""

    def __init__(self, entries_max: int = ENTRIES_MAX) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[PlanKey, P] = OrderedDict()
        self._entries_max = entries_max
        self.hits = 0
        self.misses = 0

    def get(self, key: PlanKey, make: Callable[[], P]) -> P:
        """The plan for the key; `make` is called at most once but for races, outside the lock. Its errors are not kept."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
                self.hits += 1
                return found
            self.misses += 1
        made = make()
        self.put(key, made)
        return made

    def peek(self, key: PlanKey) -> P | None:
        """What is there for the key, None when nothing is."""
        with self._lock:
            return self._entries.get(key)

    def put(self, key: PlanKey, made: P) -> None:
        """Keep this for the key, whatever was there."""
        with self._lock:
            self._forget_other_revisions(key.revision)
            self._entries[key] = made
            while len(self._entries) > self._entries_max:
                self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)

    def _forget_other_revisions(self, revision: object) -> None:
        last = next(reversed(self._entries), None)
        if last is not None and last.revision != revision:
            for key in [k for k in self._entries if k.revision != revision]:
                del self._entries[key]
