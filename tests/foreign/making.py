"""Steps of making an environment, for every kind: finding programs, running them, knowing whether it is made."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

MAKE_TIMEOUT_S = 1200
STAMP = "made-of.json"

HOW_TO_GET = {
    "psql": "Debian and Ubuntu: apt-get install postgresql-client-15",
    "node": "Node.js 20 or newer: apt-get install nodejs npm, or https://nodejs.org",
    "npm": "npm: apt-get install npm, or https://nodejs.org",
    "go": "Go 1.25 or newer: https://go.dev/dl",
    "java": "Java 17 or newer: apt-get install openjdk-17-jdk",
    "javac": "a Java 17 development kit or newer: apt-get install openjdk-17-jdk",
    "odbcinst": "unixODBC and psqlODBC: apt-get install unixodbc odbcinst odbc-postgresql",
    "mvn": "Maven: apt-get install maven",
    "dotnet": "the .NET SDK: https://dotnet.microsoft.com/download",
}


class MissingError(Exception):
    """A runtime that the client needs is not there; the text says how to get it."""


class BrokenError(Exception):
    """The environment could not be made; the text is the tool's output."""


def require(program: str) -> str:
    """The program's path. Raises MissingError."""
    found = shutil.which(program)
    if found is None:
        raise MissingError(f"{program} is not installed. {HOW_TO_GET.get(program, '')}".strip())
    return found


def run(command: Sequence[str], where: Path, **environment: str) -> None:
    """A step of making an environment. Raises BrokenError."""
    try:
        done = subprocess.run(
            list(command), cwd=where, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=MAKE_TIMEOUT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        raise BrokenError(f"{' '.join(command)}: not done after {exc.timeout:.0f} s") from None
    if done.returncode:
        raise BrokenError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout[-4000:]}")


def is_made(place: Path) -> bool:
    """Whether the directory holds an environment that is made of what is asked for: nothing is left to do."""
    return (place / STAMP).exists()
