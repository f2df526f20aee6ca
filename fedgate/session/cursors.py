"""SQL cursors: DECLARE, FETCH, MOVE, and what COMMIT does to those WITH HOLD."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.session.portals import Portal, Statement
from fedgate.session.results import Result, Rows
from fedgate.session.transaction import now_us
from fedgate.sql import utility as u
from fedgate.types import SqlType
from fedgate.types.values import Value

if TYPE_CHECKING:
    from fedgate.session.session import Session


def declare(session: Session, s: u.DeclareStmt, types: tuple[SqlType, ...], values: tuple[Value, ...]) -> Result:
    """DECLARE: the query starts now, so that it sees what it would see now. 25P01 outside a block without HOLD.

    `types` and `values` are the parameters of the DECLARE itself, which are its query's.
    """
    if not s.hold and not session.transaction.in_block:
        raise SqlError("25P01", "DECLARE CURSOR can only be used in transaction blocks")
    prepared = session.prepare(s.query, tuple(t.oid for t in types))
    statement = Statement(s.name, s.query.text, s.query, prepared, None, types, prepared.columns)
    formats = (1,) if s.binary else ()
    portal = Portal(s.name, statement, values, formats, started=True, hold=s.hold, cursor=True, created_us=now_us())
    session.names.add_portal(portal)
    try:
        portal.result = Result("SELECT", session.start(prepared, values, statement.text))
    except BaseException:
        session.names.drop_portal(s.name)
        raise
    if s.hold and not session.transaction.in_block:
        _materialise(portal)
    return Result("DECLARE CURSOR")


def fetch(session: Session, s: u.FetchStmt) -> Result:
    """FETCH or MOVE, forward only."""
    portal = session.names.portal(s.name, "cursor")
    rows = portal.rows
    if rows is None:
        raise SqlError("55000", f'cursor "{s.name}" cannot be read')
    if s.direction != "forward" or s.count < 0:
        raise SqlError("55000", "cursor can only scan forward", hint="Fetch forward, or declare the cursor again.")
    limit = 0 if s.count == u.FETCH_ALL else s.count
    if s.count == 0:
        raise SqlError("0A000", "FETCH 0 is not supported", hint="Keep the row that was fetched last.")
    if s.move:
        moved = sum(batch.num_rows for batch in rows.take(limit))
        return Result(f"MOVE {moved}")
    # A view of the cursor's rows: the cursor stays open when the FETCH's own portal ends.
    window = Rows(rows.columns, rows.schema, rows.take(limit))
    return Result("FETCH", window)


def hold_all(session: Session) -> None:
    """COMMIT: WITH HOLD cursors keep their remaining rows, up to a limit (53400)."""
    for portal in session.names.portals.values():
        if portal.hold:
            _materialise(portal)


def drop_unheld(session: Session) -> None:
    """ROLLBACK: cursors of this transaction go, WITH HOLD ones too unless an earlier transaction made them."""
    started = session.transaction.started_us
    for name in [n for n, p in session.names.portals.items() if p.hold and p.created_us >= started]:
        session.names.drop_portal(name)


def _materialise(portal: Portal) -> None:
    rows = portal.rows
    if rows is None or rows.finished:
        return
    kept: list[pa.RecordBatch] = []
    size = 0
    for batch in rows.take():
        kept.append(batch)
        size += batch.nbytes
        if size > limits.HELD_CURSOR_BYTES_MAX:
            rows.close()
            raise SqlError(
                "53400",
                f'cursor "{portal.name}" WITH HOLD would keep more than {limits.HELD_CURSOR_BYTES_MAX} bytes',
                hint="Fetch within a transaction, or narrow the query.",
            )
    portal.result = Result("SELECT", Rows(rows.columns, rows.schema, kept))
