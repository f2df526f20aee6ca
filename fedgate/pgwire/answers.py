"""Results of a session -> messages: rows in their formats, COPY TO STDOUT, command tags.

`put` takes what is sent; it blocks while the client is slow, and so the rows wait at their source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

import pyarrow as pa

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.pgwire import messages as m
from fedgate.pgwire.copy_out import CopyOut
from fedgate.pgwire.formats import BINARY_FORMAT, TEXT_FORMAT
from fedgate.pgwire.rows import RowEncoder
from fedgate.session.results import Result, Rows
from fedgate.session.session import Session
from fedgate.sql.tree import OutputColumn
from fedgate.system.names import NAMED_TYPES, RegNames
from fedgate.types import SqlType, described
from fedgate.types.copy_form import CopyForm

Put: TypeAlias = Callable[["bytes | memoryview"], None]
_TEXT = SqlType(25)
_SEVERITIES = dict.fromkeys(("00", "02", "42"), "NOTICE")


def tell(session: Session, put: Put) -> None:
    """Notices go before the answer that they belong to, those that client_min_messages lets through."""
    quiet = session.settings["client_min_messages"]
    for notice in session.take_notices():
        told = severity(notice)
        if quiet != "error" and (quiet != "warning" or told == "WARNING"):
            put(m.notice_response(notice, told))


def severity(notice: SqlError) -> str:
    """Class 01 codes are warnings, 00 and 02 notices, as those of class 42 are: `already exists, skipping`."""
    return _SEVERITIES.get(notice.sqlstate[:2], "WARNING")


def reg_names(session: Session) -> RegNames:
    """What knows the names of the catalog's objects, as the session sees them."""
    context = session.context()
    return RegNames(session.engine.shown(context), context.search_path)


@lru_cache(limits.ROW_DESCRIPTIONS_MAX)
def row_description(columns: tuple[OutputColumn, ...] | None, formats: tuple[int, ...]) -> bytes:
    """RowDescription, or NoData for what gives no rows."""
    if columns is None:
        return m.NO_DATA
    codes = m.formats_for(formats, len(columns))
    fields = []
    for column, code in zip(columns, codes, strict=True):
        oid, modifier = described(column.type)
        table, attnum = column.origin or (0, 0)
        fields.append(m.FieldDescription(column.name, oid, column.type.pg.length, modifier, table, attnum, code))
    return m.row_description(fields)


def send(session: Session, result: Result, formats: tuple[int, ...], put: Put) -> None:
    """A result's rows, if it has any, and how it ended."""
    if result.rows is None:
        put(m.command_complete(result.tag))
        return
    if result.copy is not None:
        _copy_out(session, result.rows, result.copy, put)
        return
    rows = result.rows
    codes = m.formats_for(formats, len(rows.columns))
    shown = _Shown(session, rows, codes)
    encoder = RowEncoder(shown.types, codes, session.settings.style)
    count = _send_rows(rows, result.limit, shown, encoder.encode, put)
    tell(session, put)
    suspended = result.limit and not rows.finished
    put(m.PORTAL_SUSPENDED if suspended else m.command_complete(result.tag_for(count)))


def _copy_out(session: Session, rows: Rows, form: CopyForm, put: Put) -> None:
    code = BINARY_FORMAT if form.format == "binary" else TEXT_FORMAT
    shown = _Shown(session, rows, [code] * len(rows.columns))
    out = CopyOut([c.name for c in rows.columns], shown.types, form, session.settings.style)
    put(out.response())
    put(out.head())
    count = _send_rows(rows, 0, shown, out.encode, put)
    put(out.end())
    tell(session, put)
    put(m.command_complete(f"COPY {count}"))


class _Shown:
    """What clients see of a result's columns: the texts of OIDs of objects are names, which only the catalog knows."""

    def __init__(self, session: Session, rows: Rows, codes: Sequence[int]) -> None:
        self.types = [c.type for c in rows.columns]
        self._named = {i: t.oid for i, t in enumerate(self.types) if t.oid in NAMED_TYPES and codes[i] == TEXT_FORMAT}
        if self._named:
            self._names = reg_names(session)
            self.types = [_TEXT if i in self._named else t for i, t in enumerate(self.types)]

    def batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        for i, oid in self._named.items():
            batch = batch.set_column(i, batch.schema.field(i).name, self._names.texts(oid, batch.column(i)))
        return batch


def _send_rows(
    rows: Rows, limit: int, shown: _Shown, encode: Callable[[pa.RecordBatch], Iterable[bytes | memoryview]], put: Put
) -> int:
    """Send the next rows, all when `limit` is 0; how many they were."""
    count = 0
    try:
        for batch in rows.take(limit):
            for piece in encode(shown.batch(batch)):
                put(piece)
            count += batch.num_rows
    except BaseException:
        rows.close()
        raise
    return count
