"""What the session does for each utility statement, and which columns it gives.

One function per statement class; command tags and messages are PostgreSQL's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fedgate.errors import SqlError
from fedgate.session import copying, cursors, defining, explain, modifying, sql_prepare
from fedgate.session.portals import Portal, Statement
from fedgate.session.results import TEXT, Result, text_rows
from fedgate.session.settings import SELECTOR
from fedgate.settings.values import shown_name
from fedgate.sql import utility as u
from fedgate.sql.copy_statement import CopyStmt
from fedgate.sql.temp_statements import (
    CreateAsStmt,
    CreateIndexStmt,
    CreateTableStmt,
    DropStmt,
    LockStmt,
    MaintainStmt,
    ModifyStmt,
    TruncateStmt,
)
from fedgate.sql.tree import OutputColumn
from fedgate.types import SqlType
from fedgate.wording import counted, listed

if TYPE_CHECKING:
    from fedgate.session.session import ParameterTypes, Session

Described = tuple[tuple[OutputColumn, ...] | None, tuple[SqlType, ...]]


def describe(session: Session, statement: u.Utility, parameters: ParameterTypes) -> Described:
    """(columns or None, parameter types) of a utility statement, before it runs; `parameters` are the client's types."""
    match statement:
        case u.ShowStmt(name="all"):
            return _text_columns("name", "setting", "description"), ()
        case u.ShowStmt(name=name):
            session.settings.show(name)
            return _text_columns(shown_name(name.lower())), ()
        case u.ExplainStmt():
            return explain.describe(session, statement, parameters)
        case u.ExecuteStmt(name=name):
            return session.names.statement(name).columns, ()
        case u.FetchStmt(name=name, move=False):
            return session.names.portal(name, "cursor").statement.columns, ()
        case ModifyStmt():
            return modifying.describe(session, statement, parameters)
        case CreateAsStmt() if statement.query.kind == "select":
            return None, session.prepare(statement.query, parameters).parameters
        case u.DeclareStmt():
            return None, session.prepare(statement.query, parameters).parameters
        case _:
            return None, ()


def ends_failed_block(statement: u.Utility) -> bool:
    """Whether it may run in an aborted transaction block."""
    return isinstance(statement, u.TransactionStmt) and statement.kind in ("commit", "rollback", "rollback_to")


def run(session: Session, statement: Statement, portal: Portal) -> Result:
    """Act on a utility statement."""
    utility = statement.utility
    return _HANDLERS[type(utility)](session, utility, statement, portal)


def _text_columns(*names: str) -> tuple[OutputColumn, ...]:
    return tuple(OutputColumn(i + 1, name, TEXT) for i, name in enumerate(names))


# ----------------------------------------------------------------------------------------------------------------- settings


def _set(session: Session, s: u.SetStmt, *_: object) -> Result:
    if s.local and not session.transaction.in_block:
        session.notice("25P01", "SET LOCAL can only be used in transaction blocks")
    elif s.value is None:
        session.settings.reset(s.name, local=s.local)
    elif s.name == "session_authorization":
        _check_authorization(session, s.value)
    else:
        session.set(s.name, s.value, local=s.local)
    return Result("SET")


def _check_authorization(session: Session, name: str) -> None:
    """SET SESSION AUTHORIZATION: one may be oneself."""
    if name == session.user:
        return
    if name not in session.engine.catalog.snapshot().roles:
        raise SqlError("22023", f'role "{name}" does not exist')
    raise SqlError("42501", "permission denied to set session authorization")


def _reset(session: Session, s: u.ResetStmt, *_: object) -> Result:
    if s.name is None:
        session.settings.reset_all()
    else:
        session.settings.reset(s.name)
    return Result("RESET")


def _show(session: Session, s: u.ShowStmt, *_: object) -> Result:
    if s.name == "all":
        return Result("SHOW", text_rows(("name", "setting", "description"), session.settings.all()), counted=False)
    value = session.settings.show(s.name)
    if s.name.lower() == SELECTOR and value:
        _tell_left_out(session, value)
    rows = text_rows((shown_name(s.name.lower()),), [(value,)])
    return Result("SHOW", rows, counted=False)


