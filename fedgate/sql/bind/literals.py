"""Constants: raw A_Const nodes, and unknown-typed literals that get their type.

An unknown literal is a `Const` of type unknown (705) whose value is its text. It becomes a value of its type here, at bind, as
PostgreSQL does: 22P02 and its relatives carry the literal's position. Texts whose value depends on the moment ('now', 'today', …)
or on the catalog (reg* types) are not fixed here but left as conversions of the text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fedgate.errors import SqlError
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import handles
from fedgate.sql.bind.state import Binder, Message, State
from fedgate.sql.jsonpath.known import read_text
from fedgate.sql.refusals import refused_type
from fedgate.sql.tree import Coerce, Const, Expr
from fedgate.types import SqlType
from fedgate.types.style import TextStyle
from fedgate.types.values import Value

_UNKNOWN, _INT4, _TEXT = SqlType(t.UNKNOWN), SqlType(t.INT4), SqlType(t.TEXT)
_INT4_MIN, _INT4_MAX = -(2**31), 2**31 - 1
_INT8_MIN, _INT8_MAX = -(2**63), 2**63 - 1
# Version 18 of the grammar reads 0x1F, 0o7, 0b1 and 1_000; PostgreSQL 15 calls them trailing junk.
_NEW_NUMBER = re.compile(r"0[xXoObB]\w*|\d[\d.]*_")
_ESCAPED = re.compile(r"[eE]'(?:[^'\\]|\\.|'')*'(?:\s*\n\s*'(?:[^'\\]|\\.|'')*')*", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\v", re.DOTALL)
_NUMBERED = re.compile(r"\\(?:x0?[bB]|0?13|u000[bB]|U0000000[bB])\Z|\v\Z|\\\v\Z")
_MOMENTS = re.compile(r"\b(now|today|tomorrow|yesterday)\b", re.IGNORECASE)
_MOMENT_TYPES = frozenset((t.DATE, t.TIME, t.TIMESTAMP, t.TIMESTAMPTZ, t.TIMETZ))


@handles("a_const", "ival fval boolval sval bsval isnull location")
def bind_const(state: State, node: Message) -> Expr:
    position = state.pos(node.location)
    if node.isnull:
        return Const(_UNKNOWN, None, pos=position)
    kind = node.WhichOneof("val")
    if kind == "sval":
        return Const(_UNKNOWN, _older_escapes(state, node.sval.sval, position), pos=position)
    if kind == "ival":
        _refuse_new_number(state, position)
        return Const(_INT4, node.ival.ival, pos=position)
    if kind == "fval":
        _refuse_new_number(state, position)
        return _number(state.binder, node.fval.fval, position)
    if kind == "boolval":
        return Const(SqlType(t.BOOL), node.boolval.boolval, pos=position)
    raise refused_type(1560, "bit", position)


def _older_escapes(state: State, value: str, position: int | None) -> str:
    r"""E'\v' is a vertical tab to the grammar's version, plain v to PostgreSQL 15."""
    if "\v" not in value or position is None or not (found := _ESCAPED.match(state.binder.text, position - 1)):
        return value
    # Each vertical tab of the value stands for one escape of the text, in order: the new one, its number, or the character itself.
    marks = (m for m in _ESCAPE.findall(found[0]) if m == "\\v" or _NUMBERED.match(m))
    return "".join("v" if c == "\v" and next(marks, "") == "\\v" else c for c in value)


@lru_cache(maxsize=2)
def _holds_new_number(text: str) -> bool:
    """Whether a number of the text can be one: asked for every number of a long list."""
    return _NEW_NUMBER.search(text) is not None


def _refuse_new_number(state: State, position: int | None) -> None:
    if position is None or not _holds_new_number(state.binder.text):
        return
    found = _NEW_NUMBER.match(state.binder.text, position - 1)
    if found:
        raise SqlError("42601", f'trailing junk after numeric literal at or near "{found[0]}"', position=position)


def _number(binder: Binder, text: str, position: int | None) -> Expr:
    if text.lstrip("+-").isdigit():
        value = int(text)
        if _INT4_MIN <= value <= _INT4_MAX:
            return Const(SqlType(t.INT4), value, pos=position)
        if _INT8_MIN <= value <= _INT8_MAX:
            return Const(SqlType(t.INT8), value, pos=position)
    return Const(SqlType(t.NUMERIC), parse_text(binder, text, SqlType(t.NUMERIC), position), pos=position)


def parse_text(binder: Binder, text: str, type_: SqlType, position: int | None) -> Value:
    """The value of a literal's text. Raises what the type's input function raises, at `position`."""
    context = binder.context
    style = _style(context.timezone, context.datestyle, context.intervalstyle)
    try:
        return read_text(text, type_, style)
    except SqlError as exc:
        if exc.position is None:
            exc.position = position
        raise


@lru_cache(maxsize=64)
def _style(timezone: str, datestyle: str, intervalstyle: str) -> TextStyle:
    return TextStyle(timezone=timezone, datestyle=datestyle, intervalstyle=intervalstyle)


def typed_literal(state: State, literal: Const, target: int, typmod: int, *, explicit: bool) -> Expr:
    """The unknown literal as a value of type `target`; `typmod` only matters to interval, whose fields change how it is read."""
    if target == t.TEXT:
        return Const(_TEXT, literal.value, pos=literal.pos)
    base = t.element_of(target) or target
    kept = typmod if base == t.INTERVAL else -1
    type_ = SqlType(target, kept)
    if literal.value is None:
        return Const(type_, None, pos=literal.pos)
    t.require_carrier(type_, literal.pos)
    assert isinstance(literal.value, str)
    if target in t.REG_TYPES:
        from fedgate.sql.bind.reg import reg_constant

        found = reg_constant(state, literal.value, target, literal.pos)
        if found is not None:
            return found
    text = Const(SqlType(t.TEXT), literal.value, pos=literal.pos)
    if base in t.REG_TYPES:
        return Coerce(text, type_, "io", explicit, pos=literal.pos)
    value = parse_text(state.binder, literal.value, type_, literal.pos)
    if base in _MOMENT_TYPES and _MOMENTS.search(literal.value):
        return Coerce(text, type_, "io", explicit, pos=literal.pos)  # well formed; its value is the moment's
    return Const(type_, value, pos=literal.pos)
