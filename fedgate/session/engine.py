"""What all sessions share: catalog, plan cache, executor, system relations; from a parsed SELECT to a stream of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from fedgate import limits
from fedgate.catalog.snapshot import Snapshot
from fedgate.executor.api import CancelToken, ExecContext, ExecSettings, ResultStream
from fedgate.executor.run import Executor
from fedgate.nodes.misplaced import Misplaced
from fedgate.planner import make_plan
from fedgate.planner.cache import PlanCache, PlanKey
from fedgate.planner.plan import Plan
from fedgate.schema import Relations
from fedgate.session.activity import Activity
from fedgate.session.acts import Act, take_out
from fedgate.session.audit import NoAudit
from fedgate.session.facts import QueryLog
from fedgate.session.lift import lift
from fedgate.session.rights import CatalogSource
from fedgate.session.settings import Settings
from fedgate.session.temp import NO_TEMP, TempRows, WithTemp
from fedgate.session.templates import Mask, Template, learn, mask
from fedgate.sql.bind import bind
from fedgate.sql.bind.context import BindContext
from fedgate.sql.bind.supported import check_supported
from fedgate.sql.parse import RawStatement, parse
from fedgate.sql.tree import BoundQuery, OutputColumn
from fedgate.system import Facts, NodeFact, Shown, SystemCatalog
from fedgate.system.direct import Program, reads_catalogs
from fedgate.types import SqlType
from fedgate.types.values import Value

PARSE_CACHE_TEXT_MAX = 2_000
_parse_short = lru_cache(maxsize=limits.STATEMENT_CACHE_MAX)(parse)


@dataclass(frozen=True, slots=True)
class Direct:
    """A query of the catalogs that needs no plan. Its `Prepared.plan` is never run; `plan` makes one when the program gives up."""

    program: Program
    plan: Callable[[], Plan]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A planned query. `snapshot` is the one it was planned on, as its role sees it; `columns` are the plan's with their origins,
    in which statements of one plan differ; `actions` are done when it starts; `literals` are values of parameters that stand for
    the statement's own literals."""

    plan: Plan
    snapshot: Snapshot
    columns: tuple[OutputColumn, ...]
    actions: tuple[Act, ...] = ()
    literals: Mapping[str, Value] = field(default_factory=dict)
    direct: Direct | None = None

    @property
    def parameters(self) -> tuple[SqlType, ...]:
        return self.plan.parameters


