"""The bound query: a frozen, typed tree in the shape of PostgreSQL's Query node.

Contract (`bind` makes it, planner rules rewrite it, `lower` and the dialects read it):

* Names no longer matter. Every relation has an id (`rel`) unique in the whole tree, so a `Var(rel, col)` means the same wherever it
  stands; a Var whose relation is not in its own block's FROM is an outer reference. `col` is the attnum for a table and the id of
  the target (output column) for a derived relation, CTE, function or exchange. Whole-row references are RowExprs.
* Ordinals, stars, aliases, USING, NATURAL, views and single-use CTEs are gone. Names live on in `Target.name` and `OutputColumn`.
* Every expression has its PostgreSQL type. Conversions are explicit `Coerce` nodes: arguments have exactly the types that
  `arg_types` says. Literals are typed `Const`s. NULL order is explicit in every SortKey.
* In a block with GROUP BY every sub-expression equal to a key is `GroupRef(i)` in targets and HAVING. Other Vars of the block's own
  relations stand only inside aggregate arguments there.
* ORDER BY, DISTINCT ON and windows name targets by id; what is only sorted by is a `junk` target, never shown.
* `pos` is the 1-based character offset into the statement, None where the text has none; it does not take part in equality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias, TypeVar, cast

import pyarrow as pa

from fedgate.schema import Table
from fedgate.types import SqlType
from fedgate.types.values import Value

BOOL = SqlType(16)
INT4 = SqlType(23)
INT8 = SqlType(20)
RECORD = SqlType(2249)


def _pos() -> Any:
    return field(default=None, compare=False, repr=False, kw_only=True)


# ---------------------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Var:
    """A column of a relation."""

    rel: int
    col: int
    type: SqlType
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; `value` as in fedgate.types.values."""

    type: SqlType
    value: Value
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class Param:
    """A value known at execution: `$1` is named "1"; preludes "q0"…; the statement's own facts by name ("now", "user", …)."""

    name: str
    type: SqlType
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class FuncExpr:
    """A call of the ordinary function pg_proc `oid`. `arg_types` are OIDs, polymorphic ones resolved.

    With `variadic`, the last argument is the array of the variadic arguments.
    """

    name: str
    args: tuple[Expr, ...]
    arg_types: tuple[int, ...]
    type: SqlType
    oid: int
    variadic: bool = False
    returns_set: bool = False
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class OpExpr:
    """The operator pg_operator `oid`; one argument is a prefix operator."""

    name: str
    args: tuple[Expr, ...]
    arg_types: tuple[int, ...]
    type: SqlType
    oid: int
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class ScalarArrayOp:
    """`left op ANY (right)` or, with `all`, `left op ALL (right)`; `right` is an array. `x IN (1, 2)` is `= ANY (ARRAY[1, 2])`."""

    name: str
    left: Expr
    right: Expr
    arg_types: tuple[int, ...]
    all: bool
    oid: int
    type: SqlType = BOOL
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class Coerce:
    """A conversion to `type`.

    method: `relabel` (same representation), `function` (pg_cast function, or a typmod coercion), `io` (through text),
    `array` (element by element). `explicit` matters to typmods: an explicit cast truncates, an implicit one raises 22001.
    """

    arg: Expr
    type: SqlType
    method: Literal["relabel", "function", "io", "array"]
    explicit: bool
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class BoolExpr:
    op: Literal["and", "or", "not"]
    args: tuple[Expr, ...]
    type: SqlType = BOOL
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class NullTest:
    """`arg IS [NOT] NULL`; of a row value, when every (no) field is NULL."""

    arg: Expr
    negated: bool
    type: SqlType = BOOL
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class BooleanTest:
    """`arg IS [NOT] TRUE | FALSE | UNKNOWN`."""

    arg: Expr
    test: Literal["true", "false", "unknown"]
    negated: bool
    type: SqlType = BOOL
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class DistinctExpr:
    """`left IS [NOT] DISTINCT FROM right`; `oid` is the = operator's."""

    left: Expr
    right: Expr
    arg_types: tuple[int, ...]
    negated: bool
    oid: int
    type: SqlType = BOOL
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class NullIf:
    """`NULLIF(left, right)`: `result` is the left argument before its coercion for =; `oid` is the = operator's."""

    left: Expr
    right: Expr
    result: Expr
    arg_types: tuple[int, ...]
    type: SqlType
    oid: int
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class When:
    condition: Expr
    result: Expr


