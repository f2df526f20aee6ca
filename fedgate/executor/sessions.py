"""Sessions that a statement keeps open from its preludes to its plan, so that all of it reads each node at one moment."""

from __future__ import annotations

import threading
from collections.abc import Container

from fedgate.executor.seen import Nodes
from fedgate.nodes.engine import NodeSession


class Sessions:
    """Open sessions of one statement that no thread uses right now, by node, with the time until which they may be paced."""

    def __init__(self, nodes: Nodes) -> None:
        self._lock = threading.Lock()
        self._nodes = nodes
        self._distances_s: dict[str, float] = {}
        self._open: dict[str, tuple[NodeSession, float]] = {}
        self._closed = False

    def distance_s(self, node: str) -> float:
        """How far the node is, the same during the whole statement: all of it must choose the same replicas."""
        with self._lock:
            return self._distances_s.setdefault(node, self._nodes.distance_s(node))

    def take(self, node: str) -> tuple[NodeSession, float] | None:
        """The node's session, for the caller alone."""
        with self._lock:
            return self._open.pop(node, None)

    def give(self, node: str, session: NodeSession, hold_until: float) -> None:
        """Keep a session for what the statement asks of the node next."""
        with self._lock:
            if not self._closed and node not in self._open:
                self._open[node] = (session, hold_until)
                return
        session.close()

    def release(self, needed: Container[str] = ()) -> None:
        """Close the sessions of all nodes but those that are needed still."""
        with self._lock:
            gone = [self._open.pop(node)[0] for node in list(self._open) if node not in needed]
        for session in gone:
            session.close()

    def close(self) -> None:
        """Close all, also those that are given later."""
        with self._lock:
            self._closed = True
        self.release()
