"""Roles: who may come in, and what they may read.

Contract: `read_role` makes a `Role` of a checked document and tells what is wrong with it, one complaint a fault. The role stays a
role whatever is found, since without it more might be let in: what cannot be used gives no right. A grant that names what does not
exist is no grant, a `valid_until` that cannot be read has passed, a membership that leads back to the role is none.

A role has its own grants and those of every role that it is a member of, directly or not (`granted`). `admin` is not passed on.
Source: https://www.postgresql.org/docs/15/role-membership.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from fedgate import settings
from fedgate.catalog import selectors
from fedgate.catalog.documents import Document, DocumentError
from fedgate.catalog.names import display, qualified
from fedgate.errors import SqlError
from fedgate.schema import HIDDEN_COLUMNS, Column, Table, View
from fedgate.types import SqlType
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.text_in import parse
from fedgate.types.values import TIMESTAMP_INFINITY
from fedgate.wording import perhaps

Key: TypeAlias = tuple[str, str]
Complain: TypeAlias = "Callable[[DocumentError], None]"

_TIMESTAMPTZ: Final = SqlType(1184)
_PASSED: Final = 0.0
_RESERVED: Final = frozenset({"public", "none"})


@dataclass(frozen=True, slots=True)
class Grant:
    """SELECT on `table` (schema, name), a table's or a view's; None: on every one. `columns` None: on all of them.

    `rows` is a boolean expression over the table's columns; None: all rows.
    """

    table: Key | None
    columns: frozenset[str] | None = None
    rows: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A user of the gateway. `connection_limit` -1: none; `valid_until` in seconds since 1970, None: for ever.

    `verifier` is a SCRAM verifier as PostgreSQL stores it, None: nobody can log in with a password.
    """

    name: str
    verifier: str | None = field(default=None, repr=False)
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    connection_limit: int = -1
    valid_until: float | None = None
    member_of: tuple[str, ...] = ()
    admin: bool = False
    grants: tuple[Grant, ...] = ()
    comment: str | None = None


def check_name(document: Document) -> None:
    """Raises DocumentError for a name that means something else to PostgreSQL."""
    if document.name in _RESERVED or document.name.startswith("pg_"):
        raise DocumentError(f'role name "{document.name}" is reserved', ("name",))


def read_role(
    document: Document,
    names: frozenset[str],
    tables: Mapping[Key, Table],
    others: Mapping[Key, View | str],
    complain: Complain,
) -> Role:
    """The role of a document. `names` are all roles; `others` are views, and what is there but cannot be used."""
    body = document.body
    return Role(
        name=document.name,
        verifier=body.get("verifier"),
        settings=MappingProxyType(dict(_settings(body.get("settings", {}), complain))),
        connection_limit=body.get("connection_limit", -1),
        valid_until=_valid_until(body.get("valid_until"), complain),
        member_of=tuple(_member_of(document, names, complain)),
        admin=body.get("admin", False),
        grants=tuple(_grants(body.get("grants", []), tables, others, complain)),
        comment=body.get("comment"),
    )


def without_circles(roles: Mapping[str, Role], complain: Callable[[str, DocumentError], None]) -> dict[str, Role]:
    """The roles, of those that are members of themselves by way of others without the memberships that lead there."""
    made = {}
    for name, role in roles.items():
        kept = []
        for place, other in enumerate(role.member_of):
            if name in memberships(roles, other):
                complain(name, DocumentError(f'membership in "{other}" leads back to the role itself', ("member_of", place)))
            else:
                kept.append(other)
        made[name] = replace(role, member_of=tuple(kept))
    return made


