"""EXPLAIN: what a plan is and what it will ask of which node, as plain data. Touches no node.

Contract: `describe` gives str, int, float, list and dict; `explain_text` prints it. Parameters that have values prune and are shown
filled in, as are preludes that ask no node; others' are not known before they ran and stand as `$q0`. VERBOSE adds the rules that
fired and that did not, and each shard's own SQL. With `executed` (ANALYZE) the numbers of the fragments that ran follow, in the
order of exchanges and shards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from fedgate.catalog.model import Node, Placement, Shard
from fedgate.errors import SqlError
from fedgate.fragment import FragmentStats, Part
from fedgate.nodes.dialects.fit import fit
from fedgate.nodes.dialects.fitted import Fitted
from fedgate.nodes.relations import shown_sql
from fedgate.planner.compute import Unknown, computed_by, plan_value
from fedgate.planner.plan import Exchange, Plan, Prelude
from fedgate.planner.prune import asks_nothing, surviving
from fedgate.planner.show import show, show_query
from fedgate.schema import Table
from fedgate.sql.tree import table_refs
from fedgate.types.values import Value


class Copy(Protocol):
    """One node that can answer for a shard, with the placement of each TableRef by its relation id."""

    @property
    def node(self) -> Node: ...

    @property
    def placements(self) -> Mapping[int, Placement]: ...


class Fleet(Protocol):
    """What EXPLAIN asks of the snapshot and of whoever chooses replicas."""

    def shards(self, table: Table) -> tuple[Shard, ...]: ...

    def outside(self, shard: Shard) -> bool:
        """Whether the session's selector leaves the shard no placement."""

    def candidates(self, exchange: Exchange, shard: Shard | None) -> Sequence[Copy]:
        """The nodes that can answer, in the order in which they would be asked; `shard` is None for replicated tables only."""


