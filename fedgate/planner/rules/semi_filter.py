"""semi_filter: the keys of a small side are asked first, and the nodes of the large side send only rows that have one of them.

Precondition: a join that is not done at the nodes, or a correlated subquery, equates a column of a sharded table with one of a
relation that its conditions make small (`_weight`): a limited or filtered one, or one of the gateway's own. The keys become a
prelude of kind `keys`: a condition `column = ANY ($k0)` is added beside the equality, wherever that reaches the table's rows. It is
implied by the equality, whose join (or subquery) stays as it is; so the keys may be those of too many rows, and where they are
too many to be sent the condition is left out when the plan runs (`without_keys`). Keys that are NULL equal nothing. The small side
is asked twice, so it must be one that gives the same rows again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from fedgate import limits
from fedgate.planner.aggregates import ORDERLESS
from fedgate.planner.domains import column_of
from fedgate.planner.exchange import Split
from fedgate.planner.locality import Local, whole
from fedgate.planner.plan import Prelude
from fedgate.planner.reach import pushable, reachable
from fedgate.planner.rules.lift_subqueries import SET_TYPES
from fedgate.planner.treetools import (
    Leaf,
    can_fail,
    every,
    foreign_ctes,
    fresh,
    ids_of,
    is_volatile,
    leaves,
    map_blocks,
    outer_rels,
    own,
    renumber,
)
from fedgate.sql.tree import (
    BOOL,
    Aggref,
    Block,
    BoundQuery,
    Coerce,
    Const,
    Derived,
    Expr,
    FromItem,
    GroupRef,
    Join,
    NullTest,
    OpExpr,
    Param,
    Query,
    ScalarArrayOp,
    SubLink,
    TableRef,
    Target,
    WindowFunc,
    conjunction,
    conjuncts,
    is_query,
    transform,
)
from fedgate.types import SqlType

NAME = "semi_filter"
Path: TypeAlias = tuple[int, ...] | None
_WEIGHT_MIN = 2


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
    if len(relations) > 1 and not isinstance(whole(block, split), Local):
        block = _joined(block, relations, split)
    block = _where_exists(block, relations, split)
    return _inside(block, relations, split)


# ------------------------------------------------------------------------------------------------ joins


def _joined(block: Block, relations: dict[int, Leaf], split: Split) -> Block:
    filtered: set[int] = set()
    applied = reachable(block)
    for pair in _pairs(block):
        (source,) = ids_of(pair.small)
        if not {pair.rel, source} <= relations.keys() - filtered:  # not there: of a block around this one
            continue
        large, small = relations[pair.rel], relations[source]
        mine = tuple(a.expr for a in pushable(applied[pair.rel], frozenset([pair.rel])))
        theirs = tuple(a.expr for a in pushable(applied[source], frozenset([source])))
        weight = _weight(small, theirs)
        if not _is_sharded(large) or weight < _WEIGHT_MIN or weight <= _weight(large, mine):
            continue
        if not _reaches(block, pair.place, large):
            continue
        keys = _keys(small, pair.small, theirs, split)
        if keys is not None:
            block = _added(block, pair.place, _among(pair, keys))
            filtered |= {pair.rel, source}
            split.fired(NAME, f"${keys.name}: rows of {_name(large)} by keys of {_name(small)}")
    return block


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
        if left.type.oid == right.type.oid and part.arg_types[0] == part.arg_types[1] and left.type.oid in SET_TYPES:
            for a, b in ((left, right), (right, left)):
                if column_of(a) is not None and not can_fail(b) and not is_volatile(b):
                    yield a, b, part


def _reaches(block: Block, place: Path, large: Leaf) -> bool:
    """Whether a condition in that clause is applied to the relation's rows before they are joined."""
    probe = _added(block, place, Const(BOOL, None))
    return len(reachable(probe)[large.rel]) > len(reachable(block)[large.rel])


