"""Conversions: which exist between two types, and the `Coerce` nodes that make them.

Source: https://www.postgresql.org/docs/15/typeconv.html and the catalog page of pg_cast. Contexts are pg_cast's letters: i
implicit, a assignment, e explicit; each includes the ones before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal, TypeAlias

from fedgate.errors import SqlError, unsupported
from fedgate.sql import tables
from fedgate.sql.bind import polymorphic
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.literals import typed_literal
from fedgate.sql.bind.params import fix_parameter, is_open_parameter
from fedgate.sql.bind.state import State
from fedgate.sql.tree import (
    ArrayExpr,
    BooleanTest,
    BoolExpr,
    Coerce,
    Const,
    DistinctExpr,
    Expr,
    FieldSelect,
    FuncExpr,
    NullIf,
    NullTest,
    OpExpr,
    RowCompare,
    RowExpr,
    ScalarArrayOp,
    SubLink,
    Subscript,
    walk,
)
from fedgate.types import SqlType

Method: TypeAlias = Literal["relabel", "function", "io", "array"]
_TEXTS = frozenset((t.TEXT, t.VARCHAR, t.BPCHAR, t.NAME))
_ORDER = {"i": 0, "a": 1, "e": 2}


@lru_cache(maxsize=4096)
def pathway(source: int, target: int, context: str) -> Method | None:
    """How a value of `source` becomes one of `target` in that context; None when it cannot."""
    if source == target:
        return "relabel"
    row = tables.casts().get((source, target))
    if row is not None:
        if _ORDER[context] < _ORDER[row.context]:
            return None
        return {"f": "function", "b": "relabel", "i": "io"}[row.method]  # type: ignore[return-value]
    source_element, target_element = t.element_of(source), t.element_of(target)
    if source_element and target_element and target not in (t.INT2VECTOR, t.OIDVECTOR):
        inner = pathway(source_element, target_element, context)
        if inner is not None:
            return "io" if inner == "io" else "array"
    if context != "i" and t.category(target) == "S":
        return "io"
    if context == "e" and t.category(source) == "S":
        return "io"
    return None


def binary_coercible(source: int, target: int) -> bool:
    """Whether a value of `source` is one of `target` as it is, without being asked."""
    if source == target or target in (t.ANY, polymorphic.ANYELEMENT, polymorphic.ANYCOMPATIBLE):
        return True
    if target in (t.ANYARRAY, polymorphic.ANYCOMPATIBLEARRAY):
        return bool(t.element_of(source))
    if target in (polymorphic.ANYNONARRAY, polymorphic.ANYCOMPATIBLENONARRAY):
        return not t.element_of(source)
    row = tables.casts().get((source, target))
    return row is not None and row.method == "b" and row.context == "i"


def can_coerce(sources: Sequence[int], targets: Sequence[int], context: str) -> bool:
    """Whether arguments of types `sources` can be passed where `targets` are declared."""
    generic = False
    for source, target in zip(sources, targets, strict=True):
        if source == target or target == t.ANY:
            continue
        if target in polymorphic.POLYMORPHIC:
            generic = True
        elif source != t.UNKNOWN and pathway(source, target, context) is None:
            return False
    return not generic or polymorphic.consistent(sources, targets)


def coerce(
    state: State, expr: Expr, target: SqlType, context: str, *, explicit: bool = False, position: int | None = None
) -> Expr | None:
    """`expr` as a value of `target`, modifier included; None when there is no conversion in that context."""
    if not can_coerce((expr.type.oid,), (target.oid,), context):
        return None
    converted = coerce_type(state, expr, target.oid, context, typmod=target.typmod, explicit=explicit, position=position)
    return apply_typmod(converted, target, explicit=explicit, position=position)


def coerce_type(
    state: State,
    expr: Expr,
    target: int,
    context: str = "i",
    *,
    typmod: int = -1,
    explicit: bool = False,
    position: int | None = None,
) -> Expr:
    """`expr` as a value of type `target`, which `can_coerce` allowed."""
    source = expr.type.oid
    if source == target:
        return expr
    if target == t.ANY or (target in polymorphic.POLYMORPHIC and (source != t.UNKNOWN or target != t.ANYARRAY)):
        return expr
    if source == t.UNKNOWN:
        if isinstance(expr, Const):
            return typed_literal(state, expr, target, typmod, explicit=explicit)
        if is_open_parameter(expr):
            return fix_parameter(state, expr, target)
    if source == t.RECORD:
        from fedgate.sql.bind.rows import WRITTEN_ROW

        if target not in (t.TEXT, t.VARCHAR) or not isinstance(expr, RowExpr):
            raise unsupported(f"a row as {t.type_name(target)}", hint="row_to_json writes rows.", position=expr.pos)
        from fedgate.sql.bind.reg_names import named

        return FuncExpr(WRITTEN_ROW, (named(state, expr),), (t.RECORD,), SqlType(target), 0, pos=expr.pos)
    method = pathway(source, target, context)
    if method is None:
        raise cannot_cast(source, target, position)
    t.require_carrier(SqlType(target), position)
    if source == t.RECORD_ARRAY:
        from fedgate.sql.bind.row_arrays import kept

        (expr,) = kept((expr,))
    if source in (t.INT2VECTOR, t.OIDVECTOR) and method in ("relabel", "array"):
        method = "function"
    if source == t.array_of(t.REGTYPE) and target in (t.TEXT, t.array_of(t.TEXT)):
        from fedgate.sql.bind.inline import reg_texts

        names = reg_texts(state, expr, position)
        return names if target != t.TEXT else Coerce(names, SqlType(t.TEXT), "io", explicit, pos=position)
    if isinstance(expr, ArrayExpr) and t.element_of(source) in t.REG_TYPES and target in (t.TEXT, t.TEXT_ARRAY):
        from fedgate.sql.bind.reg_names import named

        return coerce_type(state, named(state, expr), target, context, explicit=explicit, position=position)
    if source in t.REG_TYPES and target in _TEXTS:
        from fedgate.sql.bind.inline import reg_text

        text = reg_text(state, expr, position)
        if text is not None:
            return coerce_type(state, text, target, context, explicit=explicit, position=position)
    if source == t.TEXT and target in t.REG_TYPES:
        from fedgate.sql.bind.inline import reg_input

        meant = reg_input(state, expr, target, position)
        if meant is not None:
            return meant
    return Coerce(expr, SqlType(target), method, explicit, pos=position if position is not None else expr.pos)


def apply_typmod(expr: Expr, target: SqlType, *, explicit: bool, position: int | None = None) -> Expr:
    """The length coercion to `target`'s modifier, where the expression does not have it already."""
    if expr.type.typmod == target.typmod:
        return expr
    if target.typmod < 0:
        # Nothing to do to the value, but the expression must not promise the old modifier any longer.
        return Coerce(expr, target, "relabel", explicit, pos=position if position is not None else expr.pos)
    base = t.element_of(target.oid)
    if (base or target.oid, base or target.oid) not in tables.casts():
        return expr
    if isinstance(expr, Const) and expr.value is None:
        return replace(expr, type=target)
    return Coerce(expr, target, "array" if base else "function", explicit, pos=position if position is not None else expr.pos)


