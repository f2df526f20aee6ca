"""Expressions that SQLite evaluates exactly as PostgreSQL does: the allow-list, and how each entry is written.

Anything else raises Refused. While it renders, `Expressions` gathers the predicates under which an expression says nothing: `ill`
(a column holds a value that does not fit its type) and `doubts` (a computation left its range, where SQLite goes on in silence).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fedgate.fragment import Slot
from fedgate.nodes.dialects import sqlite_literals as lit
from fedgate.nodes.dialects.site import LocalRelation, Refused, Site, Slots
from fedgate.nodes.dialects.sqlite_columns import INTS, TEXTS, Stored, kind_of, stored
from fedgate.nodes.relations import quote
from fedgate.sql import tree
from fedgate.sql.tree import Const, Expr, Param, Var
from fedgate.types import BY_OID, SqlType

FLIP = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
HOW = {"=": "exact", "<>": "exact", "<": "ceil", ">=": "ceil", ">": "floor", "<=": "floor", "IS": "exact", "IS NOT": "exact"}
NUMERIC = 1700
_INT_ORDER = (21, 23, 20)
_WIDENED = frozenset(
    {*((a, b) for n, a in enumerate(_INT_ORDER) for b in (*_INT_ORDER[n:], NUMERIC, 701)), (NUMERIC, NUMERIC), (NUMERIC, 701)}
)
_SQL_MAX = 4_000
_LIST_MIN = 1_000
_TERMS_MAX = 100  # SQLite nests AND and OR, 1,000 deep at most
_NULL_TEXT = "NULL"


@dataclass(frozen=True, slots=True)
class V:
    """A value: SQL of a kind. A time column that stands bare keeps its raw form in its unit."""

    sql: str
    kind: str
    raw: str = ""
    unit: str = ""


@dataclass(slots=True)
class Expressions:
    """See the module docstring. `aliases` are the relations' names in the statement; `group` holds the block's keys, `given` the
    columns of derived tables; `subqueries` writes what a condition looks in."""

    relations: Mapping[int, LocalRelation]
    site: Site
    slots: Slots
    aliases: Mapping[int, str]
    group: tuple[V, ...] = ()
    given: dict[tuple[int, int], V] = field(default_factory=dict)
    ill: dict[str, Stored] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    conditional: int = 0
    aggregates: Callable[[tree.Aggref], V] | None = None
    subqueries: Callable[[Expressions, tree.SubLink], V] | None = None

    # ------------------------------------------------------------------------------------------ leaves

    def value(self, node: Expr) -> V:
        """A value of the node's kind. Raises Refused."""
        handler = _VALUES.get(type(node))
        if handler is None:
            raise Refused(f"{_what(node)} is not on sqlite's list")
        found = handler(self, node)
        if len(found.sql) > _SQL_MAX:
            raise Refused("an expression is too long for sqlite")
        return found

    def condition(self, node: Expr) -> str:
        """A boolean as SQL that is 1, 0 or NULL."""
        return self.value(node).sql

    def column(self, node: Var) -> Stored:
        """A local column, its ill-typed values noted."""
        relation = self.relations.get(node.rel)
        if relation is None or node.rel not in self.aliases:
            raise Refused("an outer reference is not on sqlite's list")
        local = relation.columns[node.col - 1]
        found = stored(local, self.aliases[node.rel])
        self.ill[found.ill] = found
        self.names[found.ill] = local.name
        self.owners[found.ill] = node.rel
        return found

    def bare(self, node: Var) -> str:
        """A column where only NULL matters, which is NULL whatever the column's type and encoding."""
        if node.rel not in self.aliases:
            raise Refused("an outer reference is not on sqlite's list")
        return f"{self.aliases[node.rel]}.{quote(self.relations[node.rel].columns[node.col - 1].name)}"

    def doubt(self, out: str, sql: str) -> None:
        """Note where `sql`, computed of a row, left its range; of groups no guard could tell."""
        if self.aggregates is not None:
            raise Refused("arithmetic over groups is not on sqlite's list")
        self.doubts[out] = sql

    def constant(self, node: Expr, form: str, t: SqlType) -> str:
        """A Const or Param, written in a form."""
        node = bare_constant(node)
        if isinstance(node, Param):
            return self.slots.mark(Slot(node.name, t, form))
        assert isinstance(node, Const)
        return lit.write(form, t, node.value)


def bare_constant(node: Expr) -> Expr:
    """A constant without the conversions between numbers that its form makes anyway: those that neither round nor raise.

    Not so float8 to numeric, which PostgreSQL rounds to 15 digits, though double precision may be written for any number.
    """
    while isinstance(node, tree.Coerce) and node.type.typmod < 0 and (node.arg.type.oid, node.type.oid) in _WIDENED:
        node = node.arg
    return node


def is_constant(node: Expr) -> bool:
    return isinstance(bare_constant(node), Const | Param)


def _what(node: Any) -> str:
    names = getattr(node, "name", None)
    kinds = ", ".join(BY_OID[o].sql_name if o in BY_OID else str(o) for o in getattr(node, "arg_types", ()))
    return f"{names}({kinds})" if names else type(node).__name__


def _var(ex: Expressions, node: Var) -> V:
    if (node.rel, node.col) in ex.given:
        return ex.given[node.rel, node.col]
    found = ex.column(node)
    return V(found.sql, found.kind, found.raw, found.unit)


def _const(ex: Expressions, node: Const) -> V:
    kind = kind_of(node.type)
    return V(lit.in_value(kind, node.type, node.value), kind)


