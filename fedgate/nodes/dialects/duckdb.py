"""DuckDB: the gateway's own renderer, over columns that are first read into their carriers.

What `sql/lower` writes gives PostgreSQL's answers on any DuckDB with `lower.install` on it, so the list is the function table
itself, less what depends on more than its arguments. The statement's zone is written into the SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from fedgate.errors import SqlError
from fedgate.fragment import Part, Slot, TypedView
from fedgate.nodes.dialects.duckdb_columns import typed_view
from fedgate.nodes.dialects.mapping import local_table
from fedgate.nodes.dialects.site import LocalRelation, Refused, Site, no_column
from fedgate.nodes.dialects.steady import check_steady
from fedgate.nodes.relations import quote
from fedgate.sql.lower import Lowered, literal, lower
from fedgate.sql.tree import (
    INT4,
    Block,
    Coerce,
    Const,
    Expr,
    Query,
    SubLink,
    TableRef,
    Target,
    Var,
    conjunction,
    ids_of,
    table_refs,
    transform,
    walk,
)
from fedgate.types import SqlType
from fedgate.types.values import Value

_JSONB, _TEXT = 3802, SqlType(25)


class DuckDialect:
    """See the module docstring."""

    def literal(self, slot: Slot, value: Value) -> str:
        return literal(slot, value)

    def admitted(self, conjunct: Expr, relations: Mapping[int, LocalRelation], site: Site) -> str | None:
        try:
            check_steady(conjunct, zoned=True)
            (rel,) = relations
            self._lowered(_scan_block(TableRef(rel, local_table(relations[rel])), 0, (conjunct,)), relations, site)
        except Refused as reason:
            return str(reason)
        return None

    def scan(
        self, ref: TableRef, relation: LocalRelation, conjuncts: tuple[Expr, ...], schema: pa.Schema, site: Site, name: str
    ) -> Part:
        try:
            lowered, views = self._lowered(_scan_block(ref, len(relation.columns), conjuncts), {ref.rel: relation}, site)
        except Refused as reason:
            raise SqlError("0A000", str(reason)) from None
        return Part(name, lowered.template, no_column(schema), relations=(relation.placement.relation,), views=views)

    def whole(self, block: Query, schema: pa.Schema, relations: Mapping[int, LocalRelation], site: Site) -> Part:
        check_steady(block, zoned=True)
        _check_looked_in(block, relations)
        lowered, views = self._lowered(block, relations, site)
        if lowered.schema.types != schema.types or not len(schema):
            raise Refused("the carriers at the node are not those of the block")
        read = tuple(dict.fromkeys(r.placement.relation for r in relations.values()))
        return Part("whole", lowered.template, schema, relations=read, views=views)

    def _lowered(self, query: Query, relations: Mapping[int, LocalRelation], site: Site) -> tuple[Lowered, tuple[TypedView, ...]]:
        views: dict[str, TypedView] = {}

        def relation(ref: TableRef) -> str:
            view = typed_view(relations[ref.rel])
            views[view.name] = view
            return f"temp.{quote(view.name)}"

        try:
            return lower(_jsonb_from_text(query), relation, timezone=site.timezone), tuple(views.values())
        except SqlError as error:
            raise Refused(error.message) from None


def _check_looked_in(block: Query, relations: Mapping[int, LocalRelation]) -> None:
    """Refused where rows of a list of relations look for rows whose columns may raise: DuckDB makes the list's product first."""
    lists = [n.where for n in walk(block, into_queries=True) if isinstance(n, Block) and len(n.from_) > 1 and n.where is not None]
    for link in (node for where in lists for node in walk(where) if isinstance(node, SubLink)):
        inner = table_refs(link.query)
        if not ids_of(link.query) <= {ref.rel for ref in inner} and any(map(_may_raise, (relations[ref.rel] for ref in inner))):
            raise Refused("a search over checked values for rows of several relations is not on duckdb's list")


def _may_raise(relation: LocalRelation) -> bool:
    """Whether a column's values are checked as they are read."""
    return any("error(" in value for column in typed_view(relation).columns for _, value in column.cases)


def _jsonb_from_text(query: Query) -> Query:
    """A node's JSON is any spelling; jsonb's carrier is the canonical one."""
    rels = {n.rel for n in table_refs(query)}

    def step(node: Any) -> Any:
        if isinstance(node, Var) and node.type.oid == _JSONB and node.rel in rels:
            return Coerce(replace(node, type=_TEXT), node.type, "io", True)
        if isinstance(node, TableRef):
            columns = tuple(replace(c, type=_TEXT) if c.type.oid == _JSONB else c for c in node.table.columns)
            return replace(node, table=replace(node.table, columns=columns))
        return node

    return transform(query, step, into_queries=True)


def _scan_block(ref: TableRef, count: int, conjuncts: tuple[Expr, ...]) -> Block:
    targets = tuple(Target(c.attnum, Var(ref.rel, c.attnum, c.type), c.name) for c in ref.table.columns[:count])
    return Block(targets or (Target(1, Const(INT4, 1), "row"),), (ref,), conjunction(conjuncts))
