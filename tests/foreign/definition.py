"""What a client's folder says: how its environment is made, what is run, and which differences from PostgreSQL are meant.

```toml
title = "psycopg 3"
url = "https://www.psycopg.org/psycopg3/"
language = "Python"
environment = "python"                       # a kind of environments.KINDS
requirements = ["psycopg[binary]==3.3.9"]    # pinned packages; a kind may read files of the folder instead
programs = ["psql"]                          # optional: programs of the system that must be there
command = ["{python}", "program.py"]         # run in the folder; placeholders are the environment's, and {folder}
timeout_s = 60                               # optional, for one run against one server

[[expected]]                                 # optional, any number: a difference from PostgreSQL that is meant
step = "write refused"                       # a step's name, * is any text
reason = "…"                                 # shown in the documentation

[[expected]]
statement = "pg_stat_activity"               # a regular expression found in the text of a catalog statement
reason = "…"
```
`expected.toml` beside this file has the catalog statements' differences that are the same for every client, in the same form, and
`[[column]]`, result columns of catalog statements that are not compared. An expectation of a step that meets none is a failure.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOLDER = HERE / "clients"
TIMEOUT_S = 60.0
_KEYS = {"title", "url", "language", "environment", "requirements", "programs", "command", "timeout_s", "expected"}


@dataclass(frozen=True, slots=True)
class Expected:
    """A difference that is meant: of the steps like `step`, or of the catalog statements in which `statement` is found."""

    reason: str
    step: str | None = None
    statement: str | None = None

    def of_step(self, name: str) -> bool:
        return self.step is not None and fnmatchcase(name, self.step.replace("[", "[[]"))

    def of_statement(self, text: str) -> bool:
        return self.statement is not None and re.search(self.statement, text, re.IGNORECASE | re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Column:
    """A result column of catalog statements that is not compared, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A client. `folder` is where its program lies and runs."""

    name: str
    folder: Path
    title: str
    url: str
    language: str
    environment: str
    command: tuple[str, ...]
    requirements: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    timeout_s: float = TIMEOUT_S
    expected: tuple[Expected, ...] = field(default=())


def names() -> list[str]:
    """Every client of the folder."""
    return sorted(path.parent.name for path in FOLDER.glob("*/client.toml"))


def read(name: str) -> Definition:
    """Raises ValueError for a key that is not known, KeyError for one that is missing."""
    folder = FOLDER / name
    said = tomllib.loads((folder / "client.toml").read_text(encoding="utf-8"))
    if unknown := set(said) - _KEYS:
        raise ValueError(f"{name}/client.toml: {sorted(unknown)}")
    return Definition(
        name, folder, said["title"], said["url"], said["language"], said["environment"], tuple(said["command"]),
        tuple(said.get("requirements", ())), tuple(said.get("programs", ())), float(said.get("timeout_s", TIMEOUT_S)),
        _expected(said),
    )  # fmt: skip


def shared() -> tuple[tuple[Expected, ...], tuple[Column, ...]]:
    """What every client's catalog statements differ in: statements, columns."""
    said = tomllib.loads((HERE / "expected.toml").read_text(encoding="utf-8"))
    return _expected(said), tuple(Column(c["name"], c["reason"]) for c in said.get("column", ()))


def _expected(said: dict[str, Any]) -> tuple[Expected, ...]:
    return tuple(Expected(e["reason"], e.get("step"), e.get("statement")) for e in said.get("expected", ()))
