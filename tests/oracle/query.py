"""A query as a tree of its own, so that a wrong answer can be made small: what stands in FROM, joins, and how all is printed."""

from __future__ import annotations

from dataclasses import dataclass

from tests.oracle.expressions import Expr, column

Scope = list[Expr]


@dataclass(frozen=True, slots=True)
class Source:
    """What stands in FROM under an alias: a table's name, other text or a query; with `columns` name → type.

    `how` a query stands there: in place ("", "lateral"), or in WITH ("with", "materialized").
    """

    alias: str
    item: str | Query
    columns: tuple[tuple[str, str], ...]
    how: str = ""

    @property
    def named(self) -> bool:
        return self.how in ("with", "materialized")

    def sql(self) -> str:
        if isinstance(self.item, str):
            return f"{self.item} {self.alias}"
        return f"w_{self.alias} {self.alias}" if self.named else f"{self.how} ({self.item.sql()}) {self.alias}".lstrip()

    def definition(self) -> str:
        """Its entry in WITH."""
        assert isinstance(self.item, Query)
        return f"w_{self.alias} as {'materialized ' if self.how == 'materialized' else ''}({self.item.sql()})"

    def scope(self) -> Scope:
        return [column(self.alias, name, kind) for name, kind in self.columns]


@dataclass(frozen=True, slots=True)
class Join:
    how: str
    source: Source
    on: Expr


@dataclass(frozen=True, slots=True)
class Query:
    """`keys` are expressions of GROUP BY; `sets` how they are grouped ("" plain, or rollup, cube, grouping sets).

    `distinct_on`: the first of each run of rows that are alike in so many outputs, in the order of all of them.
    """

    outputs: tuple[tuple[str, Expr], ...]
    source: Source
    joins: tuple[Join, ...] = ()
    where: tuple[Expr, ...] = ()
    keys: tuple[Expr, ...] = ()
    sets: str = ""
    having: Expr | None = None
    distinct: bool = False
    distinct_on: int = 0
    union: tuple[str, Query] | None = None
    limit: tuple[int, int] | None = None

    def sql(self) -> str:
        named = [source.definition() for source in (self.source, *(join.source for join in self.joins)) if source.named]
        parts = [f"with {', '.join(named)}"] if named else []
        parts.append(self._body())
        if self.union is not None:
            parts.append(f"{self.union[0]} {self.union[1]._body()}")
        ordinals = ", ".join(
            f"{i + 1}{' desc nulls last' if self.limit and i % 2 == self.limit[0] % 2 else ''}" for i in range(len(self.outputs))
        )
        if self.distinct_on or self.limit:
            parts.append(f"order by {ordinals}")
        if self.limit is not None:
            parts.append(f"limit {self.limit[0]} offset {self.limit[1]}")
        return " ".join(parts)

    def _body(self) -> str:
        on = ", ".join(str(i + 1) for i in range(self.distinct_on))
        distinct = f"distinct on ({on}) " if on else "distinct " if self.distinct else ""
        parts = [f"select {distinct}{', '.join(f'{e.sql()} as {name}' for name, e in self.outputs)} from {self.source.sql()}"]
        parts += [f"{j.how} join {j.source.sql()}" + (f" on {j.on.sql()}" if j.how != "cross" else "") for j in self.joins]
        if self.where:
            parts.append("where " + " and ".join(e.sql() for e in self.where))
        if self.keys:
            parts.append(f"group by {self._grouping()}")
        if self.having is not None:
            parts.append(f"having {self.having.sql()}")
        return " ".join(parts)

    def _grouping(self) -> str:
        keys = ", ".join(e.sql() for e in self.keys)
        if self.sets == "grouping sets":
            return f"grouping sets (({keys}), ({self.keys[0].sql()}), ())"
        return f"{self.sets}({keys})" if self.sets else keys
