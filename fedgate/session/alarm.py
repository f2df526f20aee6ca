"""One thread that calls back at given times: statement timeouts of all sessions."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Alarm:
    """Thread-safe; its thread starts with the first call and is a daemon. Callbacks must not block."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._dropped: set[int] = set()
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def after(self, seconds: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after so many seconds; the returned function takes it back."""
        with self._condition:
            number = next(self._numbers)
            heapq.heappush(self._heap, (time.monotonic() + seconds, number, callback))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fedgate-alarm", daemon=True)
                self._thread.start()
            self._condition.notify()
        return lambda: self._drop(number)

    def _drop(self, number: int) -> None:
        with self._condition:
            if any(n == number for _, n, _ in self._heap):
                self._dropped.add(number)

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._heap or self._heap[0][0] > time.monotonic():
                    self._condition.wait(self._heap[0][0] - time.monotonic() if self._heap else None)
                    self._forget_dropped()
                _, number, callback = heapq.heappop(self._heap)
                dropped = number in self._dropped
                self._dropped.discard(number)
            if not dropped:
                callback()
            del callback  # the thread waits for long, and must not keep what the last callback held

    def _forget_dropped(self) -> None:
        while self._heap and self._heap[0][1] in self._dropped:
            self._dropped.discard(heapq.heappop(self._heap)[1])
