"""Every wire script holds for PostgreSQL 15 and for fedgate."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import PostgresServer
from tests.pgwire import script

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.wire"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_script_holds_for_postgresql(path: Path, postgres: PostgresServer) -> None:
    script.run(script.read(path.read_text()), postgres.dsn)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_script_holds_for_fedgate(path: Path, gateway: str) -> None:
    script.run(script.read(path.read_text()), gateway)


def test_there_are_enough_scripts() -> None:
    assert len(SCRIPTS) >= 30


def test_a_wrong_expectation_fails(postgres: PostgresServer) -> None:
    wrong = 'Query "select 1"\nexpect\n  RowDescription "?column?":23:4\n  DataRow "2"\n'
    with pytest.raises(script.ScriptError, match=r'line 4: expected DataRow "2"'):
        script.run(script.read(wrong), postgres.dsn)


@pytest.mark.parametrize(
    ("expected", "got", "equal"),
    [
        ("ErrorResponse ERROR 42601", 'ErrorResponse ERROR 42601 "syntax error" position=3', True),
        ("ErrorResponse ERROR 42601 position=3", 'ErrorResponse ERROR 42601 "syntax error" position=3', True),
        ("ErrorResponse ERROR 42601 position=4", 'ErrorResponse ERROR 42601 "syntax error" position=3', False),
        ("ErrorResponse ERROR 42602", 'ErrorResponse ERROR 42601 "syntax error"', False),
        ('ErrorResponse ERROR 42601 "other"', 'ErrorResponse ERROR 42601 "syntax error"', False),
        ("DataRow", 'DataRow "1"', False),
    ],
)
def test_matching(expected: str, got: str, equal: bool) -> None:
    assert script.matches(expected, got) is equal
