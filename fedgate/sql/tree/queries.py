"""Queries, FROM items, and whole statements of the bound query."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import pyarrow as pa

from fedgate.schema import Table
from fedgate.sql.tree.expressions import Expr, pos_field
from fedgate.types import SqlType

ONLY_REL: Final = 0
"""The relation that `TableRef.only` calls the table; no relation of a statement has this id."""


Origin: TypeAlias = tuple[int, int]
"""The OID of a relation and the attnum of its column."""


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column that a query gives: `id` is what Vars of a relation around it name.

    `origin` is the column of a table or view that it plainly is, told to clients; `ascii` says that its collation is C. Both mean
    nothing to the query.
    """

    id: int
    name: str
    type: SqlType
    origin: Origin | None = field(default=None, compare=False)
    ascii: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TableRef:
    """A table in FROM. Vars of it use attnums.

    `only`: the table has, for this statement's role, no other rows than those for which it is true. It is an expression over the
    table's columns as Vars of relation `ONLY_REL`, so that it means the same wherever the reference goes. None: all rows.
    """

    rel: int
    table: Table
    alias: str = ""
    only: Expr | None = None
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class Derived:
    """A subquery in FROM."""

    rel: int
    query: Query
    lateral: bool = False
    alias: str = ""


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """Set-returning (or scalar) functions in FROM: ROWS FROM (f1, f2, …) [WITH ORDINALITY].

    `columns` are numbered from 1 across the functions' outputs, the ordinality column last. A function whose result is a record
    gives one column per field.
    """

    rel: int
    functions: tuple[Expr, ...]
    columns: tuple[OutputColumn, ...]
    ordinality: bool = False
    lateral: bool = False
    alias: str = ""


@dataclass(frozen=True, slots=True)
class CteRef:
    """A use of the CTE `cte` (its id)."""

    rel: int
    cte: int
    columns: tuple[OutputColumn, ...]
    alias: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeRef:
    """A use of an exchange in a final query, or of a node's superset rows in a residual. Column i is named `c<id>` in `name`."""

    rel: int
    name: str
    columns: tuple[OutputColumn, ...]
    schema: pa.Schema = field(compare=False)


@dataclass(frozen=True, slots=True)
class Join:
    kind: Literal["inner", "left", "right", "full"]
    left: FromItem
    right: FromItem
    on: Expr | None


FromItem: TypeAlias = TableRef | Derived | FunctionRef | CteRef | ExchangeRef | Join


@dataclass(frozen=True, slots=True)
class Target:
    """An output column; `junk` ones are only there to be sorted by. `origin` and `ascii`: as an OutputColumn's."""

    id: int
    expr: Expr
    name: str
    junk: bool = False
    origin: Origin | None = field(default=None, compare=False, repr=False)
    ascii: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SortKey:
    """Sort by the output column (target) `column`."""

    column: int
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Cte:
    """A WITH item that was not inlined. A recursive one is a SetOp whose right branch reads CteRef(cte=id)."""

    id: int
    name: str
    query: Query
    recursive: bool = False
    materialized: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One SELECT.

    `group_by` are the distinct keys; `grouping_sets` None for plain GROUP BY, otherwise sets of key numbers, one of which may be
    empty. `grouped` is true when the block groups at all (keys, sets, aggregates or HAVING): with no keys it gives one row.
    `distinct`: False, True, or the ids of the DISTINCT ON targets.
    """

    targets: tuple[Target, ...]
    from_: tuple[FromItem, ...] = ()
    where: Expr | None = None
    group_by: tuple[Expr, ...] = ()
    grouping_sets: tuple[tuple[int, ...], ...] | None = None
    grouped: bool = False
    having: Expr | None = None
    distinct: bool | tuple[int, ...] = False
    order_by: tuple[SortKey, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None
    with_ties: bool = False
    ctes: tuple[Cte, ...] = ()

    @property
    def columns(self) -> tuple[OutputColumn, ...]:
        return tuple(OutputColumn(t.id, t.name, t.expr.type, t.origin, t.ascii) for t in self.targets if not t.junk)


@dataclass(frozen=True, slots=True)
class SetOp:
    """UNION, INTERSECT or EXCEPT [ALL]; branches match by position and already have the output's types."""

    op: Literal["union", "intersect", "except"]
    all: bool
    left: Query
    right: Query
    columns: tuple[OutputColumn, ...]
    order_by: tuple[SortKey, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None
    with_ties: bool = False
    ctes: tuple[Cte, ...] = ()


@dataclass(frozen=True, slots=True)
class Values:
    """VALUES lists; `columns` ids from 1."""

    rows: tuple[tuple[Expr, ...], ...]
    columns: tuple[OutputColumn, ...]
    order_by: tuple[SortKey, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None
    with_ties: bool = False
    ctes: tuple[Cte, ...] = ()


Query: TypeAlias = Block | SetOp | Values


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A whole statement: `parameters[i]` is the type of `$i+1`; `next_id` is above every relation id in the tree."""

    query: Query
    parameters: tuple[SqlType, ...]
    next_id: int

    @property
    def columns(self) -> tuple[OutputColumn, ...]:
        return self.query.columns
