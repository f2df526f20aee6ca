"""shape: a statement whose answer is the rows of one exchange streams through, without a merge.

Precondition: the final query is one block over one exchange of scanned or joined rows; it has no clause but its select list,
and that is free of subqueries, windows, set-returning and volatile calls. Its expressions move into the exchange, whose rows
are then the answer.
"""

from __future__ import annotations

from dataclasses import replace

from fedgate.planner.exchange import Split, carriers, reference
from fedgate.planner.plan import Streams
from fedgate.planner.reach import sendable
from fedgate.planner.treetools import carried, substitute
from fedgate.sql.tree import Block, ExchangeRef, Query, Target, Var

NAME = "shape"


def shape(query: Query, split: Split) -> Query:
    """The query; when its rows are its only exchange's, `split.streams` is `concat`."""
    reason = _reason(query, split)
    if reason is not None:
        split.declined(NAME, reason)
        return query
    assert isinstance(query, Block)
    (ref,) = query.from_
    (exchange,) = split.exchanges
    assert isinstance(ref, ExchangeRef)
    assert isinstance(exchange.block, Block)
    places = {(ref.rel, t.id): t.expr for t in exchange.block.targets}
    exprs = [substitute(t.expr, places, split.ids) for t in query.targets]
    sent = tuple(Target(i, e, t.name) for i, (e, t) in enumerate(zip(exprs, query.targets, strict=True), 1))
    block = replace(exchange.block, targets=sent)
    made = replace(exchange, block=block, schema=carriers(block))
    split.exchanges[:] = [made]
    split.streams = _concat()
    split.fired(NAME, "rows stream through")
    targets = tuple(replace(t, expr=Var(ref.rel, s.id, t.expr.type)) for t, s in zip(query.targets, sent, strict=True))
    return replace(query, targets=targets, from_=(reference(made, ref.rel),))


def _concat() -> Streams:
    return "concat"


def _reason(query: Query, split: Split) -> str | None:
    """Why a merge is needed."""
    if not isinstance(query, Block) or len(split.exchanges) != 1 or len(query.from_) != 1:
        return "the answer is more than the rows of one exchange"
    (ref,) = query.from_
    (exchange,) = split.exchanges
    if not isinstance(ref, ExchangeRef) or exchange.kind not in ("scan", "join"):
        return "what the nodes send has to be merged"
    clauses = (query.where, query.having, query.limit, query.offset)
    if any(c is not None for c in clauses) or query.grouped or query.distinct or query.order_by or query.ctes:
        return "a clause beside the select list is left for the gateway"
    if any(t.junk or not carried(t.expr.type) or not sendable(t.expr, frozenset([ref.rel])) for t in query.targets):
        return "the select list holds what only the gateway evaluates"
    return None if query.targets else "the answer has no columns"
