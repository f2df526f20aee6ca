"""GROUP BY: keys, grouping sets, and the check that nothing else is read (42803).

Source: https://www.postgresql.org/docs/15/queries-table-expressions.html#QUERIES-GROUP. Targets and HAVING are bound first, over
the input; then every sub-expression that equals a key becomes a GroupRef, and a column of this level that is left over is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, cast

from fedgate.errors import SqlError
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind.aggregates import home_of
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.outer_aggregates import of_outer
from fedgate.sql.bind.sort import find_entry, item_position, require_equality
from fedgate.sql.bind.state import Message, State, enum_name
from fedgate.sql.bind.targets import Entry, same
from fedgate.sql.tree import (
    INT4,
    Aggref,
    Coerce,
    Expr,
    FuncExpr,
    GroupingFunc,
    GroupRef,
    RowExpr,
    SubLink,
    Var,
    children,
    map_children,
)

_SETS_MAX = 4096
_CUBE_MAX = 12
# GROUPING(…) until the keys are known.
_PENDING = "grouping"


@dataclass(slots=True)
class Grouping:
    """`explicit` when the text has a GROUP BY, be it of nothing. `written` are the keys as the text has them, `places` says which
    target (by id) is which key.
    """

    keys: tuple[Expr, ...]
    sets: tuple[tuple[int, ...], ...] | None
    explicit: bool
    written: tuple[Expr, ...] = ()
    places: dict[int, int] = field(default_factory=dict)


@handles("grouping_func", "args refs agglevelsup location")
def bind_grouping_func(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    if len(node.args) > 31:
        raise SqlError("54023", "GROUPING must have fewer than 32 arguments", position=position)
    args = tuple(bind_expr(state, arg) for arg in node.args)
    home = home_of(state, args)
    home.has_aggregates = True
    call = FuncExpr(_PENDING, args, (), INT4, 0, pos=position)
    return call if home is state else of_outer(home, call)


def bind_group_by(state: State, node: Message, entries: list[Entry]) -> Grouping:
    keys: list[Entry] = []
    if not node.group_clause:
        return Grouping((), None, False)
    parts = [_sets(state, item, entries, keys) for item in node.group_clause]
    sets = _product(parts)
    if node.group_distinct:
        sets = list(dict.fromkeys(tuple(sorted(s)) for s in sets))
    if len(sets) == 1:
        once: list[Expr] = []
        for i in sets[0]:
            if not any(same(keys[i].expr, known) for known in once):
                once.append(keys[i].expr)
        return Grouping(tuple(once), None, True, tuple(once))
    places = {key.id: i for i, key in enumerate(keys)}
    return Grouping(_apart(keys, entries), tuple(sets), True, tuple(key.expr for key in keys), places)


def _apart(keys: list[Entry], entries: list[Entry]) -> tuple[Expr, ...]:
    """The keys, of which no two are equal: targets of one expression are keys of their own, NULL where each of them is left out.

    The target that stands first keeps the expression: it is what others read that use the expression too.
    """
    first: list[Expr] = []
    made: dict[int, Expr] = {}
    for key in sorted(keys, key=lambda k: next((i for i, e in enumerate(entries) if e is k), len(entries))):
        expr = key.expr
        while any(same(expr, known) for known in first):
            expr = Coerce(expr, expr.type, "relabel", False, pos=expr.pos)
        first.append(expr)
        made[key.id] = expr
    return tuple(made[key.id] for key in keys)


def _product(parts: list[list[tuple[int, ...]]]) -> list[tuple[int, ...]]:
    sets: list[tuple[int, ...]] = [()]
    for part in parts:
        if len(sets) * len(part) > _SETS_MAX:
            raise SqlError("54001", f"too many grouping sets present (maximum {_SETS_MAX})")
        sets = [tuple(dict.fromkeys(a + b)) for a in sets for b in part]
    return sets


def _sets(state: State, node: Message, entries: list[Entry], keys: list[Entry]) -> list[tuple[int, ...]]:
    """The grouping sets of one GROUP BY item, as key numbers; keys are appended as they are met."""
    if node.WhichOneof("node") == "row_expr" and enum_name(node.row_expr, "row_format") == "COERCE_IMPLICIT_CAST":
        return [_key_set(state, list(node.row_expr.args), entries, keys)]
    if node.WhichOneof("node") != "grouping_set":
        return [_key_set(state, [node], entries, keys)]
    item = node.grouping_set
    kind = enum_name(item, "kind")
    if kind == "GROUPING_SET_EMPTY":
        return [()]
    if kind == "GROUPING_SET_SETS":
        return [s for child in item.content for s in _sets(state, child, entries, keys)]
    units = [_sets(state, child, entries, keys)[0] for child in item.content]
    if kind == "GROUPING_SET_ROLLUP":
        return [_joined(units[:n]) for n in range(len(units), -1, -1)]
    if len(units) > _CUBE_MAX:
        raise SqlError("54011", f"CUBE is limited to {_CUBE_MAX} elements", position=state.pos(item.location))
    chosen = [combo for n in range(len(units), -1, -1) for combo in combinations(units, n)]
    return [_joined(combo) for combo in chosen]


def _joined(units: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(i for unit in units for i in unit))


def _key_set(state: State, nodes: list[Message], entries: list[Entry], keys: list[Entry]) -> tuple[int, ...]:
    numbers: list[int] = []
    for node in nodes:
        if node.WhichOneof("node") == "row_expr" and enum_name(node.row_expr, "row_format") == "COERCE_IMPLICIT_CAST":
            numbers += _key_set(state, list(node.row_expr.args), entries, keys)
            continue
        entry = find_entry(state, node, entries, "group by")
        entry.expr = c.settle_unknown(state, entry.expr)
        require_equality(entry.expr, item_position(state, node, entry))
        parts = [_part(state, keys, expr) for expr in _parts(entry.expr)] if isinstance(entry.expr, RowExpr) else [entry]
        numbers += (_number(keys, part) for part in parts)
    return tuple(dict.fromkeys(numbers))


def _part(state: State, keys: list[Entry], expr: Expr) -> Entry:
    """What is no target of its own: the key of this expression, or a new one."""
    return next((key for key in keys if same(key.expr, expr)), None) or Entry(state.binder.new_id(), expr, "", junk=True)


def _parts(row: RowExpr) -> list[Expr]:
    """What a row is grouped by: all that it is made of."""
    parts = [row.present] if row.present is not None else []
    for inner in row.fields:
        parts += _parts(inner) if isinstance(inner, RowExpr) else [inner]
    return parts


def _number(keys: list[Entry], entry: Entry) -> int:
    """The number of a key, which is appended if it is new."""
    for i, key in enumerate(keys):
        if key is entry:
            return i
    keys.append(entry)
    return len(keys) - 1


def finish_grouping(state: State, group: Grouping, entries: list[Entry], having: Expr | None) -> Expr | None:
    """Rewrites targets over the keys (in place) and returns HAVING rewritten. 42803. Targets that are only keys go."""
    rewrite = _Rewriter(state, group)
    for entry in entries:
        place = group.places.get(entry.id)
        entry.expr = rewrite(entry.expr) if place is None else GroupRef(place, entry.expr.type, pos=entry.expr.pos)
    if state.outer_aggregates is not None:
        calls = state.outer_aggregates.calls
        calls.update({number: rewrite(call) for number, call in calls.items()})
    return rewrite(having) if having is not None else None


class _Rewriter:
    """Replaces keys by GroupRefs, top down."""

    def __init__(self, state: State, group: Grouping) -> None:
        self.state = state
        self.keys = group.keys
        self.written = group.written

    def __call__(self, expr: Expr) -> Expr:
        for i, key in enumerate(self.keys):
            if type(key) is type(expr) and same(key, expr):
                return GroupRef(i, expr.type, pos=expr.pos)
        if isinstance(expr, Var):
            return self._column(expr)
        if isinstance(expr, Aggref):
            return self._aggregate(expr)
        if isinstance(expr, FuncExpr) and expr.oid == 0 and expr.name == _PENDING:
            return self._grouping(expr)
        if isinstance(expr, SubLink):
            self.check_query(expr.query)
        return cast(Expr, map_children(expr, self))

    def _column(self, var: Var) -> Expr:
        if self.state.binder.owners.get(var.rel) is self.state:
            raise SqlError("42803", _ungrouped(self.state, var, "column"), position=var.pos)
        return var

    def _aggregate(self, expr: Aggref) -> Expr:
        if not expr.within_group:
            return expr
        # The direct arguments of an ordered-set aggregate are evaluated once a group.
        return replace(expr, args=tuple(self(arg) for arg in expr.args))

    def _grouping(self, expr: FuncExpr) -> Expr:
        numbers = []
        for arg in expr.args:
            found = next((i for i, key in enumerate(self.written) if same(key, arg)), None)
            if found is None:
                message = "arguments to GROUPING must be grouping expressions of the associated query level"
                raise SqlError("42803", message, position=arg.pos)
            numbers.append(found)
        return GroupingFunc(tuple(numbers), pos=expr.pos)

    def check_query(self, node: Any) -> None:
        """Columns of this level inside a subquery must be keys; they stay Vars there."""
        if isinstance(node, Var):
            aggregates = self.state.outer_aggregates
            if self.state.binder.owners.get(node.rel) is not self.state or (aggregates and node.rel == aggregates.rel):
                return
            if not any(same(key, node) for key in self.keys):
                raise SqlError("42803", _ungrouped(self.state, node, "subquery"), position=node.pos)
        for child in children(node):
            self.check_query(child)


def _ungrouped(state: State, var: Var, what: str) -> str:
    name, columns = state.binder.rel_names.get(var.rel, ("", {}))
    shown = f"{name}.{columns.get(var.col, '?')}" if name else columns.get(var.col, "?")
    if what == "subquery":
        return f'subquery uses ungrouped column "{shown}" from outer query'
    return f'column "{shown}" must appear in the GROUP BY clause or be used in an aggregate function'
