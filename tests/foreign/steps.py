"""Runs a client's program against a server and compares what it printed.

A program prints JSON lines and nothing else on stdout:

* `{"version": "3.3.9"}` once, the client's version;
* `{"step": "name", "value": …}` for each step: any JSON; an error is a value too (class, SQLSTATE, message);
* `{"step": "name", "not_applicable": "reason"}`.

It finds its server in `PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE` (`PGPASSWORD`, `PGSSLMODE`, … where a run sets them) and as a URL
without its scheme in `CLIENT_URL` (`//tester@127.0.0.1:5432/fedgate`). The port is hidden in what it prints.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.foreign.definition import HERE, Definition, Expected
from tests.foreign.world import DATABASE, USER, Server

_ABSENT = object()


class FailedError(Exception):
    """The program ended badly, or printed something else than lines of JSON."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run against one server: by step, the value; and the steps that do not apply, with the reason."""

    version: str
    values: Mapping[str, Any]
    not_applicable: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Different:
    """A step's values as JSON; `expected` is the reason if the difference is meant."""

    step: str
    postgres: str
    fedgate: str
    expected: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`unmet`: the expectations of steps that met no difference."""

    version: str
    equal: int
    differences: tuple[Different, ...]
    not_applicable: Mapping[str, str]
    unmet: tuple[Expected, ...]


def run(definition: Definition, placeholders: Mapping[str, str], server: Server, address: tuple[str, int]) -> Run:
    """The program against `server`, reached by `address`. Raises FailedError."""
    command = [part.format(folder=definition.folder, **placeholders) for part in definition.command]
    try:
        done = subprocess.run(
            command, cwd=definition.folder, env=_environment(server, address, placeholders), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=definition.timeout_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        said = exc.stdout.decode(errors="replace") if isinstance(exc.stdout, bytes) else exc.stdout or ""
        raise FailedError(f"on {server.name}: not done after {definition.timeout_s:.0f} s; the last lines: {said[-500:]}") from None
    if done.returncode:
        raise FailedError(f"on {server.name}: status {done.returncode}\n{done.stdout[-500:]}\n{done.stderr[-3000:]}")
    return read(done.stdout.replace(str(address[1]), "PORT"), server.name)


def read(printed: str, server: str) -> Run:
    """What a program printed. Raises FailedError."""
    version, values, not_applicable = "", {}, {}
    for line in printed.splitlines():
        try:
            said = json.loads(line)
            if "version" in said:
                version = str(said["version"])
            elif "not_applicable" in said:
                not_applicable[str(said["step"])] = str(said["not_applicable"])
            else:
                if said["step"] in values:
                    raise FailedError(f"on {server}: step {said['step']!r} twice")
                values[str(said["step"])] = said["value"]
        except (ValueError, KeyError, TypeError):
            raise FailedError(f"on {server}: no line of a step: {line[:500]}") from None
    if not version or not values:
        raise FailedError(f"on {server}: no version or no step")
    return Run(version, values, not_applicable)


def compare(postgres: Run, fedgate: Run, expected: Sequence[Expected]) -> Outcome:
    """Step by step; one that only one side has is a difference."""
    different, met = [], set()
    names = list(dict.fromkeys((*postgres.values, *fedgate.values)))
    for name in names:
        theirs, ours = postgres.values.get(name, _ABSENT), fedgate.values.get(name, _ABSENT)
        if theirs == ours:
            continue
        found = next((e for e in expected if e.of_step(name)), None)
        if found is not None:
            met.add(found)
        different.append(Different(name, _text(theirs), _text(ours), found.reason if found else None))
    absent = dict(postgres.not_applicable) | dict(fedgate.not_applicable)
    unmet = tuple(e for e in expected if e.step is not None and e not in met)
    return Outcome(fedgate.version, len(names) - len(different), tuple(different), absent, unmet)


def _text(value: object) -> str:
    return "(no such step)" if value is _ABSENT else json.dumps(value, ensure_ascii=False)


def _environment(server: Server, address: tuple[str, int], placeholders: Mapping[str, str]) -> dict[str, str]:
    """Little of this process's own: nothing here may decide what a client does."""
    host, port = address
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME", "GOPATH", "GOCACHE")
    }
    return kept | {
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PGHOST": host,
        "PGPORT": str(port),
        "PGUSER": USER,
        "PGDATABASE": DATABASE,
        "CLIENT_URL": f"//{USER}@{host}:{port}/{DATABASE}",
        "CLIENT_PLACE": placeholders.get("place", ""),
        "CLIENT_SERVER": server.name,
        "PYTHONPATH": str(HERE / "lib"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
