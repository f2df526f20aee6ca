"""tools/test: the project's checks, each with its time. `tools/test --help` says how to use it."""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tools.lib import environment, postgres15

HELP = """Usage: tools/test [TIER] [CLIENT]... [PYTEST ARGUMENT]...

Tiers:
  (none)     lint, types, import contracts and every ordinary test: what CI runs; at most ten minutes on two cores
  clients    every foreign client, each in an environment of its own below .clients/, against PostgreSQL 15 and fedgate; makes the
             page docs/reference/clients.md. With names only those: tools/test clients psycopg3 pgcli
  nightly    the long checks: 100,000 generated queries, every rule off on every fleet, mutants of the planner, faults; a line
             for each that ends, about two hours on two cores, and never more than six

With pytest arguments only pytest runs, with those: tools/test tests/sql -k window

Environment:
  FEDGATE_PYTHON     the Python (3.11 or newer) that makes the virtual environment
  FEDGATE_PG_BIN     directory of PostgreSQL 15's programs, where they are not in the usual place
  FEDGATE_TEST_PG    connection string of a PostgreSQL 15 that already runs (C.UTF-8, superuser): saves starting one
"""
TIERS = ("clients", "nightly")
WORKERS = "2"
NIGHTLY_S_MAX = 6 * 3600
CLIENTS_FOLDER = "tests/foreign/clients"
CLIENTS_TESTS = "tests/foreign"
CLIENTS_TEST = "tests/foreign/test_clients.py::test_client"


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] in ("-h", "--help"):
        print(HELP, end="")
        return 0
    tier = arguments.pop(0) if arguments and arguments[0] in TIERS else None
    if tier == "clients":
        arguments = _clients(arguments)
    if arguments and not arguments[0].startswith("-") and not Path(environment.ROOT, arguments[0].split("::")[0]).exists():
        print(f"tools/test: no tier and no path is called {arguments[0]!r}\n\n{HELP}", end="", file=sys.stderr)
        return 2
    started = time.monotonic()
    python = str(environment.ensure(("dev",)))
    programs = postgres15.provide()
    os.environ["FEDGATE_PG_BIN"] = str(programs)
    failed = [name for name, run in _steps(python, tier, arguments) if not _step(name, run)]
    outcome = f"FAILED: {', '.join(failed)}" if failed else "all green"
    print(f"tools/test: {outcome} ({time.monotonic() - started:.0f} s)", flush=True)
    return 1 if failed else 0


def _clients(arguments: list[str]) -> list[str]:
    """Names of clients → the tests that run them; without a name all of them."""
    given = list(itertools.takewhile(lambda argument: not argument.startswith("-"), arguments))
    known = sorted(path.parent.name for path in Path(environment.ROOT, CLIENTS_FOLDER).glob("*/client.toml"))
    if unknown := sorted(set(given) - set(known)):
        sys.exit(f"tools/test: no client is called {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = [f"{CLIENTS_TEST}[{name}]" for name in given] or [CLIENTS_TESTS]
    return [*chosen, *arguments[len(given) :]]


def _steps(python: str, tier: str | None, arguments: list[str]) -> list[tuple[str, Callable[[], int]]]:
    def tool(*command: str, timeout_s: float | None = None) -> Callable[[], int]:
        return lambda: environment.run([python, "-m", *command], timeout_s)

    def script(name: str, *command: str) -> Callable[[], int]:
        return lambda: environment.run([str(environment.VENV / "bin" / name), *command])

    def beside(*command: str) -> Callable[[], int]:
        return environment.Beside([python, "-m", *command]).wait

    chosen = {"nightly": ["-m", "nightly"], "clients": ["-m", "clients"], None: ["-m", "not nightly and not clients"]}[tier]
    long = tier == "nightly"
    shown = ["--verbose"] if tier else []
    # Clients share two servers, and their page is one.
    workers = () if tier == "clients" else ("-n", WORKERS, "--dist", "worksteal")
    command = ("pytest", *workers, *chosen, *shown, *arguments)
    tests = [("pytest", tool(*command, timeout_s=NIGHTLY_S_MAX if long else None))]
    if tier == "clients":
        tests.append(("docs/reference/clients.md", lambda: environment.run([python, "tools/generate_clients_page.py"])))
    if tier or arguments:
        return tests
    types = beside("mypy")  # keeps a processor busy where tests wait
    return [
        ("ruff check", tool("ruff", "check", "--quiet")),
        ("ruff format", tool("ruff", "format", "--check", "--quiet")),
        ("import contracts", script("lint-imports")),
        *tests,
        ("mypy", types),
    ]


def _step(name: str, run: Callable[[], int]) -> bool:
    print(f"── {name} ", flush=True)
    started = time.monotonic()
    status = run()
    print(f"── {name}: {'ok' if status == 0 else f'failed ({status})'} in {time.monotonic() - started:.1f} s", flush=True)
    return status == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
