"""Operators: A_Expr in all its forms, boolean connectives and tests, row and array comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from fedgate.errors import SqlError, unsupported
from fedgate.sql import tables
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import polymorphic, resolve
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.collations import by_letters
from fedgate.sql.bind.constants import array_of_elements
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.state import Message, State, enum_name
from fedgate.sql.tree import (
    BooleanTest,
    BoolExpr,
    Const,
    DistinctExpr,
    Expr,
    NullIf,
    NullTest,
    OpExpr,
    RowExpr,
    ScalarArrayOp,
)
from fedgate.types import SqlType


def operator_name(state: State, names: Sequence[Message], position: int | None) -> str:
    """The operator's bare name; 42883 when it is qualified by another schema than pg_catalog."""
    parts = [n.string.sval for n in names]
    if len(parts) > 1 and parts[-2] != "pg_catalog":
        if not state.binder.relations.schema_exists(parts[-2]):
            raise SqlError("3F000", f'schema "{parts[-2]}" does not exist', position=position)
        raise SqlError("42883", f"operator does not exist: {'.'.join(parts)}", position=position)
    return str(parts[-1])


def find_operator(name: str, left: int, right: int, position: int | None) -> tables.OperatorRow:
    """The operator for these operand types (`left` 0: prefix). 42883, 42725."""
    try:
        row = resolve.operator(name, left, right)
    except resolve.AmbiguousError:
        hint = "Could not choose a best candidate operator. You might need to add explicit type casts."
        raise SqlError("42725", f"operator is not unique: {_shown(name, left, right)}", position=position, hint=hint) from None
    if row is None:
        match = "No operator matches the given name and argument "
        hint = match + ("type" if left == 0 else "types") + ". You might need to add "
        hint += "an explicit type cast." if left == 0 else "explicit type casts."
        raise SqlError("42883", f"operator does not exist: {_shown(name, left, right)}", position=position, hint=hint)
    return row


def _shown(name: str, left: int, right: int) -> str:
    return f"{name} {t.type_name(right)}" if left == 0 else f"{t.type_name(left)} {name} {t.type_name(right)}"


def resolved_types(row: tables.OperatorRow, actual: Sequence[int]) -> tuple[list[int], int]:
    declared = [row.left, row.right] if row.left else [row.right]
    return polymorphic.resolve(actual, declared, row.result)


def make_operator(state: State, name: str, left: Expr | None, right: Expr, position: int | None) -> Expr:
    """`left name right` with its operands converted."""
    row = find_operator(name, left.type.oid if left is not None else 0, right.type.oid, position)
    operands = [right] if left is None else [left, right]
    if name == "||" and row.oid in _TEXT_BESIDE_ANY:
        operands = [_named(state, e) for e in operands]
        row = find_operator(name, operands[0].type.oid, operands[1].type.oid, position)
    types, result = resolved_types(row, [e.type.oid for e in operands])
    args = [c.coerce_type(state, e, oid) for e, oid in zip(operands, types, strict=True)]
    known, args = by_letters(state, name, args)
    if known != name:
        name, row = known, find_operator(known, types[0], types[1], position)
    t.require_carrier(SqlType(result), position)
    made = OpExpr(name, tuple(args), tuple(types), SqlType(result), row.oid, pos=position)
    if t.RECORD_ARRAY not in types and not any(e.type.fields for e in args):
        return made
    from fedgate.sql.bind.row_arrays import of_rows

    return of_rows(made)


_TEXT_BESIDE_ANY = frozenset((2779, 2780))  # text || anynonarray, anynonarray || text


def _named(state: State, expr: Expr) -> Expr:
    """A reg* value as its name; other values as they are."""
    return c.coerce_type(state, expr, t.TEXT, "e") if expr.type.oid in t.REG_TYPES else expr


