"""Scalar expressions → closures over the open rows. NULL is None, conditions are True, False or None.

Only values whose meaning in Python is PostgreSQL's come here: numbers of whole type, text under code-point order, booleans, and
arrays of them; of other types only what passes through. Everything else is NotDirectError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from fedgate.errors import SqlError
from fedgate.sql.tree import (
    ArrayExpr,
    BooleanTest,
    BoolExpr,
    Case,
    Coalesce,
    Coerce,
    Const,
    DistinctExpr,
    Expr,
    FuncExpr,
    MinMax,
    NullIf,
    NullTest,
    OpExpr,
    Param,
    RowExpr,
    ScalarArrayOp,
    Subscript,
    Var,
)
from fedgate.system.direct.functions import function, operator
from fedgate.system.direct.kinds import ARRAYS, BOOL, INTEGERS, RANGES, TEXTS, VECTORS, is_simple, kind
from fedgate.system.direct.matching import matches
from fedgate.system.direct.runtime import Env, Eval, NotDirectError
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.text_in import char_byte, char_text, parse

if TYPE_CHECKING:
    from fedgate.system.direct.compile import Compiler

_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda a, b: bool(a == b),
    "<>": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def compile_expr(c: Compiler, e: Expr) -> Eval:
    """The expression's closure. Raises NotDirectError."""
    make = _MAKERS.get(type(e))
    if make is None:
        raise NotDirectError(type(e).__name__)
    return make(c, e)


def _const(c: Compiler, e: Const) -> Eval:
    value = e.value
    return lambda env: value


def _param(c: Compiler, e: Param) -> Eval:
    name = e.name
    return lambda env: env[0].values[name]


def _var(c: Compiler, e: Var) -> Eval:
    slot, place = c.slot(e.rel), c.place(e)
    return lambda env: env[slot][place]


def comparison(name: str, left: int, right: int) -> Callable[[Any, Any], bool] | None:
    """The comparison of two types of one kind, None when the operator is none or they have none here."""
    compare = _COMPARISONS.get(name)
    if compare is None:
        return None
    kinds = {kind(left), kind(right)}
    if len(kinds) != 1 or None in kinds or (kind(left) == "array" and name not in ("=", "<>")):
        raise NotDirectError(f"{name} of {left} and {right}")
    return compare


def binary(name: str, left: int, right: int) -> Callable[[Any, Any], Any]:
    """The strict function of an operator on two values. Raises NotDirectError."""
    if left in TEXTS and right in TEXTS and (match := matches(name)) is not None:
        return match
    return comparison(name, left, right) or operator(name, left, right)


def _op(c: Compiler, e: OpExpr) -> Eval:
    if len(e.args) != 2:
        raise NotDirectError(e.name)
    if e.name == "||" and e.arg_types[0] in ARRAYS and e.arg_types[1] in ARRAYS:
        first, second = c.expr(e.args[0]), c.expr(e.args[1])
        return lambda env: _joined(first(env), second(env))
    call = binary(e.name, *e.arg_types)
    left, right = c.expr(e.args[0]), c.expr(e.args[1])
    if e.name == "=":

        def equal(env: Env) -> Any:
            a = left(env)
            if a is None:
                return None
            b = right(env)
            return None if b is None else a == b

        return equal

    def run(env: Env) -> Any:
        a, b = left(env), right(env)
        return None if a is None or b is None else call(a, b)

    limit = RANGES.get(e.type.oid)
    if limit is None or e.type.oid == BOOL:
        return run

    def ranged(env: Env) -> Any:
        value = run(env)
        if value is not None and not -limit[1] <= value < limit[1]:
            raise SqlError("22003", f"{limit[0]} out of range")
        return value

    return ranged


def _joined(a: Any, b: Any) -> Any:
    """array_cat, which is not strict."""
    return b if a is None else a if b is None else a + b


def _array_op(c: Compiler, e: ScalarArrayOp) -> Eval:
    left = c.expr(e.left)
    element = c.element(e.right)
    call = binary(e.name, e.left.type.oid, element)
    every = e.all
    if isinstance(e.right, ArrayExpr) and all(isinstance(x, Const) for x in e.right.elements):
        wanted: Any = tuple(x.value for x in e.right.elements if isinstance(x, Const))
        if e.name == "=" and not every and None not in wanted:
            among = frozenset(wanted)
            return lambda env: None if (value := left(env)) is None else value in among
    right = c.expr(e.right)

    def run(env: Env) -> Any:
        items, value = right(env), left(env)
        if items is None:
            return None
        if not items:
            return every
        if value is None:
            return None
        unknown = False
        for item in items:
            if item is None:
                unknown = True
            elif call(value, item) is not every:
                return not every
        return None if unknown else every

    return run


def _function(c: Compiler, e: FuncExpr) -> Eval:
    if e.returns_set:
        return c.set_function(e)
    call, strict = function(e)
    args = [c.expr(a) for a in e.args]
    if not strict:
        return lambda env: call(*[a(env) for a in args])
    if len(args) == 1:
        (only,) = args
        return lambda env: None if (value := only(env)) is None else call(value)

    def run(env: Env) -> Any:
        given = [a(env) for a in args]
        return None if None in given else call(*given)

    return run


def _coerce(c: Compiler, e: Coerce) -> Eval:
    source, target = e.arg.type.oid, e.type.oid
    inner = c.expr(e.arg)
    if e.type.typmod != -1:
        raise NotDirectError("a type modifier")
    alike = kind(source) == kind(target) is not None and (source in RANGES) == (target in RANGES)
    if e.method == "relabel" and (alike or not is_simple(source)):
        return inner
    convert = _conversion(source, target, e)
    return lambda env: None if (value := inner(env)) is None else convert(value)