def without_implicit(expr: Expr) -> Expr:
    """The expression as it was written, without the conversions that its place asked for."""
    while isinstance(expr, Coerce) and not expr.explicit:
        expr = expr.arg
    return expr


def cannot_cast(source: int, target: int, position: int | None) -> SqlError:
    return SqlError("42846", f"cannot cast type {t.type_name(source)} to {t.type_name(target)}", position=position)


def common_type(exprs: Sequence[Expr], what: str) -> int:
    """The type that values of all `exprs` can take. 42804 when their types do not match; `what` names the construct."""
    found, offender = select_common([e.type.oid for e in exprs])
    if offender is None:
        return found
    message = f"{what} types {t.type_name(found)} and {t.type_name(exprs[offender].type.oid)} cannot be matched"
    raise SqlError("42804", message, position=locate(exprs[offender]))


def select_common(oids: Sequence[int]) -> tuple[int, int | None]:
    """(common type, None), or (type so far, index of the first that does not match)."""
    chosen = oids[0]
    if chosen != t.UNKNOWN and all(oid == chosen for oid in oids):
        return chosen, None
    for i, oid in enumerate(oids[1:], 1):
        if oid in (t.UNKNOWN, chosen):
            continue
        if chosen == t.UNKNOWN:
            chosen = oid
        elif t.category(oid) != t.category(chosen):
            return chosen, i
        elif not t.preferred(chosen) and can_coerce((chosen,), (oid,), "i") and not can_coerce((oid,), (chosen,), "i"):
            chosen = oid
    return (t.TEXT if chosen == t.UNKNOWN else chosen), None


