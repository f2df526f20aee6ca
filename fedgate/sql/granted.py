"""The rows that a role may see, as conditions: what `TableRef.only` says becomes part of the block's own clauses.

Contract: `enforced` gives the same block over whole tables. A reference's `only` is a conjunct of WHERE, the first one, or of the
ON of the outer join that fills the relation with NULLs. No engine promises in which order it evaluates conjuncts, nor that it
leaves a filter outside of the derived table that it reads. So whatever could tell of other rows by an error is computed only where
the role's condition holds: `1/x > 2` becomes `CASE WHEN only THEN 1/x END > 2`. That is done where an engine may evaluate an
expression beside the condition: in WHERE and ON, in the keys of a block with HAVING, and everywhere in blocks below others.

`tells` says which expressions could: all but those that cannot raise, whatever the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from fedgate.errors import SqlError
from fedgate.sql.properties import may_tell
from fedgate.sql.tree import (
    ONLY_REL,
    Block,
    Case,
    Const,
    Cte,
    Derived,
    Expr,
    FromItem,
    Join,
    Query,
    SetOp,
    SubLink,
    TableRef,
    Var,
    When,
    conjunction,
    conjuncts,
    ids_of,
    leaves,
    map_children,
    table_refs,
    transform,
    walk,
)

Conditions: TypeAlias = Mapping[int, Expr]
"""By relation: what holds for its rows."""
Raises: TypeAlias = "Callable[[Var], bool]"
"""Whether reading a column may raise, as the expression that a placement computes it by may."""


def is_limited(query: Query) -> bool:
    """Whether any table in it has rows that are not granted."""
    return any(ref.table.rows is not None or ref.only is not None for ref in table_refs(query))


def condition(ref: TableRef) -> Expr | None:
    """What holds for the reference's rows, over its own relation id."""
    if ref.only is None:
        return None
    only: Expr = transform(ref.only, lambda n: replace(n, rel=ref.rel) if isinstance(n, Var) and n.rel == ONLY_REL else n)
    return only


def never(_: Var) -> bool:
    return False


def enforced(query: Query, raises: Raises = never) -> Query:
    """The query with the conditions of its references written out."""
    return _query(query, raises, below=False)


def _query(query: Query, raises: Raises, *, below: bool) -> Query:
    """`below`: what this query gives is read by another one, whose filters may be taken into it."""

    def nested(node: Any) -> Any:
        return replace(node, query=_query(node.query, raises, below=True)) if isinstance(node, SubLink | Derived | Cte) else node

    query = transform(query, nested)
    if isinstance(query, SetOp):
        return replace(query, left=_query(query.left, raises, below=below), right=_query(query.right, raises, below=below))
    return _block(query, raises, below=below) if isinstance(query, Block) else query


def _block(block: Block, raises: Raises, *, below: bool) -> Block:
    limits = _limits(block.from_)
    if not limits:
        return block

    def safe(expr: Expr) -> Expr:
        return guarded(expr, limits, raises)

    items: list[FromItem] = []
    only: list[Expr] = []
    for item in block.from_:
        made, above = _from(item, limits, safe)
        items.append(made)
        only += above
    where = conjunction((*only, *(safe(part) for part in conjuncts(block.where))))
    keys = tuple(map(safe, block.group_by)) if below or block.having is not None else block.group_by
    targets = tuple(replace(t, expr=safe(t.expr)) for t in block.targets) if below else block.targets
    return replace(block, from_=tuple(items), where=where, group_by=keys, targets=targets)


def _limits(items: tuple[FromItem, ...]) -> dict[int, Expr]:
    refs = (leaf for leaf in leaves(items) if isinstance(leaf, TableRef))
    return {ref.rel: only for ref in refs if (only := condition(ref)) is not None}


def _from(item: FromItem, limits: Conditions, safe: Callable[[Expr], Expr]) -> tuple[FromItem, list[Expr]]:
    """The item over whole tables, and the conditions that have to be put above it."""
    if isinstance(item, TableRef) and item.rel in limits:
        return replace(item, only=None), list(conjuncts(limits[item.rel]))
    if not isinstance(item, Join):
        return item, []
    left, lefts = _from(item.left, limits, safe)
    right, rights = _from(item.right, limits, safe)
    on: list[Expr] = [safe(part) for part in conjuncts(item.on)]
    if item.kind == "full" and (lefts or rights):
        raise SqlError("XX000", "rows that are not granted stand below a full join")
    if item.kind == "left":
        on, above = rights + on, lefts
    elif item.kind == "right":
        on, above = lefts + on, rights
    else:
        above = lefts + rights
    return replace(item, left=left, right=right, on=conjunction(tuple(on))), above


def guarded(expr: Expr, limits: Conditions, raises: Raises = never) -> Expr:
    """The expression with what could tell of rows computed only where the conditions of the relations that it reads hold."""
    rels = ids_of(expr) & limits.keys()
    if not rels or not tells(expr, rels, raises):
        return expr
    if _tells_itself(expr, raises):
        holds = conjunction(tuple(part for rel in sorted(rels) for part in conjuncts(limits[rel])))
        assert holds is not None
        return Case((When(holds, expr),), Const(expr.type, None), expr.type)
    made: Expr = map_children(expr, lambda part: guarded(part, limits, raises))
    return made


def tells(expr: Any, rels: frozenset[int] | set[int], raises: Raises = never) -> bool:
    """Whether evaluating an expression may raise because of what is in a row of these relations; nested queries count."""
    return any(_tells_itself(n, raises) and ids_of(n) & rels for n in walk(expr, into_queries=True))


def _tells_itself(node: Any, raises: Raises) -> bool:
    return raises(node) if isinstance(node, Var) else may_tell(node)


def stays(block: Block) -> str | None:
    """Why a node cannot be asked for the block's FROM and WHERE together: it could tell of rows that are not granted, by an error
    of what it evaluates before the conditions. None: it can, by `enforced`."""
    if not is_limited(block):
        return None
    rels = frozenset(_limits(block.from_))
    refs = table_refs(block)
    if len(refs) > 1 and any(isinstance(n, Var) and n.col < 0 for ref in refs if ref.only is not None for n in walk(ref.only)):
        return "rows that are granted by where they lie, in a join"  # a node says of all relations what it knows of one
    if any(_under_full(item) for item in block.from_):
        return "a full join of rows that are granted in part"
    for link in (n for part in conjuncts(block.where) for n in walk(part) if isinstance(n, SubLink)):
        if tells(link.query, rels):
            return "a subquery that may raise, of rows that are granted in part"
        if any(isinstance(n, Derived | Cte) and is_limited(n.query) for n in walk(link.query, into_queries=True)):
            return "a subquery over derived rows that are granted in part"
        if any(_under_full(item) for n in walk(link.query, into_queries=True) if isinstance(n, Block) for item in n.from_):
            return "a full join of rows that are granted in part"
    below = frozenset(leaf.rel for leaf in leaves(block.from_) if isinstance(leaf, Derived) and is_limited(leaf.query))
    if below and any(tells(part, below) for part in conjuncts(block.where)):
        return "a condition that may raise, on derived rows that are granted in part"
    return None


def _under_full(item: FromItem) -> bool:
    """Whether a full join has rows below it that are granted in part."""
    if not isinstance(item, Join):
        return False
    return (item.kind == "full" and bool(_limits((item,)))) or _under_full(item.left) or _under_full(item.right)
