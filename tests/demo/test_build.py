"""The demo fleet holds every row of the source, in the shapes that its catalog speaks of."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from fedgate.demo import bar, build
from fedgate.errors import SqlError


def test_the_fleet_holds_every_row(fleet: Path) -> None:
    with duckdb.connect(str(fleet / "data/jfk.duckdb"), read_only=True) as jfk:
        at_jfk = jfk.execute("SELECT (SELECT count(*) FROM flights), (SELECT count(*) FROM weather)").fetchone()
        lga = f"'{fleet}/data/lga/{{}}/*.parquet'"
        at_lga = jfk.execute(
            f"SELECT (SELECT count(*) FROM {lga.format('flights')}), (SELECT count(*) FROM {lga.format('weather')})"
        ).fetchone()
    ewr = sqlite3.connect(fleet / "data/ewr.db")
    try:
        at_ewr = ewr.execute("SELECT (SELECT count(*) FROM flights), (SELECT count(*) FROM weather)").fetchone()
        first = ewr.execute("SELECT min(time_s), typeof(min(time_s)), count(DISTINCT typeof(dep_delay)) FROM flights").fetchone()
    finally:
        ewr.close()
    assert at_jfk is not None
    assert at_lga is not None
    assert [sum(counts) for counts in zip(at_ewr, at_jfk, at_lga, strict=True)] == [336_776, 26_115]
    assert first == (1_357_034_400, "integer", 2)


def test_a_second_build_leaves_it_alone(fleet: Path) -> None:
    before = (fleet / "data/ewr.db").stat().st_mtime_ns
    build(fleet, bar())
    assert (fleet / "data/ewr.db").stat().st_mtime_ns == before


def test_a_directory_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(SqlError, match="is not empty"):
        build(tmp_path, bar())
