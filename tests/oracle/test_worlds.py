"""Generated queries over random worlds: random tables, cut in random ways over random engines, in the zones where clocks change."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import PostgresServer
from tests.fleets.layouts import LAYOUTS
from tests.fleets.worlds import random_world
from tests.oracle.conftest import Counted
from tests.oracle.harness import EVALUATION_ORDER_MAX, Report
from tests.oracle.test_fleets import NIGHTLY_SLICE, NIGHTLY_SLICES
from tests.oracle.worlds import QUERIES, ask

FIXED_WORLDS = 4
FRESH_WORLDS = 2
"""Of seeds that no run had before; a failure shows them: `python -m tests.oracle.worlds SEED`."""
FRESH_SEEDS = range(1_000_000, 2**40)
UNSUPPORTED_MAX = 0.03
NIGHTLY_GROUPS, NIGHTLY_WORLDS = 37, 10
"""So many groups of so many worlds a night, every other world of a fresh seed."""


def verify(report: Report) -> None:
    assert not report.wrong, report.text()
    assert report.counts["evaluation order"] <= max(1, EVALUATION_ORDER_MAX * report.total), report.text()
    refused = [f"{s.text}\n  {why}" for s, why in report.unsupported]
    assert len(refused) <= UNSUPPORTED_MAX * report.total, "\n".join(refused[:10])


@pytest.mark.parametrize("seed", range(FIXED_WORLDS))
def test_random_world(seed: int, postgres: PostgresServer, tmp_path: Path, counted: Counted) -> None:
    verify(counted(ask(seed, QUERIES, postgres, tmp_path)))


@pytest.mark.parametrize("number", range(FRESH_WORLDS))
def test_fresh_world(number: int, postgres: PostgresServer, tmp_path: Path, counted: Counted) -> None:
    verify(counted(ask(random.SystemRandom().choice(FRESH_SEEDS), QUERIES, postgres, tmp_path)))


@pytest.mark.nightly
@pytest.mark.parametrize("group", range(NIGHTLY_GROUPS))
def test_many_worlds(group: int, postgres: PostgresServer, tmp_path: Path, counted: Counted) -> None:
    whole = Report()
    for at in range(NIGHTLY_WORLDS):
        seed = random.SystemRandom().choice(FRESH_SEEDS) if at % 2 else 1000 + group * NIGHTLY_WORLDS + at
        whole.add_all(counted(ask(seed, QUERIES, postgres, tmp_path)))
    verify(whole)


def test_a_hundred_thousand_queries_a_night() -> None:
    """Those over the trap tables and those over random worlds."""
    assert len(LAYOUTS) * NIGHTLY_SLICES * NIGHTLY_SLICE + NIGHTLY_GROUPS * NIGHTLY_WORLDS * QUERIES >= 100_000


def test_worlds_differ_in_what_decides_answers() -> None:
    worlds = [random_world(seed) for seed in range(60)]
    assert worlds[7].sql() == random_world(7).sql()
    engines = Counter(node.engine for world in worlds for node in world.layout.nodes)
    assert set(engines) == {"sqlite", "duckdb", "parquet", "postgres"}
    assert len({world.zone for world in worlds}) >= 5
    kinds = {kind for world in worlds for table in world.tables for _, kind in table.columns}
    assert len(kinds) == 16
    placements = [placement for world in worlds for placement in world.layout.placements]
    assert {"all", "empty", "p19"} <= {placement.shard for placement in placements}
    assert any(placement.check for placement in placements)
    assert any("colocated_with" in said for world in worlds for said in world.layout.said.values())
    assert any(placement.priority == 2 for placement in placements)