def make_array_operator(state: State, name: str, left: Expr, right: Expr, *, all_: bool, position: int | None) -> Expr:
    """`left name ANY (right)` or ALL, `right` being an array."""
    element = t.UNKNOWN
    if right.type.oid != t.UNKNOWN:
        element = t.element_of(right.type.oid)
        if not element:
            raise SqlError("42809", "op ANY/ALL (array) requires array on right side", position=position)
    row = find_operator(name, left.type.oid, element, position)
    types, result = resolved_types(row, [left.type.oid, element])
    if result != t.BOOL:
        raise SqlError("42809", "op ANY/ALL (array) requires operator to yield boolean", position=position)
    array = t.array_of(types[1])
    if not array:
        message = f"could not find array type for data type {t.type_name(types[1])}"
        raise SqlError("42704", message, position=position)
    one = c.coerce_type(state, left, types[0])
    two = c.coerce_type(state, right, array)
    made = ScalarArrayOp(name, one, two, (types[0], array), all_, row.oid, pos=position)
    if array != t.RECORD_ARRAY:
        return made
    from fedgate.sql.bind.row_arrays import among_rows

    return among_rows(made)


@handles("a_expr", "kind name lexpr rexpr rexpr_list_start rexpr_list_end location")
def bind_a_expr(state: State, node: Message) -> Expr:
    kind = enum_name(node, "kind")
    return _KINDS[kind](state, node)