def _added(block: Block, place: Path, part: Expr) -> Block:
    """The block with one more conjunct in a clause."""
    if place is None:
        return replace(block, where=conjunction((*conjuncts(block.where), part)))

    def visit(item: FromItem, path: tuple[int, ...]) -> FromItem:
        assert isinstance(item, Join)
        if path == place:
            return replace(item, on=conjunction((*conjuncts(item.on), part)))
        if place[len(path)] == 0:
            return replace(item, left=visit(item.left, (*path, 0)))
        return replace(item, right=visit(item.right, (*path, 1)))

    at = place[0]
    return replace(block, from_=(*block.from_[:at], visit(block.from_[at], (at,)), *block.from_[at + 1 :]))


# ------------------------------------------------------------------------------------------------ subqueries


def _where_exists(block: Block, relations: dict[int, Leaf], split: Split) -> Block:
    """Rows of the block by keys of a subquery that they must have a match in: `EXISTS (… WHERE inner = outer)`."""
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
            if large is None or ids_of(inside) != {small.rel} or not _is_sharded(large):
                continue
            mine = tuple(a.expr for a in pushable(reachable(block)[large.rel], frozenset([large.rel])))
            weight = _weight(small, theirs)
            if weight < _WEIGHT_MIN or weight <= _weight(large, mine) or not _reaches(block, None, large):
                continue
            keys = _keys(small, inside, theirs, split)
            if keys is not None:
                split.fired(NAME, f"${keys.name}: rows of {_name(large)} by keys of {_name(small)}")
                block = _added(block, None, _among(_Pair(outer, large.rel, inside, equality), keys))
            break
    return block


def _inside(block: Block, relations: dict[int, Leaf], split: Split) -> Block:
    """Rows of subqueries by keys of the rows that they are evaluated for."""
    applied = reachable(block)
    asked: dict[tuple[int, Expr], Param | None] = {}

    def keys_of(small: Leaf, value: Expr, theirs: tuple[Expr, ...]) -> Param | None:
        place = (small.rel, value)
        if place not in asked:
            asked[place] = _keys(small, value, theirs, split)
        return asked[place]

    def narrowed(link: SubLink) -> SubLink:
        inner = link.query
        if not isinstance(inner, Block) or inner.ctes:
            return link
        reached = reachable(inner)
        for part in conjuncts(inner.where):
            for mine, outer, equality in _equals(part):
                rels, sources = ids_of(mine), ids_of(outer)
                large = next((leaf for leaf in leaves(inner.from_) if rels == {leaf.rel}), None)
                small = relations.get(next(iter(sources))) if len(sources) == 1 else None
                if large is None or small is None or not _is_sharded(large):
                    continue
                theirs = tuple(a.expr for a in pushable(applied[small.rel], frozenset([small.rel])))
                known = tuple(a.expr for a in pushable(reached[large.rel], frozenset([large.rel])))
                weight = _weight(small, theirs)
                if weight < _WEIGHT_MIN or weight <= _weight(large, known) or not _reaches(inner, None, large):
                    continue
                keys = keys_of(small, outer, theirs)
                if keys is not None:
                    split.fired(NAME, f"${keys.name}: rows of {_name(large)} in a subquery by keys of {_name(small)}")
                    return replace(link, query=_added(inner, None, _among(_Pair(mine, large.rel, outer, equality), keys)))
        return link

    def swap(node: Expr) -> Expr:
        return narrowed(node) if isinstance(node, SubLink) else node

    where = None if block.where is None else transform(block.where, swap)
    targets = block.targets if block.grouped else tuple(replace(t, expr=transform(t.expr, swap)) for t in block.targets)
    return replace(block, where=where, targets=targets)


# ------------------------------------------------------------------------------------------------ keys


