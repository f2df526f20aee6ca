"""Random whole queries over a schema, by default the trap tables: typed by construction, so that nearly all mean something.

A query is a tree of its own, not text, so that a wrong answer can be shrunk: `shrink` tries smaller trees as long as they stay
wrong. The same seed gives the same query. LIMIT comes only under an ORDER BY over all output columns; float sums stay in the top
select list, where the comparison has a tolerance.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tests.oracle.expressions import SPELLED_APART, Expr, aggregate, column, expression, literal

JOINABLE = ("text", "int4", "int2", "int8", "date", "timestamptz", "timestamp", "uuid", "varchar", "bytea", "time")


@dataclass(frozen=True, slots=True)
class Schema:
    """Tables by name, their columns' types by name, all names as SQL spells them.

    `drawn` is what FROM draws a table from. Tables of `large` meet each other only on types of `apart`, whose values nearly all
    differ: a product of them proves nothing and takes long.
    """

    tables: Mapping[str, Mapping[str, str]]
    drawn: tuple[str, ...]
    large: frozenset[str]
    apart: frozenset[str] = frozenset({"timestamptz"})

    def columns(self, table: str) -> tuple[tuple[str, str], ...]:
        return tuple(self.tables[table].items())

    @property
    def small(self) -> tuple[str, ...]:
        return tuple(name for name in self.tables if name not in self.large)


TRAPS = Schema(
    {
        "readings": {
            "site": "text", "device": "int4", "ts": "timestamptz", "temp": "float8", "hum": "float4", "status": "int2",
            "total": "int8", "price": "numeric", "ok": "bool", "note": "text", "day": "date",
        },
        "devices": {"device": "int4", "model": "text", "installed": "date"},
    },
    ("readings", "readings", "readings", "devices"),
    frozenset({"readings"}),
)  # fmt: skip
Scope = list[Expr]
_COLUMN = re.compile(r"\bt\d+\.")


@dataclass(frozen=True, slots=True)
class Source:
    """What stands in FROM under an alias: a table's name or a query; with `columns` name → type."""

    alias: str
    item: str | Query
    columns: tuple[tuple[str, str], ...]

    def sql(self) -> str:
        return f"{self.item} {self.alias}" if isinstance(self.item, str) else f"({self.item.sql()}) {self.alias}"

    def scope(self) -> Scope:
        return [column(self.alias, name, kind) for name, kind in self.columns]


@dataclass(frozen=True, slots=True)
class Join:
    how: str
    source: Source
    on: Expr


@dataclass(frozen=True, slots=True)
class Query:
    """`keys` are expressions of GROUP BY; `sets` how they are grouped ("" plain, or rollup, cube)."""

    outputs: tuple[tuple[str, Expr], ...]
    source: Source
    joins: tuple[Join, ...] = ()
    where: tuple[Expr, ...] = ()
    keys: tuple[Expr, ...] = ()
    sets: str = ""
    having: Expr | None = None
    distinct: bool = False
    union: tuple[str, Query] | None = None
    limit: tuple[int, int] | None = None

    def sql(self) -> str:
        listed = ", ".join(f"{e.sql()} as {name}" for name, e in self.outputs)
        parts = [f"select {'distinct ' if self.distinct else ''}{listed} from {self.source.sql()}"]
        parts += [f"{j.how} join {j.source.sql()} on {j.on.sql()}" for j in self.joins]
        if self.where:
            parts.append("where " + " and ".join(e.sql() for e in self.where))
        if self.keys:
            keys = ", ".join(e.sql() for e in self.keys)
            parts.append(f"group by {self.sets}({keys})" if self.sets else f"group by {keys}")
        if self.having is not None:
            parts.append(f"having {self.having.sql()}")
        if self.union is not None:
            parts.append(f"{self.union[0]} {self.union[1].sql()}")
        if self.limit is not None:
            ordinals = ", ".join(
                f"{i + 1}{' desc nulls last' if i % 2 == self.limit[0] % 2 else ''}" for i in range(len(self.outputs))
            )
            parts.append(f"order by {ordinals} limit {self.limit[0]} offset {self.limit[1]}")
        return " ".join(parts)


