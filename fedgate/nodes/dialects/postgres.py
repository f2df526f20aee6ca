"""PostgreSQL: blocks go as they are, over columns that are first cast to the catalog's types.

Each relation is a sub-select that the server flattens, so that its indexes serve. Values whose carrier is text (numeric without a
scale, uuid, json) are written out as text by the outermost SELECT only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from fedgate.catalog.model import LocalColumn
from fedgate.errors import SqlError
from fedgate.fragment import Part, Slot, column_name
from fedgate.nodes.dialects import postgres_literals as lit
from fedgate.nodes.dialects.postgres_expr import PostgresExpressions
from fedgate.nodes.dialects.postgres_lists import COLLATED
from fedgate.nodes.dialects.site import LocalRelation, Refused, Site, Slots, no_column
from fedgate.nodes.dialects.steady import check_steady
from fedgate.nodes.relations import qualified, quote
from fedgate.sql.tree import Block, Coerce, Const, Derived, Expr, FromItem, Join, Param, Query, TableRef, conjunction
from fedgate.types import BY_OID, SqlType
from fedgate.types.values import Value

_INT8 = 20
OTHER_ARRAY = "an array that is no list: "
"""What the server's complaint about an array of several dimensions, or with another lower bound than 1, begins with."""
_AS_TEXT = frozenset({1700, 2950, 114, 3802})
_SECONDS = {"unix_s": 1, "unix_ms": 1_000, "unix_us": 1_000_000, "unix_ns": 1_000_000_000}
_EPOCH = {1184: "TIMESTAMPTZ '1970-01-01 00:00:00+00'", 1114: "TIMESTAMP '1970-01-01 00:00:00'"}


class PostgresDialect:
    """See the module docstring."""

    def literal(self, slot: Slot, value: Value) -> str:
        return lit.literal(slot, value)

    def admitted(self, conjunct: Expr, relations: Mapping[int, LocalRelation], site: Site) -> str | None:
        ex = PostgresExpressions(site, Slots())
        try:
            check_steady(conjunct, zoned=site.timezone == "UTC")
            for rel, relation in relations.items():
                _enter(ex, rel, relation)
            ex.sql(conjunct)
        except Refused as reason:
            return str(reason)
        return None

    def scan(
        self, ref: TableRef, relation: LocalRelation, conjuncts: tuple[Expr, ...], schema: pa.Schema, site: Site, name: str
    ) -> Part:
        ex = PostgresExpressions(site, Slots())
        source = _table(ex, ref.rel, relation)
        items = [
            f"{shown(f't{ref.rel}.c{n}', c.type, f.type)} AS {f.name}"
            for n, (c, f) in enumerate(zip(relation.columns, schema, strict=True), 1)
        ]
        both = conjunction(conjuncts)
        where = f" WHERE {ex.sql(both)}" if both is not None else ""
        sql = f"SELECT {', '.join(items) or '1 AS c1'} FROM {source}{where}"
        return Part(name, ex.slots.template(sql), no_column(schema), relations=(relation.placement.relation,))

    def whole(self, block: Query, schema: pa.Schema, relations: Mapping[int, LocalRelation], site: Site) -> Part:
        check_steady(block, zoned=site.timezone == "UTC")
        if not isinstance(block, Block) or not len(schema):
            raise Refused("a set operation, VALUES or a query without columns is not on postgres's list")
        ex = PostgresExpressions(site, Slots(), subquery=lambda query: _looked_in(ex, query, relations))
        sql = _block(ex, block, relations, schema)
        read = tuple(dict.fromkeys(r.placement.relation for r in relations.values()))
        return Part("whole", ex.slots.template(sql), schema, relations=read)


# ---------------------------------------------------------------------------------------------------- columns


def _enter(ex: PostgresExpressions, rel: int, relation: LocalRelation) -> None:
    for n in range(1, len(relation.columns) + 1):
        ex.columns[rel, n] = f"t{rel}.c{n}"


def _table(ex: PostgresExpressions, rel: int, relation: LocalRelation) -> str:
    _enter(ex, rel, relation)
    items = ", ".join(f"{column_sql(c)} AS c{n}" for n, c in enumerate(relation.columns, 1))
    return f"(SELECT {items or '1 AS z'} FROM {qualified(relation.placement.relation)}) AS t{rel}"


