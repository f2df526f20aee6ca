"""What a fan-out works on: jobs (a shard of an exchange), tasks (all jobs of one node) and how many sessions a node may have."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

import pyarrow as pa

from fedgate import limits
from fedgate.catalog.model import Shard
from fedgate.errors import SqlError
from fedgate.executor.replicas import Candidate
from fedgate.executor.spool import Spool
from fedgate.fragment import Fragment, FragmentStats, TypedView
from fedgate.nodes.engine import NodeSession
from fedgate.nodes.relations import shown_sql
from fedgate.planner.plan import Exchange
from fedgate.types.arrow_values import batch_bytes


class Gate:
    """How many sessions a node may have still. Thread-safe; it costs less than the library's semaphore where nobody waits."""

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)
        self._left = most

    def acquire(self, timeout: float) -> bool:
        """Whether there is room, now or within `timeout` seconds."""
        with self._lock:
            if not self._left:
                self._freed.wait(timeout)
            if not self._left:
                return False
            self._left -= 1
            return True

    def release(self) -> None:
        with self._lock:
            self._left += 1
            self._freed.notify()


class Gates:
    """Each node's gate, for all statements."""

    def __init__(self) -> None:
        self._gates: dict[str, Gate] = {}

    def of(self, node: str) -> Gate:
        found = self._gates.get(node)
        return found if found is not None else self._gates.setdefault(node, Gate(limits.SESSIONS_PER_NODE_MAX))


GATES: Final = Gates()


@dataclass(slots=True, eq=False)
class Job:
    """One shard of one exchange. `candidates` are its nodes, best first; `spool` holds the rows of the attempt that counts."""

    exchange: Exchange
    shard: Shard | None
    candidates: tuple[Candidate, ...]
    spool: Spool
    retries: int = 0

    @property
    def shard_name(self) -> str:
        return self.shard.name if self.shard is not None else "all"

    @property
    def home(self) -> str:
        return self.shard.home if self.shard is not None else self.candidates[0].node.name

    def at(self, node: str) -> Candidate | None:
        return next((c for c in self.candidates if c.node.name == node), None)


@dataclass(slots=True, eq=False)
class Task:
    """What one node does for the statement. `over`: given up or ended, whatever its thread still does.

    `connecting`: its session is being opened or closed again, so that its file or socket may be open.
    """

    candidate: Candidate
    queue: deque[Job]
    jobs: list[Job] = field(default_factory=list)
    session: NodeSession | None = None
    connecting: bool = False
    connected: bool = False
    over: bool = False
    hung: bool = False
    current: FragmentStats | None = None
    hold_until: float = 0.0
    began: float = field(default_factory=time.monotonic)

    @property
    def node(self) -> str:
        return self.candidate.node.name

    @property
    def close_wait_s(self) -> float:
        """How long the statement's end waits for this node from its beginning; 0 when there is nothing to wait for."""
        if self.session is not None:
            return limits.CLOSE_WAIT_HUNG_S_MAX if self.hung else limits.CLOSE_WAIT_S_MAX
        return limits.CLOSE_WAIT_CONNECTING_S_MAX if self.connecting and not self.over else 0.0


def begun(job: Job, fragment: Fragment) -> FragmentStats:
    """The fragment's statistics as it begins."""
    sql, more = fragment.sql[: limits.SHOWN_SQL_CHARS_MAX], len(fragment.sql) - limits.SHOWN_SQL_CHARS_MAX
    told = partial(_told, sql, more, fragment.relations, fragment.views)
    return FragmentStats(fragment.node, fragment.shard, "running", told, retries=job.retries, exchange=fragment.exchange)


def _told(sql: str, more: int, relations: Iterable[tuple[str | None, str]], views: Iterable[TypedView]) -> str:
    return shown_sql(sql, relations, views) + (f"… {more} characters more" if more > 0 else "")


def end(stats: FragmentStats, state: Literal["done", "failed", "cancelled"], error: str | None = None) -> None:
    """The fragment's last state; the first one that is given stays."""
    if stats.state == "running":
        stats.state, stats.error = state, error


def count(stats: FragmentStats, batch: pa.RecordBatch, bytes_max: int | None) -> None:
    """One batch more has come. Raises SqlError 53400 when the node has sent more than it may."""
    stats.rows += batch.num_rows
    stats.bytes += batch_bytes(batch)
    if bytes_max is not None and stats.bytes > bytes_max:
        raise SqlError(
            "53400",
            f'node "{stats.node}" sent more than {bytes_max} bytes',
            hint="The setting fedgate.max_node_bytes says how much a node may send.",
            node=stats.node,
        )


def kept_error(batches: Iterator[pa.RecordBatch], failures: list[BaseException]) -> Generator[pa.RecordBatch]:
    """The batches; an error is kept too, since the merge engine shows only its text."""
    try:
        yield from batches
    except BaseException as exc:
        failures.append(exc)
        raise
