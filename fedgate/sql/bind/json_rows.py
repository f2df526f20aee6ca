"""json_to_record(set) and json_populate_record(set), and jsonb's: objects as rows of columns that are known when binding.

A record is a row of one field call a column, a set is a subquery of such rows over the objects, one each.

Source: https://www.postgresql.org/docs/15/functions-json.html#FUNCTIONS-JSON-PROCESSING-TABLE
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.state import State
from fedgate.sql.functions.json_records import FIELD, ROWS
from fedgate.sql.tree import (
    BOOL,
    INT8,
    Block,
    Case,
    Coerce,
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
from fedgate.wording import counted

DEFINED = frozenset(("json_to_record", "jsonb_to_record", "json_to_recordset", "jsonb_to_recordset"))
POPULATE = frozenset(("json_populate_record", "jsonb_populate_record"))
POPULATE_SETS = frozenset(("json_populate_recordset", "jsonb_populate_recordset"))
_TEXT = SqlType(t.TEXT)


def is_untyped(call: FuncExpr) -> bool:
    """Whether the row that a populate function fills is NULL::record, whose columns only a definition list can say."""
    base = call.args[0]
    return base.type.oid == t.RECORD and isinstance(base.arg if isinstance(base, Coerce) else base, Const)


def typed(call: FuncExpr, columns: Sequence[OutputColumn]) -> FuncExpr:
    """The same call for a row of NULLs of those columns."""
    base = RowExpr(
        tuple(Const(c.type, None) for c in columns), tuple(c.name for c in columns), None, SqlType(t.RECORD), pos=call.pos
    )
    return replace(call, args=(base, *call.args[1:]))


def renamed(state: State, row: RowExpr, columns: Sequence[tuple[str, SqlType]]) -> RowExpr:
    """A row without names of its own with the columns of a definition list. Raises SqlError 42804."""
    message = "function return row and query-specified return row do not match"
    if len(columns) != len(row.fields):
        detail = f"Returned row contains {counted(len(row.fields), 'attribute')}, but query expects {len(columns)}."
        raise SqlError("42804", message, detail=detail, position=row.pos)
    fields = []
    for place, (field, (_, wanted)) in enumerate(zip(row.fields, columns, strict=True), 1):
        if field.type.oid != wanted.oid and c.pathway(field.type.oid, wanted.oid, "i") != "relabel":
            names = t.type_name(field.type.oid), t.type_name(wanted.oid)
            detail = f"Returned type {names[0]} at ordinal position {place}, but query expects {names[1]}."
            raise SqlError("42804", message, detail=detail, position=row.pos)
        fields.append(c.coerce_type(state, field, wanted.oid))
    return replace(row, fields=tuple(fields), names=tuple(name for name, _ in columns))


def base_of(call: FuncExpr) -> RowExpr:
    """The row that a populate function fills. 42804 for another value."""
    base = call.args[0]
    if is_untyped(call):
        hint = "Provide a non-null record argument, or call the function in the FROM clause using a column definition list."
        raise SqlError("0A000", f"could not determine row type for result of {call.name}", hint=hint, position=call.pos)
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


def rows_query(
    state: State, call: FuncExpr, columns: Sequence[tuple[str, Expr]], *, names: Sequence[str] = (), ordinality: bool
) -> Block:
    """The rows that `call` gives in FROM; `columns` are the objects' fields, and the values where an object lacks them.

    They are called by `names`, where there are any, else like the fields.
    """
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
    fields = [_field(call, value, name, old) for name, old in columns]
    called = names or [name for name, _ in columns]
    targets = [Target(state.binder.new_id(), field, name) for field, name in zip(fields, called, strict=True)]
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
