"""Rows as columns of queries: each is spread over columns of its fields, so that only fields travel, are compared and sorted.

Contract: `spread` gives a query of the same rows, and for each column that was a row the `Spread` that makes it again from
the columns that took its place. Row values that are not written out as fields (CASE … THEN r END) stay as they are.

Source of the order and equality of rows: https://www.postgresql.org/docs/15/functions-comparisons.html#COMPOSITE-TYPE-COMPARISON
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fedgate.errors import unsupported
from fedgate.schema import TEXT
from fedgate.sql.bind.rows import WRITTEN_ROW
from fedgate.sql.bind.state import Binder, State
from fedgate.sql.bind.typenames import UNKNOWN
from fedgate.sql.tree import (
    BOOL,
    Aggref,
    ArrayExpr,
    Block,
    Case,
    Const,
    Derived,
    Expr,
    FuncExpr,
    NullTest,
    OutputColumn,
    Query,
    RowExpr,
    SetOp,
    SortKey,
    SubLink,
    Target,
    Values,
    Var,
    When,
)
from fedgate.sql.tree.expressions import RECORD
from fedgate.types import SqlType

_RECORDS = RECORD.pg.array_oid


@dataclass(frozen=True, slots=True)
class Spread:
    """A row over columns. `parts` are columns or rows in turn; `present` is NULL where the row is."""

    names: tuple[str, ...]
    parts: tuple[OutputColumn | Spread, ...]
    present: OutputColumn | None
    type: SqlType

    def expr(self, rel: int) -> RowExpr:
        """The row, read from the columns of `rel`."""
        present = Var(rel, self.present.id, BOOL) if self.present is not None else None
        return RowExpr(tuple(_read(part, rel) for part in self.parts), self.names, present, self.type)

    def leaves(self) -> Iterator[OutputColumn]:
        """Every column, the one that tells NULL rows first."""
        if self.present is not None:
            yield self.present
        for part in self.parts:
            if isinstance(part, Spread):
                yield from part.leaves()
            else:
                yield part


Spreads = dict[int, Spread]


def _read(part: OutputColumn | Spread, rel: int) -> Expr:
    return part.expr(rel) if isinstance(part, Spread) else Var(rel, part.id, part.type)


def read_column(spreads: Spreads, column: OutputColumn, rel: int) -> Expr:
    """Column `column` of a query that was spread, read from `rel`."""
    return _read(spreads.get(column.id, column), rel)


def leaves(spreads: Spreads, column: OutputColumn) -> Iterator[OutputColumn]:
    """The columns that hold `column` of a query that was spread."""
    return spreads[column.id].leaves() if column.id in spreads else iter((column,))


def spread(binder: Binder, query: Query) -> tuple[Query, Spreads]:
    """The query without rows among its columns, and what each of them became. 0A000 for rows of different types in one column."""
    if isinstance(query, Block):
        return _block(binder, query)
    if isinstance(query, SetOp):
        return _set_operation(binder, query)
    return _values(binder, query)


def _split(binder: Binder, row: RowExpr, name: str) -> tuple[Spread, list[Target]]:
    """The shape of a row, and the targets of its leaves in their order."""
    targets: list[Target] = []
    present = None
    if row.present is not None:
        there: Expr = Case((When(NullTest(row.present, True), Const(BOOL, True)),), Const(BOOL, None), BOOL)
        targets.append(Target(binder.new_id(), there, name))
        present = OutputColumn(targets[0].id, name, BOOL)
    parts: list[OutputColumn | Spread] = []
    for field in row.fields:
        if isinstance(field, RowExpr):
            part, inner = _split(binder, field, name)
            parts.append(part)
            targets += inner
        else:
            # PostgreSQL leaves literals in rows without a type, and writes them as text.
            field = replace(field, type=TEXT) if isinstance(field, Const) and field.type.oid == UNKNOWN else field
            targets.append(Target(binder.new_id(), field, name))
            parts.append(OutputColumn(targets[-1].id, name, field.type))
    return Spread(row.names, tuple(parts), present, row.type), targets


def _block(binder: Binder, query: Block) -> tuple[Block, Spreads]:
    spreads: Spreads = {}
    targets: list[Target] = []
    for target in query.targets:
        if isinstance(target.expr, RowExpr):
            shape, parts = _split(binder, target.expr, target.name)
            spreads[target.id] = shape
            targets += (replace(part, junk=target.junk) for part in parts)
        else:
            targets.append(target)
    if not spreads:
        return query, spreads
    distinct = query.distinct
    if isinstance(distinct, tuple):
        held = {column: [leaf.id for leaf in shape.leaves()] for column, shape in spreads.items()}
        distinct = tuple(leaf for column in distinct for leaf in held.get(column, [column]))
    return replace(query, targets=tuple(targets), distinct=distinct, order_by=_sorted(spreads, query.order_by)), spreads


def _sorted(spreads: Spreads, keys: Sequence[SortKey]) -> tuple[SortKey, ...]:
    """Rows are sorted by their fields, whose NULLs are above every value whatever NULLS FIRST or LAST says of whole rows."""
    made: list[SortKey] = []
    for key in keys:
        if (shape := spreads.get(key.column)) is None:
            made.append(key)
            continue
        for leaf in shape.leaves():
            first = key.nulls_first if leaf is shape.present else key.descending
            made.append(SortKey(leaf.id, key.descending, first))
    return tuple(made)


def _set_operation(binder: Binder, query: SetOp) -> tuple[SetOp, Spreads]:
    if not any(column.type.oid == RECORD.oid for column in query.columns):
        return query, {}
    left, lefts = spread(binder, query.left)
    right, rights = spread(binder, query.right)
    spreads: Spreads = {}
    columns: list[OutputColumn] = []
    for column, one, two in zip(query.columns, query.left.columns, query.right.columns, strict=True):
        if one.id not in lefts and two.id not in rights:
            columns.append(column)
            continue
        shape = lefts.get(one.id)
        if shape is None or two.id not in rights or _types(shape) != _types(rights[two.id]):
            raise unsupported("rows of different types in one column")
        spreads[column.id] = made = _renumbered(shape, lambda leaf: replace(leaf, id=binder.new_id()))
        columns += made.leaves()
    return replace(query, left=left, right=right, columns=tuple(columns), order_by=_sorted(spreads, query.order_by)), spreads


def _types(shape: Spread) -> list[object]:
    inner: list[object] = [_types(part) if isinstance(part, Spread) else part.type for part in shape.parts]
    return [shape.present is None, *inner]


def _renumbered(shape: Spread, number: Callable[[OutputColumn], OutputColumn]) -> Spread:
    present = number(shape.present) if shape.present is not None else None
    parts = tuple(_renumbered(part, number) if isinstance(part, Spread) else number(part) for part in shape.parts)
    return replace(shape, present=present, parts=parts)


def _values(binder: Binder, query: Values) -> tuple[Query, Spreads]:
    if not any(isinstance(expr, RowExpr) for row in query.rows for expr in row):
        return query, {}
    if query.order_by or query.limit is not None or query.offset is not None or query.ctes:
        raise unsupported("sorting or limiting VALUES of rows")
    blocks: list[Query] = [
        Block(tuple(Target(binder.new_id(), expr, column.name) for expr, column in zip(row, query.columns, strict=True)))
        for row in query.rows
    ]
    made = blocks[0]
    for block in blocks[1:]:
        columns = tuple(replace(column, id=binder.new_id()) for column in query.columns)
        made = SetOp("union", True, made, block, columns)
    given, spreads = spread(binder, made)
    places = {new.id: old.id for new, old in zip(made.columns, query.columns, strict=True)}
    if any(column.id in places for column in given.columns):
        raise unsupported("rows beside other columns in VALUES")
    return given, {places[column]: shape for column, shape in spreads.items()}


def written_rows(state: State, query: Query) -> Query:
    """The statement's query with the rows that it gives in their text."""
    if isinstance(query, Block) and query.distinct is False:
        return _written_block(state.binder, query)
    given, spreads = spread(state.binder, query)
    if not spreads:
        return query
    rel = State(state.binder, state).new_rel()
    numbers = {column.id: state.binder.new_id() for column in given.columns}
    sorted_by = {key.column for key in given.order_by}
    junk = [Target(numbers[c.id], Var(rel, c.id, c.type), "", junk=True) for c in given.columns if c.id in sorted_by]
    targets = [Target(state.binder.new_id(), written(read_column(spreads, column, rel)), column.name) for column in query.columns]
    if any(key.column not in numbers for key in given.order_by):
        raise unsupported("rows beside a DISTINCT that sorts by what it does not give")
    keys = tuple(replace(key, column=numbers[key.column]) for key in given.order_by)
    return Block((*targets, *junk), (Derived(rel, given),), order_by=keys)


