"""Scalar expressions of the bound query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from fedgate.types import SqlType
from fedgate.types.values import Value

if TYPE_CHECKING:
    from fedgate.sql.tree.queries import Query

BOOL = SqlType(16)
INT4 = SqlType(23)
INT8 = SqlType(20)
RECORD = SqlType(2249)


def pos_field() -> Any:
    """The `pos` field that every node with a place in the text has."""
    return field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Var:
    """A column of a relation."""

    rel: int
    col: int
    type: SqlType
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True, eq=False)
class Const:
    """A literal; `value` as in fedgate.types.values.

    Equal are constants that PostgreSQL stores alike: 1.0 and 1.00 are not, nor 0 and -0. Plans are kept by statements' equality.
    """

    type: SqlType
    value: Value
    pos: int | None = pos_field()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Const):
            return NotImplemented
        return self.type == other.type and _same(self.value, other.value)

    def __hash__(self) -> int:
        return hash((self.type, self.value))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, (float, Decimal)) or isinstance(b, (float, Decimal)):
        return type(a) is type(b) and str(a) == str(b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    equal: bool = a == b
    return equal


@dataclass(frozen=True, slots=True)
class Param:
    """A value known at execution: `$1` is named "1"; preludes "q0"…; the statement's own facts by name ("now", "user", …)."""

    name: str
    type: SqlType
    pos: int | None = pos_field()


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
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class OpExpr:
    """The operator pg_operator `oid`; one argument is a prefix operator."""

    name: str
    args: tuple[Expr, ...]
    arg_types: tuple[int, ...]
    type: SqlType
    oid: int
    pos: int | None = pos_field()


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
    pos: int | None = pos_field()


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
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class BoolExpr:
    op: Literal["and", "or", "not"]
    args: tuple[Expr, ...]
    type: SqlType = BOOL
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class NullTest:
    """`arg IS [NOT] NULL`; of a row value, when every (no) field is NULL."""

    arg: Expr
    negated: bool
    type: SqlType = BOOL
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class BooleanTest:
    """`arg IS [NOT] TRUE | FALSE | UNKNOWN`."""

    arg: Expr
    test: Literal["true", "false", "unknown"]
    negated: bool
    type: SqlType = BOOL
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class DistinctExpr:
    """`left IS [NOT] DISTINCT FROM right`; `oid` is the = operator's."""

    left: Expr
    right: Expr
    arg_types: tuple[int, ...]
    negated: bool
    oid: int
    type: SqlType = BOOL
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class NullIf:
    """`NULLIF(left, right)`: `result` is the left argument before its coercion for =; `oid` is the = operator's."""

    left: Expr
    right: Expr
    result: Expr
    arg_types: tuple[int, ...]
    type: SqlType
    oid: int
    pos: int | None = pos_field()


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
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class Coalesce:
    args: tuple[Expr, ...]
    type: SqlType
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class MinMax:
    """GREATEST or LEAST."""

    op: Literal["greatest", "least"]
    args: tuple[Expr, ...]
    type: SqlType
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class ArrayExpr:
    """`ARRAY[…]`, one dimension; `type` is the array type."""

    elements: tuple[Expr, ...]
    type: SqlType
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class RowExpr:
    """`ROW(…)`, or a whole-row reference; `names` are the field names (f1, f2, … for ROW).

    `present` is set where the row may be NULL, as on the null side of an outer join: it is where `present` is NULL.
    """

    fields: tuple[Expr, ...]
    names: tuple[str, ...]
    present: Expr | None = None
    type: SqlType = RECORD
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class FieldSelect:
    """Field number `field` (from 0) of a row value."""

    arg: Expr
    field: int
    type: SqlType
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class RowCompare:
    """`(a, b) op (c, d)`, field by field; `oids` are the operators' of each pair."""

    op: Literal["=", "<>", "<", "<=", ">", ">="]
    left: tuple[Expr, ...]
    right: tuple[Expr, ...]
    oids: tuple[int, ...]
    type: SqlType = BOOL
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class Subscript:
    """`arg[index]`, or the slice `arg[lower:upper]` when `slice`; an omitted bound is None."""

    arg: Expr
    index: Expr | None
    upper: Expr | None
    slice: bool
    type: SqlType
    pos: int | None = pos_field()


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
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class SortBy:
    """An ORDER BY item inside an aggregate or window."""

    expr: Expr
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Aggref:
    """An aggregate call. `count(*)` has no args and `star`. Ordered-set aggregates have `within_group`: their ORDER BY is
    `order_by` and `args` are the direct arguments. It belongs to the block whose expression it stands in.
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
    pos: int | None = pos_field()


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

    def sql(self, write: Callable[[Expr], str]) -> str:
        """The frame as PostgreSQL writes it; `write` gives an offset's text."""

        def words(name: str) -> str:
            return name.replace("_", " ").upper()

        bounds = ((self.start, self.start_offset), (self.end, self.end_offset))
        start, end = (words(name) if offset is None else f"{write(offset)} {words(name)}" for name, offset in bounds)
        return f"{words(self.mode)} BETWEEN {start} AND {end}" + (f" EXCLUDE {words(self.exclude)}" if self.exclude else "")


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
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class GroupRef:
    """Key number `index` (from 0) of the block's `group_by`, NULL where a grouping set leaves it out."""

    index: int
    type: SqlType
    pos: int | None = pos_field()


@dataclass(frozen=True, slots=True)
class GroupingFunc:
    """`GROUPING(…)` over key numbers of the block."""

    keys: tuple[int, ...]
    type: SqlType = INT4
    pos: int | None = pos_field()


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