def _op(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    name = operator_name(state, node.name, position)
    if not node.HasField("lexpr"):
        return make_operator(state, name, None, bind_expr(state, node.rexpr), position)
    if _is_row(node.lexpr) and _is_row_subquery(node.rexpr):
        from fedgate.sql.bind.subqueries import compare_with_subquery

        return compare_with_subquery(state, name, node.lexpr, node.rexpr.sub_link, position)
    left = bind_expr(state, node.lexpr)
    right = bind_expr(state, node.rexpr)
    if _is_row(node.lexpr) and _is_row(node.rexpr):
        from fedgate.sql.bind.rows import compare_rows

        assert isinstance(left, RowExpr)
        assert isinstance(right, RowExpr)
        return compare_rows(state, name, left.fields, right.fields, position)
    if name in ("=", "<>") and isinstance(left, RowExpr) and isinstance(right, RowExpr):
        return _same_rows(state, left, right, negated=name == "=", position=position)
    return make_operator(state, name, left, right, position)


def _same_rows(state: State, left: RowExpr, right: RowExpr, *, negated: bool, position: int | None) -> Expr:
    """Values of row types, unlike rows that are written out, are compared with NULL fields equal: record_eq, record_ne."""
    if left.present is not None or right.present is not None:
        raise unsupported("comparing rows of the null side of an outer join", position=position)
    if len(left.fields) != len(right.fields):
        raise SqlError("42804", "cannot compare record types with different numbers of columns", position=position)
    for i, (a, b) in enumerate(zip(left.fields, right.fields, strict=True), 1):
        if a.type.oid != b.type.oid:
            shown = f"{t.type_name(a.type.oid)} and {t.type_name(b.type.oid)}"
            raise SqlError("42804", f"cannot compare dissimilar column types {shown} at record column {i}")
    return _distinct_rows(state, left, right, negated=negated, position=position)


def _is_row(node: Message) -> bool:
    return bool(node.WhichOneof("node") == "row_expr")


def _is_row_subquery(node: Message) -> bool:
    if node.WhichOneof("node") != "sub_link":
        return False
    return enum_name(node.sub_link, "sub_link_type") == "EXPR_SUBLINK"


def _any(state: State, node: Message) -> Expr:
    return _op_array(state, node, all_=False)


def _all(state: State, node: Message) -> Expr:
    return _op_array(state, node, all_=True)


def _op_array(state: State, node: Message, *, all_: bool) -> Expr:
    position = state.pos(node.location)
    left, right = bind_expr(state, node.lexpr), bind_expr(state, node.rexpr)
    return make_array_operator(state, operator_name(state, node.name, position), left, right, all_=all_, position=position)


def _distinct(state: State, node: Message) -> Expr:
    return _distinct_from(state, node, negated=False)


def _not_distinct(state: State, node: Message) -> Expr:
    return _distinct_from(state, node, negated=True)


def _distinct_from(state: State, node: Message, *, negated: bool) -> Expr:
    position = state.pos(node.location)
    if _is_null(node.rexpr):
        return NullTest(bind_expr(state, node.lexpr), not negated, pos=position)
    if _is_null(node.lexpr):
        return NullTest(bind_expr(state, node.rexpr), not negated, pos=position)
    left, right = bind_expr(state, node.lexpr), bind_expr(state, node.rexpr)
    if _is_row(node.lexpr) and _is_row(node.rexpr):
        assert isinstance(left, RowExpr)
        assert isinstance(right, RowExpr)
        return _distinct_rows(state, left, right, negated=negated, position=position)
    return _distinct_pair(state, left, right, negated=negated, position=position)


def _distinct_pair(state: State, left: Expr, right: Expr, *, negated: bool, position: int | None) -> Expr:
    made = make_operator(state, "=", left, right, position)
    assert isinstance(made, OpExpr)
    if made.type.oid != t.BOOL:
        raise SqlError("42804", "IS DISTINCT FROM requires = operator to yield boolean", position=position)
    return DistinctExpr(made.args[0], made.args[1], made.arg_types, negated, made.oid, pos=position)


def _distinct_rows(state: State, left: RowExpr, right: RowExpr, *, negated: bool, position: int | None) -> Expr:
    if len(left.fields) != len(right.fields):
        raise SqlError("42601", "unequal number of entries in row expressions", position=position)
    pairs = tuple(
        _distinct_pair(state, a, b, negated=False, position=position) for a, b in zip(left.fields, right.fields, strict=True)
    )
    if not pairs:
        return Const(SqlType(t.BOOL), negated, pos=position)
    result: Expr = pairs[0] if len(pairs) == 1 else BoolExpr("or", pairs, pos=position)
    return BoolExpr("not", (result,), pos=position) if negated else result


def _is_null(node: Message) -> bool:
    return bool(node.WhichOneof("node") == "a_const" and node.a_const.isnull)


def _nullif(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    left, right = bind_expr(state, node.lexpr), bind_expr(state, node.rexpr)
    made = make_operator(state, "=", left, right, position)
    assert isinstance(made, OpExpr)
    if made.type.oid != t.BOOL:
        raise SqlError("42804", "NULLIF requires = operator to yield boolean", position=position)
    result = made.args[0]  # PostgreSQL gives the argument as = saw it: nullif(1, 2.0) is numeric
    return NullIf(result, made.args[1], result, made.arg_types, result.type, made.oid, pos=position)


def _in(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    negated = node.name[0].string.sval == "<>"
    name = "<>" if negated else "="
    left = bind_expr(state, node.lexpr)
    items = [bind_expr(state, item) for item in node.rexpr.list.items]
    plain: list[Expr] = []
    rest: list[Expr] = []
    for item in items:
        (plain if isinstance(item, Const) or not _has_vars(item) else rest).append(item)
    made: list[Expr] = []
    if len(plain) > 1 and not isinstance(left, RowExpr):
        together = _in_array(state, name, left, plain, negated=negated, position=position)
        if together is not None:
            made.append(together)
        else:
            rest = items
    else:
        rest = items
    made += [_in_one(state, name, left, item, position) for item in rest]
    if len(made) == 1:
        return made[0]
    return BoolExpr("and" if negated else "or", tuple(made), pos=position)


def _has_vars(expr: Expr) -> bool:
    from fedgate.sql.tree import Var, walk

    return any(isinstance(node, Var) for node in walk(expr, into_queries=True))


def _in_array(state: State, name: str, left: Expr, items: list[Expr], *, negated: bool, position: int | None) -> Expr | None:
    common, offender = c.select_common([left.type.oid, *(e.type.oid for e in items)])
    if offender is not None or common == t.RECORD or not t.array_of(common):
        return None
    if not all(c.can_coerce((e.type.oid,), (common,), "i") for e in items):
        return None
    elements = tuple(c.to_common(state, e, common, "IN") for e in items)
    array = array_of_elements(elements, t.array_of(common), position)
    return make_array_operator(state, name, left, array, all_=negated, position=position)


def _in_one(state: State, name: str, left: Expr, item: Expr, position: int | None) -> Expr:
    if isinstance(left, RowExpr) and isinstance(item, RowExpr):
        from fedgate.sql.bind.rows import compare_rows

        return compare_rows(state, name, left.fields, item.fields, position)
    return make_operator(state, name, left, item, position)


def _like(state: State, node: Message) -> Expr:
    return _op(state, node)


def _similar(state: State, node: Message) -> Expr:
    """The grammar gives `x ~ similar_to_escape(y[, z])`."""
    return _op(state, node)


def _between(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    kind = enum_name(node, "kind")
    low, high = node.rexpr.list.items
    subject = bind_expr(state, node.lexpr)

    def compare(name: str, bound: Message) -> Expr:
        return make_operator(state, name, subject, bind_expr(state, bound), position)

    negated = "NOT" in kind
    lower, upper, joint, other = ("<", ">", "or", "and") if negated else (">=", "<=", "and", "or")
    first = BoolExpr(joint, (compare(lower, low), compare(upper, high)), pos=position)  # type: ignore[arg-type]
    if "SYM" not in kind:
        return first
    second = BoolExpr(joint, (compare(lower, high), compare(upper, low)), pos=position)  # type: ignore[arg-type]
    return BoolExpr(other, (first, second), pos=position)  # type: ignore[arg-type]


_KINDS = {
    "AEXPR_OP": _op,
    "AEXPR_OP_ANY": _any,
    "AEXPR_OP_ALL": _all,
    "AEXPR_DISTINCT": _distinct,
    "AEXPR_NOT_DISTINCT": _not_distinct,
    "AEXPR_NULLIF": _nullif,
    "AEXPR_IN": _in,
    "AEXPR_LIKE": _like,
    "AEXPR_ILIKE": _like,
    "AEXPR_SIMILAR": _similar,
    "AEXPR_BETWEEN": _between,
    "AEXPR_NOT_BETWEEN": _between,
    "AEXPR_BETWEEN_SYM": _between,
    "AEXPR_NOT_BETWEEN_SYM": _between,
}


@handles("bool_expr", "boolop args location")
def bind_bool(state: State, node: Message) -> Expr:
    name = enum_name(node, "boolop")
    op = name.removesuffix("_EXPR").lower()
    args = tuple(c.to_boolean(state, bind_expr(state, arg), op.upper()) for arg in node.args)
    if op == "not" and isinstance(args[0], BoolExpr) and args[0].op == "not":  # a thousand of them would take everyone's time
        return args[0].args[0]
    return BoolExpr(cast(Literal["and", "or", "not"], op), args, pos=state.pos(node.location))


@handles("null_test", "arg nulltesttype argisrow location")
def bind_null_test(state: State, node: Message) -> Expr:
    name = enum_name(node, "nulltesttype")
    arg = c.settle_literal(state, bind_expr(state, node.arg))
    if arg.type.oid == t.RECORD and arg.type.fields:  # it is NULL as well where all fields are
        raise unsupported("IS NULL of a row of an array", position=state.pos(node.location))
    return NullTest(arg, name == "IS_NOT_NULL", pos=state.pos(node.location))


@handles("boolean_test", "arg booltesttype location")
def bind_boolean_test(state: State, node: Message) -> Expr:
    name = enum_name(node, "booltesttype")
    words = name.split("_")
    arg = c.to_boolean(state, bind_expr(state, node.arg), " ".join(words))
    test = cast(Literal["true", "false", "unknown"], words[-1].lower())
    return BooleanTest(arg, test, "NOT" in words, pos=state.pos(node.location))