def _written_block(binder: Binder, query: Block) -> Block:
    sorted_by = {key.column for key in query.order_by}
    targets: list[Target] = []
    junk: list[Target] = []
    spreads: Spreads = {}
    for target in query.targets:
        row = target.expr
        if target.id in sorted_by and isinstance(row, RowExpr):
            spreads[target.id], parts = _split(binder, row, "")
            junk += (replace(part, junk=True) for part in parts)
        if not (target.junk and isinstance(row, RowExpr)):
            targets.append(replace(target, expr=written(row)))
    return replace(query, targets=(*targets, *junk), order_by=_sorted(spreads, query.order_by))


def written(expr: Expr) -> Expr:
    """A row, or an array of rows, in its text; other expressions as they are."""
    if isinstance(expr, RowExpr):
        expr = _with_arrays_written(expr)
        return FuncExpr(WRITTEN_ROW, (expr,), (RECORD.oid,), _with_fields(expr), 0, pos=expr.pos)
    if isinstance(expr, SubLink) and expr.type.oid in (RECORD.oid, _RECORDS) and isinstance(expr.query, Block):
        return _written_query(expr, expr.query)
    if isinstance(expr, Aggref) and expr.name == "array_agg" and expr.args[0].type.fields:
        return replace(expr, type=_records(expr.args[0]))
    if isinstance(expr, Aggref) and expr.name == "array_agg" and not expr.distinct and _is_plain(expr.args[0]):
        row = written(expr.args[0])
        return replace(expr, args=(row,), type=_records(row))
    if isinstance(expr, ArrayExpr) and expr.elements and all(_is_plain(e) or e.type.fields for e in expr.elements):
        rows = tuple(map(written, expr.elements))
        kinds = {row.type: row for row in rows if not isinstance(row, Const)}
        return replace(expr, elements=rows, type=_records(*kinds.values()) if len(kinds) == 1 else expr.type)
    return expr


