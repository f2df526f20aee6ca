"""Indirection: `x[1]`, `x[1:2]`, `(row).field`."""

from __future__ import annotations

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import row_arrays, vectors
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.rows import as_called, select_field
from fedgate.sql.bind.state import Message, State
from fedgate.sql.refusals import several_dimensions
from fedgate.sql.tree import Expr, FuncExpr, Subscript
from fedgate.types import SqlType

# jsonb subscripts are calls of the function behind -> and #>.
_JSONB_EXTRACT_PATH = 3217


@handles("a_indirection", "arg indirection")
def bind_indirection(state: State, node: Message) -> Expr:
    return _apply(state, node, list(node.indirection))


def bind_indirection_prefix(state: State, node: Message) -> Expr:
    """The value before the final `.*`."""
    return _apply(state, node, list(node.indirection)[:-1])


def _apply(state: State, node: Message, steps: list[Message]) -> Expr:
    expr = bind_expr(state, node.arg)
    subscripts: list[Message] = []
    for step in steps:
        kind = step.WhichOneof("node")
        if kind == "a_indices":
            subscripts.append(step.a_indices)
            continue
        expr = _subscripted(state, expr, subscripts)
        subscripts = []
        if kind == "a_star":
            raise SqlError("0A000", 'row expansion via "*" is not supported here', position=expr.pos)
        expr = select_field(as_called(state, expr), step.string.sval, expr.pos)
    return _subscripted(state, expr, subscripts)


def _subscripted(state: State, expr: Expr, steps: list[Message]) -> Expr:
    if not steps:
        return expr
    if expr.type.oid == t.JSONB:
        return _jsonb(state, expr, steps)
    element = t.element_of(expr.type.oid)
    if not element:
        message = f"cannot subscript type {t.type_name(expr.type.oid)} because it does not support subscripting"
        raise SqlError("42804", message, position=expr.pos)
    if len(steps) > 1:
        raise several_dimensions(expr.pos)
    step = steps[0]
    if expr.type.oid in vectors.ELEMENTS:
        if step.is_slice:
            raise unsupported("a slice of a vector", hint="Cast it to an array.", position=expr.pos)
        place = vectors.index_of(_index(state, step.uidx))
        return Subscript(vectors.as_array(expr), place, None, False, SqlType(element), pos=expr.pos)
    if element == t.RECORD:
        expr = row_arrays.kept((expr,))[0]
    if step.is_slice:
        lower = _index(state, step.lidx) if step.HasField("lidx") else None
        upper = _index(state, step.uidx) if step.HasField("uidx") else None
        return Subscript(expr, lower, upper, True, expr.type, pos=expr.pos)
    type_ = SqlType(element, expr.type.typmod, expr.type.fields)
    return Subscript(expr, _index(state, step.uidx), None, False, type_, pos=expr.pos)


def _index(state: State, node: Message) -> Expr:
    bound = bind_expr(state, node)
    made = c.coerce(state, bound, SqlType(t.INT4), "a")
    if made is None:
        raise SqlError("42804", "array subscript must have type integer", position=bound.pos)
    return made


def _jsonb(state: State, expr: Expr, steps: list[Message]) -> Expr:
    from fedgate.sql.tree import ArrayExpr

    path = []
    for step in steps:
        if step.is_slice:
            raise SqlError("42804", "jsonb subscript does not support slices", position=expr.pos)
        key = bind_expr(state, step.uidx)
        target = t.INT4 if c.can_coerce((key.type.oid,), (t.INT4,), "i") and key.type.oid != t.UNKNOWN else t.TEXT
        made = c.coerce(state, key, SqlType(target), "i")
        if made is None:
            message = f"subscript type {t.type_name(key.type.oid)} is not supported"
            hint = "jsonb subscript must be coercible to either integer or text."
            raise SqlError("42804", message, hint=hint, position=key.pos)
        as_text = c.coerce(state, made, SqlType(t.TEXT), "e")
        assert as_text is not None
        path.append(as_text)
    array = ArrayExpr(tuple(path), SqlType(t.TEXT_ARRAY))
    return FuncExpr(
        "jsonb_extract_path",
        (expr, array),
        (t.JSONB, t.TEXT_ARRAY),
        SqlType(t.JSONB),
        _JSONB_EXTRACT_PATH,
        variadic=True,
        pos=expr.pos,
    )
