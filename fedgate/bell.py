"""What a main thread waits for until somebody, or a signal, ends the wait: a pipe, through which the signal's number comes.

An Event does not do. A signal's handler runs only in the main thread, which a signal that the kernel gives to another thread does
not wake; and a handler that interrupts another one in `Event.set` waits for itself. CPython writes to a wake-up descriptor in
whichever thread the signal comes, without a lock (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd).
"""

from __future__ import annotations

import os
import select
import signal


class Bell:
    """`ring` from any thread, before `wait` or while it waits; close it at the end."""

    def __init__(self) -> None:
        self._hears, self._rings = os.pipe()
        os.set_blocking(self._rings, False)
        self._signals = False

    def ring(self) -> None:
        try:
            os.write(self._rings, b"\0")
        except BlockingIOError:  # rung often enough
            pass

    def ring_on(self, *numbers: signal.Signals) -> None:
        """Ring with its number when one of these signals comes, from now on; from the main thread."""
        signal.set_wakeup_fd(self._rings, warn_on_full_buffer=False)
        self._signals = True
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def wait(self, seconds: float | None = None) -> int | None:
        """Until it has been rung: the signal's number, 0 for `ring`. None: it was not within so many seconds."""
        poller = select.poll()
        poller.register(self._hears, select.POLLIN)
        if not poller.poll(None if seconds is None else seconds * 1000):
            return None
        return os.read(self._hears, 1)[0]

    def close(self) -> None:
        if self._signals:
            signal.set_wakeup_fd(-1)
        os.close(self._hears)
        os.close(self._rings)
