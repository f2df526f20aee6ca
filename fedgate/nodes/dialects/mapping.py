"""A virtual table's columns in terms of one placement: local columns, expressions over them, typed NULLs and two constants.

`localise` rewrites a block over virtual tables into the same block over the node's own relations, in the same relation ids: a
column becomes its local Var or its expression. Where a relation can be filled with NULLs by an outer join, what is not a
local column is computed in a derived table below the join, since it must be NULL there too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fedgate.catalog.model import ColumnMap, LocalColumn, Placement
from fedgate.nodes.dialects.site import LocalRelation, Site
from fedgate.schema import NODE_ATTNUM, SHARD_ATTNUM, TEXT, Column, Table
from fedgate.sql.tree import (
    Block,
    Const,
    Derived,
    Expr,
    FromItem,
    GroupingFunc,
    GroupRef,
    Join,
    Query,
    TableRef,
    Target,
    Var,
    leaves,
    nullable_rels,
    table_refs,
    transform,
    walk,
)


class Locals:
    """The local columns that one relation is asked for, numbered from 1 as they are met."""

    def __init__(self, rel: int, placement: Placement) -> None:
        self.rel = rel
        self.placement = placement
        self._numbers: dict[LocalColumn, int] = {}

    def var(self, local: LocalColumn) -> Var:
        number = self._numbers.setdefault(local, len(self._numbers) + 1)
        return Var(self.rel, number, local.type)

    @property
    def relation(self) -> LocalRelation:
        return LocalRelation(self.placement, tuple(self._numbers))

    def table(self) -> Table:
        """The local relation as a table whose attnums are the numbers."""
        return local_table(self.relation)


def local_table(relation: LocalRelation) -> Table:
    """A local relation as a table: attnum n is its column n."""
    columns = tuple(Column(n, local.name, local.type) for n, local in enumerate(relation.columns, 1))
    old = relation.placement.table
    return Table(old.schema, old.name, columns, old.oid, old.kind, old.replicated)


def column_map(placement: Placement, attnum: int) -> ColumnMap | None:
    """None for the hidden columns."""
    return placement.columns[attnum - 1] if attnum > 0 else None


def column_expr(locals_: Locals, attnum: int, site: Site) -> Expr:
    """A virtual column over local Vars."""
    if attnum == SHARD_ATTNUM:
        return Const(TEXT, site.shard)
    if attnum == NODE_ATTNUM:
        return Const(TEXT, site.home)
    mapped = locals_.placement.columns[attnum - 1]
    if mapped.source is not None:
        return locals_.var(mapped.source)
    if mapped.expression is None:
        return Const(locals_.placement.table.column(attnum).type, None)
    inputs = mapped.inputs

    def local(node: Any) -> Any:
        return locals_.var(inputs[node.col - 1]) if isinstance(node, Var) else node

    return transform(mapped.expression, local)


def used_columns(query: Query) -> dict[int, list[int]]:
    """By TableRef of the query, at any depth: the attnums that are read, ascending."""
    found: dict[int, set[int]] = {ref.rel: set() for ref in table_refs(query)}
    for node in walk(query, into_queries=True):
        if isinstance(node, Var) and node.rel in found:
            found[node.rel].add(node.col)
    return {rel: sorted(columns, key=lambda c: (c < 0, abs(c))) for rel, columns in found.items()}


def direct_rels(block: Block) -> set[int]:
    """The tables that a block joins itself."""
    return {leaf.rel for leaf in leaves(block.from_) if isinstance(leaf, TableRef)}


def derived_tables(items: Iterable[FromItem]) -> Iterator[Derived]:
    """The derived tables of a FROM list that read nothing of its other relations."""
    for item in items:
        if isinstance(item, Join):
            yield from derived_tables((item.left, item.right))
        elif isinstance(item, Derived) and not item.lateral:
            yield item


def source_of(query: Query, column: int) -> Expr | None:
    """What gives an output column, looked for through derived tables."""
    found = next((t.expr for t in query.targets if t.id == column), None) if isinstance(query, Block) else None
    if isinstance(found, Var) and isinstance(query, Block):
        below = next((d for d in derived_tables(query.from_) if d.rel == found.rel), None)
        return found if below is None else source_of(below.query, found.col)
    return found


def highest_rel(query: Query) -> int:
    """The highest relation or CTE id in a query."""
    return max((getattr(node, "rel", 0) for node in walk(query, into_queries=True)), default=0)


def localise(query: Query, site: Site) -> tuple[Query, dict[int, LocalRelation]]:
    """The query over the node's own relations, and these relations by id."""
    weak: set[int] = set()
    for node in walk(query, into_queries=True):
        if isinstance(node, Block):
            weak |= nullable_rels(node.from_)
    fresh = highest_rel(query)
    columns: dict[tuple[int, int], Expr] = {}
    items: dict[int, Callable[[TableRef], FromItem]] = {}
    relations: dict[int, LocalRelation] = {}
    for rel, attnums in used_columns(query).items():
        placement = site.placements[rel]
        if rel in weak and any(not _plain(placement, attnum) for attnum in attnums):
            fresh += 1
            locals_ = Locals(fresh, placement)
            targets = tuple(Target(a, column_expr(locals_, a, site), placement.table.column(a).name) for a in attnums)
            inner = Block(targets, (TableRef(fresh, locals_.table(), placement.table.name),))
            items[rel] = _as_derived(inner)
        else:
            locals_ = Locals(rel, placement)
            columns.update({(rel, attnum): column_expr(locals_, attnum, site) for attnum in attnums})
            items[rel] = _as_local(locals_.table())
        relations[locals_.rel] = locals_.relation
    return _rewritten(query, columns, items), relations


def _as_local(table: Table) -> Callable[[TableRef], FromItem]:
    return lambda ref: replace(ref, table=table)


def _as_derived(inner: Block) -> Callable[[TableRef], FromItem]:
    return lambda ref: Derived(ref.rel, inner, alias=ref.alias)


def _plain(placement: Placement, attnum: int) -> bool:
    mapped = column_map(placement, attnum)
    return mapped is not None and (mapped.source is not None or mapped.absent)


def _rewritten(query: Query, columns: Mapping[tuple[int, int], Expr], items: Mapping[int, Callable[[TableRef], FromItem]]) -> Query:
    def step(node: Any) -> Any:
        if isinstance(node, TableRef):
            return items[node.rel](node)
        if isinstance(node, Var):
            return columns.get((node.rel, node.col), node)
        return node

    return transform(query, step, into_queries=True)


def without_constant_keys(query: Query) -> Query:
    """The block without group keys that are the same in every row, such as its shard's name: engines would hash them row by row.

    One key always stays, since a block without keys gives a row even where there are none.
    """
    if not isinstance(query, Block) or query.grouping_sets is not None:
        return query
    kept = [i for i, key in enumerate(query.group_by) if not isinstance(key, Const)]
    if not kept or len(kept) == len(query.group_by) or any(isinstance(node, GroupingFunc) for node in walk(query)):
        return query
    keys = query.group_by
    places = {old: new for new, old in enumerate(kept)}

    def step(node: Any) -> Any:
        if not isinstance(node, GroupRef):
            return node
        return replace(node, index=places[node.index]) if node.index in places else keys[node.index]

    targets = tuple(transform(target, step) for target in query.targets)
    having = transform(query.having, step) if query.having is not None else None
    return replace(query, targets=targets, having=having, group_by=tuple(keys[i] for i in kept))
