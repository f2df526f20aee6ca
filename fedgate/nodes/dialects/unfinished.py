"""Blocks that an engine can begin and not finish.

Of groups (`unfinished`) the node sends whole ones, and the gateway does in the residual what comes after grouping: HAVING, ORDER
BY, LIMIT and what is computed of aggregates. Of a derived table's rows (`filtered`) it sends those that pass the block's WHERE.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa

from fedgate.nodes.dialects.mapping import highest_rel
from fedgate.sql.tree import Aggref, Block, Derived, ExchangeRef, Expr, GroupingFunc, GroupRef, Query, Target, Var, transform, walk

GROUPS: Final = "groups"
ROWS: Final = "rows"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """`inner` is for the node: the block's keys and its aggregates."""

    inner: Block
    _block: Block

    def residual(self, schema: pa.Schema) -> Block:
        """The block over what `inner` gives, a row a group."""
        rel = highest_rel(self._block) + 1
        places = {t.expr: Var(rel, t.id, t.expr.type) for t in self.inner.targets}

        def step(node: Any) -> Any:
            return places.get(node, node) if isinstance(node, Aggref | GroupRef) else node

        block: Block = transform(self._block, step)
        source = ExchangeRef(rel, GROUPS, self.inner.columns, schema)
        return replace(block, from_=(source,), where=block.having, having=None, group_by=(), grouped=False)


def unfinished(block: Query) -> Unfinished | None:
    """How the block is taken apart; None where nothing would be left to do, or more than that is to be done."""
    if not isinstance(block, Block) or not block.grouped or block.grouping_sets is not None or block.ctes:
        return None
    clauses = (*(t.expr for t in block.targets), *(() if block.having is None else (block.having,)))
    nodes = [n for clause in clauses for n in walk(clause)]
    if any(isinstance(n, GroupingFunc) for n in nodes):
        return None
    calls = dict.fromkeys(n for n in nodes if isinstance(n, Aggref))
    plain = all(isinstance(t.expr, Aggref | GroupRef) for t in block.targets)
    if plain and block.having is None and not block.order_by and block.limit is None:
        return None
    sent: tuple[Expr, ...] = (*(GroupRef(i, key.type) for i, key in enumerate(block.group_by)), *calls)
    targets = tuple(Target(i, expr, f"g{i}") for i, expr in enumerate(sent, 1))
    return Unfinished(Block(targets, block.from_, block.where, block.group_by, grouped=True), block)


@dataclass(frozen=True, slots=True)
class Filtered:
    """`inner` is for the node: the columns that the block reads, of the rows that pass."""

    inner: Block
    _block: Block
    _rel: int

    def residual(self, schema: pa.Schema) -> Block:
        """The block over what `inner` gives, nothing left of WHERE."""
        return replace(self._block, from_=(ExchangeRef(self._rel, ROWS, self.inner.columns, schema),), where=None)


def filtered(block: Query) -> Filtered | None:
    """How the block is taken apart; None where it is no block over one derived table with a WHERE."""
    match block:
        case Block(from_=(Derived(lateral=False) as derived,), ctes=()) if block.where is not None:
            bare = replace(block, from_=(), where=None)
            used = {n.col for n in walk(bare) if isinstance(n, Var) and n.rel == derived.rel}
            columns = [c for c in derived.query.columns if c.id in used] or [derived.query.columns[0]]
            targets = tuple(Target(c.id, Var(derived.rel, c.id, c.type), c.name) for c in columns)
            return Filtered(Block(targets, block.from_, block.where), block, derived.rel)
    return None
