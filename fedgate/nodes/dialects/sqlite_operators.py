"""Operators, comparisons and casts on SQLite's list."""

from __future__ import annotations

from fedgate.nodes.dialects import sqlite_literals as lit
from fedgate.nodes.dialects.site import Refused, what
from fedgate.nodes.dialects.sqlite_columns import INTS, TEXTS, kind_of
from fedgate.nodes.dialects.sqlite_expr import INT_ORDER, NUMERIC, Expressions, V, bare_constant, handles, is_constant
from fedgate.nodes.dialects.sqlite_functions import bucket, day_of
from fedgate.sql import tree
from fedgate.sql.tree import Const, Expr
from fedgate.types import BY_OID, SqlType

FLIP = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
HOW = {"=": "exact", "<>": "exact", "<": "ceil", ">=": "ceil", ">": "floor", "<=": "floor", "IS": "exact", "IS NOT": "exact"}
_LIST_MIN = 1_000


# ---------------------------------------------------------------------------------------------------- comparisons


def compare(ex: Expressions, op: str, left: Expr, right: Expr) -> str:
    """`left op right` for the six comparisons and IS [NOT]; the constant side is written for the other side's unit."""
    if op not in ("IS", "IS NOT") and any(isinstance(side, tree.Const) and side.value is None for side in (left, right)):
        return "NULL"  # so is a column that the node does not have
    if is_constant(left) and not is_constant(right):
        left, right, op = right, left, FLIP.get(op, op)
    if is_constant(right) and not is_constant(left):
        return _with_constant(ex, op, left, right)
    a, b = ex.value(left), ex.value(right)
    if a.kind != b.kind:
        raise Refused(f"comparing {a.kind} with {b.kind} is not on sqlite's list")
    if a.unit and a.unit == b.unit != "unix_ns":
        return f"{a.raw} {op} {b.raw}"
    if a.kind == "text" and op == "=" and a.raw and b.raw:
        # An index serves this. A column that would turn a text of digits into a number holds none: it has stored a number.
        return f"{a.raw} = {b.raw} COLLATE BINARY"
    if a.kind == "text":
        return f"+{_atom(a)} {op} +{_atom(b)} COLLATE BINARY"
    return f"{_atom(a)} {op} {_atom(b)}"


def _atom(v: V) -> str:
    return v.sql if v.sql.isidentifier() else f"({v.sql})"


def _with_constant(ex: Expressions, op: str, left: Expr, right: Expr) -> str:
    subject, form = comparable(ex, left, op, right.type)
    constant = ex.constant(right, form, right.type)
    if form == "text":
        if op not in ("=", "<>", "IS", "IS NOT"):  # a column of numeric affinity would turn a text of digits into a number
            subject = f"+{subject}"
        return f"{subject} {op} {constant} COLLATE BINARY"
    return f"{subject} {op} {constant}"


def comparable(ex: Expressions, node: Expr, op: str, t: SqlType) -> tuple[str, str]:
    """The SQL to compare with a constant of type `t` by `op`, and the form in which the constant is to be written."""
    how = HOW[op]
    if t.oid == NUMERIC:
        if isinstance(node, tree.Coerce) and node.type == SqlType(NUMERIC) and node.arg.type.oid in INTS:
            return f"({ex.value(node.arg).sql})", f"num:{how}"
        raise Refused("comparing with a numeric is not on sqlite's list")
    v = ex.value(node)
    if kind_of(t) != v.kind:  # a date is no day's beginning, nor a timestamp a date: the form writes the constant as the column is
        raise Refused(f"comparing {v.kind} with {t} is not on sqlite's list")
    if v.kind == "time":
        if v.unit and (v.unit != "unix_ns" or op in (">=", "<")):
            return v.raw, f"{v.unit}:{how}"
        return f"({v.sql})", f"unix_us:{how}"
    return v.raw if v.raw and v.kind in ("int", "text", "blob") else f"({v.sql})", v.kind


@handles(tree.DistinctExpr)
def _distinct(ex: Expressions, node: tree.DistinctExpr) -> V:
    return V(f"({compare(ex, 'IS' if node.negated else 'IS NOT', node.left, node.right)})", "bool")


@handles(tree.ScalarArrayOp)
def _in_array(ex: Expressions, node: tree.ScalarArrayOp) -> V:
    if (node.name, node.all) not in (("=", False), ("<>", True)):
        raise Refused(f"{node.name} {'ALL' if node.all else 'ANY'} is not on sqlite's list")
    right = node.right
    while isinstance(right, tree.Coerce) and right.type.typmod < 0 and _elements(right.arg.type).oid in TEXTS:
        if right.method not in ("relabel", "array") or _elements(right.type).oid not in TEXTS:
            break
        right = right.arg
    element = _elements(right.type)
    subject, form = comparable(ex, node.left, "=", element)
    if isinstance(right, tree.ArrayExpr) and all(is_constant(e) and e.type.oid == element.oid for e in right.elements):
        items = ", ".join(ex.constant(e, form, e.type) for e in right.elements)
    elif is_constant(right):
        items = ex.constant(right, f"list:{form}", element)
    else:
        raise Refused("= ANY of computed values is not on sqlite's list")
    if form == "text":
        subject = f"({subject} COLLATE BINARY)"
    if len(items) > _LIST_MIN:
        items = ex.slots.text(items)
    return V(f"({subject} {'NOT IN' if node.all else 'IN'} ({items}))", "bool")


