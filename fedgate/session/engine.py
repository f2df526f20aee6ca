"""What all sessions share: catalog, plan cache, executor, system relations; from a parsed SELECT to a stream of rows."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fedgate import limits
from fedgate.catalog.snapshot import Snapshot
from fedgate.executor.api import CancelToken, ExecContext, ExecSettings, ResultStream
from fedgate.executor.run import Executor
from fedgate.planner import make_plan
from fedgate.planner.plan import Plan
from fedgate.schema import LocalSource, Relations
from fedgate.session.alarm import Alarm
from fedgate.sql.bind import bind
from fedgate.sql.bind.context import BindContext
from fedgate.sql.parse import RawStatement
from fedgate.sql.tree import OutputColumn
from fedgate.types import SqlType
from fedgate.types.values import Value


class CatalogSource(Protocol):
    """Where the current snapshot comes from: a store that watches, or a fixed one in tests."""

    def snapshot(self) -> Snapshot: ...


class SystemSource(Protocol):
    """System relations beside a snapshot's own: what the binder sees, and their rows."""

    def relations(self, snapshot: Snapshot) -> Relations: ...

    def local(self, snapshot: Snapshot, facts: object) -> LocalSource: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A planned query. `snapshot` is the one it was planned on."""

    plan: Plan
    snapshot: Snapshot

    @property
    def columns(self) -> tuple[OutputColumn, ...]:
        return self.plan.columns

    @property
    def parameters(self) -> tuple[SqlType, ...]:
        return self.plan.parameters


PlanKey = tuple[str, tuple[int, ...], str, str, tuple[str, ...]]


@dataclass(slots=True)
class Engine:
    """The gateway without its listeners; thread-safe."""

    catalog: CatalogSource
    executor: Executor
    system: SystemSource
    defaults: Mapping[str, str] = field(default_factory=dict)
    alarm: Alarm = field(default_factory=Alarm)
    disabled_rules: frozenset[str] = frozenset()
    _plans: OrderedDict[PlanKey, Prepared] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def relations(self) -> Relations:
        """What the binder sees now."""
        return self.system.relations(self.catalog.snapshot())

    def prepare(
        self, raw: RawStatement, context: BindContext, settings_key: tuple[str, ...], parameters: tuple[int, ...] = ()
    ) -> Prepared:
        """Bind and plan a SELECT, or find it in the cache. Raises the binder's and planner's SqlErrors."""
        snapshot = self.catalog.snapshot()
        key = (raw.text[raw.start : raw.end], parameters, snapshot.revision, context.user, settings_key)
        with self._lock:
            found = self._plans.get(key)
            if found is not None and found.snapshot is snapshot:
                self._plans.move_to_end(key)
                return found
        prepared = self.plan(raw, context, parameters, snapshot)
        with self._lock:
            self._plans[key] = prepared
            while len(self._plans) > limits.STATEMENT_CACHE_MAX:
                self._plans.popitem(last=False)
        return prepared

    def plan(
        self, raw: RawStatement, context: BindContext, parameters: tuple[int, ...] = (), snapshot: Snapshot | None = None
    ) -> Prepared:
        """Bind and plan a SELECT, without the cache."""
        snapshot = snapshot or self.catalog.snapshot()
        bound = bind(raw, self.system.relations(snapshot), context, parameters)
        plan = make_plan(bound, snapshot, timezone=context.timezone, disabled=self.disabled_rules)
        return Prepared(plan, snapshot)

    def execute(
        self, prepared: Prepared, values: Mapping[str, Value], settings: ExecSettings, cancel: CancelToken, facts: object
    ) -> tuple[ResultStream, ExecContext]:
        """Start the plan; the stream ends it. The context gathers statistics while it runs."""
        local = self.system.local(prepared.snapshot, facts)
        context = ExecContext(values=values, settings=settings, cancel=cancel, local=local)
        return self.executor.execute(prepared.plan, prepared.snapshot, context), context
