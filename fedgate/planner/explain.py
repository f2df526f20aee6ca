"""EXPLAIN: what a plan is and what it will ask of which node, as text lines or JSON. Touches no node.

Contract: `describe` gives plain data (str, int, list, dict), `lines` and `json_text` print it. Parameters that have values
prune and are shown filled in; preludes' are not known before they ran and stand as `$q0`. VERBOSE adds the rules that fired and
that declined, and each shard's own SQL. With `executed` (ANALYZE) the numbers of the fragments that ran follow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fedgate.catalog.model import Node, Placement, Shard
from fedgate.errors import SqlError
from fedgate.fragment import FragmentStats, Part
from fedgate.nodes.dialects.fit import fit
from fedgate.nodes.dialects.fitted import Fitted
from fedgate.planner.plan import Exchange, Plan
from fedgate.planner.prune import surviving
from fedgate.planner.show import show_query
from fedgate.schema import Table
from fedgate.sql.tree import TableRef, walk
from fedgate.types.values import Value

NAMES_MAX = 5
"""So many shards are named in a line that speaks of several; VERBOSE names all."""


class Shards(Protocol):
    """What EXPLAIN asks of a snapshot."""

    def shards(self, table: Table) -> tuple[Shard, ...]: ...

    def matches(self, node: Node, selector: str) -> bool: ...


class Settings(Protocol):
    """The settings that what a node is asked depends on."""

    @property
    def timezone(self) -> str: ...

    @property
    def node_selector(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Executed:
    """A finished execution: rows of the answer, time, each fragment's numbers, and what was pruned (exchange, shard, reason)."""

    rows: int
    milliseconds: float
    stats: tuple[FragmentStats, ...]
    pruned: tuple[tuple[str, str, str], ...]


def describe(
    plan: Plan,
    snapshot: Shards,
    values: Mapping[str, Value],
    settings: Settings,
    *,
    verbose: bool = False,
    executed: Executed | None = None,
) -> dict[str, Any]:
    """The plan as plain data."""
    describer = _Describer(snapshot, values, settings, verbose)
    found = describer.plan(plan)
    if executed is not None:
        found["executed"] = _execution(executed)
    return found


def json_text(
    plan: Plan,
    snapshot: Shards,
    values: Mapping[str, Value],
    settings: Settings,
    *,
    verbose: bool = False,
    executed: Executed | None = None,
) -> str:
    """EXPLAIN (FORMAT JSON)."""
    found = describe(plan, snapshot, values, settings, verbose=verbose, executed=executed)
    return json.dumps([{"Plan": found}], indent=2, ensure_ascii=False)


def lines(
    plan: Plan,
    snapshot: Shards,
    values: Mapping[str, Value],
    settings: Settings,
    *,
    verbose: bool = False,
    executed: Executed | None = None,
) -> list[str]:
    """EXPLAIN as text."""
    found = describe(plan, snapshot, values, settings, verbose=verbose, executed=executed)
    return [*plan_lines(found), *_executed_lines(found.get("executed"))]


# ------------------------------------------------------------------------------------------------ describing


class _Describer:
    def __init__(self, snapshot: Shards, values: Mapping[str, Value], settings: Settings, verbose: bool) -> None:
        self._snapshot = snapshot
        self._values = values
        self._settings = settings
        self._verbose = verbose

    def plan(self, plan: Plan) -> dict[str, Any]:
        found: dict[str, Any] = {
            "streams": plan.streams,
            "final": show_query(plan.final),
            "columns": [{"name": c.name, "type": str(c.type)} for c in plan.columns],
        }
        if plan.preludes:
            found["preludes"] = [{"name": p.name, "kind": p.kind, "plan": self.plan(p.plan)} for p in plan.preludes]
        found["exchanges"] = [self._exchange(x) for x in plan.exchanges]
        if self._verbose:
            found["rules"] = [{"rule": n.rule, "fired": n.fired, "reason": n.reason} for n in plan.notes]
        return found

    def _exchange(self, exchange: Exchange) -> dict[str, Any]:
        tables = [n for n in walk(exchange.block, into_queries=True) if isinstance(n, TableRef)]
        found: dict[str, Any] = {
            "name": exchange.name,
            "kind": exchange.kind,
            "tables": [f"{t.table.schema}.{t.table.name}" for t in tables],
            "select": show_query(exchange.block),
        }
        if exchange.notes:
            found["notes"] = list(exchange.notes)
        if exchange.kind in ("system", "temp"):
            return found
        answering = exchange.sharded or tables[0].table
        shards = self._snapshot.shards(answering)
        kept, pruned = surviving(exchange, shards, self._values)
        found["shards"] = len(shards)
        found["pruned"] = [{"shard": s.name, "reason": reason} for s, reason in pruned]
        asked = [(s, self._placements(s, answering, tables)) for s in kept]
        outside = [s.name for s, placements in asked if placements is None]
        if outside:
            found["outside_selector"] = outside
        found["nodes"] = [self._node(exchange, s, p, answering) for s, p in asked if p is not None]
        return found

    def _placements(self, shard: Shard, answering: Table, tables: list[TableRef]) -> dict[int, Placement] | None:
        """The placements that the shard's home answers with; None when the selector leaves none."""
        selector = self._settings.node_selector
        for placement in shard.placements:
            if selector and not self._snapshot.matches(placement.node, selector):
                continue
            chosen = {ref.rel: placement for ref in tables if ref.table is answering}
            for ref in tables:
                if ref.table is not answering:
                    copies = [p for s in self._snapshot.shards(ref.table) for p in s.placements]
                    chosen.update((ref.rel, p) for p in reversed(copies) if p.node.name == placement.node.name)
            if len(chosen) == len(tables):
                return chosen
        return None

    def _node(self, exchange: Exchange, shard: Shard, placements: dict[int, Placement], answering: Table) -> dict[str, Any]:
        node = next(p for p in placements.values() if p.table is answering).node
        found: dict[str, Any] = {"shard": shard.name, "node": node.name, "engine": node.engine}
        try:
            fitted = fit(
                exchange.block,
                placements,
                shard=shard.name,
                home=shard.home,
                engine=node.engine,
                timezone=self._settings.timezone,
            )
        except SqlError as error:
            return {**found, "how": "error", "notes": [error.message]}
        found["how"] = "whole" if fitted.residual is None else "superset, the rest at the gateway"
        if fitted.notes:
            found["notes"] = list(fitted.notes)
        if self._verbose:
            found["sql"] = [self._sql(part, fitted) for part in fitted.parts]
        return found

    def _sql(self, part: Part, fitted: Fitted) -> str:
        def text(piece: Any) -> str:
            if isinstance(piece, str):
                return piece
            known = piece.name in self._values
            return fitted.literal(piece, self._values[piece.name]) if known else f"${piece.name}"

        return "".join(map(text, part.template))


