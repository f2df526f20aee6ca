"""COLLATE: all collations of fedgate compare code points; those of C know the letters of ASCII alone.

That matters to what looks at letters: upper('é' COLLATE "C") is é. It is called by a name of our own then, or with a pattern that
says so (`sql/functions/ascii_letters`). Which collation an expression has is derived as PostgreSQL derives it.
Source: https://www.postgresql.org/docs/15/collation.html#COLLATION-CONCEPTS
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.state import Message, State
from fedgate.sql.functions.table import OWN
from fedgate.sql.tree import Aggref, Case, Expr, FuncExpr, OpExpr, SubLink, Var, WindowFunc, children
from fedgate.types import SqlType

_OF_ASCII: Final = frozenset(("C", "ucs_basic", "POSIX"))
_COLLATIONS: Final = _OF_ASCII | {"default", "C.UTF-8", "C.utf8"}
# Those of a language, which an installation of PostgreSQL may have: en_US.utf8, de-DE-x-icu, und-x-icu, unicode.
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}([_@.-][\w.@-]*)?\Z|unicode\Z")
_COLLATABLE: Final = frozenset((t.TEXT, t.VARCHAR, t.BPCHAR, t.NAME, t.UNKNOWN))
_RENAMED: Final = frozenset(("upper", "lower", "initcap"))
# Their second argument is a pattern.
_BY_PATTERN: Final = frozenset(
    ("~", "!~", "~*", "!~*", "textregexeq", "textregexne", "texticregexeq", "texticregexne", "regexp_match", "regexp_matches",
     "regexp_replace", "regexp_split_to_array", "regexp_split_to_table", "regexp_like", "regexp_count", "regexp_instr",
     "regexp_substr", "substring")
)  # fmt: skip
_FOLDED: Final = {"~~*": "~~", "!~~*": "!~~"}


@handles("collate_clause", "arg collname location")
def bind_collate(state: State, node: Message) -> Expr:
    """The value as it is: the clause only has to name a collation that compares code points."""
    position = state.pos(node.location)
    arg = bind_expr(state, node.arg)
    names = [n.string.sval for n in node.collname]
    element = t.element_of(arg.type.oid) or arg.type.oid
    if element not in _COLLATABLE:
        raise SqlError("42804", f"collations are not supported by type {t.type_name(arg.type.oid)}", position=position)
    if names[-1] not in _COLLATIONS and not _LANGUAGE.match(names[-1]):
        raise SqlError("42704", f'collation "{".".join(names)}" for encoding "UTF8" does not exist', position=position)
    if names[-1] not in _COLLATIONS:
        hint = 'Text is compared by code points; "C", "default" and ucs_basic say so.'
        raise unsupported(f'collation "{names[-1]}"', hint=hint, position=position)
    made = replace(c.settle_unknown(state, arg))  # an object of its own, which is remembered
    state.binder.collated[id(made)] = made, names[-1]
    return made


def is_ascii(state: State, expr: Expr) -> bool:
    """Whether the collation of an expression is C. Raises SqlError 42P21."""
    return bool(state.binder.collated) and _derived(state, expr)[0] in _OF_ASCII


def _derived(state: State, expr: Expr) -> tuple[str, bool]:
    """The collation of an expression, and whether it is explicit."""
    if (given := state.binder.collated.get(id(expr))) is not None:
        return given[1], True
    if isinstance(expr, Var):
        return ("C" if (expr.rel, expr.col) in state.binder.ascii_columns else "default"), False
    if isinstance(expr, SubLink):
        columns = expr.query.columns
        return ("C" if expr.kind in ("scalar", "array") and columns and columns[0].ascii else "default"), False
    return _common(state, _parts(expr))


def _common(state: State, parts: Sequence[Expr]) -> tuple[str, bool]:
    """The same of several together."""
    found = "default", False
    for part in parts:
        if _collatable(part):
            found = _merged(state, found, _derived(state, part), part)
    return found


def _parts(expr: Expr) -> list[Expr]:
    """The expressions whose collations make up that of `expr`."""
    if isinstance(expr, Case):
        return [*(w.result for w in expr.whens), expr.default]
    if isinstance(expr, (FuncExpr, OpExpr, Aggref, WindowFunc)):
        return list(expr.args)
    return [node for node in children(expr) if hasattr(node, "type")]


def _collatable(expr: Expr) -> bool:
    oid = expr.type.oid
    return (t.element_of(oid) or oid) in _COLLATABLE


def _merged(state: State, one: tuple[str, bool], two: tuple[str, bool], part: Expr) -> tuple[str, bool]:
    if one[1] and two[1] and one[0] != two[0]:
        message = f'collation mismatch between explicit collations "{one[0]}" and "{two[0]}"'
        raise SqlError("42P21", message, position=c.locate(part))
    if one[1] or two[1]:
        return one if one[1] else two
    return two if one[0] == "default" else one


def by_letters(state: State, name: str, args: Sequence[Expr]) -> tuple[str, list[Expr]]:
    """A function or operator and its arguments; what looks at letters only knows those of ASCII where the collation is C."""
    given = list(args)
    if not state.binder.collated or name not in _RENAMED | _BY_PATTERN | _FOLDED.keys():
        return name, given
    if name == "substring" and [arg.type.oid for arg in given] != [t.TEXT, t.TEXT]:
        return name, given
    if _common(state, given)[0] not in _OF_ASCII:
        return name, given
    if name in _RENAMED:
        return f"{OWN}{name}", given
    if name in _FOLDED:
        return _FOLDED[name], [_own("lower", arg) for arg in given]
    return name, [given[0], _own("pattern", given[1]), *given[2:]]


def _own(name: str, arg: Expr) -> Expr:
    return FuncExpr(f"{OWN}{name}", (arg,), (arg.type.oid,), SqlType(t.TEXT), 0, pos=arg.pos)
