"""A bounded pool of threads that shrinks: a thread that has waited for work long enough ends.

What `concurrent.futures.ThreadPoolExecutor` does not do: its threads stay for ever once they were needed.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, ParamSpec, TypeVar

from fedgate import limits

P = ParamSpec("P")
T = TypeVar("T")
_EXIT_S_MAX: Final = 5.0
"""How long the process's end waits for the calls that still run."""


class Threads:
    """At most `most` threads, made as they are needed, each ended after `idle_s` without work. Thread-safe."""

    def __init__(self, most: int, name: str, *, idle_s: float = limits.THREAD_IDLE_S_MAX) -> None:
        self._most = most
        self._name = name
        self._idle_s = idle_s
        self._changed = threading.Condition()
        self._queue: deque[Callable[[], None]] = deque()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._made = 0
        self._ended = False
        atexit.register(self.close)

    def __len__(self) -> int:
        """How many threads there are now."""
        with self._changed:
            return len(self._threads)

    def submit(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a thread do the call, in its turn. The future takes what it gives or raises."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = call(*args, **kwargs)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self.start(work)
        return future

    def start(self, call: Callable[[], None]) -> None:
        """Have a thread do a call that raises nothing and whose end nobody asks for."""
        with self._changed:
            self._queue.append(call)
            if len(self._queue) <= self._idle:
                self._changed.notify()
            elif len(self._threads) < self._most:
                self._made += 1
                thread = threading.Thread(target=self._run, name=f"{self._name}_{self._made}", daemon=True)
                self._threads.add(thread)
                thread.start()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            work()
            del work  # the thread may wait for long, and must not keep what its last call held

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            until = time.monotonic() + self._idle_s
            while not self._queue:
                left = until - time.monotonic()
                if self._ended or left <= 0:
                    self._threads.discard(threading.current_thread())
                    return None
                self._idle += 1
                try:
                    self._changed.wait(left)
                finally:
                    self._idle -= 1
            return self._queue.popleft()

    def close(self) -> None:
        """Let idle threads end, and wait a while for the others: none is to be inside a driver when the interpreter ends."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            threads = list(self._threads)
        until = time.monotonic() + _EXIT_S_MAX
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
