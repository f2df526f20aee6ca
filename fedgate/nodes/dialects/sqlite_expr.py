"""Expressions that SQLite evaluates exactly as PostgreSQL does: how each node is written. Here are leaves and logic; operators and
casts stand in `sqlite_operators`, functions and aggregates in `sqlite_functions`.

What is not listed raises Refused. While it renders, `Expressions` gathers the predicates under which an expression says nothing:
`ill` (a column holds a value that does not fit its type) and `doubts` (a computation left its range, where SQLite goes on in
silence).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fedgate.fragment import Slot
from fedgate.nodes.dialects import sqlite_literals as lit
from fedgate.nodes.dialects.site import LocalRelation, Refused, Site, Slots, what
from fedgate.nodes.dialects.sqlite_columns import Stored, kind_of, stored
from fedgate.nodes.relations import quote
from fedgate.sql import tree
from fedgate.sql.tree import Const, Expr, Param, Var
from fedgate.types import SqlType

NUMERIC = 1700
INT_ORDER = (21, 23, 20)
_WIDENED = frozenset(
    {*((a, b) for n, a in enumerate(INT_ORDER) for b in (*INT_ORDER[n:], NUMERIC, 701)), (NUMERIC, NUMERIC), (NUMERIC, 701)}
)
_SQL_MAX = 4_000
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
        handler = _HANDLERS.get(type(node))
        if handler is None:
            raise Refused(f"{what(node)} is not on sqlite's list")
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


_HANDLERS: dict[type, Callable[[Expressions, Any], V]] = {}
Handler = TypeVar("Handler", bound=Callable[..., V])


def handles(kind: type) -> Callable[[Handler], Handler]:
    """Registers the function as what writes nodes of that class."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = handler
        return handler

    return register


def bare_constant(node: Expr) -> Expr:
    """A constant without the conversions between numbers that its form makes anyway: those that neither round nor raise.

    Not so float8 to numeric, which PostgreSQL rounds to 15 digits, though double precision may be written for any number.
    """
    while isinstance(node, tree.Coerce) and node.type.typmod < 0 and (node.arg.type.oid, node.type.oid) in _WIDENED:
        node = node.arg
    return node


def is_constant(node: Expr) -> bool:
    return isinstance(bare_constant(node), Const | Param)


@handles(Var)
def _var(ex: Expressions, node: Var) -> V:
    if (node.rel, node.col) in ex.given:
        return ex.given[node.rel, node.col]
    found = ex.column(node)
    return V(found.sql, found.kind, found.raw, found.unit)


@handles(Const)
def _const(ex: Expressions, node: Const) -> V:
    kind = kind_of(node.type)
    return V(lit.in_value(kind, node.type, node.value), kind)


@handles(Param)
def _param(ex: Expressions, node: Param) -> V:
    kind = kind_of(node.type)
    if kind == "date":
        raise Refused("a date parameter that is calculated with is not on sqlite's list")
    return V(ex.constant(node, "number" if kind == "float" else kind, node.type), kind)


@handles(tree.GroupRef)
def _group_ref(ex: Expressions, node: tree.GroupRef) -> V:
    return ex.group[node.index]


@handles(tree.Aggref)
def _aggref(ex: Expressions, node: tree.Aggref) -> V:
    if ex.aggregates is None:
        raise Refused("an aggregate here is not on sqlite's list")
    return ex.aggregates(node)


@handles(tree.SubLink)
def _sublink(ex: Expressions, node: tree.SubLink) -> V:
    if ex.subqueries is None:
        raise Refused("a subquery here is not on sqlite's list")
    return ex.subqueries(ex, node)


# ---------------------------------------------------------------------------------------------------- logic


@handles(tree.BoolExpr)
def _bool(ex: Expressions, node: tree.BoolExpr) -> V:
    if node.op == "not":
        return V(f"(NOT {ex.condition(node.args[0])})", "bool")
    if len(node.args) > _TERMS_MAX:
        raise Refused(f"{len(node.args)} terms of {node.op.upper()} are too deep for sqlite")
    ex.conditional += node.op == "or"
    parts = [ex.condition(arg) for arg in node.args]
    ex.conditional -= node.op == "or"
    return V("(" + f" {node.op.upper()} ".join(parts) + ")", "bool")


@handles(tree.NullTest)
def _null_test(ex: Expressions, node: tree.NullTest) -> V:
    word = "IS NOT NULL" if node.negated else "IS NULL"
    if isinstance(node.arg, Var):
        return V(f"({ex.bare(node.arg)} {word})", "bool")
    return V(f"({ex.value(node.arg).sql} {word})", "bool")


@handles(tree.BooleanTest)
def _boolean_test(ex: Expressions, node: tree.BooleanTest) -> V:
    word = {"true": "TRUE", "false": "FALSE", "unknown": _NULL_TEXT}[node.test]
    return V(f"({ex.condition(node.arg)} IS {'NOT ' if node.negated else ''}{word})", "bool")


@handles(tree.Case)
def _case(ex: Expressions, node: tree.Case) -> V:
    kind = kind_of(node.type)
    ex.conditional += 1
    whens = " ".join(f"WHEN {ex.condition(w.condition)} THEN {_same(ex, w.result, kind)}" for w in node.whens)
    default = _same(ex, node.default, kind)
    ex.conditional -= 1
    return V(f"(CASE {whens} ELSE {default} END)", kind)


@handles(tree.Coalesce)
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
