"""`python -m tests.oracle.worlds SEED...`: generated queries over random worlds; what is wrong, with a small query and fleet.

A world that was found wrong is left in a directory, its tables as SQL and its catalog, so that it can become a test.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.conftest import PostgresServer
from tests.fleets.build import Fleet
from tests.fleets.union import UnionFleet
from tests.fleets.worlds import RandomWorld, quoted, random_world, smaller
from tests.oracle.fuzz import SHRUNK, is_wrong, made, shrunk
from tests.oracle.gateway import PATIENT
from tests.oracle.generate import Schema
from tests.oracle.harness import Report, run
from tests.oracle.reference import Reference
from tests.oracle.statements import Statement
from tests.oracle.told import ToldGateway
from tests.oracle.wire import Wire
from tools.lib.cluster import Cluster

LARGE_ROWS = 12
QUERIES = 100
SHRINK_TRIES = 24
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Asked:
    """A world, running: its fleet behind a gateway, and PostgreSQL with the same rows."""

    world: RandomWorld
    fleet: Fleet
    wire: Wire
    reference: Reference


def schema_of(world: RandomWorld) -> Schema:
    """The world's tables as the generator reads them."""
    tables = {quoted(t.name): {quoted(name): kind for name, kind in t.columns} for t in world.tables}
    large = frozenset(quoted(t.name) for t in world.tables if len(t.rows) > LARGE_ROWS)
    names = tuple(tables)
    return Schema(tables, (names[0], names[0], *names), large, frozenset({"timestamptz", "timestamp"}))


@contextmanager
def running(world: RandomWorld, postgres: PostgresServer, directory: Path, gateway: ToldGateway) -> Iterator[Asked]:
    place = directory / f"{world.layout.name}_{next(_numbers)}"
    place.mkdir(parents=True)
    (place / "tables.sql").write_text(world.sql(), encoding="utf-8")
    union = UnionFleet(postgres, place / "tables.sql", world.layout, place / "fleet")
    with (
        closing(Reference(union.union, union.tables, world.zone)) as reference,
        closing(Wire(gateway.serve(union.fleet.catalog), world.zone)) as wire,
    ):
        wire.run(PATIENT)
        yield Asked(world, union.fleet, wire, reference)


def ask(seed: int, queries: int, postgres: PostgresServer, directory: Path, gateway: ToldGateway) -> Report:
    """That many queries over the world of that seed. What is wrong comes shrunk, the first with a small world that shows it."""
    world = random_world(seed)
    schema = schema_of(world)
    first = seed * 1000
    with running(world, postgres, directory, gateway) as asked:
        statements = [made(first + i, world.zone, schema) for i in range(queries)]
        report = run(statements, asked.fleet, asked.wire, asked.reference)
        wrong = [(shrunk(s, asked.fleet, asked.wire, asked.reference, schema), why) for s, why in report.wrong[:SHRUNK]]
        report.wrong = wrong + report.wrong[SHRUNK:]
    if wrong:
        statement, why = wrong[0]
        small = _smallest(world, lambda w: _shows(w, statement, postgres, directory, gateway))
        report.wrong[0] = (replace(statement, place=f"world {seed}, {statement.place}"), f"{why}\n{described(small)}")
    return report


def described(world: RandomWorld) -> str:
    """The world as one reads it: its zone, its tables and where their rows lie."""
    placed = [
        f"  {p.table}.{p.shard} at {p.node} ({next(n.engine for n in world.layout.nodes if n.name == p.node)})"
        + (f" check {p.check}" if p.check else "")
        for p in world.layout.placements
    ]
    return "\n".join([f"timezone {world.zone}", world.sql(), *placed])


def _smallest(world: RandomWorld, shows: Callable[[RandomWorld], bool]) -> RandomWorld:
    """A world with fewer rows and nodes that shows the wrong answer too."""
    tries = SHRINK_TRIES
    improved = True
    while improved:
        improved = False
        for candidate in smaller(world):
            tries -= 1
            if tries < 0:
                return world
            if shows(candidate):
                world, improved = candidate, True
                break
    return world


def _shows(world: RandomWorld, statement: Statement, postgres: PostgresServer, directory: Path, gateway: ToldGateway) -> bool:
    with running(world, postgres, directory, gateway) as asked:
        return is_wrong(statement, asked.fleet, asked.wire, asked.reference)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.worlds")
    parser.add_argument("seed", type=int, nargs="+")
    parser.add_argument("--queries", type=int, default=QUERIES)
    args = parser.parse_args()
    running_already = os.environ.get("FEDGATE_TEST_PG")
    cluster = None if running_already else Cluster().start()
    server = PostgresServer(running_already or (cluster.dsn if cluster else ""))
    directory = Path(tempfile.mkdtemp(prefix="worlds-"))
    gateway = ToldGateway()
    try:
        for seed in args.seed:
            report = ask(seed, args.queries, server, directory, gateway)
            print(f"world {seed}: {report.text()}", *(f"  {why} | {s.text}" for s, why in report.unsupported), sep="\n", flush=True)
    finally:
        gateway.close()
        server.drop_databases()
        if cluster:
            cluster.stop()
    print(f"the worlds are below {directory}")


if __name__ == "__main__":
    main()
