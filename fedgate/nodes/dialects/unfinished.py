"""Blocks that an engine can begin and not finish.

Of groups (`unfinished`) the node sends whole ones, and the gateway does in the residual what comes after grouping: HAVING, ORDER
BY, LIMIT and what is computed of aggregates. Of a derived table's rows (`filtered`) it sends those that pass the block's WHERE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from fedgate.nodes.dialects.mapping import highest_rel
from fedgate.sql.tree import Aggref, Block, Derived, ExchangeRef, Expr, GroupingFunc, GroupRef, Query, Target, Var, transform, walk


@dataclass(frozen=True, slots=True)
class Begun:
    """A block taken apart: `inner` is for the node, `finish` makes the rest of it over the relation `rel`, the rows of `inner`."""

    name: str
    inner: Block
    rel: int
    finish: Callable[[ExchangeRef], Block]

    def residual(self, schema: pa.Schema) -> Block:
        """The rest, over an exchange of that name and schema."""
        return self.finish(ExchangeRef(self.rel, self.name, self.inner.columns, schema))


def unfinished(block: Query) -> Begun | None:
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
    rel = highest_rel(block) + 1
    places = {t.expr: Var(rel, t.id, t.expr.type) for t in targets}

    def step(node: Any) -> Any:
        return places.get(node, node) if isinstance(node, Aggref | GroupRef) else node

    def finish(source: ExchangeRef) -> Block:
        """A row a group."""
        rest: Block = transform(block, step)
        return replace(rest, from_=(source,), where=rest.having, having=None, group_by=(), grouped=False)

    return Begun("groups", Block(targets, block.from_, block.where, block.group_by, grouped=True), rel, finish)


def filtered(block: Query) -> Begun | None:
    """How the block is taken apart; None where it is no block over one derived table with a WHERE."""
    match block:
        case Block(from_=(Derived(lateral=False) as derived,), ctes=()) if block.where is not None:
            bare = replace(block, from_=(), where=None)
            used = {n.col for n in walk(bare) if isinstance(n, Var) and n.rel == derived.rel}
            columns = [c for c in derived.query.columns if c.id in used] or [derived.query.columns[0]]
            targets = tuple(Target(c.id, Var(derived.rel, c.id, c.type), c.name) for c in columns)
            inner = Block(targets, block.from_, block.where)
            return Begun("rows", inner, derived.rel, lambda source: replace(block, from_=(source,), where=None))
    return None
