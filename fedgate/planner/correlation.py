"""How a subquery depends on the rows of the query around it.

Contract: `correlation(block)` takes a block's WHERE apart: `inside` are the conditions that read the block's own rows only, `links`
those that read rows of queries around it. Each link is an equality of an expression over own rows, the *key*, with one that reads
none of them: whatever the outer row is, it sees rows of one value of all keys. None where a condition links otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fedgate.planner.treetools import has_sublink, has_vars
from fedgate.sql.tree import Block, Expr, OpExpr, conjunction, conjuncts, ids_of, own_rels


@dataclass(frozen=True, slots=True)
class Correlation:
    """See the module docstring. `keys[i]` is argument number `places[i]` of `links[i]`."""

    inside: Expr | None
    links: tuple[OpExpr, ...] = ()
    places: tuple[int, ...] = ()

    @property
    def keys(self) -> tuple[Expr, ...]:
        return tuple(link.args[place] for link, place in zip(self.links, self.places, strict=True))

    def linked(self, columns: Mapping[Expr, Expr]) -> Expr | None:
        """The links with other expressions in place of the keys."""
        return conjunction(tuple(map(_replaced, self.links, self.places, (columns[key] for key in self.keys))))


def correlation(block: Block) -> Correlation | None:
    """See the module docstring."""
    mine = own_rels(block)
    parts = conjuncts(block.where)
    outside = tuple(part for part in parts if not ids_of(part) <= mine)
    links = [link for part in outside if (link := _link(part, mine)) is not None]
    if len(links) < len(outside):
        return None
    inside = tuple(part for part in parts if part not in outside)
    return Correlation(conjunction(inside), tuple(link for link, _ in links), tuple(place for _, place in links))


def _link(part: Expr, mine: frozenset[int]) -> tuple[OpExpr, int] | None:
    if not isinstance(part, OpExpr) or part.name != "=" or len(part.args) != 2 or has_sublink(part):
        return None
    for place, (key, value) in enumerate((part.args, part.args[::-1])):
        if has_vars(key) and ids_of(key) <= mine and not ids_of(value) & mine:
            return part, place
    return None


def _replaced(link: OpExpr, place: int, column: Expr) -> OpExpr:
    return replace(link, args=(column, link.args[1]) if place == 0 else (link.args[0], column))