def column_sql(column: LocalColumn) -> str:
    """A local column as the catalog's type. Raises SqlError 0A000 for an encoding that its type does not have."""
    raw = quote(column.name)
    t, encoding = column.type, column.encoding
    if encoding is not None and encoding != "iso8601":
        return _encoded(raw, t, encoding)
    if t.oid == 1184 and (column.zone or encoding == "iso8601"):
        return _zoned(raw, column.zone or "UTC", encoding == "iso8601")
    if t.oid in (1042, 1043):
        return f"CAST({raw} AS {lit.type_name(SqlType(t.oid))})"
    return f"CAST({raw} AS {lit.type_name(t)})"


def _zoned(raw: str, zone: str, as_text: bool) -> str:
    local = f"(CAST({raw} AS timestamp) AT TIME ZONE {lit.quoted(zone)})"
    aware = f"CAST({raw} AS timestamptz)"
    if as_text:
        text = f"CAST({raw} AS text)"
        offset = f"{text} ~ '(Z|[+-][0-9][0-9](:?[0-9][0-9])?)$' AND length({text}) > 10"
        return f"CASE WHEN {offset} THEN {aware} ELSE {local} END"
    return f"CASE WHEN pg_typeof({raw}) = 'timestamptz'::regtype THEN {aware} ELSE {local} END"


def _encoded(raw: str, t: SqlType, encoding: str) -> str:
    if encoding == "julian":
        micros = f"CAST(round((CAST({raw} AS float8) - 2440587.5) * 86400000.0) AS bigint) * 1000"
    else:
        per = _SECONDS[encoding]
        micros = (
            f"floor(CAST({raw} AS numeric) / 1000)" if per > 1_000_000 else f"round(CAST({raw} AS numeric) * {1_000_000 // per})"
        )
    stamp = f"({_EPOCH[1184 if t.oid == 1184 else 1114]} + CAST(CAST({micros} AS text) || ' microseconds' AS interval))"
    if t.oid in (1114, 1184):
        return stamp
    if t.oid in (1082, 1083):
        return f"CAST({stamp} AS {lit.type_name(t)})"
    raise SqlError("0A000", f"an encoding of {t} is not supported")


def shown(sql: str, t: SqlType, carrier: pa.DataType) -> str:
    """A value as the session is to receive it."""
    if t.oid in _AS_TEXT:
        return f"CAST({sql} AS text)"
    if t.oid in BY_OID and BY_OID[t.oid].is_array:
        name = "text[]" if BY_OID[t.oid].element_oid in _AS_TEXT else lit.type_name(SqlType(t.oid))
        complaint = f"CAST({lit.quoted(OTHER_ARRAY)} || CAST({sql} AS text) AS {name})"  # the driver would make a flat list of it
        other = f"array_ndims({sql}) > 1 OR array_lower({sql}, 1) <> 1"
        return f"CASE WHEN {other} THEN {complaint} ELSE CAST({sql} AS {name}) END"
    return f"CAST({sql} AS {lit.type_name(SqlType(t.oid))})"


# ---------------------------------------------------------------------------------------------------- blocks


def _block(ex: PostgresExpressions, block: Block, relations: Mapping[int, LocalRelation], schema: pa.Schema | None) -> str:
    """A SELECT for the rows, and one around it that sorts, cuts and writes them; `schema` None keeps the values as they are."""
    if block.ctes or block.with_ties or block.offset is not None or block.grouping_sets is not None:
        raise Refused("WITH, OFFSET and GROUPING SETS are not on postgres's list")
    rows = _rows(ex, block, relations)
    visible = [t for t in block.targets if not t.junk]
    names = {t.id: f"q.{column_name(t.id)}" for t in block.targets}
    values = [
        names[t.id] if schema is None else shown(names[t.id], t.expr.type, schema.field(i).type) for i, t in enumerate(visible)
    ]
    items = ", ".join(f"{v} AS {column_name(t.id)}" for v, t in zip(values, visible, strict=True))
    return f"SELECT {items} FROM ({rows}) AS q{_order(block, names)}{_limit(ex, block)}"


