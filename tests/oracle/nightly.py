"""The generated queries of a night, slice by slice: `python -m tests.oracle.nightly LOG [--slices N] [--only FLEET] [--note TEXT]`.

The tests marked `nightly` ask the same slices in one run, half of them of fixed seeds. Here all seeds are fresh, and a run can be
left and taken up again: each slice leaves a line of JSON in LOG, beside what was wrong and what was refused, and a slice that has
one is not asked again. When none is left, or after N, the totals are said.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import PostgresServer
from tests.fleets.traps import TrapFleets
from tests.oracle.fuzz import asked
from tests.oracle.gateway import PATIENT
from tests.oracle.harness import Report
from tests.oracle.reference import Reference
from tests.oracle.told import ToldGateway
from tests.oracle.wire import Wire
from tests.oracle.worlds import QUERIES, ask
from tools.lib.cluster import Cluster

SLICES = {
    "sites": 6, "single": 7, "twenty": 2, "skewed": 6, "times": 4, "nulls": 4, "replicas": 5, "servers": 7, "colocated": 6
}  # fmt: skip
"""Slices of each fleet of the trap tables: fewer where a query asks many shards and takes long."""
SLICE = 1000
FRESH_SEEDS = range(10_000_000, 2**62)
GROUPS, GROUP_WORLDS = 53, 10
"""The rest of 100,000 ask random worlds: so many groups of so many."""
FRESH_WORLDS = range(1_000_000, 2**40)


@dataclass(frozen=True, slots=True)
class Slice:
    """A thousand queries, of one fleet of the trap tables or (`where` is None) of ten random worlds."""

    where: str | None
    number: int

    @property
    def name(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def kind(self) -> str:
        return self.where or "worlds"

    def fixed(self) -> Sequence[int]:
        """The seeds that this slice has every night: of queries, or of worlds."""
        if self.where is None:
            first = 1000 + self.number * GROUP_WORLDS
            return range(first, first + GROUP_WORLDS)
        first = 1_000_000 + (list(SLICES).index(self.where) * 10 + self.number) * SLICE
        return range(first, first + SLICE)

    def fresh(self) -> Sequence[int]:
        """Seeds that no run had before."""
        dice = random.SystemRandom()
        if self.where is None:
            return dice.sample(FRESH_WORLDS, GROUP_WORLDS)
        first = dice.choice(FRESH_SEEDS)
        return range(first, first + SLICE)


def slices() -> list[Slice]:
    """All of a night, the fleets in turn, so that a part of it has something of each."""
    fleets = [Slice(where, number) for number in range(max(SLICES.values())) for where in SLICES if number < SLICES[where]]
    groups = [Slice(None, number) for number in range(GROUPS)]
    every = len(fleets) / len(groups)
    return [each for _, each in sorted([*enumerate(fleets), *((i * every, group) for i, group in enumerate(groups))], key=_place)]


def _place(entry: tuple[float, Slice]) -> float:
    return entry[0]


@dataclass(frozen=True, slots=True)
class Night:
    """What slices are asked of."""

    postgres: PostgresServer
    fleets: TrapFleets
    references: Callable[[str], Reference]
    gateway: ToldGateway
    directory: Path

    def ask(self, each: Slice, seeds: Sequence[int]) -> Report:
        if each.where is None:
            whole = Report()
            for seed in seeds:
                whole.add_all(ask(seed, QUERIES, self.postgres, self.directory, self.gateway))
            return whole
        fleet = self.fleets.fleet(each.where)
        dsn = self.gateway.serve(fleet.catalog)
        with ExitStack() as stack:

            def wire(zone: str) -> Wire:
                made = stack.enter_context(closing(Wire(dsn, zone)))
                made.run(PATIENT)
                return made

            return asked(fleet, seeds, wire, self.references)


@contextmanager
def night(server: PostgresServer, directory: Path) -> Iterator[Night]:
    """Its gateway runs meanwhile; the databases it makes are left to the server's own end."""
    with ExitStack() as stack:
        fleets = TrapFleets(server, directory / "traps")
        gateway = stack.enter_context(closing(ToldGateway()))
        made: dict[str, Reference] = {}

        def reference(zone: str) -> Reference:
            if zone not in made:
                made[zone] = stack.enter_context(closing(Reference(fleets.union, fleets.tables, zone)))
            return made[zone]

        yield Night(server, fleets, reference, gateway, directory)


@contextmanager
def _server() -> Iterator[PostgresServer]:
    """The PostgreSQL that FEDGATE_TEST_PG names, or one of its own."""
    with ExitStack() as stack:
        running = os.environ.get("FEDGATE_TEST_PG")
        if running is None:
            cluster = Cluster().start()
            stack.callback(cluster.stop)
            running = cluster.dsn
        server = PostgresServer(running)
        stack.callback(server.drop_databases)
        yield server


def line(each: Slice, seeds: Sequence[int], report: Report, seconds: float, note: str) -> dict[str, object]:
    """What the log says of a slice: enough to ask it again."""
    counts = {kind: report.counts[kind] for kind in ("equal", "evaluation order", "unsupported", "wrong")}
    said = f"{seeds.start}:{seeds.stop}" if isinstance(seeds, range) else list(seeds)
    return {"slice": each.name, "seeds": said, "asked": report.total, **counts, "seconds": round(seconds), "note": note}


def done(log: Path) -> list[dict[str, object]]:
    if not log.exists():
        return []
    return [json.loads(text) for text in log.read_text(encoding="utf-8").splitlines() if text.startswith("{")]


def totals(lines: Sequence[dict[str, object]]) -> str:
    counts: Counter[str] = Counter()
    for entry in lines:
        counts.update({kind: value for kind, value in entry.items() if isinstance(value, int)})
    seconds = counts.pop("seconds", 0)
    return f"{len(lines)} of {len(slices())} slices in {seconds} s: " + ", ".join(f"{n:,} {kind}" for kind, n in counts.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.nightly")
    parser.add_argument("log", type=Path)
    parser.add_argument("--slices", type=int, default=len(slices()), help="ask so many that are left; default: all")
    parser.add_argument("--only", action="append", help="only slices of this fleet, or of worlds")
    parser.add_argument("--note", default="", help="goes into each line: the revision asked, say")
    args = parser.parse_args()
    names = {entry["slice"] for entry in done(args.log)}
    left = [each for each in slices() if each.name not in names and (not args.only or each.kind in args.only)][: args.slices]
    with tempfile.TemporaryDirectory() as temporary, _server() as server, night(server, Path(temporary)) as asking:
        for each in left:
            seeds, started = each.fresh(), time.monotonic()
            report = asking.ask(each, seeds)
            entry = line(each, seeds, report, time.monotonic() - started, args.note)
            with args.log.open("a", encoding="utf-8") as log:
                print(json.dumps(entry), file=log)
                for kind, found in (("WRONG", report.wrong), ("refused", report.unsupported), ("open", report.open)):
                    for statement, why in found:
                        print(f"  {kind} {statement.place}: {statement.text} {statement.parameters}\n    {why}", file=log)
    print(totals(done(args.log)))


if __name__ == "__main__":
    main()
