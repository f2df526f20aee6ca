"""A wrong answer made small: `shrink` tries smaller trees as long as they stay wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.oracle.expressions import Expr, literal
from tests.oracle.query import Query


def shrink(wrong: Query, still_wrong: Callable[[Query], bool], tries: int = 300, seconds: float = 60) -> Query:
    """A smaller query of which `still_wrong` holds as well, as far as one gets with so many tries in that time."""
    best, end = wrong, time.monotonic() + seconds
    improved = True
    while improved and tries > 0:
        improved = False
        for candidate in sorted(_smaller(best), key=lambda q: len(q.sql())):
            if tries <= 0 or time.monotonic() > end or len(candidate.sql()) >= len(best.sql()):
                break
            tries -= 1
            if still_wrong(candidate):
                best, improved = candidate, True
                break
    return best


def _smaller(q: Query) -> Iterator[Query]:
    if isinstance(q.source.item, Query):
        yield q.source.item
        for inner in _smaller(q.source.item):
            yield replace(q, source=replace(q.source, item=inner))
    if q.union is not None:
        yield replace(q, union=None)
    if q.limit is not None:
        yield replace(q, limit=None)
    if q.having is not None:
        yield replace(q, having=None)
    if q.distinct:
        yield replace(q, distinct=False)
    if q.distinct_on:
        yield replace(q, distinct_on=0)
    if q.source.named:
        yield replace(q, source=replace(q.source, how=""))
    if q.sets:
        yield replace(q, sets="")
    for i, join in enumerate(q.joins):
        yield replace(q, joins=q.joins[:i] + q.joins[i + 1 :])
        yield replace(q, joins=(*q.joins[:i], replace(join, how="inner"), *q.joins[i + 1 :]))
        for on in _conditions(join.on):
            yield replace(q, joins=(*q.joins[:i], replace(join, on=on), *q.joins[i + 1 :]))
        if isinstance(join.source.item, Query):
            for inner in _smaller(join.source.item):
                smaller = replace(join, source=replace(join.source, item=inner))
                yield replace(q, joins=(*q.joins[:i], smaller, *q.joins[i + 1 :]))
    yield from _smaller_lists(q)


def _conditions(on: Expr) -> Iterator[Expr]:
    """Simpler ones that still say which rows belong together: a product of large tables takes minutes and shows nothing more."""
    return (simpler for simpler in on.smaller() if " = " in simpler.sql())


def _smaller_lists(q: Query) -> Iterator[Query]:
    for i, (name, e) in enumerate(q.outputs):
        if len(q.outputs) > 1:
            yield replace(q, outputs=q.outputs[:i] + q.outputs[i + 1 :])
        for simpler in e.smaller():
            keys = tuple(simpler if key == e else key for key in q.keys)
            yield replace(q, outputs=(*q.outputs[:i], (name, simpler), *q.outputs[i + 1 :]), keys=keys)
    for i, e in enumerate(q.where):
        yield replace(q, where=q.where[:i] + q.where[i + 1 :])
        for simpler in e.smaller():
            yield replace(q, where=(*q.where[:i], simpler, *q.where[i + 1 :]))
    for i, key in enumerate(q.keys):
        yield replace(q, keys=q.keys[:i] + q.keys[i + 1 :])
        outputs = tuple((name, literal(e.type) if e == key else e) for name, e in q.outputs)
        yield replace(q, keys=q.keys[:i] + q.keys[i + 1 :], outputs=outputs)