def _tell_left_out(session: Session, selector: str) -> None:
    """The nodes that are outside: rows that only they hold are missing from every answer, as the session has asked."""
    snapshot = session.snapshot
    outside = sorted(name for name, node in snapshot.nodes.items() if not snapshot.matches(node, selector))
    names = f": {listed(outside)}" if outside else ""
    session.notice("00000", f"{len(outside)} of {counted(len(snapshot.nodes), 'node')} left out{names}")


def _set_transaction(session: Session, s: u.SetTransactionStmt, *_: object) -> Result:
    if not s.session and not session.transaction.in_block:
        session.notice("25P01", "SET TRANSACTION can only be used in transaction blocks")
    else:
        _apply_options(session, s.options, prefix="default_" if s.session else "", local=not s.session)
    return Result("SET")


def _apply_options(session: Session, options: tuple[tuple[str, str], ...], *, prefix: str, local: bool) -> None:
    for name, value in options:
        session.settings.set(prefix + name, value, local=local)
        if name == "transaction_isolation" and value in ("repeatable read", "serializable"):
            session.notice(
                "00000",
                f"isolation level {value.upper()} is accepted, but each statement sees every node at a moment of its own",
            )


# ------------------------------------------------------------------------------------------------------------- transactions


def _transaction(session: Session, s: u.TransactionStmt, *_: object) -> Result:
    return _TRANSACTION[s.kind](session, s)


def _begin(session: Session, s: u.TransactionStmt) -> Result:
    if session.transaction.in_block:
        session.notice("25001", "there is already a transaction in progress")
    else:
        session.transaction.begin()
        session.settings.begin()
        session.temp.begin()
        for name in ("transaction_isolation", "transaction_read_only", "transaction_deferrable"):
            session.settings.set(name, session.settings[f"default_{name}"], local=True)
    _apply_options(session, s.options, prefix="", local=True)
    return Result("BEGIN" if s.kind == "begin" else "START TRANSACTION")


def _commit(session: Session, s: u.TransactionStmt) -> Result:
    if session.transaction.status == "E":
        return _rollback(session, s)
    if not session.transaction.in_block:
        if s.chain:
            raise SqlError("25P01", "COMMIT AND CHAIN can only be used in transaction blocks")
        session.notice("25P01", "there is no transaction in progress")
        return Result("COMMIT")
    cursors.hold_all(session)
    session.names.end_transaction()
    session.settings.commit()
    session.temp.commit()
    session.transaction.end()
    _chain(session, s)
    return Result("COMMIT")


def _rollback(session: Session, s: u.TransactionStmt) -> Result:
    if not session.transaction.in_block:
        if s.chain:
            raise SqlError("25P01", "ROLLBACK AND CHAIN can only be used in transaction blocks")
        session.notice("25P01", "there is no transaction in progress")
        return Result("ROLLBACK")
    cursors.drop_unheld(session)
    session.names.end_transaction()
    session.settings.rollback()
    session.temp.rollback()
    session.transaction.end()
    _chain(session, s)
    return Result("ROLLBACK")


def _chain(session: Session, s: u.TransactionStmt) -> None:
    if s.chain:
        session.transaction.statement_begins()
        session.transaction.begin()
        session.settings.begin()
        session.temp.begin()


def _savepoint(session: Session, s: u.TransactionStmt) -> Result:
    _require_block(session, "SAVEPOINT")
    session.transaction.savepoint(s.savepoint)
    session.settings.begin()
    session.temp.begin()
    return Result("SAVEPOINT")


def _release(session: Session, s: u.TransactionStmt) -> Result:
    _require_block(session, "RELEASE SAVEPOINT")
    index = session.transaction.find(s.savepoint)
    del session.transaction.savepoints[index:]
    session.settings.release_savepoint(index + 1)
    session.temp.release_savepoint(index + 1)
    return Result("RELEASE")


def _rollback_to(session: Session, s: u.TransactionStmt) -> Result:
    _require_block(session, "ROLLBACK TO SAVEPOINT")
    index = session.transaction.find(s.savepoint)
    del session.transaction.savepoints[index + 1 :]
    session.settings.rollback_to(index + 1)
    session.temp.rollback_to(index + 1)
    session.transaction.status = "T"
    return Result("ROLLBACK")


def _require_block(session: Session, what: str) -> None:
    if not session.transaction.in_block:
        raise SqlError("25P01", f"{what} can only be used in transaction blocks")


