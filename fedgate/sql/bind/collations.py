"""COLLATE: all collations of fedgate compare code points; those of C know the letters of ASCII alone.

That matters to what looks at letters: upper("é" COLLATE "C") is é. fedgate's letters are C.UTF-8's, so it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind import coerce as c
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.dispatch import bind_expr, handles
from fedgate.sql.bind.state import Message, State
from fedgate.sql.tree import Expr, walk

_OF_ASCII: Final = frozenset(("C", "ucs_basic", "POSIX"))
_COLLATIONS: Final = _OF_ASCII | {"default", "C.UTF-8", "C.utf8"}
# Those of a language, which an installation of PostgreSQL may have: en_US.utf8, de-DE-x-icu, und-x-icu, unicode.
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}([_@.-][\w.@-]*)?\Z|unicode\Z")
_COLLATABLE: Final = frozenset((t.TEXT, t.VARCHAR, t.BPCHAR, t.NAME, t.UNKNOWN))
_OF_LETTERS: Final = frozenset(
    ("upper", "lower", "initcap", "~", "!~", "~*", "!~*", "~~*", "!~~*", "texticlike", "texticnlike", "textregexeq", "textregexne",
     "texticregexeq", "texticregexne", "regexp_match", "regexp_matches", "regexp_replace", "regexp_split_to_array",
     "regexp_split_to_table", "regexp_like", "regexp_count", "regexp_instr", "regexp_substr")
)  # fmt: skip


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
    made = c.settle_unknown(state, arg)
    if names[-1] in _OF_ASCII:
        made = replace(made)  # an object of its own, which is remembered
        state.binder.ascii_letters[id(made)] = made
    return made


def check_letters(state: State, name: str, args: Iterable[Expr], position: int | None) -> None:
    """Raises SqlError 0A000 for a function or operator that looks at letters of an argument with a collation of C."""
    known = state.binder.ascii_letters
    if known and name in _OF_LETTERS and any(id(node) in known for arg in args for node in walk(arg)):
        hint = "Letters are those of Unicode here; leave COLLATE out."
        raise unsupported(f'{name}{"()" * name.isidentifier()} of a text whose collation is "C"', hint=hint, position=position)
