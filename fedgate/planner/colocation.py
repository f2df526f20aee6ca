"""Where the rows of a FROM list lie, and which joins of sharded tables are joins shard by shard.

Contract: `spread` gives a `Spread` when the FROM list over a union of shards is the union of the FROM lists over each, else the
reason as text. Rows of two sharded tables that a join brings together lie in one shard when the join equates their `_shard`, or
the shard keys of co-located tables (`colocated_with`, a table with itself): then matches are found where the rows are, and so is
the lack of one. A replicated table is whole everywhere, so it must not be on the preserved side of an outer join with a sharded
one: its rows would come once for each shard.

Equalities hold through others, through constants and through parameters. A NULL key equals nothing, wherever its row lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from fedgate.planner.domains import column_of
from fedgate.planner.exchange import Split
from fedgate.schema import SHARD_ATTNUM, Table
from fedgate.sql.tree import Const, Expr, FromItem, Join, OpExpr, Param, TableRef, conjuncts, nullable_rels

Term: TypeAlias = tuple[object, ...]
_PRESERVED = "a replicated table is on the preserved side of an outer join"


@dataclass(frozen=True, slots=True)
class Spread:
    """`tables` are the sharded ones (none: the rows are the same everywhere), `shards` those that can have rows, `known` are
    conditions that every row passes."""

    tables: tuple[TableRef, ...] = ()
    shards: frozenset[str] = frozenset()
    known: tuple[Expr, ...] = ()


def spread(items: Sequence[FromItem], where: Expr | None, split: Split) -> Spread | str:
    """The FROM list's rows that pass `where`, or why they cannot be found shard by shard."""
    return _inner(tuple(items), conjuncts(where), split)


def _item(item: FromItem, split: Split) -> Spread | str:
    if isinstance(item, TableRef):
        if item.table.replicated:
            return Spread()
        return Spread((item,), frozenset(shard.name for shard in split.snapshot.shards(item.table)))
    assert isinstance(item, Join)
    if item.kind == "inner":
        return _inner((item,), (), split)
    return _outer(item, split)


def _inner(items: tuple[FromItem, ...], known: tuple[Expr, ...], split: Split) -> Spread | str:
    """Inner joins in any order: what each of them asks is known of every row."""
    members: list[Spread] = []
    waiting = list(reversed(items))
    while waiting:
        item = waiting.pop()
        if isinstance(item, Join) and item.kind == "inner":
            known = (*known, *conjuncts(item.on))
            waiting += (item.right, item.left)
            continue
        member = _item(item, split)
        if isinstance(member, str):
            return member
        members.append(member)
    known = (*known, *(c for m in members for c in m.known))
    sharded = [m for m in members if m.tables]
    if not sharded:
        return Spread(known=known)
    reason = _apart(sharded, known)
    if reason is not None:
        return reason
    tables = tuple(ref for m in sharded for ref in m.tables)
    return Spread(tables, frozenset.intersection(*(m.shards for m in sharded)), known)


def _outer(join: Join, split: Split) -> Spread | str:
    left, right = _item(join.left, split), _item(join.right, split)
    if isinstance(left, str) or isinstance(right, str):
        return left if isinstance(left, str) else right
    if preserves_a_copy(join.kind, left, right):
        return _PRESERVED
    tables = (*left.tables, *right.tables)
    if left.tables and right.tables:
        reason = _apart([left, right], (*conjuncts(join.on), *left.known, *right.known))
        if reason is not None:
            return reason
    if join.kind == "full":
        return Spread(tables, left.shards | right.shards)
    side = left if join.kind == "left" else right
    return Spread(tables, side.shards, side.known)


def preserves_a_copy(kind: str, left: Spread, right: Spread) -> bool:
    """Whether rows of a replicated table would come once for each shard."""
    if not (left.tables or right.tables):
        return False
    return (kind in ("left", "full") and not left.tables) or (kind in ("right", "full") and not right.tables)


def beside(lead: TableRef, rows: Spread, ref: TableRef, known: Iterable[Expr], split: Split) -> str | None:
    """Why rows of `ref` that meet, under what is known, a row of these need not lie in its shard, or not at its nodes."""
    others = Spread((ref,))
    reason = _apart([rows, others], (*rows.known, *known))
    return reason or _elsewhere(lead.table, ref.table, split)


# ------------------------------------------------------------------------------------------------ links


