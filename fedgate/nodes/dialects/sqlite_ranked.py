"""The first rows of each group at SQLite: DISTINCT ON, and rows of a derived table that are chosen by their rank in it.

Both are a sub-select that numbers its rows by window functions, and a SELECT around it that asks for numbers. Numbers say nothing
where a value that they go by is ill-typed: such rows pass whatever their number, for the session to see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from fedgate.fragment import Part, column_name
from fedgate.nodes.dialects.mapping import highest_rel
from fedgate.nodes.dialects.site import LocalRelation, Refused, Site
from fedgate.nodes.dialects.sqlite_blocks import GUARD, Whole, relation_sql
from fedgate.nodes.dialects.sqlite_expr import Expressions, V, is_constant
from fedgate.sql.tree import (
    BOOL,
    INT8,
    Block,
    Const,
    Derived,
    Expr,
    OpExpr,
    SortBy,
    TableRef,
    Target,
    Var,
    WindowFunc,
    conjuncts,
)

_RANKS = frozenset(["row_number", "rank", "dense_rank"])


@dataclass(frozen=True, slots=True)
class RankedRows:
    """`outer` reads relation `rel`, which is `inner`; only `inner` has windows."""

    outer: Block
    rel: int
    inner: Block


def ranked_rows(block: Block) -> RankedRows | None:
    """The block in that form, None if it is none of these."""
    if isinstance(block.distinct, tuple):
        return _distinct_on(block) if _is_plain(block, sorted_=True) and _is_table(block) else None
    match block.from_:
        case (Derived(rel=rel, query=Block() as inner),) if _is_plain(block, sorted_=True) and block.distinct is False:
            return RankedRows(block, rel, inner) if _is_plain(inner) and _is_table(inner) and inner.distinct is False else None
    return None


def _is_plain(block: Block, *, sorted_: bool = False) -> bool:
    cut = block.limit is not None or block.offset is not None or block.with_ties
    return not (block.grouped or cut or block.ctes or (block.order_by and not sorted_))


def _is_table(block: Block) -> bool:
    return len(block.from_) == 1 and isinstance(block.from_[0], TableRef)


def _distinct_on(block: Block) -> RankedRows:
    """The first rows of DISTINCT ON are those of number 1 in the groups' order."""
    assert isinstance(block.distinct, tuple)
    rel, number = highest_rel(block) + 1, max(t.id for t in block.targets) + 1
    exprs = {t.id: t.expr for t in block.targets}
    groups = tuple(exprs[i] for i in block.distinct)
    order = tuple(SortBy(exprs[k.column], k.descending, k.nulls_first) for k in block.order_by if k.column not in block.distinct)
    call = WindowFunc("row_number", (), (), INT8, 0, groups, order, None)
    inner = replace(block, targets=(*block.targets, Target(number, call, "n")), distinct=False, order_by=())
    first = OpExpr("<=", (Var(rel, number, INT8), Const(INT8, 1)), (INT8.oid, INT8.oid), BOOL, 0)
    targets = tuple(replace(t, expr=Var(rel, t.id, t.expr.type)) for t in block.targets)
    return RankedRows(Block(targets, (Derived(rel, inner),), first, order_by=block.order_by), rel, inner)


class Ranked(Whole):
    """See the module docstring."""

    def __init__(self, rows: RankedRows, schema: pa.Schema, relations: Mapping[int, LocalRelation], site: Site) -> None:
        super().__init__(rows.inner, schema, relations, site)
        self._rows = rows
        self._places = {t.id: t.expr for t in rows.inner.targets}

    def part(self) -> Part:
        outer, inner = self._rows.outer, self._rows.inner
        wheres = [self._condition(part) for part in conjuncts(inner.where)]
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        source = f" FROM {relation_sql(self._relation)}"
        numbers = {t.id: self._number(t.expr) for t in inner.targets if isinstance(t.expr, WindowFunc)}
        shown = {t.id: self._read(t.expr) for t in outer.targets if not t.junk}
        columns = [f"{sql} AS {column_name(i)}" for i, sql in numbers.items()]
        columns += [f"{self._output(t)} AS {column_name(t.id)}" for t in inner.targets if t.id in {*shown.values()} - {*numbers}]
        order = []
        for n, key in enumerate(outer.order_by):
            expr = self._places[self._read(next(t.expr for t in outer.targets if t.id == key.column))]
            if isinstance(expr, WindowFunc):
                raise Refused("ORDER BY a rank is not on sqlite's list")
            if not is_constant(expr):
                columns.append(f"{self._ex.value(expr).sql} AS o{n}")
                order.append(self._way(n, expr, descending=key.descending, nulls_first=key.nulls_first))
        guard = self._guard()
        if guard:
            columns.append(f"{guard} AS {GUARD}")
        items = [f"{column_name(inside)} AS {column_name(i)}" for i, inside in shown.items()] + ([GUARD] if guard else [])
        sql = f"SELECT {', '.join(items)} FROM (SELECT {', '.join(columns)}{source}{where}) AS q0"
        sql += f" WHERE {self._chosen(numbers)}{f' OR {GUARD}' if guard else ''}"
        sql += f" ORDER BY {', '.join(order)}" if order else ""
        offender = self._offender(source, where) if guard else ()
        return Part("whole", self._slots.template(sql), self._schema, bool(guard), offender, (self._relation.placement.relation,))

    def _read(self, expr: Expr) -> int:
        """Which column of the sub-select it is."""
        if not isinstance(expr, Var) or expr.rel != self._rows.rel:
            raise Refused("computing with the rows of a derived table is not on sqlite's list")
        return expr.col

    def _number(self, call: WindowFunc) -> str:
        if call.name not in _RANKS or call.aggregate or call.frame is not None:
            raise Refused(f"window function {call.name} is not on sqlite's list")
        groups = ", ".join(self._key(p) for p in call.partition_by if not is_constant(p))
        order = ", ".join(self._sorted(s.expr, s.descending, s.nulls_first) for s in call.order_by if not is_constant(s.expr))
        over = " ".join([*([f"PARTITION BY {groups}"] if groups else []), *([f"ORDER BY {order}"] if order else [])])
        return f"{call.name}() OVER ({over})"

    def _way(self, n: int, expr: Expr, *, descending: bool, nulls_first: bool) -> str:
        collate = " COLLATE BINARY" if self._ex.value(expr).kind == "text" else ""
        return f"o{n}{collate} {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"

    def _chosen(self, numbers: Mapping[int, str]) -> str:
        """The condition of numbers. Raises Refused where it is of anything else."""
        given = {(self._rows.rel, i): V(column_name(i), "int") for i in numbers}
        outside = Expressions({}, self._site, self._slots, {}, given=given)
        parts = [outside.condition(part) for part in conjuncts(self._rows.outer.where)]
        if outside.doubts:
            raise Refused("arithmetic with ranks is not on sqlite's list")
        return f"({' AND '.join(parts) or '1'})"
