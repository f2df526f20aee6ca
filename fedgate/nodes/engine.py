"""What the executor asks of an engine: the protocols that every file of this room implements.

Sessions block; the executor runs each in a thread of its own. `cancel` may be called from any thread at any time.
Errors are SqlError with `node` set: unreachable 08001, lost 08006, not a database 58030, held by its writer 55006,
ill-typed value 22P02 or 22003, timeout or cancel 57014.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

from fedgate.catalog.model import Node
from fedgate.fragment import Fragment


class NodeSession(Protocol):
    """All fragments of one statement on one node: one connection, one read transaction, opened read-only.

    `writers_wait`: whether the node's own writers have to wait for as long as the session is open.
    `reused`: the connection was open already, so the time that `connect` took says nothing of the way to the node.
    """

    writers_wait: bool
    reused: bool

    def run(self, fragment: Fragment) -> Iterator[pa.RecordBatch]:
        """The fragment's rows in batches that have exactly `fragment.schema`. One fragment at a time."""

    def cancel(self) -> None:
        """Stop the statement that runs at the node, now; `run` then raises 57014."""

    def close(self) -> None:
        """End the transaction and let go of the file or connection. Never raises."""


class NodeEngine(Protocol):
    """One kind of member database."""

    name: str

    def connect(self, node: Node, *, timeout_s: float) -> NodeSession:
        """Open the node and begin the read transaction."""
