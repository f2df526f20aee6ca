"""One canonical block for one node: whole if the engine's list holds all of it, else superset scans and a residual. Between the two
are sketches of the values that a node counts (`by_values`), and groups that the gateway finishes (`unfinished`).

The residual is the same block, nothing removed, over what the scans give: a conjunct that could be sent as well is evaluated
twice, never lost. Only WHERE and ON conjuncts of a single relation are sent with a scan, and only below no outer join that
would have filled the relation with NULLs; a conjunct that can raise is sent only when all conjuncts before it are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from fedgate.catalog.model import Placement
from fedgate.errors import SqlError
from fedgate.fragment import Part, column_id, column_name
from fedgate.nodes.dialects.by_values import by_values
from fedgate.nodes.dialects.fitted import Fitted
from fedgate.nodes.dialects.granted_check import check
from fedgate.nodes.dialects.mapping import (
    Locals,
    column_expr,
    column_map,
    derived_tables,
    direct_rels,
    highest_rel,
    localise,
    source_of,
    used_columns,
    without_constant_keys,
)
from fedgate.nodes.dialects.registry import dialect_of, literal_of
from fedgate.nodes.dialects.site import Dialect, Refused, Site, described
from fedgate.nodes.dialects.unfinished import filtered, unfinished
from fedgate.sql.granted import enforced, is_limited
from fedgate.sql.properties import can_fail
from fedgate.sql.tree import (
    Block,
    Derived,
    ExchangeRef,
    Expr,
    FromItem,
    Join,
    OutputColumn,
    Query,
    TableRef,
    Target,
    Var,
    conjuncts,
    ids_of,
    nullable_rels,
    table_refs,
    transform,
    walk,
)
from fedgate.types import SqlType, arrow_type


def fit(block: Query, placements: Mapping[int, Placement], *, shard: str, home: str, engine: str, timezone: str = "UTC") -> Fitted:
    """What to send for `block`, and what is left to do (see the package). Raises SqlError 0A000 for an engine without a dialect."""
    site = Site(placements, shard, home, engine, timezone)
    if is_limited(block):
        block = _granted(block, placements)
    dialect = dialect_of(engine)
    try:
        return Fitted((_whole(block, site, dialect),), None, literal_of(site.engine))
    except Refused as reason:
        return _in_parts(block, site, dialect, str(reason)) or _scans(block, site, dialect, str(reason))


def _granted(block: Query, placements: Mapping[int, Placement]) -> Query:
    """The block with the conditions of the role's grants written out, and looked at again."""

    def raises(column: Var) -> bool:
        mapped = column_map(placements[column.rel], column.col) if column.rel in placements else None
        return mapped is not None and mapped.expression is not None and can_fail(mapped.expression)

    written = enforced(block, raises)
    check(block, written)
    return written


def _whole(block: Query, site: Site, dialect: Dialect) -> Part:
    local, relations = localise(block, site)
    return dialect.whole(without_constant_keys(local), _output_schema(block, site.placements), relations, site)


def _in_parts(block: Query, site: Site, dialect: Dialect, reason: str) -> Fitted | None:
    """The block over one part that is less than it and more than rows; None where the node cannot send that either."""
    for begin in (by_values, unfinished, filtered):
        begun = begin(block)
        if begun is None:
            continue
        try:
            part = replace(_whole(begun.inner, site, dialect), name=begun.name)
        except Refused:
            continue
        return Fitted((part,), begun.residual(part.schema), literal_of(site.engine), (reason,))
    return None


def _output_schema(block: Query, placements: Mapping[int, Placement]) -> pa.Schema:
    """The carriers of the block's columns; columns that are a table's own carry its name and zone for checks and errors."""
    from fedgate.sql.lower import schema_of

    try:
        schema: pa.Schema = schema_of(block)
    except SqlError as error:
        raise Refused(error.message) from None
    return pa.schema([_described(block, column, schema.field(i), placements) for i, column in enumerate(block.columns)])


def _described(block: Query, column: OutputColumn, field: pa.Field, placements: Mapping[int, Placement]) -> pa.Field:
    source = source_of(block, column.id)
    name, zone = column.name, None
    if isinstance(source, Var) and source.rel in placements and source.col > 0:
        placement = placements[source.rel]
        name = placement.table.column(source.col).name
        mapped = placement.columns[source.col - 1].source
        zone = mapped.zone if mapped else None
    return described(field, name, column.type, zone)


# ---------------------------------------------------------------------------------------------------- scans


def _scans(block: Query, site: Site, dialect: Dialect, reason: str) -> Fitted:
    notes = [reason]
    fresh = highest_rel(block)
    parts: list[Part] = []
    rest = _with_derived_rows(block, site, dialect, parts)
    offered = _offered(rest)
    used = used_columns(rest)
    replaced: dict[int, FromItem] = {}
    for ref in table_refs(rest):
        fresh += 1
        part, item = _scan(ref, used[ref.rel], offered.get(ref.rel, ()), fresh, site, dialect, notes)
        parts.append(part)
        replaced[ref.rel] = item

    def step(node: Any) -> Any:
        return replaced[node.rel] if isinstance(node, TableRef) else node

    return Fitted(tuple(parts), transform(rest, step, into_queries=True), literal_of(site.engine), tuple(notes))


