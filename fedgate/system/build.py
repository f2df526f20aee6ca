"""Rows as Python dicts → Arrow tables in carriers, and the rows that are the same in every database, from their data files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from fedgate.fragment import column_name
from fedgate.schema import Column, Table
from fedgate.system.tables import DATA, tables
from fedgate.types import BY_OID, arrow_type
from fedgate.types.style import TextStyle
from fedgate.types.text_in import parse

if TYPE_CHECKING:
    from fedgate.system.facts import Facts
    from fedgate.system.objects import Shown

Row = Mapping[str, Any]
Rows: TypeAlias = "Callable[[Shown, Facts], Iterator[Row]]"
"""What makes the rows of one relation, for what a role may see."""
_STYLE: Final = TextStyle()
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
def static_table(schema: str, name: str) -> pa.Table | None:
    """The rows of a relation of PostgreSQL's that every database has, None when there are none."""
    path = DATA / "rows" / (f"{name}.tsv" if schema == "pg_catalog" else f"{schema}.{name}.tsv")
    if not path.exists():
        return None
    table = tables()[(schema, name)]
    names = [column.name for column in table.columns]
    texts = csv.read_csv(
        path,
        csv.ReadOptions(column_names=names, use_threads=False),
        csv.ParseOptions(delimiter="\t", quote_char=False, newlines_in_values=False),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=["\\N"], strings_can_be_null=True, check_utf8=False
        ),
    )
    return pa.table(
        [_read(texts.column(c.name).combine_chunks(), c) for c in table.columns],
        schema=arrow_schema(table),
    )


@cache
def static_rows(name: str) -> tuple[Row, ...]:
    """The same of a pg_catalog relation, as rows; () when there are none."""
    found = static_table("pg_catalog", name)
    if found is None:
        return ()
    return tuple(found.rename_columns([c.name for c in tables()[("pg_catalog", name)].columns]).to_pylist())


def _read(texts: pa.Array, column: Column) -> pa.Array:
    """A column's values from their text in the file."""
    oid, type_ = column.type.oid, arrow_type(column.type)
    if oid == _BOOLEAN:
        return pc.equal(texts, "true")
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        return texts.cast(type_)
    if BY_OID[oid].is_array:
        return pa.array(
            [None if t is None else _listed(parse(_unescaped(t), column.type, _STYLE)) for t in texts.to_pylist()], type_
        )
    if pc.any(pc.match_substring(texts, "\\")).as_py():
        return pa.array([None if t is None else _unescaped(t) for t in texts.to_pylist()], type_)
    return texts.cast(type_)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return text.replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n").replace("\0", "\\")


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