class Sent(Protocol):
    """How the keys of a prelude went to nodes: `form` list, set or range; the range's ends are known, its number may not be."""

    @property
    def name(self) -> str: ...

    @property
    def form(self) -> str: ...

    @property
    def count(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Executed:
    """A finished execution: rows of the answer, its time and how much of it was spent waiting for nodes, each fragment's numbers,
    what was pruned (table, shard, reason), and how keys went to the nodes."""

    rows: int
    milliseconds: float
    nodes_milliseconds: float
    stats: tuple[FragmentStats, ...]
    pruned: tuple[tuple[str, str, str], ...]
    keys: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """What is explained. `unreachable`: the last error of each node that is known not to be reached; `metadata` computes the
    parameters of a prelude that reads no node, the catalog's own tables perhaps. `reduced`: for a role that does not see all; the
    errors of nodes are left out, and so is, of tables that are granted in part, what nodes are sent and how much they send."""

    plan: Plan
    fleet: Fleet
    values: Mapping[str, Value] = field(default_factory=dict)
    timezone: str = "UTC"
    verbose: bool = False
    unreachable: Mapping[str, str] = field(default_factory=dict)
    executed: Executed | None = None
    metadata: Callable[[Prelude, Mapping[str, Value]], Mapping[str, Value]] | None = None
    reduced: bool = False


def describe(explained: Explained) -> dict[str, Any]:
    """The plan as plain data."""
    describer = _Describer(explained)
    found = describer.plan(explained.plan)
    if explained.executed is not None:
        hidden = describer.limited if explained.reduced else frozenset()
        found["executed"] = _execution(explained.executed, describer.place, hidden, reduced=explained.reduced)
    return found


def json_text(found: Mapping[str, Any]) -> str:
    """EXPLAIN (FORMAT JSON) of what `describe` gave."""
    return json.dumps([{"Plan": found}], indent=2, ensure_ascii=False)


class _Describer:
    def __init__(self, explained: Explained) -> None:
        self._of = explained
        self._values = dict(explained.values)
        self._places: dict[tuple[str, str], int] = {}
        self.limited: frozenset[str] = frozenset()

    def place(self, stats: FragmentStats) -> int:
        """Where a fragment stands in the order of exchanges and shards; those of another plan (a fallback) come last."""
        return self._places.get((stats.exchange, stats.shard), len(self._places))

    def plan(self, plan: Plan) -> dict[str, Any]:
        found: dict[str, Any] = {
            "streams": plan.streams,
            "final": show_query(plan.final),
            "columns": [{"name": c.name, "type": str(c.type)} for c in plan.columns],
        }
        if plan.preludes:
            self._compute(plan)
            found["preludes"] = [self._prelude(p) for p in plan.preludes]
        found["exchanges"] = [self._exchange(x) for x in plan.exchanges]
        if self._of.verbose:
            notes = sorted(plan.notes, key=lambda n: not n.fired)
            found["rules"] = [{"rule": n.rule, "fired": n.fired, "reason": n.reason} for n in notes]
        return found

    def _prelude(self, prelude: Prelude) -> dict[str, Any]:
        found: dict[str, Any] = {"name": prelude.name, "kind": prelude.kind}
        computed = computed_by(prelude.plan)
        if computed is not None:
            found["value"] = show(computed)
        elif prelude.kind == "set" and self._values.get(prelude.name) is not None:
            members = self._values[prelude.name]
            assert isinstance(members, tuple)
            found["members"] = sorted(str(v) for v in members)
        if prelude.keys is not None and not self._of.reduced:  # the estimate may be of rows that are not granted
            found.update({"of": prelude.keys.of, "estimated_rows": prelude.keys.estimated})
        return {**found, "plan": self.plan(prelude.plan)}

    def _compute(self, plan: Plan) -> None:
        """What preludes give without asking a node prunes and is shown as the parameters are."""
        for prelude in plan.preludes:
            with suppress(Unknown, SqlError):
                self._values |= self._parameters(prelude)

    def _parameters(self, prelude: Prelude) -> Mapping[str, Value]:
        try:
            value = plan_value(prelude.plan, self._values, self._of.timezone)
        except Unknown:
            if self._of.metadata is None or not _reads_no_node(prelude.plan):
                raise
            return self._of.metadata(prelude, self._values)
        return {prelude.name: value}

    def _exchange(self, exchange: Exchange) -> dict[str, Any]:
        tables = table_refs(exchange.block)
        found: dict[str, Any] = {
            "name": exchange.name,
            "kind": exchange.kind,
            "tables": [f"{t.table.schema}.{t.table.name}" for t in tables],
            "select": show_query(exchange.block),
        }
        if exchange.notes:
            found["notes"] = list(exchange.notes)
        if exchange.limited:
            self.limited |= {exchange.name}
            found["notes"] = [*exchange.notes, "only rows that are granted"]
        if exchange.at_gateway:
            return found
        if asks_nothing(exchange):
            return {**found, "shards": 1, "pruned": [{"shard": "all", "reason": "no row is wanted"}], "nodes": []}
        if exchange.sharded is None:
            return {**found, "shards": 1, "pruned": [], "nodes": [self._node(exchange, None)]}
        shards = self._of.fleet.shards(exchange.sharded)
        kept, pruned = surviving(exchange, shards, self._values, self._of.timezone)
        found["shards"] = len(shards)
        found["pruned"] = [{"shard": s.name, "reason": reason} for s, reason in pruned]
        outside = [s.name for s in kept if self._of.fleet.outside(s)]
        if outside:
            found["outside_selector"] = outside
        found["nodes"] = [self._node(exchange, s) for s in kept if s.name not in outside]
        return found

    def _node(self, exchange: Exchange, shard: Shard | None) -> dict[str, Any]:
        """What the first node to be asked for a shard is asked."""
        name = shard.name if shard is not None else "all"
        self._places.setdefault((exchange.name, name), len(self._places))
        try:
            copies = self._of.fleet.candidates(exchange, shard)
        except SqlError as error:
            return {"shard": name, "node": None, "engine": None, "how": "error", "notes": [error.message]}
        if not copies:
            return {"shard": name, "node": None, "engine": None, "how": "error", "notes": ["no node can answer"]}
        node = copies[0].node
        found: dict[str, Any] = {"shard": name, "node": node.name, "engine": node.engine}
        if len(copies) > 1:
            found["replicas"] = [c.node.name for c in copies[1:]]
        if node.name in self._of.unreachable:
            why = "an administrator can see why" if self._of.reduced else self._of.unreachable[node.name]
            found.update(state="unreachable", error=why)
        home = shard.home if shard is not None else node.name
        try:
            fitted = fit(
                exchange.block, copies[0].placements, shard=name, home=home, engine=node.engine, timezone=self._of.timezone
            )
        except SqlError as error:
            return {**found, "how": "error", "notes": [error.message]}
        found["how"] = "whole" if fitted.residual is None else "superset"
        if self._of.reduced and exchange.limited:
            return found
        if fitted.notes:
            found["notes"] = list(fitted.notes)
        if self._of.verbose:
            found["sql"] = [self._sql(part, fitted) for part in fitted.parts]
        return found

    def _sql(self, part: Part, fitted: Fitted) -> str:
        def text(piece: Any) -> str:
            if isinstance(piece, str):
                return piece
            known = piece.name in self._values
            return fitted.literal(piece, self._values[piece.name]) if known else f"${piece.name}"

        return shown_sql("".join(map(text, part.template)), part.relations, part.views)


def _reads_no_node(plan: Plan) -> bool:
    """Whether a plan can be run with every node down."""
    within = (prelude.plan for prelude in plan.preludes)
    return all(x.at_gateway for x in plan.exchanges) and all(map(_reads_no_node, within))


def _execution(
    executed: Executed, place: Callable[[FragmentStats], int], hidden: frozenset[str], *, reduced: bool
) -> dict[str, Any]:
    """`hidden` are exchanges of which is not told how much came."""
    stats = sorted(executed.stats, key=place)
    slowest = max(stats, key=lambda s: s.milliseconds, default=None) if len(stats) > 1 else None
    return {
        "rows": executed.rows,
        "milliseconds": round(executed.milliseconds, 3),
        "nodes_milliseconds": round(executed.nodes_milliseconds, 3),
        "merge_milliseconds": round(max(executed.milliseconds - executed.nodes_milliseconds, 0.0), 3),
        "fragments": [dict(_fragment(s, slowest=s is slowest, hidden=s.exchange in hidden, reduced=reduced)) for s in stats],
        "keys": [{"name": k.name, "form": k.form, "count": k.count} for k in executed.keys],
        "pruned": [{"table": t, "shard": s, "reason": r} for t, s, r in executed.pruned],
    }


def _fragment(stats: FragmentStats, *, slowest: bool, hidden: bool, reduced: bool) -> Iterator[tuple[str, Any]]:
    for name in ("exchange", "node", "shard", "state", *(() if hidden else ("rows", "bytes"))):
        yield name, getattr(stats, name)
    yield "milliseconds", round(stats.milliseconds, 3)
    yield "retries", stats.retries
    if slowest:
        yield "slowest", True
    if stats.error and not reduced:
        yield "error", stats.error
