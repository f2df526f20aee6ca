"""What clients read of the catalogs: the same rows as PostgreSQL 15 gives for the same tables, statement by statement.

`statements/*.sql` holds them, a file a client or subject; each ends with a semicolon at the end of its line. What must differ is
left out of the statements, and listed in docs/reference/catalogs.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.twin import Server, same

FILES = sorted((Path(__file__).parent / "statements").glob("*.sql"))


def statements(file: Path) -> Iterator[str]:
    """The statements of a file, comments left out."""
    text = re.sub(r"(?m)^--.*\n", "", file.read_text(encoding="utf-8"))
    return (part.strip() for part in re.split(r";[ \t]*\n", text) if part.strip())


CASES = [pytest.param(s, id=f"{file.stem}-{number}") for file in FILES for number, s in enumerate(statements(file), 1)]


@pytest.mark.parametrize("statement", CASES)
def test_same_rows(statement: str, mine: Server, theirs: Server) -> None:
    same(mine(statement), theirs(statement), statement)
