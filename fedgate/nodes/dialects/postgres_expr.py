"""Expressions as a PostgreSQL node may be sent them. Every constant is typed, every comparison of text is in collation "C", and
nothing is left to the node's settings. What the lists do not hold is Refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fedgate.fragment import Slot
from fedgate.nodes.dialects import postgres_lists as lists
from fedgate.nodes.dialects import postgres_literals as lit
from fedgate.nodes.dialects.site import Refused, Site, Slots, what
from fedgate.sql import tree
from fedgate.types import BY_OID, SqlType
from fedgate.types.jsonpath import parse
from fedgate.types.jsonpath.tree import Datetime, Items, LikeRegex, Method, inner

_C = ' COLLATE "C"'
_JSONB, _JSONPATH = 3802, 4072


@dataclass(slots=True)
class PostgresExpressions:
    """`columns` says how each Var in reach is written, `subquery` writes the rows of a block that a condition looks in."""

    site: Site
    slots: Slots
    columns: dict[tuple[int, int], str] = field(default_factory=dict)
    group: tuple[str, ...] = ()
    subquery: Callable[[tree.Query], str] | None = None

    def sql(self, node: tree.Expr) -> str:
        """The expression, in parentheses where it needs them. Raises Refused."""
        handler = _WRITERS.get(type(node))
        if handler is None:
            raise Refused(f"{type(node).__name__} is not on postgres's list")
        return handler(self, node)

    def constant(self, node: tree.Expr, form: str = "") -> str:
        if isinstance(node, tree.Param):
            return self.slots.mark(Slot(node.name, node.type, form))
        assert isinstance(node, tree.Const)
        return lit.literal(Slot("", node.type, form), node.value)

    def collated(self, node: tree.Expr) -> str:
        """A value that is compared or sorted."""
        sql = self.sql(node)
        return f"({sql}{_C})" if node.type.oid in lists.COLLATED else sql


def check_type(t: SqlType) -> None:
    pg = BY_OID.get(t.oid)
    if pg is None or (pg.element_oid or t.oid) not in lists.TYPES:
        raise Refused(f"values of type {t} are not on postgres's list")


def _var(ex: PostgresExpressions, node: tree.Var) -> str:
    check_type(node.type)
    found = ex.columns.get((node.rel, node.col))
    if found is None:
        raise Refused("an outer reference is not on postgres's list")
    return found


def _const(ex: PostgresExpressions, node: tree.Const | tree.Param) -> str:
    check_type(node.type)
    return ex.constant(node)


def _op(ex: PostgresExpressions, node: tree.OpExpr) -> str:
    if node.name in lists.PATH_TESTS and node.arg_types == (_JSONB, _JSONPATH):
        return _path_test(ex, node)
    for oid in node.arg_types:
        check_type(SqlType(oid))
    if node.name in lists.COMPARISONS:
        return f"({ex.collated(node.args[0])} {node.name} {ex.collated(node.args[1])})"
    if node.name in lists.LIKES and node.arg_types == (25, 25):
        return f"({ex.collated(node.args[0])} {node.name} {ex.sql(node.args[1])})"
    if node.name not in lists.OPERATORS or (1184 in node.arg_types and 1186 in node.arg_types):  # days are the zone's
        raise Refused(f"operator {what(node)} is not on postgres's list")
    if (
        node.name == "||"
        and any(o in (3802, 17) or BY_OID[o].is_array for o in node.arg_types) is False
        and set(node.arg_types) != {25}
    ):
        raise Refused(f"operator {what(node)} is not on postgres's list")
    args = [ex.sql(arg) for arg in node.args]
    return f"({node.name} {args[0]})" if len(args) == 1 else f"({args[0]} {node.name} {args[1]})"


def _path_test(ex: PostgresExpressions, node: tree.OpExpr) -> str:
    """A path is sent in its carrier, which says no more and no less than PostgreSQL's own text, and can be read."""
    value, path = node.args
    if not isinstance(path, tree.Const) or not isinstance(path.value, str) or not _is_steady(parse(path.value).items):
        raise Refused(f"operator {what(node)} with such a path is not on postgres's list")
    return f"({ex.sql(value)} {node.name} CAST({lit.quoted(path.value)} AS jsonpath))"


def _is_steady(items: Items) -> bool:
    return all(
        not isinstance(item, LikeRegex | Datetime)
        and (not isinstance(item, Method) or item.name in lists.PATH_METHODS)
        and all(map(_is_steady, inner(item)))
        for item in items
    )


