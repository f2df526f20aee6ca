"""The audit log: who asked what, from where, of which nodes, and how it ended; one JSON object a line.

Contract: `statement` and `login` cost a statement microseconds: they put what is known into a queue, and a thread of its own
writes. The queue is bounded (limits.AUDIT_LINES_MAX); lines that do not fit, or that cannot be written, are counted, and the count
is the next line that is written (`"event": "lost"`). `reopen` goes on in a file of the same name, for logrotate. The file is the
operator's alone (mode 0600), and no link is followed to it.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any, Final

from fedgate import limits
from fedgate.errors import SqlError

SUCCESS: Final = "00000"
_log = logging.getLogger("fedgate.audit")
_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class Who:
    """Whose statement it is. `session` is the backend's pid; `address` is None where there is no connection."""

    session: int
    user: str
    role: str
    address: str | None
    application_name: str


@dataclass(frozen=True, slots=True)
class Done:
    """How a statement ended. `nodes` are asked for when the line is written: (name, bytes) of each fragment."""

    outcome: str = SUCCESS
    rows: int | None = None
    milliseconds: float | None = None
    fragments: Callable[[], Sequence[tuple[str, int]]] = tuple


class NoAudit:
    """Where no log is kept."""

    def statement(self, who: Who, text: str, done: Done) -> None:
        pass

    def login(self, who: Who, outcome: str, why: str | None = None) -> None:
        pass

    def reopen(self) -> None:
        pass

    @property
    def listens(self) -> bool:
        return False


@dataclass(slots=True, eq=False)
class AuditLog(NoAudit):
    """A log in a file. Raises SqlError 58P01 when the file cannot be opened. Thread-safe."""

    path: Path
    lines_max: int = limits.AUDIT_LINES_MAX
    _queue: deque[Callable[[], dict[str, Any]]] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ready: threading.Event = field(default_factory=threading.Event)
    _lost: int = 0
    _fd: int = -1
    _anew: bool = False
    _ends: bool = False
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._open()
        self._thread = threading.Thread(target=self._run, name="fedgate-audit", daemon=True)
        self._thread.start()

    @property
    def listens(self) -> bool:
        return True

    def statement(self, who: Who, text: str, done: Done) -> None:
        """A statement has ended."""
        at = time()
        self._put(lambda: _statement(at, who, text, done))

    def login(self, who: Who, outcome: str, why: str | None = None) -> None:
        """Somebody came in, or did not."""
        at = time()
        self._put(lambda: _line(at, "login", who, outcome=outcome, **({"reason": why} if why else {})))

    def reopen(self) -> None:
        """Go on in the file that has the name now."""
        self._anew = True
        self._ready.set()

    def close(self) -> None:
        """Write what waits, and end."""
        self._ends = True
        self._ready.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _put(self, line: Callable[[], dict[str, Any]]) -> None:
        if len(self._queue) < self.lines_max:
            self._queue.append(line)
        else:
            with self._lock:
                self._lost += 1
        if not self._ready.is_set():
            self._ready.set()

    def _run(self) -> None:
        while True:
            self._ready.wait()
            self._ready.clear()
            ends = self._ends
            self._write_all()
            if ends:
                return

    def _write_all(self) -> None:
        if self._anew:
            self._anew = False
            self._reopened()
        while self._queue or self._lost:
            made = [self._queue.popleft() for _ in range(min(len(self._queue), limits.AUDIT_BATCH_LINES_MAX))]
            with self._lock:
                lost, self._lost = self._lost, 0
            lines = [line() for line in made]
            if lost:
                lines.insert(0, {"time": _moment(time()), "event": "lost", "lines": lost})
            if not self._write("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace")):
                with self._lock:
                    self._lost += lost + len(made)
                return

    def _write(self, data: bytes) -> bool:
        try:
            if self._fd < 0:
                self._open()
            written = 0
            while written < len(data):
                written += os.write(self._fd, data[written:])
        except (OSError, SqlError) as error:
            _log.error("the audit log cannot be written: %s", error)
            return False
        return True

    def _open(self) -> None:
        try:
            self._fd = os.open(self.path, _FLAGS, 0o600)
            os.fchmod(self._fd, 0o600)
        except OSError as error:
            raise SqlError("58P01", f'audit log "{self.path}" cannot be opened: {error.strerror}') from error

    def _reopened(self) -> None:
        before, self._fd = self._fd, -1
        try:
            self._open()
        except SqlError as error:
            _log.error("%s; going on in the file that was open", error.message)
            self._fd = before
            return
        if before >= 0:
            os.close(before)


def _statement(at: float, who: Who, text: str, done: Done) -> dict[str, Any]:
    fragments = done.fragments()
    nodes = list(dict.fromkeys(name for name, _ in fragments))
    shown: dict[str, Any] = {"statement": text[: limits.AUDIT_STATEMENT_CHARS_MAX]}
    if len(text) > limits.AUDIT_STATEMENT_CHARS_MAX:
        shown["characters"] = len(text)
    return _line(
        at,
        "statement",
        who,
        **shown,
        nodes=nodes,
        rows=done.rows,
        bytes=sum(size for _, size in fragments),
        milliseconds=None if done.milliseconds is None else round(done.milliseconds, 3),
        outcome=done.outcome,
    )


def _line(at: float, event: str, who: Who, **more: Any) -> dict[str, Any]:
    return {
        "time": _moment(at),
        "event": event,
        "session": who.session,
        "user": who.user,
        "role": who.role,
        "address": who.address,
        "application_name": who.application_name,
        **more,
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