def _apart(members: Sequence[Spread], known: Iterable[Expr]) -> str | None:
    """Why rows of the members that meet need not lie in one shard."""
    terms = _Classes()
    for condition in known:
        if isinstance(condition, OpExpr) and condition.name == "=" and len(condition.args) == 2:
            left, right = (_term(arg) for arg in condition.args)
            if left is not None and right is not None:
                terms.join(left, right)
    places = _Classes()
    refs = [(i, ref) for i, member in enumerate(members) for ref in member.tables]
    for at, (i, a) in enumerate(refs):
        for j, b in refs[at + 1 :]:
            if i != j and _meet(a, b, terms):
                places.join((i,), (j,))
    first = places.of((0,))
    alone = next((member for i, member in enumerate(members) if places.of((i,)) != first), None)
    if alone is None:
        return None
    names = f"{members[0].tables[0].table.name} and {alone.tables[0].table.name}"
    return f"{names} are not joined on _shard, nor on the shard keys of co-located tables"


def _meet(a: TableRef, b: TableRef, terms: _Classes) -> bool:
    """Whether rows of the two tables that meet lie in one shard."""
    if terms.same((a.rel, SHARD_ATTNUM), (b.rel, SHARD_ATTNUM)):
        return True
    if not _colocated(a.table, b.table):
        return False
    pairs = zip(shard_key(a.table), shard_key(b.table), strict=True)
    return all(terms.same((a.rel, x), (b.rel, y)) for x, y in pairs)


def _colocated(a: Table, b: Table) -> bool:
    if not a.shard_key or len(a.shard_key) != len(b.shard_key):
        return False
    mine, theirs = {(a.schema, a.name), a.colocated_with}, {(b.schema, b.name), b.colocated_with}
    return bool((mine & theirs) - {None})


def shard_key(table: Table) -> tuple[int, ...]:
    """The attnums of a table's shard key; () if it has none."""
    places = {column.name: column.attnum for column in (*table.columns, *table.withheld)}
    return tuple(places[name] for name in table.shard_key)


def _term(expr: Expr) -> Term | None:
    column = column_of(expr)
    if column is not None:
        return column.rel, column.col
    if isinstance(expr, Const) and expr.value is not None:
        return "constant", expr.type.oid, expr.value
    return ("parameter", expr.name) if isinstance(expr, Param) else None


class _Classes:
    """What is equal to what."""

    def __init__(self) -> None:
        self._above: dict[Term, Term] = {}

    def of(self, term: Term) -> Term:
        while (above := self._above.get(term)) is not None:
            term = above
        return term

    def join(self, a: Term, b: Term) -> None:
        a, b = self.of(a), self.of(b)
        if a != b:
            self._above[a] = b

    def same(self, a: Term, b: Term) -> bool:
        return self.of(a) == self.of(b)


# ------------------------------------------------------------------------------------------------ one table for all


def leading(found: Spread, items: Sequence[FromItem], split: Split) -> TableRef | str:
    """The table whose shards are those to ask; every other has each of them too, at the same nodes and of the same home.

    So whichever replica is read, and whichever a setting allows, is one of all tables.
    """
    weak = nullable_rels(items)
    lead = next((r for r in sorted(found.tables, key=lambda r: r.rel in weak) if _names(r.table, split) == found.shards), None)
    if lead is None:
        return f"{' and '.join(dict.fromkeys(r.table.name for r in found.tables))} have different shards"
    reasons = (_elsewhere(lead.table, table, split) for table in dict.fromkeys(ref.table for ref in found.tables))
    return next((reason for reason in reasons if reason is not None), lead)


def _elsewhere(lead: Table, table: Table, split: Split) -> str | None:
    """Which shard of the leading table another one does not have at the same nodes."""
    if table is lead:
        return None
    homes, others = _homes(lead, split), _homes(table, split)
    other = next((name for name in homes if others.get(name) != homes[name]), None)
    return None if other is None else f"shard {other} of {lead.name} and of {table.name} are not at the same nodes"


def _names(table: Table, split: Split) -> frozenset[str]:
    return frozenset(shard.name for shard in split.snapshot.shards(table))


def _homes(table: Table, split: Split) -> dict[str, tuple[str, frozenset[str]]]:
    """By shard: its home and its nodes."""
    return {s.name: (s.home, frozenset(p.node.name for p in s.placements)) for s in split.snapshot.shards(table)}
