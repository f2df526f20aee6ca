"""Deadlines of one thread's many waits, by a clock that the test turns."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fedgate.executor.deadlines import Deadlines, Watch
from tests.executor.helpers import eventually


class Clock(Deadlines):
    """A timer whose time passes when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> float:
        return self.time

    def after(self, seconds: float | None, callback: Callable[[], None]) -> Callable[[], None]:
        assert seconds is not None
        entry = (self.time + seconds, callback)
        self.waiting.append(entry)
        return lambda: self.waiting.remove(entry) if entry in self.waiting else None

    def passes(self, seconds: float) -> None:
        until = self.time + seconds
        while due := [entry for entry in self.waiting if entry[0] <= until]:
            entry = min(due, key=lambda e: e[0])
            self.waiting.remove(entry)
            self.time = max(self.time, entry[0])
            entry[1]()
        self.time = until


def test_it_calls_back_when_one_wait_is_too_long() -> None:
    clock = Clock()
    called: list[float] = []
    watch = Watch(clock, 30, lambda: called.append(clock.time))
    for _ in range(10):  # together longer than the limit, none by itself; what is between waits does not count
        watch.begin()
        clock.passes(29)
        watch.pause()
        clock.passes(100)
    assert not called
    watch.begin()
    began = clock.time
    clock.passes(1000)
    assert called == [began + 30]
    assert not clock.waiting


def test_it_is_forgotten_at_its_end() -> None:
    clock = Clock()
    called: list[float] = []
    watch = Watch(clock, 30, lambda: called.append(clock.time))
    watch.begin()
    clock.passes(10)
    watch.end()
    assert not clock.waiting
    clock.passes(1000)
    assert not called


def test_with_the_real_timer() -> None:
    timer, called = Deadlines(), threading.Event()
    unlimited = Watch(timer, None, called.set)
    unlimited.begin()
    unlimited.end()
    watch = Watch(timer, 0.01, called.set)
    watch.begin()
    assert called.wait(10)
    watch.end()
    eventually(lambda: not timer._callbacks)
