"""Statements that once were wrong, by family: each line of answers/*.sql is answered as PostgreSQL 15 does, never refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sql.pair import Pair

FILES = sorted((Path(__file__).parent / "answers").glob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_answers_as_postgresql_does(pair: Pair, path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("--")]
    assert lines
    wrong = [f"{line}\n    {found}" for line in lines if (found := pair.check(line))]
    assert not wrong, "\n".join(wrong)
