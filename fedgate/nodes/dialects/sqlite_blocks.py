"""Whole blocks at SQLite: statements whose rows are the block's own, and whose guard is not zero where a stored value, or what is
computed of one, says nothing. Where relations are joined, each is searched for such rows by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from fedgate.fragment import Part, Template, column_name
from fedgate.nodes.dialects.site import LocalRelation, Refused, Site, Slots
from fedgate.nodes.dialects.sqlite_columns import Stored, fetched, kind_of
from fedgate.nodes.dialects.sqlite_expr import Expressions, V, is_constant
from fedgate.nodes.dialects.sqlite_functions import Aggregates
from fedgate.nodes.dialects.sqlite_literals import in_value, text
from fedgate.nodes.dialects.sqlite_subqueries import Look, Subqueries
from fedgate.nodes.relations import qualified
from fedgate.sql.tree import (
    Block,
    Const,
    Expr,
    FromItem,
    Join,
    SortKey,
    TableRef,
    Target,
    Var,
    conjuncts,
    ids_of,
    nullable_rels,
)

ALIAS = "t0"
GUARD = "guard"
_JOINS = {"inner": "JOIN", "cross": "JOIN", "left": "LEFT JOIN"}


def relation_sql(relation: LocalRelation, alias: str = ALIAS) -> str:
    """A relation as FROM names it."""
    schema, name = relation.placement.relation
    return f"{qualified((schema or 'main', name))} AS {alias}"


def lenient(sql: str, ex: Expressions, looks: Iterable[Look] = ()) -> str:
    """The condition, or what it cannot be said of."""
    aside = [*(stored.aside for stored in ex.ill.values()), *(look.test for look in looks if look.ills)]
    return f"({' OR '.join([sql, *aside, *ex.doubts])})" if aside or ex.doubts else sql


class Whole:
    """One block as one statement; over one relation, but for `Joined`."""

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
        self._subqueries = Subqueries(relation_sql)
        self._ex = Expressions(relations, site, self._slots, self._aliases, subqueries=self._subqueries)
        self._aggregates = Aggregates(self._ex)

    def part(self) -> Part:
        block, ex = self._block, self._ex
        wheres = [self._condition(part) for part in conjuncts(block.where)]
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        source = f" FROM {relation_sql(self._relation)}"
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
            columns.append(f"{guard} AS {GUARD}")
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
            self._sources(),
        )

    def _sources(self) -> tuple[tuple[str | None, str], ...]:
        """The local relations that the statement reads."""
        looked_in = (look.relation for look in self._subqueries.looks)
        return tuple(dict.fromkeys(r.placement.relation for r in (*self._relations.values(), *looked_in)))

    def _condition(self, conjunct: Expr) -> str:
        """An exact filter that lets ill-typed rows pass, for the guard to count."""
        ex = Expressions(self._ex.relations, self._site, self._slots, self._ex.aliases, subqueries=self._subqueries)
        before = len(self._subqueries.looks)
        sql = ex.condition(conjunct)
        self._ex.ill.update(ex.ill)
        self._ex.names.update(ex.names)
        self._ex.owners.update(ex.owners)
        self._ex.doubts.update(ex.doubts)
        return lenient(sql, ex, self._subqueries.looks[before:])

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
        return self._sorted(target.expr, sort.descending, sort.nulls_first)

    def _sorted(self, node: Expr, descending: bool, nulls_first: bool) -> str:
        v = self._ex.value(node)
        if v.kind == "decimal":
            raise Refused("ORDER BY a sum of bigints is not on sqlite's list")
        collate = " COLLATE BINARY" if v.kind == "text" else ""
        return f"({v.sql}){collate} {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"

    def _limit(self) -> str:
        limit = self._block.limit
        if limit is None:
            return ""
        if not is_constant(limit):
            raise Refused("a computed LIMIT is not on sqlite's list")
        return f" LIMIT {self._ex.constant(limit, 'limit', limit.type)}"

    def _guard(self) -> str:
        ex = self._ex
        bad = [*ex.ill, *ex.doubts, *(look.test for look in self._subqueries.looks if look.ills)]
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
        selects += self._misfits((look.at, look.ills) for look in self._subqueries.looks)
        for doubt, sql in ex.doubts.items():
            selects.append(_offending("'a computed value'", "'overflow'", sql, f"{source}{where}{glue}({doubt}) LIMIT 1"))
        if self._aggregates.doubts:
            selects.append("SELECT 'a sum', NULL, 'overflow', NULL")
        return self._slots.template(" UNION ALL ".join(selects) + " LIMIT 1")

    def _misfits(self, searched: Iterable[tuple[str, Mapping[str, Stored]]]) -> list[str]:
        """A statement for each test of each relation that is searched by itself."""
        return [
            _offending(text(self._virtual(ill)), f"typeof({stored.raw})", stored.raw, f"{at} AND ({ill}) LIMIT 1")
            for at, ills in searched
            for ill, stored in ills.items()
        ]

    def _virtual(self, ill: str) -> str:
        """The virtual column whose stored values a guard finds ill-typed."""
        local = self._ex.names[ill]
        placement = self._ex.relations[self._ex.owners[ill]].placement
        for column, mapped in zip(placement.table.columns, placement.columns, strict=True):
            if mapped.source is not None and mapped.source.name == local:
                return column.name
        return local


class Joined(Whole):
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
        shown = [*columns, f"{' + '.join(self._aggregates.doubts) or '0'} AS {GUARD}"] if guarded else columns
        sql = f"SELECT {'DISTINCT ' if block.distinct else ''}{', '.join(shown)}{source}{where}"
        sql += f" GROUP BY {', '.join(keys)}" if keys else ""
        sql += _having(having, self._aggregates.doubts)
        if searched:
            found = " OR ".join(f"EXISTS (SELECT 1{at} AND ({' OR '.join(ills)}))" for at, ills in searched)
            sql += f" UNION ALL SELECT {'NULL, ' * len(columns)}1 WHERE {found}"
        offender = self._first(searched) if guarded else ()
        return Part("whole", self._slots.template(sql), self._schema, guarded, offender, self._sources())

    def _from(self) -> str:
        items = self._block.from_
        if len(items) > 1 and not all(isinstance(item, TableRef) for item in items):
            raise Refused("a list of joins is not on sqlite's list")
        return ", ".join(self._item(item) for item in items)

    def _item(self, item: FromItem) -> str:
        if isinstance(item, TableRef):
            return relation_sql(self._relations[item.rel], self._aliases[item.rel])
        assert isinstance(item, Join)
        if item.kind not in _JOINS or not isinstance(item.right, TableRef):
            raise Refused(f"a {item.kind} join of this form is not on sqlite's list")
        on = f" ON {self._ex.condition(item.on)}" if item.on is not None else ""
        return f"{self._item(item.left)} {_JOINS[item.kind]} {self._item(item.right)}{on}"

    def _searched(self) -> list[tuple[str, Mapping[str, Stored]]]:
        """By relation with columns that are read: FROM and WHERE of the rows that can count, and the tests for ill-typed ones."""
        weak = nullable_rels(self._block.from_)
        found: list[tuple[str, Mapping[str, Stored]]] = [(look.at, look.ills) for look in self._subqueries.looks if look.ills]
        for rel, alias in self._aliases.items():
            ills = {ill: self._ex.ill[ill] for ill, owner in self._ex.owners.items() if owner == rel}
            own = () if rel in weak else (p for p in conjuncts(self._block.where) if ids_of(p) == {rel})
            wheres = [self._condition(part) for part in own]
            if ills:
                found.append((f" FROM {relation_sql(self._relations[rel], alias)} WHERE {' AND '.join(wheres) or '1'}", ills))
        return found

    def _first(self, searched: list[tuple[str, Mapping[str, Stored]]]) -> Template:
        selects = self._misfits(searched)
        if self._aggregates.doubts:
            selects.append("SELECT 'a sum', NULL, 'overflow', NULL")
        return self._slots.template(" UNION ALL ".join(selects) + " LIMIT 1")


def _refs(item: FromItem) -> list[TableRef]:
    """The relations that an item joins. Raises Refused for anything but tables."""
    if isinstance(item, TableRef):
        return [item]
    if isinstance(item, Join):
        return [*_refs(item.left), *_refs(item.right)]
    raise Refused("computing over a derived table is not on sqlite's list")


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
