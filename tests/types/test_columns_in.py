"""A column of texts is read as its texts one by one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fedgate.errors import SqlError
from fedgate.types import SqlType, parse_type
from fedgate.types.arrow_values import from_python, to_python
from fedgate.types.columns_in import column_from_texts
from fedgate.types.style import TextStyle
from fedgate.types.text_in import parse

STYLE = TextStyle(timezone="Europe/Berlin")
TEXTS = {
    "integer": ["1", "-7", "0", "007", " 5 ", "2147483647", "2147483648", "x", "", "1.5", "-0"],
    "smallint": ["32767", "32768", "-32768"],
    "bigint": ["9223372036854775807", "999999999999999999", "1e3"],
    "double precision": ["1.5", "-0", "1e400", "NaN", "Infinity", "0.1", "12345678901234.5", ".5", "1.", "1e5", "x"],
    "real": ["1.1", "3.4e38", "16777217"],
    "boolean": ["t", "f", "true", "yes", "0", "maybe"],
    "text": ["", "x", "é€", "a\0b"],
    "varchar(3)": ["", "abc", "äöü", "abcd", "ab  "],
    "char(3)": ["a", "abc", "abcd"],
    "date": ["2024-02-29", "2023-02-29", "infinity", "1024-01-01", "29.02.2024", "2024-13-01", "today x"],
    "timestamp": ["2024-02-29 12:34:56", "2024-02-29T12:34:56.5", "2024-02-29 24:00:00", "2024-02-30 00:00:00", "-infinity"],
    "timestamp(3)": ["2024-02-29 12:34:56.123456"],
    "timestamptz": ["2024-02-29 12:34:56+00", "2024-02-29 12:34:56Z", "2024-07-01 12:34:56", "2024-07-01 12:34:56+02"],
    "numeric": ["1", "1.50", "-0.00", "0.5", "007.1", "1e3", "NaN", "-12.340", "x"],
    "numeric(6,2)": ["1", "1.5", "1.555", "9999.99", "99999", "-0.001", "12", "123456"],
    "uuid": ["00000000-0000-0000-0000-000000000001", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "x"],
    "integer[]": ["{1,NULL}", "{}", "{x}"],
}


def one_by_one(texts: Sequence[str | None], type_: SqlType) -> object:
    try:
        return to_python(from_python([None if t is None else parse(t, type_, STYLE) for t in texts], type_), type_)
    except SqlError as error:
        return (error.sqlstate, error.message)


def together(texts: Sequence[str | None], type_: SqlType) -> object:
    try:
        found = column_from_texts(texts, type_, STYLE)
    except SqlError as error:
        return (error.sqlstate, error.message)
    assert found.type == from_python([], type_).type
    return to_python(found, type_)


@pytest.mark.parametrize("name", TEXTS)
def test_a_column_is_what_its_texts_are(name: str) -> None:
    type_ = parse_type(name)
    texts = TEXTS[name]
    for text in texts:  # each alone, and in front of the first, which decides nothing
        for column in ((text, None), (texts[0], text)):
            assert repr(together(column, type_)) == repr(one_by_one(column, type_)), column
    assert together([], type_) == []
    assert together([None], type_) == [None]
