"""SQLite: what a file may be asked, and how.

A file may hold any value in any column. A scan sends what it finds for the session to check, and its filters let rows pass
whose filter columns are ill-typed, so that none is dropped in silence. A whole block has a guard: the number of ill-typed (or
overflown) rows among those it looks at; LIMIT, HAVING and ranks look at them first. Where relations are joined, each is searched
for such rows by itself, since a join drops what it cannot compare.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from fedgate.fragment import Part, Slot
from fedgate.nodes.dialects import sqlite_literals
from fedgate.nodes.dialects.site import LocalRelation, Refused, Site, Slots, no_column
from fedgate.nodes.dialects.sqlite_blocks import ALIAS, Joined, Whole, lenient, relation_sql
from fedgate.nodes.dialects.sqlite_columns import fetched
from fedgate.nodes.dialects.sqlite_expr import NUMERIC, Expressions, bare_constant, is_constant
from fedgate.nodes.dialects.sqlite_operators import FLIP
from fedgate.nodes.dialects.sqlite_ranked import Ranked, ranked_rows
from fedgate.nodes.dialects.steady import check_steady
from fedgate.nodes.relations import quote
from fedgate.sql.tree import Block, Const, Expr, OpExpr, Param, Query, ScalarArrayOp, TableRef, Var
from fedgate.types import BY_OID, SqlType
from fedgate.types.catalog import numeric_precision_scale
from fedgate.types.values import Value


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
        columns = [f"{fetched(c, ALIAS)} AS {f.name}" for c, f in zip(relation.columns, schema, strict=True)]
        wheres = [_superset(part, {ref.rel: relation}, site, slots) for part in conjuncts]
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        sql = f"SELECT {', '.join(columns) or '1 AS c1'} FROM {relation_sql(relation)}{where}"
        return Part(name, slots.template(sql), no_column(schema), relations=(relation.placement.relation,))

    def whole(self, block: Query, schema: pa.Schema, relations: Mapping[int, LocalRelation], site: Site) -> Part:
        if not isinstance(block, Block):
            raise Refused("a set operation or VALUES is not on sqlite's list")
        check_steady(block, zoned=site.timezone == "UTC")
        ranked = ranked_rows(block)
        if ranked is not None:
            return Ranked(ranked, schema, relations, site).part()
        single = len(block.from_) == 1 and isinstance(block.from_[0], TableRef)
        return (Whole if single else Joined)(block, schema, relations, site).part()


# ---------------------------------------------------------------------------------------------------- filters of scans


def _superset(conjunct: Expr, relations: Mapping[int, LocalRelation], site: Site, slots: Slots) -> str:
    """SQL that is true wherever the conjunct is, and wherever it cannot be known. Raises Refused."""
    ex = Expressions(relations, site, slots, dict.fromkeys(relations, ALIAS))
    try:
        sql = ex.condition(conjunct)
    except Refused as reason:
        wide = _widened(conjunct, relations, slots)
        if wide is None:
            raise reason
        return wide
    return lenient(sql, ex)


def _widened(node: Expr, relations: Mapping[int, LocalRelation], slots: Slots) -> str | None:
    """A range on an ISO 8601 text column, a day wider than asked: zones and spellings move a time by less than that.

    Texts that do not begin like a date of four digits of year, or that name an era, pass. Of an array it is the range from its
    least element to its greatest.
    """
    if isinstance(node, ScalarArrayOp) and node.name == "=" and not node.all:
        left, right, op = node.left, node.right, "="
    elif isinstance(node, OpExpr) and node.name in FLIP and len(node.args) == 2:
        left, right, op = node.args[0], node.args[1], node.name
    else:
        return None
    if is_constant(left):
        left, right, op = right, left, FLIP[op]
    if not isinstance(left, Var) or left.rel not in relations or not is_constant(right) or op == "<>":
        return None
    column = relations[left.rel].columns[left.col - 1]
    theirs = BY_OID[right.type.oid].element_oid or right.type.oid
    if column.type.oid == NUMERIC and theirs == NUMERIC:
        return _near_number(f"{ALIAS}.{quote(column.name)}", column.type, op, right, slots)
    if column.type.oid not in (1114, 1184) or column.encoding not in (None, "iso8601") or theirs != column.type.oid:
        return None
    raw = f"+{ALIAS}.{quote(column.name)}"
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
    if BY_OID[node.type.oid].is_array:
        form = f"{'least' if ':low' in form else 'greatest'}:{form}"
    if isinstance(node, Param):
        return slots.mark(Slot(node.name, node.type, form))
    assert isinstance(node, Const)
    return sqlite_literals.write(form, node.type, node.value)