def _keys(small: Leaf, value: Expr, where: Iterable[Expr], split: Split) -> Param | None:
    """The parameter that holds the distinct values of an expression over a relation's rows; None if it cannot be asked alone."""
    if isinstance(small, Derived):
        if small.lateral or outer_rels(small.query) or foreign_ctes(small.query) or is_volatile(small.query):
            split.declined(NAME, f"{_name(small)} cannot be asked by itself")
            return None
        if not _repeats(small.query):
            split.declined(NAME, f"{_name(small)} chooses among equal rows, and might choose others when asked again")
            return None
        copy: Leaf = replace(fresh(small, split.ids), lateral=False)
    elif isinstance(small, TableRef):
        copy = replace(small, rel=split.ids.rel())
    else:
        return None
    rels = {small.rel: copy.rel}
    key = renumber(value, rels, {})
    parts = (*(renumber(part, rels, {}) for part in where), NullTest(key, True))
    query = Block((Target(1, key, "key"),), (copy,), conjunction(parts), distinct=True)
    array = SqlType(value.type.pg.array_oid, value.type.typmod)
    name = split.ids.name("k")
    plan = split.sub_plan(BoundQuery(query, split.parameters, split.ids.next_id))
    split.preludes.append(Prelude(name, "keys", plan, array))
    return Param(name, array)


def _among(pair: _Pair, keys: Param) -> ScalarArrayOp:
    return ScalarArrayOp("=", pair.large, keys, (pair.equality.arg_types[0], keys.type.oid), False, pair.equality.oid)


def _weight(leaf: Leaf, conditions: Iterable[Expr]) -> int:
    """How much smaller than all of it a relation's rows are held to be: there are no statistics, so conditions are weighed."""
    if isinstance(leaf, Derived):
        return _query_weight(leaf.query)
    if not isinstance(leaf, TableRef):
        return 0
    weights = [_condition_weight(part) for part in conditions]
    if leaf.table.kind != "virtual":
        return 5 if any(weights) else 0
    return sum(weights) + (leaf.table.replicated if any(weights) else 0)


def _query_weight(query: Query) -> int:
    if query.limit is not None:
        return 4 if at_most(query.limit, limits.SEMI_KEYS_MAX) else 0
    if not isinstance(query, Block) or len(query.from_) != 1 or isinstance(query.from_[0], Join):
        return 0
    (leaf,) = leaves(query.from_)
    return _weight(leaf, conjuncts(query.where))


def at_most(limit: Expr, rows: int) -> bool:
    """Whether a LIMIT is a constant, and no larger."""
    while isinstance(limit, Coerce):
        limit = limit.arg
    return isinstance(limit, Const) and isinstance(limit.value, int) and limit.value <= rows


def _repeats(query: Query) -> bool:
    """Whether the query gives the same rows when it is asked twice: nothing in it is chosen among equals."""
    return all(_chooses_nothing(n) for n in every(query) if is_query(n)) and not any(
        isinstance(n, WindowFunc) or (isinstance(n, Aggref) and n.name not in ORDERLESS) for n in every(query)
    )


def _chooses_nothing(query: Query) -> bool:
    if query.limit is None and query.offset is None:
        return not isinstance(query, Block) or not isinstance(query.distinct, tuple)
    if not isinstance(query, Block) or not query.group_by or query.grouping_sets is not None or query.distinct:
        return False
    order = {k.column for k in query.order_by}
    sorted_by = [t.expr for t in query.targets if t.id in order]
    return all(GroupRef(i, key.type) in sorted_by for i, key in enumerate(query.group_by))


def _condition_weight(part: Expr) -> int:
    if isinstance(part, NullTest):
        return 0
    if isinstance(part, ScalarArrayOp):
        return 2 if part.name == "=" and not part.all else 0
    return 3 if isinstance(part, OpExpr) and part.name == "=" else 1 if not isinstance(part, OpExpr) or part.name != "<>" else 0


def _is_plain(part: Expr) -> bool:
    return not is_volatile(part) and not any(isinstance(n, SubLink) for n in own(part))


def _is_virtual(leaf: Leaf) -> bool:
    return isinstance(leaf, TableRef) and leaf.table.kind == "virtual"


def _is_sharded(leaf: Leaf) -> bool:
    return isinstance(leaf, TableRef) and leaf.table.kind == "virtual" and not leaf.table.replicated


def _name(leaf: Leaf) -> str:
    if isinstance(leaf, TableRef):
        return leaf.table.name
    return leaf.alias or "a derived table" if isinstance(leaf, Derived) else "a relation"
