"""The first rows of each group at SQLite: DISTINCT ON, and rows of a derived table that are chosen by their rank in it.

Both are a sub-select that numbers its rows by window functions, and a SELECT around it that asks for numbers. Numbers say nothing
where a value that they go by is ill-typed: such rows pass whatever their number, for the session to see.

The first row by one key is found without numbers, in half the time: SQLite takes the bare columns of a grouped SELECT with one
min() or max() from the row that has it (https://www.sqlite.org/lang_select.html#bareagg).
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
    SortKey,
    TableRef,
    Target,
    Var,
    WindowFunc,
    conjuncts,
)

_RANKS = frozenset(["row_number", "rank", "dense_rank"])
# By kind: what is greater and what is less than all values of it, None where a value may be that.
_BEYOND = {
    **dict.fromkeys(("int", "time", "bool"), ("x''", "-9e999")),
    **dict.fromkeys(("text", "date"), ("x''", "0")),
    "float": ("x''", None),
}


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
        wheres = [self._condition(part) for part in conjuncts(self._rows.inner.where)]
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        source = f" FROM {relation_sql(self._relation)}"
        call = self._one_first()
        extreme = None if call is None else self._extreme(call.order_by[0])
        if call is None or extreme is None:
            sql, guard = self._numbered(source, where)
        else:
            sql, guard = self._grouped(call, extreme, source, where)
        offender = self._offender(source, where) if guard else ()
        return Part("whole", self._slots.template(sql), self._schema, guard, offender, self._sources())

    # ------------------------------------------------------------------------------------------ by numbers

    def _numbered(self, source: str, where: str) -> tuple[str, bool]:
        """The statement, and whether it has a guard."""
        outer, inner = self._rows.outer, self._rows.inner
        numbers = {t.id: self._number(t.expr) for t in inner.targets if isinstance(t.expr, WindowFunc)}
        shown = {t.id: self._read(t.expr) for t in outer.targets if not t.junk}
        columns = [f"{sql} AS {column_name(i)}" for i, sql in numbers.items()]
        columns += [f"{self._output(t)} AS {column_name(t.id)}" for t in inner.targets if t.id in {*shown.values()} - {*numbers}]
        order = []
        for n, (key, expr) in enumerate(self._order_of(outer)):
            columns.append(f"{self._ex.value(expr).sql} AS o{n}")
            order.append(self._way(f"o{n}", expr, key))
        guard = self._guard()
        if guard:
            columns.append(f"{guard} AS {GUARD}")
        items = [f"{column_name(inside)} AS {column_name(i)}" for i, inside in shown.items()] + ([GUARD] if guard else [])
        sql = f"SELECT {', '.join(items)} FROM (SELECT {', '.join(columns)}{source}{where}) AS q0"
        sql += f" WHERE {self._chosen(numbers)}{f' OR {GUARD}' if guard else ''}"
        sql += f" ORDER BY {', '.join(order)}" if order else ""
        return sql, bool(guard)

    def _order_of(self, outer: Block) -> list[tuple[SortKey, Expr]]:
        """What the rows are sorted by in the end."""
        exprs = {t.id: t.expr for t in outer.targets}
        found = [(key, self._places[self._read(exprs[key.column])]) for key in outer.order_by]
        if any(isinstance(expr, WindowFunc) for _, expr in found):
            raise Refused("ORDER BY a rank is not on sqlite's list")
        return [(key, expr) for key, expr in found if not is_constant(expr)]

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

    def _way(self, name: str, expr: Expr, key: SortKey) -> str:
        collate = " COLLATE BINARY" if self._ex.value(expr).kind == "text" else ""
        return f"{name}{collate} {'DESC' if key.descending else 'ASC'} NULLS {'FIRST' if key.nulls_first else 'LAST'}"

    def _chosen(self, numbers: Mapping[int, str]) -> str:
        """The condition of numbers. Raises Refused where it is of anything else."""
        given = {(self._rows.rel, i): V(column_name(i), "int") for i in numbers}
        outside = Expressions({}, self._site, self._slots, {}, given=given)
        parts = [outside.condition(part) for part in conjuncts(self._rows.outer.where)]
        if outside.doubts:
            raise Refused("arithmetic with ranks is not on sqlite's list")
        return f"({' AND '.join(parts) or '1'})"

    # ------------------------------------------------------------------------------------------ by groups

    def _one_first(self) -> WindowFunc | None:
        """The numbers, if only the first row of each group by one key is wanted."""
        calls = [t.expr for t in self._rows.inner.targets if isinstance(t.expr, WindowFunc)]
        match self._rows.outer.where:
            case OpExpr(name="<=", args=(Var(), Const(value=1))) if len(calls) == 1 and calls[0].name == "row_number":
                groups = [key for key in calls[0].partition_by if not is_constant(key)]
                return calls[0] if groups and len(calls[0].order_by) == 1 and not is_constant(calls[0].order_by[0].expr) else None
        return None

    def _extreme(self, key: SortBy) -> str | None:
        """The aggregate whose row is the first one; NULL stands as what is sorted behind, or before, all values of the kind."""
        v = self._ex.value(key.expr)
        if v.kind not in _BEYOND:
            return None
        last, first = _BEYOND[v.kind]
        beyond = (last if key.descending else first) if key.nulls_first else None
        if key.nulls_first and beyond is None:
            return None
        value = f"({v.sql})" if beyond is None else f"ifnull({v.sql}, {beyond})"
        return f"{'max' if key.descending else 'min'}({value}{' COLLATE BINARY' if v.kind == 'text' else ''})"

    def _grouped(self, call: WindowFunc, extreme: str, source: str, where: str) -> tuple[str, bool]:
        outer, inner = self._rows.outer, self._rows.inner
        shown = {t.id: self._read(t.expr) for t in outer.targets if not t.junk}
        outputs = {t.id: self._output(t) for t in inner.targets if t.id in shown.values()}
        columns = [f"{outputs[inside]} AS {column_name(i)}" for i, inside in shown.items()]
        keys = ", ".join(self._key(p) for p in call.partition_by if not is_constant(p))
        order = [self._way(f"({self._ex.value(expr).sql})", expr, key) for key, expr in self._order_of(outer)]
        bad = [*self._ex.ill, *self._ex.doubts]
        guard = [f"count(CASE WHEN {' OR '.join(bad)} THEN 1 END) AS {GUARD}"] if bad else []
        # Sorted by the extreme at last only to have it in the statement.
        sql = f"SELECT {', '.join([*columns, *guard])}{source}{where} GROUP BY {keys} ORDER BY {', '.join([*order, extreme])}"
        return sql, bool(bad)