def query(seed: int, schema: Schema = TRAPS) -> Query:
    """The query of that seed."""
    return _Maker(random.Random(seed), schema).query(depth=2, top=True)


def plain(seed: int, schema: Schema = TRAPS) -> tuple[Query, Expr]:
    """A query without groups, and a predicate over its rows that it does not ask."""
    return _Maker(random.Random(seed), schema).rows()


class _Maker:
    def __init__(self, dice: random.Random, schema: Schema) -> None:
        self._dice = dice
        self._schema = schema
        self._aliases = iter(f"t{i}" for i in range(1000))

    def _chance(self, part: float) -> bool:
        return self._dice.random() < part

    def query(self, depth: int, top: bool = False) -> Query:
        source = self._source(depth)
        joins = self._joins(source, depth)
        scope = source.scope() + [c for join in joins for c in join.source.scope()]
        where = tuple(self._predicate(scope, depth) for _ in range(self._dice.choice((0, 0, 1, 1, 2))))
        made = self._grouped(source, joins, scope, where, top) if self._chance(0.5) else self._plain(source, joins, scope, where)
        if top and self._chance(0.15) and not made.sets:
            other = replace(made, where=(self._predicate(scope, 0),))
            how = self._dice.choice(("union all", "union", "intersect", "except"))
            # Rows are told apart by the last digit, which a sum of floats leaves open.
            apart = any(e.type in SPELLED_APART or _float_sum(e) for _, e in made.outputs)
            made = replace(made, union=("union all" if apart else how, other))
        if self._chance(0.4 if top else 0.15) and not any(_float_sum(e) or e.type in SPELLED_APART for _, e in made.outputs):
            made = replace(made, limit=(self._dice.choice((1, 3, 10, 50)), self._dice.choice((0, 0, 2, 7))))
        return made

    def rows(self) -> tuple[Query, Expr]:
        source = self._source(2)
        joins = self._joins(source, 2)
        scope = source.scope() + [c for join in joins for c in join.source.scope()]
        where = tuple(self._predicate(scope, 1) for _ in range(self._dice.choice((0, 1))))
        made = replace(self._plain(source, joins, scope, where), distinct=False)
        return made, self._predicate(scope, 2)

    def _plain(self, source: Source, joins: tuple[Join, ...], scope: Scope, where: tuple[Expr, ...]) -> Query:
        picked = [
            self._dice.choice(scope) if self._chance(0.5) else self._expression(scope) for _ in range(self._dice.randint(1, 4))
        ]
        distinct = self._chance(0.25) and not any(e.type in SPELLED_APART for e in picked)
        return Query(_named(picked), source, joins, where, distinct=distinct)

    def _grouped(self, source: Source, joins: tuple[Join, ...], scope: Scope, where: tuple[Expr, ...], top: bool) -> Query:
        keys = tuple(
            self._dice.choice(scope) if self._chance(0.7) else self._expression(scope)
            for _ in range(self._dice.choice((0, 1, 1, 2)))
        )
        keys = tuple(dict.fromkeys(key for key in keys if _COLUMN.search(key.sql()) and key.type not in SPELLED_APART))
        calls = [aggregate(self._dice, scope, floats=top) for _ in range(self._dice.randint(1, 3))]
        sets = self._dice.choice(("rollup", "cube")) if keys and self._chance(0.15) else ""
        having = None
        if self._chance(0.2):
            count = aggregate(self._dice, scope, floats=False, only="int8")
            having = Expr("bool", (count, self._dice.choice((" > ", " <> ", " <= ")), str(self._dice.choice((0, 1, 5, 40)))))
        return Query(_named([*keys, *calls]), source, joins, where, keys, sets, having)

    def _source(self, depth: int) -> Source:
        alias = next(self._aliases)
        if depth and self._chance(0.3):
            inner = self.query(depth - 1)
            return Source(alias, inner, tuple((name, e.type) for name, e in inner.outputs))
        return self._table(alias, self._dice.choice(self._schema.drawn))

    def _table(self, alias: str, name: str) -> Source:
        return Source(alias, name, self._schema.columns(name))

    def _joins(self, source: Source, depth: int) -> tuple[Join, ...]:
        if not self._chance(0.35):
            return ()
        other = self._source(depth - 1) if depth else self._table(next(self._aliases), self._dice.choice(self._schema.small))
        pairs = [(a, b) for a in source.scope() for b in other.scope() if a.type == b.type and a.type in JOINABLE]
        large = all(isinstance(item, Query) or item in self._schema.large for item in (source.item, other.item))
        pairs = [pair for pair in pairs if not large or pair[0].type in self._schema.apart]
        same = [(a, b) for a, b in pairs if a.sql().partition(".")[2] == b.sql().partition(".")[2]]
        if not pairs:
            return ()
        a, b = self._dice.choice(same if same and self._chance(0.85) else pairs)
        on = Expr("bool", (a, " = ", b))
        if self._chance(0.3):
            on = Expr("bool", ("(", on, " and ", self._predicate(source.scope() + other.scope(), 0), ")"))
        how = self._dice.choice(("inner", "inner", "left", "right"))
        return (Join(how, other, on),)

    def _expression(self, scope: Scope) -> Expr:
        return expression(self._dice, scope, self._dice.choice(scope).type, 2)

    def _predicate(self, scope: Scope, depth: int) -> Expr:
        if depth and self._chance(0.12):
            inner = [c for c in scope if c.type in JOINABLE]
            if inner:
                left = self._dice.choice(inner)
                table, name = self._dice.choice(
                    [(t, n) for t, columns in self._schema.tables.items() for n, kind in columns.items()]
                )
                kind = self._schema.tables[table][name]
                if kind == left.type:
                    word = self._dice.choice((" in ", " not in "))
                    alias = next(self._aliases)
                    some = expression(self._dice, self._table(alias, table).scope(), "bool", 1)
                    return Expr("bool", ("(", left, word, f"(select {alias}.{name} from {table} {alias} where {some.sql()}))"))
        if self._chance(0.4):
            return Expr("bool", ("(", self._dice.choice(scope), self._dice.choice((" is not null)", " is null)", " is not null)"))))
        return expression(self._dice, scope, "bool", 2)


