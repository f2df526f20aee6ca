"""Window functions, OVER clauses and WINDOW definitions.

Source: https://www.postgresql.org/docs/15/sql-expressions.html#SYNTAX-WINDOW-FUNCTIONS and sql-select.html#SQL-WINDOW
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from fedgate.errors import SqlError
from fedgate.sql import tables
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import resolve
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_as
from fedgate.sql.bind.functions import converted
from fedgate.sql.bind.sort import bind_sort_by, require_equality
from fedgate.sql.bind.state import Message, State, allow
from fedgate.sql.tree import Expr, Frame, SortBy, WindowFunc, walk
from fedgate.types import SqlType

_FIELDS = frozenset(
    ["name", "refname", "partition_clause", "order_clause", "frame_options", "start_offset", "end_offset", "location"]
)
_NONDEFAULT, _RANGE, _ROWS, _GROUPS = 0x1, 0x2, 0x4, 0x8
_START = ((0x20, "unbounded_preceding"), (0x200, "current_row"), (0x800, "preceding"), (0x2000, "following"))
_END = ((0x100, "unbounded_following"), (0x400, "current_row"), (0x1000, "preceding"), (0x4000, "following"))
_EXCLUDE = ((0x8000, "current_row"), (0x10000, "group"), (0x20000, "ties"))
_ALLOWED = frozenset(("select", "order by", "distinct on"))
_FORBIDDEN = {
    "where": "WHERE",
    "having": "HAVING",
    "join on": "JOIN conditions",
    "group by": "GROUP BY",
    "limit": "LIMIT",
    "offset": "OFFSET",
    "values": "VALUES",
    "filter": "FILTER",
    "from function": "functions in FROM",
    "window": "window definitions",
    "window frame": "window definitions",
    "aggregate order by": "window definitions",
    "check": "check constraints",
}
# in_range functions of pg_amproc: the type sorted by -> the types of an offset, best first.
_RANGE_OFFSETS = {
    t.INT8: (t.INT8,),
    t.INT4: (t.INT8, t.INT4, t.INT2),
    t.INT2: (t.INT8, t.INT4, t.INT2),
    t.FLOAT4: (t.FLOAT8,),
    t.FLOAT8: (t.FLOAT8,),
    t.NUMERIC: (t.NUMERIC,),
    t.DATE: (t.INTERVAL,),
    t.TIME: (t.INTERVAL,),
    t.TIMESTAMP: (t.INTERVAL,),
    t.TIMESTAMPTZ: (t.INTERVAL,),
    t.INTERVAL: (t.INTERVAL,),
}


@dataclass(frozen=True, slots=True)
class Window:
    """A bound window definition. `default_frame`: the text names no frame, so another definition may build on it."""

    partition_by: tuple[Expr, ...]
    order_by: tuple[SortBy, ...]
    frame: Frame | None
    default_frame: bool


def declare_windows(state: State, nodes: Sequence[Message]) -> None:
    """Makes the WINDOW clause known; its items are bound when first named, or at the end."""
    for node in nodes:
        item = node.window_def
        if item.name in state.windows:
            message = f'window "{item.name}" is already defined'
            raise SqlError("42P20", message, position=state.pos(item.location))
        state.windows[item.name] = item


def check_windows(state: State) -> None:
    """Binds the definitions that nothing named: they may be wrong nevertheless."""
    for name in list(state.windows):
        _named(state, name, None)


def _named(state: State, name: str, position: int | None) -> Window:
    found = state.windows.get(name)
    if found is None:
        raise SqlError("42704", f'window "{name}" does not exist', position=position)
    if not isinstance(found, Window):
        # A definition sees only those before it.
        later = {k: v for k, v in state.windows.items() if list(state.windows).index(k) >= list(state.windows).index(name)}
        for key in later:
            del state.windows[key]
        try:
            made = _define(state, found)
        finally:
            state.windows.update(later)
        state.windows[name] = found = made
    return found


def _define(state: State, node: Message) -> Window:
    allow(state, node, _FIELDS, "a window")
    position = state.pos(node.location)
    base = _named(state, node.refname, position) if node.refname else None
    partition = tuple(c.settle_unknown(state, bind_as(state, item, "window")) for item in node.partition_clause)
    for expr in partition:
        require_equality(expr, expr.pos)
    order_by = bind_sort_by(state, node.order_clause, "window")
    if base is not None:
        if partition:
            message = f'cannot override PARTITION BY clause of window "{node.refname}"'
            raise SqlError("42P20", message, position=position)
        if order_by and base.order_by:
            message = f'cannot override ORDER BY clause of window "{node.refname}"'
            raise SqlError("42P20", message, position=position)
        if not base.default_frame:
            raise _cannot_copy(node, position)
        partition, order_by = base.partition_by, order_by or base.order_by
    options = node.frame_options
    frame = _frame(state, node, order_by, position) if options & _NONDEFAULT else None
    return Window(partition, order_by, frame, not options & _NONDEFAULT)


def _cannot_copy(node: Message, position: int | None) -> SqlError:
    message = f'cannot copy window "{node.refname}" because it has a frame clause'
    hint = None
    if not (node.order_clause or node.frame_options & _NONDEFAULT):
        hint = "Omit the parentheses in this OVER clause."
    return SqlError("42P20", message, hint=hint, position=position)


def _frame(state: State, node: Message, order_by: tuple[SortBy, ...], position: int | None) -> Frame:
    options = node.frame_options
    mode = "rows" if options & _ROWS else "groups" if options & _GROUPS else "range"
    start = next(name for bit, name in _START if options & bit)
    end = next((name for bit, name in _END if options & bit), "current_row")
    offsets = start in ("preceding", "following") or end in ("preceding", "following")
    if mode == "range" and offsets and len(order_by) != 1:
        message = "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column"
        raise SqlError("42P20", message, position=position)
    if mode == "groups" and not order_by:
        raise SqlError("42P20", "GROUPS mode requires an ORDER BY clause", position=position)
    lower = _offset(state, node.start_offset, mode, order_by) if node.HasField("start_offset") else None
    upper = _offset(state, node.end_offset, mode, order_by) if node.HasField("end_offset") else None
    exclude = next((name for bit, name in _EXCLUDE if options & bit), "")
    return Frame(
        cast(Literal["rows", "range", "groups"], mode),
        start,
        lower,
        end,
        upper,
        cast(Literal["", "current_row", "group", "ties"], exclude),
    )


def _offset(state: State, node: Message, mode: str, order_by: tuple[SortBy, ...]) -> Expr:
    expr = bind_as(state, node, "window frame")
    made = _range_offset(state, expr, order_by[0].expr.type.oid) if mode == "range" else c.to_bigint(state, expr, mode.upper())
    from fedgate.sql.bind.from_items import refers_to

    if refers_to(state, made):
        raise SqlError("42P10", f"argument of {mode.upper()} must not contain variables", position=made.pos)
    return made


def _range_offset(state: State, expr: Expr, sorted_by: int) -> Expr:
    offered = _RANGE_OFFSETS.get(sorted_by, ())
    if not offered:
        message = f"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {t.type_name(sorted_by)}"
        raise SqlError("0A000", message, position=expr.pos)
    oid = expr.type.oid
    if oid in offered:
        return expr
    if oid == t.UNKNOWN:
        target = sorted_by if sorted_by in offered else offered[0]
        return c.coerce_type(state, expr, target)
    able = [x for x in offered if c.can_coerce((oid,), (x,), "i")]
    if len(able) == 1:
        return c.coerce_type(state, expr, able[0])
    message = "RANGE with offset PRECEDING/FOLLOWING is not supported for column type "
    message += f"{t.type_name(sorted_by)} and offset type {t.type_name(oid)}"
    hint = "Cast the offset value to an appropriate type."
    raise SqlError("0A000", message, hint=hint, position=expr.pos)


def bind_window_function(state: State, node: Message, found: resolve.Candidate, args: list[Expr], position: int | None) -> Expr:
    row = found.row
    assert isinstance(row, tables.FunctionRow)
    if node.agg_distinct:
        raise SqlError("0A000", "DISTINCT is not implemented for window functions", position=position)
    if row.kind == "a" and not args and not node.agg_star:
        message = f"{row.name}(*) must be used to call a parameterless aggregate function"
        raise SqlError("42809", message, position=position)
    if node.agg_order:
        message = "aggregate ORDER BY is not implemented for window functions"
        raise SqlError("0A000", message, position=position)
    if row.kind != "a" and node.HasField("agg_filter"):
        message = "FILTER is not implemented for non-aggregate window functions"
        raise SqlError("0A000", message, position=position)
    from fedgate.sql.bind.aggregates import aggregate_filter, check_fraction

    condition = aggregate_filter(state, node)
    call = converted(state, found, args, position, variadic_array=node.func_variadic)
    check_fraction(row, call.args, position)
    if state.kind not in _ALLOWED:
        where = _FORBIDDEN.get(state.kind, state.kind)
        raise SqlError("42P20", f"window functions are not allowed in {where}", position=position)
    _refuse_nested(call.args, condition)
    window = _over(state, node.over)
    _refuse_nested([*window.partition_by, *(s.expr for s in window.order_by)], None)
    state.has_windows = True
    t.require_carrier(SqlType(call.result), position)
    return WindowFunc(
        row.name,
        call.args,
        tuple(e.type.oid for e in call.args),
        SqlType(call.result),
        row.oid,
        window.partition_by,
        window.order_by,
        window.frame,
        aggregate=row.kind == "a",
        star=node.agg_star,
        filter=condition,
        pos=position,
    )


def _refuse_nested(exprs: Sequence[Expr], condition: Expr | None) -> None:
    for expr in [*exprs, *([condition] if condition is not None else [])]:
        for node in walk(expr):
            if isinstance(node, WindowFunc):
                raise SqlError("42P20", "window function calls cannot be nested", position=node.pos)
            if getattr(node, "returns_set", False):
                message = "window function calls cannot contain set-returning function calls"
                raise SqlError("0A000", message, position=node.pos)


def _over(state: State, node: Message) -> Window:
    if node.name:
        return _named(state, node.name, state.pos(node.location))
    return _define(state, node)
