"""Deadlines that reach a thread that is blocked in a driver: one thread that calls back when a time has come.

Callbacks are short and do not block. Connect and node timeouts are the fan-out's, `statement_timeout` is the session's.
"""

from __future__ import annotations

import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable
from typing import Final

from fedgate.errors import SqlError


class Deadlines:
    """A timer for many deadlines. Thread-safe; its daemon thread starts with the first deadline."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._heap: list[tuple[float, int]] = []
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self._sleeps_until = math.inf

    def now(self) -> float:
        """Seconds, by the clock of the deadlines."""
        return time.monotonic()

    def after(self, seconds: float | None, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back in `seconds`, unless the returned function is called before; None is never."""
        if seconds is None:
            return lambda: None
        with self._lock:
            number = next(self._numbers)
            self._callbacks[number] = callback
            due = time.monotonic() + seconds
            heapq.heappush(self._heap, (due, number))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fedgate-deadlines", daemon=True)
                self._thread.start()
            elif due < self._sleeps_until:  # most deadlines are forgotten long before: one wake for many
                self._sleeps_until = due
                self._changed.notify()
        return lambda: self._forget(number)

    def _forget(self, number: int) -> None:
        with self._lock:
            self._callbacks.pop(number, None)
            while self._heap and self._heap[0][1] not in self._callbacks:
                heapq.heappop(self._heap)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._heap or self._heap[0][0] > time.monotonic():
                    self._sleeps_until = self._heap[0][0] if self._heap else math.inf
                    self._changed.wait(self._sleeps_until - time.monotonic() if self._heap else None)
                callback = self._callbacks.pop(heapq.heappop(self._heap)[1], None)
            if callback is not None:
                callback()
            del callback  # the thread waits for long, and must not keep what the last callback held


class Watch:
    """A deadline for each of one thread's many waits: `begin` before a wait, `pause` after it, `end` after the last.

    `callback` is called when a wait has lasted `seconds` (None: never). Only the beginning and the end cost a lock: the timer looks
    when a wait could be due at the earliest, and then as long again as is left.
    """

    def __init__(self, timer: Deadlines, seconds: float | None, callback: Callable[[], None]) -> None:
        self._timer = timer
        self._seconds = seconds
        self._callback = callback
        self._due = math.inf
        self._ended = False
        self._forget = timer.after(seconds, self._look)

    def begin(self) -> None:
        """A wait begins."""
        if self._seconds is not None:
            self._due = self._timer.now() + self._seconds

    def pause(self) -> None:
        """The wait is over."""
        self._due = math.inf

    def end(self) -> None:
        """No more waits come."""
        self._ended = True
        self._forget()

    def _look(self) -> None:
        if self._ended or self._seconds is None:
            return
        left = self._due - self._timer.now()
        if left <= 0:
            self._callback()
        else:
            self._forget = self._timer.after(min(left, self._seconds), self._look)


DEADLINES: Final = Deadlines()


def connect_timeout(node: str, seconds: float) -> SqlError:
    """08001: the node did not let us in in time."""
    return SqlError("08001", f'could not connect to node "{node}": timeout of {seconds:g} s expired', node=node)


def node_timeout(node: str, seconds: float) -> SqlError:
    """57014: the node said nothing for too long."""
    return SqlError(
        "57014",
        f'canceling statement: node "{node}" gave no rows for {seconds:g} s',
        hint="The setting fedgate.node_timeout says how long a node may take.",
        node=node,
    )
