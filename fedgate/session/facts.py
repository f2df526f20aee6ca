"""What the schema `fedgate` and pg_settings tell of this session and this gateway: the `Facts` of the system room."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fedgate import limits
from fedgate.executor.api import ExecContext
from fedgate.session.reduced import HINT
from fedgate.session.settings import Settings
from fedgate.settings.table import SETTINGS, Setting
from fedgate.settings.values import shown_name
from fedgate.system import CursorFact, Facts, NodeFact, PreparedFact, QueryFact, QueryNodeFact, SettingFact

if TYPE_CHECKING:
    from fedgate.session.session import Session

_VARTYPES = {"bool": "bool", "int": "integer", "real": "real", "enum": "enum"}


class QueryLog:
    """The statements that run or ran lately at this gateway, newest last. Thread-safe, bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._entries: deque[int] = deque()
        self._facts: dict[int, QueryFact] = {}
        self._told: dict[int, str | None] = {}

    def begin(self, user: str, text: str) -> int:
        """A statement starts; its query id."""
        with self._lock:
            number = next(self._numbers)
            self._facts[number] = QueryFact(number, user, time.time(), "running", None, None, text)
            self._entries.append(number)
            if len(self._entries) > limits.QUERY_LOG_MAX:
                gone = self._entries.popleft()
                del self._facts[gone]
                self._told.pop(gone, None)
        return number

    def end(self, number: int, rows: int, milliseconds: float, error: str | None, told: str | None = None) -> None:
        """It ended; `told` is the error as its client was told it, where that is less."""
        with self._lock:
            fact = self._facts.get(number)
            if fact is not None and fact.state == "running":
                self._facts[number] = replace(
                    fact, state="failed" if error else "done", milliseconds=milliseconds, rows=rows, error=error
                )
                if told != error:
                    self._told[number] = told

    def all(self) -> Sequence[QueryFact]:
        with self._lock:
            return list(self._facts.values())

    def of(self, user: str) -> Sequence[QueryFact]:
        """Those of a user, with the errors that it was told."""
        with self._lock:
            mine = [fact for fact in self._facts.values() if fact.user == user]
            return [replace(fact, error=self._told.get(fact.query_id, fact.error)) for fact in mine]


@dataclass(slots=True)
class LastQuery:
    """The session's last statement that asked nodes."""

    query_id: int = 0
    context: ExecContext | None = None
    limited: bool = False

    def nodes(self) -> Sequence[QueryNodeFact]:
        return [
            QueryNodeFact(self.query_id, s.node, s.shard, s.state, s.rows, s.bytes, s.milliseconds, s.sql, s.error)
            for s in (self.context.stats if self.context else ())
        ]

    def reduced(self) -> Sequence[QueryNodeFact]:
        """The same for a role that does not see all; `limited`: it read tables of which the role sees a part."""
        return [
            replace(
                fact,
                sql="",
                rows=None if self.limited else fact.rows,
                bytes=None if self.limited else fact.bytes,
                error=None if fact.error is None else HINT,
            )
            for fact in self.nodes()
        ]


def facts_of(session: Session) -> Facts:
    """The facts for one statement of a session; nodes' errors, and what others ask, are for those who see all."""
    all_ = session.sees_all
    return Facts(
        user=session.user,
        temp=session.temp.shown(),
        settings=lambda: setting_facts(session.settings),
        node_states=session.engine.node_states if all_ else lambda: _without_errors(session.engine.node_states()),
        lacking=session.engine.lacking if all_ else tuple,
        last_query_nodes=session.last_query.nodes if all_ else session.last_query.reduced,
        queries=session.engine.queries.all if all_ else lambda: session.engine.queries.of(session.user),
        backends=lambda: session.engine.activity.facts(session),
        prepared=lambda: prepared_facts(session),
        cursors=lambda: cursor_facts(session),
    )


def _without_errors(states: Mapping[str, NodeFact]) -> Mapping[str, NodeFact]:
    return {name: replace(fact, last_error=None) for name, fact in states.items()}


def prepared_facts(session: Session) -> list[PreparedFact]:
    return [
        PreparedFact(s.name, s.text, s.prepared_us, tuple(t.oid for t in s.parameters), s.from_sql)
        for s in session.names.statements.values()
        if s.name
    ]


def cursor_facts(session: Session) -> list[CursorFact]:
    """Cursors and portals; that of a simple query has no time of its own and is not shown, as in PostgreSQL."""
    return [
        CursorFact(p.name, p.statement.text, p.hold, 1 in p.result_formats, p.created_us)
        for p in session.names.portals.values()
        if p.created_us
    ]


def setting_facts(settings: Settings) -> list[SettingFact]:
    return [_setting_fact(SETTINGS[name], settings) for name in sorted(SETTINGS)]


def _setting_fact(setting: Setting, settings: Settings) -> SettingFact:
    ranged = setting.kind in ("int", "real")
    return SettingFact(
        name=shown_name(setting.name),
        value=settings[setting.name],
        default=setting.default,
        about=setting.about,
        vartype="bool" if setting.choices == ("on",) else _VARTYPES.get(setting.kind, "string"),
        unit=setting.unit or None,
        minimum=f"{setting.minimum:g}" if ranged else None,
        maximum=f"{setting.maximum:.0f}" if ranged else None,
        choices=setting.choices,
        fixed=setting.fixed,
    )
