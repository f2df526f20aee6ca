"""The text of rows is read back as it was written, and rows whose text lost something have no binary form."""

from __future__ import annotations

import pytest

from fedgate.errors import SqlError
from fedgate.pgwire.formats import binary_codec
from fedgate.types import SqlType
from fedgate.types.array_text import join_row, split_row
from fedgate.types.style import TextStyle

FIELDS: list[list[str | None]] = [
    [None],
    [""],
    ["a", None, "b"],
    [None, None],
    ['say "hi"', "back\\slash", "a,b", "(x)", " "],
    ["new\nline", '"', "\\", ",", "()", "é東"],
    ['(1,"x ""y""")', "{1,2}"],
]
RECORD = SqlType(2249, fields=(SqlType(701), SqlType(25)))


@pytest.mark.parametrize("fields", FIELDS)
def test_a_row_is_read_as_it_was_written(fields: list[str | None]) -> None:
    assert split_row(join_row(fields)) == fields


@pytest.mark.parametrize(
    "style", [TextStyle(extra_float_digits=0), TextStyle(datestyle="SQL, DMY"), TextStyle(intervalstyle="sql_standard")]
)
def test_styles_that_lose_something_have_no_binary_rows(style: TextStyle) -> None:
    with pytest.raises(SqlError) as caught:
        binary_codec(RECORD, style)
    assert caught.value.sqlstate == "0A000"


def test_rows_of_other_types_than_promised_have_no_binary_form() -> None:
    with pytest.raises(SqlError) as caught:
        binary_codec(RECORD).encode("(1,2,3)")
    assert caught.value.sqlstate == "0A000"


def test_rows_are_no_parameters() -> None:
    with pytest.raises(SqlError, match="anonymous composite"):
        binary_codec(RECORD).decode(b"\0\0\0\0")


def test_backslashes_escape_outside_quotes_too() -> None:
    assert split_row(r'(p\\q,\r,"s\\t""u",)') == ["p\\q", "r", 's\\t"u', None]