def _elements(t: SqlType) -> SqlType:
    pg = BY_OID.get(t.oid)
    return SqlType(pg.element_oid if pg is not None else 0, t.typmod)


@handles(tree.NullIf)
def _null_if(ex: Expressions, node: tree.NullIf) -> V:
    result = ex.value(node.result)
    return V(f"(CASE WHEN {compare(ex, '=', node.left, node.right)} THEN NULL ELSE {result.sql} END)", result.kind)


# ---------------------------------------------------------------------------------------------------- arithmetic, casts


@handles(tree.OpExpr)
def _op(ex: Expressions, node: tree.OpExpr) -> V:
    if node.name == "*" and (found := bucket(ex, node)) is not None:
        return found
    if node.name in FLIP and len(node.args) == 2:
        return V(f"({compare(ex, node.name, *node.args)})", "bool")
    if node.name in ("~~", "!~~") and is_constant(node.args[1]) and node.arg_types == (25, 25):
        subject = ex.value(node.args[0]).sql
        pattern = ex.constant(node.args[1], "glob", node.args[1].type)
        return V(f"({subject} {'NOT ' if node.name == '!~~' else ''}GLOB {pattern})", "bool")
    if node.name == "||" and node.arg_types == (25, 25):
        return V(f"({ex.value(node.args[0]).sql} || {ex.value(node.args[1]).sql})", "text")
    return _arithmetic(ex, node)


def _arithmetic(ex: Expressions, node: tree.OpExpr) -> V:
    """Integer + - * and float + - * /. SQLite's overflow and division by zero are doubts, PostgreSQL's errors."""
    oids = set(node.arg_types)
    if len(node.args) != 2 or node.name not in ("+", "-", "*", "/"):
        raise Refused(f"operator {what(node)} is not on sqlite's list")
    if ex.conditional:
        raise Refused("arithmetic that is not always evaluated is not on sqlite's list")
    if oids <= INTS.keys() and node.name != "/":
        a, b = (ex.value(arg) for arg in node.args)
        sql = f"({a.sql} {node.name} {b.sql})"
        bounds = INTS[node.type.oid]
        out = f"({sql} NOT BETWEEN {bounds[0]} AND {bounds[1]}) IS TRUE" if bounds else f"typeof({sql}) = 'real'"
        ex.doubt(out, sql)
        return V(sql, "int")
    if oids == {701}:
        return _float_arithmetic(ex, node)
    raise Refused(f"operator {what(node)} is not on sqlite's list")


def _float_arithmetic(ex: Expressions, node: tree.OpExpr) -> V:
    a, b = (ex.value(arg).sql for arg in node.args)
    sql = f"({a} {node.name} {b})"
    finite = f"abs({a}) <> 9e999" if node.name == "/" else f"abs({a}) <> 9e999 AND abs({b}) <> 9e999"
    out = f"({sql} IS NULL AND {a} IS NOT NULL AND {b} IS NOT NULL) OR (abs({sql}) = 9e999 AND {finite})"
    if node.name == "*":
        out += f" OR ({sql} = 0.0 AND {a} <> 0.0 AND {b} <> 0.0)"
    elif node.name == "/":
        out += f" OR ({sql} = 0.0 AND {a} <> 0.0 AND abs({b}) <> 9e999)"
    ex.doubt(f"({out}) IS TRUE", sql)
    return V(sql, "float")


@handles(tree.Coerce)
def _coerce(ex: Expressions, node: tree.Coerce) -> V:
    source, target = node.arg.type.oid, node.type.oid
    if is_constant(node):
        kind = kind_of(node.type)
        bare = bare_constant(node)
        if isinstance(bare, Const):
            return V(lit.in_value(kind, node.type, bare.value), kind)
        return V(ex.constant(bare, "number" if kind == "float" else kind, node.type), kind)
    v = ex.value(node.arg)
    if node.method == "relabel" and kind_of(node.type) == v.kind:
        return v
    if node.method == "function" and source in INTS and target in INTS and _wider(source, target):
        return v
    if node.method == "function" and source in INTS and target == 701:
        return V(f"CAST({v.sql} AS REAL)", "float")
    if node.method == "function" and (source, target) == (16, 23):
        return V(v.sql, "int")
    if target == 1082 and (source == 1114 or (source == 1184 and ex.site.timezone == "UTC")):
        return day_of(ex, v)
    raise Refused(f"casting {node.arg.type} to {node.type} is not on sqlite's list")


def _wider(source: int, target: int) -> bool:
    return INT_ORDER.index(source) <= INT_ORDER.index(target)
