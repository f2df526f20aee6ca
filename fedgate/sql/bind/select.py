"""SELECT: one query level from its raw tree, in the order in which PostgreSQL looks at the clauses.

Source: https://www.postgresql.org/docs/15/sql-select.html
"""

from __future__ import annotations

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import outer_aggregates
from fedgate.sql.bind.dispatch import bind_as, clause
from fedgate.sql.bind.distinct import bind_distinct
from fedgate.sql.bind.from_items import bind_from
from fedgate.sql.bind.grouping import bind_group_by, finish_grouping
from fedgate.sql.bind.presence import with_presence
from fedgate.sql.bind.row_arrays import kept_targets
from fedgate.sql.bind.set_keys import made_first
from fedgate.sql.bind.set_targets import called_in_turn
from fedgate.sql.bind.sort import bind_order_by
from fedgate.sql.bind.state import Message, State, allow, enum_name
from fedgate.sql.bind.targets import bind_targets, settle
from fedgate.sql.tree import Block, Const, Expr, Query

_FIELDS = frozenset(
    [
        "distinct_clause",
        "target_list",
        "from_clause",
        "where_clause",
        "group_clause",
        "group_distinct",
        "having_clause",
        "window_clause",
        "values_lists",
        "sort_clause",
        "limit_offset",
        "limit_count",
        "limit_option",
        "with_clause",
        "op",
        "all",
        "larg",
        "rarg",
    ]
)


def bind_query(parent: State, node: Message, *, resolve_unknowns: bool) -> Query:
    """The query of a raw `Node` that holds a SelectStmt, below `parent`."""
    kind = node.WhichOneof("node")
    if kind != "select_stmt":
        raise unsupported(kind.replace("_", " "))
    return bind_select(parent, node.select_stmt, resolve_unknowns=resolve_unknowns)


def bind_select(parent: State, node: Message, *, resolve_unknowns: bool, root: bool = False) -> Query:
    """A SelectStmt of any form: SELECT, VALUES or a set operation. With `root`, `parent` is the (empty) level itself."""
    from fedgate.sql.bind.setops import bind_set_operation
    from fedgate.sql.bind.values import bind_values

    _refuse(parent, node)
    state = parent if root else State(parent.binder, parent)
    state.resolve_unknowns = resolve_unknowns
    if node.HasField("with_clause"):
        from fedgate.sql.bind.ctes import bind_with

        bind_with(state, node.with_clause)
    query: Query
    if enum_name(node, "op") != "SETOP_NONE":
        query = bind_set_operation(state, node)
    elif node.values_lists:
        query = bind_values(state, node)
    else:
        query = bind_block(state, node)
    if node.HasField("with_clause"):
        from fedgate.sql.bind.ctes import attach_ctes

        return attach_ctes(state, query)
    return query


def _refuse(state: State, node: Message) -> None:
    if node.locking_clause:
        raise unsupported("row locking", hint="Nodes are read only; leave FOR UPDATE and FOR SHARE out.")
    if node.HasField("into_clause"):
        raise SqlError("25006", "cannot execute SELECT INTO in a read-only transaction")
    allow(state, node, _FIELDS, "SELECT")


def bind_block(state: State, node: Message) -> Block:
    """A plain SELECT."""
    from fedgate.sql.bind.windows import check_windows, declare_windows

    declare_windows(state, node.window_clause)
    from_ = bind_from(state, node.from_clause)
    entries = bind_targets(state, node.target_list)
    where = _condition(state, node.where_clause, "where", "WHERE") if node.HasField("where_clause") else None
    having = _condition(state, node.having_clause, "having", "HAVING") if node.HasField("having_clause") else None
    order_by = bind_order_by(state, node.sort_clause, entries)
    group = bind_group_by(state, node, entries)
    distinct: bool | tuple[int, ...] = False
    if node.distinct_clause:
        distinct, order_by = bind_distinct(state, node, entries, order_by)
    offset, limit, with_ties = bind_limit(state, node)
    check_windows(state)
    if state.resolve_unknowns:
        settle(state, entries)
    grouped = bool(group.explicit or state.has_aggregates or having is not None)
    if grouped:
        having = finish_grouping(state, group, entries, having)
    keys, items = made_first(state, group.keys, tuple(with_presence(state, item) for item in from_))
    block = Block(
        tuple(e.target() for e in entries),
        items,
        where,
        keys,
        group.sets,
        grouped,
        having,
        distinct,
        tuple(order_by),
        limit,
        offset,
        with_ties,
    )
    keyed = any(map(c.expr_returns_set, group.keys))
    return called_in_turn(state, outer_aggregates.split(state, kept_targets(block)), keyed=keyed)


def _condition(state: State, node: Message, kind: str, word: str) -> Expr:
    return c.to_boolean(state, bind_as(state, node, kind), word)


def bind_limit(state: State, node: Message) -> tuple[Expr | None, Expr | None, bool]:
    """(offset, limit, with ties); `LIMIT ALL` and `LIMIT NULL` are no limit."""
    offset = _row_count(state, node.limit_offset, "OFFSET") if node.HasField("limit_offset") else None
    limit = _row_count(state, node.limit_count, "LIMIT") if node.HasField("limit_count") else None
    with_ties = enum_name(node, "limit_option") == "LIMIT_OPTION_WITH_TIES"
    if with_ties and isinstance(limit, Const) and limit.value is None:
        raise SqlError("2201W", "row count cannot be null in FETCH FIRST ... WITH TIES clause")
    return offset, limit, with_ties


def _row_count(state: State, node: Message, word: str) -> Expr:
    with clause(state, word.lower()):
        expr = c.to_bigint(state, bind_as(state, node, word.lower()), word)
    from fedgate.sql.bind.from_items import refers_to

    if refers_to(state, expr):
        raise SqlError("42P10", f"argument of {word} must not contain variables", position=expr.pos)
    return expr
