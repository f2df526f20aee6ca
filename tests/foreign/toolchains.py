"""Environments of clients that are not Python's: packages by lock files, programs built from the client's folder.

What a program shares with the others of its language is copied from `lib/` beside it. Sources are copied and built on every run,
since they change more often than what they depend on; compilers keep what did not change.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.foreign.definition import HERE, Definition
from tests.foreign.making import is_made, require, run

_LIB = HERE / "lib"
_MAVEN_DEPENDENCY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"


def node(definition: Definition, place: Path) -> dict[str, str]:
    """`npm ci` of the folder's lock file; the program lies beside `node_modules`, where Node.js looks for packages."""
    interpreter, npm = require("node"), require("npm")
    if not is_made(place):
        _copy([definition.folder / "package.json", definition.folder / "package-lock.json"], place)
        run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], place)
    _copy([*definition.folder.glob("*.js"), *_LIB.glob("*.js")], place)
    return {"node": interpreter, "place": str(place)}


def go(definition: Definition, place: Path) -> dict[str, str]:
    """A program of the folder's module, its dependencies as go.sum says."""
    source, program = place / "source", place / "program"
    _copy([*definition.folder.glob("go.*"), *definition.folder.glob("*.go"), *_LIB.glob("*.go")], source)
    run([require("go"), "build", "-mod=readonly", "-o", str(program), "."], source)
    return {"program": str(program), "place": str(place)}


def java(definition: Definition, place: Path) -> dict[str, str]:
    """The dependencies of the folder's pom.xml, and the folder's classes."""
    runtime, compiler = require("java"), require("javac")
    libraries, classes = place / "lib", place / "classes"
    if not is_made(place):
        shutil.copy2(definition.folder / "pom.xml", place)
        copied = [f"-DoutputDirectory={libraries}", "-DincludeScope=runtime"]
        run([require("mvn"), "--quiet", "--batch-mode", f"{_MAVEN_DEPENDENCY}:copy-dependencies", *copied], place)
    sources = [str(file) for file in (*_LIB.glob("*.java"), *definition.folder.glob("*.java"))]
    run([compiler, "-d", str(classes), "-cp", f"{libraries}/*", *sources], place)
    return {"java": runtime, "classpath": f"{classes}:{libraries}/*", "place": str(place)}


def _copy(files: Iterable[Path], place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy2(file, place)
