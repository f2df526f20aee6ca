"""Functions in FROM: set-returning ones, ROWS FROM, WITH ORDINALITY, column definitions.

Source: https://www.postgresql.org/docs/15/queries-table-expressions.html#QUERIES-TABLEFUNCTIONS
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fedgate.errors import SqlError, unsupported
from fedgate.sql import tables
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.collations import is_ascii
from fedgate.sql.bind.dispatch import bind_as
from fedgate.sql.bind.from_items import add_item, alias_of, derived, refers_to
from fedgate.sql.bind.json_rows import (
    DEFINED,
    POPULATE,
    POPULATE_SETS,
    base_of,
    is_untyped,
    populated,
    renamed,
    row_query,
    rows_query,
    typed,
)
from fedgate.sql.bind.names import output_name
from fedgate.sql.bind.state import Item, Message, State, allow
from fedgate.sql.tree import Const, Expr, FromItem, FuncExpr, FunctionRef, OutputColumn, Query, RowExpr, Values, walk
from fedgate.types import SqlType

_FIELDS = frozenset(["lateral", "ordinality", "is_rowsfrom", "functions", "alias", "coldeflist"])
_COLUMN_FIELDS = frozenset(["colname", "type_name", "is_local", "location"])


def bind_range_function(state: State, node: Message) -> tuple[FromItem, list[Item]]:
    """A function item sees the items before it, LATERAL written or not."""
    allow(state, node, _FIELDS, "a function in FROM")
    calls = [(item.list.items[0], list(item.list.items[1].list.items)) for item in node.functions]
    before, state.lateral_active = state.lateral_active, True
    try:
        bound = [(call, expr, defs) for call, defs in calls for expr in _bind_call(state, node, call)]
    finally:
        state.lateral_active = before
    alias, names = alias_of(node)
    first = _function_name(state, bound[0][0])
    columns: list[OutputColumn] = []
    if node.ordinality and node.coldeflist:
        position = state.pos(node.coldeflist[0].column_def.location)
        hint = "Put the column definition list inside ROWS FROM()."
        raise SqlError("42601", "WITH ORDINALITY cannot be used with a column definition list", hint=hint, position=position)
    if len(bound) == 1 and (rows := _json_rows(state, node, *bound[0])) is not None:
        return derived(state, rows, alias or first, names)
    for call, expr, defs in bound:
        definitions = defs or list(node.coldeflist)
        made = _columns(state, call, expr, definitions, alias, len(bound), len(columns))
        columns += [replace(col, ascii=True) for col in made] if is_ascii(state, expr) else made
    if node.ordinality:
        columns.append(OutputColumn(len(columns) + 1, "ordinality", SqlType(t.INT8)))
    name = alias or first
    rel = state.new_rel()
    exprs = tuple(expr for _, expr, _ in bound)
    shown = [(col.id, col.name, col.type) for col in columns]
    item = add_item(state, name, rel, shown, names)
    state.binder.ascii_columns.update((rel, col.id) for col in columns if col.ascii)
    item.function_scalar = len(bound) == 1 and not node.ordinality and _is_scalar(exprs[0])
    ref = FunctionRef(rel, exprs, tuple(columns), node.ordinality, refers_to(state, *exprs), name)
    return ref, [item]


def _json_rows(state: State, node: Message, call: Message, expr: Expr, defs: list[Message]) -> Query | None:
    """A function that makes rows of JSON objects, as the query of these rows."""
    definitions = defs or list(node.coldeflist)
    if isinstance(expr, RowExpr):
        return row_query(state, _declared(state, call, expr, definitions), ordinality=node.ordinality)
    if not isinstance(expr, FuncExpr):
        return None
    if expr.name == "pg_get_keywords" and not node.ordinality:
        return _keywords(expr)
    if expr.name in DEFINED:
        made = _columns(state, call, expr, definitions, "", 1, 0)
        return rows_query(state, expr, [(c.name, Const(c.type, None)) for c in made], ordinality=node.ordinality)
    if expr.name in POPULATE | POPULATE_SETS and is_untyped(expr):
        expr = typed(expr, _columns(state, call, expr, definitions, "", 1, 0))
        if expr.name in POPULATE:
            return row_query(state, populated(expr), ordinality=node.ordinality)
        definitions = []
    if expr.name in POPULATE_SETS:
        base = base_of(expr)
        row = _declared(state, call, base, definitions)
        columns = list(zip(base.names, row.fields, strict=True))
        return rows_query(state, expr, columns, names=row.names, ordinality=node.ordinality)
    return None


def _declared(state: State, call: Message, row: RowExpr, definitions: Sequence[Message]) -> RowExpr:
    """The row that a function gives, with the names of a definition list, which a row without names of its own needs."""
    args = call.func_call.args if call.WhichOneof("node") == "func_call" else ()
    if not args or args[0].WhichOneof("node") != "row_expr":
        if definitions:
            message = "a column definition list is redundant for a function returning a named composite type"
            raise SqlError("42601", message, position=state.pos(definitions[0].column_def.location))
        return row
    if not definitions:
        message = 'a column definition list is required for functions returning "record"'
        raise SqlError("42601", message, position=row.pos)
    return renamed(state, row, _defined(state, definitions))


def _keywords(call: FuncExpr) -> Query:
    """pg_get_keywords() as a list of its rows."""
    columns = tuple(
        OutputColumn(place, name, SqlType(oid))
        for place, (name, oid) in enumerate(
            (("word", t.TEXT), ("catcode", 18), ("barelabel", t.BOOL), ("catdesc", t.TEXT), ("baredesc", t.TEXT)), 1
        )
    )
    rows = (tuple(Const(c.type, value, pos=call.pos) for c, value in zip(columns, row, strict=True)) for row in tables.keywords())
    return Values(tuple(rows), columns)


def _bind_call(state: State, node: Message, call: Message) -> list[Expr]:
    """The expressions of one call; unnest(a, b) outside ROWS FROM is unnest(a) beside unnest(b)."""
    if call.WhichOneof("node") == "func_call":
        parts = [n.string.sval for n in call.func_call.funcname]
        function = call.func_call
        plain = not (function.agg_order or function.agg_star or function.agg_distinct or function.func_variadic)
        if parts in (["unnest"], ["pg_catalog", "unnest"]) and len(function.args) > 1 and plain:
            return [_unnest(state, call, i) for i in range(len(function.args))]
    return [_top_level(bind_as(state, call, "from function"))]


def _unnest(state: State, call: Message, index: int) -> Expr:
    one = type(call)()
    one.CopyFrom(call)
    arg = call.func_call.args[index]
    del one.func_call.args[:]
    one.func_call.args.append(arg)
    return _top_level(bind_as(state, one, "from function"))


def _top_level(expr: Expr) -> Expr:
    for node in walk(expr):
        if node is not expr and isinstance(node, FuncExpr) and node.returns_set:
            message = "set-returning functions must appear at top level of FROM"
            raise SqlError("0A000", message, position=node.pos)
    return expr


def _function_name(state: State, call: Message) -> str:
    return output_name(state, call)


def _is_scalar(expr: Expr) -> bool:
    return expr.type.oid not in (t.RECORD, t.VOID)


def _columns(
    state: State, call: Message, expr: Expr, definitions: Sequence[Message], alias: str, count: int, before: int
) -> list[OutputColumn]:
    """The output columns of one function, numbered after `before` others."""
    position = expr.pos
    pairs = _defined(state, definitions)
    if expr.type.oid == t.RECORD:
        outs = out_columns(expr)
        if not outs and not pairs:
            message = 'a column definition list is required for functions returning "record"'
            raise SqlError("42601", message, position=position)
        if outs and pairs:
            message = "a column definition list is redundant for a function with OUT parameters"
            raise SqlError("42601", message, position=position)
        pairs = outs or pairs
    elif pairs:
        message = 'a column definition list is only allowed for functions returning "record"'
        raise SqlError("42601", message, position=state.pos(definitions[0].column_def.location))
    else:
        name = _scalar_name(state, call, expr, alias, count)
        pairs = [(name, c.settle_unknown(state, expr).type)]
    for _, type_ in pairs:
        t.require_carrier(type_, position)
    return [OutputColumn(before + i, name, type_) for i, (name, type_) in enumerate(pairs, 1)]


def _scalar_name(state: State, call: Message, expr: Expr, alias: str, count: int) -> str:
    """A single scalar function's column is called like its one OUT parameter, else like the alias, else like the function."""
    row = _row(expr)
    if row is not None and len(row.out_names) == 1 and row.out_names[0]:
        return row.out_names[0]
    return alias if count == 1 and alias else _function_name(state, call)


def _row(expr: Expr) -> tables.FunctionRow | None:
    if not isinstance(expr, FuncExpr):
        return None
    return next((row for row in tables.functions(expr.name) if row.oid == expr.oid), None)


def out_columns(expr: Expr) -> list[tuple[str, SqlType]]:
    """The columns of a function that gives rows of several; none for other expressions."""
    row = _row(expr)
    if row is None or len(row.out_types) < 2:
        return []
    names = [name or f"column{i}" for i, name in enumerate(row.out_names, 1)]
    return [(name, SqlType(oid)) for name, oid in zip(names, row.out_types, strict=True)]


def _defined(state: State, definitions: Sequence[Message]) -> list[tuple[str, SqlType]]:
    pairs = []
    for item in definitions:
        definition = item.column_def
        allow(state, definition, _COLUMN_FIELDS, "a column definition")
        pairs.append((definition.colname, t.bind_type(state, definition.type_name)))
    if len({name for name, _ in pairs}) != len(pairs):
        raise unsupported("a column definition list that repeats a name")
    return pairs
