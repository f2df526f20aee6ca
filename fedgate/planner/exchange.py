"""Builds exchanges: canonical blocks over tables, and the references that take their place in the final query.

Contract: a canonical block's target ids name the exchange's columns. Where the columns are a table's own they are its attnums, so
that Vars of the table need no change when an ExchangeRef with the table's relation id takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

import pyarrow as pa

from fedgate.catalog.model import Shard
from fedgate.planner.plan import Exchange, ExchangeKind, Plan, Prelude, RuleNote, Streams
from fedgate.planner.treetools import Ids, every
from fedgate.schema import Table
from fedgate.sql.lower import schema_of
from fedgate.sql.tree import (
    INT4,
    Block,
    BoundQuery,
    Const,
    Derived,
    ExchangeRef,
    Expr,
    Query,
    TableRef,
    Target,
    Var,
    conjuncts,
    nullable_rels,
    own_rels,
    transform,
    walk,
)
from fedgate.types import SqlType

NO_COLUMN = 0
"""The id of the constant that stands for a row when no column of it is needed."""


class ShardsOf(Protocol):
    """What the planner asks of a snapshot."""

    def shards(self, table: Table) -> tuple[Shard, ...]: ...


@dataclass(slots=True)
class Split:
    """What the rules gather while they take one statement apart. With `deferred`, preludes may fail (`Prelude.deferred`)."""

    snapshot: ShardsOf
    ids: Ids
    timezone: str
    disabled: frozenset[str]
    checked: bool
    parameters: tuple[SqlType, ...]
    plan: Callable[[BoundQuery, Split], Plan]
    deferred: bool = False
    streams: Streams = "none"
    exchanges: list[Exchange] = field(default_factory=list)
    preludes: list[Prelude] = field(default_factory=list)
    notes: list[RuleNote] = field(default_factory=list)

    def fired(self, rule: str, reason: str) -> None:
        self._note(RuleNote(rule, True, reason))

    def declined(self, rule: str, reason: str) -> None:
        self._note(RuleNote(rule, False, reason))

    def sub_plan(self, bound: BoundQuery) -> Plan:
        """The plan of a query of its own within this statement."""
        inner = Split(
            self.snapshot, self.ids, self.timezone, self.disabled, self.checked, self.parameters, self.plan, self.deferred
        )
        return self.plan(bound, inner)

    def _note(self, note: RuleNote) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def exchange(
        self,
        kind: ExchangeKind,
        block: Query,
        sharded: TableRef | None,
        prune: Iterable[Expr] = (),
        notes: Iterable[str] = (),
    ) -> Exchange:
        """A new exchange; `sharded` is the block's sharded table, None when it reads replicated or local ones only."""
        block = _narrow(block)
        made = Exchange(
            name=self.ids.name("x"),
            kind=kind,
            block=block,
            schema=carriers(block),
            sharded=sharded.table if sharded else None,
            sharded_rel=sharded.rel if sharded else None,
            prune=tuple(prune) if sharded else (),
            notes=tuple(notes),
            granted=_granted(block, sharded) if sharded else (),
        )
        self.exchanges.append(made)
        return made


def _granted(block: Query, sharded: TableRef) -> tuple[Expr, ...]:
    """What holds for every row of the exchange because of what its role may see of the sharded table."""
    if sharded.only is None:
        return ()
    for inner in every(block):
        if isinstance(inner, Block) and sharded.rel in own_rels(inner) and sharded.rel not in nullable_rels(inner.from_):
            only = transform(sharded.only, lambda n: replace(n, rel=sharded.rel) if isinstance(n, Var) else n)
            return conjuncts(only)
    return ()


def _narrow(block: Query) -> Query:
    """The block with a derived table that it reads alone reduced to the columns that it reads."""
    match block:
        case Block(from_=(Derived(query=Block(distinct=False) as inner) as derived,)):
            used = {n.col for n in walk(replace(block, from_=()), into_queries=True) if isinstance(n, Var) and n.rel == derived.rel}
            kept = tuple(t for t in inner.targets if t.id in used) or inner.targets[:1]
            return replace(block, from_=(replace(derived, query=replace(inner, targets=kept)),))
    return block


def reference(exchange: Exchange, rel: int, alias: str = "") -> ExchangeRef:
    """The exchange as a FROM item."""
    return ExchangeRef(rel, exchange.name, exchange.block.columns, exchange.schema)


def scan_targets(ref: TableRef, columns: Iterable[int]) -> tuple[Target, ...]:
    """Targets that give the table's columns under their attnums; a constant when there are none."""
    table = ref.table
    targets = tuple(
        Target(attnum, Var(ref.rel, attnum, table.column(attnum).type), table.column(attnum).name)
        for attnum in sorted(columns, key=lambda n: (n < 0, abs(n)))
    )
    return targets or (Target(NO_COLUMN, Const(INT4, 1), "row"),)


def bare(item: TableRef) -> TableRef:
    """The table without what only the text knew."""
    return replace(item, alias="", pos=None)


def scan_block(ref: TableRef, columns: Iterable[int], where: Expr | None) -> Block:
    return Block(targets=scan_targets(ref, columns), from_=(bare(ref),), where=where)


def carriers(query: Query) -> pa.Schema:
    """The Arrow schema of a query's visible columns, `c<id>` in their carriers."""
    return schema_of(query)
