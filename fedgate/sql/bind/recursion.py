"""WITH RECURSIVE.

Source: https://www.postgresql.org/docs/15/queries-with.html#QUERIES-WITH-RECURSIVE. A recursive item is `base UNION [ALL] step`;
the base decides the column types, the step reads the item once. Items may be written in any order unless they need each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind.coerce import locate
from fedgate.sql.bind.ctes import bind_with, check_recursive_types, complete, named_columns, refuse_item
from fedgate.sql.bind.row_arrays import of_fields
from fedgate.sql.bind.search_cycle import Additions, check_form, has_clauses, not_recursive
from fedgate.sql.bind.select import bind_select
from fedgate.sql.bind.setops import branch_exprs, convert_column
from fedgate.sql.bind.state import CteEntry, Message, State, enum_name
from fedgate.sql.tree import Aggref, Block, CteRef, FromItem, Join, OutputColumn, Query, SetOp, SubLink, Var, walk
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


def _reads(node: Message, hidden: frozenset[str] = frozenset()) -> set[str]:
    """Names of relations that a raw tree reads without schema, but those that its own WITH items hide."""
    if node.DESCRIPTOR.name == "RangeVar":
        return set() if node.schemaname or node.relname in hidden else {node.relname}
    found: set[str] = set()
    clause = node.with_clause if "with_clause" in node.DESCRIPTOR.fields_by_name and node.HasField("with_clause") else None
    if clause is not None:
        items = [item.common_table_expr for item in clause.ctes]
        if clause.recursive:
            hidden |= {item.ctename for item in items}
        for item in items:
            found |= _reads(item.ctequery, hidden)
            hidden |= {item.ctename}
    for child in _children(node):
        if child.DESCRIPTOR.name != "WithClause":
            found |= _reads(child, hidden)
    return found


def _children(node: Message) -> Iterator[Message]:
    for descriptor, value in node.ListFields():
        if descriptor.message_type is not None:
            yield from (value,) if hasattr(value, "DESCRIPTOR") else value


def _messages(node: Message) -> Iterator[Message]:
    yield node
    for child in _children(node):
        yield from _messages(child)


def _bind(state: State, item: Message, *, recursive: bool) -> CteEntry:
    refuse_item(state, item)
    node = item.ctequery.select_stmt
    entry = CteEntry(state.binder.new_id(), item.ctename)
    if not recursive:
        if has_clauses(item):
            raise not_recursive(state, item)
        return complete(state, entry, item, bind_select(state, node, resolve_unknowns=True))
    position = state.pos(item.location)
    if enum_name(node, "op") != "SETOP_UNION":
        message = f'recursive query "{item.ctename}" does not have the form non-recursive-term UNION [ALL] recursive-term'
        raise SqlError("42P19", message, position=position)
    _refuse_clauses(state, node)
    state.ctes[item.ctename] = entry
    entry.recursive = True
    level = _with_items(state, item, node) if node.HasField("with_clause") else state
    base = bind_select(level, node.larg, resolve_unknowns=True)
    entry.columns = _fresh(state, named_columns(state, item, base.columns))
    added = Additions(state, item.ctename, entry.columns)
    if has_clauses(item):
        check_form(state, item)
        added.read(item)
    step = bind_select(level, node.rarg, resolve_unknowns=False)
    _check_step(entry, step)
    own = entry.columns
    if added.held:
        base, step = added.base(base), added.step(entry, step)
        entry.columns = (*own, *added.held)
    query = _union(state, entry, base, step, all_=node.all, position=position)
    entry.references = 0
    entry.query = query
    entry.columns = tuple(replace(col, name=known.name) for col, known in zip(query.columns, own, strict=False))
    entry.columns += tuple(added.columns)
    entry.spreads = added.spreads
    entry.materialized = enum_name(item, "ctematerialized") == "CTEMaterializeAlways"
    return entry


def _refuse_clauses(state: State, node: Message) -> None:
    for field, word in (("sort_clause", "ORDER BY"), ("limit_offset", "OFFSET"), ("limit_count", "LIMIT")):
        present = bool(node.sort_clause) if field == "sort_clause" else node.HasField(field)
        if present:
            first = node.sort_clause[0].sort_by.node if field == "sort_clause" else getattr(node, field)
            raise SqlError("0A000", f"{word} in a recursive query is not implemented", position=_start(state, first))


def _with_items(state: State, item: Message, node: Message) -> State:
    """A level with the items of a WITH around the UNION, which become nameless items beside the recursive one, before it."""
    level = State(state.binder, state)
    bind_with(level, node.with_clause)
    entry = state.ctes.pop(item.ctename)
    state.ctes |= {f"{item.ctename}\0{name}": inner for name, inner in level.ctes.items()}
    state.ctes[item.ctename] = entry
    return level


def _start(state: State, node: Message) -> int | None:
    """Where a raw expression starts."""
    found = [n.location for n in _messages(node) if hasattr(n, "location") and n.location >= 0]
    return state.pos(min(found)) if found else None


def _fresh(state: State, columns: tuple[OutputColumn, ...]) -> tuple[OutputColumn, ...]:
    return tuple(replace(col, id=state.binder.new_id()) for col in columns)


def _check_step(entry: CteEntry, step: Query) -> None:
    """The step reads the item once, where every one of its rows counts: not in a subquery, nor on a side that a join fills up."""
    uses = _uses(entry, step)
    if uses > 1:
        raise _misplaced(entry, "more than once", 1)
    for node in walk(step, into_queries=True):
        if isinstance(node, SubLink) and _uses(entry, node.query):
            raise _misplaced(entry, "within a subquery", 0)
        if isinstance(node, Join) and node.kind != "inner":
            filled = {"left": [node.right], "right": [node.left], "full": [node.left, node.right]}[node.kind]
            if any(_uses(entry, side) for side in filled):
                raise _misplaced(entry, "within an outer join", 0)
        if isinstance(node, SetOp) and node.op != "union":
            sides = [node.right] if node.op == "except" else [node.left, node.right]
            if any(_uses(entry, side) for side in sides):
                raise _misplaced(entry, f"within {node.op.upper()}", 0)
        if isinstance(node, Block) and node.grouped and any(_reads_directly(entry, item) for item in node.from_):
            aggregate = next((n for target in node.targets for n in walk(target) if isinstance(n, Aggref)), None)
            message = "aggregate functions are not allowed in a recursive query's recursive term"
            raise SqlError("42P19", message, position=aggregate.pos if aggregate else None)


def _uses(entry: CteEntry, node: Any) -> int:
    return sum(isinstance(n, CteRef) and n.cte == entry.id for n in walk(node, into_queries=True))


def _reads_directly(entry: CteEntry, item: FromItem) -> bool:
    if isinstance(item, Join):
        return _reads_directly(entry, item.left) or _reads_directly(entry, item.right)
    return isinstance(item, CteRef) and item.cte == entry.id


def _misplaced(entry: CteEntry, where: str, use: int) -> SqlError:
    message = f'recursive reference to query "{entry.name}" must not appear {where}'
    return SqlError("42P19", message, position=entry.positions[use])


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
        columns.append(OutputColumn(known.id, known.name, of_fields(SqlType(oid, typmod), pair), ascii=known.ascii))
    made = SetOp("union", all_, base, step, tuple(columns))
    check_recursive_types(entry, made, [locate(e) if e is not None else None for e in branch_exprs(base)])
    return made
