"""What this gateway has seen of its nodes: when they were last reached, how long that takes, what they last failed with, what
they lack of the catalog.

Nothing is asked for it: statements tell as they go. It says nothing of nodes that no statement has needed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.nodes.misplaced import Misplacements

UNREACHABLE = ("08", "57P")
UNREACHABLE_STATES = frozenset({"58030", "55006", "53300"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One node. Times are seconds since 1970; `connect_s` is weighted towards the latest connections, None while unknown."""

    state: Literal["reachable", "unreachable"]
    last_error: str | None = None
    last_seen: float | None = None
    connect_s: float | None = None
    measured: float = 0.0


class Nodes:
    """All nodes by name. Thread-safe, bounded by the number of names in catalogs."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, Seen] = {}
        self._clock = clock
        self.lacking = Misplacements()

    def reached(self, node: str, connect_s: float | None) -> None:
        """The node answered; `connect_s` is None where the connection was open already and tells nothing of the way there."""
        now = self._clock()
        with self._lock:
            old = self._seen.get(node, Seen("reachable"))
            if connect_s is None:
                self._seen[node] = Seen("reachable", old.last_error, now, old.connect_s, old.measured)
            else:
                self._seen[node] = Seen("reachable", old.last_error, now, self._weighted(old, connect_s, now), now)

    def failed(self, node: str, error: SqlError, waited_s: float | None = None) -> None:
        """The node gave an error. One that could not be reached counts as if it had taken `waited_s` to connect."""
        unreachable = error.sqlstate.startswith(UNREACHABLE) or error.sqlstate in UNREACHABLE_STATES | {"57014"}
        now = self._clock()
        with self._lock:
            old = self._seen.get(node, Seen("reachable"))
            new = replace(old, state="unreachable" if unreachable else "reachable", last_error=error.message)
            if waited_s is not None:
                new = replace(new, connect_s=self._weighted(old, waited_s, now), measured=now)
            self._seen[node] = new if unreachable else replace(new, last_seen=now)

    @staticmethod
    def _weighted(old: Seen, seconds: float, now: float) -> float:
        if old.connect_s is None or now - old.measured > limits.CONNECT_TIME_S_MAX:
            return seconds
        return old.connect_s + limits.CONNECT_WEIGHT * (seconds - old.connect_s)

    def distance_s(self, node: str) -> float:
        """The time it takes to connect; 0 while that is unknown or long past, so that it is tried and measured."""
        with self._lock:
            seen = self._seen.get(node)
        if seen is None or seen.connect_s is None or self._clock() - seen.measured > limits.CONNECT_TIME_S_MAX:
            return 0.0
        return seen.connect_s

    def all(self) -> dict[str, Seen]:
        """What was seen of each node, by name."""
        with self._lock:
            return dict(self._seen)
