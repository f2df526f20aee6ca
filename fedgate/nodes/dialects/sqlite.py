"""SQLite: what a file may be asked, and how.

A file may hold any value in any column. A scan sends what it finds for the session to check, and its filters let rows pass
whose filter columns are ill-typed, so that none is dropped in silence. A whole block has a guard: the number of ill-typed (or
overflown) rows among those it looks at; LIMIT looks at them first. Where relations are joined, each is searched for such rows by
itself, since a join drops what it cannot compare.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from fedgate.fragment import Part, Slot, Template, column_name
from fedgate.nodes.dialects import sqlite_literals
from fedgate.nodes.dialects.mapping import nullable, relations_of
from fedgate.nodes.dialects.site import LocalRelation, Refused, Site, Slots, no_column
from fedgate.nodes.dialects.sqlite_columns import fetched, kind_of
from fedgate.nodes.dialects.sqlite_expr import FLIP, NUMERIC, Expressions, V, bare_constant, is_constant
from fedgate.nodes.dialects.sqlite_functions import Aggregates
from fedgate.nodes.dialects.sqlite_literals import in_value, text
from fedgate.nodes.dialects.steady import check_steady
from fedgate.nodes.relations import qualified, quote
from fedgate.sql.tree import Block, Const, Expr, FromItem, Join, OpExpr, Param, Query, SortKey, TableRef, Target, Var, conjuncts
from fedgate.types import SqlType
from fedgate.types.catalog import numeric_precision_scale
from fedgate.types.values import Value

_ALIAS = "t0"
_GUARD = "guard"
_JOINS = {"inner": "JOIN", "cross": "JOIN", "left": "LEFT JOIN"}


def _relation(relation: LocalRelation, alias: str = _ALIAS) -> str:
    schema, name = relation.placement.relation
    return f"{qualified((schema or 'main', name))} AS {alias}"


class SqliteDialect:
    """See the module docstring."""

    def literal(self, slot: Slot, value: Value) -> str:
        return sqlite_literals.literal(slot, value)

    def admitted(self, conjunct: Expr, relations: Mapping[int, LocalRelation], site: Site) -> str | None:
        try:
            check_steady(conjunct, zoned=site.timezone == "UTC")
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
        check_steady(block, zoned=site.timezone == "UTC")
        single = len(block.from_) == 1 and isinstance(block.from_[0], TableRef)
        return (_Whole if single else _Joined)(block, schema, relations, site).part()


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
    """One block as one statement; over one relation, but for `_Joined`."""

    def __init__(self, block: Block, schema: pa.Schema, relations: Mapping[int, LocalRelation], site: Site) -> None:
        refused = (
            (block.grouping_sets is not None, "GROUPING SETS"),
            (block.offset is not None, "OFFSET"),
            (block.with_ties, "WITH TIES"),
            (isinstance(block.distinct, tuple), "DISTINCT ON"),
            (bool(block.ctes), "WITH"),
            (not any(not t.junk for t in block.targets), "a query without columns"),
        )
        for found, what in refused:
            if found:
                raise Refused(f"{what} is not on sqlite's list")
        refs = [ref for item in block.from_ for ref in _refs(item)]
        if not refs:
            raise Refused("a block without FROM is not on sqlite's list")
        self._block, self._schema, self._site = block, schema, site
        self._aliases = {ref.rel: f"t{n}" for n, ref in enumerate(refs)}
        self._relations = {ref.rel: relations[ref.rel] for ref in refs}
        self._relation = relations[refs[0].rel]
        self._slots = Slots()
        self._ex = Expressions(relations, site, self._slots, self._aliases)
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
        columns = [f"{self._output(t)} AS {column_name(t.id)}" for t in shown]
        order = [self._order(k) for k in block.order_by]
        limit = self._limit()
        having = [ex.condition(part) for part in conjuncts(block.having)]
        guard = self._guard()
        if guard:
            columns.append(f"{guard} AS {_GUARD}")
            if limit:
                order.insert(0, f"{len(columns)} DESC")
        sql = f"SELECT {'DISTINCT ' if block.distinct else ''}{', '.join(columns)}{source}{where}"
        sql += f" GROUP BY {', '.join(keys)}" if keys else ""
        sql += _having(having, [guard] if guard else [])
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
        self._ex.owners.update(ex.owners)
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
            return fetched(self._relations[node.rel].columns[node.col - 1], self._aliases[node.rel])
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
            # Never NULL: rows are sorted and told apart by it where LIMIT or DISTINCT follow.
            return f"({' OR '.join(bad)}) IS TRUE" if bad else ""
        counts = [f"count(CASE WHEN {' OR '.join(bad)} THEN 1 END)"] if bad else []
        return " + ".join([*counts, *self._aggregates.doubts])

    def _offender(self, source: str, where: str) -> Template:
        """The first row that the guard counts: what is wrong with which column, and where."""
        ex = self._ex
        glue = " AND " if where else " WHERE "
        selects = []
        for ill, stored in ex.ill.items():
            found = f"{source}{where}{glue}({ill}) LIMIT 1"
            selects.append(_offending(text(self._virtual(ill)), f"typeof({stored.raw})", stored.raw, found))
        for doubt, sql in ex.doubts.items():
            selects.append(_offending("'a computed value'", "'overflow'", sql, f"{source}{where}{glue}({doubt}) LIMIT 1"))
        if self._aggregates.doubts:
            selects.append("SELECT 'a sum', NULL, 'overflow', NULL")
        return self._slots.template(" UNION ALL ".join(selects) + " LIMIT 1")

    def _virtual(self, ill: str) -> str:
        """The virtual column whose stored values a guard finds ill-typed."""
        local = self._ex.names[ill]
        placement = self._relations[self._ex.owners[ill]].placement
        for column, mapped in zip(placement.table.columns, placement.columns, strict=True):
            if mapped.source is not None and mapped.source.name == local:
                return column.name
        return local


class _Joined(_Whole):
    """A block over inner and left joins. Its guard is a row of its own that is there only when a relation has an ill-typed row."""

    def part(self) -> Part:
        block, ex = self._block, self._ex
        if block.order_by or block.limit is not None:
            raise Refused("ORDER BY or LIMIT over a join is not on sqlite's list")
        source = f" FROM {self._from()}"
        wheres = [ex.condition(part) for part in conjuncts(block.where)]
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        keys = [self._key(k) for k in block.group_by]
        ex.group = tuple(V(sql, ex.value(k).kind) for sql, k in zip(keys, block.group_by, strict=True))
        ex.aggregates = self._aggregates if block.grouped else None
        columns = [f"{self._output(t)} AS {column_name(t.id)}" for t in block.targets if not t.junk]
        having = [ex.condition(part) for part in conjuncts(block.having)]
        if ex.doubts:
            raise Refused("arithmetic over a join is not on sqlite's list")
        searched = self._searched()
        guarded = bool(searched or self._aggregates.doubts)
        shown = [*columns, f"{' + '.join(self._aggregates.doubts) or '0'} AS {_GUARD}"] if guarded else columns
        sql = f"SELECT {'DISTINCT ' if block.distinct else ''}{', '.join(shown)}{source}{where}"
        sql += f" GROUP BY {', '.join(keys)}" if keys else ""
        sql += _having(having, self._aggregates.doubts)
        if searched:
            found = " OR ".join(f"EXISTS (SELECT 1{at} AND ({' OR '.join(ills)}))" for at, ills in searched)
            sql += f" UNION ALL SELECT {'NULL, ' * len(columns)}1 WHERE {found}"
        read = tuple(dict.fromkeys(r.placement.relation for r in self._relations.values()))
        offender = self._first(searched) if guarded else ()
        return Part("whole", self._slots.template(sql), self._schema, guarded, offender, read)

    def _from(self) -> str:
        items = self._block.from_
        if len(items) > 1 and not all(isinstance(item, TableRef) for item in items):
            raise Refused("a list of joins is not on sqlite's list")
        return ", ".join(self._item(item) for item in items)

    def _item(self, item: FromItem) -> str:
        if isinstance(item, TableRef):
            return _relation(self._relations[item.rel], self._aliases[item.rel])
        assert isinstance(item, Join)
        if item.kind not in _JOINS or not isinstance(item.right, TableRef):
            raise Refused(f"a {item.kind} join of this form is not on sqlite's list")
        on = f" ON {self._ex.condition(item.on)}" if item.on is not None else ""
        return f"{self._item(item.left)} {_JOINS[item.kind]} {self._item(item.right)}{on}"

    def _searched(self) -> list[tuple[str, list[str]]]:
        """By relation with columns that are read: FROM and WHERE of the rows that can count, and the tests for ill-typed ones."""
        weak = nullable(self._block.from_)
        found = []
        for rel, alias in self._aliases.items():
            ills = [ill for ill, owner in self._ex.owners.items() if owner == rel]
            own = () if rel in weak else (p for p in conjuncts(self._block.where) if relations_of(p) == {rel})
            wheres = [self._condition(part) for part in own]
            if ills:
                found.append((f" FROM {_relation(self._relations[rel], alias)} WHERE {' AND '.join(wheres) or '1'}", ills))
        return found

    def _first(self, searched: list[tuple[str, list[str]]]) -> Template:
        selects = []
        for at, ills in searched:
            for ill in ills:
                raw = self._ex.ill[ill].raw
                selects.append(_offending(text(self._virtual(ill)), f"typeof({raw})", raw, f"{at} AND ({ill}) LIMIT 1"))
        if self._aggregates.doubts:
            selects.append("SELECT 'a sum', NULL, 'overflow', NULL")
        return self._slots.template(" UNION ALL ".join(selects) + " LIMIT 1")


def _refs(item: FromItem) -> list[TableRef]:
    """The relations that an item joins. Raises Refused for anything but tables."""
    if isinstance(item, TableRef):
        return [item]
    if isinstance(item, Join):
        return [*_refs(item.left), *_refs(item.right)]
    raise Refused(f"{type(item).__name__} is not on sqlite's list")


def _having(parts: list[str], guards: list[str]) -> str:
    """HAVING that lets groups pass whose guard is not zero, for the session to see it."""
    if not parts:
        return ""
    kept = [" AND ".join(parts), *(f"({guard}) <> 0" for guard in guards)]
    return f" HAVING ({') OR ('.join(kept)})"


def _offending(name: str, stored: str, value: str, found: str) -> str:
    """One row of an offender statement. A view or a table WITHOUT ROWID has no rowid: the name then means the outer NULL."""
    row = f"{name}, (SELECT rowid{found}), (SELECT {stored}{found}), (SELECT CAST({value} AS TEXT){found})"
    return f"SELECT {row} FROM (SELECT NULL AS rowid) AS z WHERE EXISTS (SELECT 1{found})"
