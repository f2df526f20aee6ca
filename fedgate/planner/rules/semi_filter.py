"""semi_filter: the keys of a small side are asked first, and the nodes of the large side send only rows that have one of them.

Precondition: a join that is not done at the nodes, or a correlated subquery, equates a column of a sharded table with one of a
relation that has far fewer rows by `estimates`, and whose conditions leave out most of what it has (or that has few at all). The
condition that its keys give (`keys`) is added beside the equality, wherever that reaches the large table's rows. It is implied by
the equality, whose join (or subquery) stays as it is. Of several small sides each spares rows of its own; one whose rows are
spared by keys is not asked for its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from fedgate import limits
from fedgate.planner.domains import column_of
from fedgate.planner.estimates import leaf_rows
from fedgate.planner.exchange import Split
from fedgate.planner.keys import among, ask, label
from fedgate.planner.locality import Local, whole
from fedgate.planner.plan import Prelude
from fedgate.planner.reach import pushable, reachable
from fedgate.planner.rules.lift_subqueries import SET_TYPES
from fedgate.planner.treetools import map_blocks, own
from fedgate.sql.properties import can_fail, is_volatile
from fedgate.sql.tree import (
    BOOL,
    Block,
    Coerce,
    Const,
    Derived,
    Expr,
    FromItem,
    Join,
    Leaf,
    OpExpr,
    Query,
    SubLink,
    TableRef,
    Values,
    Var,
    conjunction,
    conjuncts,
    ids_of,
    leaves,
    transform,
    walk,
)

NAME = "semi_filter"
Path: TypeAlias = tuple[int, ...] | None
RATIO_MIN: Final = 4
"""So many times as many rows a side must be expected to have for the other's keys to be asked first."""
UNFILTERED_ROWS_MAX: Final = 500
"""Of a side without conditions: keys of more rows than this are not asked for."""
SHARD_KEYS_MIN: Final = 1_000
"""So many keys go to each node, however few rows it has."""
INTEGERS: Final = frozenset([20, 21, 23])
KEY_TYPES: Final = SET_TYPES | {1700}


@dataclass(frozen=True, slots=True)
class _Pair:
    """`large` of relation `rel` equals `small` of another one; `place` is the clause that says so."""

    large: Expr
    rel: int
    small: Expr
    equality: OpExpr
    place: Path = None


def semi_filter(query: Query, split: Split) -> Query:
    """Every block with the conditions that keys of its small relations give."""
    return query if split.deferred else map_blocks(query, lambda block: _block(block, split))


def _block(block: Block, split: Split) -> Block:
    relations = {leaf.rel: leaf for leaf in leaves(block.from_)}
    if not any(_is_virtual(leaf) for leaf in relations.values()):
        return block
    local = isinstance(whole(block, split), Local)
    if not local:
        block = _joined(block, relations, split)
        block = _where_exists(block, relations, split)
    return _inside(block, relations, split, where=not local)


# ------------------------------------------------------------------------------------------------ joins


def _joined(block: Block, relations: dict[int, Leaf], split: Split) -> Block:
    spared: set[int] = set()
    sources: set[int] = set()
    done: set[tuple[int, int]] = set()
    asked = _Asked(split)
    for few, pair in _worthwhile(block, relations, split):
        (source,) = ids_of(pair.small)
        if (pair.rel, source) in done or pair.rel in sources or source in spared:
            continue
        large, small = relations[pair.rel], relations[source]
        keys = asked.keys(small, pair.small, _reaching(block, source), few)
        if keys is not None:
            block = _added(block, pair.place, among(pair.large, pair.equality, keys))
            done.add((pair.rel, source))
            spared.add(pair.rel)
            sources.add(source)
            split.fired(NAME, f"${keys.name}: rows of {label(large)} by keys of {label(small)}")
    return block


def _worthwhile(block: Block, relations: dict[int, Leaf], split: Split) -> list[tuple[_Few, _Pair]]:
    """What may be asked for, with the rows expected, the smallest first."""
    found: list[tuple[_Few, _Pair]] = []
    for pair in _pairs(block):
        (source,) = ids_of(pair.small)
        if not {pair.rel, source} <= relations.keys():  # not there: of a block around this one
            continue
        large, small = relations[pair.rel], relations[source]
        few = _worth(small, pair.small, _reaching(block, source), large, _reaching(block, pair.rel), split)
        if few is not None and _reaches(block, pair.place, large):
            found.append((few, pair))
    return sorted(found, key=lambda candidate: candidate[0].rows)


