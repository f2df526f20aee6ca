"""EXPLAIN: the plan of a query as rows of text or one JSON value; with ANALYZE the query runs first."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import unsupported
from fedgate.executor import preludes
from fedgate.executor.api import CancelToken
from fedgate.executor.replicas import Replicas
from fedgate.planner import explain
from fedgate.planner.compute import Unknown
from fedgate.planner.explain_text import lines
from fedgate.planner.plan import Prelude
from fedgate.session.engine import Prepared
from fedgate.session.facts import facts_of
from fedgate.session.results import TEXT, Result, text_rows
from fedgate.sql import utility as u
from fedgate.sql.tree import OutputColumn
from fedgate.types import SqlType
from fedgate.types.values import Value

if TYPE_CHECKING:
    from fedgate.session.session import ParameterTypes, Session

JSON = SqlType(114)


def describe(
    session: Session, s: u.ExplainStmt, parameters: ParameterTypes
) -> tuple[tuple[OutputColumn, ...], tuple[SqlType, ...]]:
    """(columns, parameter types) of EXPLAIN; `parameters` are the types that the client gave."""
    kind = JSON if s.format == "json" else TEXT
    return (OutputColumn(1, "QUERY PLAN", kind),), _prepare(session, s, parameters).parameters


def run(session: Session, s: u.ExplainStmt, types: tuple[SqlType, ...], values: tuple[Value, ...]) -> Result:
    prepared = _prepare(session, s, tuple(t.oid for t in types))
    named = {**session.parameter_values(values), **prepared.literals}
    executed = _analyze(session, prepared, values, s.statement.source) if s.analyze else None
    found = explain.describe(_explained(session, prepared, named, verbose=s.verbose, executed=executed))
    if s.format == "json":
        rows = text_rows(("QUERY PLAN",), [(explain.json_text(found),)], [JSON])
    else:
        rows = text_rows(("QUERY PLAN",), [(line,) for line in lines(found)])
    return Result("EXPLAIN", rows, counted=False)


def _explained(
    session: Session,
    prepared: Prepared,
    values: Mapping[str, Value],
    *,
    verbose: bool,
    executed: explain.Executed | None,
) -> explain.Explained:
    settings = session.settings.execution
    nodes = session.engine.executor.nodes
    replicas = Replicas(prepared.snapshot, settings, nodes.distance_s)
    lost = {name: seen.last_error or seen.state for name, seen in nodes.all().items() if seen.state == "unreachable"}
    return explain.Explained(
        prepared.plan,
        replicas,
        values,
        settings.timezone,
        verbose,
        lost,
        executed,
        partial(_metadata, session, prepared.snapshot),
        reduced=not session.sees_all,
    )


def _metadata(session: Session, snapshot: Snapshot, prelude: Prelude, values: Mapping[str, Value]) -> Mapping[str, Value]:
    """The parameters that a prelude gives which reads no node. Raises SqlError; Unknown for keys, which may be too many."""
    if prelude.kind not in ("scalar", "set"):
        raise Unknown
    prepared = Prepared(prelude.plan, snapshot, prelude.plan.columns)
    stream, _ = session.engine.execute(prepared, values, session.settings.execution, CancelToken(), facts_of(session))
    try:
        return preludes.parameters(prelude, stream, [])
    finally:
        stream.close()


def _prepare(session: Session, s: u.ExplainStmt, parameters: ParameterTypes) -> Prepared:
    if s.statement.kind == "select":
        return session.prepare_once(s.statement, parameters)
    if s.statement.kind == "execute":
        execute = u.utility(s.statement)
        assert isinstance(execute, u.ExecuteStmt)
        if not execute.arguments:
            return session.current(session.names.statement(execute.name))
    u.utility(s.statement)
    raise unsupported("EXPLAIN of this statement", hint="EXPLAIN a SELECT.")


def _analyze(session: Session, prepared: Prepared, values: tuple[Value, ...], text: str) -> explain.Executed:
    began = time.monotonic()
    rows = session.start(prepared, values, text)
    count = sum(batch.num_rows for batch in rows.take())
    context = session.last_execution
    assert context is not None
    total_ms = (time.monotonic() - began) * 1000
    nodes_ms = sum(context.waits_s) * 1000
    return explain.Executed(count, total_ms, nodes_ms, tuple(context.stats), tuple(context.pruned), tuple(context.keys))
