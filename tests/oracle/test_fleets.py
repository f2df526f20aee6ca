"""Every statement over fleets, through a real connection to `fedgate serve`, against PostgreSQL 15 over the union."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fleets.layouts import LAYOUTS
from tests.fleets.traps import TrapFleets
from tests.oracle.conftest import Counted
from tests.oracle.fuzz import asked
from tests.oracle.harness import EVALUATION_ORDER_MAX, run, verify
from tests.oracle.nightly import FRESH_SEEDS
from tests.oracle.reference import Reference
from tests.oracle.statements import UNSUPPORTED, files, read
from tests.oracle.statements import refused as refused_statements
from tests.oracle.test_worlds import FIXED_WORLDS, FRESH_WORLDS
from tests.oracle.wire import Protocol, Wire
from tests.oracle.worlds import QUERIES

MIXED = "sites"
FITTING = {"colocated": "colocated", "local_windows": "colocated", "generated": "sites"}
"""Files that say most on the fleet they were written for."""
RECORD = "FEDGATE_RECORD_UNSUPPORTED"
QUERIES_OF = {
    "single": 475, "servers": 475, "replicas": 170, "nulls": 170, "times": 130, "skewed": 130, "sites": 120, "colocated": 90,
    "twenty": 15,
}  # fmt: skip
"""How many of fixed seeds each fleet is asked: fewer where a query asks many shards and takes long."""
SEEDS_A_FLEET = 1000
FRESH_QUERIES_A_FLEET = 25
"""Of seeds that no run had before; a failure shows them: `python -m tests.oracle.survey --fleet NAME --seeds SEED:SEED+1`."""
QUERIES_A_RUN_MIN = 3000
UNSUPPORTED_MAX = 0.02

Gateways = Callable[..., Wire]
References = Callable[..., Reference]


def _pairs() -> list[tuple[str, Path]]:
    """Each file on one fleet, every third on the mixed one: fleet by fleet, as gateways serve them."""
    others = [name for name in LAYOUTS if name not in (MIXED, "twenty")]
    fleets = [MIXED if at % 3 == 0 else others[at % len(others)] for at in range(len(files()))]
    pairs = [(FITTING.get(path.stem, fleet), path) for fleet, path in zip(fleets, files(), strict=True)]
    return sorted(pairs, key=lambda pair: list(LAYOUTS).index(pair[0]))


@pytest.mark.parametrize(("name", "path"), _pairs(), ids=lambda value: value.stem if isinstance(value, Path) else value)
def test_statements(fleets: TrapFleets, gateways: Gateways, references: References, name: str, path: Path) -> None:
    _ask(fleets, gateways, references, name, path, "simple" if name == MIXED else "extended")


@pytest.mark.nightly
@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
@pytest.mark.parametrize("name", LAYOUTS)
def test_statements_on_every_fleet(fleets: TrapFleets, gateways: Gateways, references: References, name: str, path: Path) -> None:
    _ask(fleets, gateways, references, name, path, "extended" if name == MIXED else "simple")


def _ask(fleets: TrapFleets, gateways: Gateways, references: References, name: str, path: Path, protocol: Protocol) -> None:
    """What is wrong fails; what is unsupported has to be written down in unsupported.txt, and nothing else may stand there."""
    statements = read(path)
    report = run(statements, fleets.fleet(name), gateways(name), references(), protocol)
    refused = {statement.text for statement, _ in report.unsupported}
    if os.environ.get(RECORD):
        _record(refused, {s.text for s in statements})
    assert not report.wrong, report.text()
    assert report.counts["evaluation order"] <= max(1, EVALUATION_ORDER_MAX * report.total), report.text()
    known = refused_statements()
    assert refused <= known, "refused, though not in unsupported.txt:\n" + "\n".join(sorted(refused - known))
    answered = {s.text for s in statements} & known - refused - _only_somewhere(path)
    assert not answered, "answered now, so unsupported.txt is to shrink:\n" + "\n".join(sorted(answered))


def _only_somewhere(path: Path) -> set[str]:
    """Statements that PostgreSQL refuses too in one protocol, so that they are unsupported in the other only."""
    return {s.text for s in read(path) if ";" in s.text or s.text == "select $1"}


def _record(refused: set[str], asked: set[str]) -> None:
    UNSUPPORTED.write_text("\n\n".join(sorted(refused_statements() - asked | refused)) + "\n")


@pytest.mark.long
@pytest.mark.parametrize("name", LAYOUTS)
def test_generated_queries(fleets: TrapFleets, gateways: Gateways, references: References, name: str, counted: Counted) -> None:
    first = sorted(LAYOUTS).index(name) * SEEDS_A_FLEET
    fresh = random.SystemRandom().sample(FRESH_SEEDS, FRESH_QUERIES_A_FLEET)
    seeds = [*range(first, first + QUERIES_OF[name]), *fresh]
    verify(counted(asked(fleets.fleet(name), seeds, lambda zone: gateways(name, zone), references)), UNSUPPORTED_MAX)


def test_enough_queries_are_made() -> None:
    assert len(LAYOUTS) >= 6
    assert "skewed" in LAYOUTS
    of_worlds = (FIXED_WORLDS + FRESH_WORLDS) * QUERIES
    of_fleets = sum(QUERIES_OF[name] + FRESH_QUERIES_A_FLEET for name in LAYOUTS)
    assert of_fleets + of_worlds >= QUERIES_A_RUN_MIN
