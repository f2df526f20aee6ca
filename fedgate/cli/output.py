"""What all commands print alike: errors on stderr, results in the four formats."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO, TypeAlias

import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.sql.tree import OutputColumn
from fedgate.types import BY_OID, text_out
from fedgate.types.style import TextStyle

FORMATS = ("table", "csv", "json", "arrow")
_EXACT_JSON_INTEGER = 2**53
_RIGHT_ALIGNED = {20, 21, 23, 26, 700, 701, 1700}
_JSON_NUMBERS = {21, 23, 20, 700, 701}
_Chunk: TypeAlias = "list[tuple[str | None, ...]]"


def print_error(error: SqlError, statement: str = "", stream: IO[str] | None = None) -> None:
    """The error as psql prints it, the place marked when it is known."""
    out = stream or sys.stderr
    print(f"ERROR:  {error.sqlstate}: {error.message}", file=out)
    if error.position and statement:
        line_start = statement.rfind("\n", 0, error.position - 1) + 1
        line_end = statement.find("\n", error.position - 1)
        line = statement[line_start : line_end if line_end >= 0 else None]
        label = f"LINE {statement.count(chr(10), 0, line_start) + 1}: "
        print(f"{label}{line}", file=out)
        print(" " * (len(label) + error.position - 1 - line_start) + "^", file=out)
    if error.detail:
        print(f"DETAIL:  {error.detail}", file=out)
    if error.hint:
        print(f"HINT:  {error.hint}", file=out)


def write_rows(
    out_format: str, columns: Sequence[OutputColumn], batches: Iterable[pa.RecordBatch], style: TextStyle, schema: pa.Schema
) -> int:
    """Write all rows to stdout; returns how many there were. `table` holds them in memory to align them."""
    writer = {"table": _write_table, "csv": _write_csv, "json": _write_json}.get(out_format)
    if writer is None:
        return _write_arrow(columns, batches, schema)
    return writer(columns, _text_rows(columns, batches, style))


def _text_rows(columns: Sequence[OutputColumn], batches: Iterable[pa.RecordBatch], style: TextStyle) -> Iterable[_Chunk]:
    for batch in batches:
        texts = [text_out.array_text(batch.column(i), c.type, style).to_pylist() for i, c in enumerate(columns)]
        yield list(zip(*texts, strict=True)) if texts else [()] * batch.num_rows


def _write_table(columns: Sequence[OutputColumn], chunks: Iterable[_Chunk]) -> int:
    rows = [tuple("" if v is None else v for v in row) for chunk in chunks for row in chunk]
    widths = [max([len(c.name), *(_width(row[i]) for row in rows)]) for i, c in enumerate(columns)]
    out = sys.stdout
    out.write("|".join(f" {c.name:^{w}} " for c, w in zip(columns, widths, strict=True)).rstrip() + "\n")
    out.write("+".join("-" * (w + 2) for w in widths) + "\n")
    for row in rows:
        cells = (_cell(v, w, c) for v, w, c in zip(row, widths, columns, strict=True))
        out.write("|".join(cells).rstrip() + "\n")
    out.write(f"({len(rows)} row{'' if len(rows) == 1 else 's'})\n")
    return len(rows)


def _width(text: str) -> int:
    return max((len(line) for line in text.split("\n")), default=0)


def _cell(text: str, width: int, column: OutputColumn) -> str:
    flat = text.replace("\n", "↵")
    return f" {flat:>{width}} " if column.type.oid in _RIGHT_ALIGNED else f" {flat:<{width}} "


def _write_csv(columns: Sequence[OutputColumn], chunks: Iterable[_Chunk]) -> int:
    """As COPY … TO STDOUT (FORMAT csv, HEADER): NULL is nothing, an empty text is quoted."""
    count = 0
    sys.stdout.write(",".join(_csv_field(c.name) for c in columns) + "\n")
    for chunk in chunks:
        for row in chunk:
            sys.stdout.write(",".join("" if v is None else _csv_field(v) for v in row) + "\n")
            count += 1
    return count


def _csv_field(text: str) -> str:
    if text == "" or text == "\\." or any(c in text for c in '",\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _write_json(columns: Sequence[OutputColumn], chunks: Iterable[_Chunk]) -> int:
    """An array of objects; numeric, and bigint beyond 2^53, are strings so that no reader rounds them."""
    count = 0
    for chunk in chunks:
        for row in chunk:
            sys.stdout.write("[\n  " if count == 0 else ",\n  ")
            fields = (f"{json.dumps(c.name, ensure_ascii=False)}: {_json_value(v, c)}" for c, v in zip(columns, row, strict=True))
            sys.stdout.write("{" + ", ".join(fields) + "}")
            count += 1
    sys.stdout.write("\n]\n" if count else "[]\n")
    return count


def _json_value(text: str | None, column: OutputColumn) -> str:
    if text is None:
        return "null"
    oid = column.type.oid
    if oid == 16:
        return "true" if text == "t" else "false"
    if oid in (114, 3802):
        return text
    finite_number = oid in _JSON_NUMBERS and text not in ("NaN", "Infinity", "-Infinity")
    if finite_number and (oid in (700, 701) or abs(Decimal(text)) <= _EXACT_JSON_INTEGER):
        return text
    return json.dumps(text, ensure_ascii=False)


def _write_arrow(columns: Sequence[OutputColumn], batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> int:
    """An Arrow IPC stream; each field's metadata names its PostgreSQL type."""
    fields = [
        pa.field(c.name, schema.field(i).type, metadata={"postgresql_type": BY_OID[c.type.oid].name}) for i, c in enumerate(columns)
    ]
    named = pa.schema(fields)
    count = 0
    with pa.ipc.new_stream(sys.stdout.buffer, named) as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=named) if columns else batch)
            count += batch.num_rows
    return count
