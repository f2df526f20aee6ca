"""Generated queries over random worlds: random tables, cut in random ways over random engines, in the zones where clocks change."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import PostgresServer
from tests.fleets.worlds import random_world
from tests.oracle.conftest import Counted
from tests.oracle.harness import verify
from tests.oracle.nightly import FRESH_WORLDS as FRESH
from tests.oracle.told import ToldGateway
from tests.oracle.worlds import QUERIES, ask

FIXED_WORLDS = 9
FRESH_WORLDS = 1
"""Of seeds that no run had before; a failure shows them: `python -m tests.oracle.worlds SEED`."""
UNSUPPORTED_MAX = 0.03


@pytest.mark.long
@pytest.mark.parametrize("seed", range(FIXED_WORLDS))
def test_random_world(seed: int, postgres: PostgresServer, told: ToldGateway, tmp_path: Path, counted: Counted) -> None:
    verify(counted(ask(seed, QUERIES, postgres, tmp_path, told)), UNSUPPORTED_MAX)


@pytest.mark.long
@pytest.mark.parametrize("number", range(FRESH_WORLDS))
def test_fresh_world(number: int, postgres: PostgresServer, told: ToldGateway, tmp_path: Path, counted: Counted) -> None:
    seed = random.SystemRandom().choice(FRESH)
    verify(counted(ask(seed, QUERIES, postgres, tmp_path, told)), UNSUPPORTED_MAX)


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