def _reaching(block: Block, rel: int) -> tuple[Expr, ...]:
    """The conditions on one relation of the block that its node may evaluate."""
    return tuple(a.expr for a in pushable(reachable(block)[rel], frozenset([rel])))


def _pairs(block: Block) -> Iterator[_Pair]:
    """Equalities of two relations of the block, both ways."""

    def clauses(item: FromItem, path: tuple[int, ...]) -> Iterator[tuple[Path, Expr]]:
        if isinstance(item, Join):
            yield from ((path, part) for part in conjuncts(item.on))
            yield from clauses(item.left, (*path, 0))
            yield from clauses(item.right, (*path, 1))

    found: list[tuple[Path, Expr]] = [(None, part) for part in conjuncts(block.where)]
    for i, item in enumerate(block.from_):
        found += clauses(item, (i,))
    for place, part in found:
        for large, small, equality in _equals(part):
            if len(ids_of(large)) == 1 and len(ids_of(small)) == 1 and ids_of(large) != ids_of(small):
                yield _Pair(large, next(iter(ids_of(large))), small, equality, place)


def _equals(part: Expr) -> Iterator[tuple[Expr, Expr, OpExpr]]:
    """Both ways to read `a = b` of one type whose values can be sent as a set."""
    if isinstance(part, OpExpr) and part.name == "=" and len(part.args) == 2:
        left, right = part.args
        types = frozenset(part.arg_types)
        if (types <= INTEGERS or len(types) == 1) and {left.type.oid, right.type.oid} <= KEY_TYPES and _as_is(part):
            for a, b in ((left, right), (right, left)):
                if column_of(a) is not None and not can_fail(b) and not is_volatile(b):
                    yield a, b, part


def _as_is(part: OpExpr) -> bool:
    """Whether the sides are compared in their own types, or both as text."""
    return all(arg.type.oid == oid or {arg.type.oid, oid} == {25, 1043} for arg, oid in zip(part.args, part.arg_types, strict=True))


def _reaches(block: Block, place: Path, large: Leaf) -> bool:
    """Whether a condition in that clause is applied to the relation's rows before they are joined."""
    probe = _added(block, place, (Const(BOOL, None),))
    return len(reachable(probe)[large.rel]) > len(reachable(block)[large.rel])


def _added(block: Block, place: Path, parts: tuple[Expr, ...]) -> Block:
    """The block with more conjuncts in a clause."""
    if place is None:
        return replace(block, where=conjunction((*conjuncts(block.where), *parts)))

    def visit(item: FromItem, path: tuple[int, ...]) -> FromItem:
        assert isinstance(item, Join)
        if path == place:
            return replace(item, on=conjunction((*conjuncts(item.on), *parts)))
        if place[len(path)] == 0:
            return replace(item, left=visit(item.left, (*path, 0)))
        return replace(item, right=visit(item.right, (*path, 1)))

    at = place[0]
    return replace(block, from_=(*block.from_[:at], visit(block.from_[at], (at,)), *block.from_[at + 1 :]))


# ------------------------------------------------------------------------------------------------ subqueries


def _where_exists(block: Block, relations: dict[int, Leaf], split: Split) -> Block:
    """Rows of the block by keys of a subquery that they must have a match in: `EXISTS (… WHERE inner = outer)`."""
    asked = _Asked(split)
    for part in conjuncts(block.where):
        if not (isinstance(part, SubLink) and part.kind == "exists" and isinstance(part.query, Block)):
            continue
        inner = part.query
        if inner.grouped or inner.ctes or len(inner.from_) != 1 or isinstance(inner.from_[0], Join):
            continue
        (small,) = leaves(inner.from_)
        theirs = tuple(p for p in conjuncts(inner.where) if ids_of(p) <= {small.rel} and _is_plain(p))
        for outer, inside, equality in (e for p in conjuncts(inner.where) for e in _equals(p)):
            rels = ids_of(outer)
            large = relations.get(next(iter(rels))) if len(rels) == 1 else None
            if large is None or ids_of(inside) != {small.rel}:
                continue
            few = _worth(small, inside, theirs, large, _reaching(block, large.rel), split)
            if few is None or not _reaches(block, None, large):
                continue
            keys = asked.keys(small, inside, theirs, few)
            if keys is not None:
                split.fired(NAME, f"${keys.name}: rows of {label(large)} by keys of {label(small)}")
                block = _added(block, None, among(outer, equality, keys))
            break
    return block


