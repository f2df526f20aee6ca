"""Aggregate calls: their level, their decorations, and where they may stand.

Source: https://www.postgresql.org/docs/15/sql-expressions.html#SYNTAX-AGGREGATES. An aggregate whose arguments read only outer
columns belongs to that outer level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from fedgate.errors import SqlError, unsupported
from fedgate.sql import tables
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import resolve
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_as
from fedgate.sql.bind.functions import converted
from fedgate.sql.bind.outer_aggregates import of_outer
from fedgate.sql.bind.sort import bind_sort_by, direction, require_equality, require_ordering
from fedgate.sql.bind.state import Message, State
from fedgate.sql.bind.targets import same
from fedgate.sql.tree import Aggref, Expr, FuncExpr, SortBy, SubLink, Var, WindowFunc, children, is_query, walk
from fedgate.types import SqlType
from fedgate.wording import counted

_FORBIDDEN = {
    "where": "WHERE",
    "join on": "JOIN conditions",
    "group by": "GROUP BY",
    "limit": "LIMIT",
    "offset": "OFFSET",
    "values": "VALUES",
    "filter": "FILTER",
    "from function": "functions in FROM",
    "from subquery": "FROM clause of their own query level",
    "window frame": "window frame definitions",
    "check": "check constraints",
}


def bind_aggregate(
    state: State, node: Message, found: resolve.Candidate, args: list[Expr], direct: int, position: int | None
) -> Expr:
    row = found.row
    assert isinstance(row, tables.FunctionRow)
    _check_star(row, node, direct, position)
    condition = aggregate_filter(state, node)
    order_by: tuple[SortBy, ...] = ()
    if node.agg_within_group:
        args = unify_hypothetical(state, row, args, direct, position)
        call = converted(state, found, args, position, variadic_array=False)
        whole = args if row.kind == "a" and row.aggregate_kind == "h" else list(call.args)
        if row.aggregate_kind == "h":
            whole = [c.settle_unknown(state, e) for e in whole]
        order_by = _within_group_order(state, node, whole[direct:])
        final = tuple(whole[:direct])
    else:
        order_by = bind_sort_by(state, node.agg_order, "aggregate order by")
        call = converted(state, found, args, position, variadic_array=node.func_variadic)
        final = call.args
    if node.agg_distinct:
        if final != tuple(args) and any(e.type.oid in t.REG_TYPES for e in args):
            raise unsupported("DISTINCT names of objects in this aggregate", hint="Cast them to text.", position=position)
        final = tuple(c.settle_unknown(state, e) for e in final)
        order_by = _distinct_order(final, order_by, position)
    check_fraction(row, final, position)
    home = _place(state, [*final, *(s.expr for s in order_by)], condition, position)
    types = tuple(e.type.oid for e in final)
    t.require_carrier(SqlType(call.result), position)
    made = Aggref(
        row.name,
        final,
        types,
        SqlType(call.result),
        row.oid,
        star=node.agg_star,
        distinct=node.agg_distinct,
        order_by=order_by,
        filter=condition,
        within_group=node.agg_within_group,
        pos=position,
    )
    return made if home is state else of_outer(home, made)


def _check_star(row: tables.FunctionRow, node: Message, direct: int, position: int | None) -> None:
    if row.kind == "a" and direct == 0 and not node.agg_star and not node.agg_within_group:
        message = f"{row.name}(*) must be used to call a parameterless aggregate function"
        raise SqlError("42809", message, position=position)


def check_fraction(row: tables.FunctionRow, args: Sequence[Expr], position: int | None) -> None:
    """22023 where the fraction of approx_percentile is not the same for all rows of the statement."""
    if row.name == "approx_percentile" and any(isinstance(n, Var | Aggref | SubLink) for n in walk(args[1])):
        hint = "percentile_disc takes a fraction that depends on the group."
        raise SqlError("22023", "the fraction of approx_percentile must be a constant", hint=hint, position=position)


def aggregate_filter(state: State, node: Message) -> Expr | None:
    if not node.HasField("agg_filter"):
        return None
    return c.to_boolean(state, bind_as(state, node.agg_filter, "filter"), "FILTER")


def unify_hypothetical(state: State, row: tables.FunctionRow, args: list[Expr], direct: int, position: int | None) -> list[Expr]:
    """A hypothetical-set aggregate compares its direct arguments with the sorted ones, pair by pair."""
    ordered = len(args) - direct
    if row.aggregate_kind == "o" and row.variadic == 0 and direct != row.direct_args:
        raise _wrong_direct(row, args, direct, position)
    if row.aggregate_kind != "h":
        return args
    if direct != ordered:
        hint = (
            f"To use the hypothetical-set aggregate {row.name}, the number of hypothetical direct arguments (here {direct}) must "
        )
        hint += f"match the number of ordering columns (here {ordered})."
        raise _no_aggregate(row, args, position, hint)
    made = list(args)
    for i in range(direct):
        pair = [made[i + direct], made[i]]
        oid = c.common_type(pair, "WITHIN GROUP")
        made[i] = c.to_common(state, made[i], oid, "WITHIN GROUP")
        made[i + direct] = c.to_common(state, made[i + direct], oid, "WITHIN GROUP")
    return made


def _wrong_direct(row: tables.FunctionRow, args: list[Expr], direct: int, position: int | None) -> SqlError:
    wanted = counted(row.direct_args, "direct argument")
    hint = f"There is an ordered-set aggregate {row.name}, but it requires {wanted}, not {direct}."
    return _no_aggregate(row, args, position, hint)


def _no_aggregate(row: tables.FunctionRow, args: list[Expr], position: int | None, hint: str) -> SqlError:
    from fedgate.sql.bind.functions import signature

    shown = signature(row.name, [e.type.oid for e in args])
    return SqlError("42883", f"function {shown} does not exist", hint=hint, position=position)


def _within_group_order(state: State, node: Message, exprs: Sequence[Expr]) -> tuple[SortBy, ...]:
    items = []
    for item, expr in zip(node.agg_order, exprs, strict=True):
        descending, nulls_first = direction(state, item.sort_by)
        require_ordering(expr, expr.pos)
        items.append(SortBy(expr, descending, nulls_first))
    return tuple(items)


def _distinct_order(args: Sequence[Expr], order_by: Sequence[SortBy], position: int | None) -> tuple[SortBy, ...]:
    """DISTINCT sorts by its arguments, as they are after conversions that nobody wrote (a varchar column that becomes text)."""
    if not args:
        raise SqlError("42601", "DISTINCT specified but there is nothing to compare", position=position)
    written = [(c.without_implicit(arg), arg) for arg in args]
    found = []
    for item in order_by:
        arg = next((arg for plain, arg in written if same(item.expr, plain)), None)
        if arg is None:
            message = "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list"
            raise SqlError("42P10", message, position=item.expr.pos)
        found.append(replace(item, expr=arg))
    for arg in args:
        require_equality(arg, arg.pos)
    return tuple(found)


def _place(state: State, parts: Sequence[Expr], condition: Expr | None, position: int | None) -> State:
    """The level that the aggregate belongs to; 42803 when it may not stand there."""
    everything = [*parts, *([condition] if condition is not None else [])]
    home = home_of(state, everything)
    for part in everything:
        _check_contents(part, home, own=home is state)
    if home.kind in _FORBIDDEN:
        raise SqlError("42803", f"aggregate functions are not allowed in {_FORBIDDEN[home.kind]}", position=position)
    home.has_aggregates = True
    return home


def home_of(state: State, parts: Iterable[Expr]) -> State:
    """The innermost level whose columns the arguments read; this one if they read none."""
    chain: list[State] = []
    level: State | None = state
    while level is not None:
        chain.append(level)
        level = level.parent
    owners = [state.binder.owners.get(rel) for part in parts for rel in _relations(part)]
    return next((level for level in chain if level in owners), state)


def _relations(node: Any) -> Iterable[int]:
    if isinstance(node, Var):
        yield node.rel
    for child in children(node):
        yield from _relations(child)


def _check_contents(node: Any, home: State, *, own: bool, nested: bool = False) -> None:
    """No aggregate of the same level, window function or set-returning function inside."""
    if home.outer_aggregates is not None and isinstance(node, Var) and node.rel == home.outer_aggregates.rel:
        raise SqlError("42803", "aggregate function calls cannot be nested", position=node.pos)
    if own and not nested and isinstance(node, Aggref):
        raise SqlError("42803", "aggregate function calls cannot be nested", position=node.pos)
    if not nested and isinstance(node, WindowFunc):
        raise SqlError("42803", "aggregate function calls cannot contain window function calls", position=node.pos)
    if not nested and isinstance(node, FuncExpr) and node.returns_set:
        hint = "You might be able to move the set-returning function into a LATERAL FROM item."
        message = "aggregate function calls cannot contain set-returning function calls"
        raise SqlError("0A000", message, hint=hint, position=node.pos)
    for child in children(node):
        _check_contents(child, home, own=own, nested=nested or is_query(child))
