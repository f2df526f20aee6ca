"""Text and binary forms of every type against recorded answers of PostgreSQL 15, and the record against a live one."""

from __future__ import annotations

import pytest

from fedgate.errors import SqlError
from fedgate.pgwire.formats import binary_codec, decode_parameter
from fedgate.types import parse_type
from fedgate.types.arrow_values import from_python, to_python
from fedgate.types.style import TextStyle
from fedgate.types.text_in import parse
from fedgate.types.text_out import array_text, value_text
from tests.conftest import PostgresServer
from tests.types.cases import CASES, DEFAULTS, Answer, Case, answers, recorded

PAIRS = list(zip(CASES, recorded(), strict=True))
VALUES = [(case, answer) for case, answer in PAIRS if answer.error is None]


def style_of(case: Case) -> TextStyle:
    settings = {**DEFAULTS, **case.settings}
    return TextStyle(
        timezone=settings["timezone"],
        datestyle=settings["datestyle"],
        intervalstyle=settings["intervalstyle"],
        extra_float_digits=int(settings["extra_float_digits"]),
        bytea_output=settings["bytea_output"],
    )


def test_the_record_is_what_postgresql_answers(postgres: PostgresServer) -> None:
    with postgres.connect() as connection:
        assert answers(connection, CASES) == recorded()


def test_there_are_values_and_errors() -> None:
    assert len(VALUES) > 300
    assert len(PAIRS) - len(VALUES) > 150


@pytest.mark.parametrize(("case", "answer"), PAIRS)
def test_input(case: Case, answer: Answer) -> None:
    type_, style = parse_type(case.type), style_of(case)
    try:
        got: object = value_text(parse(case.text, type_, style), type_, style)
    except SqlError as error:
        got = (error.sqlstate, error.message)
    assert got == (answer.text if answer.error is None else answer.error)


@pytest.mark.parametrize(("case", "answer"), VALUES)
def test_column_text_and_round_trip(case: Case, answer: Answer) -> None:
    type_, style = parse_type(case.type), style_of(case)
    value = parse(case.text, type_, style)
    column = from_python([None, value, None, value], type_)
    assert array_text(column, type_, style).to_pylist() == [None, answer.text, None, answer.text]
    assert array_text(column.slice(1, 2), type_, style).to_pylist() == [answer.text, None]
    assert repr(to_python(column, type_)) == repr([None, value, None, value])


@pytest.mark.parametrize(("case", "answer"), VALUES)
def test_binary(case: Case, answer: Answer) -> None:
    type_, style = parse_type(case.type), style_of(case)
    assert answer.binary is not None
    value = parse(case.text, type_, style)
    assert binary_codec(type_).encode(value).hex() == answer.binary
    assert repr(decode_parameter(bytes.fromhex(answer.binary), type_, 1, style)) == repr(value)
