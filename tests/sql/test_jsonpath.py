"""Paths of SQL/JSON where no server is asked: texts that lose nothing, bounds, and what needs the clock."""

from __future__ import annotations

import pytest

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.sql.jsonpath.comparing import compared
from fedgate.sql.jsonpath.evaluate import Evaluation
from fedgate.sql.jsonpath.items import Moment, Value, read, write
from fedgate.sql.jsonpath.known import known_path
from fedgate.types.jsonpath import exact_jsonpath, jsonpath_text, parse
from fedgate.types.zones import find_zone


def found(document: str, path: str) -> list[str]:
    known = known_path(exact_jsonpath(path))
    return [write(item) for item in Evaluation(known, read(document), {}, silent=False, zone=None).items(known)]


# PostgreSQL's text of the first four reads as another path, or as none.
EXACT = (
    "($.a * 2).floor() - 1",
    "(-$).a * 2",
    "exists (($ == 1).type())",
    "((($ > 1) is unknown).type() starts with \"b\") || (exists ($.a)).b == 1",
    "$ == 1 || $ == 2 || $ == 3 && $ == 4",
    "$ == 1 || ($ == 2 || $ == 3)",
    "strict $[0, 1 to last]?(@ like_regex \"a\" flag \"is\").**{1 to last}.keyvalue()",
    '$"a b"."c\\"d".datetime("yyyy")',
)  # fmt: skip


@pytest.mark.parametrize("text", EXACT)
def test_the_carrier_reads_as_the_same_path(text: str) -> None:
    assert parse(exact_jsonpath(text)) == parse(text)


def test_clients_see_postgresqls_text() -> None:
    assert jsonpath_text(exact_jsonpath("($.a * 2).floor() - 1")) == '($."a" * 2.floor() - 1)'


DEEP = (
    "(" * 5_000 + "$" + ")" * 5_000,
    "$" + "[$" * 5_000 + "]" * 5_000,
    "$" + "?(@" * 5_000 + " == 1" + ")" * 5_000,
    "!(" * 5_000 + "$ == 1" + ")" * 5_000,
    "-" * 50_000 + "$",
    "+".join(["1"] * 5_000),
    "$" + ".a" * 40_000,
    "$." + "a" * (limits.JSONPATH_CHARS_MAX + 1),
    "$[" + ",".join(["1e100000"] * 20) + "]",
)


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_a_path_too_deep_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(SqlError) as caught:
        exact_jsonpath(text)
    assert caught.value.sqlstate == "54001"


def test_many_conditions_in_a_row_are_not_deep() -> None:
    assert found("5", " || ".join(f"$ == {n}" for n in range(1_000))) == ["true"]


def test_a_path_of_many_steps_runs() -> None:
    assert found("1", "$" + "[0]" * (limits.JSONPATH_STEPS_MAX - 1)) == ["1"]


def test_a_value_too_deep_for_the_path_is_refused() -> None:
    from fedgate.sql.functions.json_paths import evaluated, query

    with pytest.raises(SqlError) as caught:
        evaluated(query, "[" * 20_000 + "]" * 20_000, "$.**", "{}", False, None)
    assert caught.value.sqlstate == "54001"


def test_what_a_path_looks_at_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JSONPATH_VISITS_MAX", 20_000)
    for document, path in (
        ("[" * 40 + "1" + "]" * 40, "$" + ".**" * 20),
        (f"[{','.join(map(str, range(500)))}]", "strict $ ? (@[*] == $[*])"),
        ('["' + '","'.join(["a" * 60] * 100) + '"]', '$[*] ? (@ like_regex "a*a*b")'),
        (f"[{','.join(['9' * 3000] * 100)}]", "$[*] ? (@ * @ * @ > 1)"),
    ):
        with pytest.raises(SqlError) as caught:
            found(document, path)
        assert caught.value.sqlstate == "54000", path


def test_what_a_path_gives_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from fedgate.sql.functions.json_paths import evaluated, query

    monkeypatch.setattr(limits, "JSONPATH_RESULT_CHARS_MAX", 10_000)
    with pytest.raises(SqlError) as caught:
        evaluated(query, "[" * 20 + f'"{"x" * 1000}"' + "]" * 20, "$.**", "{}", False, None)
    assert caught.value.sqlstate == "54000"


def test_a_pattern_of_exponential_time_is_refused() -> None:
    with pytest.raises(SqlError) as caught:
        found(f'"{"a" * 1000}"', '$ ? (@ like_regex "(a+)+$" flag "s")')
    assert caught.value.sqlstate == "0A000"


@pytest.mark.parametrize(
    ("left", "op", "right", "zone", "passed"),
    [
        (Moment("time", us=1), "<", Moment("time", us=2), None, True),
        (Moment("timetz", us=3_600_000_000, offset=3_600), "==", Moment("timetz", us=0), None, False),
        (Moment("timetz", us=3_600_000_000, offset=3_600), "<", Moment("timetz", us=0), None, True),
        (Moment("time", us=3_600_000_000), "<=", Moment("timetz", us=0, offset=-3_600), "Etc/GMT-1", True),
        (Moment("date", 1), "==", Moment("timestamptz", 1, offset=0), "UTC", True),
        (Moment("date", 1), "<", Moment("timestamptz", 1, offset=0), "Europe/Berlin", True),
        (Moment("date", 1), "==", Moment("time"), "UTC", None),
        (Moment("date", 1), "==", "1970-01-02", "UTC", None),
    ],
)
def test_moments_compare_across_types(left: Value, op: str, right: Value, zone: str | None, passed: bool | None) -> None:
    assert compared(op, left, right, find_zone(zone) if zone else None) is passed
