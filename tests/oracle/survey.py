"""`python -m tests.oracle.survey [--fleet NAME]... [--file STEM]... [--seeds FROM:TO] [--quiet]`: what is wrong now, by statement.

For people at work on the gateway: no test, no verdict, one report over many fleets; a fault of all fleets is shown once.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.conftest import PostgresServer
from tests.fleets.layouts import LAYOUTS
from tests.fleets.traps import TrapFleets
from tests.oracle.gateway import Gateway
from tests.oracle.generate import query
from tests.oracle.harness import run
from tests.oracle.reference import Reference
from tests.oracle.statements import Statement, files, read
from tests.oracle.wire import Wire
from tools.lib.cluster import Cluster


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.survey")
    parser.add_argument("--fleet", action="append", choices=list(LAYOUTS), help="default: sites")
    parser.add_argument("--file", action="append", help="stem of a statement file; default: all")
    parser.add_argument("--seeds", help="generated queries of these seeds instead of files")
    parser.add_argument("--quiet", action="store_true", help="counts and statements without reasons")
    args = parser.parse_args()
    running = os.environ.get("FEDGATE_TEST_PG")
    cluster = None if running else Cluster().start()
    server = PostgresServer(running or (cluster.dsn if cluster else ""))
    try:
        with tempfile.TemporaryDirectory() as temporary:
            _survey(args, TrapFleets(server, Path(temporary)))
    finally:
        server.drop_databases()
        if cluster:
            cluster.stop()


def _statements(args: argparse.Namespace) -> list[Statement]:
    if args.seeds:
        first, _, last = args.seeds.partition(":")
        return [Statement(f"seed {seed}", query(seed).sql()) for seed in range(int(first), int(last))]
    return [s for path in files() if not args.file or path.stem in args.file for s in read(path)]


def _survey(args: argparse.Namespace, fleets: TrapFleets) -> None:
    reference = Reference(fleets.union, fleets.tables)
    statements = _statements(args)
    wrong: dict[Statement, list[tuple[str, str]]] = {}
    refused: Counter[tuple[str, str]] = Counter()
    for name in args.fleet or ["sites"]:
        gateway = Gateway(fleets.fleet(name).catalog)
        wire = Wire(gateway.dsn)
        try:
            started = time.monotonic()
            report = run(statements, fleets.fleet(name), wire, reference)
            print(f"{name}: {dict(report.counts)} in {time.monotonic() - started:.1f} s", flush=True)
        finally:
            wire.close()
            said = gateway.stop()
            if "ended by itself" in said or "Traceback" in said:
                print(said[-6000:])
        for statement, reason in report.wrong:
            wrong.setdefault(statement, []).append((name, reason))
        refused.update((reason.splitlines()[0], statement.text) for statement, reason in report.unsupported)
    reference.close()
    for statement, found in wrong.items():
        print(f"\n{statement.place} [{' '.join(name for name, _ in found)}] {statement.text}")
        if not args.quiet:
            print(f"  {found[0][1]}")
    print(f"\n{len(wrong)} wrong; unsupported:")
    for (reason, text), _ in sorted(refused.items()):
        print(f"  {reason[:90]} | {text[:120]}")


if __name__ == "__main__":
    main()
