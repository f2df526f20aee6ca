"""The last look at a block before it is rendered for a node: does it keep the rows apart that a role may not see?

Contract: `check` raises SqlError XX000, and nothing is sent, unless (1) every reference to a table that the role sees in part still
says which part (`only` is the table's `rows`, but for what was computed beforehand), (2) the block's clauses hold that condition
for its rows, and (3) nothing beside it, or in what reads it, could raise because of a row that does not fulfil it. It shares with
`granted` only the knowledge of which expressions can raise, not the way in which the conditions got there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from fedgate.errors import SqlError
from fedgate.sql.granted import tells
from fedgate.sql.properties import may_tell
from fedgate.sql.tree import (
    ONLY_REL,
    Block,
    Case,
    Const,
    Derived,
    Expr,
    FromItem,
    Join,
    Param,
    Query,
    SubLink,
    TableRef,
    Var,
    children,
    conjuncts,
    is_query,
    leaves,
    own_rels,
    table_refs,
    walk,
)

_log = logging.getLogger("fedgate.roles")


def check(before: Query, after: Query) -> None:
    """`before` is the canonical block, `after` the one that is about to be rendered."""
    wanted: dict[int, tuple[Expr, ...]] = {}
    for ref in table_refs(before):
        rows = ref.table.rows
        if rows is None:
            continue
        if ref.only is None or not _same(rows, ref.only):
            raise _broken(ref, "its rows were lost on the way")
        wanted[ref.rel] = conjuncts(ref.only)
    if not wanted:
        return
    for ref in table_refs(after):
        if ref.only is not None:
            raise _broken(ref, "its rows are still to be kept apart")
    found: set[int] = set()
    for block in _blocks(after):
        found |= _check_block(block, wanted)
    if found != wanted.keys():
        raise SqlError("XX000", "rows that are not granted could be read")


def _check_block(block: Block, wanted: Mapping[int, tuple[Expr, ...]]) -> set[int]:
    """The relations of this very block that were looked for. Raises for one that is read without its condition."""
    found = set()
    for leaf in leaves(block.from_):
        if isinstance(leaf, TableRef) and leaf.rel in wanted:
            held = list(_held(block, leaf.rel))
            if not all(any(_is(part, mine, leaf.rel) for mine in held) for part in wanted[leaf.rel]):
                raise _broken(leaf, "its condition is missing")
            found.add(leaf.rel)
    limited = {rel: parts for rel, parts in wanted.items() if rel in found}
    for clause in _beside(block):
        _check_clause(clause, limited)
    below = {d.rel for d in leaves(block.from_) if isinstance(d, Derived) and any(r.rel in wanted for r in table_refs(d.query))}
    if below and any(tells(clause, below) for clause in _beside(block)):
        raise SqlError("XX000", "a condition could tell of rows that are not granted")
    return found


def _beside(block: Block) -> Iterator[Expr]:
    """What may be evaluated before or beside the conditions."""
    yield from conjuncts(block.where)
    yield from _conditions(block.from_)
    if block.having is not None:
        yield from block.group_by


def _conditions(items: tuple[FromItem, ...]) -> Iterator[Expr]:
    for item in items:
        if isinstance(item, Join):
            yield from conjuncts(item.on)
            yield from _conditions((item.left, item.right))


def _held(block: Block, rel: int) -> Iterator[Expr]:
    """The conjuncts without which no row of the relation is in the block's result."""
    yield from conjuncts(block.where) if not _filled(block.from_, rel) else ()

    def visit(item: FromItem) -> Iterator[Expr]:
        if isinstance(item, Join):
            inside = rel in _rels(item)
            if inside and (item.kind == "inner" or rel in _rels(item.right if item.kind == "left" else item.left)):
                yield from conjuncts(item.on) if item.kind != "full" else ()
            yield from visit(item.left)
            yield from visit(item.right)

    for item in block.from_:
        yield from visit(item)


def _filled(items: tuple[FromItem, ...], rel: int) -> bool:
    """Whether an outer join may put NULLs for the relation: then WHERE comes too late for it."""
    for item in items:
        if isinstance(item, Join) and rel in _rels(item):
            weak = {"left": (item.right,), "right": (item.left,), "full": (item.left, item.right), "inner": ()}[item.kind]
            return any(rel in _rels(side) for side in weak) or _filled((item.left, item.right), rel)
    return False


def _rels(item: FromItem) -> frozenset[int]:
    return own_rels(Block((), (item,)))


def _check_clause(expr: Any, limited: Mapping[int, tuple[Expr, ...]]) -> None:
    """Every part that could raise because of a limited relation's row stands behind that relation's condition."""
    if not limited or not tells(expr, frozenset(limited)):
        return
    if isinstance(expr, Case) and len(expr.whens) == 1:
        behind = conjuncts(expr.whens[0].condition)
        _check_clause(expr.whens[0].condition, limited)
        rest = {rel: parts for rel, parts in limited.items() if not all(any(_is(p, b, rel) for b in behind) for p in parts)}
        _check_clause(expr.whens[0].result, rest)
        _check_clause(expr.default, limited)
        return
    if any(_is_part(expr, rel, parts) for rel, parts in limited.items()):  # the condition itself is the administrator's
        return
    if may_tell(expr) or (isinstance(expr, SubLink) and tells(expr.query, frozenset(limited))):
        raise SqlError("XX000", "a condition could tell of rows that are not granted")
    for child in children(expr):
        if not is_query(child):
            _check_clause(child, limited)


def _is_part(expr: Any, rel: int, parts: tuple[Expr, ...]) -> bool:
    return any(_is(part, expr, rel) for part in parts)


def _is(only: Any, found: Any, rel: int) -> bool:
    """Whether `found`, over relation `rel`, is the condition `only`."""
    if isinstance(only, Var) and only.rel == ONLY_REL:
        return isinstance(found, Var) and (found.rel, found.col) == (rel, only.col)
    if type(only) is not type(found):
        return False
    mine, theirs = list(children(only)), list(children(found))
    if not mine:
        return bool(only == found)
    return len(mine) == len(theirs) and _shell(only) == _shell(found) and all(map(_is, mine, theirs, [rel] * len(mine)))


def _same(rows: Any, only: Any) -> bool:
    """Whether `only` is `rows`, but for values that were computed beforehand."""
    if rows == only:
        return True
    if isinstance(only, Const | Param):
        return not any(isinstance(n, Var) for n in walk(rows))
    mine, theirs = list(children(rows)), list(children(only))
    same_kind = type(rows) is type(only) and bool(mine) and len(mine) == len(theirs)
    return same_kind and _shell(rows) == _shell(only) and all(map(_same, mine, theirs))


def _shell(node: Any) -> tuple[Any, ...]:
    """What a node is besides what is in it."""
    names = ("op", "name", "oid", "oids", "all", "negated", "test", "method", "type", "field", "slice")
    return tuple(getattr(node, name, None) for name in names)


def _blocks(query: Query) -> Iterator[Block]:
    return (n for n in walk(query, into_queries=True) if isinstance(n, Block))


def _broken(ref: TableRef, what: str) -> SqlError:
    _log.error("a plan would have read more of table %s than is granted: %s", ref.table.name, what)
    return SqlError("XX000", f'table "{ref.table.name}" is granted in part, and {what}')
