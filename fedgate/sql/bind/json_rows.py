"""json_to_record(set) and json_populate_record(set), and jsonb's: objects as rows of columns that are known when binding.

A record is a row of one field call a column, a set is a subquery of such rows over the objects, one each.

Source: https://www.postgresql.org/docs/15/functions-json.html#FUNCTIONS-JSON-PROCESSING-TABLE
"""

from __future__ import annotations

from collections.abc import Sequence

from fedgate.errors import SqlError
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.state import State
from fedgate.sql.functions.json_records import FIELD, ROWS
from fedgate.sql.tree import (
    BOOL,
    INT8,
    Block,
    Case,
    Const,
    Expr,
    FromItem,
    FuncExpr,
    FunctionRef,
    NullTest,
    OutputColumn,
    RowExpr,
    Target,
    Var,
    When,
)
from fedgate.types import SqlType

DEFINED = frozenset(("json_to_record", "jsonb_to_record", "json_to_recordset", "jsonb_to_recordset"))
POPULATE = frozenset(("json_populate_record", "jsonb_populate_record"))
POPULATE_SETS = frozenset(("json_populate_recordset", "jsonb_populate_recordset"))
_TEXT = SqlType(t.TEXT)


def base_of(call: FuncExpr) -> RowExpr:
    """The row that a populate function fills. 42804 for another value."""
    base = call.args[0]
    if not isinstance(base, RowExpr):
        raise SqlError("42804", f"first argument of {call.name} must be a row type", position=call.pos)
    return base


def populated(call: FuncExpr) -> RowExpr:
    """json_populate_record(base, json): NULL only where both are."""
    base, json = base_of(call), call.args[1]
    known: list[When] = [When(NullTest(json, True), Const(BOOL, True))]
    if base.present is not None:
        known.append(When(NullTest(base.present, True), Const(BOOL, True)))
    present = Case(tuple(known), Const(BOOL, None), BOOL) if base.present is not None else None
    fields = tuple(_field(call, json, name, old) for name, old in zip(base.names, base.fields, strict=True))
    return RowExpr(fields, base.names, present, base.type, pos=call.pos)


def rows_query(state: State, call: FuncExpr, columns: Sequence[tuple[str, Expr]], *, ordinality: bool) -> Block:
    """The rows that `call` gives in FROM; `columns` are their names and the values where an object lacks them."""
    json = call.args[-1] if call.name in POPULATE_SETS else call.args[0]
    if call.name in POPULATE_SETS and call.arg_types[-1] == t.BOOL:
        json = call.args[1]
    inner = State(state.binder, state)
    rel = inner.new_rel()
    outs = [OutputColumn(1, "value", SqlType(json.type.oid))]
    if ordinality:
        outs.append(OutputColumn(2, "ordinality", INT8))
    rows = FuncExpr(
        ROWS, (json, Const(_TEXT, call.name)), (json.type.oid, t.TEXT), SqlType(json.type.oid), 0, returns_set=True, pos=call.pos
    )
    item: FromItem = FunctionRef(rel, (rows,), tuple(outs), ordinality)
    value = Var(rel, 1, SqlType(json.type.oid))
    targets = [Target(state.binder.new_id(), _field(call, value, name, old), name) for name, old in columns]
    if ordinality:
        targets.append(Target(state.binder.new_id(), Var(rel, 2, INT8), "ordinality"))
    return Block(tuple(targets), (item,))


def row_query(state: State, row: RowExpr, *, ordinality: bool) -> Block:
    """One row in FROM."""
    targets = [Target(state.binder.new_id(), field, name) for name, field in zip(row.names, row.fields, strict=True)]
    if ordinality:
        targets.append(Target(state.binder.new_id(), Const(INT8, 1), "ordinality"))
    return Block(tuple(targets))


def _field(call: FuncExpr, json: Expr, name: str, old: Expr) -> Expr:
    args = (json, Const(_TEXT, name), old)
    return FuncExpr(FIELD, args, (json.type.oid, t.TEXT, old.type.oid), old.type, 0, pos=call.pos)
