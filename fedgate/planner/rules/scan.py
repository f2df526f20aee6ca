"""scan: whatever is left of a table becomes an exchange of its needed columns and of the rows that pass its own conjuncts.

Precondition: none; this rule cannot be switched off. Right because a conjunct that reads one relation commutes with the joins
above it, except that it must not reach the nullable side of an outer join from outside (`reach`). What is applied below is taken
out above.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner.exchange import Split, reference, scan_block
from fedgate.planner.reach import Applied, Place, pushable, reachable, without
from fedgate.planner.treetools import columns_used, map_blocks, map_leaves
from fedgate.sql.tree import Block, FromItem, Leaf, Query, TableRef, conjunction
from fedgate.wording import counted

NAME = "scan"


def scan(query: Query, split: Split) -> Query:
    """Every TableRef of `query` as an ExchangeRef."""
    return map_blocks(query, lambda block: _block(block, split))


def _block(block: Block, split: Split) -> Block:
    tables = {leaf.rel: leaf for item in block.from_ for leaf in _tables(item)}
    if not tables:
        return block
    sent = {
        rel: pushable(conjuncts, frozenset([rel])) if tables[rel].table.kind == "virtual" else ()
        for rel, conjuncts in reachable(block).items()
        if rel in tables
    }
    done: set[Place] = {a.place for applied in sent.values() for a in applied}
    rest = without(block, done)

    def exchange(leaf: Leaf) -> FromItem:
        return _scan(leaf, rest, sent[leaf.rel], split) if isinstance(leaf, TableRef) else leaf

    return replace(rest, from_=tuple(map_leaves(item, exchange) for item in rest.from_))


def _tables(item: FromItem) -> list[TableRef]:
    found: list[TableRef] = []

    def see(leaf: Leaf) -> FromItem:
        if isinstance(leaf, TableRef):
            found.append(leaf)
        return leaf

    map_leaves(item, see)
    return found


def _scan(ref: TableRef, block: Block, sent: tuple[Applied, ...], split: Split) -> FromItem:
    columns = columns_used(block, ref.rel)
    where = tuple(a.expr for a in sent)
    body = scan_block(ref, columns, conjunction(where))
    name = f"{ref.table.schema}.{ref.table.name}"
    if ref.table.kind != "virtual":
        made = split.exchange(ref.table.kind, body, None)
        split.fired(NAME, f"{name}: rows of this gateway")
    else:
        made = split.exchange("scan", body, None if ref.table.replicated else ref, where)
        split.fired(NAME, f"{name}: {len(columns)} of {len(ref.table.columns)} columns, {counted(len(where), 'condition')}")
    return reference(made, ref.rel)
