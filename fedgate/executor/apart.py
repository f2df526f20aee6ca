"""Calls of a driver that may not come back soon when they are cancelled, run by a thread that the statement does not need.

The caller waits for the call's end or for the cancel, whichever is first. A call that outlives its statement ends in its thread;
threads are few, so that statements which nobody reads any more cannot pile up: past that number the next one waits for room.
A call through here costs about 40 µs more than a plain one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from fedgate import limits
from fedgate.executor.api import CancelToken
from fedgate.executor.threads import Threads

T = TypeVar("T")
_working = 0
_counting: Final = threading.Lock()
_POOL: Final = Threads(limits.MERGES_APART_MAX, "fedgate-merge")


def run(call: Callable[[], T], cancel: CancelToken, interrupt: Callable[[], None]) -> T:
    """What `call` gives or raises. A cancel calls `interrupt` until `call` ends, and after CANCEL_GRACE_S_MAX raises its error."""
    woken = threading.Event()
    future = _POOL.submit(_counted, call)
    future.add_done_callback(lambda _: woken.set())
    forget = cancel.on_cancel(woken.set)
    try:
        woken.wait()
        until = time.monotonic() + limits.CANCEL_GRACE_S_MAX
        while not future.done() and time.monotonic() < until:
            interrupt()  # again and again: one that comes before the driver has begun is lost
            woken.clear()
            woken.wait(limits.POLL_S)
    finally:
        forget()
    if not future.done() and (future.cancel() or not future.done()):
        cancel.check()
    return future.result()


def _counted(call: Callable[[], T]) -> T:
    global _working
    with _counting:
        _working += 1
    try:
        return call()
    finally:
        with _counting:
            _working -= 1


def busy() -> bool:
    """Whether a call has not come back yet."""
    with _counting:
        return _working > 0
