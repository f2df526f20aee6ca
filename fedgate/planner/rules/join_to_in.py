"""join_to_in: a join with the few groups that a limited subquery chose is a condition, `column IN (SELECT …)`.

Precondition: an inner join equates a column with the only column of a derived table that is unique in it, being its only key of
GROUP BY or its DISTINCT; the derived table depends on nothing around it and has a small LIMIT. Right because each row meets one row
of it or none, and where it meets one its column is the same value: types are asked for whose equal values are identical. Tools
write the series of a chart so; `lift_subqueries` then asks for them first, once, and the rest is aggregated at the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fedgate import limits
from fedgate.planner.exchange import Split
from fedgate.planner.rules.lift_subqueries import SET_TYPES
from fedgate.planner.rules.semi_filter import at_most
from fedgate.planner.treetools import foreign_ctes, map_blocks, outer_rels, substitute
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import (
    BOOL,
    Block,
    Derived,
    Expr,
    FromItem,
    GroupRef,
    Join,
    OpExpr,
    Query,
    SubLink,
    Var,
    conjunction,
    conjuncts,
    leaves,
    own_rels,
)

NAME = "join_to_in"
# Of float8 0 and -0 are equal, and are not the same.
_IDENTICAL = SET_TYPES - {701}


def join_to_in(query: Query, split: Split) -> Query:
    """Every such join as a condition."""
    return map_blocks(query, lambda block: _block(block, split))


def _block(block: Block, split: Split) -> Block:
    for item in block.from_:
        for derived in _inner(item):
            if derived.query.limit is None or len(list(leaves(block.from_))) < 2:
                continue
            reason = _reason(derived)
            if reason is None:
                made = _condition(block, derived, split)
                if made is not None:
                    split.fired(NAME, f"derived table {derived.alias or derived.rel}")
                    return _block(made, split)
                reason = "no inner join equates its column with another"
            split.declined(NAME, f"derived table {derived.alias or derived.rel}: {reason}")
    return block


def _inner(item: FromItem) -> list[Derived]:
    """Derived tables that are joined by inner joins only."""
    if isinstance(item, Join):
        return [*_inner(item.left), *_inner(item.right)] if item.kind == "inner" else []
    return [item] if isinstance(item, Derived) else []


def _reason(derived: Derived) -> str | None:
    query = derived.query
    if not isinstance(query, Block) or len(query.columns) != 1:
        return "more than one column of it is read"
    (target,) = (t for t in query.targets if not t.junk)
    unique = (
        query.distinct is True if not query.grouped else len(query.group_by) == 1 and target.expr == GroupRef(0, target.expr.type)
    )
    if not unique or query.grouping_sets is not None:
        return "its column is not known to be unique"
    if target.expr.type.oid not in _IDENTICAL:
        return f"equal values of {target.expr.type} need not be identical"
    if query.limit is None or not at_most(query.limit, limits.SEMI_KEYS_MAX):
        return "its LIMIT is large, or no constant"
    if derived.lateral or outer_rels(query) or foreign_ctes(query) or is_volatile(query):
        return "it depends on what is around it"
    return None


def _condition(block: Block, derived: Derived, split: Split) -> Block | None:
    """The block without the derived table; None if no equality names it."""
    (column,) = derived.query.columns
    mine = Var(derived.rel, column.id, column.type)
    own = own_rels(block)
    on = (part for item in block.from_ for part in _conditions(item))
    for part in (*conjuncts(block.where), *on):
        other = _other_side(part, mine)
        if other is None or other.rel not in own:
            continue
        assert isinstance(part, OpExpr)
        where = list(conjuncts(block.where))
        items = tuple(kept for item in block.from_ if (kept := _without(item, derived, where)) is not None)
        rest = replace(block, from_=items, where=conjunction(tuple(p for p in where if p is not part)))
        bare: Block = substitute(rest, {(mine.rel, mine.col): other}, split.ids)
        link = SubLink("any", derived.query, BOOL, left=(other,), op="=", oids=(part.oid,))
        return replace(bare, where=conjunction((*conjuncts(bare.where), link)))
    return None


def _conditions(item: FromItem) -> Iterator[Expr]:
    """Of inner joins that no outer join is above of."""
    if isinstance(item, Join) and item.kind == "inner":
        yield from conjuncts(item.on)
        yield from _conditions(item.left)
        yield from _conditions(item.right)


def _without(item: FromItem, derived: Derived, lost: list[Expr]) -> FromItem | None:
    """The item without the derived table; `lost` gets the conditions of the join that is no more."""
    if item is derived:
        return None
    if not isinstance(item, Join) or item.kind != "inner":
        return item
    left, right = _without(item.left, derived, lost), _without(item.right, derived, lost)
    if left is None or right is None:
        lost += conjuncts(item.on)
        return left or right
    return replace(item, left=left, right=right)


def _other_side(part: Expr, mine: Var) -> Var | None:
    """The column that a condition equates with the derived table's."""
    if not (isinstance(part, OpExpr) and part.name == "=" and len(part.args) == 2 and mine in part.args):
        return None
    other = part.args[1] if part.args[0] == mine else part.args[0]
    return other if isinstance(other, Var) and other.type.oid == mine.type.oid and other.rel != mine.rel else None
