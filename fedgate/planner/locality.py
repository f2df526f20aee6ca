"""Whether a block's whole FROM and WHERE can be answered where the rows are.

Contract: `whole` gives a `Local` when each shard's node can answer FROM and WHERE alone and the answers' union is the block's
own, else the reason as text. That is so for one sharded table joined with replicated ones, none of which is on the preserved
side of an outer join (its rows would come once a shard), when every node of the sharded table has a copy of the replicated
ones; for sharded tables that are joined shard by shard (`colocation`); for replicated ones alone; and for a derived table of such
rows with window functions, none of which looks from one shard into another (`one_shard`). WHERE may hold subqueries over tables of
these kinds (`local_subqueries`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fedgate.planner.aggregates import order_is_moot
from fedgate.planner.colocation import beside, leading, spread
from fedgate.planner.exchange import Split, bare
from fedgate.planner.local_subqueries import Taken, taken
from fedgate.planner.one_shard import keys_apart
from fedgate.planner.reach import sendable
from fedgate.planner.treetools import every, has_window, join_conditions, map_leaves, own
from fedgate.schema import SHARD_ATTNUM, TEXT, Table
from fedgate.sql.granted import stays
from fedgate.sql.tree import (
    Block,
    Const,
    Derived,
    Expr,
    FromItem,
    Join,
    Leaf,
    TableRef,
    Target,
    Var,
    WindowFunc,
    children,
    conjuncts,
    leaves,
    nullable_rels,
    own_rels,
    transform,
)

NOTHING = "no table"
"""The reason of a block that no rule here is about; not worth a note."""
JOIN_RULE = "join_local"
"""The rule that, switched off, leaves joins of sharded tables to the gateway."""
WINDOW_RULE = "local_windows"
"""The rule that, switched off, leaves window functions to the gateway."""


@dataclass(frozen=True, slots=True)
class Local:
    """FROM as a node gets it, the sharded table (None: replicated only) and the conjuncts that pruning reads.

    Of several sharded tables it is the one whose shards are asked. `tables` are those of FROM; `subqueries`: WHERE reads others.
    `derived` is FROM's one item where that is a derived table; then `tables` and what pruning reads are the derived table's.
    """

    from_: tuple[FromItem, ...]
    sharded: TableRef | None
    prune: tuple[Expr, ...]
    rels: frozenset[int]
    tables: tuple[TableRef, ...]
    subqueries: bool = False
    derived: Derived | None = None

    @property
    def label(self) -> str:
        return " ⋈ ".join(ref.table.name for ref in self.tables)

    @property
    def shard(self) -> Var | None:
        """The name of a row's shard; None where rows are of none."""
        if self.sharded is None:
            return None
        if self.derived is None:
            return Var(self.sharded.rel, SHARD_ATTNUM, TEXT)
        return Var(self.derived.rel, max(c.id for c in self.derived.query.columns), TEXT)

    def keys_apart(self, keys: Iterable[Expr], block: Block, split: Split) -> bool:
        """Whether rows of the block's FROM that are equal in all keys lie in one shard."""
        if self.derived is None:
            return keys_apart(keys, block, self.tables, split)
        assert isinstance(self.derived.query, Block)
        places = {(self.derived.rel, t.id): t.expr for t in self.derived.query.targets}
        below = tuple(places.get((key.rel, key.col), key) if isinstance(key, Var) else key for key in keys)
        return keys_apart(below, self.derived.query, self.tables, split)


def whole(block: Block, split: Split) -> Local | str:
    """FROM and WHERE of `block` for each node, or why not."""
    reason = stays(block)
    if reason is not None:
        return reason
    match block.from_:
        case (Derived(query=Block() as inner) as derived,) if any(has_window(t.expr) for t in inner.targets):
            return _windowed(block, derived, inner, split)
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


def _windowed(block: Block, derived: Derived, inner: Block, split: Split) -> Local | str:
    """Of a block over one derived table that holds windows."""
    if WINDOW_RULE in split.disabled:
        return NOTHING
    cut = inner.grouped or inner.distinct or inner.ctes or inner.with_ties or (inner.limit, inner.offset) != (None, None)
    told = bool(inner.order_by) and not order_is_moot(block)
    local = NOTHING if cut or told else whole(inner, split)
    if isinstance(local, str):
        return local
    reason = windows_reach(inner, local, split)
    if reason is not None:
        return reason
    if not all(sendable(expr, frozenset([derived.rel])) for expr in conjuncts(block.where)):
        return "WHERE or ON holds what only the gateway evaluates"
    plain = (transform(t.expr, lambda n: Const(n.type, None) if isinstance(n, WindowFunc) else n) for t in inner.targets)
    if not all(sendable(expr, local.rels) for expr in plain):
        return "the select list of a derived table holds what only the gateway evaluates"
    targets = tuple(t for t in inner.targets if not t.junk)
    if local.shard is not None:
        targets = (*targets, Target(max(t.id for t in inner.targets) + 1, local.shard, "_shard"))
    below = replace(derived, query=Block(targets, local.from_, inner.where), lateral=False)
    return replace(local, from_=(below,), rels=frozenset([derived.rel]), derived=below)


def windows_reach(block: Block, local: Local, split: Split) -> str | None:
    """Why the block's windows cannot be computed where its rows lie."""
    for window in (n for t in block.targets for n in own(t.expr) if isinstance(n, WindowFunc)):
        if not local.keys_apart(window.partition_by, block, split):
            return "a window may look into several shards"
        if not all(sendable(part, local.rels) for part in children(window)):
            return "a window reads what only the gateway evaluates"
    return None


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
