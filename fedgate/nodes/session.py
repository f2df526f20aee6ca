"""What sessions of every engine have in common: a cancel that may come from any thread at any time, and an end that comes once.

A cancel never comes after the end: what the session used may be another session's by then.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from fedgate.catalog.model import Node
from fedgate.errors import SqlError


class Stoppable(ABC):
    """`_interrupt` stops the statement that runs now and does not wait; `_end` lets go of everything and never raises."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._cancelled = False
        self._closed = False

    def cancel(self) -> None:
        """Stop the statement; `run` then raises 57014."""
        with self._lock:
            if not self._closed:
                self._cancelled = True
                self._interrupt()

    def close(self) -> None:
        """End the transaction and let go of the file. Never raises."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._end()

    @abstractmethod
    def _interrupt(self) -> None: ...

    @abstractmethod
    def _end(self) -> None: ...

    def _check(self) -> None:
        """Raises 57014 after a cancel."""
        if self._cancelled:
            raise cancelled(self._node.name)


def cancelled(node: str) -> SqlError:
    """57014, for a statement that was stopped from outside."""
    return SqlError("57014", f'canceling statement at node "{node}" due to user request', node=node)