def _param(ex: Expressions, node: Param) -> V:
    kind = kind_of(node.type)
    if kind == "date":
        raise Refused("a date parameter that is calculated with is not on sqlite's list")
    return V(ex.constant(node, "number" if kind == "float" else kind, node.type), kind)


def _group_ref(ex: Expressions, node: tree.GroupRef) -> V:
    return ex.group[node.index]


def _aggref(ex: Expressions, node: tree.Aggref) -> V:
    if ex.aggregates is None:
        raise Refused("an aggregate here is not on sqlite's list")
    return ex.aggregates(node)


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


def _op(ex: Expressions, node: tree.OpExpr) -> V:
    from fedgate.nodes.dialects.sqlite_functions import bucket

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
    return arithmetic(ex, node)


def _distinct(ex: Expressions, node: tree.DistinctExpr) -> V:
    return V(f"({compare(ex, 'IS' if node.negated else 'IS NOT', node.left, node.right)})", "bool")


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


def _sublink(ex: Expressions, node: tree.SubLink) -> V:
    if ex.subqueries is None:
        raise Refused("a subquery here is not on sqlite's list")
    return ex.subqueries(ex, node)


def _elements(t: SqlType) -> SqlType:
    pg = BY_OID.get(t.oid)
    return SqlType(pg.element_oid if pg is not None else 0, t.typmod)


# ---------------------------------------------------------------------------------------------------- logic


def _bool(ex: Expressions, node: tree.BoolExpr) -> V:
    if node.op == "not":
        return V(f"(NOT {ex.condition(node.args[0])})", "bool")
    if len(node.args) > _TERMS_MAX:
        raise Refused(f"{len(node.args)} terms of {node.op.upper()} are too deep for sqlite")
    ex.conditional += node.op == "or"
    parts = [ex.condition(arg) for arg in node.args]
    ex.conditional -= node.op == "or"
    return V("(" + f" {node.op.upper()} ".join(parts) + ")", "bool")


def _null_test(ex: Expressions, node: tree.NullTest) -> V:
    word = "IS NOT NULL" if node.negated else "IS NULL"
    if isinstance(node.arg, Var):
        return V(f"({ex.bare(node.arg)} {word})", "bool")
    return V(f"({ex.value(node.arg).sql} {word})", "bool")


def _boolean_test(ex: Expressions, node: tree.BooleanTest) -> V:
    word = {"true": "TRUE", "false": "FALSE", "unknown": _NULL_TEXT}[node.test]
    return V(f"({ex.condition(node.arg)} IS {'NOT ' if node.negated else ''}{word})", "bool")


def _null_if(ex: Expressions, node: tree.NullIf) -> V:
    result = ex.value(node.result)
    return V(f"(CASE WHEN {compare(ex, '=', node.left, node.right)} THEN NULL ELSE {result.sql} END)", result.kind)


def _case(ex: Expressions, node: tree.Case) -> V:
    kind = kind_of(node.type)
    ex.conditional += 1
    whens = " ".join(f"WHEN {ex.condition(w.condition)} THEN {_same(ex, w.result, kind)}" for w in node.whens)
    default = _same(ex, node.default, kind)
    ex.conditional -= 1
    return V(f"(CASE {whens} ELSE {default} END)", kind)


def _coalesce(ex: Expressions, node: tree.Coalesce) -> V:
    kind = kind_of(node.type)
    ex.conditional += 1
    args = ", ".join(_same(ex, arg, kind) for arg in node.args)
    ex.conditional -= 1
    return V(f"coalesce({args})", kind) if len(node.args) > 1 else V(args, kind)


def _same(ex: Expressions, node: Expr, kind: str) -> str:
    v = ex.value(node)
    if v.kind != kind:
        raise Refused(f"{v.kind} where {kind} is wanted is not on sqlite's list")
    return v.sql


# ---------------------------------------------------------------------------------------------------- arithmetic, casts


def arithmetic(ex: Expressions, node: tree.OpExpr) -> V:
    """Integer + - * and float + - * /. SQLite's overflow and division by zero are doubts, PostgreSQL's errors."""
    oids = set(node.arg_types)
    if len(node.args) != 2 or node.name not in ("+", "-", "*", "/"):
        raise Refused(f"operator {_what(node)} is not on sqlite's list")
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
    raise Refused(f"operator {_what(node)} is not on sqlite's list")


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
        from fedgate.nodes.dialects.sqlite_functions import day_of

        return day_of(ex, v)
    raise Refused(f"casting {node.arg.type} to {node.type} is not on sqlite's list")


def _wider(source: int, target: int) -> bool:
    return _INT_ORDER.index(source) <= _INT_ORDER.index(target)


def _function(ex: Expressions, node: tree.FuncExpr) -> V:
    from fedgate.nodes.dialects.sqlite_functions import function

    return function(ex, node)


_VALUES: dict[type, Callable[[Expressions, Any], V]] = {
    Var: _var,
    Const: _const,
    Param: _param,
    tree.GroupRef: _group_ref,
    tree.Aggref: _aggref,
    tree.OpExpr: _op,
    tree.DistinctExpr: _distinct,
    tree.ScalarArrayOp: _in_array,
    tree.SubLink: _sublink,
    tree.BoolExpr: _bool,
    tree.NullTest: _null_test,
    tree.BooleanTest: _boolean_test,
    tree.NullIf: _null_if,
    tree.Case: _case,
    tree.Coalesce: _coalesce,
    tree.Coerce: _coerce,
    tree.FuncExpr: _function,
}