def _named(expressions: list[Expr]) -> tuple[tuple[str, Expr], ...]:
    return tuple((f"c{i}", e) for i, e in enumerate(expressions))


def _float_sum(e: Expr) -> bool:
    return e.type in ("float4", "float8") and any(word in e.sql() for word in ("sum(", "avg("))


def shrink(wrong: Query, still_wrong: Callable[[Query], bool], tries: int = 300) -> Query:
    """A smaller query of which `still_wrong` holds as well."""
    best = wrong
    improved = True
    while improved and tries > 0:
        improved = False
        for candidate in sorted(_smaller(best), key=lambda q: len(q.sql())):
            if tries <= 0 or len(candidate.sql()) >= len(best.sql()):
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
    if q.sets:
        yield replace(q, sets="")
    for i, join in enumerate(q.joins):
        yield replace(q, joins=q.joins[:i] + q.joins[i + 1 :])
        yield replace(q, joins=(*q.joins[:i], replace(join, how="inner"), *q.joins[i + 1 :]))
        for on in join.on.smaller():
            yield replace(q, joins=(*q.joins[:i], replace(join, on=on), *q.joins[i + 1 :]))
        if isinstance(join.source.item, Query):
            for inner in _smaller(join.source.item):
                smaller = replace(join, source=replace(join.source, item=inner))
                yield replace(q, joins=(*q.joins[:i], smaller, *q.joins[i + 1 :]))
    yield from _smaller_lists(q)


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
