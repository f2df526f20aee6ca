"""WITH RECURSIVE.

Source: https://www.postgresql.org/docs/15/queries-with.html#QUERIES-WITH-RECURSIVE. A recursive item is `base UNION [ALL] step`; the
base decides the column types, the step reads the item once. Items may be written in any order unless they need each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind.ctes import check_recursive_types, complete, named_columns, refuse_item
from fedgate.sql.bind.select import bind_select
from fedgate.sql.bind.setops import convert_column
from fedgate.sql.bind.state import CteEntry, Message, State, enum_name
from fedgate.sql.tree import CteRef, OutputColumn, Query, SetOp, Var, walk
from fedgate.types import SqlType


def bind_recursive(state: State, items: list[Message]) -> None:
    """Binds the items in an order in which each finds what it reads; 0A000 for items that need each other."""
    names = {item.ctename for item in items}
    needs = {item.ctename: _reads(item.ctequery) & names for item in items}
    done: list[str] = []
    waiting = list(items)
    while waiting:
        ready = next((x for x in waiting if needs[x.ctename] - {x.ctename} <= set(done)), None)
        if ready is None:
            position = state.pos(waiting[0].location)
            raise SqlError("0A000", "mutual recursion between WITH items is not implemented", position=position)
        waiting.remove(ready)
        recursive = ready.ctename in needs[ready.ctename]
        state.ctes[ready.ctename] = _bind(state, ready, recursive=recursive)
        done.append(ready.ctename)
    # The scope keeps the order of the text.
    state.ctes = {item.ctename: state.ctes[item.ctename] for item in sorted(items, key=lambda x: done.index(x.ctename))}


def _reads(node: Message) -> set[str]:
    """Names of relations that a raw tree reads without schema. Names that an inner WITH hides count too: that only costs order."""
    return {n.relname for n in _messages(node) if n.DESCRIPTOR.name == "RangeVar" and not n.schemaname}


def _messages(node: Message) -> Iterator[Message]:
    yield node
    for descriptor, value in node.ListFields():
        if descriptor.message_type is None:
            continue
        for child in (value,) if hasattr(value, "DESCRIPTOR") else value:
            yield from _messages(child)


def _bind(state: State, item: Message, *, recursive: bool) -> CteEntry:
    refuse_item(state, item)
    node = item.ctequery.select_stmt
    entry = CteEntry(state.binder.new_id(), item.ctename)
    if not recursive:
        return complete(state, entry, item, bind_select(state, node, resolve_unknowns=True))
    position = state.pos(item.location)
    if enum_name(node, "op") != "SETOP_UNION":
        message = f'recursive query "{item.ctename}" does not have the form non-recursive-term UNION [ALL] recursive-term'
        raise SqlError("42P19", message, position=position)
    _refuse_clauses(state, node)
    state.ctes[item.ctename] = entry
    entry.recursive = True
    base = bind_select(state, node.larg, resolve_unknowns=True)
    entry.columns = _fresh(state, named_columns(state, item, base.columns))
    step = bind_select(state, node.rarg, resolve_unknowns=False)
    _check_step(entry, step, position)
    query = _union(state, entry, base, step, all_=node.all, position=position)
    entry.references = 0
    entry.query = query
    entry.columns = tuple(replace(col, name=known.name) for col, known in zip(query.columns, entry.columns, strict=True))
    entry.materialized = enum_name(item, "ctematerialized") == "CTEMaterializeAlways"
    return entry


def _refuse_clauses(state: State, node: Message) -> None:
    for field, word in (("sort_clause", "ORDER BY"), ("limit_offset", "OFFSET"), ("limit_count", "LIMIT")):
        present = bool(node.sort_clause) if field == "sort_clause" else node.HasField(field)
        if present:
            raise SqlError("0A000", f"{word} in a recursive query is not implemented")
    if node.HasField("with_clause"):
        raise unsupported("WITH inside a recursive query", hint="Put it into one of the two branches.")


def _fresh(state: State, columns: tuple[OutputColumn, ...]) -> tuple[OutputColumn, ...]:
    return tuple(replace(col, id=state.binder.new_id()) for col in columns)


def _check_step(entry: CteEntry, step: Query, position: int | None) -> None:
    uses = [n for n in walk(step, into_queries=True) if isinstance(n, CteRef) and n.cte == entry.id]
    if len(uses) > 1:
        message = f'recursive reference to query "{entry.name}" must not appear more than once'
        raise SqlError("42P19", message, position=position)


def _union(state: State, entry: CteEntry, base: Query, step: Query, *, all_: bool, position: int | None) -> SetOp:
    assert entry.columns is not None
    if len(base.columns) != len(step.columns):
        raise SqlError("42601", "each UNION query must have the same number of columns", position=position)
    columns: list[OutputColumn] = []
    for i, (known, other) in enumerate(zip(entry.columns, step.columns, strict=True)):
        pair: list[Any] = [Var(0, 0, known.type), Var(0, 0, other.type)]
        oid = c.common_type(pair, "UNION")
        typmod = known.type.typmod if known.type == other.type else -1
        base, step = convert_column(state, base, i, oid, "UNION"), convert_column(state, step, i, oid, "UNION")
        columns.append(OutputColumn(known.id, known.name, SqlType(oid, typmod)))
    made = SetOp("union", all_, base, step, tuple(columns))
    check_recursive_types(entry, made, position)
    return made
