"""A role that sees some rows and columns, against PostgreSQL 15 over tables that have no others."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import product
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.fleets.build import Fleet
from tests.fleets.traps import TrapFleets
from tests.oracle.conftest import Counted
from tests.oracle.fuzz import made
from tests.oracle.gateway import PATIENT, serving
from tests.oracle.harness import run, verify
from tests.oracle.limited import CALM, PASSWORD, ROLES, Limited, LimitedReference, write_roles
from tests.oracle.nightly import FRESH_SEEDS
from tests.oracle.statements import HIDDEN, Statement, files, read
from tests.oracle.wire import Wire

QUERIES_A_ROLE = 30
NIGHTLY_QUERIES_A_ROLE = 1_500
UNSUPPORTED_MAX = 0.03
Ask = Callable[[Limited], tuple[Fleet, Wire, LimitedReference]]

# Each fails on rows that `calm` does not see, and on none that it sees.
TELLING = (
    "1 / status",
    "1 / (3 - length(note))",
    "translate(note, 'okOK', '1234')::int",
    "total * 9223372036854775807",
    "sqrt(status - 1)",
    "ln(status)",
    "make_date(2020, status, 1) - date '2020-01-01'",
    "to_date(translate(note, 'okOK', '0101') || ' 2020', 'MM YYYY') - date '2020-01-01'",
    "length(substring(note, 1, 2 - abs(length(note) - 2)))",
    "(('{' || translate(note, 'okOK', '1234') || '}')::int[])[1]",
    "status::numeric(3, 2) + 1 / status",
    "(total * 30000)::smallint + (total * 10)::smallint",
    "('x' LIKE 'x' || repeat('\\', 2 * total::int))::int",
)
SHAPES = (
    "SELECT count(*) FROM readings WHERE ({e}) IS NOT NULL",
    "SELECT count(*) FROM readings WHERE NOT ({e} = 7) OR site = 'x'",
    "SELECT count(*) FROM readings WHERE CASE WHEN site >= 'a' THEN {e} > 0 END",
    "SELECT sum({e}) FROM readings",
    "SELECT count(*) FILTER (WHERE {e} > 0), max(site) FROM readings",
    "SELECT {e} AS k, count(*) FROM readings GROUP BY 1 HAVING {e} > 0 ORDER BY 1",
    "SELECT site, {e} AS k FROM readings ORDER BY {e}, site LIMIT 3",
    "SELECT count(*) FROM (SELECT {e} AS y FROM readings) q WHERE y IS NOT NULL",
    "SELECT count(*) FROM (SELECT DISTINCT {e} AS y FROM readings) q WHERE y > 0",
    "WITH c AS MATERIALIZED (SELECT {e} AS y FROM readings) SELECT count(*) FROM c WHERE y > 0",
    "SELECT count(*) FROM devices d JOIN readings r ON d.device = r.device AND ({e}) IS NOT NULL",
    "SELECT count(*), count(r.site) FROM devices d LEFT JOIN readings r ON d.device = r.device AND {e} > 0",
    "SELECT count(*), count(d.device) FROM readings r LEFT JOIN devices d ON d.device = {e} WHERE {e} > 0",
    "SELECT count(*), count(r.site) FROM devices d FULL JOIN readings r ON d.device = r.device WHERE ({e}) IS NULL",
    "SELECT count(*) FROM devices d WHERE EXISTS (SELECT FROM readings WHERE readings.device = d.device AND {e} > 0)",
    "SELECT count(*) FROM devices d WHERE NOT EXISTS (SELECT FROM readings WHERE readings.device = d.device AND {e} < 0)",
    "SELECT count(*) FROM readings WHERE EXISTS (SELECT FROM devices d WHERE d.device > {e})",
    "SELECT count(*) FROM devices d WHERE d.device::numeric IN (SELECT {e} FROM readings)",
    "SELECT count(*) FROM readings WHERE {e} IN (SELECT d.device FROM devices d)",
    "SELECT d.device, (SELECT max({e}) FROM readings r WHERE r.device = d.device) FROM devices d ORDER BY 1 LIMIT 5",
    "SELECT count(*) FROM (SELECT site, {e} AS y, row_number() OVER (PARTITION BY site ORDER BY ts) n FROM readings) q WHERE y > 0",
    "SELECT count(*) FROM (SELECT *, count(*) OVER (PARTITION BY site, status) AS n FROM readings) q WHERE {e} > 0",
    "SELECT ({e})::float8 FROM readings UNION SELECT device FROM devices ORDER BY 1 LIMIT 3",
    "SELECT count(*) FROM (SELECT {e} AS y FROM readings UNION ALL SELECT device FROM devices) q WHERE y > 0",
    "SELECT DISTINCT ON (site) site, {e} AS k FROM readings ORDER BY site, {e}",
    "SELECT count(*) FROM devices d, LATERAL (SELECT {e} AS y FROM readings r WHERE r.device = d.device LIMIT 1) q WHERE y > 0",
)


@pytest.fixture(scope="module")
def ask(fleets: TrapFleets, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """A fleet with the roles, a role's connection to it, and PostgreSQL's answers for that role."""
    whole = fleets.fleet("sites")
    fleet = replace(whole, catalog=shutil.copytree(whole.catalog, tmp_path_factory.mktemp("limited") / "fleet"))
    write_roles(fleet, fleets.tables, tuple(fleets.views))
    known: dict[str, tuple[Fleet, Wire, LimitedReference]] = {}
    with ExitStack() as stack:
        gateway = stack.enter_context(serving(fleet.catalog))

        def asked(role: Limited) -> tuple[Fleet, Wire, LimitedReference]:
            if role.name not in known:
                wire = stack.enter_context(closing(Wire(make_conninfo(gateway.dsn, user=role.name, password=PASSWORD))))
                wire.run(PATIENT)
                reference = stack.enter_context(closing(LimitedReference(fleets.union, fleets.tables, role)))
                known[role.name] = (fleet, wire, reference)
            return known[role.name]

        yield asked


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_generated_queries(ask: Ask, role: Limited, counted: Counted) -> None:
    first = 50_000 + ROLES.index(role) * QUERIES_A_ROLE
    statements = [made(seed, "UTC", role.schema) for seed in range(first, first + QUERIES_A_ROLE)]
    verify(counted(run(statements, *ask(role))), UNSUPPORTED_MAX)


@pytest.mark.nightly
@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_more_generated_queries(ask: Ask, role: Limited, counted: Counted) -> None:
    seeds = random.SystemRandom().sample(FRESH_SEEDS, NIGHTLY_QUERIES_A_ROLE)
    verify(counted(run([made(seed, "UTC", role.schema) for seed in seeds], *ask(role))), UNSUPPORTED_MAX)


@pytest.mark.nightly
@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_statements(ask: Ask, path: Path) -> None:
    """What a role sees in part is asked as whole tables are. Its rows may fail where others did not, and the other way round."""
    for role in ROLES[:2]:
        statements = [s for s in read(path) if not HIDDEN.search(s.text) and '"public".' not in s.text]
        report = run(statements, *ask(role))
        assert not report.wrong, report.text()


def _probes(expressions: tuple[str, ...], shapes: tuple[str, ...]) -> list[Statement]:
    return [Statement(f"probe {i}", shape.format(e=e)) for i, (e, shape) in enumerate(product(expressions, shapes))]


def test_the_rows_that_are_not_granted_have_something_to_tell(fleets: TrapFleets) -> None:
    with psycopg.connect(fleets.union, autocommit=True) as connection:
        for expression in TELLING:
            with pytest.raises(psycopg.DataError):
                connection.execute(f"SELECT count({expression}) FROM readings")


def test_nothing_tells_of_rows_that_are_not_granted(ask: Ask) -> None:
    """Each shape with some of the expressions, turn and turn about."""
    every = _probes(TELLING, SHAPES)
    some = [probe for i, probe in enumerate(every) if (i + i // len(SHAPES)) % len(TELLING) == 0 or i < len(SHAPES)]
    report = run(some, *ask(CALM))
    assert report.counts["equal"] == len(some), (report.text(), report.unsupported)


def test_parameters_ask_no_more_than_literals(ask: Ask) -> None:
    """A pattern that ends in a backslash raises for the texts that it matches so far: here for one that is not granted."""
    asked = [
        ("SELECT count(*) FROM readings WHERE note LIKE $1", "fault: E42\\"),
        ("SELECT count(*) FROM readings WHERE NOT note ILIKE $1", "FAULT: e42\\"),
        ("SELECT count(*) FROM readings WHERE note LIKE ANY ($1)", r'{"fault: E42\\\\"}'),
        ("SELECT count(*) FROM readings WHERE 10 / (status - $1) <> 0", "0"),
        ("SELECT count(*) FROM readings r JOIN devices d ON d.device > r.status / (r.status + $1)", "0"),
    ]
    statements = [Statement(f"parameter {i}", text, (value,)) for i, (text, value) in enumerate(asked)]
    report = run(statements, *ask(CALM), "extended")
    assert report.counts["equal"] == len(statements), (report.text(), report.unsupported)


@pytest.mark.nightly
@pytest.mark.parametrize("protocol", ["simple", "extended"])
def test_nothing_tells_of_rows_in_any_shape(ask: Ask, protocol: str) -> None:
    report = run(_probes(TELLING, SHAPES), *ask(CALM), protocol)  # type: ignore[arg-type]
    assert report.counts["equal"] == report.total, (report.text(), report.unsupported)
