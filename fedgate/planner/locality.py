"""Whether a block's whole FROM and WHERE can be answered where the rows are.

Contract: `whole` gives a `Local` when each shard's node can answer FROM and WHERE alone and the answers' union is the block's
own, else the reason as text. That is so for one sharded table joined with replicated ones, none of which is on the preserved
side of an outer join (its rows would come once a shard), when every node of the sharded table has a copy of the replicated
ones; for sharded tables that are joined shard by shard (`colocation`); and for replicated ones alone. WHERE may hold subqueries
over tables of these kinds (`local_subqueries`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fedgate.planner.colocation import beside, leading, spread
from fedgate.planner.exchange import Split, bare
from fedgate.planner.local_subqueries import Taken, taken
from fedgate.planner.reach import sendable
from fedgate.planner.treetools import every, join_conditions, map_leaves
from fedgate.schema import Table
from fedgate.sql.tree import (
    Block,
    Expr,
    FromItem,
    Join,
    Leaf,
    TableRef,
    Var,
    conjuncts,
    leaves,
    nullable_rels,
    own_rels,
)

NOTHING = "no table"
"""The reason of a block that no rule here is about; not worth a note."""
JOIN_RULE = "join_local"
"""The rule that, switched off, leaves joins of sharded tables to the gateway."""


@dataclass(frozen=True, slots=True)
class Local:
    """FROM as a node gets it, the sharded table (None: replicated only) and the conjuncts that pruning reads.

    Of several sharded tables it is the one whose shards are asked. `tables` are those of FROM; `subqueries`: WHERE reads others.
    """

    from_: tuple[FromItem, ...]
    sharded: TableRef | None
    prune: tuple[Expr, ...]
    rels: frozenset[int]
    tables: tuple[TableRef, ...]
    subqueries: bool = False

    @property
    def label(self) -> str:
        return " ⋈ ".join(ref.table.name for ref in self.tables)


def whole(block: Block, split: Split) -> Local | str:
    """FROM and WHERE of `block` for each node, or why not."""
    tables: list[TableRef] = []
    if not any(isinstance(leaf, TableRef) and leaf.table.kind == "virtual" for leaf in leaves(block.from_)):
        return NOTHING
    for leaf in leaves(block.from_):
        if not isinstance(leaf, TableRef) or leaf.table.kind != "virtual":
            return "FROM holds more than virtual tables"
        tables.append(leaf)
    sharded = [ref for ref in tables if not ref.table.replicated]
    if len(sharded) > 1 and JOIN_RULE in split.disabled:
        return f"{len(sharded)} sharded tables"
    rels = own_rels(block)
    found = _subqueries(block, rels, split)
    if isinstance(found, str):
        return found
    for expr in (*(part.plain for part in found), *join_conditions(block.from_)):
        if not sendable(expr, rels):
            return "WHERE or ON holds what only the gateway evaluates"
    rows = spread(block.from_, block.where, split)
    if isinstance(rows, str):
        return rows
    lead = leading(rows, block.from_, split) if rows.tables else None
    if isinstance(lead, str):
        return lead
    reason = _copies(lead, [*tables, *(ref for part in found for ref in part.copies)], split) or _hidden(block, lead, tables)
    for ref, known in (looked for part in found for looked in part.shards):
        reason = reason or ("only shards have its rows" if lead is None else beside(lead, rows, ref, known, split))
    if reason:
        return reason
    from_ = tuple(map_leaves(item, _bare) for item in block.from_)
    # Rows that an outer join fills with NULLs pass conditions that the shard's own rows cannot.
    weak = lead is not None and lead.rel in nullable_rels(block.from_)
    subqueries = any(part.copies or part.shards for part in found)
    return Local(from_, lead, () if weak else _prune_conjuncts(block), rels, tuple(tables), subqueries)


def _subqueries(block: Block, rels: frozenset[int], split: Split) -> list[Taken] | str:
    """The conditions of WHERE, and what their subqueries read; why one of these has to be answered by the gateway."""
    found: list[Taken] = []
    for part in conjuncts(block.where):
        one = taken(part, rels)
        if isinstance(one, str):
            return one
        if JOIN_RULE in split.disabled and (one.copies or one.shards):
            return "a subquery in WHERE"
        found.append(one)
    return found


def local_block(block: Block, rule: str, split: Split) -> Local | None:
    """FROM and WHERE of `block` for each node; None if that cannot be, which the rule's note says where it is worth one."""
    local = whole(block, split)
    if isinstance(local, Local):
        return local
    if local != NOTHING:
        split.declined(rule, local)
    return None


def _bare(leaf: Leaf) -> FromItem:
    return bare(leaf) if isinstance(leaf, TableRef) else leaf


def _copies(sharded: TableRef | None, tables: list[TableRef], split: Split) -> str | None:
    """Why some node that has to answer lacks a table."""
    if len({ref.table for ref in tables}) == 1:
        return None
    replicated = {ref.table for ref in tables if ref.table.replicated}
    if sharded is not None:
        needed = nodes_of(sharded.table, split)
    else:
        needed = frozenset(node for table in replicated for node in nodes_of(table, split))
    for table in sorted(replicated, key=lambda t: (t.schema, t.name)):
        missing = sorted(needed - nodes_of(table, split))
        if missing:
            return f"no copy of {table.name} at {', '.join(missing[:3])}{', …' if len(missing) > 3 else ''}"
    return None


def _hidden(block: Block, sharded: TableRef | None, tables: list[TableRef]) -> str | None:
    """Why hidden columns would say the wrong shard: a node answers with those of the sharded table."""
    if len(tables) == 1:
        return None
    others = frozenset(ref.rel for ref in tables if ref.table.replicated or sharded is None)
    if any(isinstance(n, Var) and n.col < 0 and n.rel in others for n in every(block)):
        return "_shard or _node of a replicated table in a join"
    return None


def nodes_of(table: Table, split: Split) -> frozenset[str]:
    """The nodes of all placements of all shards."""
    return frozenset(p.node.name for shard in split.snapshot.shards(table) for p in shard.placements)


def _prune_conjuncts(block: Block) -> tuple[Expr, ...]:
    """WHERE, and the conditions of inner joins that no outer join is above of."""

    def conditions(item: FromItem) -> tuple[Expr, ...]:
        if not isinstance(item, Join) or item.kind != "inner":
            return ()
        return (*conditions(item.left), *conditions(item.right), *conjuncts(item.on))

    return (*(c for item in block.from_ for c in conditions(item)), *conjuncts(block.where))
