"""The generated queries of a night, and what makes a part of them worth a run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PostgresServer
from tests.fleets.layouts import LAYOUTS
from tests.oracle.conftest import Counted
from tests.oracle.harness import Report, verify
from tests.oracle.nightly import GROUP_WORLDS, SLICE, SLICES, Night, Slice, done, line, night, slices, totals
from tests.oracle.worlds import QUERIES

UNSUPPORTED_MAX = 0.03


@pytest.fixture(scope="module")
def asking(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with night(postgres, tmp_path_factory.mktemp("night")) as made:
        yield made


@pytest.mark.nightly
@pytest.mark.parametrize("each", slices(), ids=lambda each: each.name.replace(" ", "_"))
def test_many_generated_queries(asking: Night, each: Slice, counted: Counted) -> None:
    """Every other slice of fresh seeds; a failure shows them: `python -m tests.oracle.survey`, `python -m tests.oracle.worlds`."""
    verify(counted(asking.ask(each, each.fresh() if each.number % 2 else each.fixed())), UNSUPPORTED_MAX)


def test_a_hundred_thousand_queries_a_night() -> None:
    assert set(SLICES) == set(LAYOUTS)
    assert len(slices()) * SLICE >= 100_000
    assert GROUP_WORLDS * QUERIES == SLICE


def test_no_seed_is_asked_twice() -> None:
    traps = Counter(seed for each in slices() if each.where for seed in each.fixed())
    worlds = Counter(seed for each in slices() if not each.where for seed in each.fixed())
    assert {*traps.values(), *worlds.values()} == {1}


def test_a_part_of_the_night_has_something_of_each() -> None:
    first = {each.where for each in slices()[:20]}
    assert first == {*LAYOUTS, None}


def test_a_line_says_how_to_ask_again(tmp_path: Path) -> None:
    report = Report(Counter({"equal": 997, "unsupported": 3, "(set)": 600, "(exact)": 400}))
    log = tmp_path / "log"
    assert done(log) == []
    entries = [line(Slice("sites", 0), range(7, 1007), report, 12.4, "abc"), line(Slice(None, 3), [5, 9], report, 1.0, "abc")]
    log.write_text("".join(json.dumps(entry) + "\n  refused\n" for entry in entries))
    assert [(entry["slice"], entry["seeds"]) for entry in done(log)] == [("sites 0", "7:1007"), ("worlds 3", [5, 9])]
    assert totals(done(log)).endswith("slices in 13 s: 2,000 asked, 1,994 equal, 0 evaluation order, 6 unsupported, 0 wrong")