def memberships(roles: Mapping[str, Role], name: str) -> tuple[str, ...]:
    """The role itself, and every role that it is a member of, directly or not; () for one that does not exist."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one in roles and one not in found:
            found[one] = None
            waiting.extend(reversed(roles[one].member_of))
    return tuple(found)


def granted(roles: Mapping[str, Role], name: str) -> tuple[Grant, ...]:
    """The grants of a role and of all that it is a member of."""
    return tuple(grant for one in memberships(roles, name) for grant in roles[one].grants)


# ---------------------------------------------------------------------------------------------------------------- parts


def _settings(written: Mapping[str, str], complain: Complain) -> Iterator[tuple[str, str]]:
    for name, text in written.items():
        try:
            settings.check(name, text)
            if name.lower() == "fedgate.node_selector":
                selectors.check(text)
            yield name, text
        except SqlError as error:
            complain(DocumentError(error.message, ("settings", name), error.hint))


def _valid_until(text: str | None, complain: Complain) -> float | None:
    if text is None:
        return None
    try:
        moment = parse(text, _TIMESTAMPTZ, DEFAULT_STYLE)
    except SqlError as error:
        complain(DocumentError(error.message, ("valid_until",), "write a moment: 2030-01-01 00:00:00+00"))
        return _PASSED
    assert isinstance(moment, int)
    if abs(moment) == TIMESTAMP_INFINITY:
        return None if moment > 0 else _PASSED
    return moment / 1_000_000


def _member_of(document: Document, names: frozenset[str], complain: Complain) -> Iterator[str]:
    for place, name in enumerate(document.body.get("member_of", [])):
        if name == document.name:
            complain(DocumentError("a role cannot be a member of itself", ("member_of", place)))
        elif name not in names:
            others = sorted(names - {document.name})
            complain(DocumentError(f'there is no role "{name}"', ("member_of", place), perhaps(name, others)))
        else:
            yield name


def _grants(
    written: list[dict[str, Any]], tables: Mapping[Key, Table], others: Mapping[Key, View | str], complain: Complain
) -> Iterator[Grant]:
    for place, body in enumerate(written):
        try:
            yield _grant(body, ("grants", place), tables, others)
        except DocumentError as error:
            complain(error)


def _grant(
    body: dict[str, Any], path: tuple[str | int, ...], tables: Mapping[Key, Table], others: Mapping[Key, View | str]
) -> Grant:
    columns = frozenset(body["columns"]) if "columns" in body else None
    rows = body.get("rows")
    if body["table"] == "*":
        if columns is not None or rows is not None:
            part = "rows" if columns is None else "columns"
            raise DocumentError(f'"*" means whole tables, {part} cannot be chosen', (*path, part), "name a table")
        return Grant(None)
    schema, _, name = qualified(body["table"]).partition(".")
    table = tables.get((schema, name))
    if table is None:
        if (schema, name) not in others:
            near = perhaps(body["table"], [display("table", ".".join(k)) for k in (*tables, *others)])
            raise DocumentError(f'there is no table "{body["table"]}"', (*path, "table"), near)
        if rows is not None and isinstance(others[schema, name], View):
            hint = "write it for the tables that the view reads: a view runs with its reader's rights"
            raise DocumentError("rows of a view cannot be chosen", (*path, "rows"), hint)
        return Grant((schema, name), columns, rows)
    known = [c.name for c in table.columns]
    for at, column in enumerate(body.get("columns", [])):
        if column not in known:
            what = f'table "{body["table"]}" has no column "{column}"'
            raise DocumentError(what, (*path, "columns", at), perhaps(column, known))
    if rows is not None:
        _check_rows(rows, row_columns(table), (*path, "rows"))
    return Grant((schema, name), columns, rows)


def row_columns(table: Table) -> tuple[Column, ...]:
    """What the rows of a grant may be chosen by. A copy of a replicated table is at no shard of its own."""
    return table.columns if table.replicated else (*table.columns, *HIDDEN_COLUMNS)


def _check_rows(text: str, columns: tuple[Column, ...], path: tuple[str | int, ...]) -> None:
    from fedgate.catalog.expressions import bind_rows  # the binder is heavy; catalogs without SQL do without it

    try:
        bind_rows(text, columns)
    except (SqlError, RecursionError) as error:
        message = error.message if isinstance(error, SqlError) else "the expression is nested too deeply"
        raise DocumentError(message, path, error.hint if isinstance(error, SqlError) else None) from None
