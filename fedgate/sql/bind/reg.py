"""Constants of the reg* types: names that become OIDs at bind.

Source: https://www.postgresql.org/docs/15/datatype-oid.html. regclass asks the catalog, regtype and regproc the tables of
PostgreSQL's own types and functions. The other kinds are left to run time.
"""

from __future__ import annotations

import re

from fedgate.errors import SqlError
from fedgate.sql import tables
from fedgate.sql.bind import typenames as t
from fedgate.sql.bind.state import State
from fedgate.sql.tree import Const, Expr
from fedgate.types import SqlType

TO_REGNAMESPACE = 4086  # pg_proc's to_regnamespace(text)
_SIMPLE = re.compile(r"[A-Za-z_\"][\w.\"]*")
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^\s".]+))\s*(\.|$)')


def reg_constant(state: State, text: str, target: int, position: int | None) -> Expr | None:
    """`text` as a constant of reg type `target`; None for kinds that are resolved when the statement runs."""
    if text == "-":
        return Const(SqlType(target), 0, pos=position)
    if text.isdigit():
        return Const(SqlType(target), int(text), pos=position)
    if target == t.REGCLASS:
        return Const(SqlType(target), _relation(state, text, position), pos=position)
    if target == t.REGTYPE:
        return Const(SqlType(target), _type(state, text, position), pos=position)
    if target == t.REGPROC:
        return Const(SqlType(target), _function(text, position), pos=position)
    if target == t.REGNAMESPACE:
        return _schema(state, text, position)
    return None


def split_name(text: str, position: int | None) -> list[str]:
    """The parts of a qualified name as text: folded to lower case unless quoted. 42602 when it is none."""
    parts: list[str] = []
    at = 0
    while True:
        match = _PART.match(text, at)
        if match is None:
            raise SqlError("42602", "invalid name syntax", position=position)
        parts.append(match[1].replace('""', '"') if match[1] is not None else match[2].lower())
        at = match.end()
        if not match[3]:
            return parts


def _relation(state: State, text: str, position: int | None) -> int:
    parts = split_name(text, position)
    schema = parts[-2] if len(parts) > 1 else None
    relations, path = state.binder.relations, state.binder.context.search_path
    found = relations.find(schema, parts[-1], path)
    if found is None:
        near = relations.suggest(schema, parts[-1], path)
        hint = f'Perhaps you meant "{near}".' if near else None
        raise SqlError("42P01", f'relation "{".".join(parts)}" does not exist', hint=hint, position=position)
    return found.oid


def _schema(state: State, text: str, position: int | None) -> Expr | None:
    """The schema's OID; it stands in pg_namespace alone, so it is looked up when the statement runs."""
    from fedgate.sql.bind.inline import inline

    parts = split_name(text, position)
    if len(parts) != 1:
        raise SqlError("42602", "invalid name syntax", position=position)
    if not state.binder.relations.schema_exists(parts[0]):
        raise SqlError("3F000", f'schema "{parts[0]}" does not exist', position=position)
    return inline(state, TO_REGNAMESPACE, (Const(SqlType(t.TEXT), parts[0], pos=position),), (t.TEXT,), position)


def _type(state: State, text: str, position: int | None) -> int:
    from fedgate.sql.bind.fragments import raw_type

    plain = split_name(text, position) if _SIMPLE.fullmatch(text) else []
    if plain and (len(plain) == 1 or plain[-2] == "pg_catalog"):
        row = tables.type_names().get(plain[-1])
        if row is not None:  # pseudo-types and others without values here have names too
            return row.oid
    try:
        return t.bind_type(state, raw_type(text)).oid
    except SqlError as exc:
        exc.position = position
        raise


def _function(text: str, position: int | None) -> int:
    name = split_name(text, position)[-1]
    found = tables.functions(name)
    if not found:
        raise SqlError("42883", f'function "{text}" does not exist', position=position)
    if len(found) > 1:
        raise SqlError("42725", f'more than one function named "{text}"', position=position)
    return found[0].oid
