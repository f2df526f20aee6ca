"""spread_constants: what compares a column with a constant holds for every column that must equal it.

Precondition: `a.k = b.k` and `a.k op constant` are conditions of inner joins or WHERE: then `b.k op constant` is one too. Of an
outer join's ON, what the preserved side's column is held to may be asked of the other side's as well: rows that fail it would match
no row that is seen. So may a correlated subquery's column: it is evaluated for rows that pass WHERE only. Right because = of one
type is transitive with <, <=, =, >= and >, which never fail. Shards of the other table are then pruned too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fedgate.planner.domains import FLIPPED, comparable, comparable_array
from fedgate.planner.exchange import Split
from fedgate.planner.treetools import TRUE, has_sublink, map_down
from fedgate.sql.properties import is_volatile
from fedgate.sql.tree import (
    Block,
    Expr,
    FromItem,
    Join,
    OpExpr,
    Query,
    ScalarArrayOp,
    SubLink,
    Var,
    conjunction,
    conjuncts,
    ids_of,
    own_rels,
    transform,
)

NAME = "spread_constants"


def spread_constants(query: Query, split: Split) -> Query:
    """Every block with the comparisons that follow from its equalities."""
    return map_down(query, lambda block: _block(block, split))


def _block(block: Block, split: Split) -> Block:
    where = conjuncts(block.where)
    known = (*where, *(part for item in block.from_ for part in _inner(item)))
    new = _following(known, known, own_rels(block))
    if new:
        split.fired(NAME, f"{len(new)} on what equals the column")
        block = replace(block, where=conjunction((*where, *new)))
        known = (*known, *new)
    held = tuple(part for part in known if _compared(part) is not None)
    if not held:
        return block
    items = tuple(_outer(item, held, split) for item in block.from_)
    block = replace(block, from_=items) if any(a is not b for a, b in zip(items, block.from_, strict=True)) else block
    return _subqueries(block, held, split)


def _inner(item: FromItem) -> Iterator[Expr]:
    """Conditions of inner joins that no outer join is above of."""
    if isinstance(item, Join) and item.kind == "inner":
        yield from conjuncts(item.on)
        yield from _inner(item.left)
        yield from _inner(item.right)


def _compared(part: Expr) -> Var | None:
    """The column that a condition compares with what is no column."""
    if isinstance(part, ScalarArrayOp):
        fits = part.name == "=" and not part.all and comparable_array(part) and not ids_of(part.right) and _steady(part.right)
        return part.left if fits and isinstance(part.left, Var) else None
    if not (isinstance(part, OpExpr) and part.name in FLIPPED and part.name != "<>" and len(part.args) == 2):
        return None
    columns = [arg for arg in part.args if isinstance(arg, Var)]
    others = [arg for arg in part.args if not isinstance(arg, Var)]
    if len(columns) != 1 or not comparable(*part.arg_types) or ids_of(others[0]) or not _steady(others[0]):
        return None
    return columns[0]


def _steady(expr: Expr) -> bool:
    return not has_sublink(expr) and not is_volatile(expr)


def _equal(part: Expr) -> tuple[Var, Var] | None:
    """The columns of one type that a condition equates."""
    if not (isinstance(part, OpExpr) and part.name == "=" and len(part.args) == 2 and comparable(*part.arg_types)):
        return None
    left, right = part.args
    return (left, right) if isinstance(left, Var) and isinstance(right, Var) and left.type.oid == right.type.oid else None


def _following(equalities: Iterable[Expr], held: Iterable[Expr], targets: frozenset[int]) -> list[Expr]:
    """Comparisons of further columns (of relations in `targets`) that follow; what is known already is left out."""
    pairs = [pair for part in equalities if (pair := _equal(part)) is not None]
    todo = [(part, column) for part in held if (column := _compared(part)) is not None]
    seen = {part for part, _ in todo}
    found: list[Expr] = []
    while pairs and todo:
        part, column = todo.pop(0)
        for left, right in pairs:
            for mine, other in ((left, right), (right, left)):
                if mine != column:
                    continue
                new = _moved(part, column, other)
                if new not in seen:
                    seen.add(new)
                    todo.append((new, other))
                    if other.rel in targets:
                        found.append(new)
    return found


def _moved(part: Expr, column: Var, other: Var) -> Expr:
    if isinstance(part, ScalarArrayOp):
        return replace(part, left=other, pos=None)
    assert isinstance(part, OpExpr)
    return replace(part, args=tuple(other if arg == column else arg for arg in part.args), pos=None)


def _outer(item: FromItem, held: tuple[Expr, ...], split: Split) -> FromItem:
    """The item with what follows in the ON of outer joins on their NULL-extended side; `held` holds for the rows seen above."""
    if not isinstance(item, Join):
        return item
    if item.kind == "full":
        return item
    preserved, other = (item.right, item.left) if item.kind == "right" else (item.left, item.right)
    on = item.on
    if item.kind != "inner":
        there = frozenset(_rels(other))
        mine = tuple(part for part in held if ids_of(part) <= frozenset(_rels(preserved)))
        new = [part for part in _following(conjuncts(on), mine, there) if part not in conjuncts(on)]
        if new:
            split.fired(NAME, f"{len(new)} on the side that is joined")
            on = conjunction((*conjuncts(on), *new))
        kept = _outer(preserved, mine, split)
        left, right = (item.left, kept) if item.kind == "right" else (kept, item.right)
    else:
        left, right = _outer(item.left, held, split), _outer(item.right, held, split)
    return replace(item, left=left, right=right, on=on or TRUE if item.kind != "inner" else on)


def _rels(item: FromItem) -> Iterator[int]:
    if isinstance(item, Join):
        yield from _rels(item.left)
        yield from _rels(item.right)
    else:
        yield item.rel


def _subqueries(block: Block, held: tuple[Expr, ...], split: Split) -> Block:
    def narrowed(node: Expr) -> Expr:
        if not isinstance(node, SubLink) or not isinstance(node.query, Block):
            return node
        inner = node.query
        own = own_rels(inner)
        new = [p for p in _following(conjuncts(inner.where), held, own) if p not in conjuncts(inner.where)]
        if not new:
            return node
        split.fired(NAME, f"{len(new)} in a subquery")
        return replace(node, query=replace(inner, where=conjunction((*conjuncts(inner.where), *new))))

    where = None if block.where is None else transform(block.where, narrowed)
    targets = block.targets if block.grouped else tuple(replace(t, expr=transform(t.expr, narrowed)) for t in block.targets)
    return replace(block, where=where, targets=targets)
