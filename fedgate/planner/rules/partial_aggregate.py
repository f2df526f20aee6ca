"""partial_aggregate: nodes aggregate their own rows, the gateway merges what they send.

Precondition: FROM and WHERE are local (`locality`); keys and aggregate arguments are free of subqueries, volatile calls and
outer references; every aggregate is decomposable; nothing of the rows but keys is read outside aggregates. Nodes group by all
keys, the finest of the grouping sets, and by the arguments of DISTINCT aggregates: aggregates over finer groups still add up.
Grouping sets, HAVING, windows, DISTINCT, ORDER BY and LIMIT stay above, unchanged.

A key without columns is never sent: a constant in GROUP BY would be read as an ordinal, and a scalar aggregate over no rows is
a row where a group is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fedgate.planner import aggregates
from fedgate.planner.aggregates import Order
from fedgate.planner.calls import count_star
from fedgate.planner.exchange import Split, reference
from fedgate.planner.layout import counted
from fedgate.planner.locality import Local, local_block
from fedgate.planner.reach import sendable
from fedgate.planner.treetools import carried, columns_used, every, has_vars, map_blocks, own, substitute
from fedgate.schema import SHARD_ATTNUM, TEXT
from fedgate.sql.tree import (
    Aggref,
    Block,
    Case,
    Const,
    Expr,
    GroupRef,
    Query,
    SortBy,
    Target,
    Var,
    When,
    is_query,
    transform,
)
from fedgate.types import SqlType

NAME = "partial_aggregate"


class DeclinedError(Exception):
    """Why the rule does not apply; never leaves this file."""


def partial_aggregate(query: Query, split: Split) -> Query:
    """Every block that groups rows of local tables as a merge over an exchange of partial aggregates."""
    return map_blocks(query, lambda block: _block(block, split) if block.grouped else block)


def _block(block: Block, split: Split) -> Block:
    local = local_block(block, NAME, split)
    if local is None:
        return block
    try:
        made = _Merger(block, local, split).rewrite()
    except DeclinedError as reason:
        split.declined(NAME, f"{local.label}: {reason}")
        return block
    return made


@dataclass(slots=True)
class _Merger:
    block: Block
    local: Local
    split: Split
    rel: int = 0
    keys: list[Expr] = field(default_factory=list)
    partials: list[Aggref] = field(default_factory=list)
    merged: dict[Aggref, Expr] = field(default_factory=dict)

    def rewrite(self) -> Block:
        self.rel = self.split.ids.rel()
        final_keys = [self._key(key) if has_vars(key) else self._constant(key) for key in self.block.group_by]
        if self.block.group_by and not self.keys:
            raise DeclinedError("all keys are constant")
        calls = self._calls()
        distinct = [call for call in calls if aggregates.needs_distinct(call)]
        for call in distinct:
            self.merged[call] = self._distinct(call)
        plain = [(call, self._parts(call)) for call in calls if call not in self.merged]
        shard = self._shard_key() if any(p.ordered for _, p in plain) else None
        order = self._order(shard, bool(distinct))
        columns = [(call, p, [self._partial(node) for node in p.nodes]) for call, p in plain]
        if not self.keys and not self.partials:
            self._partial(count_star())
        for call, p, places in columns:
            self.merged[call] = p.merge([self._var(len(self.keys) + i, self.partials[i].type) for i in places], order)
        return self._final(tuple(final_keys))

    # ------------------------------------------------------------------------------------------------ what nodes compute

    def _key(self, key: Expr) -> Var:
        """The exchange's column of a key; equal keys share one."""
        if key not in self.keys:
            if not sendable(key, self.local.rels):
                raise DeclinedError("a key holds what only the gateway evaluates")
            if not carried(key.type):
                raise DeclinedError(f"a key is of type {key.type}")
            self.keys.append(key)
        return self._var(self.keys.index(key), key.type)

    def _constant(self, key: Expr) -> Expr:
        if not sendable(key, frozenset()):
            raise DeclinedError("a key holds what only the gateway evaluates")
        return key

    def _shard_key(self) -> Var | None:
        sharded = self.local.sharded
        return self._key(Var(sharded.rel, SHARD_ATTNUM, TEXT)) if sharded is not None else None

    def _order(self, shard: Var | None, finer: bool) -> Order:
        """In which order floats are added up: by shard, then by what else tells rows of one group apart."""
        if shard is None:
            return ()
        several = finer or self.block.grouping_sets is not None
        rest = [self._var(i, k.type) for i, k in enumerate(self.keys)] if several else []
        return tuple(SortBy(v, False, False) for v in (shard, *(v for v in rest if v != shard)))

    def _partial(self, node: Aggref) -> int:
        if not carried(node.type):
            raise DeclinedError(f"{node.name} gives type {node.type}")
        if node not in self.partials:
            self.partials.append(node)
        return self.partials.index(node)

    def _var(self, place: int, type_: SqlType) -> Var:
        return Var(self.rel, place + 1, type_)

    # ------------------------------------------------------------------------------------------------ aggregates

    def _calls(self) -> list[Aggref]:
        """The block's own aggregates, each once."""
        found: list[Aggref] = []
        having = () if self.block.having is None else (self.block.having,)
        for expr in (*(t.expr for t in self.block.targets), *having):
            for node in every(expr):
                if isinstance(node, Aggref) and node.levels_up > 0:
                    raise DeclinedError("an aggregate of a nested query may belong to this block")
            for node in own(expr):
                if isinstance(node, Aggref) and node not in found:
                    found.append(node)
        return found

    def _parts(self, call: Aggref) -> aggregates.Parts:
        for expr in (*call.args, *(() if call.filter is None else (call.filter,))):
            if not sendable(expr, self.local.rels):
                raise DeclinedError(f"{call.name} reads what only the gateway evaluates")
        if call.order_by and call.name not in aggregates.ORDERLESS:
            raise DeclinedError(f"{call.name} depends on the order of its rows")
        found = aggregates.parts(call)
        if isinstance(found, str):
            raise DeclinedError(found)
        return found

    def _distinct(self, call: Aggref) -> Aggref:
        """A DISTINCT aggregate over the distinct values that nodes send as keys; what FILTER excludes is sent as NULL."""
        if call.within_group or not any(has_vars(a) for a in call.args):
            raise DeclinedError(f"{call.name}(DISTINCT …) of a constant")
        if not all(sendable(a, self.local.rels) for a in call.args):
            raise DeclinedError(f"{call.name} reads what only the gateway evaluates")
        if call.filter is not None and (call.name not in aggregates.SKIPS_NULL or not sendable(call.filter, self.local.rels)):
            raise DeclinedError(f"{call.name}(DISTINCT …) with this FILTER")
        places = {arg: self._key(_filtered(arg, call.filter)) for arg in call.args if has_vars(arg)}
        order: Order = ()
        if call.name not in aggregates.ORDERLESS:
            if not all(s.expr in call.args for s in call.order_by):
                raise DeclinedError(f"{call.name} is ordered by more than its arguments")
            order = tuple(replace(s, expr=places.get(s.expr, s.expr)) for s in call.order_by)
        return replace(call, args=tuple(places.get(a, a) for a in call.args), filter=None, order_by=order)

    # ------------------------------------------------------------------------------------------------ the two blocks

    def _final(self, final_keys: tuple[Expr, ...]) -> Block:
        block = self.block
        plain_keys = {(k.rel, k.col): self._var(i, k.type) for i, k in enumerate(self.keys) if isinstance(k, Var)}
        # Merged calls hold Vars of the exchange only, so that the second step touches nested queries' references alone.
        targets = tuple(replace(t, expr=self._merge(t.expr, plain_keys)) for t in block.targets)
        having = None if block.having is None else self._merge(block.having, plain_keys)
        final = replace(block, targets=targets, having=having, group_by=final_keys, where=None, from_=())
        for rel in self.local.rels:
            if columns_used(final, rel):
                raise DeclinedError("a nested query reads columns that are no keys")
        node = Block(
            targets=(
                *(Target(i + 1, GroupRef(i, k.type), f"g{i}") for i, k in enumerate(self.keys)),
                *(Target(len(self.keys) + i + 1, p, f"p{i}") for i, p in enumerate(self.partials)),
            ),
            from_=self.local.from_,
            where=block.where,
            group_by=tuple(self.keys),
            grouped=True,
        )
        made = self.split.exchange("aggregate", node, self.local.sharded, self.local.prune)
        keys, partials = counted(len(self.keys), "key"), counted(len(self.partials), "partial aggregate")
        self.split.fired(NAME, f"{self.local.label}: {keys}, {partials}")
        return replace(final, from_=(reference(made, self.rel),))

    def _merge(self, expr: Expr, plain_keys: Mapping[tuple[int, int], Expr]) -> Expr:
        def swap(node: Expr) -> Expr:
            return self.merged.get(node, node) if isinstance(node, Aggref) else node

        merged: Expr = transform(expr, swap)
        holds_query = any(is_query(n) for n in every(merged))
        found: Expr = substitute(merged, plain_keys, self.split.ids) if holds_query else merged
        return found


def _filtered(arg: Expr, condition: Expr | None) -> Expr:
    if condition is None:
        return arg
    return Case((When(condition, arg),), Const(arg.type, None), arg.type)