def _execution(executed: Executed) -> dict[str, Any]:
    return {
        "rows": executed.rows,
        "milliseconds": round(executed.milliseconds, 3),
        "fragments": [
            {
                "node": s.node,
                "shard": s.shard,
                "state": s.state,
                "rows": s.rows,
                "bytes": s.bytes,
                "milliseconds": round(s.milliseconds, 3),
                "retries": s.retries,
                **({"error": s.error} if s.error else {}),
            }
            for s in executed.stats
        ],
        "pruned": [{"exchange": x, "shard": s, "reason": r} for x, s, r in executed.pruned],
    }


# ------------------------------------------------------------------------------------------------ printing


_TITLES = {"concat": "Stream", "ordered": "Ordered stream", "none": "Merge"}


def plan_lines(plan: Mapping[str, Any], indent: str = "") -> list[str]:
    """What `describe` gave, as text lines."""
    found = [f"{indent}{_TITLES[plan['streams']]}  {plan['final']}"]
    for prelude in plan.get("preludes", ()):
        found.append(f"{indent}  Prelude ${prelude['name']} {prelude['kind']}")
        found += plan_lines(prelude["plan"], indent + "    ")
    for exchange in plan["exchanges"]:
        found += _exchange_lines(exchange, indent + "  ")
    for rule in plan.get("rules", ()):
        found.append(f"{indent}  {'Rule' if rule['fired'] else 'Not'} {rule['rule']}: {rule['reason']}")
    return found


def _exchange_lines(exchange: Mapping[str, Any], indent: str) -> list[str]:
    head = f"{indent}Exchange {exchange['name']} {exchange['kind']} on {', '.join(exchange['tables'])}"
    if "shards" in exchange:
        asked = exchange["shards"] - len(exchange["pruned"]) - len(exchange.get("outside_selector", ()))
        head += f"  shards {asked} of {exchange['shards']}"
    found = [head, f"{indent}  {exchange['select']}"]
    found += _grouped(exchange.get("pruned", ()), lambda p: p["reason"], lambda p: p["shard"], indent + "  pruned ")
    if "outside_selector" in exchange:
        found.append(f"{indent}  outside fedgate.node_selector: {_some(exchange['outside_selector'])}")
    found += [f"{indent}  {note}" for note in exchange.get("notes", ())]
    if any("sql" in node for node in exchange.get("nodes", ())):
        for node in exchange["nodes"]:
            found.append(f"{indent}  {_place(node)} {node['engine']}  {_how(node)}")
            found += [f"{indent}    {sql}" for sql in node["sql"]] if "sql" in node else []
    else:
        found += _grouped(exchange.get("nodes", ()), lambda n: f"{n['engine']}  {_how(n)}", _place, indent + "  ")
    return found


def _place(node: Mapping[str, Any]) -> str:
    return str(node["node"] if node["node"] == node["shard"] else f"{node['shard']} at {node['node']}")


def _how(node: Mapping[str, Any]) -> str:
    return "; ".join([node["how"], *node.get("notes", ())])


def _grouped(
    items: Iterable[Mapping[str, Any]],
    say: Callable[[Mapping[str, Any]], str],
    name: Callable[[Mapping[str, Any]], str],
    indent: str,
) -> list[str]:
    """One line for all items of which the same is to be said."""
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(say(item), []).append(name(item))
    return [f"{indent}{_some(names)}: {said}" for said, names in groups.items()]


def _some(names: list[str]) -> str:
    if len(names) <= NAMES_MAX:
        return ", ".join(names)
    return f"{', '.join(names[:NAMES_MAX])} and {len(names) - NAMES_MAX} more"


def _executed_lines(executed: Mapping[str, Any] | None) -> list[str]:
    if executed is None:
        return []
    found = [f"Executed: {executed['rows']} rows in {executed['milliseconds']} ms"]
    for f in executed["fragments"]:
        retries = f", {f['retries']} retries" if f["retries"] else ""
        error = f"  {f['error']}" if "error" in f else ""
        numbers = f"{f['rows']} rows, {f['bytes']} bytes, {f['milliseconds']} ms"
        found.append(f"  {f['shard']} at {f['node']}: {f['state']}, {numbers}{retries}{error}")
    return found