@dataclass(frozen=True, slots=True)
class Case:
    """Searched CASE; the simple form is bound to `operand = value` conditions. `default` is a NULL Const when absent."""

    whens: tuple[When, ...]
    default: Expr
    type: SqlType
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class Coalesce:
    args: tuple[Expr, ...]
    type: SqlType
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class MinMax:
    """GREATEST or LEAST."""

    op: Literal["greatest", "least"]
    args: tuple[Expr, ...]
    type: SqlType
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class ArrayExpr:
    """`ARRAY[…]`, one dimension; `type` is the array type."""

    elements: tuple[Expr, ...]
    type: SqlType
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class RowExpr:
    """`ROW(…)`, or a whole-row reference; `names` are the field names (f1, f2, … for ROW)."""

    fields: tuple[Expr, ...]
    names: tuple[str, ...]
    type: SqlType = RECORD
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class FieldSelect:
    """Field number `field` (from 0) of a row value."""

    arg: Expr
    field: int
    type: SqlType
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class RowCompare:
    """`(a, b) op (c, d)`, field by field; `oids` are the operators' of each pair."""

    op: Literal["=", "<>", "<", "<=", ">", ">="]
    left: tuple[Expr, ...]
    right: tuple[Expr, ...]
    oids: tuple[int, ...]
    type: SqlType = BOOL
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class Subscript:
    """`arg[index]`, or the slice `arg[lower:upper]` when `slice`; an omitted bound is None."""

    arg: Expr
    index: Expr | None
    upper: Expr | None
    slice: bool
    type: SqlType
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class SubLink:
    """A subquery in an expression.

    kind `exists`; `scalar` (one column, at most one row, else 21000); `array` (ARRAY(SELECT …));
    `any` / `all`: `left[i] op query column i`, with `op` the operator's name and `oids` one per column (x IN (…) is = any).
    Correlated references are Vars of outer relations.
    """

    kind: Literal["exists", "scalar", "array", "any", "all"]
    query: Query
    type: SqlType
    left: tuple[Expr, ...] = ()
    op: str = ""
    oids: tuple[int, ...] = ()
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class SortBy:
    """An ORDER BY item inside an aggregate or window."""

    expr: Expr
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Aggref:
    """An aggregate call. `count(*)` has no args and `star`. Ordered-set aggregates have `within_group`: their ORDER BY is
    `order_by` and `args` are the direct arguments. `levels_up` > 0: it belongs to an enclosing block, that many blocks out.
    """

    name: str
    args: tuple[Expr, ...]
    arg_types: tuple[int, ...]
    type: SqlType
    oid: int
    star: bool = False
    distinct: bool = False
    order_by: tuple[SortBy, ...] = ()
    filter: Expr | None = None
    within_group: bool = False
    levels_up: int = 0
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class Frame:
    """A window frame. Bounds: ("unbounded_preceding" | "preceding" | "current_row" | "following" |
    "unbounded_following", offset)."""

    mode: Literal["rows", "range", "groups"]
    start: str
    start_offset: Expr | None
    end: str
    end_offset: Expr | None
    exclude: Literal["", "current_row", "group", "ties"] = ""


@dataclass(frozen=True, slots=True)
class WindowFunc:
    """A window function, or an aggregate used as one (`aggregate`). `frame` None is the default frame."""

    name: str
    args: tuple[Expr, ...]
    arg_types: tuple[int, ...]
    type: SqlType
    oid: int
    partition_by: tuple[Expr, ...]
    order_by: tuple[SortBy, ...]
    frame: Frame | None
    aggregate: bool = False
    star: bool = False
    filter: Expr | None = None
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class GroupRef:
    """Key number `index` (from 0) of the block's `group_by`, NULL where a grouping set leaves it out."""

    index: int
    type: SqlType
    pos: int | None = _pos()


@dataclass(frozen=True, slots=True)
class GroupingFunc:
    """`GROUPING(…)` over key numbers of the block."""

    keys: tuple[int, ...]
    type: SqlType = INT4
    pos: int | None = _pos()


