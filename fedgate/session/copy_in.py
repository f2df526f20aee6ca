"""COPY FROM STDIN into a temporary table: the session's side, which takes batches of the copied columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from fedgate.errors import unsupported
from fedgate.session import constant_rows
from fedgate.session.filling import Filling
from fedgate.session.results import Result
from fedgate.session.running import Running
from fedgate.session.temp import TempTable
from fedgate.sql.bind.modify import Written, bind_insert
from fedgate.sql.parse import RawStatement, default_insert
from fedgate.sql.properties import is_volatile
from fedgate.types import SqlType, arrow_type
from fedgate.types.copy_form import CopyForm

if TYPE_CHECKING:
    from fedgate.session.session import Session


class Incoming:
    """One COPY FROM STDIN. `add` batches, then `finish`; `close` in any case. The table changes at the end, or not at all."""

    def __init__(self, session: Session, table: TempTable, places: Sequence[int], form: CopyForm, raw: RawStatement) -> None:
        columns = [table.table.columns[p] for p in places]
        self.relation = table.name
        self.names: Sequence[str] = [c.name for c in columns]
        self.types: Sequence[SqlType] = [c.type for c in columns]
        self.form = form
        self._places = {place: i for i, place in enumerate(places)}
        self._table = table
        self._rest = _defaults(session, table, frozenset(places), raw)
        self._running = Running(session, raw.source)
        self._filling = Filling(session, table)

    def check(self) -> None:
        """Raises the error of a cancel or timeout."""
        self._running.cancel.check()

    def add(self, batch: pa.RecordBatch, where: Callable[[int], str]) -> None:
        """Rows of the copied columns. Raises SqlError 23502, 53400, 53100."""
        arrays = []
        counted: set[int] = set()
        for place, column in enumerate(self._table.table.columns):
            if place in self._places:
                arrays.append(batch.column(self._places[place]))
            elif column.attnum in self._table.sequences:
                counted.add(column.attnum)
                arrays.append(pa.nulls(batch.num_rows, arrow_type(column.type)))
            else:
                arrays.append(pa.repeat(self._rest.column(place)[0], batch.num_rows))
        made = pa.RecordBatch.from_arrays(arrays, schema=self._table.held.schema) if arrays else batch
        self._filling.add(made, frozenset(counted), where)

    def finish(self) -> Result:
        """All rows are there. Raises SqlError 23505."""
        self.check()
        return Result(f"COPY {self._filling.done()}")

    def close(self) -> None:
        """It is over."""
        self._running.close()


def _defaults(session: Session, table: TempTable, copied: frozenset[int], raw: RawStatement) -> pa.RecordBatch:
    """One row of defaults, for the columns that are not copied."""
    context = session.context(parameters=False)
    left = {n: d for n, d in table.defaults.items() if n - 1 not in copied}
    written = Written(table.table, left, frozenset(table.sequences))
    bound = bind_insert(default_insert(raw), written, session.relations(), context)
    if is_volatile(bound.query.query):
        raise unsupported("a default that is another for each row", hint="Copy that column too.")
    cells = constant_rows.cells(bound.query.query)
    schema = table.held.schema
    if cells is not None:
        try:
            return constant_rows.batch(cells, schema, [c.type for c in table.table.columns], {})
        except constant_rows.NotPlainError:
            pass
    rows = session.start(session.engine.prepare_bound(bound.query, context), (), raw.source)
    try:
        (batch,) = rows.take()
    finally:
        rows.close()
    return pa.RecordBatch.from_arrays([c.cast(f.type) for c, f in zip(batch.columns, schema, strict=True)], schema=schema)
