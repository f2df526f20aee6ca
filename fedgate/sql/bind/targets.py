"""Target lists: output columns while a block is being bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.collations import is_ascii
from fedgate.sql.bind.dispatch import bind_as
from fedgate.sql.bind.names import output_name
from fedgate.sql.bind.stars import expand, is_star
from fedgate.sql.bind.state import Message, State, allow
from fedgate.sql.tree import Expr, Origin, Target, Var

_FIELDS = frozenset(("name", "val", "location"))


@dataclass(slots=True)
class Entry:
    """A target whose expression may still change (unknown literals, group keys)."""

    id: int
    expr: Expr
    name: str
    junk: bool = False
    origin: Origin | None = None
    ascii: bool = False

    def target(self) -> Target:
        return Target(self.id, self.expr, self.name, self.junk, self.origin, self.ascii)


def bind_targets(state: State, nodes: Sequence[Message]) -> list[Entry]:
    """The select list, stars expanded."""
    entries: list[Entry] = []
    for node in nodes:
        item = node.res_target
        allow(state, item, _FIELDS, "a target")
        if is_star(item.val):
            entries += [_entry(state, expr, name) for name, expr in expand(state, item.val)]
            continue
        expr = bind_as(state, item.val, "select")
        name = item.name or output_name(state, item.val)
        entries.append(_entry(state, expr, name))
    if len(entries) > limits.COLUMNS_MAX:
        raise SqlError("54011", f"target lists can have at most {limits.COLUMNS_MAX} entries")
    return entries


def _entry(state: State, expr: Expr, name: str) -> Entry:
    origin = state.binder.origins.get(expr.rel, {}).get(expr.col) if isinstance(expr, Var) else None
    return Entry(state.binder.new_id(), expr, name, origin=origin, ascii=is_ascii(state, expr))


def settle(state: State, entries: Sequence[Entry]) -> None:
    """Targets that nobody gave a type become text."""
    for entry in entries:
        if entry.expr.type.oid == t.UNKNOWN:
            entry.expr = c.settle_unknown(state, entry.expr)


def same(left: Expr, right: Expr) -> bool:
    """Whether two bound expressions are equal, 1.0 and 1.00 being different constants."""
    return left == right and repr(left) == repr(right)