def _rows(ex: PostgresExpressions, block: Block, relations: Mapping[int, LocalRelation]) -> str:
    source = ", ".join(_item(ex, item, relations) for item in block.from_)
    if not source:
        raise Refused("a block without FROM is not on postgres's list")
    where = f" WHERE {ex.sql(block.where)}" if block.where is not None else ""
    ex.group = tuple(ex.collated(k) for k in block.group_by)
    values = {t.id: ex.sql(t.expr) for t in block.targets}
    types = {t.id: t.expr.type for t in block.targets}
    distinct = order = ""
    if block.distinct is True:
        distinct = "DISTINCT "
    elif isinstance(block.distinct, tuple):
        distinct = f"DISTINCT ON ({', '.join(_sortable(types[i], values[i]) for i in block.distinct)}) "
        order = _order(_one_way(block) if block.limit is None else block, values)
    items = ", ".join(f"{v} AS {column_name(i)}" for i, v in values.items())
    group = f" GROUP BY {', '.join(ex.group)}" if ex.group else (" GROUP BY ()" if block.grouped else "")
    if block.having is not None:
        group += f" HAVING {ex.sql(block.having)}"
    return f"SELECT {distinct}{items} FROM {source}{where}{group}{order}"


def _looked_in(ex: PostgresExpressions, query: Query, relations: Mapping[int, LocalRelation]) -> str:
    """The rows of a subquery in a condition, which has no order and is not cut."""
    if not isinstance(query, Block) or query.ctes or query.limit is not None or query.offset is not None or query.grouped:
        raise Refused("a subquery of this form is not on postgres's list")
    group, rows = ex.group, _rows(ex, query, relations)
    ex.group = group
    return rows


def _one_way(block: Block) -> Block:
    """DISTINCT ON with its groups in the direction of the keys after them, which choose the row: an index on all serves then.

    The groups' own direction matters only to the rows' order, which the SELECT around it makes.
    """
    assert isinstance(block.distinct, tuple)
    groups = block.distinct
    ways = {(key.descending, key.nulls_first) for key in block.order_by if key.column not in groups}
    if ways not in ({(True, True)}, {(False, False)}):
        return block
    ((descending, first),) = ways
    keys = (replace(key, descending=descending, nulls_first=first) if key.column in groups else key for key in block.order_by)
    return replace(block, order_by=tuple(keys))


def _limit(ex: PostgresExpressions, block: Block) -> str:
    limit = block.limit
    while isinstance(limit, Coerce) and limit.type.oid == _INT8:
        limit = limit.arg
    if limit is None:
        return ""
    if not isinstance(limit, Const | Param) or limit.type.oid not in (21, 23, _INT8):
        raise Refused("a computed LIMIT is not on postgres's list")
    return f" LIMIT {ex.constant(limit, 'limit')}"


def _sortable(t: SqlType, sql: str) -> str:
    return f'({sql} COLLATE "C")' if t.oid in COLLATED else f"({sql})"


def _order(block: Block, values: Mapping[int, str]) -> str:
    types = {t.id: t.expr.type for t in block.targets}
    keys = []
    for key in block.order_by:
        direction = f"{'DESC' if key.descending else 'ASC'} NULLS {'FIRST' if key.nulls_first else 'LAST'}"
        keys.append(f"{_sortable(types[key.column], values[key.column])} {direction}")
    return f" ORDER BY {', '.join(keys)}" if keys else ""


def _item(ex: PostgresExpressions, item: FromItem, relations: Mapping[int, LocalRelation]) -> str:
    if isinstance(item, TableRef):
        return _table(ex, item.rel, relations[item.rel])
    if isinstance(item, Derived) and not item.lateral and isinstance(item.query, Block):
        body = _block(ex, item.query, relations, None)
        for target in item.query.targets:
            ex.columns[item.rel, target.id] = f"t{item.rel}.{column_name(target.id)}"
        return f"({body}) AS t{item.rel}"
    if isinstance(item, Join):
        left, right = _item(ex, item.left, relations), _item(ex, item.right, relations)
        on = ex.sql(item.on) if item.on is not None else "true"
        return f"({left} {item.kind.upper()} JOIN {right} ON {on})"
    raise Refused(f"{type(item).__name__} is not on postgres's list")
