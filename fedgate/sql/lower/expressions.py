"""Scalar expressions but sub-queries, aggregates and windows: every handler gives self-contained SQL (safe as any operand)."""

from __future__ import annotations

from collections.abc import Callable

from fedgate.errors import SqlError, unsupported
from fedgate.fragment import Slot
from fedgate.sql.functions import comparison
from fedgate.sql.functions.carriers import E, element, type_dec, unify
from fedgate.sql.functions.emit import comparable, default_sql, key, to_carrier
from fedgate.sql.functions.table import apply, lookup
from fedgate.sql.lower import casts
from fedgate.sql.lower.literals import const
from fedgate.sql.lower.state import Lowering, handles
from fedgate.sql.refusals import several_dimensions
from fedgate.sql.tree import (
    BOOL,
    ArrayExpr,
    BooleanTest,
    BoolExpr,
    Case,
    Coalesce,
    Coerce,
    Const,
    DistinctExpr,
    Expr,
    FieldSelect,
    FuncExpr,
    GroupingFunc,
    GroupRef,
    MinMax,
    NullIf,
    NullTest,
    OpExpr,
    Param,
    RowCompare,
    RowExpr,
    ScalarArrayOp,
    Subscript,
    Var,
)
from fedgate.types import RECORD, SqlType

_INTERVAL = 1186


@handles(Var)
def lower_var(lo: Lowering, node: Var) -> E:
    found = lo.vars.get((node.rel, node.col))
    if found is None:
        raise AssertionError(f"no relation {node.rel} with column {node.col} in reach")
    return E(found.sql, node.type, found.dec)


@handles(Const)
def lower_const(lo: Lowering, node: Const) -> E:
    return const(node.type, node.value)


@handles(Param)
def lower_param(lo: Lowering, node: Param) -> E:
    return E(lo.cx.slot(Slot(node.name, node.type)), node.type, type_dec(node.type))


@handles(FuncExpr)
def lower_function(lo: Lowering, node: FuncExpr) -> E:
    if node.returns_set:
        from fedgate.sql.lower.from_items import set_in_targets

        return set_in_targets(lo, node)
    row = lookup("function", node.name, node.arg_types, node.pos)
    return _around_lambdas(lo, lo.exprs(node.args), lambda args: apply(row, lo.cx, args, node))


@handles(OpExpr)
def lower_operator(lo: Lowering, node: OpExpr) -> E:
    args = lo.exprs(node.args)
    # As PostgreSQL folds them: what CASE, AND and OR leave out then is not looked at (it may hold 1/0).
    if (known := comparison.decided(node.name, args)) is not None:
        return E("true" if known else "false", BOOL, None, True, known)
    return operator(lo, node.name, node.arg_types, args, node)


def operator(lo: Lowering, name: str, arg_types: tuple[int, ...], args: tuple[E, ...], node: Expr) -> E:
    row = lookup("operator", name, arg_types, node.pos)
    return _around_lambdas(lo, args, lambda given: apply(row, lo.cx, given, node))


def _around_lambdas(lo: Lowering, args: tuple[E, ...], make: Callable[[tuple[E, ...]], E]) -> E:
    """What `make` gives of arguments. Those that hold sub-queries are computed outside of its lambdas, where none may stand."""
    if not any(map(_holds_query, args)):
        return make(args)
    name = f"x{lo.alias()}"
    given = tuple(E(f"{name}['a{i}']", a.type, a.dec) if _holds_query(a) else a for i, a in enumerate(args))
    made = make(given)
    if "lambda" not in made.sql:
        return make(args)
    values = ", ".join(f"a{i}: {a.sql}" for i, a in enumerate(args) if _holds_query(a))
    return E(f"list_extract(list_transform([{{{values}}}], lambda {name}: {made.sql}), 1)", made.type, made.dec)


def _holds_query(value: E) -> bool:
    return "(SELECT " in value.sql and value.fields is None


def compare(lo: Lowering, op: str, oids: tuple[int, int], a: E, b: E, node: Expr) -> str:
    """`a op b` for any boolean operator."""
    rows = oids == (RECORD, RECORD)  # by their keys, beside an array of rows
    if op in comparison.OPERATORS and (rows or comparison.comparable_types(*oids)):
        return comparison.compare(lo.cx, op, a, b)
    call = OpExpr(op, (), oids, BOOL, 0, pos=node.pos)
    return operator(lo, op, oids, (a, b), call).sql


