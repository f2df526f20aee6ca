"""A job's rows, read in an open session of its node: fragment after fragment, each held to what the catalog claims of it, and what
the node's engine could not do done here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.executor.api import ExecContext
from fedgate.executor.around import Around
from fedgate.executor.deadlines import DEADLINES, Watch
from fedgate.executor.jobs import Job, Task, begun, count, end, kept_error
from fedgate.executor.merge import Merge
from fedgate.fragment import Fragment
from fedgate.nodes.engine import NodeSession


@dataclass(frozen=True, slots=True)
class Reading:
    """How one plan's jobs are read. `lock` guards tasks and statistics; `silent` is called, from another thread, when a node has
    given nothing for so many seconds.
    """

    around: Around
    ctx: ExecContext
    lock: threading.RLock
    silent: Callable[[Task, NodeSession, float], None]

    def rows(self, task: Task, session: NodeSession, job: Job) -> Generator[pa.RecordBatch]:
        """The rows of the job's exchange. Raises what the session raises, and SqlError where rows or their node break a limit."""
        around, timezone = self.around, self.ctx.settings.timezone
        candidate = job.at(task.node)
        assert candidate is not None
        fitted = around.fitter.fitted(job.exchange, job.shard_name, job.home, candidate, timezone)
        work = around.fitter.work(fitted, job.exchange, job.shard_name, candidate, timezone, self.ctx.values)
        claims = around.claims.of(job.exchange.block, fitted, candidate)

        def held(name: str, part: Fragment) -> Generator[pa.RecordBatch]:
            return around.claims.held(self._pull(task, session, job, part), claims.get(name, ()), self.ctx.cancel)

        if work.residual is None:
            yield from held(next(iter(claims), ""), work.fragments[0])
            return
        inputs: dict[str, pa.Table | pa.RecordBatchReader] = {}
        for name, part in zip(work.inputs[:-1], work.fragments[:-1], strict=True):
            inputs[name] = pa.Table.from_batches(list(held(name, part)), part.schema)
        last = work.fragments[-1]
        failures: list[BaseException] = []
        source = kept_error(held(work.inputs[-1], last), failures)
        inputs[work.inputs[-1]] = pa.RecordBatchReader.from_batches(last.schema, source)
        merge = Merge(around.merge, work.residual, work.schema, inputs, self.ctx.cancel)
        try:
            yield from merge
        except SqlError as exc:
            raise failures[0] if failures else exc from None
        finally:
            merge.close()
            source.close()

    def _pull(self, task: Task, session: NodeSession, job: Job, fragment: Fragment) -> Generator[pa.RecordBatch]:
        """The fragment's batches, each within the node's timeout, counted."""
        stats = begun(job, fragment)
        with self.lock:
            task.current = stats
            self.ctx.stats.append(stats)
        seconds = self.ctx.settings.node_timeout_s
        began = time.monotonic()
        batches = session.run(fragment)
        watch = Watch(DEADLINES, seconds, lambda: self.silent(task, session, seconds or 0))
        try:
            while True:
                watch.begin()
                try:
                    batch = next(batches, None)
                finally:
                    watch.pause()
                    stats.milliseconds = (time.monotonic() - began) * 1000
                if stats.first_batch_ms is None:
                    stats.first_batch_ms = stats.milliseconds
                if batch is None:
                    break
                count(stats, batch, self.ctx.settings.max_node_bytes)
                yield batch
            end(stats, "done")
            self.around.nodes.lacking.answered(fragment)
        except SqlError as exc:
            placements = {rel: p for c in job.candidates if c.node.name == task.node for rel, p in c.placements.items()}
            told = self.around.nodes.lacking.told(exc, placements)
            end(stats, "cancelled" if told.sqlstate == "57014" else "failed", told.message)
            raise told from None
        finally:
            watch.end()
            close = getattr(batches, "close", None)
            if close is not None:
                close()
            end(stats, "cancelled")
