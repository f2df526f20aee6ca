"""`python -m tests.oracle.survey [--fleet NAME]... [--file STEM]... [--seeds FROM:TO] [--quiet]`: what is wrong now, by statement.

For people at work on the gateway: no test, no verdict, one report over many fleets; a fault of all fleets is shown once, a
generated query shrunk. `--slow N` adds the N statements that took longest.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.conftest import PostgresServer
from tests.fleets.build import Fleet
from tests.fleets.layouts import LAYOUTS
from tests.fleets.traps import TrapFleets
from tests.oracle.fuzz import ZONES, generated, shrunk
from tests.oracle.gateway import PATIENT, Gateway
from tests.oracle.harness import Report, run
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
    parser.add_argument("--slow", type=int, default=0, metavar="N", help="show the slowest N of each fleet")
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


def _statements(args: argparse.Namespace) -> dict[str, list[Statement]]:
    """By the time zone they run in."""
    if args.seeds:
        first, _, last = args.seeds.partition(":")
        return {zone: generated(range(int(first), int(last)), zone) for zone in ZONES}
    return {"UTC": [s for path in files() if not args.file or path.stem in args.file for s in read(path)]}


def _survey(args: argparse.Namespace, fleets: TrapFleets) -> None:
    statements = _statements(args)
    references = {zone: Reference(fleets.union, fleets.tables, zone) for zone in statements}
    wrong: dict[Statement, list[tuple[str, str]]] = {}
    refused: Counter[tuple[str, str]] = Counter()
    for name in args.fleet or ["sites"]:
        report = _fleet(fleets.fleet(name), statements, references)
        for statement, reason in report.wrong:
            wrong.setdefault(statement, []).append((name, reason))
        refused.update((reason.splitlines()[0], statement.text) for statement, reason in report.unsupported)
        for seconds, statement in sorted(report.times, key=lambda t: -t[0])[: args.slow]:
            print(f"  {seconds:.2f} s {statement.place} {statement.text[:200]}")
    for reference in references.values():
        reference.close()
    for statement, found in wrong.items():
        print(f"\n{statement.place} [{' '.join(name for name, _ in found)}] {statement.text}")
        if not args.quiet:
            print(f"  {found[0][1]}")
    print(f"\n{len(wrong)} wrong; unsupported:")
    for (reason, text), _ in sorted(refused.items()):
        print(f"  {reason[:90]} | {text[:120]}")


def _fleet(fleet: Fleet, statements: dict[str, list[Statement]], references: dict[str, Reference]) -> Report:
    whole = Report()
    gateway = Gateway(fleet.catalog)
    started = time.monotonic()
    for zone, some in statements.items():
        wire = Wire(gateway.dsn, zone)
        wire.run(PATIENT)
        report = run(some, fleet, wire, references[zone])
        if some and some[0].place.startswith("seed"):
            report.wrong = [(shrunk(s, fleet, wire, references[zone]), f"of {s.text}\n  {why}") for s, why in report.wrong]
        wire.close()
        whole.add_all(report)
    print(f"{fleet.name}: {dict(whole.counts)} in {time.monotonic() - started:.1f} s", flush=True)
    said = gateway.stop()
    if "ended by itself" in said or "Traceback" in said:
        print(said[-6000:])
    return whole


if __name__ == "__main__":
    main()