Expr: TypeAlias = (
    Var
    | Const
    | Param
    | FuncExpr
    | OpExpr
    | ScalarArrayOp
    | Coerce
    | BoolExpr
    | NullTest
    | BooleanTest
    | DistinctExpr
    | NullIf
    | Case
    | Coalesce
    | MinMax
    | ArrayExpr
    | RowExpr
    | FieldSelect
    | RowCompare
    | Subscript
    | SubLink
    | Aggref
    | WindowFunc
    | GroupRef
    | GroupingFunc
)

# ---------------------------------------------------------------------------------------------------- queries


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column that a query gives: `id` is what Vars of a relation around it name."""

    id: int
    name: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class TableRef:
    """A table in FROM. Vars of it use attnums."""

    rel: int
    table: Table
    alias: str = ""
    pos: int | None = _pos()


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
    """An output column; `junk` ones are only there to be sorted by."""

    id: int
    expr: Expr
    name: str
    junk: bool = False


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
        return tuple(OutputColumn(t.id, t.name, t.expr.type) for t in self.targets if not t.junk)


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


# ---------------------------------------------------------------------------------------------------- walking

Node: TypeAlias = Any
N = TypeVar("N")
_QUERIES = (Block, SetOp, Values)


def is_query(node: object) -> bool:
    return isinstance(node, _QUERIES)


_NO_NODES = frozenset(
    ["pos", "type", "name", "oid", "rel", "col", "arg_types", "oids", "names", "columns", "schema", "table", "alias", "kind", "op"]
)


_FIELD_NAMES: dict[Any, tuple[str, ...]] = {}
_NODE_TYPES: dict[Any, bool] = {}


def _field_names(node_type: Any) -> tuple[str, ...]:
    """The fields that can hold nodes."""
    found = _FIELD_NAMES.get(node_type)
    if found is None:
        found = _FIELD_NAMES[node_type] = tuple(f.name for f in fields(node_type) if f.name not in _NO_NODES)
    return found


def children(node: Node) -> Iterator[Node]:
    """The direct child nodes of any node of this module, in field order."""
    for name in _field_names(type(node)):
        value = getattr(node, name)
        if isinstance(value, tuple):
            for item in value:
                if isinstance(item, tuple):
                    yield from (i for i in item if _is_node(i))
                elif _is_node(item):
                    yield item
        elif _is_node(value):
            yield value


def walk(node: Node, *, into_queries: bool = False) -> Iterator[Node]:
    """`node` and all below it, top down. Nested queries are entered only with `into_queries` (then FROM items too)."""
    yield node
    for child in children(node):
        if into_queries or not is_query(child):
            yield from walk(child, into_queries=into_queries)


def transform(node: N, fn: Callable[[Node], Node], *, into_queries: bool = False) -> N:
    """A copy with `fn` applied to every node bottom-up; unchanged sub-trees are kept as they are."""
    changes: dict[str, Any] = {}
    for name in _field_names(type(node)):
        value = getattr(node, name)
        new = _transform_value(value, fn, into_queries)
        if new is not value:
            changes[name] = new
    return cast(N, fn(replace(cast(Any, node), **changes) if changes else node))


def _transform_value(value: Any, fn: Callable[[Node], Node], into_queries: bool) -> Any:
    if isinstance(value, tuple):
        if type(value) is not tuple:  # a NamedTuple is a value, not a list of nodes
            return value
        items = tuple(_transform_value(item, fn, into_queries) for item in value)
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if _is_node(value) and (into_queries or not is_query(value)):
        return transform(value, fn, into_queries=into_queries)
    return value


def _is_node(value: object) -> bool:
    found = _NODE_TYPES.get(type(value))
    if found is None:
        found = _NODE_TYPES[type(value)] = type(value).__module__ == __name__ and type(value) is not OutputColumn
    return found


def conjuncts(predicate: Expr | None) -> tuple[Expr, ...]:
    """The AND-ed parts of a predicate, in the order written; () for None."""
    if predicate is None:
        return ()
    if isinstance(predicate, BoolExpr) and predicate.op == "and":
        return tuple(part for arg in predicate.args for part in conjuncts(arg))
    return (predicate,)


def conjunction(parts: tuple[Expr, ...]) -> Expr | None:
    """The opposite of `conjuncts`."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else BoolExpr("and", parts)
