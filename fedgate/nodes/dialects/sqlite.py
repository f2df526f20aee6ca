"""SQLite: what a file may be asked, and how.

A file may hold any value in any column. A scan sends what it finds for the session to check, and its filters let rows pass
whose filter columns are ill-typed, so that none is dropped in silence. A whole block has a guard: the number of ill-typed (or
overflown) rows among those it looks at; LIMIT looks at them first.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from fedgate.fragment import Part, Slot, Template
from fedgate.nodes.dialects import sqlite_literals
from fedgate.nodes.dialects.site import LocalRelation, Refused, Site, Slots, no_column
from fedgate.nodes.dialects.sqlite_columns import fetched, kind_of
from fedgate.nodes.dialects.sqlite_expr import FLIP, NUMERIC, Expressions, V, bare_constant, is_constant
from fedgate.nodes.dialects.sqlite_functions import Aggregates
from fedgate.nodes.dialects.sqlite_literals import in_value, text
from fedgate.nodes.relations import qualified, quote
from fedgate.sql.tree import Block, Const, Expr, OpExpr, Param, Query, SortKey, TableRef, Target, Var, conjuncts
from fedgate.types import SqlType
from fedgate.types.catalog import numeric_precision_scale
from fedgate.types.values import Value

_ALIAS = "t0"
_GUARD = "guard"


def _relation(relation: LocalRelation) -> str:
    schema, name = relation.placement.relation
    return f"{qualified((schema or 'main', name))} AS {_ALIAS}"


class SqliteDialect:
    """See the module docstring."""

    def literal(self, slot: Slot, value: Value) -> str:
        return sqlite_literals.literal(slot, value)

    def admitted(self, conjunct: Expr, relations: Mapping[int, LocalRelation], site: Site) -> str | None:
        try:
            _superset(conjunct, relations, site, Slots())
        except Refused as reason:
            return str(reason)
        return None

    def scan(
        self, ref: TableRef, relation: LocalRelation, conjuncts: tuple[Expr, ...], schema: pa.Schema, site: Site, name: str
    ) -> Part:
        slots = Slots()
        columns = [f"{fetched(c, _ALIAS)} AS {f.name}" for c, f in zip(relation.columns, schema, strict=True)]
        wheres = [_superset(part, {ref.rel: relation}, site, slots) for part in conjuncts]
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        sql = f"SELECT {', '.join(columns) or '1 AS c1'} FROM {_relation(relation)}{where}"
        return Part(name, slots.template(sql), no_column(schema), relations=(relation.placement.relation,))

    def whole(self, block: Query, schema: pa.Schema, relations: Mapping[int, LocalRelation], site: Site) -> Part:
        if not isinstance(block, Block):
            raise Refused("a set operation or VALUES is not on sqlite's list")
        return _Whole(block, schema, relations, site).part()


# ---------------------------------------------------------------------------------------------------- filters of scans


def _superset(conjunct: Expr, relations: Mapping[int, LocalRelation], site: Site, slots: Slots) -> str:
    """SQL that is true wherever the conjunct is, and wherever it cannot be known. Raises Refused."""
    ex = Expressions(relations, site, slots, dict.fromkeys(relations, _ALIAS))
    try:
        sql = ex.condition(conjunct)
    except Refused as reason:
        wide = _widened(conjunct, relations, slots)
        if wide is None:
            raise reason
        return wide
    return _lenient(sql, ex)


def _lenient(sql: str, ex: Expressions) -> str:
    aside = [stored.aside for stored in ex.ill.values()]
    return f"({' OR '.join([sql, *aside, *ex.doubts])})" if aside or ex.doubts else sql


def _widened(node: Expr, relations: Mapping[int, LocalRelation], slots: Slots) -> str | None:
    """A range on an ISO 8601 text column, a day wider than asked: zones and spellings move a time by less than that.

    Texts that do not begin like a date of four digits of year, or that name an era, pass.
    """
    if not isinstance(node, OpExpr) or node.name not in FLIP or len(node.args) != 2:
        return None
    left, right, op = node.args[0], node.args[1], node.name
    if is_constant(left):
        left, right, op = right, left, FLIP[op]
    if not isinstance(left, Var) or left.rel not in relations or not is_constant(right) or op == "<>":
        return None
    column = relations[left.rel].columns[left.col - 1]
    if column.type.oid == NUMERIC and right.type.oid == NUMERIC:
        return _near_number(f"{_ALIAS}.{quote(column.name)}", column.type, op, right, slots)
    if column.type.oid not in (1114, 1184) or column.encoding not in (None, "iso8601") or right.type.oid != column.type.oid:
        return None
    raw = f"+{_ALIAS}.{quote(column.name)}"
    bounds = []
    if op in (">", ">=", "="):
        bounds.append(f"{raw} >= {_bound(right, 'iso:low', slots)}")
    if op in ("<", "<=", "="):
        bounds.append(f"{raw} < {_bound(right, 'iso:high', slots)}")
    odd = f"{raw} NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' OR {raw} GLOB '*[Bb][Cc]*' OR typeof({raw}) <> 'text'"
    return f"({raw} IS NOT NULL AND (({' AND '.join(bounds)}) OR {odd}))"


def _near_number(raw: str, t: SqlType, op: str, right: Expr, slots: Slots) -> str:
    """A comparison of a numeric column, however its values are stored, by their doubles: wider than any rounding."""
    ps = numeric_precision_scale(t.typmod)
    scale = ps[1] if ps else 15
    number = f"CAST({raw} AS REAL)"
    bounds = []
    if op in (">", ">=", "="):
        bounds.append(f"{number} >= {_bound(right, f'near:low:{scale}', slots)}")
    if op in ("<", "<=", "="):
        bounds.append(f"{number} <= {_bound(right, f'near:high:{scale}', slots)}")
    odd = f"typeof({raw}) = 'blob' OR (typeof({raw}) = 'text' AND {raw} GLOB '*[^-+.0-9]*')"
    return f"({raw} IS NOT NULL AND (({' AND '.join(bounds)}) OR {odd}))"


def _bound(node: Expr, form: str, slots: Slots) -> str:
    node = bare_constant(node)
    if isinstance(node, Param):
        return slots.mark(Slot(node.name, node.type, form))
    assert isinstance(node, Const)
    return sqlite_literals.write(form, node.type, node.value)


# ---------------------------------------------------------------------------------------------------- whole blocks


class _Whole:
    """One block over one relation as one statement."""

    def __init__(self, block: Block, schema: pa.Schema, relations: Mapping[int, LocalRelation], site: Site) -> None:
        refused = (
            (len(block.from_) != 1 or not isinstance(block.from_[0], TableRef), "more than one relation"),
            (block.grouping_sets is not None, "GROUPING SETS"),
            (block.having is not None, "HAVING"),
            (block.offset is not None, "OFFSET"),
            (block.with_ties, "WITH TIES"),
            (isinstance(block.distinct, tuple), "DISTINCT ON"),
            (bool(block.ctes), "WITH"),
            (not any(not t.junk for t in block.targets), "a query without columns"),
        )
        for found, what in refused:
            if found:
                raise Refused(f"{what} is not on sqlite's list")
        ref = block.from_[0]
        assert isinstance(ref, TableRef)
        self._block, self._schema, self._site, self._ref = block, schema, site, ref
        self._relation = relations[ref.rel]
        self._slots = Slots()
        self._ex = Expressions(relations, site, self._slots, {ref.rel: _ALIAS})
        self._aggregates = Aggregates(self._ex)

    def part(self) -> Part:
        block, ex = self._block, self._ex
        wheres = [self._condition(part) for part in conjuncts(block.where)]
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        source = f" FROM {_relation(self._relation)}"
        keys = [self._key(k) for k in block.group_by]
        ex.group = tuple(V(sql, ex.value(k).kind) for sql, k in zip(keys, block.group_by, strict=True))
        ex.aggregates = self._aggregates if block.grouped else None
        shown = [t for t in block.targets if not t.junk]
        columns = [f"{self._output(t)} AS c{t.id}" for t in shown]
        order = [self._order(k) for k in block.order_by]
        limit = self._limit()
        guard = self._guard()
        if guard:
            columns.append(f"{guard} AS {_GUARD}")
            if limit:
                order.insert(0, f"{len(columns)} DESC")
        sql = f"SELECT {'DISTINCT ' if block.distinct else ''}{', '.join(columns)}{source}{where}"
        sql += f" GROUP BY {', '.join(keys)}" if keys else ""
        sql += f" ORDER BY {', '.join(order)}" if order else ""
        return Part(
            "whole",
            self._slots.template(sql + limit),
            self._schema,
            bool(guard),
            self._offender(source, where) if guard else (),
            (self._relation.placement.relation,),
        )

    def _condition(self, conjunct: Expr) -> str:
        """An exact filter that lets ill-typed rows pass, for the guard to count."""
        ex = Expressions(self._ex.relations, self._site, self._slots, self._ex.aliases)
        sql = ex.condition(conjunct)
        self._ex.ill.update(ex.ill)
        self._ex.names.update(ex.names)
        self._ex.doubts.update(ex.doubts)
        return _lenient(sql, ex)

    def _key(self, node: Expr) -> str:
        v = self._ex.value(node)
        if is_constant(node) and v.kind != "text":  # an integer there would be an ordinal
            raise Refused("GROUP BY a constant is not on sqlite's list")
        return f"({v.sql}) COLLATE BINARY" if v.kind == "text" else v.sql

    def _output(self, target: Target) -> str:
        node = target.expr
        if isinstance(node, Var) and not self._block.grouped and not self._block.distinct:
            return fetched(self._relation.columns[node.col - 1], _ALIAS)
        if isinstance(node, Const):
            return "NULL" if node.value is None else in_value(kind_of(node.type), node.type, node.value)
        v = self._ex.value(node)
        return f"({v.sql}) COLLATE BINARY" if v.kind == "text" and self._block.distinct else v.sql

    def _order(self, sort: SortKey) -> str:
        target = next(t for t in self._block.targets if t.id == sort.column)
        if is_constant(target.expr):
            return "NULL"
        v = self._ex.value(target.expr)
        if v.kind == "decimal":
            raise Refused("ORDER BY a sum of bigints is not on sqlite's list")
        collate = " COLLATE BINARY" if v.kind == "text" else ""
        nulls = "FIRST" if sort.nulls_first else "LAST"
        return f"({v.sql}){collate} {'DESC' if sort.descending else 'ASC'} NULLS {nulls}"

    def _limit(self) -> str:
        limit = self._block.limit
        if limit is None:
            return ""
        if not is_constant(limit):
            raise Refused("a computed LIMIT is not on sqlite's list")
        return f" LIMIT {self._ex.constant(limit, 'limit', limit.type)}"

    def _guard(self) -> str:
        ex = self._ex
        bad = [*ex.ill, *ex.doubts]
        if not self._block.grouped:
            return f"({' OR '.join(bad)})" if bad else ""
        counts = [f"count(CASE WHEN {' OR '.join(bad)} THEN 1 END)"] if bad else []
        return " + ".join([*counts, *self._aggregates.doubts])

    def _offender(self, source: str, where: str) -> Template:
        """The first row that the guard counts: what is wrong with which column, and where."""
        ex = self._ex
        glue = " AND " if where else " WHERE "
        selects = []
        for ill, stored in ex.ill.items():
            found = f"{source}{where}{glue}({ill}) LIMIT 1"
            selects.append(_offending(text(self._virtual(ex.names[ill])), f"typeof({stored.raw})", stored.raw, found))
        for doubt, sql in ex.doubts.items():
            selects.append(_offending("'a computed value'", "'overflow'", sql, f"{source}{where}{glue}({doubt}) LIMIT 1"))
        if self._aggregates.doubts:
            selects.append("SELECT 'a sum', NULL, 'overflow', NULL")
        return self._slots.template(" UNION ALL ".join(selects) + " LIMIT 1")

    def _virtual(self, local: str) -> str:
        placement = self._relation.placement
        for column, mapped in zip(placement.table.columns, placement.columns, strict=True):
            if mapped.source is not None and mapped.source.name == local:
                return column.name
        return local


def _offending(name: str, stored: str, value: str, found: str) -> str:
    """One row of an offender statement. A view or a table WITHOUT ROWID has no rowid: the name then means the outer NULL."""
    row = f"{name}, (SELECT rowid{found}), (SELECT {stored}{found}), (SELECT CAST({value} AS TEXT){found})"
    return f"SELECT {row} FROM (SELECT NULL AS rowid) AS z WHERE EXISTS (SELECT 1{found})"
