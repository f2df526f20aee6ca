"""Answers that have to agree with each other, no PostgreSQL beside: parts and wholes, and the same rows placed in seven ways."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from tests.fleets.placements import WAYS, placements_fleet
from tests.fleets.traps import TrapFleets
from tests.oracle.compare import compare, tolerance
from tests.oracle.gateway import serving
from tests.oracle.generate import query
from tests.oracle.harness import EVALUATION_ORDER_MAX, Report
from tests.oracle.metamorphic import BESIDE, agree, pairs
from tests.oracle.statements import Statement
from tests.oracle.wire import Wire

PARTED, PLACED, FRESH, FORGETFUL = 4, 4, 3, 14
FRESH_SEEDS = range(10_000_000, 2**62)
NIGHTLY_SEEDS = range(2_000_000, 2_004_000)
Ways = Callable[[str], Wire]


@pytest.fixture(scope="module")
def ways(fleets: TrapFleets, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    """A connection on which the trap tables are those of one way to place them."""
    fleet = placements_fleet(fleets.tables, tmp_path_factory.mktemp("placements") / "fleet")
    with serving(fleet.catalog) as gateway, ExitStack() as stack:
        wires = {way: stack.enter_context(closing(Wire(gateway.dsn, search_path=way))) for way in WAYS}
        yield wires.__getitem__


def verify(report: Report) -> None:
    assert not report.wrong, report.text()
    assert report.counts["evaluation order"] <= max(2, 2 * EVALUATION_ORDER_MAX * report.total), report.text()
    assert report.counts["unsupported"] <= 0.02 * report.total, report.unsupported[:10]
    assert report.counts["equal"] > 0


def partitioned(ways: Ways, seeds: Sequence[int]) -> Report:
    """The pairs of each seed on one of the seven ways."""
    report = Report()
    for at, way in enumerate(WAYS):
        report.add_all(agree((pair for seed in seeds[at :: len(WAYS)] for pair in pairs(seed)), ways(way)))
    return report


def placed(ways: Ways, seeds: Sequence[int]) -> Report:
    """The query of each seed on all ways, beside the first."""
    report = Report()
    first, *others = WAYS
    for seed in seeds:
        text = query(seed).sql()
        expected = ways(first).run(text)
        for way in others:
            verdict = compare(expected, ways(way).run(text), "set", tolerance(text, MAGNITUDE))
            report.add(Statement(f"seed {seed} {way}", text), verdict)
    return report


MAGNITUDE = 1e5
"""No column of floats of the trap tables has a larger sum of magnitudes."""


def test_parts_make_the_whole(ways: Ways) -> None:
    verify(partitioned(ways, [*range(PARTED), *random.SystemRandom().sample(FRESH_SEEDS, FRESH)]))


def test_placement_never_decides(ways: Ways) -> None:
    verify(placed(ways, [*range(5000, 5000 + PLACED), *random.SystemRandom().sample(FRESH_SEEDS, FRESH)]))


def test_a_missing_part_is_seen(ways: Ways) -> None:
    """Where the rows of NULL are left out, as by a rule that takes NOT p for the rest, the pairs differ."""
    forgetful = [
        replace(pair, other=pair.other.rpartition(BESIDE)[0])
        for seed in range(FORGETFUL)
        for pair in pairs(seed)
        if "rows" in pair.place
    ]
    assert len(agree(forgetful, ways("five")).wrong) >= 2


@pytest.mark.nightly
def test_many_parts_make_the_whole(ways: Ways) -> None:
    verify(partitioned(ways, NIGHTLY_SEEDS))


@pytest.mark.nightly
def test_placement_never_decides_many(ways: Ways) -> None:
    verify(placed(ways, NIGHTLY_SEEDS[:1500]))
