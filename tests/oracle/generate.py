"""Random whole queries over a schema, by default the trap tables: typed by construction, so that nearly all mean something.

The same seed gives the same query. LIMIT comes only under an ORDER BY over all output columns; float sums stay in the top
select list, where the comparison has a tolerance.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.oracle.expressions import SPELLED_APART, Expr, aggregate, expression, literal
from tests.oracle.query import Join, Query, Scope, Source
from tests.oracle.sources import recursive, series, values
from tests.oracle.windows import window

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
_COLUMN = re.compile(r"\bt\d+\.")
_RESCALED = re.compile(r"\b(?:avg|var_pop|stddev|coalesce|lag|lead|first_value|last_value|nth_value)\(| / ")
"""What gives numerics of one column different scales: 1.5 here and 1.50 there."""


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
        # Rows are told apart by the last digit, which a sum of floats leaves open.
        apart = any(_spelled_apart(e) or _float_sum(e) for _, e in made.outputs)
        if (top or self._chance(0.3)) and self._chance(0.15) and not made.sets and not made.distinct_on:
            other = replace(made, where=(self._predicate(scope, 0),))
            how = self._dice.choice(("union all", "union", "intersect", "except", "intersect all", "except all"))
            made = replace(made, union=("union all" if apart else how, other))
        # PostgreSQL 15 does not sort by a key that it knows to be one constant, even where GROUPING SETS make it NULL. (Their
        # groups have no windows for that reason, either.)
        if self._chance(0.4 if top else 0.15) and not apart and not made.sets:
            made = replace(made, limit=(self._dice.choice((1, 3, 10, 50)), self._dice.choice((0, 0, 2, 7))))
        return made

    def rows(self) -> tuple[Query, Expr]:
        source = self._source(2)
        joins = self._joins(source, 2)
        scope = source.scope() + [c for join in joins for c in join.source.scope()]
        where = tuple(self._predicate(scope, 1) for _ in range(self._dice.choice((0, 1))))
        picked = [self._picked(scope) for _ in range(self._dice.randint(1, 4))]
        return Query(_named(picked), source, joins, where), self._predicate(scope, 2)

    def _picked(self, scope: Scope) -> Expr:
        return self._dice.choice(scope) if self._chance(0.5) else self._expression(scope)

    def _plain(self, source: Source, joins: tuple[Join, ...], scope: Scope, where: tuple[Expr, ...]) -> Query:
        picked = [self._picked(scope) for _ in range(self._dice.randint(1, 4))]
        if self._chance(0.2):
            picked.append(window(self._dice, scope))
        if self._chance(0.05):
            picked += self._looked_up(scope)
        made = Query(_named(picked), source, joins, where)
        if any(map(_spelled_apart, picked)):
            return made
        if self._chance(0.1):
            return replace(made, distinct_on=self._dice.randint(1, len(picked)))
        return replace(made, distinct=self._chance(0.2))

    def _grouped(self, source: Source, joins: tuple[Join, ...], scope: Scope, where: tuple[Expr, ...], top: bool) -> Query:
        keys = tuple(
            self._dice.choice(scope) if self._chance(0.7) else self._expression(scope)
            for _ in range(self._dice.choice((0, 1, 1, 2)))
        )
        keys = tuple(dict.fromkeys(key for key in keys if _COLUMN.search(key.sql()) and not _spelled_apart(key)))
        calls = [aggregate(self._dice, scope, floats=top) for _ in range(self._dice.randint(1, 3))]
        sets = self._dice.choice(("rollup", "cube", "grouping sets")) if keys and self._chance(0.2) else ""
        if sets and self._chance(0.5):
            calls.append(Expr("int4", ("grouping(", keys[-1], ")")))
        if self._chance(0.15) and not sets:
            calls.append(window(self._dice, [e for e in (*keys, *calls) if not _float_sum(e)] or [literal("int4")]))
        having = None
        if self._chance(0.2):
            count = aggregate(self._dice, scope, floats=False, only="int8")
            having = Expr("bool", (count, self._dice.choice((" > ", " <> ", " <= ")), str(self._dice.choice((0, 1, 5, 40)))))
        return Query(_named([*keys, *calls]), source, joins, where, keys, sets, having)

    def _source(self, depth: int) -> Source:
        alias = next(self._aliases)
        if depth and self._chance(0.3):
            inner = _spelled_alike(self.query(depth - 1))
            how = self._dice.choice(("", "", "with", "materialized"))
            # PostgreSQL takes two columns of one expression for one, even where GROUPING SETS make one of them NULL, and sorts so.
            apart = {e: name for name, e in reversed(inner.outputs)}
            return Source(alias, inner, tuple((name, e.type) for name, e in inner.outputs if apart[e] == name), how)
        if self._chance(0.06):
            return Source(alias, *self._dice.choice((values, series, recursive))(self._dice))
        return self._table(alias, self._dice.choice(self._schema.drawn))

    def _table(self, alias: str, name: str) -> Source:
        return Source(alias, name, self._schema.columns(name))

    def _joins(self, source: Source, depth: int) -> tuple[Join, ...]:
        if not self._chance(0.35):
            return ()
        if self._chance(0.15):
            return self._lateral(source)
        other = self._source(depth - 1) if depth else self._table(next(self._aliases), self._dice.choice(self._schema.small))
        pairs = _pairs(source.scope(), other.scope())
        large = all(isinstance(item, Query) or item in self._schema.large for item in (source.item, other.item))
        pairs = [pair for pair in pairs if not large or pair[0].type in self._schema.apart]
        same = [(a, b) for a, b in pairs if a.sql().partition(".")[2] == b.sql().partition(".")[2]]
        if not pairs:
            return ()
        a, b = self._dice.choice(same if same and self._chance(0.85) else pairs)
        on = Expr("bool", (a, " = ", b))
        if self._chance(0.3):
            on = Expr("bool", ("(", on, " and ", self._predicate(source.scope() + other.scope(), 0), ")"))
            return (Join(self._dice.choice(("inner", "inner", "left", "right")), other, on),)
        return (Join(self._dice.choice(("inner", "inner", "left", "right", "full")), other, on),)

    def _lateral(self, source: Source) -> tuple[Join, ...]:
        """The first rows, or an aggregate, of a small table's rows that belong to each row."""
        inner = self._table(next(self._aliases), self._dice.choice(self._schema.small))
        where = self._linked(source.scope(), inner.scope())
        if where is None:
            return ()
        scope = inner.scope()
        if self._chance(0.5):
            made = Query(_named([aggregate(self._dice, scope, floats=False) for _ in range(2)]), inner, where=(where,))
        else:
            picked = [c for c in scope if c.type not in SPELLED_APART][: self._dice.randint(1, 3)]
            made = Query(_named(picked), inner, where=(where,), limit=(self._dice.choice((1, 2)), 0))
        alias = next(self._aliases)
        side = Source(alias, made, tuple((name, e.type) for name, e in made.outputs), "lateral")
        return (Join(self._dice.choice(("cross", "left")), side, Expr("bool", ("true",))),)

    def _linked(self, outer: Scope, inner: Scope) -> Expr | None:
        """That an inner row belongs to an outer one, and perhaps more; None where nothing is of one type."""
        pairs = _pairs(outer, inner)
        if not pairs:
            return None
        a, b = self._dice.choice(pairs)
        on = Expr("bool", (b, " = ", a))
        return Expr("bool", ("(", on, " and ", expression(self._dice, inner, "bool", 1), ")")) if self._chance(0.4) else on

    def _expression(self, scope: Scope) -> Expr:
        return expression(self._dice, scope, self._dice.choice(scope).type, 2)

    def _looked_up(self, scope: Scope) -> list[Expr]:
        """An aggregate over the rows of a small table that belong to each row."""
        name = self._dice.choice(self._schema.small)
        inner = self._table(next(self._aliases), name)
        link = self._linked(scope, inner.scope())
        if link is None:
            return []
        call = aggregate(self._dice, inner.scope(), floats=False)
        return [Expr(call.type, ("(select ", call, f" from {inner.sql()} where ", link, ")"))]

    def _predicate(self, scope: Scope, depth: int) -> Expr:
        asked = self._subquery(scope) if depth and self._chance(0.12) else None
        if asked is not None:
            return asked
        if self._chance(0.4):
            return Expr("bool", ("(", self._dice.choice(scope), self._dice.choice((" is not null)", " is null)", " is not null)"))))
        return expression(self._dice, scope, "bool", 2)

    def _subquery(self, scope: Scope) -> Expr | None:
        how = self._dice.choice((" in ", " not in ", " = any ", "exists", "not exists", "scalar"))
        if how == "scalar":
            return next((self._compared(scope, e) for e in self._looked_up(scope) if e.type not in SPELLED_APART), None)
        inner = self._table(next(self._aliases), self._dice.choice(tuple(self._schema.tables)))
        some = expression(self._dice, inner.scope(), "bool", 1)
        if how.endswith("exists"):
            inner = self._table(inner.alias, self._dice.choice(self._schema.small))
            link = self._linked(scope, inner.scope())
            return link and Expr("bool", (f"({how} (select 1 from {inner.sql()} where ", link, "))"))
        pairs = _pairs(scope, inner.scope())
        if not pairs:
            return None
        left, right = self._dice.choice(pairs)
        return Expr("bool", ("(", left, how, "(select ", right, f" from {inner.sql()} where ", some, "))"))

    def _compared(self, scope: Scope, value: Expr) -> Expr:
        operator = self._dice.choice((" = ", " <> ", " is distinct from "))
        return Expr("bool", ("(", expression(self._dice, scope, value.type, 1), operator, value, ")"))


