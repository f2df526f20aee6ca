"""What a main thread waits for until somebody, or a signal, ends the wait: a pipe.

An Event does not do. A signal's handler runs only in the main thread, which a signal that the kernel gives to another thread does
not wake; and a handler that interrupts another one in `Event.set` waits for itself. CPython writes to a wake-up descriptor in
whichever thread the signal comes, without a lock (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd).
"""

from __future__ import annotations

import os
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
        """Ring when one of these signals comes, from now on; from the main thread."""
        signal.set_wakeup_fd(self._rings, warn_on_full_buffer=False)
        self._signals = True
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def wait(self) -> None:
        """Until it has been rung."""
        os.read(self._hears, 1)

    def close(self) -> None:
        if self._signals:
            signal.set_wakeup_fd(-1)
        os.close(self._hears)
        os.close(self._rings)
