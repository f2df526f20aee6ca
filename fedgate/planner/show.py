"""Bound trees as readable SQL-like text, for EXPLAIN and for reasons. Nothing executes it; the dialects render what engines get.

Contract: one line, stable for equal trees of equal names. Columns have the names they had in the text (or in the catalog),
relations only where a block reads more than one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedgate.errors import SqlError
from fedgate.planner.treetools import every
from fedgate.schema import HIDDEN_COLUMNS, ROW_COLUMN
from fedgate.sql.tree import (
    Aggref,
    ArrayExpr,
    Block,
    BooleanTest,
    BoolExpr,
    Case,
    Coalesce,
    Coerce,
    Const,
    CteRef,
    Derived,
    DistinctExpr,
    ExchangeRef,
    Expr,
    FieldSelect,
    FromItem,
    FuncExpr,
    FunctionRef,
    GroupingFunc,
    GroupRef,
    Join,
    MinMax,
    NullIf,
    NullTest,
    OpExpr,
    Param,
    Query,
    RowCompare,
    RowExpr,
    ScalarArrayOp,
    SetOp,
    SortBy,
    SubLink,
    Subscript,
    TableRef,
    Values,
    Var,
    WindowFunc,
    leaves,
)
from fedgate.types import SqlType
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.text_out import value_text
from fedgate.types.values import Value

Names = Mapping[tuple[int, int], str]
RELATION = -100
LIST_MAX = 20
"""So many elements of a list of constants are shown."""
TEXT_MAX = 200
"""So many characters of a constant are shown."""
_NO_NAMES: Names = {}
_QUOTED = frozenset("SXTDBVIU")  # type categories whose literals are quoted
_BARE = frozenset([16, 21, 23, 25])


def names_of(query: Query) -> Names:
    """What each column of each relation in the tree is called; qualified where a block could mean several relations' columns.

    The key (rel, RELATION) holds the relation's own name.
    """
    blocks = [node for node in every(query) if isinstance(node, Block)]
    uses = Counter(leaf_name(leaf) for block in blocks for leaf in leaves(block.from_))
    nested = any(isinstance(node, SubLink) or (isinstance(node, Derived) and node.lateral) for node in every(query))
    found: dict[tuple[int, int], str] = {}
    for block in blocks:
        inside = list(leaves(block.from_))
        for leaf in inside:
            name = leaf_name(leaf)
            name = name if uses[name] == 1 else f"{name}_{leaf.rel}"
            found[leaf.rel, RELATION] = name
            prefix = f"{name}." if len(inside) > 1 or nested else ""
            found.update({(leaf.rel, n): prefix + column for n, column in _columns(leaf)})
    return found


def leaf_name(leaf: TableRef | Derived | FunctionRef | CteRef | ExchangeRef) -> str:
    """How a relation is called in shown text."""
    if isinstance(leaf, ExchangeRef):
        return leaf.name
    if isinstance(leaf, TableRef):
        return leaf.alias or leaf.table.name
    return leaf.alias or f"r{leaf.rel}"


def _columns(leaf: TableRef | Derived | FunctionRef | CteRef | ExchangeRef) -> list[tuple[int, str]]:
    if isinstance(leaf, TableRef):
        return [(c.attnum, c.name) for c in (*leaf.table.columns, *HIDDEN_COLUMNS, ROW_COLUMN)]
    columns = leaf.query.columns if isinstance(leaf, Derived) else leaf.columns
    return [(c.id, c.name) for c in columns]


def show(expr: Expr, names: Names = _NO_NAMES) -> str:
    """An expression as text."""
    return _Shower(names, ()).expr(expr)


def show_query(query: Query) -> str:
    """A query as text."""
    return _Shower(names_of(query), ()).query(query)


def literal(value: Value, type_: SqlType) -> str:
    """A constant as text: quoted with its type where the type does not show."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple) and type_.pg.is_array:
        element = SqlType(type_.pg.element_oid, type_.typmod)
        return "{" + _shortened([literal(v, element) for v in value[: LIST_MAX + 1]], len(value)) + "}"
    try:
        text = value_text(value, type_, DEFAULT_STYLE)
    except (SqlError, KeyError, TypeError):
        text = str(value)
    if len(text) > TEXT_MAX:
        text = text[:TEXT_MAX] + "…"
    if isinstance(value, str) or type_.pg.category in _QUOTED:
        quoted = "'" + text.replace("'", "''") + "'"
        return quoted if type_.oid in _BARE or type_.pg.category == "S" else f"{type_.pg.name} {quoted}"
    return text


def _shortened(texts: list[str], count: int) -> str:
    """The texts of a list of `count`; of a long one the first and how many more there are."""
    shown = ", ".join(texts[:LIST_MAX])
    return shown if count <= LIST_MAX else f"{shown}, … and {count - LIST_MAX} more"