@handles(ScalarArrayOp)
def lower_array_op(lo: Lowering, node: ScalarArrayOp) -> E:
    left = lo.expr(node.left)
    if isinstance(node.right, Const) and isinstance(node.right.value, tuple):
        found = comparison.in_long_list(node.name, node.all, left, element(node.right.type), node.right.value)
        if found is not None:
            return E(found, BOOL)
    glue = " AND " if node.all else " OR "
    items = _elements(lo, node.right)
    # The node's right type is the array's; operators are looked up by the element's.
    right_oid = node.arg_types[1]
    oids = (node.arg_types[0], SqlType(right_oid).pg.element_oid or right_oid)
    if items is not None:
        if not items:
            return E("true" if node.all else "false", BOOL)
        if (listed := comparison.in_list(lo.cx, node.name, node.all, left, items)) is not None:
            return E(listed, BOOL)
        return E("(" + glue.join(compare(lo, node.name, oids, left, i, node) for i in items) + ")", BOOL)
    name = f"x{lo.alias()}"

    def tested(given: tuple[E, ...]) -> E:
        value, array = given
        test = compare(lo, node.name, oids, value, E(name, element(array.type), array.dec), node)
        return E(f"{'pg_all' if node.all else 'pg_any'}(list_transform({array.sql}, lambda {name}: {test}))", BOOL)

    array = lo.expr(node.right)
    return _around_lambdas(lo, (left, array), tested) if _holds_query(left) else tested((left, array))


def _elements(lo: Lowering, array: Expr) -> list[E] | None:
    """The elements of an array that is written out, None for any other."""
    if isinstance(array, ArrayExpr):
        return [lo.expr(e) for e in array.elements]
    if isinstance(array, Const) and isinstance(array.value, tuple):
        inner = element(array.type)
        if any(isinstance(item, tuple) and type(item) is tuple for item in array.value):
            return None
        return [const(inner, item) for item in array.value]
    return None


def lower_filter(lo: Lowering, node: Expr) -> E:
    """A predicate of WHERE, ON or HAVING: nothing puts it into a lambda, where a subquery could not stand."""
    if node in lo.scope.computed:
        return lo.expr(node)
    if isinstance(node, BoolExpr):
        return _bool(lo, node, lower_filter)
    if isinstance(node, ScalarArrayOp) and isinstance(node.right, Param):
        left = lo.expr(node.left)
        slot = Slot(node.right.name, node.right.type, "among")
        found = comparison.in_parameter(lo.cx, node.name, node.all, left, element(node.right.type), slot)
        if found is not None:
            return E(found, BOOL)
    return lo.expr(node)


@handles(Coerce)
def lower_coerce(lo: Lowering, node: Coerce) -> E:
    return casts.coerce(lo.cx, lo.expr(node.arg), node)


@handles(BoolExpr)
def lower_bool(lo: Lowering, node: BoolExpr) -> E:
    return _bool(lo, node, Lowering.expr)


def _bool(lo: Lowering, node: BoolExpr, lower: Callable[[Lowering, Expr], E]) -> E:
    if node.op == "not":
        return E(f"(NOT {lower(lo, node.args[0]).sql})", BOOL)
    # PostgreSQL folds constants in order and never looks past one that decides; neither may we (it may hold 1/0).
    parts: list[str] = []
    for arg in node.args:
        value = lower(lo, arg)
        if value.literal and value.value is (node.op == "or"):
            return E("true" if node.op == "or" else "false", BOOL, None, True, node.op == "or")
        parts.append(value.sql)
    return E("(" + f" {node.op.upper()} ".join(parts) + ")", BOOL)


@handles(NullTest)
def lower_null_test(lo: Lowering, node: NullTest) -> E:
    verb = "IS NOT NULL" if node.negated else "IS NULL"
    if isinstance(node.arg, RowExpr):
        parts = [f"({default_sql(lo.expr(f))} {verb})" for f in node.arg.fields]
        return E("(" + (" AND ".join(parts) or "true") + ")", BOOL)
    return E(f"({lo.expr(node.arg).sql} {verb})", BOOL)


