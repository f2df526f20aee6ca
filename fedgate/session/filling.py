"""New rows of a temporary table: checked as they come, put in place when all are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from fedgate import limits
from fedgate.errors import About, SqlError
from fedgate.session.keys import check_not_null, first_double, key_text
from fedgate.session.temp import TempTable
from fedgate.session.temp_rows import Held

if TYPE_CHECKING:
    from fedgate.session.session import Session


class Filling:
    """Rows that are to be added to a table, of which `base` is what stays of the former ones (all by default).

    Raises SqlError 23502, 23505, 53400, 53100.
    """

    def __init__(self, session: Session, table: TempTable, base: Held | None = None) -> None:
        self._session = session
        self._table = table
        self._base = table.held if base is None else base
        self.added = Held(table.held.schema)

    def add(self, batch: pa.RecordBatch, counted: frozenset[int] = frozenset(), where: Callable[[int], str] | None = None) -> None:
        """Rows in the order of the table's columns, each in its carrier; those in `counted` (attnums) are numbered now.

        `where` tells where a row of the batch came from, for the context of errors.
        """
        schema = self.added.schema
        columns = list(batch.columns)
        for attnum in counted:
            numbers = self._table.sequences[attnum].take(batch.num_rows)
            columns[attnum - 1] = _numbered(numbers, schema.field(attnum - 1).type)
        if columns:
            made = pa.RecordBatch.from_arrays([_carried(c, f) for c, f in zip(columns, schema, strict=True)], schema=schema)
        else:
            made = batch
        check_not_null(self._table.table, made, self._session.settings.style, where)
        self.added = self.added.with_rows([made], self._session.temp.store)

    def done(self) -> int:
        """Put the rows into the table; how many they are."""
        added = self.added.plain() if self._table.uniques else None
        for unique in self._table.uniques:
            assert added is not None
            columns = [self._table.table.columns[n - 1] for n in unique.columns]
            double = first_double(columns, self._base.plain(), added)
            if double is not None:
                message = f'duplicate key value violates unique constraint "{unique.name}"'
                key = key_text(columns, added, double, self._session.settings.style)
                about = About(self._table.table.schema, self._table.name, constraint=unique.name)
                raise SqlError("23505", message, detail=f"Key {key} already exists.", about=about)
        rows = self.added.rows
        if rows <= limits.TEMP_PIECE_ROWS:
            held = self._base.with_rows(self.added.batches(), self._session.temp.store)
        else:
            held = self._base.with_pieces(self.added.pieces, self._session.temp.store)
        self._session.temp.put(self._table.holding(held))
        return rows


def _carried(array: pa.Array, field: pa.Field) -> pa.Array:
    return array if array.type == field.type else array.cast(field.type)


def _numbered(numbers: range, type_: pa.DataType) -> pa.Array:
    try:
        return pa.array(np.arange(numbers.start, numbers.stop, dtype=np.int64)).cast(type_)
    except pa.ArrowInvalid:
        largest = 2 ** (type_.bit_width - 1) - 1
        raise SqlError("2200H", f"nextval: reached maximum value of sequence ({largest})") from None
