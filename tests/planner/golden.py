"""Golden plans: `rules/<rule>.plan` holds statements and the plans they get, with what the rule of the file's name said.

A case is a comment, the statement, a line `----`, the plan; cases are apart by a line `====`. `python -m tests.planner.record`
writes the plans anew: read the difference before it is committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedgate.catalog.model import Node
from fedgate.executor.api import ExecSettings
from fedgate.executor.replicas import Replicas
from fedgate.planner import explain, explain_text, make_plan
from fedgate.planner.exchange import ShardsOf
from fedgate.planner.plan import Plan
from fedgate.sql.bind import bind
from fedgate.sql.bind.context import BindContext
from fedgate.sql.parse import parse
from tests.planner.world import READINGS, SITES, World, text_equals, var

RULES = Path(__file__).parent / "rules"
CONTEXT = BindContext(("public", "pg_catalog"), "UTC", "ISO, MDY", "postgres", "u", "fedgate")
_BETWEEN_CASES = "\n====\n"
_BEFORE_PLAN = "\n----\n"


@dataclass(frozen=True, slots=True)
class Case:
    rule: str
    comment: str
    statement: str
    plan: str


class GoldenWorld(World):
    """Five sites, each shard's check its site; every node has a copy of devices."""

    def matches(self, node: Node, selector: str) -> bool:
        return True


def world() -> GoldenWorld:
    return GoldenWorld(checks={n: text_equals(var(READINGS, "site"), n) for n in SITES})


def fleet(snapshot: GoldenWorld, settings: ExecSettings | None = None) -> Replicas:
    """Who answers, while nothing is known of any node."""
    return Replicas(snapshot, settings or ExecSettings(), lambda node: 0.0)


def read(path: Path) -> list[Case]:
    """The cases of one file; those that were never recorded have an empty plan."""
    cases = []
    for block in path.read_text(encoding="utf-8").strip().split(_BETWEEN_CASES):
        head, _, plan = (block.strip() + "\n").partition(_BEFORE_PLAN)
        comment = "\n".join(line for line in head.splitlines() if line.startswith("--"))
        statement = "\n".join(line for line in head.splitlines() if not line.startswith("--"))
        cases.append(Case(path.stem, comment, statement, plan.rstrip()))
    return cases


def write(path: Path, cases: list[Case]) -> None:
    blocks = [f"{c.comment}\n{c.statement}{_BEFORE_PLAN}{c.plan}" for c in cases]
    path.write_text(_BETWEEN_CASES.join(blocks) + "\n", encoding="utf-8")


def plan_text(statement: str, rule: str, shards: ShardsOf | None = None) -> str:
    """The plan's text without what the nodes' dialects make of it, and what the rule said."""
    snapshot = world()
    (raw,) = parse(statement)
    plan = make_plan(bind(raw, snapshot, CONTEXT), snapshot, checked=True)
    said = [f"{'fired' if n.fired else 'declined'}: {n.reason}" for p in _plans(plan) for n in p.notes if n.rule == rule]
    found = explain.describe(explain.Explained(plan, fleet(snapshot)))
    return "\n".join([*explain_text.plan_lines(_without_nodes(found)), *said])


def _plans(plan: Plan) -> list[Plan]:
    return [*(inner for p in plan.preludes for inner in _plans(p.plan)), plan]


def _without_nodes(found: dict[str, Any]) -> dict[str, Any]:
    exchanges = [{k: v for k, v in x.items() if k != "nodes"} for x in found["exchanges"]]
    preludes = [{**p, "plan": _without_nodes(p["plan"])} for p in found.get("preludes", ())]
    return {**found, "exchanges": exchanges, "preludes": preludes}
