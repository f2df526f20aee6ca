"""What the session hands to the executor and what it gets back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pyarrow as pa

from fedgate.catalog.model import Shard
from fedgate.errors import SqlError
from fedgate.fragment import FragmentStats
from fedgate.schema import LocalSource
from fedgate.sql.tree import OutputColumn
from fedgate.types.values import Value


class CancelToken:
    """Ends one statement from outside: cancel requests, statement_timeout, a client that has gone.

    Thread-safe. Callbacks run in the thread that cancels; one that is added after the cancel runs at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._error: SqlError | None = None
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._next = 0

    @property
    def error(self) -> SqlError | None:
        return self._error

    def cancel(self, error: SqlError) -> None:
        """The first call wins; later ones do nothing."""
        with self._lock:
            if self._error is not None:
                return
            self._error = error
            callbacks = list(self._callbacks.values())
            self._callbacks.clear()
        for callback in callbacks:
            callback()

    def check(self) -> None:
        """Raise the cancel's error if there was one: a copy, since a raised error holds the frames that it went through."""
        if self._error is not None:
            raise self._error.copy()

    def wait(self, seconds: float) -> None:
        """Return after so long. Raises the cancel's error as soon as there is one."""
        ended = threading.Event()
        forget = self.on_cancel(ended.set)
        try:
            ended.wait(min(max(seconds, 0), threading.TIMEOUT_MAX))
        finally:
            forget()
        self.check()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Register a callback; the returned function takes it back."""
        with self._lock:
            if self._error is None:
                key = self._next
                self._next += 1
                self._callbacks[key] = callback
                return lambda: self._remove(key)
        callback()
        return lambda: None

    def _remove(self, key: int) -> None:
        with self._lock:
            self._callbacks.pop(key, None)


@dataclass(frozen=True, slots=True)
class ExecSettings:
    """The settings that execution reads; times in seconds, None for no limit."""

    connect_timeout_s: float = 3.0
    node_timeout_s: float | None = 30.0
    node_hold_s: float = 10.0
    on_node_failure: str = "error"
    node_selector: str = ""
    replica: str = "any"
    timezone: str = "UTC"
    max_node_bytes: int | None = None
    max_result_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class KeysSent:
    """How the keys of a small side went to the nodes: how many, if they were counted, and of a range its ends."""

    name: str
    form: Literal["list", "set", "range"]
    count: int | None
    low: Value = None
    high: Value = None


@dataclass(slots=True)
class ExecContext:
    """One execution: parameter values by name ("1", "now", …), settings, cancel, local sources, and what it gathers.

    `waits_s`: how long each of its plans (preludes too) waited for nodes, until all their rows had come. `left_out`: by table the
    shards that were not asked, and why.
    """

    values: Mapping[str, Value]
    settings: ExecSettings
    cancel: CancelToken
    local: LocalSource
    stats: list[FragmentStats] = field(default_factory=list)
    left_out: list[tuple[str, Sequence[tuple[Shard, str]]]] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    notices: list[SqlError] = field(default_factory=list)
    keys: list[KeysSent] = field(default_factory=list)

    @property
    def pruned(self) -> list[tuple[str, str, str]]:
        """(table, shard, reason) of each shard that was not asked; reasons are found now."""
        return [(table, shard.name, reason) for table, shards in self.left_out for shard, reason in shards]


class ResultStream(Protocol):
    """Rows of a statement. `schema` has one field per column, in the column's carrier; names are not the clients' names."""

    columns: tuple[OutputColumn, ...]
    schema: pa.Schema

    def __iter__(self) -> Iterator[pa.RecordBatch]: ...

    def close(self) -> None:
        """End it early or late; idempotent; returns when nothing of it runs any more at any node."""