def _function(ex: PostgresExpressions, node: tree.FuncExpr) -> str:
    if node.returns_set or node.variadic or node.name not in lists.FUNCTIONS:
        raise Refused(f"function {what(node)} is not on postgres's list")
    for oid in (*node.arg_types, node.type.oid):
        if oid != 25:
            check_type(SqlType(oid))
    if node.name in lists.FLOAT_UNSURE and lists.FLOATS & set(node.arg_types):
        raise Refused(f"function {what(node)} is not on postgres's list")
    if 1184 in node.arg_types:
        return _zoned(ex, node)
    if node.name == "age" or (node.name in ("substring",) and node.arg_types == (25, 25)):
        raise Refused(f"function {what(node)} is not on postgres's list")
    args = ", ".join(ex.collated(arg) for arg in node.args)
    if node.name in ("extract", "position", "overlay", "substring"):
        return f'pg_catalog."{node.name}"({args})'
    return f"pg_catalog.{node.name}({args})"


def _zoned(ex: PostgresExpressions, node: tree.FuncExpr) -> str:
    """date_trunc with its zone written out; date_part and extract of the local time in it."""
    zone = lit.quoted(ex.site.timezone)
    if node.name == "date_trunc" and len(node.args) == 2:
        return f"pg_catalog.date_trunc({ex.sql(node.args[0])}, {ex.sql(node.args[1])}, {zone})"
    if node.name == "date_trunc":
        return f"pg_catalog.date_trunc({', '.join(ex.sql(a) for a in node.args)})"
    field_ = node.args[0]
    known = isinstance(field_, tree.Const) and isinstance(field_.value, str)
    if node.name in ("date_part", "extract") and known:
        assert isinstance(field_, tree.Const)
        if str(field_.value).lower() == "epoch" or (
            ex.site.timezone == "UTC" and not str(field_.value).lower().startswith("timezone")
        ):
            return f'pg_catalog."{node.name}"({ex.sql(field_)}, {ex.sql(node.args[1])})'
    if node.name in ("date_bin", "isfinite"):
        return f"pg_catalog.{node.name}({', '.join(ex.sql(a) for a in node.args)})"
    raise Refused(f"function {what(node)} is not on postgres's list")


def _coerce(ex: PostgresExpressions, node: tree.Coerce) -> str:
    source, target = node.arg.type.oid, node.type.oid
    check_type(node.arg.type)
    check_type(node.type)
    pair = (BY_OID[source].element_oid or source, BY_OID[target].element_oid or target)
    known = pair in lists.CASTS or (pair in lists.UTC_CASTS and ex.site.timezone == "UTC")
    if not known or node.method not in ("relabel", "function", "array"):
        raise Refused(f"casting {node.arg.type} to {node.type} is not on postgres's list")
    if not node.explicit and node.type.typmod >= 0 and target in lists.COLLATED:  # an implicit one raises where a cast cuts off
        raise Refused(f"an implicit cast to {node.type} is not on postgres's list")
    return f"CAST({ex.sql(node.arg)} AS {lit.type_name(node.type)})"


def _bool(ex: PostgresExpressions, node: tree.BoolExpr) -> str:
    if node.op == "not":
        return f"(NOT {ex.sql(node.args[0])})"
    return "(" + f" {node.op.upper()} ".join(ex.sql(a) for a in node.args) + ")"


def _null_test(ex: PostgresExpressions, node: tree.NullTest) -> str:
    return f"({ex.sql(node.arg)} IS {'NOT ' if node.negated else ''}NULL)"


def _boolean_test(ex: PostgresExpressions, node: tree.BooleanTest) -> str:
    return f"({ex.sql(node.arg)} IS {'NOT ' if node.negated else ''}{node.test.upper()})"


def _distinct(ex: PostgresExpressions, node: tree.DistinctExpr) -> str:
    return f"({ex.collated(node.left)} IS {'NOT ' if node.negated else ''}DISTINCT FROM {ex.collated(node.right)})"


def _any_all(ex: PostgresExpressions, node: tree.ScalarArrayOp) -> str:
    if node.name not in lists.COMPARISONS and node.name not in lists.LIKES:
        raise Refused(f"{node.name} ANY is not on postgres's list")
    return f"({ex.collated(node.left)} {node.name} {'ALL' if node.all else 'ANY'} ({ex.sql(node.right)}))"


def _sublink(ex: PostgresExpressions, node: tree.SubLink) -> str:
    if ex.subquery is None or node.kind not in ("exists", "any", "all"):
        raise Refused("a subquery here is not on postgres's list")
    if node.kind == "exists":
        return f"EXISTS ({ex.subquery(node.query)})"
    for expr in (*node.left, *(tree.Param("", c.type) for c in node.query.columns)):
        check_type(expr.type)
    left = ", ".join(ex.collated(expr) for expr in node.left)
    if node.op not in lists.COMPARISONS or (len(node.left) > 1 and (node.op, node.kind) not in (("=", "any"), ("<>", "all"))):
        raise Refused(f"{node.op} {node.kind.upper()} of a subquery is not on postgres's list")
    return f"(({left}) {node.op} {node.kind.upper()} ({ex.subquery(node.query)}))"


