"""share: exchanges that ask the same are one; scans of one table under the same conditions are one with the columns of both.

Precondition: the blocks are equal once relation ids are numbered alike. Right because all fragments of one statement on one
node see one transaction.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fedgate.planner.exchange import NO_COLUMN, Split, carriers, scan_targets
from fedgate.planner.plan import Exchange
from fedgate.planner.treetools import inner_rels, renumber
from fedgate.sql.tree import Block, ExchangeRef, Query, TableRef, transform

NAME = "share"


def share(query: Query, split: Split) -> Query:
    """The query with each set of equal exchanges read from one."""
    kept: dict[object, Exchange] = {}
    renamed: dict[str, object] = {}
    for exchange in split.exchanges:
        key = _key(exchange)
        renamed[exchange.name] = key
        kept[key] = _union(kept[key], exchange) if key in kept else exchange
    if len(kept) == len(split.exchanges):
        return query
    split.fired(NAME, f"{len(split.exchanges)} exchanges are {len(kept)}")
    split.exchanges[:] = list(kept.values())

    def swap(node: Any) -> Any:
        if not isinstance(node, ExchangeRef) or node.name not in renamed:
            return node
        exchange = kept[renamed[node.name]]
        return replace(node, name=exchange.name, schema=exchange.schema)

    shared: Query = transform(query, swap, into_queries=True)
    return shared


def _key(exchange: Exchange) -> object:
    """What is equal for exchanges that can be one."""
    block = exchange.block
    rels = {rel: i for i, rel in enumerate(sorted(inner_rels(block)))}
    normal = renumber(block, rels, {})
    if (exchange.at_gateway or exchange.kind == "scan") and isinstance(normal, Block):
        normal = replace(normal, targets=())
    return exchange.kind, normal


def _union(a: Exchange, b: Exchange) -> Exchange:
    """One scan with the columns of both; other kinds are equal already."""
    if not isinstance(a.block, Block) or not isinstance(b.block, Block) or not (a.at_gateway or a.kind == "scan"):
        return a
    (ref,) = a.block.from_
    assert isinstance(ref, TableRef)
    columns = {t.id for t in (*a.block.targets, *b.block.targets)} - {NO_COLUMN}
    wants_row = any(t.id == NO_COLUMN for t in (*a.block.targets, *b.block.targets))
    targets = scan_targets(ref, columns)
    if wants_row and columns:
        targets = (*targets, *scan_targets(ref, ()))
    block = replace(a.block, targets=targets)
    return replace(a, block=block, schema=carriers(block))
