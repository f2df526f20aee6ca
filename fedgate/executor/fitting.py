"""An exchange's block for one candidate node, with the parameters' values filled in: fragments, and what is left to do with their
rows.

Fitting and lowering depend on a plan and placements only, so both are kept for the plan's next execution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from fedgate import limits
from fedgate.cache import Cache
from fedgate.catalog.model import Placement
from fedgate.errors import SqlError
from fedgate.executor.replicas import Candidate
from fedgate.fragment import Fragment, Part, fill
from fedgate.nodes.dialects.fit import fit
from fedgate.nodes.dialects.fitted import Fitted
from fedgate.planner.plan import Exchange
from fedgate.schema import NODE_ATTNUM, SHARD_ATTNUM
from fedgate.sql import lower
from fedgate.sql.tree import CteRef, ExchangeRef, FuncExpr, FunctionRef, Query, TableRef, Values, Var, table_refs, walk
from fedgate.types.values import Value

_ALIKE: Final = frozenset({"sqlite", "postgres"})
"""Engines whose fragments hold nothing of the node itself. (DuckDB's views name it in their errors.)"""
_OF_SHARDS: Final = frozenset({SHARD_ATTNUM, NODE_ATTNUM})
_LEAVES = (CteRef, ExchangeRef, FunctionRef, TableRef, Values)


@dataclass(frozen=True, slots=True)
class Work:
    """What one shard of an exchange asks of a node. The last fragment is the largest: the sharded table's.

    With `residual` (the merge engine's SQL) the fragments' rows are its inputs, called by `inputs`; its rows are the exchange's.
    """

    fragments: tuple[Fragment, ...]
    inputs: tuple[str, ...]
    residual: str | None
    schema: pa.Schema


_MUCH_OF_LITTLE = frozenset(("repeat", "lpad", "rpad", "generate_series", "factorial"))
"""Functions of which one call may take seconds, which nothing interrupts."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a query the merge engine's time and memory hang on.

    `lingers`: it reads more than one relation, or calls what makes much of little; only then can the engine be slow to hear of a
    cancel. `folds`: it gives at most a few times as many rows as its one exchange has.
    """

    lingers: bool
    folds: bool


class Fitter:
    """Fits and lowers, and remembers."""

    def __init__(self) -> None:
        self._fitted: Cache[Fitted] = Cache(limits.FIT_CACHE_ENTRIES_MAX)
        self._lowered: Cache[lower.Lowered] = Cache(limits.LOWER_CACHE_ENTRIES_MAX)
        self._shapes: Cache[Shape] = Cache(limits.LOWER_CACHE_ENTRIES_MAX)
        self._naming: Cache[bool] = Cache(limits.FIT_CACHE_ENTRIES_MAX)
        self._likenesses: Cache[Placement] = Cache(limits.PLACEMENTS_ALIKE_MAX)
        self._firsts: Cache[Placement] = Cache(limits.PLACEMENTS_ALIKE_MAX)

    def fitted(self, exchange: Exchange, shard: str, home: str, candidate: Candidate, timezone: str) -> Fitted:
        """The exchange's block for one node; nodes whose placements are alike share it. Raises SqlError 0A000."""
        named = (shard, home) if self._names_shards(exchange) else ()
        alike = {rel: self._alike(p) for rel, p in candidate.placements.items()}
        return self._fitted.get(
            (id(exchange), named, timezone, tuple((rel, id(p)) for rel, p in alike.items())),
            (exchange, alike),
            lambda: fit(
                exchange.block, candidate.placements, shard=shard, home=home, engine=candidate.node.engine, timezone=timezone
            ),
        )

    def _names_shards(self, exchange: Exchange) -> bool:
        def found() -> bool:
            conditions = [ref.only for ref in table_refs(exchange.block) if ref.only is not None]
            nodes = (n for part in (exchange.block, *conditions) for n in walk(part, into_queries=True))
            return any(isinstance(node, Var) and node.col in _OF_SHARDS for node in nodes)

        return self._naming.get(id(exchange), exchange, found)

    def _alike(self, placement: Placement) -> Placement:
        """The first placement that is fitted as this one is: of the same table, by the same engine and mapping."""
        if placement.node.engine not in _ALIKE:
            return placement
        what = (placement.node.engine, placement.table, placement.relation, placement.columns)
        return self._likenesses.get(id(placement), placement, lambda: self._firsts.get(what, None, lambda: placement))

    def sql(self, query: Query, timezone: str, values: Mapping[str, Value], table: str = "") -> tuple[str, pa.Schema]:
        """The merge engine's SQL for a query, and its carriers. `table` is what its one TableRef is called."""
        lowered = self._lowered.get((id(query), timezone), query, lambda: lower.lower(query, _named(table), timezone=timezone))
        return fill(lowered.template, values, lower.literal), lowered.schema

    def shape(self, query: Query) -> Shape:
        """The shape of a query."""
        return self._shapes.get(id(query), query, lambda: _shape(query))

    def work(
        self, fitted: Fitted, exchange: Exchange, shard: str, candidate: Candidate, timezone: str, values: Mapping[str, Value]
    ) -> Work:
        """The fragments for one node, ready to run, of the exchange's block as it was fitted for it."""
        parts = _sharded_last(fitted.parts, exchange, candidate)
        fragments = tuple(_fragment(part, fitted, exchange, shard, candidate, values) for part in parts)
        if fitted.residual is None:
            return Work(fragments, (), None, exchange.schema)
        sql, schema = self.sql(fitted.residual, timezone, values)
        return Work(fragments, tuple(part.name for part in parts), sql, schema)


def _shape(query: Query) -> Shape:
    nodes = list(walk(query, into_queries=True))
    leaves = [node for node in nodes if isinstance(node, _LEAVES)]
    widens = any(isinstance(node, FuncExpr) and node.returns_set for node in nodes)
    joins = len(leaves) > 1
    lingers = joins or any(isinstance(node, FuncExpr) and node.name in _MUCH_OF_LITTLE for node in nodes)
    return Shape(lingers, folds=not joins and not widens and all(isinstance(leaf, ExchangeRef) for leaf in leaves))


def _named(table: str) -> Callable[[TableRef], str]:
    def relation(ref: TableRef) -> str:
        if not table:
            raise SqlError("XX000", f'the gateway holds no rows of "{ref.table.name}"')
        return table

    return relation


def _sharded_last(parts: tuple[Part, ...], exchange: Exchange, candidate: Candidate) -> tuple[Part, ...]:
    placement = candidate.placements.get(exchange.sharded_rel) if exchange.sharded_rel is not None else None
    if placement is None or len(parts) < 2:
        return parts
    return tuple(sorted(parts, key=lambda part: placement.relation in part.relations))


def _fragment(
    part: Part, fitted: Fitted, exchange: Exchange, shard: str, candidate: Candidate, values: Mapping[str, Value]
) -> Fragment:
    named = [p for p in candidate.placements.values() if p.relation in part.relations] or list(candidate.placements.values())
    return Fragment(
        exchange.name,
        candidate.node.name,
        shard,
        named[0].table.name,
        fill(part.template, values, fitted.literal),
        part.schema,
        part.guard,
        fill(part.offender, values, fitted.literal) if part.offender else "",
        part.relations,
        part.views,
    )
