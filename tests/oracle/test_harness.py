"""The harness itself: it passes PostgreSQL against PostgreSQL, and sees every kind of difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fleets.layouts import LAYOUTS
from tests.fleets.traps import TrapFleets
from tests.oracle.compare import Tolerance, compare
from tests.oracle.harness import run
from tests.oracle.reference import Magnitudes, Reference, order_of
from tests.oracle.statements import HIDDEN, Statement, files, read
from tests.oracle.wire import Outcome, Protocol, Wire

RIGHT = Outcome((("site", 25), ("x", 701)), (("s1", "1.5"), ("s2", None), ("s2", "0.1")))


@pytest.mark.parametrize(("protocol", "first"), [("simple", 0), ("extended", 2)])
def test_postgresql_equals_itself(fleets: TrapFleets, references: Callable[[], Reference], protocol: Protocol, first: int) -> None:
    """Half of the statements, each in one of the two protocols."""
    server = Wire(fleets.union)
    statements = [s for path in files() for s in read(path) if not HIDDEN.search(s.text)][first::4]
    try:
        report = run(statements, fleets.fleet("single"), server, references(), protocol)
    finally:
        server.close()
    assert not report.wrong, report.text()
    assert report.total == len(statements)
    assert report.counts["(open)"] <= 0.03 * report.total, "too many statements have no fixed answer"


def test_enough_is_asked() -> None:
    """At least 300 statements beside the trap files, and none of them twice."""
    texts = [s.text for path in files() for s in read(path) if path.parent.name == "queries"]
    assert len(texts) >= 300
    assert len(set(texts)) == len(texts)
    assert len(LAYOUTS) >= 6


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (replace(RIGHT, columns=(("site", 25), ("x", 1700))), "columns"),
        (replace(RIGHT, columns=(("sites", 25), ("x", 701))), "columns"),
        (replace(RIGHT, rows=RIGHT.rows[:2]), "2 rows instead of 3"),
        (replace(RIGHT, rows=(*RIGHT.rows[:2], ("s2", "0.10000000000000002"))), "0.10000000000000002"),
        (replace(RIGHT, rows=(*RIGHT.rows[:1], ("s2", "NaN"), RIGHT.rows[2])), "NaN"),
        (replace(RIGHT, rows=RIGHT.rows[::-1]), "row 1"),
        (Outcome(sqlstate="42703", message="no"), "42703"),
        (Outcome(sqlstate="XX000", message="no"), "XX000"),
    ],
)
def test_a_difference_is_seen(changed: Outcome, said: str) -> None:
    verdict = compare(RIGHT, changed, "exact", Tolerance())
    assert verdict.kind == "wrong"
    assert said in verdict.reason


def test_what_postgresql_leaves_open() -> None:
    backwards = replace(RIGHT, rows=RIGHT.rows[::-1])
    assert compare(RIGHT, backwards, "set", Tolerance()).kind == "equal"
    assert order_of(RIGHT, backwards, "select site, x from t order by site") == "set"
    assert order_of(RIGHT, RIGHT, "select site, x from t order by site, x") == "exact"
    assert order_of(RIGHT, RIGHT, "select site, x from t") == "set"
    assert order_of(RIGHT, RIGHT, "select site, x from (select * from t order by site) q where a = ') order by'") == "set"
    assert order_of(RIGHT, replace(RIGHT, rows=(("s9", "1"), *RIGHT.rows[1:])), "select site, x from t limit 3") == "open"
    assert compare(RIGHT, Outcome(sqlstate="22012"), "set", Tolerance()).kind == "evaluation order"
    assert (
        compare(RIGHT, Outcome(sqlstate="22003", message="ERROR:  stored value 1 is out of range"), "set", Tolerance()).kind
        == "wrong"
    )
    assert compare(Outcome(sqlstate="42P01"), Outcome(sqlstate="42P01", message="other words"), "set", Tolerance()).kind == "equal"
    assert compare(RIGHT, Outcome(sqlstate="0A000"), "set", Tolerance()).kind == "unsupported"


def test_zeros_of_both_signs_come_in_any_order() -> None:
    zeros = replace(RIGHT, rows=(("s1", "-0"), ("s1", "0"), ("s1", "-0")))
    assert compare(zeros, replace(zeros, rows=zeros.rows[1:] + zeros.rows[:1]), "set", Tolerance()).kind == "equal"
    assert compare(zeros, replace(zeros, rows=zeros.rows[:2] * 2), "set", Tolerance()).kind == "wrong"
    assert compare(zeros, replace(zeros, rows=(("s1", "0"), *zeros.rows[1:])), "set", Tolerance()).kind == "wrong"


def test_float_sums_have_a_tolerance_and_no_more() -> None:
    near = replace(RIGHT, rows=(*RIGHT.rows[:2], ("s2", "0.10000000000000003")))
    far = replace(RIGHT, rows=(*RIGHT.rows[:2], ("s2", "0.1000001")))
    assert compare(RIGHT, near, "set", Tolerance(1e-12, 1e-12)).kind == "equal"
    assert compare(RIGHT, far, "set", Tolerance(1e-12, 1e-9)).kind == "wrong"


def test_the_tolerance_of_a_sum_grows_with_what_is_added_up() -> None:
    """Floats alone, unless others are cast; each row once, unless a join meets it again."""
    known = Magnitudes(floats=5.0, numbers=1e9, rows=60)
    assert known.asked("select sum(temp) from t") == 5
    assert known.asked("select sum(price::float8) from t") == 1e9
    assert known.asked("select sum(temp) from t join u on t.k = u.k") == 300


def test_statement_files_are_read_with_their_lines_and_parameters() -> None:
    found = {s.place: s for path in files() for s in read(path)}
    assert found["traps-1:137"].parameters == ("s1", "20")
    assert found["traps-1:143"] == Statement("traps-1:143", "select count(*) from readings where site = $1", (None,))