def _inside(block: Block, relations: dict[int, Leaf], split: Split, *, where: bool) -> Block:
    """Rows of subqueries, those of WHERE too, by keys of the rows that they are evaluated for."""
    asked = _Asked(split)

    def narrowed(link: SubLink) -> SubLink:
        inner = link.query
        if not isinstance(inner, Block) or inner.ctes:
            return link
        for part in conjuncts(inner.where):
            for mine, outer, equality in _equals(part):
                rels, sources = ids_of(mine), ids_of(outer)
                large = next((leaf for leaf in leaves(inner.from_) if rels == {leaf.rel}), None)
                small = relations.get(next(iter(sources))) if len(sources) == 1 else None
                if large is None or small is None:
                    continue
                theirs = _reaching(block, small.rel)
                few = _worth(small, outer, theirs, large, _reaching(inner, large.rel), split)
                if few is None or not _reaches(inner, None, large):
                    continue
                keys = asked.keys(small, outer, theirs, few)
                if keys is not None:
                    split.fired(NAME, f"${keys.name}: rows of {label(large)} in a subquery by keys of {label(small)}")
                    return replace(link, query=_added(inner, None, among(mine, equality, keys)))
        return link

    def swap(node: Expr) -> Expr:
        return narrowed(node) if isinstance(node, SubLink) else node

    condition = transform(block.where, swap) if where and block.where is not None else block.where
    targets = block.targets if block.grouped else tuple(replace(t, expr=transform(t.expr, swap)) for t in block.targets)
    return replace(block, where=condition, targets=targets)


# ------------------------------------------------------------------------------------------------ which side


@dataclass(frozen=True, slots=True)
class _Few:
    """A small side: about how many rows it has, and how many keys may go to each node of the large one."""

    rows: float
    most: int


def _worth(small: Leaf, value: Expr, theirs: tuple[Expr, ...], large: Leaf, mine: tuple[Expr, ...], split: Split) -> _Few | None:
    """What is expected of the small side; None if asking for its keys first is not held to be worth its time."""
    if not isinstance(large, TableRef) or not _is_sharded(large) or (isinstance(small, Derived) and not _is_light(small.query)):
        return None
    few, many = leaf_rows(small, theirs, split.snapshot), leaf_rows(large, mine, split.snapshot)
    # What is asked of the key alone holds for the other side's column too. Keys of all rows are usually all that it has, but of
    # a temporary table: its rows were chosen by whoever filled it.
    telling = tuple(part for part in theirs if any(isinstance(n, Var) and n != column_of(value) for n in walk(part)))
    chosen = isinstance(small, TableRef) and small.table.kind == "temp"
    if few.base > UNFILTERED_ROWS_MAX and not chosen and not leaf_rows(small, telling, split.snapshot).narrowed:
        return None
    # Each node gets all keys, which are to be fewer than its rows.
    shard_rows = round(many.base / max(len(split.snapshot.shards(large.table)), 1))
    most = min(limits.SEMI_KEYS_MAX, max(shard_rows, SHARD_KEYS_MIN))
    return _Few(few.rows, most) if few.rows * RATIO_MIN <= many.rows else None


def _is_light(query: Query) -> bool:
    """Whether it may be asked twice: of one relation, or cut short."""
    if query.limit is not None:
        return at_most(query.limit, limits.SEMI_KEYS_MAX)
    if isinstance(query, Block):
        return len(query.from_) == 1 and not isinstance(query.from_[0], Join)
    return isinstance(query, Values)


def at_most(limit: Expr, rows: int) -> bool:
    """Whether a LIMIT is a constant, and no larger."""
    while isinstance(limit, Coerce):
        limit = limit.arg
    return isinstance(limit, Const) and isinstance(limit.value, int) and limit.value <= rows


class _Asked:
    """The keys that a block has asked for, by relation and value: the same serve several large sides."""

    def __init__(self, split: Split) -> None:
        self._split = split
        self._made: dict[tuple[int, Expr], Prelude | None] = {}

    def keys(self, small: Leaf, value: Expr, theirs: tuple[Expr, ...], few: _Few) -> Prelude | None:
        place = (small.rel, value)
        if place not in self._made:
            made = ask(small, value, theirs, few.rows, few.most, self._split)
            if isinstance(made, str):
                self._split.declined(NAME, made)
            self._made[place] = None if isinstance(made, str) else made
        return self._made[place]


def _is_plain(part: Expr) -> bool:
    return not is_volatile(part) and not any(isinstance(n, SubLink) for n in own(part))


def _is_virtual(leaf: Leaf) -> bool:
    return isinstance(leaf, TableRef) and leaf.table.kind == "virtual"


def _is_sharded(leaf: Leaf) -> bool:
    return isinstance(leaf, TableRef) and leaf.table.kind == "virtual" and not leaf.table.replicated
