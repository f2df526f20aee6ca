"""Pairs of statements that have to agree, whatever the answer is: what a fault does to one of a pair it seldom does to the other.

Ternary logic partitioning: the rows where p, where not p and where p is null are all rows, and aggregates over the three parts
merge to those over the whole. NoREC: as many rows pass `WHERE p` as p is true for, when it is only computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tests.oracle.compare import compare, tolerance
from tests.oracle.expressions import Expr
from tests.oracle.generate import plain
from tests.oracle.harness import Report
from tests.oracle.query import Query
from tests.oracle.statements import Statement
from tests.oracle.wire import Wire

BESIDE = "\nunion all\n"
ORDERED = ("int2", "int4", "int8", "numeric", "text", "date", "timestamp", "timestamptz", "time")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements with the same rows."""

    place: str
    one: str
    other: str


def pairs(seed: int) -> Iterator[Pair]:
    """The pairs that the query and the predicate of that seed make."""
    query, predicate = plain(seed)
    yield Pair(f"seed {seed} rows", query.sql(), BESIDE.join(f"({part.sql()})" for part in parted(query, predicate)))
    yield _grouped(seed, query, predicate)
    if query.outputs[0][1].type in ORDERED:
        yield _aggregated(seed, query, predicate)
    yield _counted(seed, query, predicate)


def parted(query: Query, predicate: Expr) -> tuple[Query, Query, Query]:
    """The query's rows where the predicate is true, false and NULL."""
    false = Expr("bool", ("(not ", predicate, ")"))
    unknown = Expr("bool", ("(", predicate, ")::bool is null"))
    return (
        replace(query, where=(*query.where, predicate)),
        replace(query, where=(*query.where, false)),
        replace(query, where=(*query.where, unknown)),
    )


def _grouped(seed: int, query: Query, predicate: Expr) -> Pair:
    def groups(part: Query) -> str:
        return f"select c0, count(*) as n from ({part.sql()}) w group by c0"

    parts = " union all ".join(map(groups, parted(query, predicate)))
    return Pair(f"seed {seed} groups", groups(query), f"select c0, sum(n)::int8 as n from ({parts}) u group by c0")


def _aggregated(seed: int, query: Query, predicate: Expr) -> Pair:
    def values(part: Query) -> str:
        return f"select count(*) as n, count(c0) as m, min(c0) as lo, max(c0) as hi from ({part.sql()}) w"

    parts = " union all ".join(map(values, parted(query, predicate)))
    merged = f"select sum(n)::int8 as n, sum(m)::int8 as m, min(lo) as lo, max(hi) as hi from ({parts}) u"
    return Pair(f"seed {seed} aggregates", values(query), merged)


def _counted(seed: int, query: Query, predicate: Expr) -> Pair:
    """All conditions of WHERE move into the select list."""
    passing = replace(query, outputs=(("n", Expr("int8", ("count(*)",))),), where=(*query.where, predicate))
    together = " and ".join(e.sql() for e in passing.where)
    computed = replace(query, outputs=(("n", Expr("int8", (f"coalesce(sum(({together})::int), 0)",))),), where=())
    return Pair(f"seed {seed} count", passing.sql(), computed.sql())


def agree(asked: Iterable[Pair], wire: Wire) -> Report:
    """Both statements of each pair on that connection."""
    report = Report()
    for pair in asked:
        one, other = wire.run(pair.one), wire.run(pair.other)
        report.add(
            Statement(pair.place, f"{pair.one}\n  beside\n{pair.other}"), compare(one, other, "set", tolerance(pair.one, 1.0))
        )
    return report
