"""What a fan-out works on: jobs (a shard of an exchange), tasks (all jobs of one node) and how many sessions a node may have."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

import pyarrow as pa

from fedgate import limits
from fedgate.catalog.model import Shard
from fedgate.errors import SqlError
from fedgate.executor.replicas import Candidate
from fedgate.executor.spool import Spool
from fedgate.fragment import Fragment, FragmentStats
from fedgate.nodes.engine import NodeSession
from fedgate.nodes.relations import shown_sql
from fedgate.planner.plan import Exchange
from fedgate.types.arrow_values import batch_bytes


class Gates:
    """How many sessions each node has, of all statements."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gates: dict[str, threading.BoundedSemaphore] = {}

    def of(self, node: str) -> threading.BoundedSemaphore:
        with self._lock:
            return self._gates.setdefault(node, threading.BoundedSemaphore(limits.SESSIONS_PER_NODE_MAX))


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
    sql = shown_sql(fragment.sql[: limits.SHOWN_SQL_CHARS_MAX], fragment.relations, fragment.views)
    if len(fragment.sql) > limits.SHOWN_SQL_CHARS_MAX:
        sql += f"… {len(fragment.sql) - limits.SHOWN_SQL_CHARS_MAX} characters more"
    return FragmentStats(fragment.node, fragment.shard, "running", sql, retries=job.retries, exchange=fragment.exchange)


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
