"""ORDER BY, GROUP BY and DISTINCT items: which target each one means.

Source: https://www.postgresql.org/docs/15/sql-select.html#SQL-ORDERBY. An item is an output name, an output number or an expression
over the input; expressions that are no target yet become junk targets.
"""

from __future__ import annotations

from collections.abc import Sequence

from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_as
from fedgate.sql.bind.scope import find_column
from fedgate.sql.bind.state import Message, State, allow, enum_name
from fedgate.sql.bind.targets import Entry, same
from fedgate.sql.tree import Aggref, Expr, RowExpr, SortBy, SortKey, WindowFunc, walk

_SORT_FIELDS = frozenset(["node", "sortby_dir", "sortby_nulls", "use_op", "location"])
_WORDS = {"order by": "ORDER BY", "group by": "GROUP BY", "distinct on": "DISTINCT ON"}


def find_entry(state: State, node: Message, entries: list[Entry], kind: str) -> Entry:
    """The target that an item of ORDER BY, GROUP BY or DISTINCT ON means, junk if it is none yet. 42P10, 42702, 42601."""
    which = node.WhichOneof("node")
    if which == "column_ref" and len(node.column_ref.fields) == 1:
        field = node.column_ref.fields[0]
        if field.WhichOneof("node") == "string":
            found = _by_name(state, field.string.sval, entries, kind, state.pos(node.column_ref.location))
            if found is not None:
                return _checked(found, kind)
    elif which == "a_const":
        return _checked(_by_number(state, node.a_const, entries, kind), kind)
    return find_expression(state, node, entries, kind)


def find_expression(state: State, node: Message, entries: list[Entry], kind: str) -> Entry:
    """The target equal to an expression over the input."""
    expr = bind_as(state, node, kind)
    for entry in entries:
        if same(entry.expr, expr):
            return entry
    entry = Entry(state.binder.new_id(), expr, "", junk=True)
    entries.append(entry)
    return entry


def item_position(state: State, node: Message, entry: Entry) -> int | None:
    """Where an item stands: its own name or number, else the expression that it is."""
    kind = node.WhichOneof("node")
    return state.pos(getattr(node, kind).location) if kind in ("column_ref", "a_const") else c.locate(entry.expr)


def _by_name(state: State, name: str, entries: list[Entry], kind: str, position: int | None) -> Entry | None:
    if kind == "group by" and _is_local_column(state, name, position):
        return None
    found: Entry | None = None
    for entry in entries:
        if entry.junk or entry.name != name:
            continue
        if found is not None and not same(found.expr, entry.expr):
            raise SqlError("42702", f'{_WORDS[kind]} "{name}" is ambiguous', position=position)
        found = found or entry
    return found


def _is_local_column(state: State, name: str, position: int | None) -> bool:
    parent, state.parent = state.parent, None
    try:
        return find_column(state, name, position) is not None
    finally:
        state.parent = parent


def _by_number(state: State, node: Message, entries: list[Entry], kind: str) -> Entry:
    position = state.pos(node.location)
    if node.WhichOneof("val") != "ival":
        raise SqlError("42601", f"non-integer constant in {_WORDS[kind]}", position=position)
    visible = [e for e in entries if not e.junk]
    number = int(node.ival.ival)
    if not 0 < number <= len(visible):
        raise SqlError("42P10", f"{_WORDS[kind]} position {number} is not in select list", position=position)
    return visible[number - 1]


def _checked(entry: Entry, kind: str) -> Entry:
    """A target that was found by name or number may hold what its clause does not allow."""
    if kind == "group by":
        for node in walk(entry.expr):
            if isinstance(node, Aggref):
                raise SqlError("42803", "aggregate functions are not allowed in GROUP BY", position=node.pos)
            if isinstance(node, WindowFunc):
                raise SqlError("42P20", "window functions are not allowed in GROUP BY", position=node.pos)
    return entry


def bind_order_by(state: State, nodes: Sequence[Message], entries: list[Entry]) -> list[SortKey]:
    """ORDER BY of a block; may append junk targets."""
    keys: list[SortKey] = []
    for node in nodes:
        item = node.sort_by
        entry = find_entry(state, item.node, entries, "order by")
        entry.expr = c.settle_unknown(state, entry.expr)
        descending, nulls_first = direction(state, item)
        require_ordering(entry.expr, item_position(state, item.node, entry))
        if all(k.column != entry.id for k in keys):
            keys.append(SortKey(entry.id, descending, nulls_first))
    return keys


def bind_sort_by(state: State, nodes: Sequence[Message], kind: str) -> tuple[SortBy, ...]:
    """ORDER BY of an aggregate or a window: expressions only."""
    items: list[SortBy] = []
    for node in nodes:
        item = node.sort_by
        expr = c.settle_unknown(state, bind_as(state, item.node, kind))
        descending, nulls_first = direction(state, item)
        require_ordering(expr, expr.pos)
        if not any(same(known.expr, expr) for known in items):
            items.append(SortBy(expr, descending, nulls_first))
    return tuple(items)


def direction(state: State, item: Message) -> tuple[bool, bool]:
    """(descending, nulls first) with PostgreSQL's defaults made explicit."""
    allow(state, item, _SORT_FIELDS, "ORDER BY")
    way = enum_name(item, "sortby_dir")
    descending = way == "SORTBY_DESC"
    if way == "SORTBY_USING":
        name = item.use_op[-1].string.sval
        if name not in ("<", ">"):
            position = state.pos(item.location)
            hint = 'Ordering operators must be "<" or ">" members of btree operator families.'
            raise SqlError("42809", f"operator {name} is not a valid ordering operator", hint=hint, position=position)
        descending = name == ">"
    nulls = enum_name(item, "sortby_nulls")
    return descending, descending if nulls == "SORTBY_NULLS_DEFAULT" else nulls == "SORTBY_NULLS_FIRST"


def require_ordering(expr: Expr, position: int | None) -> None:
    """42883 for a type that has no order."""
    bad = unordered(expr)
    if bad:
        hint = "Use an explicit ordering operator or modify the query."
        message = f"could not identify an ordering operator for type {t.type_name(bad)}"
        raise SqlError("42883", message, hint=hint, position=position)


def require_equality(expr: Expr, position: int | None) -> None:
    """42883 for a type whose values cannot be compared for grouping."""
    bad = unordered(expr)
    if bad and not t.type_row(bad).hashable:
        message = f"could not identify an equality operator for type {t.type_name(bad)}"
        raise SqlError("42883", message, position=position)


def unordered(expr: Expr) -> int:
    """The type in a value of `expr` that has no order, 0 if all have one."""
    if isinstance(expr, RowExpr):
        return next((bad for bad in map(unordered, expr.fields) if bad), 0)
    oid = expr.type.oid
    if oid in (t.RECORD, t.RECORD_ARRAY):
        return 0
    if oid in (t.VARCHAR,):
        return 0
    base = t.element_of(oid) or oid
    row = t.type_row(base)
    if row.sortable or base == t.VARCHAR or row.category == "E":
        return 0
    from fedgate.sql.bind.coerce import binary_coercible

    return 0 if any(binary_coercible(base, x) for x in (t.TEXT, t.OID)) else base
