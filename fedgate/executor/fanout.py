"""Runs a statement's jobs at their nodes: one thread and one session a node, nodes concurrently, failures moved to other
replicas.

A *job* is one shard of one exchange. All jobs of a statement on one node run in turn in one session. When a node cannot be
reached, or fails before any batch of a job was read, the job moves to the shard's next node, where a session that is still open
takes it. A node whose session has ended is not asked again by the same statement: it would answer of a later moment.

The first error that no replica can cure ends the statement: every wait raises it, every running statement is cancelled.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Final

import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.executor.api import ExecContext
from fedgate.executor.around import Around
from fedgate.executor.deadlines import DEADLINES, connect_timeout, node_timeout
from fedgate.executor.jobs import GATES, Gate, Job, Task, end
from fedgate.executor.merge import conform
from fedgate.executor.reading import Reading
from fedgate.executor.replicas import Candidate, together
from fedgate.executor.seen import UNREACHABLE, UNREACHABLE_STATES
from fedgate.executor.spool import Budget, Spool
from fedgate.executor.threads import Threads
from fedgate.nodes.engine import NodeSession
from fedgate.nodes.engines import engine

POOL: Final = Threads(limits.SESSIONS_MAX, "fedgate-node")
_CANCELS: Final = Threads(4, "fedgate-cancel")


class FanOut:
    """The jobs of one plan, running. `start` once, then read the jobs' spools, then `close`.

    Sessions that the statement has open already are used first; they are handed back when they ended well, unless this plan is the
    statement's last.
    """

    def __init__(
        self,
        jobs: list[Job],
        budget: Budget,
        ctx: ExecContext,
        around: Around,
    ) -> None:
        self.jobs = jobs
        self.budget = budget
        self._ctx = ctx
        self._sessions = around.sessions
        self._nodes = around.nodes
        self._keep = not around.last
        self._reading = Reading(around, ctx, budget.lock, self._silent)
        self._tasks: dict[str, Task] = {}
        self._lost: list[SqlError] = []
        self._left = len(jobs)
        self._leaving: dict[str, dict[str, Task]] = {}  # by node: tasks of others that have work which the node could do
        self._closed = False
        self._forget = ctx.cancel.on_cancel(self._cancelled)

    # ------------------------------------------------------------------------------------------- outside

    def start(self) -> None:
        """Give every job to its best node and begin."""
        with self.budget.lock:
            for job in self.jobs:
                self._assign(job, job.candidates[0])

    def wait(self) -> None:
        """Return when all jobs have finished. Raises the statement's error."""
        with self.budget.lock:
            while self.budget.error is None and not self._finished():
                self.budget.ended.wait()
            self.budget.check()

    def stream(self) -> Iterator[pa.RecordBatch]:
        """Batches of all jobs as they come. Raises the statement's error."""
        while True:
            with self.budget.lock:
                while (ready := self._ready()) is None:
                    self.budget.changed.wait()
                self.budget.check()
                batch = ready.take() if ready else None
            if batch is None:
                return
            yield batch

    def _ready(self) -> Spool | tuple[()] | None:
        """A spool that holds a batch; () when there is nothing more to come, or an error; None when one has to wait."""
        if self.budget.error is not None:
            return ()
        waiting = next((job.spool for job in self.jobs if job.spool.waiting), None)
        if waiting is not None:
            return waiting
        return () if self._finished() else None

    def _finished(self) -> bool:
        return not self._left

    def fail(self, error: SqlError) -> None:
        """End the statement with `error`: stop everything. Does not wait."""
        self.budget.fail(error)
        with self.budget.lock:
            sessions = [task.session for task in self._tasks.values() if task.session is not None]
        for session in sessions:
            _CANCELS.submit(session.cancel)

    def close(self) -> None:
        """Stop what still runs and wait for it, at most CLOSE_WAIT_S_MAX; let go of the rows. Idempotent.

        A client that is told of an error waits less: the error is not to come later than a second after its cause.
        """
        if self._closed:
            return
        self._closed = True
        self._forget()
        began = time.monotonic()
        wait_s_max = limits.CLOSE_WAIT_S_MAX if self.budget.error is None else limits.CLOSE_WAIT_FAILED_S_MAX
        while (waited_s := time.monotonic() - began) < wait_s_max and self._running(waited_s):
            if self.budget.error is not None or not self._finished():
                # A cancel may come just before a driver's statement starts, and be lost: so again and again.
                self.fail(SqlError("57014", "canceling statement: its result was closed"))
            with self.budget.lock:
                if any(task.close_wait_s for task in self._tasks.values()):
                    self.budget.changed.wait(limits.POLL_S)
        with self.budget.lock:
            for task in self._tasks.values():
                task.over = True
        for job in self.jobs:
            job.spool.close()

    def _running(self, waited_s: float) -> bool:
        """Whether a session is open, or being opened, that is still to be waited for."""
        with self.budget.lock:
            return any(waited_s < task.close_wait_s for task in self._tasks.values())

    def _cancelled(self) -> None:
        if self._ctx.cancel.error is not None:
            self.fail(self._ctx.cancel.error)

    # ------------------------------------------------------------------------------------------- assignment

    def _assign(self, job: Job, candidate: Candidate) -> None:
        """Give the job to a node, in its open session or a new one. The condition is held."""
        task = self._tasks.get(candidate.node.name)
        new = task is None
        if task is None:
            task = self._tasks[candidate.node.name] = Task(candidate, deque(), [])
        assert not task.over
        task.queue.append(job)
        task.jobs.append(job)
        for other in job.candidates:
            if other is not candidate:
                self._leaving.setdefault(other.node.name, {})[task.node] = task
        if new:
            POOL.start(partial(self._work, task))
        else:
            self.budget.changed.notify_all()

    def _next_job(self, task: Task) -> Job | None:
        """The task's next job; None ends its session. It stays open while a node that is not reached yet may leave it work."""
        with self.budget.lock:
            while not task.over and self.budget.error is None:
                if task.queue:
                    return task.queue.popleft()
                if self._finished() or not any(self._may_move(o, task) for o in self._leaving.get(task.node, {}).values()):
                    break
                self.budget.changed.wait(limits.POLL_S)
            task.over = True
            return None

    @staticmethod
    def _may_move(other: Task, to: Task) -> bool:
        return other is not to and not other.connected and not other.over and any(j.at(to.node) for j in other.queue)

    def _failed(self, task: Task, error: SqlError) -> None:
        """The task is lost: its jobs go to other nodes, or the statement ends with the error."""
        with self.budget.lock:
            if task.over:
                return
            task.over = True
            if task.current is not None:
                end(task.current, "failed", error.message)
            moved = self._moves(task, error) if self.budget.error is None else None
            for job, candidate in moved or ():
                self._left += job.spool.finished
                job.spool = Spool(job.spool.schema, self.budget, paced=job.spool.paced)
                job.retries += 1
                self._assign(job, candidate)
            if error.node == task.node and self.budget.error is None:
                waited_s = None if task.connected else max(time.monotonic() - task.began, self._ctx.settings.connect_timeout_s)
                self._nodes.failed(task.node, error, waited_s)
            self.budget.changed.notify_all()
        if moved is None:
            self._lose(task, error)

    def _lose(self, task: Task, error: SqlError) -> None:
        """No replica cures it. A node that cannot be reached is seldom alone: others that fail meanwhile are named too."""
        with self.budget.lock:
            self._lost.append(error)
            alone = task.connected or all(other.connected or other.over for other in self._tasks.values())
            first = len(self._lost) == 1
        if alone:
            self._give_up()
        elif first:
            DEADLINES.after(limits.FAILED_TOGETHER_S, self._give_up)

    def _give_up(self) -> None:
        with self.budget.lock:
            error = together(self._lost)
        self.fail(error)

    def _moves(self, task: Task, error: SqlError) -> list[tuple[Job, Candidate]] | None:
        """Where the task's jobs can go; None when the error is not cured by another node or a job has none left."""
        timed_out = error.sqlstate == "57014" and error.node == task.node
        if not (error.sqlstate.startswith(UNREACHABLE) or error.sqlstate in UNREACHABLE_STATES or timed_out):
            return None
        moves: list[tuple[Job, Candidate]] = []
        for job in task.jobs:
            if job.spool.finished and job.spool.paced:
                continue  # its shard was read whole, and no other exchange reads it
            candidate = next((c for c in job.candidates if self._usable(c)), None)
            if candidate is None or (task.connected and job.retries) or not job.spool.discard():
                return None
            moves.append((job, candidate))
        return moves

    def _usable(self, candidate: Candidate) -> bool:
        task = self._tasks.get(candidate.node.name)
        return task is None or not task.over

    # ------------------------------------------------------------------------------------------- a node's thread

    def _work(self, task: Task) -> None:
        gate = GATES.of(task.node)
        try:
            if not self._enter(task, gate):
                return
            try:
                self._session(task)
            finally:
                gate.release()
        except SqlError as exc:
            self._failed(task, exc)
        except BaseException as exc:  # a defect: it must not leave the statement waiting
            self._failed(task, SqlError("XX000", f"{type(exc).__name__}: {exc}", node=task.node))
        finally:
            with self.budget.lock:
                self.budget.changed.notify_all()

    def _enter(self, task: Task, gate: Gate) -> bool:
        """Wait for room at the node, as long as the node itself may be silent."""
        limit_s = self._ctx.settings.node_timeout_s
        until = time.monotonic() + limit_s if limit_s is not None else math.inf
        while not gate.acquire(timeout=limits.POLL_S):
            if not self._wanted(task):
                return False
            if time.monotonic() > until:
                raise SqlError(
                    "53300",
                    f'node "{task.node}" was busy with {limits.SESSIONS_PER_NODE_MAX} other sessions of ours for {limit_s:g} s',
                    hint="The setting fedgate.node_timeout says how long a statement waits for its turn.",
                    node=task.node,
                )
        return True

    def _wanted(self, task: Task) -> bool:
        return not task.over and self.budget.error is None

    def _session(self, task: Task) -> None:
        with self.budget.lock:
            if not self._wanted(task):
                return
            task.connecting = True
        try:
            session = self._connect(task)
        finally:
            with self.budget.lock:
                task.connecting = False
                self.budget.changed.notify_all()
        if session is None:
            return
        sound = False
        try:
            while (job := self._next_job(task)) is not None:
                self._run(task, session, job)
            sound = self.budget.error is None and not task.hung
        finally:
            if sound and self._keep:
                self._sessions.give(task.node, session, task.hold_until)
            else:
                session.close()
            with self.budget.lock:
                task.session = None
                self.budget.changed.notify_all()

    def _connect(self, task: Task) -> NodeSession | None:
        """The open session; None if the statement has not waited for it."""
        seconds = self._ctx.settings.connect_timeout_s
        kept = self._sessions.take(task.node)
        if kept is not None:
            return self._opened(task, *kept)
        forget = DEADLINES.after(seconds, lambda: self._failed(task, connect_timeout(task.node, seconds)))
        began = time.monotonic()
        try:
            session = engine(task.candidate.node.engine).connect(task.candidate.node, timeout_s=seconds)
        except OSError as exc:
            raise SqlError("08001", f'could not connect to node "{task.node}": {exc}', node=task.node) from exc
        finally:
            forget()
        self._nodes.reached(task.node, None if session.reused else time.monotonic() - began)
        hold = self._ctx.settings.node_hold_s
        if session.writers_wait:
            hold = min(hold, limits.WRITER_HOLD_S_MAX)
        return self._opened(task, session, time.monotonic() + hold)

    def _opened(self, task: Task, session: NodeSession, hold_until: float) -> NodeSession | None:
        with self.budget.lock:
            if self._wanted(task):
                task.session, task.connected, task.hold_until = session, True, hold_until
                self.budget.changed.notify_all()
                return session
        session.close()
        return None

    def _run(self, task: Task, session: NodeSession, job: Job) -> None:
        spool = job.spool
        with closing(self._reading.rows(task, session, job)) as rows:
            for batch in rows:
                spool.put(conform(batch, spool.schema), hold_until=task.hold_until)
        with self.budget.lock:
            if job.spool is spool:
                self._left -= not spool.finished
            spool.finish()
            if self._finished():
                self.budget.ended.notify_all()

    def _silent(self, task: Task, session: NodeSession, seconds: float) -> None:
        """The node said nothing for too long: give it up, and stop its statement."""
        task.hung = True
        _CANCELS.submit(session.cancel)
        self._failed(task, node_timeout(task.node, seconds))