def _pairs(left: Scope, right: Scope) -> list[tuple[Expr, Expr]]:
    """Columns of one type that rows may be matched by."""
    return [(a, b) for a in left for b in right if a.type == b.type and a.type in JOINABLE]


def _named(expressions: list[Expr]) -> tuple[tuple[str, Expr], ...]:
    return tuple((f"c{i}", e) for i, e in enumerate(expressions))


def _spelled_apart(e: Expr) -> bool:
    """Its equal values may read differently: which of them a group, or a row of DISTINCT, shows is open."""
    return e.type in SPELLED_APART or (e.type == "numeric" and _RESCALED.search(e.sql()) is not None)


def _spelled_alike(q: Query) -> Query:
    """The query as a source, whose columns others group and sort by: equal numerics read alike."""
    union = q.union and (q.union[0], _spelled_alike(q.union[1]))
    return replace(q, outputs=tuple((name, _trimmed(e)) for name, e in q.outputs), union=union)


def _trimmed(e: Expr) -> Expr:
    return Expr("numeric", ("trim_scale(", e, ")")) if e.type == "numeric" and _spelled_apart(e) else e


def _float_sum(e: Expr) -> bool:
    return e.type in ("float4", "float8") and any(word in e.sql() for word in ("sum(", "avg("))