def _conversion(source: int, target: int, e: Coerce) -> Callable[[Any], Any]:
    if source in TEXTS and target in TEXTS:
        if target == 19:
            return lambda value: value.encode()[:63].decode(errors="ignore")
        if target == 18:
            return lambda value: text if len(text := char_text(char_byte(value))) < 2 else _refuse("char")
        return lambda value: value
    if source in INTEGERS and target in INTEGERS:
        return _whole(source, target)
    if source in INTEGERS and target in TEXTS and target != 18 and e.method == "io":
        return str
    if source == BOOL and target in TEXTS:
        return lambda value: "true" if value else "false"
    if source in TEXTS and (target in INTEGERS or target == BOOL) and e.method == "io":
        type_ = e.type
        return lambda value: parse(value, type_, DEFAULT_STYLE)
    if source in VECTORS and target in ARRAYS:
        return lambda value: tuple(map(int, value.split()))
    if source in VECTORS and target in TEXTS:
        return lambda value: value
    if source in ARRAYS and target in ARRAYS and kind(ARRAYS[source]) == kind(ARRAYS[target]) is not None:
        return lambda value: value
    raise NotDirectError(f"{source} to {target}")


def _refuse(what: str) -> Any:
    raise NotDirectError(what)


def _whole(source: int, target: int) -> Callable[[int], int]:
    limit = RANGES.get(target)

    def convert(value: int) -> int:
        if limit is not None and not -limit[1] <= value < limit[1]:
            raise SqlError("22003", f"{limit[0]} out of range") if source in RANGES else NotDirectError("an OID beyond integers")
        if limit is None and not 0 <= value < 2**32:
            raise NotDirectError("a number that is no OID")
        return value

    return convert


def _bool(c: Compiler, e: BoolExpr) -> Eval:
    parts = [c.expr(a) for a in e.args]
    if e.op == "not":
        (only,) = parts
        return lambda env: None if (value := only(env)) is None else not value
    ends = e.op == "or"

    def run(env: Env) -> Any:
        unknown = False
        for part in parts:
            value = part(env)
            if value is ends:
                return ends
            if value is None:
                unknown = True
        return None if unknown else not ends

    return run


def _null_test(c: Compiler, e: NullTest) -> Eval:
    if isinstance(e.arg, RowExpr) or e.arg.type.oid == 2249:
        raise NotDirectError("a row")
    arg = c.expr(e.arg)
    return (lambda env: arg(env) is not None) if e.negated else (lambda env: arg(env) is None)


def _boolean_test(c: Compiler, e: BooleanTest) -> Eval:
    arg, wanted, negated = c.expr(e.arg), {"true": True, "false": False, "unknown": None}[e.test], e.negated
    return lambda env: (arg(env) is wanted) is not negated


def _distinct(c: Compiler, e: DistinctExpr) -> Eval:
    call = comparison("=", *e.arg_types)
    assert call is not None
    left, right, negated = c.expr(e.left), c.expr(e.right), e.negated
    return lambda env: (left(env) != right(env)) is not negated


def _null_if(c: Compiler, e: NullIf) -> Eval:
    comparison("=", *e.arg_types)
    left, right, result = c.expr(e.left), c.expr(e.right), c.expr(e.result)

    def run(env: Env) -> Any:
        a = left(env)
        return None if a is not None and a == right(env) else result(env)

    return run


def _case(c: Compiler, e: Case) -> Eval:
    whens = [(c.expr(w.condition), c.expr(w.result)) for w in e.whens]
    default = c.expr(e.default)

    def run(env: Env) -> Any:
        for condition, result in whens:
            if condition(env) is True:
                return result(env)
        return default(env)

    return run


def _coalesce(c: Compiler, e: Coalesce) -> Eval:
    parts = [c.expr(a) for a in e.args]

    def run(env: Env) -> Any:
        for part in parts:
            if (value := part(env)) is not None:
                return value
        return None

    return run


def _min_max(c: Compiler, e: MinMax) -> Eval:
    if kind(e.type.oid) not in ("integer", "text"):
        raise NotDirectError(e.op)
    parts, choose = [c.expr(a) for a in e.args], max if e.op == "greatest" else min

    def run(env: Env) -> Any:
        found = [value for part in parts if (value := part(env)) is not None]
        return choose(found) if found else None

    return run


def _array(c: Compiler, e: ArrayExpr) -> Eval:
    parts = [c.expr(x) for x in e.elements]
    return lambda env: tuple([part(env) for part in parts])


def _subscript(c: Compiler, e: Subscript) -> Eval:
    if e.slice or e.index is None or e.arg.type.oid not in ARRAYS:
        raise NotDirectError("a subscript")
    arg, index = c.expr(e.arg), c.expr(e.index)

    def run(env: Env) -> Any:
        items, place = arg(env), index(env)
        return items[place - 1] if items is not None and place is not None and 0 < place <= len(items) else None

    return run


_MAKERS: Final[dict[Any, Callable[[Any, Any], Eval]]] = {
    Const: _const,
    Param: _param,
    Var: _var,
    OpExpr: _op,
    ScalarArrayOp: _array_op,
    FuncExpr: _function,
    Coerce: _coerce,
    BoolExpr: _bool,
    NullTest: _null_test,
    BooleanTest: _boolean_test,
    DistinctExpr: _distinct,
    NullIf: _null_if,
    Case: _case,
    Coalesce: _coalesce,
    MinMax: _min_max,
    ArrayExpr: _array,
    Subscript: _subscript,
}
