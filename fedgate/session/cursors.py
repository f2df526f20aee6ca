"""SQL cursors: DECLARE, FETCH, MOVE, and what COMMIT does to those WITH HOLD."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.session.open_rows import CursorRows
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
    if not s.hold and not session.transaction.in_any_block:
        raise SqlError("25P01", "DECLARE CURSOR can only be used in transaction blocks")
    prepared = session.prepare(s.query, tuple(t.oid for t in types))
    statement = Statement(s.name, s.query.text, s.query, prepared, None, types, prepared.columns)
    formats = (1,) if s.binary else ()
    portal = Portal(s.name, statement, values, formats, started=True, hold=s.hold, cursor=True, created_us=now_us())
    session.names.add_portal(portal)
    try:
        opened = session.start(prepared, values, statement.text)
        cursor = opened.cursor(scroll=s.scroll)
        portal.result = Result("SELECT", cursor)
        if s.hold and not session.transaction.in_block:
            cursor.hold()
    except BaseException:
        session.names.drop_portal(s.name)
        raise
    opened.pause()
    return Result("DECLARE CURSOR")


def fetch(session: Session, s: u.FetchStmt) -> Result:
    """FETCH or MOVE. 55000 for going back in a cursor that does not scroll."""
    portal = session.names.portal(s.name, "cursor")
    if not portal.started and portal.statement.prepared is not None and portal.result is None:
        session.execute(s.name, 0)  # bound by the extended protocol and not run yet
    rows = portal.rows
    if rows is None or (isinstance(rows, CursorRows) and rows.failed):
        raise SqlError("55000", f'portal "{s.name}" cannot be run')
    if s.move and s.count == 0 and s.direction != "absolute":
        return Result(f"MOVE {int(isinstance(rows, CursorRows) and rows.on_row)}")
    batches = _towards(rows, s.direction, s.count)
    if s.move:
        return Result(f"MOVE {sum(batch.num_rows for batch in batches)}")
    # A view of the cursor's rows: the cursor stays open when the FETCH's own portal ends.
    return Result("FETCH", Rows(rows.columns, rows.schema, batches))


def _towards(rows: Rows, direction: str, count: int) -> Iterator[pa.RecordBatch]:
    ahead = -count if direction == "backward" else count
    if direction in ("forward", "backward") and ahead > 0:
        return rows.take(0 if ahead == u.FETCH_ALL else ahead)
    if not isinstance(rows, CursorRows):
        raise SqlError("55000", "cursor can only scan forward", hint="A portal of the extended protocol never scrolls.")
    if direction == "absolute":
        return rows.absolute(count)
    if direction == "backward" and ahead == 0:
        rows.require_scroll()  # also when it stands on no row
    if direction == "relative" or ahead == 0:
        return rows.relative(ahead)
    return rows.back(0 if -ahead == u.FETCH_ALL else -ahead)


def hold_all(session: Session) -> None:
    """COMMIT: WITH HOLD cursors keep their remaining rows, up to a limit (53400)."""
    for portal in session.names.portals.values():
        if portal.hold and isinstance(portal.rows, CursorRows):
            portal.rows.hold()


def drop_unheld(session: Session) -> None:
    """ROLLBACK: cursors of this transaction go, WITH HOLD ones too unless an earlier transaction made them."""
    started = session.transaction.started_us
    for name in [n for n, p in session.names.portals.items() if p.hold and p.created_us >= started]:
        session.names.drop_portal(name)
