"""EXISTS and IN (SELECT …) at SQLite, and their opposites: the keys of the subquery's rows are gathered once, and looked up.

An EXISTS must find its rows by equalities with the row at hand: as a search of its own for each row it would take their product.
A relation that is looked in is searched for ill-typed rows by itself, since keys that cannot be compared are not found (`Look`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fedgate.nodes.dialects.site import LocalRelation, Refused
from fedgate.nodes.dialects.sqlite_columns import Stored
from fedgate.nodes.dialects.sqlite_expr import Expressions, V
from fedgate.sql.tree import Block, Expr, OpExpr, SubLink, TableRef, conjuncts, ids_of

_KINDS = frozenset({"int", "text", "bool", "date", "time"})


@dataclass(frozen=True, slots=True)
class Look:
    """A relation that a condition looks in: FROM and WHERE of its rows that may count, and the tests for ill-typed ones."""

    relation: LocalRelation
    at: str
    ills: dict[str, Stored]

    @property
    def test(self) -> str:
        """Whether there is an ill-typed row; the same for all rows of the statement."""
        return f"EXISTS (SELECT 1{self.at} AND ({' OR '.join(self.ills)}))"


class Subqueries:
    """Writes the subqueries of conditions, and notes in `looks` what they look in. `source` names a relation in FROM."""

    def __init__(self, source: Callable[[LocalRelation, str], str]) -> None:
        self._source = source
        self.looks: list[Look] = []

    def __call__(self, ex: Expressions, node: SubLink) -> V:
        """The condition. Raises Refused."""
        block = node.query
        if not isinstance(block, Block) or not _is_plain(block):
            raise Refused("a subquery of this form is not on sqlite's list")
        (ref,) = block.from_
        assert isinstance(ref, TableRef)
        own, pairs = _parted(node, block, ref.rel)
        relation, alias = ex.relations[ref.rel], f"s{ref.rel}"
        inner = replace(ex, aliases={ref.rel: alias}, group=(), given={}, ill={}, doubts={}, aggregates=None, subqueries=None)
        keys = [_same(ex, inner, outer, key) for outer, key in pairs]
        source = f" FROM {self._source(relation, alias)} WHERE "
        rows = source + (" AND ".join(inner.condition(part) for part in own) or "1")
        if inner.doubts:
            raise Refused("arithmetic in a subquery is not on sqlite's list")
        self.looks.append(Look(relation, source + (" AND ".join(_leniently(inner, part) for part in own) or "1"), inner.ill))
        if not keys:
            return V(f"EXISTS (SELECT 1{rows})", "bool")
        mine, theirs = (", ".join(side) for side in zip(*keys, strict=True))
        found = f"({mine}) {'NOT IN' if node.kind == 'all' else 'IN'} (SELECT {theirs}{rows})"
        return V(f"({found} IS TRUE)" if node.kind == "exists" else f"({found})", "bool")


def _parted(node: SubLink, block: Block, rel: int) -> tuple[list[Expr], list[tuple[Expr, Expr]]]:
    """The conditions on the subquery's own rows, and what must be equal: of the row at hand, and of them."""
    foreign = [part for part in conjuncts(block.where) if not ids_of(part) <= {rel}]
    own = [part for part in conjuncts(block.where) if ids_of(part) <= {rel}]
    if node.kind == "exists":
        return own, [_pair(part, rel) for part in foreign]
    if foreign or (node.kind, node.op) not in (("any", "="), ("all", "<>")) or len(node.left) != 1:
        raise Refused("IN of rows, or of a subquery that depends on the row, is not on sqlite's list")
    return own, [(node.left[0], next(t.expr for t in block.targets if not t.junk))]


def _is_plain(block: Block) -> bool:
    cut = block.grouped or block.limit is not None or block.offset is not None or block.ctes
    return not cut and len(block.from_) == 1 and isinstance(block.from_[0], TableRef)


def _pair(part: Expr, rel: int) -> tuple[Expr, Expr]:
    """(of the row at hand, of the subquery's rows): what an equality says of both."""
    if isinstance(part, OpExpr) and part.name == "=" and len(part.args) == 2:
        left, right = part.args
        for outer, key in ((left, right), (right, left)):
            if ids_of(key) == {rel} and rel not in ids_of(outer):
                return outer, key
    raise Refused("a subquery that compares with the row otherwise than by = is not on sqlite's list")


def _same(ex: Expressions, inner: Expressions, outer: Expr, key: Expr) -> tuple[str, str]:
    """Both sides of an equality, so written that equal values are the same. Without a column's affinity, by the plus sign."""
    a, b = ex.value(outer), inner.value(key)
    if a.kind != b.kind or a.kind not in _KINDS:
        raise Refused(f"looking for {a.kind} among {b.kind} is not on sqlite's list")
    collate = " COLLATE BINARY" if a.kind == "text" else ""
    return f"+({a.sql}){collate}", f"+({b.sql}){collate}"


def _leniently(inner: Expressions, part: Expr) -> str:
    """The condition, or what it cannot be said of."""
    alone = replace(inner, ill={}, doubts={})
    aside: Sequence[str] = [alone.condition(part), *(stored.aside for stored in alone.ill.values())]
    return f"({' OR '.join(aside)})"
