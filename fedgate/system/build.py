"""Rows as Python dicts → Arrow tables in carriers, and the rows that are the same in every database, from their data files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

import pyarrow as pa

from fedgate.fragment import column_name
from fedgate.schema import Column, Table
from fedgate.system.tables import DATA, tables
from fedgate.types import BY_OID, arrow_type
from fedgate.types.style import TextStyle
from fedgate.types.text_in import parse

Row = Mapping[str, Any]
_STYLE: Final = TextStyle()
_INTEGERS: Final = frozenset({20, 21, 23, 24, 26, 28, 29, 2202, 2205, 2206, 4089, 4096})
_BOOLEAN: Final = 16


def arrow_table(table: Table, rows: Iterable[Row]) -> pa.Table:
    """The rows; a column that a row leaves out is NULL, or its type's zero where the relation has no NULLs there."""
    listed = list(rows)
    arrays = []
    for column in table.columns:
        rest = _zero(column) if column.not_null else None
        arrays.append(pa.array([row.get(column.name, rest) for row in listed], type=arrow_type(column.type)))
    return pa.table(arrays, schema=arrow_schema(table))


def arrow_schema(table: Table) -> pa.Schema:
    """Columns named as lowered SQL names them, `c<attnum>`, in their carriers."""
    return pa.schema([pa.field(column_name(c.attnum), arrow_type(c.type)) for c in table.columns])


def _zero(column: Column) -> Any:
    pg = BY_OID[column.type.oid]
    if pg.is_array:
        return []
    if column.type.oid == _BOOLEAN:
        return False
    arrow = arrow_type(column.type)
    return 0 if pa.types.is_integer(arrow) or pa.types.is_floating(arrow) else ""


@cache
def static_rows(name: str) -> tuple[Row, ...]:
    """The rows of a pg_catalog relation that every database has, () when there are none."""
    path = DATA / "rows" / f"{name}.tsv"
    if not path.exists():
        return ()
    table = tables()[("pg_catalog", name)]
    readers = [(c.name, _reader(c)) for c in table.columns]
    return tuple(
        {
            column: None if text == "\\N" else read(_unescaped(text))
            for (column, read), text in zip(readers, line.split("\t"), strict=True)
        }
        for line in path.read_text(encoding="utf-8").splitlines()
    )


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return text.replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n").replace("\0", "\\")


def _reader(column: Column) -> Callable[[str], Any]:
    oid = column.type.oid
    if oid in _INTEGERS:
        return int
    if oid == _BOOLEAN:
        return lambda text: text == "true"
    if BY_OID[oid].is_array or oid in (700, 701):
        type_ = column.type
        return lambda text: _listed(parse(text, type_, _STYLE))
    return str


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
