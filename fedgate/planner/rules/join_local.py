"""join_local: a block that is left over and joins a sharded table with replicated or co-located ones is joined at the nodes.

Precondition: FROM and WHERE are local, and FROM has more than one table or is a derived table with windows, or WHERE looks for
rows in other tables (EXISTS, IN and their opposites). Right because the join of a union with one relation is the union of the
joins, while that relation is not on the preserved side of an outer join; and because rows of co-located tables meet within a shard
only. Semi-joins and anti-joins are so from both. The rest of the block stays at the gateway. Outer blocks come first: what they
take whole is not taken apart.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner.exchange import NO_COLUMN, Split, reference
from fedgate.planner.locality import Local, local_block
from fedgate.planner.plan import ExchangeKind
from fedgate.planner.treetools import carried, columns_used, map_down, substitute
from fedgate.sql.tree import INT4, Block, Const, Query, Target, Var
from fedgate.wording import counted

NAME = "join_local"


def join_local(query: Query, split: Split) -> Query:
    """Every block whose whole FROM is a local join as a block over an exchange of joined rows."""
    return map_down(query, lambda block: _block(block, split) if block.from_ else block)


def _block(block: Block, split: Split) -> Block:
    local = local_block(block, NAME, split)
    if local is None or (len(local.tables) == 1 and not local.subqueries and local.derived is None):
        return block
    rest = replace(block, where=None)
    node = Block(targets=raw_columns(replace(rest, from_=()), local), from_=local.from_, where=block.where)
    if not all(carried(t.expr.type) for t in node.targets):
        split.declined(NAME, f"{local.label}: a column cannot travel")
        return block
    split.fired(NAME, f"{local.label}: {counted(len(node.targets), 'column')}")
    return over_exchange(rest, node, "join", local, split)


def raw_columns(block: Block, local: Local) -> tuple[Target, ...]:
    """Targets for the columns that the block reads, FROM aside; attnums when there is one table, else numbered from 1."""
    block = replace(block, from_=())
    if local.derived is not None:
        rel, used = local.derived.rel, columns_used(block, local.derived.rel)
        given = tuple(Target(c.id, Var(rel, c.id, c.type), c.name) for c in local.derived.query.columns if c.id in used)
        return given or (Target(NO_COLUMN, Const(INT4, 1), "row"),)
    single = len(local.tables) == 1
    found: list[Target] = []
    for ref in local.tables:
        for attnum in sorted(columns_used(block, ref.rel), key=lambda n: (n < 0, abs(n))):
            column = ref.table.column(attnum)
            found.append(Target(attnum if single else len(found) + 1, Var(ref.rel, attnum, column.type), column.name))
    return tuple(found) or (Target(NO_COLUMN, Const(INT4, 1), "row"),)


def over_exchange(
    block: Block, node: Block, kind: ExchangeKind, local: Local, split: Split, columns: tuple[Target, ...] | None = None
) -> Block:
    """The block reading an exchange of `node`'s raw columns in place of its FROM; `columns` are these where `node` derives them."""
    made = split.exchange(kind, node, local.sharded, local.prune)
    rel = split.ids.rel()
    given = node.targets if columns is None else columns
    places = {(t.expr.rel, t.expr.col): Var(rel, t.id, t.expr.type) for t in given if isinstance(t.expr, Var) and not t.junk}
    above = replace(block, from_=())
    substituted: Block = substitute(above, places, split.ids)
    return replace(substituted, from_=(reference(made, rel),))