def to_common(state: State, expr: Expr, target: int, what: str) -> Expr:
    """`expr` implicitly as `target`. 42846 when there is no such conversion."""
    if expr.type.oid == target:
        return expr
    if not can_coerce((expr.type.oid,), (target,), "i"):
        message = f"{what} could not convert type {t.type_name(expr.type.oid)} to {t.type_name(target)}"
        raise SqlError("42846", message, position=locate(expr))
    return coerce_type(state, expr, target)


def common_typmod(exprs: Sequence[Expr], oid: int) -> int:
    """The modifier that all `exprs` have in common, else -1."""
    first = exprs[0].type.typmod
    return first if all(e.type.oid == oid and e.type.typmod == first for e in exprs) else -1


def unify(state: State, exprs: Sequence[Expr], what: str) -> tuple[tuple[Expr, ...], SqlType]:
    """All `exprs` in their common type, and that type with their common modifier."""
    oid = common_type(exprs, what)
    converted = tuple(to_common(state, e, oid, what) for e in exprs)
    return converted, SqlType(oid, common_typmod(converted, oid))


def to_boolean(state: State, expr: Expr, construct: str) -> Expr:
    """`expr` as the condition of `construct`. 42804 when it is not boolean."""
    return _require(state, expr, t.BOOL, construct)


def to_bigint(state: State, expr: Expr, construct: str) -> Expr:
    """`expr` as bigint by assignment, as LIMIT and window offsets take it."""
    return _require(state, expr, t.INT8, construct)


def _require(state: State, expr: Expr, target: int, construct: str) -> Expr:
    if expr.type.oid != target:
        source = expr.type.oid
        converted = coerce(state, expr, SqlType(target), "a")
        if converted is None:
            message = f"argument of {construct} must be type {t.type_name(target)}, not type {t.type_name(source)}"
            raise SqlError("42804", message, position=locate(expr))
        expr = converted
    if expr_returns_set(expr):
        raise SqlError("42804", f"argument of {construct} must not return a set", position=locate(expr))
    return expr


def locate(expr: Expr) -> int | None:
    """Where an expression starts, as messages about the whole of it point at: the leftmost of its operator and operands."""
    match expr:
        case OpExpr(args=parts) | FuncExpr(args=parts) | BoolExpr(args=parts):
            return _leftmost(expr.pos, *parts)
        case DistinctExpr(left=left) | NullIf(left=left) | ScalarArrayOp(left=left):
            return _leftmost(expr.pos, left)
        case Coerce(arg=arg) | NullTest(arg=arg) | BooleanTest(arg=arg):
            return _leftmost(expr.pos, arg)
        case SubLink(left=parts) if parts:
            return _leftmost(expr.pos, parts[0])
        case Subscript(arg=arg) | FieldSelect(arg=arg):
            return locate(arg)
        case RowCompare(left=parts):
            return locate(parts[0])
    return expr.pos


def _leftmost(own: int | None, *parts: Expr) -> int | None:
    first = next((p for p in map(locate, parts) if p is not None), None)
    return own if first is None else first if own is None else min(own, first)


def expr_returns_set(expr: Expr) -> bool:
    return any(isinstance(node, FuncExpr) and node.returns_set for node in walk(expr))


def settle_literal(state: State, expr: Expr) -> Expr:
    """A literal that nobody gave a type becomes text; a parameter stays open, for others may give it one."""
    return settle_unknown(state, expr) if isinstance(expr, Const) else expr


def settle_unknown(state: State, expr: Expr) -> Expr:
    """An expression that nobody gave a type becomes text."""
    return coerce_type(state, expr, t.TEXT) if expr.type.oid == t.UNKNOWN else expr
