"""Transaction state of one session: what BEGIN, COMMIT, ROLLBACK and savepoints do when everything is read only.

A transaction here fixes `now()` and the life of cursors and SET LOCAL; each statement still sees every node at one moment of that
node's own (DESIGN: READ COMMITTED). The state table is PostgreSQL's (https://www.postgresql.org/docs/15/protocol-flow.html):

    idle     --BEGIN-->     block    --error-->  failed
    block    --COMMIT / ROLLBACK-->  idle
    failed   --ROLLBACK / COMMIT (says ROLLBACK)-->  idle
    failed   --ROLLBACK TO-->  block
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from fedgate import limits
from fedgate.errors import SqlError

Status = Literal["I", "T", "E"]


def now_us() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


@dataclass(slots=True)
class Transaction:
    """`status` is the byte of ReadyForQuery. `started_us` is what now() says."""

    status: Status = "I"
    started_us: int = field(default_factory=now_us)
    statement_us: int = field(default_factory=now_us)
    savepoints: list[str] = field(default_factory=list)
    implicit: bool = False
    """A Query message of several statements is a block, too: cursors live to its end, and nobody has to say COMMIT."""

    @property
    def in_block(self) -> bool:
        return self.status != "I"

    @property
    def in_any_block(self) -> bool:
        return self.in_block or self.implicit

    def statement_begins(self) -> None:
        self.statement_us = now_us()
        if self.status == "I":
            self.started_us = self.statement_us

    def begin(self) -> None:
        self.status = "T"
        self.savepoints.clear()

    def end(self) -> None:
        self.status = "I"
        self.savepoints.clear()

    def fail(self) -> None:
        if self.status == "T":
            self.status = "E"

    def savepoint(self, name: str) -> None:
        if len(self.savepoints) >= limits.SAVEPOINTS_MAX:
            raise SqlError("54000", f"too many savepoints (limit {limits.SAVEPOINTS_MAX})")
        self.savepoints.append(name)

    def find(self, name: str) -> int:
        """Index of the innermost savepoint of that name. 3B001 if there is none."""
        for index in range(len(self.savepoints) - 1, -1, -1):
            if self.savepoints[index] == name:
                return index
        raise SqlError("3B001", f'savepoint "{name}" does not exist')