@handles(BooleanTest)
def lower_boolean_test(lo: Lowering, node: BooleanTest) -> E:
    value = lo.condition(node.arg)
    if node.test == "unknown":
        return E(f"({value} IS {'NOT ' if node.negated else ''}NULL)", BOOL)
    return E(f"({value} IS {'' if node.negated else 'NOT '}DISTINCT FROM {node.test})", BOOL)


@handles(DistinctExpr)
def lower_distinct(lo: Lowering, node: DistinctExpr) -> E:
    verb = "IS NOT DISTINCT FROM" if node.negated else "IS DISTINCT FROM"
    if isinstance(node.left, RowExpr) and isinstance(node.right, RowExpr):
        if node.left.present or node.right.present:
            raise unsupported("comparing rows of the null side of an outer join", position=node.pos)
        pairs = zip(node.left.fields, node.right.fields, strict=True)
        same = " AND ".join(
            f"({a} IS NOT DISTINCT FROM {b})" for a, b in (comparable(lo.cx, lo.expr(x), lo.expr(y)) for x, y in pairs)
        )
        return E(f"({same})" if node.negated else f"(NOT ({same}))", BOOL)
    a, b = comparison.sides(lo.cx, lo.expr(node.left), lo.expr(node.right))
    return E(f"({a} {verb} {b})", BOOL)


@handles(NullIf)
def lower_nullif(lo: Lowering, node: NullIf) -> E:
    same = compare(lo, "=", (node.arg_types[0], node.arg_types[1]), lo.expr(node.left), lo.expr(node.right), node)
    result = lo.expr(node.result)
    return E(f"CASE WHEN {same} THEN NULL ELSE {result.sql} END", node.type, result.dec)


def united(t: SqlType, branches: list[E]) -> list[E]:
    """All branches in one carrier."""
    carrier = type_dec(t) or unify([b.dec for b in branches if not b.is_null])
    return [to_carrier(E(b.sql, t, b.dec, b.literal, b.value), carrier) for b in branches]


@handles(Case)
def lower_case(lo: Lowering, node: Case) -> E:
    conditions: list[str] = []
    branches: list[E] = []
    default = node.default
    for when in node.whens:
        condition = lo.expr(when.condition)
        if condition.literal and condition.value is True:
            default = when.result
            break
        if not condition.literal:
            conditions.append(condition.sql)
            branches.append(lo.expr(when.result))
    results = united(node.type, [*branches, lo.expr(default)])
    if not conditions:
        return results[0]
    whens = " ".join(f"WHEN {c} THEN {r.sql}" for c, r in zip(conditions, results[:-1], strict=True))
    return E(f"CASE {whens} ELSE {results[-1].sql} END", node.type, results[-1].dec)


@handles(Coalesce)
def lower_coalesce(lo: Lowering, node: Coalesce) -> E:
    present: list[E] = []
    for arg in node.args:
        present.append(lo.expr(arg))
        if present[-1].literal and present[-1].value is not None:
            break
    args = united(node.type, present)
    return E(f"coalesce({', '.join(a.sql for a in args)})", node.type, args[0].dec)


@handles(MinMax)
def lower_minmax(lo: Lowering, node: MinMax) -> E:
    args = united(node.type, list(lo.exprs(node.args)))
    if node.type.oid != _INTERVAL and all(key(a) == a.sql for a in args):  # equal intervals may differ: the first one stays
        return E(f"{node.op}({', '.join(a.sql for a in args)})", node.type, args[0].dec)
    best = args[0]
    for arg in args[1:]:
        op = ">=" if node.op == "greatest" else "<="
        keep = f"({arg.sql} IS NULL OR {key(best)} {op} {key(arg)})"
        best = E(f"CASE WHEN {best.sql} IS NOT NULL AND {keep} THEN {best.sql} ELSE {arg.sql} END", node.type, best.dec)
    return best


