"""One client's session: statements in, results out; knows no bytes and no sockets.

The wire (or the command line) calls it from one thread; `cancel` alone may come from another. Simple protocol: `parse_script`, then
`run` for each statement, then `end_script`. Extended protocol: `parse`, `bind`, `describe_…`, `execute`, and `sync`. Whoever calls
reports an error by `failed`, so that an open transaction block is aborted, and reads `take_notices` and `settings.take_changed`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import pyarrow as pa

from fedgate.catalog.roles import Role
from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.executor.api import CancelToken, ExecContext
from fedgate.fragment import TEXT_STYLE
from fedgate.planner.plan import reads_limited
from fedgate.schema import Relations
from fedgate.session import utilities
from fedgate.session.activity import Work
from fedgate.session.acts import Act, Sleep, given
from fedgate.session.audit import Done, Who
from fedgate.session.engine import Engine, Prepared
from fedgate.session.facts import LastQuery, facts_of
from fedgate.session.open_rows import OpenRows
from fedgate.session.portals import Names, Portal, Statement
from fedgate.session.reduced import reduced
from fedgate.session.results import Result
from fedgate.session.rights import Rights
from fedgate.session.running import Running
from fedgate.session.settings import SELECTOR, Settings
from fedgate.session.temp import Temp, TempRows
from fedgate.session.transaction import Transaction, now_us
from fedgate.sql.bind.context import BindContext
from fedgate.sql.parse import RawStatement
from fedgate.sql.utility import Utility, utility
from fedgate.types.values import Value

DATABASE = "fedgate"
ParameterTypes: TypeAlias = "tuple[int, ...] | None"
"""OIDs that the client gave for `$1`…, 0 for any; None: a simple query, which has no parameters."""

_QUERY_KINDS = frozenset({"select"})
_CANCELLED = SqlError("57014", "canceling statement due to user request")


class Session:
    """`process_id` is what pg_backend_pid() says; `user` and `database` are fixed at startup. An `operator`'s session, which never
    comes over the wire, sees everything.

    Raises 3D000 for another database than fedgate, and what the settings in `startup` raise.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        user: str,
        database: str = DATABASE,
        startup: Mapping[str, str] | None = None,
        process_id: int = 0,
        operator: bool = False,
    ) -> None:
        if database != DATABASE:
            raise SqlError(
                "3D000", f'database "{database}" does not exist', hint=f'The whole fleet is one database, named "{DATABASE}".'
            )
        self.engine = engine
        self.user = user
        self.operator = operator
        self.address: str | None = None
        self.rights = Rights(engine.catalog, user, operator, engine.catalog.snapshot().guarded, lambda: self.settings["role"])
        self.database = database
        self.process_id = process_id
        self.settings = Settings(user, {**engine.defaults, **self.rights.settings()}, startup or {})
        self.rights.check_role(self.settings["role"])
        self.transaction = Transaction()
        self.temp = Temp(process_id, engine.executor.spool_directory)
        self.names = Names()
        self.work = Work()
        self.last_execution: ExecContext | None = None
        self.last_query = LastQuery()
        self._notices: list[SqlError] = []
        self._executions = 0
        self._cancel_lock = threading.Lock()
        self._running: CancelToken | None = None
        self._pending_cancel: SqlError | None = None

    # ---------------------------------------------------------------------------------------------------- simple protocol

    def parse_script(self, text: str) -> tuple[RawStatement, ...]:
        """The statements of a Query message; () for an empty one."""
        self.work.begins(text, now_us())
        self.names.drop_portal("")
        found = self._parsed(text)
        self.transaction.implicit = len(found) > 1
        self._executions = 0
        return found

    def run(self, raw: RawStatement) -> Result:
        """Start one statement of a script. Its rows must be read, or closed, before the next."""
        self.transaction.statement_begins()
        statement = self._analyse("", raw.text, raw, None)
        portal = Portal("", statement, ())
        self.names.add_portal(portal)
        return self.execute("", 0)

    def end_script(self) -> None:
        """A script outside a transaction block is one transaction of its own; its last portal goes with it."""
        self.names.drop_portal("")
        self._end_messages()

    def _end_messages(self) -> None:
        """Cancels that come later find nothing to stop."""
        self.transaction.implicit = False
        self._executions = 0
        self.runs(None)
        if not self.transaction.in_block:
            self.names.end_transaction()
            self.settings.commit()
            self.temp.commit()
        self.names.wait()

    # -------------------------------------------------------------------------------------------------- extended protocol

    def parse(self, name: str, text: str, parameters: tuple[int, ...]) -> None:
        """Parse message: one statement at most, 42601 otherwise."""
        self.transaction.statement_begins()
        self.work.begins(text, self.transaction.statement_us)
        found = self._parsed(text)
        if len(found) > 1:
            raise SqlError("42601", "cannot insert multiple commands into a prepared statement")
        if not name:
            self.names.drop_statement("")
        self.names.add_statement(self._analyse(name, text, found[0] if found else None, parameters))

    def bind(
        self, portal_name: str, statement_name: str, values: tuple[Value, ...], result_formats: tuple[int, ...] = ()
    ) -> Portal:
        statement = self.names.statement(statement_name)
        self.work.begins(statement.text, now_us())
        self._refuse_in_failed_block(statement)
        if statement.prepared is not None:
            self.current(statement)
        if len(values) != len(statement.parameters):
            raise SqlError(
                "08P01",
                f"bind message supplies {len(values)} parameters, but prepared statement "
                f'"{statement_name}" requires {len(statement.parameters)}',
            )
        portal = Portal(portal_name, statement, values, result_formats, created_us=now_us())
        self.names.add_portal(portal)
        return portal

    def described(self, name: str) -> Statement:
        """The statement of a Describe, whose parameters are told first; then `current` says whether its columns are the same.

        Raises 25P02 for what gives rows in a failed block.
        """
        statement = self.names.statement(name)
        if statement.prepared is not None:
            self._refuse_query_in_failed_block()
        return statement

    @property
    def pipelined(self) -> bool:
        """Whether what runs now came behind other executions, without a Sync between."""
        return self._executions > 1

    def execute(self, portal_name: str, limit: int) -> Result:
        """Run a portal, or go on with it; at most `limit` rows, all when 0."""
        portal = self.names.portal(portal_name)
        statement = portal.statement
        if self.work.state != "active":
            self.work.begins(statement.text, now_us())
        self._refuse_in_failed_block(statement)
        if portal.started:
            return self._go_on(portal, limit)
        self._executions += 1
        self.transaction.statement_begins()
        portal.started = True
        if statement.raw is None:
            return Result("")
        if statement.prepared is not None:
            if statement.prepared.snapshot is not self.snapshot:  # another role since, or a newer catalog
                self.current(statement)
            portal.result = Result("SELECT", self.start(statement.prepared, portal.values, statement.text), limit)
            return portal.result
        assert statement.utility is not None
        try:
            portal.result = utilities.run(self, statement, portal)
        except SqlError as error:
            self.audit(statement.text, Done(error.sqlstate))
            raise
        if not isinstance(portal.result.rows, OpenRows):  # those of a query write their own line when they end
            self.audit(statement.text, Done())
        return replace(portal.result, limit=limit)

    def sync(self) -> None:
        """Sync message: outside a transaction block everything since the last one was a transaction."""
        self._end_messages()

    # ------------------------------------------------------------------------------------------------------ all protocols

    def failed(self) -> None:
        """A statement raised: the transaction block, if any, is aborted."""
        self.transaction.implicit = False
        self._pending_cancel = None
        self.names.drop_portal("")
        if self.transaction.in_block:
            self.transaction.fail()
        else:
            self.names.end_transaction()
            self.settings.rollback()
            self.temp.rollback()

    def notice(self, sqlstate: str, message: str, hint: str | None = None) -> None:
        """Class 01 codes are warnings, others notices."""
        self._notices.append(SqlError(sqlstate, message, hint=hint))

    def take_notices(self) -> list[SqlError]:
        """What to tell the client before the next result, once each."""
        if self.last_execution is not None and self.last_execution.notices:
            notices, number = self.last_execution.notices, self.last_query.query_id
            self._notices.extend(notices if self.sees_all else (reduced(n, number, self.current_user) for n in notices))
            self.last_execution.notices.clear()
        taken, self._notices = self._notices, []
        return taken

    def cancel(self, error: SqlError = _CANCELLED) -> None:
        """Stop what runs now, if anything, or what a message that has come is about to run; from any thread."""
        with self._cancel_lock:
            running = self._running
            if running is None and self.work.state == "active":
                self._pending_cancel = error
        if running is not None:
            running.cancel(error)

    def check_cancel(self) -> None:
        """Raise the cancel's error if what runs now was cancelled; from any thread."""
        with self._cancel_lock:
            running = self._running
        if running is not None:
            running.check()

    def close(self) -> None:
        """The client is gone: stop everything and let go of it."""
        self.cancel(SqlError("57P01", "the connection was closed"))
        self.names.close_all()
        self.temp.close()

    def audit(self, text: str, done: Done) -> None:
        """A statement of this session has ended so."""
        log = self.engine.audit
        if log.listens:
            name = self.settings["application_name"]
            log.statement(Who(self.process_id, self.user, self.current_user, self.address, name), text, done)

    # ------------------------------------------------------------------------------------------------------------ roles

    @property
    def current_user(self) -> str:
        """Whose rights count."""
        return self.rights.current_user

    @property
    def role(self) -> Role | None:
        """The role whose rights count, if it is one."""
        return self.rights.role

    @property
    def sees_all(self) -> bool:
        """Whether nothing is kept from the session."""
        return self.rights.sees_all

    @property
    def snapshot(self) -> Snapshot:
        """The catalog as the session may see it."""
        return self.rights.snapshot

    # ---------------------------------------------------------------------------------------------------------- for us

    def context(self, *, parameters: bool = True) -> BindContext:
        """What the binder must know of this session, and whether the statement may have parameters."""
        s = self.settings
        return BindContext(
            search_path=s.search_path(self.current_user),
            timezone=s["timezone"],
            datestyle=s["datestyle"],
            intervalstyle=s["intervalstyle"],
            user=self.current_user,
            database=self.database,
            parameters=parameters,
            operator=self.operator,
            temp=self.temp.shown(),
        )

    def relations(self) -> Relations:
        """What the binder sees now."""
        return self.engine.relations(self.context())

    def start(
        self, prepared: Prepared, values: tuple[Value, ...], text: str, instead: Mapping[int, pa.Table] | None = None
    ) -> OpenRows:
        """Run a planned query under this session's cancel and statement_timeout; `text` is what the log of queries shows.

        `instead` are rows of temporary tables, by OID, that it is to see and not those that are there (RETURNING).
        """
        running = Running(self, text)
        try:
            known = self.parameter_values(values)
            acted = {act.parameter: self._act(act, known, running) for act in prepared.actions}
            stream, context = self.engine.execute(
                prepared,
                {**known, **prepared.literals, **acted},
                self.settings.execution,
                running.cancel,
                facts_of(self),
                TempRows(self.temp.tables, instead or {}),
            )
        except BaseException as error:
            told = running.failed(error)
            if told is error:
                raise
            raise told from None
        self.last_execution = running.context = context
        if not all(x.at_gateway for x in prepared.plan.exchanges):
            limited = not self.sees_all and reads_limited(prepared.plan)
            self.last_query = LastQuery(running.number, context, limited)
        merges = prepared.plan.streams != "concat"
        return OpenRows(prepared.columns, stream, running, self.engine.executor.spool_directory, ahead=merges)

    def parameter_values(self, values: tuple[Value, ...]) -> dict[str, Value]:
        """All parameters of a plan by name: `$n`, and those that stand for facts of the statement."""
        return {
            **{str(i + 1): value for i, value in enumerate(values)},
            "now": self.transaction.started_us,
            "statement_timestamp": self.transaction.statement_us,
            "user": self.current_user,
            "session_user": self.user,
            "database": self.database,
            "schema": self._current_schema(),
            "backend_pid": self.process_id,
            TEXT_STYLE: self.settings.style.packed,
        }

    def set(self, name: str, text: str, *, local: bool) -> None:
        """SET. Raises as `Settings.set` does, and 22023 for a selector that means nothing in the catalog."""
        if name.lower() == SELECTOR:
            self.snapshot.check_selector(text)
        elif name.lower() == "role":
            self.rights.check_role(text)
        self.settings.set(name, text, local=local)

    def _act(self, act: Act, values: Mapping[str, Value], running: Running) -> str | None:
        if isinstance(act, Sleep):
            seconds = act.duration_s(values)
            if seconds is not None:
                running.cancel.wait(seconds)
            return None if seconds is None else ""
        name, text, local = str(given(act.name, values)), given(act.text, values), bool(given(act.local, values))
        if text is None:
            self.settings.reset(name, local=local)
        else:
            self.set(name, str(text), local=local and self.transaction.in_block)
        return self.settings.show(name)

    def _current_schema(self) -> str | None:
        """The first schema of search_path that exists."""
        relations = self.relations()
        return next((schema for schema in self.settings.search_path(self.current_user) if relations.schema_exists(schema)), None)

    def _parsed(self, text: str) -> tuple[RawStatement, ...]:
        try:
            return self.engine.parse(text)
        except SqlError as error:
            self.audit(text, Done(error.sqlstate))
            raise

    def _analyse(self, name: str, text: str, raw: RawStatement | None, parameters: ParameterTypes) -> Statement:
        try:
            return self._analysed(name, text, raw, parameters)
        except SqlError as error:
            self.audit(text, Done(error.sqlstate))
            raise

    def _analysed(self, name: str, text: str, raw: RawStatement | None, parameters: ParameterTypes) -> Statement:
        if raw is None:
            return Statement(name, text, None, None, None, (), None)
        if raw.kind in _QUERY_KINDS and not raw.node.HasField("into_clause"):
            self._refuse_query_in_failed_block()
            prepared = self.prepare(raw, parameters)
            return Statement(name, text, raw, prepared, None, prepared.parameters, prepared.columns, prepared_us=now_us())
        parsed: Utility = utility(raw)
        self._refuse_utility_in_failed_block(parsed)
        columns, kinds = utilities.describe(self, parsed, parameters)
        return Statement(name, text, raw, None, parsed, kinds, columns, prepared_us=now_us())

    def prepare(self, raw: RawStatement, parameters: ParameterTypes = ()) -> Prepared:
        """A query's plan; with None for the types of parameters, there cannot be any (42P02)."""
        context = self.context(parameters=parameters is not None)
        prepared = self.engine.prepare(raw, context, self.settings, parameters or ())
        if parameters is None and prepared.parameters:  # found in the cache, made for a client that gives them
            self.engine.prepare_once(raw, context)
        return prepared

    def prepare_once(self, raw: RawStatement, parameters: ParameterTypes = ()) -> Prepared:
        """Plan a query as it is written, without the caches: for EXPLAIN and the arguments of EXECUTE."""
        return self.engine.prepare_once(raw, self.context(parameters=parameters is not None), parameters or ())

    def current(self, statement: Statement) -> Prepared:
        """A query's plan, made again on a newer catalog or other settings; its shape must stay (0A000, as in PostgreSQL)."""
        assert statement.raw is not None
        assert statement.prepared is not None
        prepared = self.prepare(statement.raw, tuple(t.oid for t in statement.parameters))
        if prepared is not statement.prepared:
            if [(c.name, c.type) for c in prepared.columns] != [(c.name, c.type) for c in statement.columns or ()]:
                raise SqlError("0A000", "cached plan must not change result type")
            statement.prepared = prepared
        return prepared

    def _go_on(self, portal: Portal, limit: int) -> Result:
        if portal.result is None or portal.result.rows is None:
            raise SqlError("55000", f'portal "{portal.name}" cannot be run')
        return replace(portal.result, limit=limit)

    def _refuse_in_failed_block(self, statement: Statement) -> None:
        if statement.utility is not None:
            self._refuse_utility_in_failed_block(statement.utility)
        elif statement.raw is not None:
            self._refuse_query_in_failed_block()

    def _refuse_utility_in_failed_block(self, parsed: Utility) -> None:
        if not utilities.ends_failed_block(parsed):
            self._refuse_query_in_failed_block()

    def _refuse_query_in_failed_block(self) -> None:
        if self.transaction.status == "E":
            raise SqlError("25P02", "current transaction is aborted, commands ignored until end of transaction block")

    def runs(self, cancel: CancelToken | None) -> None:
        """A cancel that comes from now on is for this query, and so is one that came since the client sent it."""
        with self._cancel_lock:
            self._running = cancel
            pending, self._pending_cancel = self._pending_cancel, None
        if pending is not None and cancel is not None:
            cancel.cancel(pending)