@dataclass(slots=True)
class Engine:
    """The gateway without its listeners; thread-safe."""

    catalog: CatalogSource
    executor: Executor
    defaults: Mapping[str, str] = field(default_factory=dict)
    disabled_rules: frozenset[str] = frozenset()
    system: SystemCatalog = field(default_factory=SystemCatalog)
    queries: QueryLog = field(default_factory=QueryLog)
    activity: Activity = field(default_factory=Activity)
    audit: NoAudit = field(default_factory=NoAudit)
    statements: PlanCache[Prepared] = field(default_factory=PlanCache)
    plans: PlanCache[Plan] = field(default_factory=PlanCache)
    programs: PlanCache[Program | None] = field(default_factory=PlanCache)
    templates: PlanCache[tuple[tuple[Template, Prepared], ...]] = field(default_factory=PlanCache)

    def seen(self, context: BindContext) -> Snapshot:
        """The catalog now, as the session of that context sees it."""
        snapshot = self.catalog.snapshot()
        return snapshot if context.operator else snapshot.seen_by(context.user)

    def relations(self, context: BindContext) -> Relations:
        """What the binder sees now."""
        return self._relations(self.seen(context), context)

    def _relations(self, snapshot: Snapshot, context: BindContext) -> Relations:
        below = self.system.relations(snapshot)
        return below if context.temp is None else WithTemp(below, context.temp)

    def shown(self, context: BindContext) -> Shown:
        """What the system catalogs tell now."""
        return self.system.kept(self.seen(context), context.temp).shown

    @staticmethod
    def parse(text: str) -> tuple[RawStatement, ...]:
        """As `sql.parse.parse`; short texts are remembered, since clients send the same ones again and again."""
        return _parse_short(text) if len(text) <= PARSE_CACHE_TEXT_MAX else parse(text)

    def prepare(self, raw: RawStatement, context: BindContext, settings: Settings, parameters: tuple[int, ...] = ()) -> Prepared:
        """Bind and plan a SELECT, or find it in the cache: by its text, then by its tree without literals.

        Raises the binder's and planner's SqlErrors.
        """
        snapshot = self.seen(context)
        key = PlanKey(
            statement=raw.source,
            parameter_types=parameters,
            revision=snapshot.revision,
            role="" if context.operator else context.user,
            search_path=context.search_path,
            timezone=context.timezone,
            datestyle=context.datestyle,
            settings=(("intervalstyle", context.intervalstyle), *settings.planner_settings()),
            temp=() if context.temp is None else tuple(context.temp.tables.values()),
        )

        def make() -> Prepared:
            masked = mask(raw)
            near = replace(key, statement=masked.text) if masked is not None else None
            if masked is not None and near is not None and (like := self._like(masked, near, snapshot)) is not None:
                return like
            bound, actions = self._bind(raw, context, parameters, snapshot)
            lifted, literals = lift(bound, catalogs=reads_catalogs(bound))
            program = self._program(lifted, snapshot, key)
            if program is not None:
                unused = Plan((), (), lifted.query, lifted.columns, lifted.parameters, "none")
                direct = Direct(program, lambda: self._plan(lifted, context, snapshot))
                made = Prepared(unused, snapshot, bound.columns, actions, literals, direct)
                if masked is not None and near is not None and not actions:
                    known = self.templates.peek(near) or ()
                    template = learn(masked, raw.start, lifted, literals)
                    self.templates.put(near, ((template, made), *known[: limits.TEMPLATES_ALIKE_MAX - 1]))
                return made
            plan = self.plans.get(replace(key, statement=lifted, temp=()), lambda: self._plan(lifted, context, snapshot))
            return Prepared(plan, snapshot, bound.columns, actions, literals)

        return self.statements.get(key, make)

    def _like(self, masked: Mask, near: PlanKey, snapshot: Snapshot) -> Prepared | None:
        """A statement that was seen with other literals, with these."""
        for template, like in self.templates.peek(near) or ():
            literals = template.values(masked)
            if literals is not None and like.snapshot is snapshot:
                return replace(like, literals=literals)
        return None

    def prepare_once(self, raw: RawStatement, context: BindContext, parameters: tuple[int, ...] = ()) -> Prepared:
        """Bind and plan a SELECT as it is written, without the caches: for EXPLAIN, and for what no client wrote."""
        snapshot = self.seen(context)
        bound, actions = self._bind(raw, context, parameters, snapshot)
        return Prepared(self._plan(bound, context, snapshot), snapshot, bound.columns, actions)

    def prepare_bound(self, bound: BoundQuery, context: BindContext) -> Prepared:
        """Plan a query that is bound already: the rows of an INSERT, or those that an UPDATE changes."""
        snapshot = self.seen(context)
        bound, actions = take_out(bound)
        check_supported(bound)
        return Prepared(self._plan(bound, context, snapshot), snapshot, bound.columns, actions)

    def _bind(
        self, raw: RawStatement, context: BindContext, parameters: tuple[int, ...], snapshot: Snapshot
    ) -> tuple[BoundQuery, tuple[Act, ...]]:
        bound, actions = take_out(bind(raw, self._relations(snapshot, context), context, parameters))
        check_supported(bound)
        return bound, actions

    def _program(self, lifted: BoundQuery, snapshot: Snapshot, key: PlanKey) -> Program | None:
        if self.disabled_rules or not reads_catalogs(lifted):
            return None
        return self.programs.get(replace(key, statement=lifted, temp=()), lambda: self.system.program(lifted, snapshot))

    def _plan(self, bound: BoundQuery, context: BindContext, snapshot: Snapshot) -> Plan:
        return make_plan(bound, snapshot, timezone=context.timezone, disabled=self.disabled_rules)

    def execute(
        self,
        prepared: Prepared,
        values: Mapping[str, Value],
        settings: ExecSettings,
        cancel: CancelToken,
        facts: Facts,
        temp: TempRows = NO_TEMP,
    ) -> tuple[ResultStream, ExecContext]:
        """Start the plan; the stream ends it. The context gathers statistics while it runs."""
        local = temp.over(self.system.local(prepared.snapshot, facts))
        context = ExecContext(values=values, settings=settings, cancel=cancel, local=local)
        plan = prepared.plan
        if prepared.direct is not None:
            answered = self.system.answer(
                prepared.direct.program, prepared.snapshot, facts.temp, local, values, cancel.check, settings.max_result_bytes
            )
            if answered is not None:
                return answered, context
            plan = prepared.direct.plan()
        stream = self.executor.execute(plan, prepared.snapshot, context)
        temp.let_go(local)
        return stream, context

    def lacking(self) -> Sequence[Misplaced]:
        """What nodes were found to lack of what the catalog says of them."""
        return self.executor.nodes.lacking.all()

    def node_states(self) -> Mapping[str, NodeFact]:
        """What the gateway last saw of each node."""
        return {name: NodeFact(s.state, s.last_error, s.last_seen) for name, s in self.executor.nodes.all().items()}