def _null_if(ex: PostgresExpressions, node: tree.NullIf) -> str:
    return f"CASE WHEN {ex.collated(node.left)} = {ex.collated(node.right)} THEN NULL ELSE {ex.sql(node.result)} END"


def _case(ex: PostgresExpressions, node: tree.Case) -> str:
    whens = " ".join(f"WHEN {ex.sql(w.condition)} THEN {ex.sql(w.result)}" for w in node.whens)
    return f"CASE {whens} ELSE {ex.sql(node.default)} END"


def _coalesce(ex: PostgresExpressions, node: tree.Coalesce) -> str:
    return f"COALESCE({', '.join(ex.sql(a) for a in node.args)})"


def _min_max(ex: PostgresExpressions, node: tree.MinMax) -> str:
    return f"{node.op.upper()}({', '.join(ex.collated(a) for a in node.args)})"


def _array(ex: PostgresExpressions, node: tree.ArrayExpr) -> str:
    check_type(node.type)
    return f"CAST(ARRAY[{', '.join(ex.sql(e) for e in node.elements)}] AS {lit.type_name(node.type)})"


def _group_ref(ex: PostgresExpressions, node: tree.GroupRef) -> str:
    return ex.group[node.index]


def _aggref(ex: PostgresExpressions, node: tree.Aggref) -> str:
    if node.within_group or node.name not in (lists.LISTS if node.order_by else lists.LISTS | lists.AGGREGATES):
        raise Refused(f"aggregate {what(node)} is not on postgres's list")
    for oid in node.arg_types:
        check_type(SqlType(oid))
    if node.name == "array_agg" and BY_OID[node.arg_types[0]].is_array:
        raise Refused(f"aggregate {what(node)} is not on postgres's list")
    inner = "*" if node.star else ", ".join(ex.collated(a) for a in node.args)
    if node.order_by:
        inner += f" ORDER BY {', '.join(_sorted(ex, s) for s in node.order_by)}"
    where = f" FILTER (WHERE {ex.sql(node.filter)})" if node.filter is not None else ""
    return f"pg_catalog.{node.name}({'DISTINCT ' if node.distinct else ''}{inner}){where}"


def _window(ex: PostgresExpressions, node: tree.WindowFunc) -> str:
    if node.name not in (lists.AGGREGATES if node.aggregate else lists.WINDOWS):
        raise Refused(f"window function {what(node)} is not on postgres's list")
    for oid in node.arg_types:
        check_type(SqlType(oid))
    args = "*" if node.star else ", ".join(ex.collated(a) for a in node.args)
    where = f" FILTER (WHERE {ex.sql(node.filter)})" if node.filter is not None else ""
    over = []
    if node.partition_by:
        over.append(f"PARTITION BY {', '.join(ex.collated(p) for p in node.partition_by)}")
    if node.order_by:
        over.append(f"ORDER BY {', '.join(_sorted(ex, s) for s in node.order_by)}")
    if node.frame is not None:
        over.append(_frame(ex, node.frame))
    return f"pg_catalog.{node.name}({args}){where} OVER ({' '.join(over)})"


def _sorted(ex: PostgresExpressions, by: tree.SortBy) -> str:
    if isinstance(by.expr, tree.Const):
        raise Refused("sorting by a constant is not on postgres's list")
    return f"{ex.collated(by.expr)} {'DESC' if by.descending else 'ASC'} NULLS {'FIRST' if by.nulls_first else 'LAST'}"


def _frame(ex: PostgresExpressions, frame: tree.Frame) -> str:
    if frame.mode == "range" and (frame.start_offset is not None or frame.end_offset is not None):
        raise Refused("a frame of values is not on postgres's list")
    return frame.sql(ex.sql)


_WRITERS: dict[type, Callable[[PostgresExpressions, Any], str]] = {
    tree.Var: _var,
    tree.Const: _const,
    tree.Param: _const,
    tree.OpExpr: _op,
    tree.FuncExpr: _function,
    tree.Coerce: _coerce,
    tree.BoolExpr: _bool,
    tree.NullTest: _null_test,
    tree.BooleanTest: _boolean_test,
    tree.DistinctExpr: _distinct,
    tree.ScalarArrayOp: _any_all,
    tree.SubLink: _sublink,
    tree.NullIf: _null_if,
    tree.Case: _case,
    tree.Coalesce: _coalesce,
    tree.MinMax: _min_max,
    tree.ArrayExpr: _array,
    tree.GroupRef: _group_ref,
    tree.Aggref: _aggref,
    tree.WindowFunc: _window,
}
