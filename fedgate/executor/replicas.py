"""Which shards a statement may ask, and which nodes can answer an exchange for one of them, best first.

A candidate is a node that has a placement of the sharded table's shard, one of the same shard of every sharded table that the block
joins it with, and one of every replicated table. The session's selector leaves nodes out; `primary` allows only each shard's first
placement, `nearest` puts the node with the lowest measured connect time first, `any` those last that lately could not be reached: a
statement would wait for them in vain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from fedgate import limits
from fedgate.cache import Cache
from fedgate.catalog.model import Node, Placement, Shard
from fedgate.catalog.resolve_placement import REPLICATED_SHARD
from fedgate.errors import SqlError
from fedgate.executor.api import ExecSettings
from fedgate.planner.plan import Exchange
from fedgate.schema import Table
from fedgate.sql.tree import table_refs
from fedgate.wording import counted, listed

_NAMES_MAX: Final = 5


class Placed(Protocol):
    """What the executor asks of a snapshot."""

    def shards(self, table: Table) -> tuple[Shard, ...]: ...

    def matches(self, node: Node, selector: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """One node that can answer, with the placement of each TableRef by its relation id."""

    node: Node
    placements: Mapping[int, Placement]


_TABLES: Final[Cache[Mapping[int, Table]]] = Cache(limits.FIT_CACHE_ENTRIES_MAX)


def tables_of(exchange: Exchange) -> Mapping[int, Table]:
    """The tables that the exchange's block reads, by relation id."""

    def found() -> Mapping[int, Table]:
        return {ref.rel: ref.table for ref in table_refs(exchange.block)}

    return _TABLES.get(id(exchange), exchange, found)


@dataclass(frozen=True, slots=True)
class Replicas:
    """Chooses for one statement. `distance_s` says how long it takes to connect to a node."""

    snapshot: Placed
    settings: ExecSettings
    distance_s: Callable[[str], float]
    _chosen: dict[str, bool] = field(default_factory=dict, compare=False)
    _by_node: dict[Table, Mapping[str, Mapping[str, Placement]]] = field(default_factory=dict, compare=False)

    def shards(self, table: Table) -> tuple[Shard, ...]:
        """All shards of a table, in their order."""
        return self.snapshot.shards(table)

    def candidates(self, exchange: Exchange, shard: Shard | None) -> tuple[Candidate, ...]:
        """The nodes that can answer, best first. `shard` is None for an exchange over replicated tables only.

        Raises SqlError 55000 where the session's selector leaves none.
        """
        here = {rel: self._copies(table, shard) for rel, table in tables_of(exchange).items()}
        rel = exchange.sharded_rel if shard is not None and exchange.sharded_rel is not None else next(iter(here))
        first = shard.placements if shard is not None and rel == exchange.sharded_rel else tuple(here[rel].values())
        found: list[Candidate] = []
        for placement in filter(self._selected, first[:1] if self.settings.replica == "primary" else first):
            name = placement.node.name
            chosen = {rel: copies[name] for rel, copies in here.items() if name in copies}
            if len(chosen) == len(here):
                found.append(Candidate(placement.node, chosen))
        if not found and self.settings.node_selector:
            raise self._none_selected(exchange, first)
        if self.settings.replica == "nearest":
            found.sort(key=lambda c: self.distance_s(c.node.name))
        elif len(found) > 1:
            found.sort(key=lambda c: self.distance_s(c.node.name) >= self.settings.connect_timeout_s / 2)
        return tuple(found)

    def outside(self, shard: Shard) -> bool:
        """Whether the session's selector leaves the shard no placement at all: it is then not part of the statement."""
        return not any(map(self._selected, shard.placements))

    def _copies(self, table: Table, shard: Shard | None) -> Mapping[str, Placement]:
        """By node: what it has of a table; of a sharded one, of the shard of that name."""
        found = self._by_node.get(table)
        if found is None:
            found = self._by_node[table] = {s.name: {p.node.name: p for p in s.placements} for s in self.shards(table)}
        return found.get(REPLICATED_SHARD if table.replicated or shard is None else shard.name, {})

    def _selected(self, placement: Placement) -> bool:
        if not self.settings.node_selector:
            return True
        node = placement.node
        chosen = self._chosen.get(node.name)
        if chosen is None:
            chosen = self._chosen[node.name] = self.snapshot.matches(node, self.settings.node_selector)
        return chosen

    def _none_selected(self, exchange: Exchange, placements: Sequence[Placement]) -> SqlError:
        """A replicated table has no part that could be outside: without a copy there is no answer, not an empty one."""
        tables = ", ".join(sorted({f'"{t.name}"' for t in tables_of(exchange).values()}))
        names = ", ".join(p.node.name for p in placements[:_NAMES_MAX]) + (", …" if len(placements) > _NAMES_MAX else "")
        return SqlError(
            "55000",
            f"fedgate.node_selector leaves no node that holds {tables}",
            detail=f'The setting is "{self.settings.node_selector}"; held by: {names}.',
            hint="RESET fedgate.node_selector, or choose one of these nodes too.",
        )


def nobody(exchange: Exchange, shard: Shard | None) -> SqlError:
    """The error for a shard that no node can answer."""
    tables = ", ".join(sorted({f'"{t.name}"' for t in tables_of(exchange).values()}))
    where = f'shard "{shard.name}"' if shard is not None else "any shard"
    return SqlError("08001", f"no node holds {tables} for {where}", hint="See fedgate.placements.")


def together(lost: Sequence[SqlError]) -> SqlError:
    """The error of a statement that lost several nodes: the first one's, with the names of the others."""
    first, *others = lost
    names = sorted({error.node for error in others if error.node not in (None, first.node)})
    if not names:
        return first
    error = first.copy()
    also = f"Nor could {counted(len(names), 'other node')} be asked: {listed(names)}."
    error.detail = f"{first.detail} {also}" if first.detail else also
    error.hint = first.hint or "fedgate.nodes tells what was last seen of each."
    return error
