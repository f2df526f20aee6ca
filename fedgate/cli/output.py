"""Results in the four formats on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import pyarrow as pa

from fedgate.cli.table import write_table
from fedgate.sql.tree import OutputColumn
from fedgate.types import BY_OID, REG_TYPES, SqlType, text_out
from fedgate.types.style import TextStyle

FORMATS = ("table", "csv", "json", "arrow")
EXACT_JSON_INTEGER: Final = 2**53
_RIGHT_ALIGNED = frozenset({20, 21, 23, 26, 28, 29, 700, 701, 1700})
_SMALL_NUMBERS = frozenset({20, 21, 23, 700, 701})
_Text: TypeAlias = "str | None"
RegTexts: TypeAlias = Callable[[int, pa.Array], pa.Array]
"""Names of reg* values: (type OID, OIDs) → texts, as `system.names.RegNames.texts`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How values become text: the session's style, and the names behind OIDs."""

    style: TextStyle
    names: RegTexts

    def texts(self, array: pa.Array, type_: SqlType) -> list[_Text]:
        if type_.oid in REG_TYPES:
            return list(self.names(type_.oid, array).to_pylist())
        if BY_OID[type_.oid].element_oid in REG_TYPES:
            return [None if v is None else _array_literal(v) for v in self._lists(array, type_)]
        return list(text_out.array_text(array, type_, self.style).to_pylist())

    def json(self, array: pa.Array, type_: SqlType) -> list[str]:
        """Each value as JSON; an array is a JSON array."""
        if BY_OID[type_.oid].is_array and pa.types.is_list(array.type):
            element = SqlType(BY_OID[type_.oid].element_oid, type_.typmod)
            return [
                "null" if v is None else f"[{', '.join(_json_value(i, element.oid) for i in v)}]" for v in self._lists(array, type_)
            ]
        return [_json_value(text, type_.oid) for text in self.texts(array, type_)]

    def _lists(self, array: pa.Array, type_: SqlType) -> Iterator[list[_Text] | None]:
        """The texts of each array's elements."""
        offsets = array.offsets.to_pylist()
        start, end = offsets[0], offsets[-1]
        texts = self.texts(array.values.slice(start, end - start), SqlType(BY_OID[type_.oid].element_oid, type_.typmod))
        for i, valid in enumerate(array.is_valid().to_pylist()):
            yield texts[offsets[i] - start : offsets[i + 1] - start] if valid else None


def _array_literal(texts: list[_Text]) -> str:
    """An array of names; they are quoted as elements of every type are."""
    return text_out.array_text(pa.array([texts], pa.list_(pa.string())), SqlType(1009), TextStyle())[0].as_py()  # type: ignore[no-any-return]


def write_rows(
    out_format: str, columns: Sequence[OutputColumn], batches: Iterable[pa.RecordBatch], shown: Shown, schema: pa.Schema
) -> int:
    """Write all rows to stdout; returns how many there were. `table` holds them in memory to align them."""
    if out_format == "arrow":
        return _write_arrow(columns, batches, schema)
    writer = {"table": _write_table, "csv": _write_csv, "json": _write_json}[out_format]
    return writer(columns, batches, shown)


def _text_rows(columns: Sequence[OutputColumn], batch: pa.RecordBatch, shown: Shown) -> list[tuple[_Text, ...]]:
    texts = [shown.texts(batch.column(i), c.type) for i, c in enumerate(columns)]
    return list(zip(*texts, strict=True)) if texts else [()] * batch.num_rows


def _write_table(columns: Sequence[OutputColumn], batches: Iterable[pa.RecordBatch], shown: Shown) -> int:
    rows = [row for batch in batches for row in _text_rows(columns, batch, shown)]
    right = [c.type.oid in _RIGHT_ALIGNED for c in columns]
    write_table(sys.stdout, [c.name for c in columns], right, rows)
    return len(rows)


def _write_csv(columns: Sequence[OutputColumn], batches: Iterable[pa.RecordBatch], shown: Shown) -> int:
    """As COPY … TO STDOUT (FORMAT csv, HEADER): NULL is nothing, an empty text is quoted."""
    count = 0
    alone = len(columns) == 1
    sys.stdout.write(",".join(_csv_field(c.name, alone) for c in columns) + "\n")
    for batch in batches:
        rows = _text_rows(columns, batch, shown)
        sys.stdout.write("".join(",".join("" if v is None else _csv_field(v, alone) for v in row) + "\n" for row in rows))
        count += len(rows)
    return count


def _csv_field(text: str, alone: bool) -> str:
    """`\\.` alone on a line would end COPY's input."""
    if text == "" or any(c in text for c in '",\n\r') or (alone and text == "\\."):
        return '"' + text.replace('"', '""') + '"'
    return text


def _write_json(columns: Sequence[OutputColumn], batches: Iterable[pa.RecordBatch], shown: Shown) -> int:
    """An array of objects; numeric, and bigint beyond 2^53, are strings so that no reader rounds them."""
    count = 0
    names = [json.dumps(c.name, ensure_ascii=False) for c in columns]
    if repeated := sorted({c.name for c in columns if [d.name for d in columns].count(c.name) > 1}):
        print(
            f"WARNING:  readers of JSON keep one of the columns named {', '.join(repeated)}; give them names (AS)", file=sys.stderr
        )
    for batch in batches:
        values = [shown.json(batch.column(i), c.type) for i, c in enumerate(columns)]
        rows = zip(*values, strict=True) if values else iter([()] * batch.num_rows)
        for row in rows:
            sys.stdout.write("[\n  " if count == 0 else ",\n  ")
            sys.stdout.write("{" + ", ".join(f"{name}: {value}" for name, value in zip(names, row, strict=True)) + "}")
            count += 1
    sys.stdout.write("\n]\n" if count else "[]\n")
    return count


def _json_value(text: _Text, oid: int) -> str:
    if text is None:
        return "null"
    if oid == 16:
        return "true" if text == "t" else "false"
    if oid in (114, 3802):
        return text
    if oid in (700, 701):
        return json.dumps(text) if text in ("NaN", "Infinity", "-Infinity") else text
    if oid in _SMALL_NUMBERS and abs(int(text)) <= EXACT_JSON_INTEGER:
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
