"""DataRow encoding: the path by columns and the path by values give the same bytes, with NULLs, slices and mixed formats."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pytest

from fedgate.errors import SqlError
from fedgate.pgwire import rows
from fedgate.pgwire.rows import RowEncoder
from fedgate.types import SqlType, parse_type
from fedgate.types.arrow_values import from_python
from fedgate.types.style import TextStyle
from fedgate.types.text_in import parse
from fedgate.types.values import Value
from tests.types.cases import CASES, recorded

STYLE = TextStyle()


def cells(data: bytes) -> list[list[bytes | None]]:
    """The cells of a stream of DataRow messages."""
    out: list[list[bytes | None]] = []
    at = 0
    while at < len(data):
        assert data[at : at + 1] == b"D"
        end = at + 1 + int.from_bytes(data[at + 1 : at + 5], "big")
        count = int.from_bytes(data[at + 5 : at + 7], "big")
        at += 7
        row: list[bytes | None] = []
        for _ in range(count):
            length = int.from_bytes(data[at : at + 4], "big", signed=True)
            at += 4
            row.append(None if length < 0 else data[at : at + length])
            at += max(length, 0)
        assert at == end
        out.append(row)
    return out


def encoded(batch: pa.RecordBatch, types: list[SqlType], formats: list[int]) -> list[list[bytes | None]]:
    return cells(b"".join(bytes(piece) for piece in RowEncoder(types, formats, STYLE).encode(batch)))


def by_type() -> dict[str, list[tuple[str, bytes, bytes]]]:
    found: dict[str, list[tuple[str, bytes, bytes]]] = defaultdict(list)
    for case, answer in zip(CASES, recorded(), strict=True):
        if not case.settings and answer.text is not None and answer.binary is not None:
            found[case.type].append((case.text, answer.text.encode(), bytes.fromhex(answer.binary)))
    return found


@pytest.mark.parametrize("name", sorted(by_type()))
@pytest.mark.parametrize("repeat", [1, 60])
def test_columns_of_each_type(name: str, repeat: int) -> None:
    type_ = parse_type(name)
    found = by_type()[name]
    values: list[Value] = [None, *(parse(text, type_, STYLE) for text, _, _ in found), None] * repeat
    padding = values[:3]
    column = from_python([*padding, *values], type_).slice(len(padding))
    batch = pa.RecordBatch.from_arrays([column] * 3, names=["a", "b", "c"])
    none: list[list[bytes | None]] = [[None, None, None]]
    expected = (none + [[text, binary, text] for _, text, binary in found] + none) * repeat
    assert (batch.num_rows > rows.TINY_ROWS) is (repeat > 1)
    assert encoded(batch, [type_] * 3, [0, 1, 0]) == expected


@pytest.mark.parametrize("count", [0, 1, rows.TINY_ROWS, rows.TINY_ROWS + 1, rows.CHUNK_ROWS + 1])
def test_any_number_of_rows(count: int) -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(range(count), pa.int64())], names=["a"])
    assert encoded(batch, [SqlType(20)], [0]) == [[str(i).encode()] for i in range(count)]
    assert encoded(batch, [SqlType(20)], [1]) == [[i.to_bytes(8, "big")] for i in range(count)]


def test_a_type_without_binary_form_is_refused() -> None:
    with pytest.raises(SqlError, match="binary format of type pg_lsn is not supported"):
        RowEncoder([SqlType(3220)], [1], STYLE)
