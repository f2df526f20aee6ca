"""Where functions of SQL find sessions: pg_cancel_backend and pg_terminate_backend know process ids, `session` what they mean.

`LIVE` holds all sessions of this process by id; ids are handed out once in the process, so that two gateways in it stay apart.
"""

from __future__ import annotations

import itertools
from typing import Final, Protocol


class Backend(Protocol):
    """A session that a signal may reach, or come from."""

    def cancelled_by(self, caller: Backend) -> bool:
        """pg_cancel_backend: stop its statement. Raises 42501."""

    def terminated_by(self, caller: Backend, timeout_ms: int) -> bool:
        """pg_terminate_backend: end it, and wait so long for its end. Raises 42501."""

    def warned(self, message: str) -> None:
        """Tell its client."""


LIVE: Final[dict[int, Backend]] = {}
_numbers = itertools.count(1)


def next_process_id() -> int:
    """An id that no other session of this process has had; from 1 on again after 2^31 - 1."""
    while (number := next(_numbers) & 0x7FFF_FFFF) == 0 or number in LIVE:
        pass
    return number


def find(pid: int, caller: int) -> tuple[Backend, Backend] | None:
    """The session with an id and the one that asks for it; without the former None, and the latter is told."""
    asking, target = LIVE.get(caller), LIVE.get(pid)
    if target is None and asking is not None:
        asking.warned(f"PID {pid} is not a PostgreSQL backend process")
    return None if asking is None or target is None else (target, asking)