_TRANSACTION: dict[str, Callable[[Session, u.TransactionStmt], Result]] = {
    "begin": _begin,
    "start": _begin,
    "commit": _commit,
    "rollback": _rollback,
    "savepoint": _savepoint,
    "release": _release,
    "rollback_to": _rollback_to,
}

# ------------------------------------------------------------------------------------------------------------------- others


def _deallocate(session: Session, s: u.DeallocateStmt, *_: object) -> Result:
    if s.name is None:
        session.names.statements.clear()
        return Result("DEALLOCATE ALL")
    session.names.statement(s.name)
    session.names.drop_statement(s.name)
    return Result("DEALLOCATE")


def _discard(session: Session, s: u.DiscardStmt, statement: Statement, portal: Portal) -> Result:
    if s.target == "ALL":
        if session.transaction.in_any_block:
            raise SqlError("25001", "DISCARD ALL cannot run inside a transaction block")
        if session.pipelined:
            raise SqlError("25001", "DISCARD ALL cannot be executed within a pipeline")
        for name in [n for n, p in session.names.portals.items() if p is not portal]:
            session.names.drop_portal(name)
        session.names.statements.clear()
        session.settings.reset_all()
    if s.target in ("ALL", "TEMP"):
        session.temp.drop_all()
    return Result(f"DISCARD {s.target}")


def _listen(session: Session, s: u.ListenStmt, *_: object) -> Result:
    return Result(s.tag)


def _declare(session: Session, s: u.DeclareStmt, statement: Statement, portal: Portal) -> Result:
    return cursors.declare(session, s, statement.parameters, portal.values)


def _fetch(session: Session, s: u.FetchStmt, *_: object) -> Result:
    return cursors.fetch(session, s)


def _close(session: Session, s: u.CloseStmt, *_: object) -> Result:
    if s.name is None:
        session.names.close_cursors()
        return Result("CLOSE CURSOR ALL")
    session.names.portal(s.name, "cursor")
    session.names.drop_portal(s.name)
    return Result("CLOSE CURSOR")


def _prepare(session: Session, s: u.PrepareStmt, statement: Statement, portal: Portal) -> Result:
    return sql_prepare.prepare(session, s, statement.text)


def _execute(session: Session, s: u.ExecuteStmt, statement: Statement, portal: Portal) -> Result:
    return sql_prepare.execute(session, s, statement)


def _explain(session: Session, s: u.ExplainStmt, statement: Statement, portal: Portal) -> Result:
    return explain.run(session, s, statement.parameters, portal.values)


def _copy(session: Session, s: CopyStmt, statement: Statement, portal: Portal) -> Result:
    assert statement.raw is not None
    return copying.run(session, s, statement.raw)


def _create_table(session: Session, s: CreateTableStmt, statement: Statement, portal: Portal) -> Result:
    assert statement.raw is not None
    return defining.create_table(session, s, statement.raw)


def _create_as(session: Session, s: CreateAsStmt, statement: Statement, portal: Portal) -> Result:
    return defining.create_as(session, s, portal.values, statement.parameters)


def _modify(session: Session, s: ModifyStmt, statement: Statement, portal: Portal) -> Result:
    return modifying.run(session, s, statement.parameters, portal.values)


def _on_tables(act: Callable[[Session, Any], Result]) -> Callable[..., Result]:
    return lambda session, s, statement, portal: act(session, s)


_HANDLERS: dict[type, Callable[..., Result]] = {
    u.SetStmt: _set,
    u.SetTransactionStmt: _set_transaction,
    u.ResetStmt: _reset,
    u.ShowStmt: _show,
    u.TransactionStmt: _transaction,
    u.DeallocateStmt: _deallocate,
    u.DiscardStmt: _discard,
    u.ListenStmt: _listen,
    u.DeclareStmt: _declare,
    u.FetchStmt: _fetch,
    u.CloseStmt: _close,
    u.PrepareStmt: _prepare,
    u.ExecuteStmt: _execute,
    u.ExplainStmt: _explain,
    CopyStmt: _copy,
    CreateTableStmt: _create_table,
    CreateAsStmt: _create_as,
    ModifyStmt: _modify,
    DropStmt: _on_tables(defining.drop),
    TruncateStmt: _on_tables(defining.truncate),
    MaintainStmt: _on_tables(defining.maintain),
    CreateIndexStmt: _on_tables(defining.create_index),
    LockStmt: _on_tables(defining.lock),
}