@dataclass(frozen=True, slots=True)
class _Shower:
    names: Names
    keys: tuple[Expr, ...]

    # ------------------------------------------------------------------------------------------------ expressions

    def list(self, exprs: Any) -> str:
        return ", ".join(self.expr(e) for e in exprs)

    def inner(self, expr: Expr) -> str:
        """An operand: in parentheses when it is made of operators itself."""
        text = self.expr(expr)
        compound = (OpExpr, BoolExpr, ScalarArrayOp, NullTest, BooleanTest, DistinctExpr, RowCompare)
        return f"({text})" if isinstance(expr, compound) else text

    def expr(self, e: Expr) -> str:
        if isinstance(e, Var):
            return self.names.get((e.rel, e.col), f"r{e.rel}.c{e.col}")
        if isinstance(e, Const):
            return literal(e.value, e.type)
        if isinstance(e, Param):
            return f"${e.name}"
        if isinstance(e, OpExpr):
            if len(e.args) == 1:
                return f"{e.name} {self.inner(e.args[0])}"
            return f"{self.inner(e.args[0])} {e.name} {self.inner(e.args[1])}"
        if isinstance(e, BoolExpr):
            if e.op == "not":
                return f"NOT {self.inner(e.args[0])}"
            return f" {e.op.upper()} ".join(self.inner(a) for a in e.args)
        if isinstance(e, FuncExpr):
            return f"{e.name}({self.list(e.args)})"
        if isinstance(e, Coerce):
            silent = not e.explicit and (e.method == "relabel" or isinstance(e.arg, Const))
            return self.expr(e.arg) if silent else f"{self.inner(e.arg)}::{e.type}"
        if isinstance(e, (Aggref, WindowFunc)):
            return self._call(e)
        if isinstance(e, GroupRef):
            return self.expr(self.keys[e.index]) if e.index < len(self.keys) else f"key {e.index + 1}"
        if isinstance(e, SubLink):
            return self._sublink(e)
        return self._test(e)

    def _test(self, e: Expr) -> str:
        if isinstance(e, ScalarArrayOp):
            if e.name == "=" and not e.all and isinstance(e.right, ArrayExpr):
                elements = e.right.elements
                shown = _shortened([self.expr(one) for one in elements[:LIST_MAX]], len(elements))
                return f"{self.inner(e.left)} IN ({shown})"
            return f"{self.inner(e.left)} {e.name} {'ALL' if e.all else 'ANY'} ({self.expr(e.right)})"
        if isinstance(e, NullTest):
            return f"{self.inner(e.arg)} IS {'NOT ' if e.negated else ''}NULL"
        if isinstance(e, BooleanTest):
            return f"{self.inner(e.arg)} IS {'NOT ' if e.negated else ''}{e.test.upper()}"
        if isinstance(e, DistinctExpr):
            return f"{self.inner(e.left)} IS {'NOT ' if e.negated else ''}DISTINCT FROM {self.inner(e.right)}"
        if isinstance(e, RowCompare):
            return f"({self.list(e.left)}) {e.op} ({self.list(e.right)})"
        return self._compound(e)

    def _compound(self, e: Expr) -> str:
        if isinstance(e, NullIf):
            return f"nullif({self.expr(e.left)}, {self.expr(e.right)})"
        if isinstance(e, Case):
            whens = " ".join(f"WHEN {self.expr(w.condition)} THEN {self.expr(w.result)}" for w in e.whens)
            return f"CASE {whens} ELSE {self.expr(e.default)} END"
        if isinstance(e, Coalesce):
            return f"coalesce({self.list(e.args)})"
        if isinstance(e, MinMax):
            return f"{e.op}({self.list(e.args)})"
        if isinstance(e, ArrayExpr):
            return f"ARRAY[{self.list(e.elements)}]"
        if isinstance(e, RowExpr):
            return f"ROW({self.list(e.fields)})"
        if isinstance(e, FieldSelect):
            return f"({self.expr(e.arg)}).f{e.field + 1}"
        if isinstance(e, Subscript):
            bounds = [self.expr(b) if b is not None else "" for b in ((e.index, e.upper) if e.slice else (e.index,))]
            return f"{self.inner(e.arg)}[{':'.join(bounds)}]"
        if isinstance(e, GroupingFunc):
            return f"grouping({', '.join(self.expr(GroupRef(k, SqlType(0))) for k in e.keys)})"
        return type(e).__name__

    def _call(self, e: Aggref | WindowFunc) -> str:
        args = "*" if e.star else self.list(e.args)
        if isinstance(e, WindowFunc):
            filtered = f" FILTER (WHERE {self.expr(e.filter)})" if e.filter is not None else ""
            return f"{e.name}({args}){filtered} OVER ({self._window(e)})"
        if e.distinct:
            args = f"DISTINCT {args}"
        order = self._sort_list(e.order_by)
        text = f"{e.name}({args}"
        text += f") WITHIN GROUP (ORDER BY {order})" if e.within_group else (f" ORDER BY {order})" if order else ")")
        return text + (f" FILTER (WHERE {self.expr(e.filter)})" if e.filter is not None else "")

    def _window(self, e: WindowFunc) -> str:
        parts = []
        if e.partition_by:
            parts.append(f"PARTITION BY {self.list(e.partition_by)}")
        if e.order_by:
            parts.append(f"ORDER BY {self._sort_list(e.order_by)}")
        if e.frame is not None:
            parts.append(e.frame.sql(self.expr))
        return " ".join(parts)

    def _sort_list(self, items: tuple[SortBy, ...]) -> str:
        return ", ".join(self.expr(s.expr) + _direction(s.descending, s.nulls_first) for s in items)

    def _sublink(self, e: SubLink) -> str:
        query = f"({self.query(e.query)})"
        if e.kind == "exists":
            return f"EXISTS {query}"
        if e.kind == "scalar":
            return query
        if e.kind == "array":
            return f"ARRAY{query}"
        left = self.expr(e.left[0]) if len(e.left) == 1 else f"({self.list(e.left)})"
        return f"{left} {e.op} {e.kind.upper()} {query}"

    # ------------------------------------------------------------------------------------------------ queries

    def query(self, q: Query) -> str:
        if q.ctes:
            ctes = ", ".join(f"w{c.id} AS ({self.query(c.query)})" for c in q.ctes)
            head = f"WITH {'RECURSIVE ' if any(c.recursive for c in q.ctes) else ''}{ctes} "
        else:
            head = ""
        if isinstance(q, Block):
            return head + _Shower(self.names, q.group_by)._block(q)
        if isinstance(q, SetOp):
            body = f"({self.query(q.left)}) {q.op.upper()}{' ALL' if q.all else ''} ({self.query(q.right)})"
        else:
            assert isinstance(q, Values)
            body = "VALUES " + ", ".join(f"({self.list(row)})" for row in q.rows)
        columns = {c.id: c.name for c in q.columns}
        return head + body + self._tail(q, columns)

    def _block(self, b: Block) -> str:
        parts = ["SELECT"]
        if b.distinct is True:
            parts.append("DISTINCT")
        by_id = {t.id: self.expr(t.expr) for t in b.targets}
        if isinstance(b.distinct, tuple):
            parts.append(f"DISTINCT ON ({', '.join(by_id[i] for i in b.distinct)})")
        parts.append(", ".join(self._target(t.name, by_id[t.id]) for t in b.targets if not t.junk))
        if b.from_:
            parts.append("FROM " + ", ".join(self._item(i) for i in b.from_))
        if b.where is not None:
            parts.append(f"WHERE {self.expr(b.where)}")
        if b.grouping_sets is not None:
            sets = ", ".join(f"({', '.join(self.expr(b.group_by[i]) for i in s)})" for s in b.grouping_sets)
            parts.append(f"GROUP BY GROUPING SETS ({sets})")
        elif b.group_by:
            parts.append(f"GROUP BY {self.list(b.group_by)}")
        if b.having is not None:
            parts.append(f"HAVING {self.expr(b.having)}")
        return " ".join(parts) + self._tail(b, by_id)

    def _target(self, name: str, text: str) -> str:
        bare = text.rpartition(".")[2]
        return text if bare == name else f'{text} AS "{name}"' if not name.isidentifier() else f"{text} AS {name}"

    def _tail(self, q: Query, columns: Mapping[int, str]) -> str:
        text = ""
        if q.order_by:
            keys = ", ".join(columns[k.column] + _direction(k.descending, k.nulls_first) for k in q.order_by)
            text += f" ORDER BY {keys}"
        if q.limit is not None:
            text += f" FETCH FIRST {self.expr(q.limit)} ROWS WITH TIES" if q.with_ties else f" LIMIT {self.expr(q.limit)}"
        return text + (f" OFFSET {self.expr(q.offset)}" if q.offset is not None else "")

    def _item(self, item: FromItem) -> str:
        if isinstance(item, Join):
            on = f" ON {self.expr(item.on)}" if item.on is not None else ""
            kind = item.kind.upper() if item.kind != "inner" or on else "CROSS"
            right = f"({self._item(item.right)})" if isinstance(item.right, Join) else self._item(item.right)
            return f"{self._item(item.left)} {kind} JOIN {right}{on}"
        if isinstance(item, TableRef):
            return f"{item.table.schema}.{item.table.name}{self._alias(item, item.table.name)}"
        if isinstance(item, Derived):
            return f"{'LATERAL ' if item.lateral else ''}({self.query(item.query)}){self._alias(item, '')}"
        if isinstance(item, FunctionRef):
            ordinality = " WITH ORDINALITY" if item.ordinality else ""
            return f"{self.list(item.functions)}{ordinality}{self._alias(item, '')}"
        if isinstance(item, CteRef):
            return f"w{item.cte}{self._alias(item, '')}"
        return f"{item.name}{self._alias(item, item.name)}"

    def _alias(self, item: TableRef | Derived | FunctionRef | CteRef | ExchangeRef, known: str) -> str:
        """The relation's name in this text, where it is not its own."""
        name = self.names.get((item.rel, RELATION), leaf_name(item))
        return "" if name == known else f" {name}"


def _direction(descending: bool, nulls_first: bool) -> str:
    text = " DESC" if descending else ""
    return text if nulls_first == descending else f"{text} NULLS {'FIRST' if nulls_first else 'LAST'}"