def _with_derived_rows(block: Query, site: Site, dialect: Dialect, parts: list[Part]) -> Query:
    """The block with the outermost derived tables that the node can answer whole, if any, read from parts of their own."""
    replaced: dict[int, FromItem] = {}

    def visit(query: Query) -> None:
        for derived in derived_tables(query.from_) if isinstance(query, Block) else ():
            try:
                part = replace(_whole(derived.query, site, dialect), name=f"rows_{derived.rel}")
            except Refused:
                visit(derived.query)
                continue
            parts.append(part)
            replaced[derived.rel] = ExchangeRef(derived.rel, part.name, derived.query.columns, part.schema)

    def step(node: Any) -> Any:
        return replaced.get(node.rel, node) if isinstance(node, Derived) else node

    visit(block)
    rest: Query = transform(block, step, into_queries=True) if replaced else block
    return rest


def _offered(query: Query) -> dict[int, tuple[Expr, ...]]:
    """By relation: the conjuncts that only it is needed for and whose rows' loss cannot be seen above, in the order written."""
    found: dict[int, list[Expr]] = {}
    for block in walk(query, into_queries=True):
        if isinstance(block, Block):
            _offer(conjuncts(block.where), direct_rels(block) - nullable_rels(block.from_), found)
            for item in block.from_:
                _offer_joins(item, found)
    return {rel: tuple(parts) for rel, parts in found.items()}


def _offer_joins(item: FromItem, found: dict[int, list[Expr]]) -> None:
    if not isinstance(item, Join):
        return
    left = {item.left.rel} if isinstance(item.left, TableRef) and item.kind in ("inner", "right") else set()
    right = {item.right.rel} if isinstance(item.right, TableRef) and item.kind in ("inner", "left") else set()
    _offer(conjuncts(item.on), left | right, found)
    _offer_joins(item.left, found)
    _offer_joins(item.right, found)


def _offer(parts: tuple[Expr, ...], rels: set[int], found: dict[int, list[Expr]]) -> None:
    skipped: set[int] = set()
    for part in parts:
        touched = ids_of(part)
        if len(touched) != 1 or any(type(n).__name__ == "SubLink" for n in walk(part)):
            skipped |= touched or rels
            continue
        (rel,) = touched
        if rel in rels and not (rel in skipped and can_fail(part)):
            found.setdefault(rel, []).append(part)
        elif rel in rels:
            skipped.add(rel)


def _scan(
    ref: TableRef, attnums: list[int], offered: tuple[Expr, ...], fresh: int, site: Site, dialect: Dialect, notes: list[str]
) -> tuple[Part, FromItem]:
    """The scan of one relation, and the FROM item of the residual that gives its columns in the same relation id."""
    placement = site.placements[ref.rel]
    rows = Locals(fresh, placement)
    targets = tuple(Target(a, column_expr(rows, a, site), placement.table.column(a).name) for a in attnums)
    sent = _admitted(ref.rel, offered, rows, site, dialect, notes)
    relation = rows.relation
    columns = tuple(OutputColumn(n, c.name, c.type) for n, c in enumerate(relation.columns, 1))
    names = _virtual_names(placement, attnums)
    schema = pa.schema(
        [
            described(pa.field(column_name(c.id), arrow_type(c.type)), names.get(c.name, c.name), c.type, local.zone)
            for c, local in zip(columns, relation.columns, strict=True)
        ]
    )
    name = f"scan_{ref.rel}"
    part = dialect.scan(replace(ref, rel=fresh, table=rows.table()), relation, sent, schema, site, name)
    columns = tuple(OutputColumn(column_id(f.name), f.name, _type_of(f)) for f in part.schema)
    below = ExchangeRef(fresh, name, columns, part.schema)
    return part, Derived(ref.rel, Block(targets, (below,)), alias=ref.alias)


def _type_of(field: pa.Field) -> SqlType:
    return SqlType(int(field.metadata[b"oid"]), int(field.metadata[b"typmod"]))


def _virtual_names(placement: Placement, attnums: list[int]) -> dict[str, str]:
    """What errors call a local column: the virtual column that it is the source of."""
    found = {}
    for attnum in attnums:
        mapped = column_map(placement, attnum)
        if mapped is not None and mapped.source is not None:
            found[mapped.source.name] = placement.table.column(attnum).name
    return found


def _admitted(
    rel: int, offered: tuple[Expr, ...], rows: Locals, site: Site, dialect: Dialect, notes: list[str]
) -> tuple[Expr, ...]:
    sent: list[Expr] = []
    complete = True
    for conjunct in offered:

        def local(node: Any) -> Any:
            return column_expr(rows, node.col, site) if isinstance(node, Var) and node.rel == rel else node

        expr = transform(conjunct, local)
        reason = "a conjunct before it stays at the gateway" if can_fail(expr) and not complete else None
        reason = reason or dialect.admitted(expr, {rows.rel: rows.relation}, site)
        if reason is None:
            sent.append(expr)
        else:
            complete = False
            if reason not in notes:
                notes.append(reason)
    return tuple(sent)
