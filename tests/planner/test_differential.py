"""Every trap statement through the planner gives what the same statement gives without one, on every layout, with every rule off.

The quick tier runs all rules on two layouts (each rule off: tests/oracle/test_rules_off.py); `nightly` runs all of it, and
against PostgreSQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import duckdb
import psycopg
import pytest

from fedgate.errors import SqlError
from fedgate.planner import make_plan
from fedgate.planner.pipeline import RULES
from fedgate.types.catalog import NUMERIC
from tests.conftest import PostgresServer
from tests.fleets.source import read_tables
from tests.fleets.traps import TRAPS
from tests.oracle.statements import HIDDEN, Statement, read
from tests.planner.fleet import LAYOUTS, Fleet, load, rows_text

FILES = ("traps-1", "traps-2", "traps-3", "traps-4", "ranked")
# Sorted by a column with ties at the LIMIT: PostgreSQL leaves the answer open.
OPEN = ("(select site, max(temp) m from readings group by site order by m desc limit 2) union all",)
# Windows sorted by arithmetic over aggregates are not lowered yet (with or without a planner), and a merged average is such.
UNLOWERED = ("select site, rank() over (order by avg(temp) desc)",)
FLOATS = frozenset([700, 701, NUMERIC])
Rows = Counter[tuple[str | None, ...]]


class World:
    """All layouts over one copy of the trap tables, and PostgreSQL with the same rows."""

    def __init__(self, postgres: PostgresServer) -> None:
        self.dsn = postgres.create_database("planner")
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute((TRAPS / "schema.sql").read_bytes())
            tables = read_tables(connection)
        self.connection = duckdb.connect()
        load(self.connection, tables)
        self.fleets = {x.name: Fleet(self.connection, x, "all_readings", "all_devices") for x in LAYOUTS}


@pytest.fixture(scope="module")
def world(postgres: PostgresServer) -> Iterator[World]:
    made = World(postgres)
    yield made
    made.connection.close()


def statements(names: tuple[str, ...] = FILES) -> list[Statement]:
    found = [s for name in names for s in read(TRAPS / f"{name}.sql")]
    return [s for s in found if not s.text.startswith(OPEN + UNLOWERED)]


def comparable(rows: list[tuple[str | None, ...]], types: list[int]) -> Rows:
    """The rows as a bag; floats to nine digits, since the order of their sums is open."""

    def close(text: str | None, oid: int) -> str | None:
        return f"{float(text):.9g}" if text is not None and oid in FLOATS else text

    return Counter(tuple(close(v, oid) for v, oid in zip(row, types, strict=True)) for row in rows)


def differences(fleet: Fleet, found: list[Statement], disabled: frozenset[str] = frozenset()) -> list[str]:
    """Statements whose planned answer is not the unplanned one."""
    wrong = []
    for statement in found:
        try:
            bound, values = fleet.bind(statement.text, statement.parameters)
        except SqlError:
            continue  # the binder refuses it: there is nothing to plan
        types = [c.type.oid for c in bound.columns]
        answers: list[Rows | str] = []
        for planned in (False, True):
            try:
                if planned:
                    table = fleet.run(make_plan(bound, fleet.world, disabled=disabled, checked=True), values)
                else:
                    table = fleet.direct(bound, values)
                answers.append(comparable(rows_text(table, bound), types))
            except SqlError as error:
                answers.append(error.sqlstate)
        if answers[0] != answers[1]:
            wrong.append(f"{statement.place}: {statement.text}\n  expected {answers[0]}\n  got      {answers[1]}")
    return wrong


@pytest.mark.parametrize("layout", ["sites-empty", "twenty-skewed"])
def test_all_rules(world: World, layout: str) -> None:
    found = statements()[::6] if layout == "sites-empty" else statements()[1::12]
    wrong = differences(world.fleets[layout], found)
    assert not wrong, "\n".join(wrong)


def test_enough_statements_are_compared(world: World) -> None:
    fleet = world.fleets["one"]
    bound = 0
    for statement in statements():
        try:
            fleet.bind(statement.text, statement.parameters)
        except SqlError:
            continue
        bound += 1
    assert bound > 380


def test_only_scans(world: World) -> None:
    optional = frozenset(r.name for r in RULES if not r.required)
    wrong = differences(world.fleets["sites"], statements(("traps-1",))[::4], optional)
    assert not wrong, "\n".join(wrong)


@pytest.mark.nightly
@pytest.mark.parametrize("layout", [x.name for x in LAYOUTS])
@pytest.mark.parametrize("rule", ["", *(r.name for r in RULES if not r.required)])
def test_every_rule_off_on_every_layout(world: World, layout: str, rule: str) -> None:
    wrong = differences(world.fleets[layout], statements(), frozenset([rule] if rule else []))
    assert not wrong, "\n".join(wrong)


@pytest.mark.nightly
@pytest.mark.parametrize("layout", [x.name for x in LAYOUTS])
def test_against_postgres(world: World, layout: str) -> None:
    fleet = world.fleets[layout]
    wrong = []
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for statement in statements():
            if HIDDEN.search(statement.text):
                continue
            try:
                bound, values = fleet.bind(statement.text, statement.parameters)
                table = fleet.run(make_plan(bound, fleet.world, checked=True), values)
            except SqlError:
                continue  # the error's class is the oracle's to judge
            given = [None if p is None else p.encode() for p in statement.parameters]
            result = connection.pgconn.exec_params(statement.text.encode(), given)
            rows = [
                tuple(None if v is None else v.decode() for v in (result.get_value(i, j) for j in range(result.nfields)))
                for i in range(result.ntuples)
            ]
            types = [c.type.oid for c in bound.columns]
            expected, got = comparable(rows, types), comparable(rows_text(table, bound), types)
            if expected != got:
                wrong.append(f"{statement.place}: {statement.text}\n  expected {expected}\n  got      {got}")
    assert not wrong, "\n".join(wrong)
