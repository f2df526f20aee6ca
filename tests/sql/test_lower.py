"""Lowered statements answer as PostgreSQL 15 does: the trap files, every row of the function table, and random expressions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from fedgate.fragment import Slot
from fedgate.sql.lower import literal, schema_of, translate
from fedgate.types import SqlType
from tests.sql import fuzz_expressions
from tests.sql.pair import Pair, statements
from tests.sql.signatures import combinations, signatures

TRAPS = Path(__file__).parents[1] / "traps"
# What PostgreSQL leaves open: which of two rows with equal sort keys LIMIT keeps, the representative of equal numerics, float4
# sums.
OPEN = ("order by m desc limit 2) union all", "select max(a), min(a), count(distinct a)", "select sum(x::float4)")
# Samples that PostgreSQL answers and fedgate refuses, or that both refuse, each by another of two wrong arguments: what the
# statement's
# zone or unit is named is read before an infinite value is; months and ages beyond an interval's range wrap in PostgreSQL.
KNOWN = (
    "age(timestamp 'infinity'",
    "date_bin(interval '0', timestamptz '-infinity'",
    "date_trunc('', timestamptz '-infinity'",
    "make_interval(-7, (-2147483648)",
    "make_interval(0, -7, 2, 5, (-2147483648), 2147483647",
    "make_timestamptz(5, 2, -7, 0, 1, '-infinity'",
    "make_timestamptz(-7, (-2147483648)",
    "make_timestamptz(0, -7, 2, 5",
    "timezone('', timestamptz '-infinity'",
)
# The operator's other argument is NULL, and the merge engine does not compute this one then; PostgreSQL does, though it need not.
KNOWN_OF_FUZZ = ("(jsonb_array_length('7'::jsonb) & array_position(array[2], -7))",)


@pytest.mark.parametrize("name", ["traps-1", "traps-2", "traps-3", "traps-4", "extra", "walls", "rows"])
def test_trap_files_are_answered_as_postgresql_does(pair: Pair, name: str) -> None:
    wrong = []
    for statement in statements((TRAPS / f"{name}.sql").read_text())[::2]:  # all of them are asked of a whole gateway, too
        if "$1" in statement or "_node" in statement or "; " in statement or any(part in statement for part in OPEN):
            continue
        found = pair.check(statement)
        if found and "have 0A000" not in found and "294276" not in statement:
            wrong.append(f"{statement}\n    {found}")
    assert not wrong, "\n".join(wrong)


def sampled(pair: Pair, kind: str, forms: Callable[[int], slice]) -> None:
    """Asks each signature's samples as constants, which PostgreSQL folds, and as columns: of these two, the forms of its place."""
    wrong, tried = [], 0
    for signature in signatures(pair.postgres, kind):
        for place, arguments in enumerate(combinations(signature.arguments, 5)):
            if any(known in signature.sql(arguments) for known in KNOWN):
                continue
            tried += 1
            names = tuple(f"v{i}" for i in range(len(arguments)))
            row = f" from (values ({', '.join(arguments)})) as t({', '.join(names)})" if names else ""
            for sql in (f"select {signature.sql(arguments)}", f"select {signature.sql(names)}{row}")[forms(place)]:
                found = pair.check(sql)
                if found and "have 0A000" not in found:
                    wrong.append(f"{sql}\n    {found}")
    assert tried > 500
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", ["operator", "function"])
def test_rows_of_the_function_table_agree_on_samples(pair: Pair, kind: str) -> None:
    sampled(pair, kind, lambda place: slice(place % 2, place % 2 + 1))


@pytest.mark.nightly
@pytest.mark.parametrize("kind", ["operator", "function"])
def test_rows_of_the_function_table_agree_on_all_samples(pair: Pair, kind: str) -> None:
    sampled(pair, kind, lambda _: slice(None))


def test_aggregates_of_the_function_table_agree_on_samples(pair: Pair) -> None:
    wrong, tried = [], 0
    for signature in signatures(pair.postgres, "aggregate"):
        names = ", ".join(f"v{i}" for i in range(len(signature.arguments)))
        samples = combinations(signature.arguments, 6) if names else iter((("1",), ("2",)))
        listed = ", ".join("(" + ", ".join(row) + ")" for row in samples)
        rows = f"from (values {listed}) as t({names or 'v0'})"
        call = f"{signature.name}({names or '*'})"
        shapes = [f"{call} {rows}", f"{call} {rows} where false", f"{call} over () {rows}", f"{call} filter (where false) {rows}"]
        for shape in shapes + ([f"{signature.name}(distinct {names}) {rows}"] if names else []):
            tried += 1
            found = pair.check(f"select {shape}", open_errors=True)
            if found and "have 0A000" not in found:
                wrong.append(f"select {shape}\n    {found}")
    assert tried > 300
    assert not wrong, "\n".join(wrong)


def test_random_expressions_agree(trap_dsn: str) -> None:
    count = 150
    found, opened = fuzz_expressions.run(trap_dsn, seed=15, count=count)
    wrong = [each for each in found if not any(known in each for known in KNOWN_OF_FUZZ)]
    assert not wrong, "\n".join(wrong)
    assert opened <= 0.005 * count * len(fuzz_expressions.ZONES)


def test_schema_of_is_what_the_engine_gives(pair: Pair) -> None:
    bound, sql, schema = pair.lowered("select sum(price) * 2, avg(total), max(ts), count(*), array_agg(day) from readings")
    given = pair.duck.sql(sql).to_arrow_table().schema
    assert schema_of(bound.query) == schema
    assert [f.name for f in given] == [f.name for f in schema]
    # Arrow compares lists by their items, whatever the item field is called; DuckDB puts its own zone into timestamptz.
    assert all(a.type == b.type for a, b in zip(given, schema, strict=True) if "timestamp" not in str(b.type))


@pytest.mark.parametrize(
    ("slot", "value", "text"),
    [
        (Slot("1", SqlType(23)), 5, "CAST(5 AS INTEGER)"),
        (Slot("1", SqlType(25)), "it's", "'it''s'"),
        (Slot("1", SqlType(25)), None, "CAST(NULL AS VARCHAR)"),
        (Slot("1", SqlType(20), "limit"), 7, "7"),
        (Slot("1", SqlType(1114)), 2**63 - 1, "CAST('infinity' AS TIMESTAMP)"),
        (Slot("1", SqlType(17)), b"\x01\xff", "CAST('\\x01\\xFF' AS BLOB)"),
        (Slot("1", SqlType(1007)), (1, None), "CAST([CAST(1 AS INTEGER), CAST(NULL AS INTEGER)] AS INTEGER[])"),
    ],
)
def test_parameters_are_rendered_as_typed_literals(slot: Slot, value: object, text: str) -> None:
    assert literal(slot, value) == text  # type: ignore[arg-type]


def test_a_mark_in_quoted_sql_is_not_an_error_of_rows() -> None:
    found = translate(duckdb.BinderException("no function f: SELECT error('SQLSTATE:22001:too long')"))
    assert found.sqlstate == "XX000"


def test_marked_errors_keep_their_sqlstate(pair: Pair) -> None:
    with pytest.raises(Exception, match="SQLSTATE") as caught:
        pair.duck.sql("select error('SQLSTATE:2201E:cannot take logarithm of zero')").fetchall()
    found = translate(caught.value)
    assert (found.sqlstate, found.message) == ("2201E", "cannot take logarithm of zero")