@handles(ArrayExpr)
def lower_array(lo: Lowering, node: ArrayExpr) -> E:
    if any(isinstance(e, ArrayExpr) for e in node.elements):
        raise several_dimensions(node.pos)
    inner = element(node.type)
    carrier = type_dec(inner)
    items = [to_carrier(E(e.sql, inner, e.dec, e.literal, e.value), carrier) for e in lo.exprs(node.elements)]
    result = E("", node.type, carrier)
    return E(f"CAST([{', '.join(i.sql for i in items)}] AS {result.duck})", node.type, carrier)


@handles(RowExpr)
def lower_row(lo: Lowering, node: RowExpr) -> E:
    values = lo.exprs(node.fields)
    fields = ", ".join(f"f{i}: {default_sql(e)}" for i, e in enumerate(values, 1))
    named = tuple(zip(node.names, values, strict=True))
    sql = "{" + fields + "}" if fields else "{f0: NULL}"
    if node.present is None:
        return E(sql, node.type, fields=named)
    present = lo.expr(node.present).sql
    return E(f"CASE WHEN {present} IS NOT NULL THEN {sql} END", node.type, fields=named, present=present)


@handles(FieldSelect)
def lower_field(lo: Lowering, node: FieldSelect) -> E:
    if isinstance(node.arg, RowExpr):
        return lo.expr(node.arg.fields[node.field])
    if isinstance(node.arg, FuncExpr) and node.arg.returns_set:
        from fedgate.sql.lower.from_items import set_columns

        values = set_columns(lo, node.arg)[node.field]
        return E(f"unnest({values.sql})", node.type, values.dec)
    return E(f"struct_extract({lo.expr(node.arg).sql}, 'f{node.field + 1}')", node.type)


@handles(RowCompare)
def lower_row_compare(lo: Lowering, node: RowCompare) -> E:
    left, right = lo.exprs(node.left), lo.exprs(node.right)
    return E(row_compare(lo, node.op, list(zip(left, right, strict=True)), node), BOOL)


def row_compare(lo: Lowering, op: str, pairs: list[tuple[E, E]], node: Expr) -> str:
    """Row values compared field by field, three-valued as PostgreSQL does it."""

    def one(name: str, pair: tuple[E, E]) -> str:
        return compare(lo, name, (pair[0].oid, pair[1].oid), *pair, node)

    if op in ("=", "<>"):
        return "(" + (" AND " if op == "=" else " OR ").join(one(op, p) for p in pairs) + ")"
    result = one(op, pairs[-1])
    strict = op[0]
    for pair in reversed(pairs[:-1]):
        equal = one("=", pair)
        result = f"CASE WHEN {equal} THEN {result} WHEN NOT {equal} THEN {one(strict, pair)} END"
    return f"({result})"


@handles(Subscript)
def lower_subscript(lo: Lowering, node: Subscript) -> E:
    array = lo.expr(node.arg)
    if not array.type.pg.is_array:
        raise unsupported(f"subscripting type {array.type}", position=node.pos)
    lower = lo.expr(node.index).sql if node.index else None
    if not node.slice:
        return E(f"list_extract({array.sql}, CASE WHEN {lower} > 0 THEN {lower} END)", node.type, array.dec)
    upper = lo.expr(node.upper).sql if node.upper else None
    bounds = f"{(lower and f'greatest({lower}, 1)') or '1'}, {upper or f'len({array.sql})'}"
    known = " AND ".join(f"{b} IS NOT NULL" for b in (lower, upper) if b) or "true"
    sliced = f"list_slice({array.sql}, {bounds})"
    if upper:
        sliced = f"CASE WHEN {upper} < 1 THEN [] ELSE {sliced} END"
    return E(f"CASE WHEN {known} THEN CAST({sliced} AS {array.duck}) END", node.type, array.dec)


@handles(GroupRef)
def lower_group_ref(lo: Lowering, node: GroupRef) -> E:
    found = lo.scope.keys[node.index]
    return E(found.sql, node.type, found.dec)


@handles(GroupingFunc)
def lower_grouping(lo: Lowering, node: GroupingFunc) -> E:
    if not lo.scope.key_names:
        raise SqlError(
            "42803", "arguments to GROUPING must be grouping expressions of the associated query level", position=node.pos
        )
    names = ", ".join(lo.scope.key_names[i] for i in node.keys)
    return E(f"CAST(grouping({names}) AS INTEGER)", node.type)
