"""PREPARE and EXECUTE as SQL statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fedgate.errors import SqlError
from fedgate.session import modifying
from fedgate.session.portals import Statement
from fedgate.session.results import Result
from fedgate.session.transaction import now_us
from fedgate.sql import utility as u
from fedgate.sql.parse import cast_select
from fedgate.sql.temp_statements import ModifyStmt
from fedgate.types import arrow_values
from fedgate.types.values import Value

if TYPE_CHECKING:
    from fedgate.session.session import Session


def prepare(session: Session, s: u.PrepareStmt, text: str) -> Result:
    parsed = None if s.query.kind == "select" else u.utility(s.query)  # its own refusal is the better error
    if parsed is not None and not isinstance(parsed, ModifyStmt):
        raise SqlError("42601", "only SELECT, INSERT, UPDATE and DELETE can be prepared")
    declared = session.prepare_once(cast_select(s.query, [(None, name) for name in s.types])).columns if s.types else ()
    types = tuple(column.type.oid for column in declared)
    if parsed is not None:
        columns, parameters = modifying.describe(session, parsed, types)
        made = Statement(s.name, text, s.query, None, parsed, parameters, columns, from_sql=True, prepared_us=now_us())
        session.names.add_statement(made)
        return Result("PREPARE")
    prepared = session.prepare(s.query, types)
    session.names.add_statement(
        Statement(s.name, text, s.query, prepared, None, prepared.parameters, prepared.columns, from_sql=True, prepared_us=now_us())
    )
    return Result("PREPARE")


def execute(session: Session, s: u.ExecuteStmt, statement: Statement) -> Result:
    """Run a prepared statement; its arguments are expressions without columns, evaluated first."""
    target = session.names.statement(s.name)
    if len(s.arguments) != len(target.parameters):
        raise SqlError(
            "42601",
            f'wrong number of parameters for prepared statement "{s.name}"',
            detail=f"Expected {len(target.parameters)} parameters but got {len(s.arguments)}.",
        )
    if target.prepared is None and not isinstance(target.utility, ModifyStmt):
        raise SqlError("0A000", f'prepared statement "{s.name}" cannot be run by EXECUTE')
    values: tuple[Value, ...] = ()
    if s.arguments:
        values = _evaluate(session, s, statement, target)
    if isinstance(target.utility, ModifyStmt):
        return modifying.run(session, target.utility, target.parameters, values)
    return Result("SELECT", session.start(session.current(target), values, target.text))


def _evaluate(session: Session, s: u.ExecuteStmt, statement: Statement, target: Statement) -> tuple[Value, ...]:
    assert statement.raw is not None
    select = cast_select(statement.raw, [(argument, t.pg.name) for argument, t in zip(s.arguments, target.parameters, strict=True)])
    rows = session.start(session.prepare_once(select), (), statement.text)
    batch = next(iter(rows.take()))
    rows.close()
    return tuple(arrow_values.to_python(batch.column(i), t)[0] for i, t in enumerate(target.parameters))
