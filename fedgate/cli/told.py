"""Errors on stderr, as all commands tell them."""

from __future__ import annotations

import sys
from typing import IO

from fedgate.errors import SqlError


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
