"""Executor: a plan on a snapshot becomes a stream of rows.

Preludes run first and become parameters. Then each exchange's surviving shards are asked, every node in one session, and `final`
runs over the exchanges in the merge engine, or, when the plan says `concat`, the nodes' batches go straight through. The
exchange's rows are the shards' answers in shard order, so that a repeated run folds floats in the same order.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from fedgate import limits
from fedgate.cache import Cache
from fedgate.catalog.model import Shard
from fedgate.errors import BEYOND_DECIMALS, SqlError
from fedgate.executor.api import ExecContext, ResultStream
from fedgate.executor.around import Around
from fedgate.executor.begun import Begun
from fedgate.executor.claims import Claims
from fedgate.executor.connection import Input
from fedgate.executor.constants import constant_row
from fedgate.executor.fanout import FanOut
from fedgate.executor.fitting import Fitter
from fedgate.executor.jobs import Job
from fedgate.executor.merge import Merge, MergeEngine
from fedgate.executor.preludes import parameters
from fedgate.executor.replicas import Placed, Replicas, nobody, tables_of
from fedgate.executor.seen import Nodes
from fedgate.executor.sessions import Sessions
from fedgate.executor.spool import Budget, Spool
from fedgate.fragment import column_name
from fedgate.planner.compute import Unknown, plan_value
from fedgate.planner.keys import with_ranges
from fedgate.planner.plan import Exchange, Plan, Prelude
from fedgate.planner.prune import asks_nothing, surviving
from fedgate.schema import ROW_COLUMN
from fedgate.sql.functions.udf import mark
from fedgate.sql.tree import OutputColumn
from fedgate.types.arrow_values import batch_bytes
from fedgate.types.values import Value

_ROW_ERRORS = ("21", "22", "23")


class Executor:
    """Runs plans. One a process: it holds the merge engine, what was fitted before and what was seen of nodes. Thread-safe."""

    def __init__(self, merge: MergeEngine | None = None, *, spool_directory: Path | None = None) -> None:
        self.merge = merge or MergeEngine(directory=spool_directory)
        self._fitter = Fitter()
        self._claims = Claims(self._fitter, self.merge)
        self._ranged: Cache[Plan] = Cache(limits.RANGED_PLANS_MAX)
        self._wide: Cache[Plan] = Cache(limits.RANGED_PLANS_MAX)
        self.spool_directory = spool_directory
        self.nodes = Nodes()

    def execute(self, plan: Plan, snapshot: Placed, ctx: ExecContext) -> ResultStream:
        """Start the plan. Nodes are asked at once, rows come when the stream is read; close the stream in any case.

        Raises SqlError, here or while the stream is read.
        """
        if plan.wide is None:
            return self._started(plan, snapshot, ctx)
        try:
            return Begun(self._started(plan, snapshot, ctx))
        except SqlError as exc:
            if not exc.message.endswith(BEYOND_DECIMALS):  # a node may be named before
                raise
        return self._started(self._wide.get(id(plan), plan, plan.wide), snapshot, ctx)

    def _started(self, plan: Plan, snapshot: Placed, ctx: ExecContext) -> _Run:
        sessions = Sessions(self.nodes)
        try:
            return self._execute(plan, snapshot, ctx, sessions, last=True)
        except BaseException:
            sessions.close()
            raise

    def _execute(self, plan: Plan, snapshot: Placed, ctx: ExecContext, sessions: Sessions, *, last: bool) -> _Run:
        """`last`: nothing of the statement comes after this plan, so its sessions end with it."""
        ctx.cancel.check()
        try:
            values = self._preludes(plan.preludes, snapshot, ctx, sessions)
        except SqlError as exc:
            if plan.fallback is None or not exc.sqlstate.startswith(_ROW_ERRORS):
                raise
            return self._execute(plan.fallback, snapshot, ctx, sessions, last=last)
        many = frozenset(p.name for p in plan.preludes if p.kind == "keys" and values[p.name] is None)
        plan = self._ranged.get((id(plan), many), plan, partial(with_ranges, plan, many)) if many else plan
        around = Around(self.merge, self._fitter, self._claims, self.spool_directory, self.nodes, sessions, last)
        run = _Run(around, plan, snapshot, replace(ctx, values=values) if plan.preludes else ctx)
        try:
            run.start()
        except BaseException:
            run.close()
            raise
        return run

    def close(self) -> None:
        """Close the merge engine."""
        self.merge.close()

    def _preludes(
        self, preludes: tuple[Prelude, ...], snapshot: Placed, ctx: ExecContext, sessions: Sessions
    ) -> Mapping[str, Value]:
        values = dict(ctx.values)
        for prelude in preludes:
            failure = None
            try:
                values.update(self._prelude(prelude, snapshot, replace(ctx, values=values), sessions))
            except SqlError as exc:
                if not prelude.deferred or not exc.sqlstate.startswith(_ROW_ERRORS):
                    raise
                values[prelude.name], failure = None, mark(exc)
            values[prelude.failure] = failure
        return values

    def _prelude(self, prelude: Prelude, snapshot: Placed, ctx: ExecContext, sessions: Sessions) -> Mapping[str, Value]:
        try:
            return {prelude.name: plan_value(prelude.plan, ctx.values, ctx.settings.timezone)}
        except Unknown:
            pass
        stream = self._execute(prelude.plan, snapshot, ctx, sessions, last=False)
        try:
            return parameters(prelude, stream, ctx.keys)
        finally:
            stream.close()


@dataclass(slots=True)
class _Filled:
    """One exchange of a run: its jobs in shard order, or its rows when the gateway has them. Many of these wait in `local`."""

    exchange: Exchange
    jobs: list[Job]
    table: pa.Table | None = None
    local: Spool | None = None

    @property
    def spools(self) -> list[Spool]:
        """Where its rows wait."""
        return [self.local] if self.local is not None else [job.spool for job in self.jobs]

    @property
    def few(self) -> bool:
        """Whether its rows, now that all are here, are few."""
        if self.table is not None:
            rows, size = self.table.num_rows, int(self.table.get_total_buffer_size())
        else:
            rows, size = sum(spool.rows for spool in self.spools), sum(spool.bytes for spool in self.spools)
        return rows <= limits.FEW_ROWS_MAX and size <= limits.FEW_ROWS_BYTES_MAX


class _Run:
    """One execution of a plan; the ResultStream that the session reads."""

    def __init__(self, around: Around, plan: Plan, snapshot: Placed, ctx: ExecContext) -> None:
        self.columns: tuple[OutputColumn, ...] = plan.columns
        self._around = around
        self._merge = around.merge
        self._fitter = around.fitter
        self._plan = plan
        self._replicas = Replicas(snapshot, ctx.settings, around.sessions.distance_s)
        self._ctx = ctx
        self._began = time.monotonic()
        self._streams = plan.streams == "concat" and len(plan.exchanges) == 1 and not plan.exchanges[0].at_gateway
        memory_bytes = limits.STREAM_MEMORY_BYTES_MAX if self._streams else limits.STATEMENT_MEMORY_BYTES_MAX
        self._budget = Budget(memory_bytes, around.spool_directory)
        self._sql, self.schema = "", pa.schema([])
        if self._streams:
            self.schema = plan.exchanges[0].schema
        else:
            self._sql, self.schema = self._fitter.sql(plan.final, ctx.settings.timezone, ctx.values)
        self._filled: list[_Filled] = []
        self._fan_out: FanOut | None = None
        self._final: Merge | None = None
        self._closed = False
        self._bytes = 0

    # ------------------------------------------------------------------------------------------- start

    def start(self) -> None:
        """Ask the nodes."""
        for exchange in self._plan.exchanges:
            if exchange.at_gateway:
                self._filled.append(self._local(exchange))
            else:
                self._filled.append(_Filled(exchange, [self._job(exchange, shard) for shard in self._shards(exchange)]))
        jobs = [job for filled in self._filled for job in filled.jobs]
        if jobs:
            self._fan_out = FanOut(jobs, self._budget, self._ctx, self._around)
            self._fan_out.start()
        if self._around.last:
            self._around.sessions.release({c.node.name for job in jobs for c in job.candidates})

    def _shards(self, exchange: Exchange) -> list[Shard | None]:
        """The shards to ask, in their order. [None] for an exchange over replicated tables only: any one placement."""
        if exchange.sharded is None:
            return [] if asks_nothing(exchange) else [None]
        kept, pruned = surviving(exchange, self._replicas.shards(exchange.sharded), self._ctx.values, self._ctx.settings.timezone)
        name = f"{exchange.sharded.schema}.{exchange.sharded.name}"
        outside = [shard for shard in kept if self._replicas.outside(shard)]
        reason = f"outside of {self._ctx.settings.node_selector}"
        self._ctx.left_out.extend([(name, pruned), (name, [(shard, reason) for shard in outside])])
        gone = frozenset(outside)
        return [shard for shard in kept if shard not in gone]

    def _job(self, exchange: Exchange, shard: Shard | None) -> Job:
        chosen = self._replicas.candidates(exchange, shard)
        if not chosen:
            raise nobody(exchange, shard)
        return Job(exchange, shard, chosen, Spool(exchange.schema, self._budget, paced=self._streams))

    def _local(self, exchange: Exchange) -> _Filled:
        """The rows of an exchange over a system or temp table; many of them wait as those of nodes do."""
        inputs: dict[str, Input] = {}
        for table in tables_of(exchange).values():
            rows = self._ctx.local.rows(table)
            columns = (*table.columns, ROW_COLUMN) if table.kind == "temp" else table.columns
            inputs["local"] = rows.rename_columns([column_name(c.attnum) for c in columns])
        sql, schema = self._fitter.sql(exchange.block, self._ctx.settings.timezone, self._ctx.values, table="local")
        few: list[pa.RecordBatch] = []
        size = 0
        spool: Spool | None = None
        try:
            for batch in Merge(self._merge, sql, schema, inputs, self._ctx.cancel):
                if spool is None and size <= limits.LAZY_TABLE_BYTES_MIN:
                    few.append(batch)
                    size += batch_bytes(batch)
                    continue
                if spool is None:
                    spool = Spool(schema, self._budget, paced=False)
                for each in (*few, batch):
                    spool.put(each, hold_until=0.0)
                few.clear()
        except BaseException:
            if spool is not None:
                spool.close()
            raise
        if spool is None:
            return _Filled(exchange, [], pa.Table.from_batches(few, schema))
        spool.finish()
        return _Filled(exchange, [], local=spool)

    # ------------------------------------------------------------------------------------------- rows

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._streamed() if self._streams else self._merged():
            self._bytes += batch_bytes(batch)
            limit = self._ctx.settings.max_result_bytes
            if limit is not None and self._bytes > limit:
                raise SqlError(
                    "53400",
                    f"the result exceeds {limit} bytes",
                    hint="The setting fedgate.max_result_bytes says how large a result may be.",
                )
            yield batch

    def _streamed(self) -> Iterator[pa.RecordBatch]:
        if self._fan_out is not None:
            yield from self._fan_out.stream()
            self._ctx.waits_s.append(time.monotonic() - self._began)

    def _merged(self) -> Iterator[pa.RecordBatch]:
        row = None if self._filled else constant_row(self._plan.final, self.schema, self._ctx.values)
        if row is not None:
            yield row
            return
        if self._fan_out is not None:
            self._fan_out.wait()
            self._ctx.waits_s.append(time.monotonic() - self._began)
        inputs = {filled.exchange.name: self._input(filled) for filled in self._filled}
        shape = self._fitter.shape(self._plan.final)
        few = shape.folds and all(filled.few for filled in self._filled)
        self._final = Merge(self._merge, self._sql, self.schema, inputs, self._ctx.cancel, apart=shape.lingers, few=few)
        yield from self._final

    def _input(self, filled: _Filled) -> Input:
        """The exchange's rows for the merge engine: a table, or a stream when they are many and read once."""
        if filled.table is not None:
            return filled.table
        schema = filled.exchange.schema
        batches = _in_order(filled.spools, self._ctx)
        name = filled.exchange.name
        uses = len(re.findall(rf"\b{re.escape(name)}\b", self._sql))
        if uses == 1 and sum(spool.bytes for spool in filled.spools) > limits.LAZY_TABLE_BYTES_MIN:
            return pa.RecordBatchReader.from_batches(schema, batches)
        table = pa.Table.from_batches(list(batches), schema)
        # One batch is scanned by one thread, in order: sums of floats come out the same every time.
        return table.combine_chunks()

    # ------------------------------------------------------------------------------------------- end

    def close(self) -> None:
        """Stop what runs, wait for it, let go of everything."""
        if self._closed:
            return
        self._closed = True
        if self._final is not None:
            self._final.close()
        if self._fan_out is not None:
            self._fan_out.close()
        for filled in self._filled:
            if filled.local is not None:
                filled.local.close()
        if self._around.last:
            self._around.sessions.close()


def _in_order(spools: list[Spool], ctx: ExecContext) -> Iterator[pa.RecordBatch]:
    """The batches of finished jobs, in shard order; each is let go of as it is read."""
    for spool in spools:
        while (batch := spool.take()) is not None:
            ctx.cancel.check()
            yield batch
        spool.close()
