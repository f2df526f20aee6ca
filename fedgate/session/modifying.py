"""INSERT, UPDATE and DELETE of temporary tables.

A statement is bound and planned once for each state of the catalog, the settings and the tables; its new rows are checked and put
in place together, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import unsupported
from fedgate.session import constant_rows
from fedgate.session.engine import Prepared
from fedgate.session.filling import Filling
from fedgate.session.results import Result, Rows
from fedgate.session.temp import TempTable
from fedgate.session.temp_rows import Held, one_batch
from fedgate.session.temp_targets import target
from fedgate.sql.bind.context import BindContext
from fedgate.sql.bind.modify import BoundChange, BoundInsert, Written, bind_change, bind_insert
from fedgate.sql.parse import returning_select
from fedgate.sql.temp_statements import ModifyStmt
from fedgate.sql.tree import Block, OutputColumn, Var
from fedgate.types import SqlType
from fedgate.types.values import Interval, Value

if TYPE_CHECKING:
    from fedgate.session.session import ParameterTypes, Session

_BIND_HINT = "Name the rows by the table's own columns, or by a subquery."


@dataclass(slots=True)
class _Planned:
    """A statement as it was bound in `context` on `snapshot`. `cells` are an INSERT's rows if they are constants; `prepared` is
    made when they are not, or not plain enough."""

    context: BindContext
    snapshot: Snapshot
    bound: BoundInsert | BoundChange
    cells: constant_rows.Cells | None
    prepared: Prepared | None
    returning: Prepared | None


def describe(
    session: Session, s: ModifyStmt, parameters: ParameterTypes
) -> tuple[tuple[OutputColumn, ...] | None, tuple[SqlType, ...]]:
    """(columns of RETURNING, parameter types)."""
    planned = _plan(session, s, parameters)
    return planned.returning.columns if planned.returning is not None else None, planned.bound.query.parameters


def run(session: Session, s: ModifyStmt, types: tuple[SqlType, ...], values: tuple[Value, ...]) -> Result:
    planned = _plan(session, s, tuple(t.oid for t in types) if types else None)
    table = target(session, s.target, s.raw, bound=True)
    if _is_one_row(planned, table) and _insert_row(session, planned, table, values):
        return Result("INSERT 0 1")
    if s.kind == "insert":
        shown, count = _insert(session, s, planned, table, values)
    else:
        shown, count = _change(session, s, planned, table, values)
    tag = "INSERT 0" if s.kind == "insert" else s.kind.upper()
    if planned.returning is None:
        return Result(f"{tag} {count}")
    if (columns := _plain_columns(planned.returning)) is not None:
        names = [str(i) for i in range(len(columns))]
        batches = [pa.RecordBatch.from_arrays([b.column(n - 1) for n in columns], names=names) for b in shown.batches()]
        schema = batches[0].schema if batches else pa.schema([])
        return Result(tag, Rows(planned.returning.columns, schema, batches))
    return Result(tag, session.start(planned.returning, values, s.raw.source, {table.table.oid: shown.table()}))


def _plan(session: Session, s: ModifyStmt, parameters: ParameterTypes) -> _Planned:
    context, snapshot = session.context(parameters=parameters is not None), session.snapshot
    known = s.planned
    if isinstance(known, _Planned) and known.context == context and known.snapshot is snapshot:
        return known
    table = target(session, s.target, s.raw, bound=True)
    sequences = table.sequences
    written = Written(table.table, table.defaults, frozenset(sequences), frozenset(n for n, q in sequences.items() if q.always))
    relations = session.relations()
    bound: BoundInsert | BoundChange
    if s.kind == "insert":
        if s.raw.node.HasField("on_conflict_clause"):
            raise unsupported("ON CONFLICT", hint="DELETE the rows that are to be replaced first.")
        bound = bind_insert(s.raw, written, relations, context, parameters or ())
    else:
        bound = bind_change(s.raw, written, relations, context, parameters or ())
    given = bound.query.parameters
    cells = constant_rows.cells(bound.query.query) if isinstance(bound, BoundInsert) else None
    planned = _Planned(context, snapshot, bound, cells, None, _returning(session, s, tuple(t.oid for t in given)))
    if cells is None:
        _prepared(session, planned)
    s.planned = planned
    return planned


def _prepared(session: Session, planned: _Planned) -> Prepared:
    if planned.prepared is None:
        planned.prepared = session.engine.prepare_bound(planned.bound.query, planned.context)
    return planned.prepared


def _returning(session: Session, s: ModifyStmt, parameters: tuple[int, ...]) -> Prepared | None:
    if not s.returning:
        return None
    node = s.raw.node
    if s.kind != "insert" and (node.from_clause if s.kind == "update" else node.using_clause):
        raise unsupported("RETURNING of a statement over several tables", hint=_BIND_HINT)
    return session.prepare_once(returning_select(s.raw, node.relation, s.returning), parameters)


def _plain_columns(returning: Prepared) -> tuple[int, ...] | None:
    """The attnums of a RETURNING that gives nothing but columns as they are: what drivers ask for keys by, after each row."""
    plan = returning.plan
    if len(plan.exchanges) != 1 or not isinstance(plan.final, Block) or not isinstance(plan.exchanges[0].block, Block):
        return None
    final, block = plan.final, plan.exchanges[0].block
    if final != Block(final.targets, final.from_) or block != Block(block.targets, block.from_):
        return None
    places = {t.id: t.expr.col for t in block.targets if isinstance(t.expr, Var)}
    found = [places.get(t.expr.col) for t in final.targets if isinstance(t.expr, Var)]
    columns = tuple(n for n in found if n is not None and n > 0)
    return columns if len(columns) == len(final.targets) > 0 else None


def _rows(session: Session, s: ModifyStmt, planned: _Planned, values: tuple[Value, ...]) -> Iterator[pa.RecordBatch]:
    rows = session.start(_prepared(session, planned), values, s.raw.source)
    try:
        yield from rows.take()
    finally:
        rows.close()


def _insert(session: Session, s: ModifyStmt, planned: _Planned, table: TempTable, values: tuple[Value, ...]) -> tuple[Held, int]:
    assert isinstance(planned.bound, BoundInsert)
    filling = Filling(session, table)
    for batch in _new_rows(session, s, planned, table, values):
        filling.add(batch, planned.bound.counted)
    count = filling.done()
    return filling.added, count


def _is_one_row(planned: _Planned, table: TempTable) -> bool:
    """Whether a statement adds one row of constants that nothing has to be asked about."""
    simple = planned.cells is not None and len(planned.cells) == 1 and planned.returning is None
    return simple and not table.uniques and not table.sequences and bool(table.table.columns)


def _insert_row(session: Session, planned: _Planned, table: TempTable, values: tuple[Value, ...]) -> bool:
    """Add that row; False if its values are not plain enough for it."""
    assert planned.cells is not None
    try:
        row = constant_rows.row(planned.cells[0], {str(i): value for i, value in enumerate(values, 1)})
    except constant_rows.NotPlainError:
        return False
    columns = table.table.columns
    types = table.held.types or tuple(c.type for c in columns)
    if any(value is None and column.not_null for value, column in zip(row, columns, strict=True)):
        return False
    if any(_may_lack_carrier(value) for value in row):
        return False
    session.temp.put(table.holding(table.held.with_row(row, types, session.temp.store)))
    return True


def _may_lack_carrier(value: Value) -> bool:
    """Values that Arrow columns may not hold are refused when they come, not when they are read."""
    return isinstance(value, Interval) or (isinstance(value, Decimal) and not value.is_finite())


def _new_rows(
    session: Session, s: ModifyStmt, planned: _Planned, table: TempTable, values: tuple[Value, ...]
) -> Iterator[pa.RecordBatch]:
    if planned.cells is not None:
        named = {str(i + 1): value for i, value in enumerate(values)}
        try:
            types = [c.type for c in table.table.columns]
            yield constant_rows.batch(planned.cells, table.held.schema, types, named)
            return
        except constant_rows.NotPlainError:
            pass
    yield from _rows(session, s, planned, values)


def _change(session: Session, s: ModifyStmt, planned: _Planned, table: TempTable, values: tuple[Value, ...]) -> tuple[Held, int]:
    """UPDATE and DELETE: the rows that changed (the new ones, or those that are gone), and their number."""
    assert isinstance(planned.bound, BoundChange)
    batches = list(_rows(session, s, planned, values))
    store = session.temp.store
    if not batches:
        return Held(table.held.schema), 0
    found = one_batch(pa.Table.from_batches(batches))
    numbers, first = np.unique(found.column(0).to_numpy(zero_copy_only=False), return_index=True)
    before = table.held.taken(numbers)
    base = table.held.without(numbers, store)
    if s.kind == "delete":
        session.temp.put(table.holding(base))
        return Held(table.held.schema).with_rows([before], store), len(numbers)
    chosen = found.take(pa.array(first))
    columns = list(before.columns)
    for place, attnum in enumerate(planned.bound.columns, 1):
        columns[attnum - 1] = chosen.column(place)
    filling = Filling(session, table, base)
    filling.add(pa.RecordBatch.from_arrays(columns, names=table.held.schema.names))
    return filling.added, filling.done()
