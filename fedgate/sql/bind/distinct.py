"""DISTINCT and DISTINCT ON."""

from __future__ import annotations

from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind.sort import find_entry, item_position, require_equality
from fedgate.sql.bind.state import Message, State
from fedgate.sql.bind.targets import Entry
from fedgate.sql.tree import SortKey


def bind_distinct(
    state: State, node: Message, entries: list[Entry], order_by: list[SortKey]
) -> tuple[bool | tuple[int, ...], list[SortKey]]:
    """What Block.distinct and Block.order_by are. 42P10 where ORDER BY sorts by what DISTINCT does not keep."""
    items = [n for n in node.distinct_clause if n.WhichOneof("node") is not None]
    if not items:
        return _all(state, entries, order_by), order_by
    return _on(state, items, entries, order_by), order_by


def _all(state: State, entries: list[Entry], order_by: list[SortKey]) -> bool:
    sorted_ids = {key.column for key in order_by}
    for entry in entries:
        if entry.junk and entry.id in sorted_ids:
            message = "for SELECT DISTINCT, ORDER BY expressions must appear in select list"
            raise SqlError("42P10", message, position=entry.expr.pos)
    visible = [entry for entry in entries if not entry.junk]
    if not visible:
        raise SqlError("42601", "SELECT DISTINCT must have at least one column")
    for entry in visible:
        entry.expr = c.settle_unknown(state, entry.expr)
        require_equality(entry.expr, entry.expr.pos)
    return True


def _on(state: State, items: list[Message], entries: list[Entry], order_by: list[SortKey]) -> tuple[int, ...]:
    ids: list[int] = []
    positions: dict[int, int | None] = {}
    for item in items:
        entry = find_entry(state, item, entries, "distinct on")
        entry.expr = c.settle_unknown(state, entry.expr)
        require_equality(entry.expr, item_position(state, item, entry))
        if entry.id not in ids:
            ids.append(entry.id)
            positions[entry.id] = item_position(state, item, entry)
    skipped = False
    seen: set[int] = set()
    for key in order_by:
        if key.column in positions:
            if skipped:
                raise _mismatch(positions[key.column])
            seen.add(key.column)
        else:
            skipped = True
    missing = [i for i in ids if i not in seen]
    if skipped and missing:
        raise _mismatch(positions[missing[0]])
    return tuple(ids)


def _mismatch(position: int | None) -> SqlError:
    return SqlError("42P10", "SELECT DISTINCT ON expressions must match initial ORDER BY expressions", position=position)
