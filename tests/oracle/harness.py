"""Runs statements on a fleet and on the union, and tells what differs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.fleets.build import Fleet
from tests.oracle.compare import Verdict, compare, sort_columns, tolerance
from tests.oracle.reference import Reference
from tests.oracle.statements import Statement
from tests.oracle.wire import Protocol, Wire

EVALUATION_ORDER_MAX = 0.005
"""The part of statements that may raise 22012, 22003 or 22P02 on one side only."""


@dataclass
class Report:
    """`wrong`, `unsupported` and `open` (to the order of evaluation) hold (statement, reason), `times` (seconds, statement)."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Statement, str]] = field(default_factory=list)
    unsupported: list[tuple[Statement, str]] = field(default_factory=list)
    open: list[tuple[Statement, str]] = field(default_factory=list)
    times: list[tuple[float, Statement]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.counts[kind] for kind in ("equal", "unsupported", "evaluation order", "wrong"))

    def add(self, statement: Statement, verdict: Verdict) -> None:
        self.counts[verdict.kind] += 1
        if verdict.kind == "wrong":
            self.wrong.append((statement, verdict.reason))
        elif verdict.kind == "unsupported":
            self.unsupported.append((statement, verdict.reason))
        elif verdict.kind == "evaluation order":
            self.open.append((statement, verdict.reason))

    def add_all(self, other: Report) -> None:
        self.counts.update(other.counts)
        self.wrong += other.wrong
        self.unsupported += other.unsupported
        self.open += other.open
        self.times += other.times

    def text(self, limit: int = 12) -> str:
        """The differences, readable: place, statement, what differs."""
        shown = [f"{s.place}: {s.text}{_with(s)}\n  {reason}" for s, reason in self.wrong[:limit]]
        more = [f"… and {len(self.wrong) - limit} more"] if len(self.wrong) > limit else []
        return "\n\n".join([", ".join(f"{n} {kind}" for kind, n in sorted(self.counts.items())), *shown, *more])


def run(statements: Iterable[Statement], fleet: Fleet, target: Wire, reference: Reference, protocol: Protocol = "simple") -> Report:
    report = Report()
    for statement in statements:
        expected = reference.answer(statement, fleet, protocol)
        started = time.monotonic()
        actual = target.run(statement.text, statement.parameters, protocol)
        report.times.append((time.monotonic() - started, statement))
        report.counts[f"({expected.order})"] += 1
        allowed = tolerance(statement.text, reference.magnitude(statement.text))
        report.add(statement, compare(expected.outcome, actual, expected.order, allowed, sort_columns(statement.text)))
    return report


def verify(report: Report, refused_max: float) -> None:
    """Nothing wrong, what is left open seldom; `refused_max`: the part of generated queries that may be unsupported."""
    assert not report.wrong, report.text()
    assert report.counts["evaluation order"] <= max(1, EVALUATION_ORDER_MAX * report.total), report.text()
    refused = [f"{s.text}\n  {why}" for s, why in report.unsupported]
    assert len(refused) <= refused_max * report.total, "\n".join(refused[:10])


def _with(statement: Statement) -> str:
    return f"\n  with {statement.parameters}" if statement.parameters else ""
