"""Which nodes can answer an exchange for one shard, best first.

A candidate is a node that has a placement of the sharded table's shard and one of every replicated table that the block joins it
with. The session's selector leaves nodes out; `primary` allows only each shard's first placement,
`nearest` puts the node with the lowest measured connect time first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fedgate.catalog.model import Node, Placement, Shard
from fedgate.errors import SqlError
from fedgate.executor.api import ExecSettings
from fedgate.planner.plan import Exchange
from fedgate.schema import Table
from fedgate.sql.tree import TableRef, walk


class Placed(Protocol):
    """What the executor asks of a snapshot."""

    def shards(self, table: Table) -> tuple[Shard, ...]: ...

    def matches(self, node: Node, selector: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """One node that can answer, with the placement of each TableRef by its relation id."""

    node: Node
    placements: Mapping[int, Placement]


def table_refs(exchange: Exchange) -> dict[int, Table]:
    """The tables that the exchange's block reads, by relation id."""
    return {node.rel: node.table for node in walk(exchange.block, into_queries=True) if isinstance(node, TableRef)}


def candidates(
    exchange: Exchange, shard: Shard | None, snapshot: Placed, settings: ExecSettings, distance_s: Callable[[str], float]
) -> tuple[Candidate, ...]:
    """The nodes that can answer, best first. `shard` is None for an exchange over replicated tables only."""
    others: dict[int, tuple[Placement, ...]] = {}
    for rel, table in table_refs(exchange).items():
        if shard is not None and rel == exchange.sharded_rel:
            others[rel] = shard.placements
        else:
            others[rel] = tuple(p for s in snapshot.shards(table) for p in s.placements)
    first = exchange.sharded_rel if shard is not None and exchange.sharded_rel is not None else next(iter(others))
    found: list[Candidate] = []
    allowed = others[first][:1] if settings.replica == "primary" else others[first]
    for placement in allowed:
        node = placement.node
        if settings.node_selector and not snapshot.matches(node, settings.node_selector):
            continue
        here = {rel: next((p for p in placements if p.node.name == node.name), None) for rel, placements in others.items()}
        here[first] = placement
        chosen = {rel: p for rel, p in here.items() if p is not None}
        if len(chosen) == len(others):
            found.append(Candidate(node, chosen))
    if settings.replica == "nearest":
        found.sort(key=lambda c: distance_s(c.node.name))
    return tuple(found)


def outside(shard: Shard, snapshot: Placed, settings: ExecSettings) -> bool:
    """Whether the session's selector leaves the shard no placement at all: it is then not part of the statement."""
    selector = settings.node_selector
    return bool(selector) and not any(snapshot.matches(p.node, selector) for p in shard.placements)


def nobody(exchange: Exchange, shard: Shard | None) -> SqlError:
    """The error for a shard that no node can answer."""
    tables = ", ".join(sorted({f'"{t.name}"' for t in table_refs(exchange).values()}))
    where = f'shard "{shard.name}"' if shard is not None else "any shard"
    return SqlError("08001", f"no node holds {tables} for {where}", hint="See fedgate.placements.")
