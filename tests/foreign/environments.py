"""The environments that clients run in: made once below `.clients/`, made again when what they are made of changes.

A kind is a function from a definition and its directory to what `{…}` in the definition's command stands for. It raises
`MissingError` when a runtime is not there, with the way to get it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.foreign.definition import Definition

ROOT = Path(__file__).parents[2]
PLACE = ROOT / ".clients"
MAKE_TIMEOUT_S = 1200
_STAMP = "made-of.json"

Placeholders = dict[str, str]
Kind = Callable[[Definition, Path], Placeholders]

HOW_TO_GET = {
    "psql": "Debian and Ubuntu: apt-get install postgresql-client-15",
    "node": "Node.js 20 or newer: apt-get install nodejs npm, or https://nodejs.org",
    "npm": "npm: apt-get install npm, or https://nodejs.org",
    "go": "Go 1.22 or newer: apt-get install golang, or https://go.dev/dl",
    "java": "Java 17 or newer: apt-get install openjdk-17-jdk",
    "mvn": "Maven: apt-get install maven",
    "dotnet": "the .NET SDK: https://dotnet.microsoft.com/download",
}


class MissingError(Exception):
    """A runtime that the client needs is not there; the text says how to get it."""


class BrokenError(Exception):
    """The environment could not be made; the text is the tool's output."""


def ready(definition: Definition) -> Placeholders:
    """The environment of a client, made if it has to be."""
    for program in definition.programs:
        require(program)
    place = PLACE / definition.name
    wanted = _fingerprint(definition)
    make = KINDS[definition.environment]
    if not (place / _STAMP).exists() or json.loads((place / _STAMP).read_text()) != wanted:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
    found = make(definition, place)
    (place / _STAMP).write_text(json.dumps(wanted))
    return found


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
    return (place / _STAMP).exists()


def system(_: Definition, place: Path) -> Placeholders:
    """Programs of the system, and Python's standard library."""
    return {"python": sys.executable, "place": str(place)}


def python(definition: Definition, place: Path) -> Placeholders:
    """A virtual environment with the pinned `requirements`."""
    interpreter = place / "venv" / "bin" / "python"
    if not is_made(place):
        run([sys.executable, "-m", "venv", str(place / "venv")], place)
        run([str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *definition.requirements], place)
    return {"python": str(interpreter), "bin": str(interpreter.parent), "place": str(place)}


KINDS: dict[str, Kind] = {"system": system, "python": python}


def _fingerprint(definition: Definition) -> dict[str, object]:
    """What an environment is made of: the requirements, and the folder's files that name dependencies."""
    manifests = ("package.json", "package-lock.json", "go.mod", "go.sum", "pom.xml")
    files = {name: definition.folder / name for name in manifests}
    return {
        "kind": definition.environment,
        "requirements": list(definition.requirements),
        "python": sys.version,
        "place": str(PLACE),
        "files": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items() if path.exists()},
    }
