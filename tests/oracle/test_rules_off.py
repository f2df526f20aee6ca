"""Each rule of the planner switched off in turn, through a running gateway: the answers stay PostgreSQL's.

The quick tier asks, for each rule, statements in whose plan it fires; `nightly` asks, on every fleet, all statements whose plan is
another without it, and all of them without any rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import pytest

from fedgate import server
from fedgate.config import Config
from fedgate.errors import SqlError
from fedgate.planner import make_plan
from fedgate.planner.pipeline import RULES
from fedgate.planner.plan import Plan
from fedgate.session.engine import Engine
from fedgate.sql.bind import bind
from fedgate.sql.bind.context import BindContext
from tests.fleets.build import Fleet
from tests.fleets.layouts import LAYOUTS
from tests.fleets.traps import TrapFleets
from tests.oracle.harness import EVALUATION_ORDER_MAX, run
from tests.oracle.reference import Reference
from tests.oracle.statements import Statement, files, read
from tests.oracle.told import ToldGateway
from tests.oracle.wire import Wire

OPTIONAL = tuple(rule.name for rule in RULES if not rule.required)
MIXED = "sites"
STATEMENTS_A_RULE = 12
FIRING_MIN = 5
CONTEXT = BindContext(("public", "pg_catalog"), "UTC", "ISO, MDY", "postgres", "tester", "fedgate")


@dataclass(frozen=True, slots=True)
class Rules:
    """A fleet behind a gateway whose rules can be switched off, and the statements in whose plans each rule fires."""

    fleet: Fleet
    gateway: ToldGateway
    wire: Wire
    statements: list[Statement]
    fired: dict[str, list[Statement]]


@contextmanager
def rules_of(fleet: Fleet) -> Iterator[Rules]:
    statements = [statement for path in files() for statement in read(path)]
    with closing(ToldGateway()) as gateway, closing(Wire(gateway.serve(fleet.catalog))) as wire:
        yield Rules(fleet, gateway, wire, statements, _fired(fleet, statements))


def _fired(fleet: Fleet, statements: list[Statement]) -> dict[str, list[Statement]]:
    fired: dict[str, list[Statement]] = {rule: [] for rule in OPTIONAL}
    with server.engine(Config(catalog=fleet.catalog, listen=("127.0.0.1", 0))) as engine:
        for statement in statements:
            for rule in _firing(engine, statement):
                fired[rule].append(statement)
    return fired


def _firing(engine: Engine, statement: Statement) -> set[str]:
    made = _plans(engine, statement)
    return {note.rule for note in made(frozenset()).notes if note.fired} & set(OPTIONAL) if made else set()


def _plans(engine: Engine, statement: Statement) -> Callable[[frozenset[str]], Plan] | None:
    """Makes the statement's plan without some rules; None where there is none: refused, or several statements."""
    try:
        (raw,) = engine.parse(statement.text)
        bound, snapshot = bind(raw, engine.relations(CONTEXT), CONTEXT), engine.catalog.snapshot()
        whole = make_plan(bound, snapshot)
    except (SqlError, ValueError):
        return None
    return lambda disabled: make_plan(bound, snapshot, disabled=disabled) if disabled else whole


def changed(fleet: Fleet, statements: list[Statement]) -> dict[str, list[Statement]]:
    """For each rule the statements whose plans are others without it: what it leaves as it is would be asked for nothing."""
    found: dict[str, list[Statement]] = {rule: [] for rule in OPTIONAL}
    with server.engine(Config(catalog=fleet.catalog, listen=("127.0.0.1", 0))) as engine:
        for statement in statements:
            made = _plans(engine, statement)
            whole = made and _without_notes(made(frozenset()))
            for rule in OPTIONAL if made else ():
                assert made is not None
                if _without_notes(made(frozenset([rule]))) != whole:
                    found[rule].append(statement)
    return found


def _without_notes(plan: Plan) -> Plan:
    preludes = tuple(replace(prelude, plan=_without_notes(prelude.plan)) for prelude in plan.preludes)
    return replace(plan, notes=(), preludes=preludes, fallback=plan.fallback and _without_notes(plan.fallback))


@pytest.fixture(scope="module")
def mixed(fleets: TrapFleets) -> Iterator[Rules]:
    with rules_of(fleets.fleet(MIXED)) as rules:
        yield rules


def compare(rules: Rules, statements: list[Statement], reference: Reference) -> None:
    report = run(statements, rules.fleet, rules.wire, reference)
    assert not report.wrong, report.text()
    assert report.counts["evaluation order"] <= max(1, EVALUATION_ORDER_MAX * report.total), report.text()


@pytest.mark.parametrize("rule", OPTIONAL)
def test_without_a_rule(mixed: Rules, references: Callable[[], Reference], rule: str) -> None:
    fired = mixed.fired[rule]
    assert len(fired) >= FIRING_MIN, f"{rule} hardly ever fires: what is compared would prove nothing"
    mixed.gateway.switch_off([rule])
    compare(mixed, fired[:: 1 + len(fired) // STATEMENTS_A_RULE], references())


def test_a_subquery_that_no_row_needs_may_have_many_rows(mixed: Rules, references: Callable[[], Reference]) -> None:
    """What is lifted otherwise: the merge engine alone must not look for a second row either."""
    asked = [statement for statement in mixed.fired["lift_subqueries"] if "temp < -1000" in statement.text]
    assert len(asked) >= 2
    mixed.gateway.switch_off(["lift_subqueries"])
    compare(mixed, asked, references())


def test_with_scans_only(mixed: Rules, references: Callable[[], Reference]) -> None:
    mixed.gateway.switch_off(OPTIONAL)
    compare(mixed, mixed.statements[::15], references())


@pytest.mark.nightly
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_statement_without_each_rule(fleets: TrapFleets, references: Callable[[], Reference], name: str) -> None:
    with rules_of(fleets.fleet(name)) as rules:
        for rule, statements in changed(rules.fleet, rules.statements).items():
            rules.gateway.switch_off([rule])
            compare(rules, statements, references())
        rules.gateway.switch_off(OPTIONAL)
        compare(rules, rules.statements, references())


def test_what_a_rule_changes_is_seen(mixed: Rules) -> None:
    asked = mixed.fired["top"][:3]
    found = changed(mixed.fleet, asked)
    assert found["top"] == asked
    assert not found["join_local"]
