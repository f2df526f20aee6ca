"""The demo fleet, built once for all tests here (the archive is downloaded once into the user's cache)."""

from __future__ import annotations

from pathlib import Path

import pytest

from fedgate.demo import build


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    steps: list[float] = []
    place = build(tmp_path_factory.mktemp("demo") / "fleet", lambda _, part: steps.append(part))
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
    return place
