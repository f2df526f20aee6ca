"""The environments that clients run in: made once below `.clients/`, made again when what they are made of changes.

A kind is a function from a definition and its directory to what `{…}` in the definition's command stands for. It raises
`MissingError` when a runtime is not there, with the way to get it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests.foreign import toolchains
from tests.foreign.definition import Definition
from tests.foreign.making import STAMP, is_made, require, run

ROOT = Path(__file__).parents[2]
PLACE = ROOT / ".clients"

Kind = Callable[[Definition, Path], dict[str, str]]


def ready(definition: Definition) -> dict[str, str]:
    """The environment of a client, made if it has to be."""
    for program in definition.programs:
        require(program)
    place = PLACE / definition.name
    wanted = _fingerprint(definition)
    make = KINDS[definition.environment]
    if not (place / STAMP).exists() or json.loads((place / STAMP).read_text()) != wanted:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
    found = make(definition, place)
    (place / STAMP).write_text(json.dumps(wanted))
    return found


def system(_: Definition, place: Path) -> dict[str, str]:
    """Programs of the system, and Python's standard library."""
    return {"python": sys.executable, "place": str(place)}


def python(definition: Definition, place: Path) -> dict[str, str]:
    """A virtual environment with the pinned `requirements`."""
    interpreter = place / "venv" / "bin" / "python"
    if not is_made(place):
        run([sys.executable, "-m", "venv", str(place / "venv")], place)
        run([str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *definition.requirements], place)
    return {"python": str(interpreter), "bin": str(interpreter.parent), "place": str(place)}


KINDS: dict[str, Kind] = {"system": system, "python": python, "node": toolchains.node, "go": toolchains.go, "java": toolchains.java}


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
