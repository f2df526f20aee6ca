"""WITH: common table expressions, recursive ones too.

Source: https://www.postgresql.org/docs/15/queries-with.html. Every WITH item is bound once. One that is read once, and may move, is
put where it is read; one that is never read goes; the others stay as `Cte` at the level that declares them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.row_columns import spread
from fedgate.sql.bind.search_cycle import has_clauses, not_recursive
from fedgate.sql.bind.select import bind_select
from fedgate.sql.bind.state import CteEntry, Message, State, allow, enum_name
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import (
    Cte,
    CteRef,
    Derived,
    OutputColumn,
    Query,
    SetOp,
    transform,
    walk,
)

_WITH_FIELDS = frozenset(("ctes", "recursive", "location"))
_CTE_FIELDS = frozenset(["ctename", "aliascolnames", "ctematerialized", "ctequery", "location", "search_clause", "cycle_clause"])


def bind_with(state: State, node: Message) -> None:
    """Binds the items of a WITH clause into the scope of `state`."""
    allow(state, node, _WITH_FIELDS, "WITH")
    items = [item.common_table_expr for item in node.ctes]
    seen: set[str] = set()
    for item in items:
        if item.ctename in seen:
            message = f'WITH query name "{item.ctename}" specified more than once'
            raise SqlError("42712", message, position=state.pos(item.location))
        seen.add(item.ctename)
    if not node.recursive:
        for item in items:
            state.ctes[item.ctename] = _bind_item(state, item)
        return
    from fedgate.sql.bind.recursion import bind_recursive

    bind_recursive(state, items)


def refuse_item(state: State, item: Message) -> None:
    allow(state, item, _CTE_FIELDS, "a WITH query")
    kind = item.ctequery.WhichOneof("node")
    if kind != "select_stmt":
        word = kind.removesuffix("_stmt").upper()
        raise SqlError("25006", f"cannot execute {word} in a read-only transaction", position=state.pos(item.location))


def _bind_item(state: State, item: Message) -> CteEntry:
    refuse_item(state, item)
    query = bind_select(state, item.ctequery.select_stmt, resolve_unknowns=True)
    if has_clauses(item):
        raise not_recursive(state, item)
    entry = CteEntry(state.binder.new_id(), item.ctename)
    return complete(state, entry, item, query)


def complete(state: State, entry: CteEntry, item: Message, query: Query) -> CteEntry:
    """The entry with its query and column names."""
    entry.columns = named_columns(state, item, query.columns)
    entry.query, entry.spreads = (query, {}) if entry.recursive else spread(state.binder, query)
    entry.materialized = enum_name(item, "ctematerialized") == "CTEMaterializeAlways"
    entry.inlinable = not entry.materialized and not is_volatile(entry.query)
    return entry


def named_columns(state: State, item: Message, columns: tuple[OutputColumn, ...]) -> tuple[OutputColumn, ...]:
    names = [n.string.sval for n in item.aliascolnames]
    if len(names) > len(columns):
        message = f'WITH query "{item.ctename}" has {len(columns)} columns available but {len(names)} columns specified'
        raise SqlError("42P10", message, position=state.pos(item.location))
    return tuple(replace(col, name=names[i] if i < len(names) else col.name) for i, col in enumerate(columns))


def reference(state: State, entry: CteEntry, position: int | None) -> tuple[OutputColumn, ...]:
    """The columns that a use of the CTE gives; counts the use."""
    if entry.columns is None:
        message = f'recursive reference to query "{entry.name}" must not appear within its non-recursive term'
        raise SqlError("42P19", message, position=position)
    entry.references += 1
    entry.positions.append(position)
    return entry.columns


def attach_ctes(state: State, query: Query) -> Query:
    """`query` with the WITH items that stay, and with the others put where they are read."""
    entries = list(state.ctes.values())
    moving: dict[int, CteEntry] = {}
    staying: list[CteEntry] = []
    for entry in reversed(entries):
        if entry.references == 0:
            _forget(entries, entry)
        elif entry.references == 1 and entry.inlinable and not entry.recursive:
            moving[entry.id] = entry
        else:
            staying.append(entry)
    staying.reverse()
    if moving:
        query = _move(query, moving)
        for entry in staying:
            assert entry.query is not None
            entry.query = _move(entry.query, moving)
    if not staying:
        return query
    ctes = tuple(
        Cte(e.id, e.name, e.query, recursive=e.recursive, materialized=e.materialized)  # type: ignore[arg-type]
        for e in staying
    )
    return replace(query, ctes=ctes + query.ctes)


def _forget(entries: list[CteEntry], gone: CteEntry) -> None:
    """A CTE that is never read reads nothing itself."""
    assert gone.query is not None
    counts: dict[int, int] = {}
    for node in walk(gone.query, into_queries=True):
        if isinstance(node, CteRef):
            counts[node.cte] = counts.get(node.cte, 0) + 1
    for entry in entries:
        if entry is not gone:
            entry.references -= counts.get(entry.id, 0)


def _move(query: Query, moving: dict[int, CteEntry]) -> Query:
    def put(node: Any) -> Any:
        entry = moving.get(node.cte) if isinstance(node, CteRef) else None
        if entry is None:
            return node
        assert entry.query is not None
        return Derived(node.rel, _move(entry.query, moving), alias=node.alias)

    return transform(query, put, into_queries=True)


def check_recursive_types(entry: CteEntry, query: SetOp, positions: list[int | None]) -> None:
    """42804 when the recursive branch changes a column's type."""
    assert entry.columns is not None
    for i, (first, whole) in enumerate(zip(entry.columns, query.columns, strict=True), 1):
        if first.type != whole.type:
            old, new = t.type_name(first.type.oid, first.type.typmod), t.type_name(whole.type.oid, whole.type.typmod)
            message = f'recursive query "{entry.name}" column {i} has type {old} in non-recursive term but type {new} overall'
            hint = "Cast the output of the non-recursive term to the correct type."
            raise SqlError("42804", message, hint=hint, position=positions[i - 1])