def _with_arrays_written(row: RowExpr) -> RowExpr:
    """The row with arrays of rows among its fields in their texts."""
    fields = (
        _with_arrays_written(f) if isinstance(f, RowExpr) else written(f) if f.type.oid == _RECORDS else f for f in row.fields
    )
    return replace(row, fields=tuple(fields))


def _is_plain(expr: Expr) -> bool:
    """Whether it is a row of no table's type (arrays of those have a type of their own, which is not there), or NULL."""
    return (isinstance(expr, RowExpr) or (isinstance(expr, Const) and expr.value is None)) and expr.type.typmod < 0


def _written_query(expr: SubLink, query: Block) -> Expr:
    """(SELECT row …), ARRAY(SELECT row …)."""
    sorted_by = {key.column for key in query.order_by}
    if query.distinct is not False or any(target.id in sorted_by for target in query.targets if not target.junk):
        return expr
    targets = tuple(target if target.junk else replace(target, expr=written(target.expr)) for target in query.targets)
    row = next(target.expr for target in targets if not target.junk)
    if expr.kind == "array" and row.type.typmod > 0:
        return expr
    return replace(expr, query=replace(query, targets=targets), type=row.type if expr.kind == "scalar" else _records(row))


def _with_fields(row: RowExpr) -> SqlType:
    return replace(row.type, fields=tuple(_with_fields(f) if isinstance(f, RowExpr) else f.type for f in row.fields))


def _records(row: Expr) -> SqlType:
    return SqlType(_RECORDS, fields=row.type.fields)
