"""Plan: what the planner makes and the executor runs. Frozen; depends on the statement and one snapshot, not on parameter values.

A plan reads exchanges (named relations at the gateway, each filled by one set of fragments), then runs `final` over them. `final`
and the exchanges' blocks are bound queries (`sql/tree`), still in PostgreSQL's semantics and free of engines. Parameters, prelude
results included, stay symbolic (`Param`) everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from fedgate.schema import Table
from fedgate.sql.tree import Expr, OutputColumn, Query, table_refs
from fedgate.types import SqlType

ExchangeKind = Literal["scan", "join", "aggregate", "distinct", "top", "system", "temp"]
PreludeKind = Literal["scalar", "set", "keys", "range"]
Streams = Literal["concat", "ordered", "none"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A named relation at the gateway.

    `block` is the canonical SELECT over TableRefs: one sharded virtual table and any replicated ones (kinds scan … top), or one
    local table (system, temp). Every surviving shard of the sharded table answers it whole; the exchange is the concatenation of
    the answers in shard order. `schema` names its columns `c<id>`, in their carriers.
    `prune` are the conjuncts over the sharded table that pruning reads, `granted` those that a role's grants add to them. `sharded`
    is None when only replicated tables are read (then one placement answers).
    """

    name: str
    kind: ExchangeKind
    block: Query
    schema: pa.Schema
    sharded: Table | None
    sharded_rel: int | None
    prune: tuple[Expr, ...] = ()
    notes: tuple[str, ...] = ()
    granted: tuple[Expr, ...] = ()

    @property
    def limited(self) -> bool:
        """Whether it reads tables of which its role does not see all rows."""
        return any(ref.only is not None for ref in table_refs(self.block))

    @property
    def at_gateway(self) -> bool:
        """Whether its rows are the gateway's own: no node is asked."""
        return self.kind in ("system", "temp")


@dataclass(frozen=True, slots=True)
class Keys:
    """Whose keys a prelude asks for, about how many there will be, and how many go to the nodes before their bounds do instead."""

    of: str
    estimated: int
    most: int


def bounds(name: str) -> tuple[str, str]:
    """The parameters for the least and the greatest of the keys of that name; NULL where there are none."""
    return f"{name}_low", f"{name}_high"


@dataclass(frozen=True, slots=True)
class Prelude:
    """A plan whose value is the parameter `name` of the rest: one value (`scalar`, 21000 on two rows) or an array (`set`).

    `keys` is an array that only spares rows: when there are too many (`Keys.most`), conditions that read it are made conditions on
    its `bounds` (`keys.with_ranges`). `range` is these bounds alone, of that type: its plan has two columns.

    When a prelude fails with an error of its rows, the executor runs `Plan.fallback` instead. There preludes are `deferred`: such
    an error, marked as the merge engine knows errors, becomes the value of `failure` (otherwise NULL), and the rest of the plan
    raises it where a row needs the value, as PostgreSQL does.
    """

    name: str
    kind: PreludeKind
    plan: Plan
    type: SqlType
    deferred: bool = False
    keys: Keys | None = None

    @property
    def failure(self) -> str:
        """The parameter that holds the error."""
        return f"{self.name}_error"


@dataclass(frozen=True, slots=True)
class RuleNote:
    """A rule that fired or declined, and why; shown by EXPLAIN (VERBOSE)."""

    rule: str
    fired: bool
    reason: str


def reads_limited(plan: Plan) -> bool:
    """Whether it reads tables of which its role does not see all rows."""
    return any(x.limited for x in plan.exchanges) or any(reads_limited(p.plan) for p in plan.preludes)


@dataclass(frozen=True, slots=True)
class Plan:
    """`final` reads only ExchangeRefs (and Values, functions). `streams`: `concat` when the single
    exchange's rows are the answer in any order (columns in order) and `final` is not to be run; `ordered`: the same once each
    shard's rows are merged by final's ORDER BY; `none`: run `final`.

    `wide` makes the plan to run instead where a sum of numerics overflows or a field of a time is infinite (`wide_numerics`); None
    where there is neither.
    """

    preludes: tuple[Prelude, ...]
    exchanges: tuple[Exchange, ...]
    final: Query
    columns: tuple[OutputColumn, ...]
    parameters: tuple[SqlType, ...]
    streams: Streams
    notes: tuple[RuleNote, ...] = ()
    fallback: Plan | None = None
    wide: Callable[[], Plan] | None = field(default=None, compare=False)
