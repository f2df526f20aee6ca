"""A sign of life at a terminal while something takes longer than two seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

PATIENCE_S = 2.0
STEP_S = 0.5
_CLEAR = "\r\x1b[K"


@contextmanager
def waiting(doing: str, stream: TextIO | None = None, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Show `doing` and the seconds on the terminal's last line from `patience_s` on; nothing is shown anywhere else."""
    out = stream or sys.stderr
    if not out.isatty():
        yield
        return
    began, done = time.monotonic(), threading.Event()

    def show() -> None:
        wait_s = patience_s
        while not done.wait(wait_s):
            out.write(f"{_CLEAR}{doing} … {time.monotonic() - began:.0f} s (Ctrl-C cancels)")
            out.flush()
            wait_s = STEP_S

    thread = threading.Thread(target=show, name="fedgate-waiting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        if time.monotonic() - began >= patience_s:
            out.write(_CLEAR)
            out.flush()
