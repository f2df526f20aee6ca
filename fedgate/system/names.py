"""The names of reg* values, as clients read and write them in text: regclass, regtype, regproc, regoper, regnamespace, regrole …

Contract: names come from one snapshot under one search path, and no node is asked. In binary these values are plain OIDs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache, cached_property
from typing import Final

import pyarrow as pa

from fedgate.errors import SqlError, unsupported
from fedgate.sql.bind.reg import split_name
from fedgate.sql.functions.quoting import quote_identifier
from fedgate.sql.functions.system import plain_type_name
from fedgate.system.build import static_rows
from fedgate.system.facts import OWNER
from fedgate.system.objects import OWNER_OID, Shown, role_oid
from fedgate.system.relations import SystemRelations
from fedgate.types import BY_OID, REG_TYPES, parse_type
from fedgate.types.array_text import join_array

REGPROC, REGPROCEDURE, REGOPER, REGOPERATOR = 24, 2202, 2203, 2204
REGCLASS, REGTYPE, REGNAMESPACE, REGROLE = 2205, 2206, 4089, 4096
NAMED_TYPES: Final = REG_TYPES | {BY_OID[oid].array_oid for oid in REG_TYPES}
"""They and their arrays: what `RegNames.texts` writes."""


class RegNames:
    """Names under `search_path` (without the implicit pg_catalog)."""

    def __init__(self, shown: Shown, search_path: tuple[str, ...]) -> None:
        self._shown = shown
        self._path = search_path
        self._relations = SystemRelations(shown.snapshot)

    def texts(self, type_oid: int, oids: pa.Array) -> pa.Array:
        """A column of OIDs, or of arrays of them, as the type's text; an OID without a name is its number, as in PostgreSQL."""
        if element := BY_OID[type_oid].element_oid:
            lists = (None if item is None else self.texts(element, pa.array(item, pa.int64())) for item in oids.to_pylist())
            return pa.array([None if item is None else join_array(item.to_pylist()) for item in lists], pa.string())
        known: dict[int | None, str | None] = {None: None, 0: "0" if type_oid in (REGOPER, REGOPERATOR) else "-"}
        for oid in set(oids.to_pylist()) - known.keys():
            known[oid] = self._name(type_oid, oid) or str(oid)
        return pa.array([known[oid] for oid in oids.to_pylist()], type=pa.string())

    def oid(self, type_oid: int, text: str) -> int:
        """The OID that a text means. Raises SqlError 42P01, 42704, 42883, 3F000 as PostgreSQL's input functions do."""
        if text == "-":
            return 0
        if text.isascii() and text.isdigit():
            return int(text)
        parts = split_name(text, None)
        if type_oid == REGCLASS:
            schema = parts[-2] if len(parts) > 1 else None
            if (temporary := self._temporary(schema, parts[-1])) is not None:
                return temporary
            found = self._relations.find(schema, parts[-1], self._path)
            if found is None:
                raise SqlError("42P01", f'relation "{".".join(parts)}" does not exist')
            return found.oid
        if type_oid == REGTYPE:
            return parse_type(text).oid
        if type_oid == REGNAMESPACE:
            if parts[-1] not in self._schemas.values():
                raise SqlError("3F000", f'schema "{parts[-1]}" does not exist')
            return next(oid for oid, name in self._schemas.items() if name == parts[-1])
        raise unsupported("a name here", hint="Write the object's OID.")

    def _temporary(self, schema: str | None, name: str) -> int | None:
        """The OID of the temporary table that is meant, if one is: they come first."""
        for relation in self._shown.relations:
            if relation.name == name and relation.schema.startswith("pg_temp_") and schema in (None, "pg_temp", relation.schema):
                return int(relation.oid)
        return None

    def _name(self, type_oid: int, oid: int) -> str | None:
        if type_oid == REGCLASS:
            return self._class_name(oid)
        if type_oid == REGTYPE:
            name = plain_type_name(oid)
            return self._row_types.get(oid) if name == "???" else name
        if type_oid == REGNAMESPACE:
            return quote_identifier(self._schemas[oid]) if oid in self._schemas else None
        if type_oid in _FIXED:
            return _FIXED[type_oid]().get(oid)
        return quote_identifier(self._roles[oid]) if oid in self._roles else None

    def _class_name(self, oid: int) -> str | None:
        if oid not in self._classes:
            return None
        schema, name = self._classes[oid]
        if schema.startswith("pg_temp_"):
            return quote_identifier(name)
        try:
            seen = self._relations.find(None, name, self._path)
        except SqlError:  # a broken document of that name comes before it
            seen = None
        visible = seen is not None and seen.oid == oid
        return quote_identifier(name) if visible else f"{quote_identifier(schema)}.{quote_identifier(name)}"

    @cached_property
    def _classes(self) -> dict[int, tuple[str, str]]:
        indexes = {r.key.oid: (r.schema, r.key.name) for r in self._shown.relations if r.key is not None}
        return {**_system_classes(), **{r.oid: (r.schema, r.name) for r in self._shown.relations}, **indexes}

    @cached_property
    def _row_types(self) -> dict[int, str]:
        """Row types by their relation's name, and arrays of them."""
        found: dict[int, str] = {}
        for relation in self._shown.relations:
            if relation.row_type:
                seen = self._class_name(relation.oid) or relation.name
                found |= {relation.row_type: seen, relation.array_type: f"{seen}[]"}
        return found

    @cached_property
    def _schemas(self) -> dict[int, str]:
        return {oid: name for name, oid in self._shown.schemas.items()}

    @cached_property
    def _roles(self) -> dict[int, str]:
        return {OWNER_OID: OWNER, **{role_oid(name): name for name in self._shown.snapshot.roles}, **_system_roles()}


@cache
def _system_classes() -> dict[int, tuple[str, str]]:
    """PostgreSQL's own relations and their indexes."""
    schemas = {11: "pg_catalog"}
    return {row["oid"]: (schemas.get(row["relnamespace"], "information_schema"), row["relname"]) for row in static_rows("pg_class")}


@cache
def _system_functions() -> dict[int, str]:
    """A name that several functions have is written with its schema, as in PostgreSQL."""
    rows = static_rows("pg_proc")
    count = Counter(row["proname"] for row in rows)
    names = {}
    for row in rows:
        schema = "pg_catalog." if row["pronamespace"] == 11 else "information_schema."
        plain = row["pronamespace"] == 11 and count[row["proname"]] == 1
        names[row["oid"]] = ("" if plain else schema) + quote_identifier(row["proname"])
    return names


@cache
def _system_procedures() -> dict[int, str]:
    """Functions with the types of their arguments, so that those of pg_catalog need no schema."""
    names = {}
    for row in static_rows("pg_proc"):
        schema = "" if row["pronamespace"] == 11 else "information_schema."
        types = ",".join(plain_type_name(int(oid)) for oid in row["proargtypes"].split())
        names[row["oid"]] = f"{schema}{quote_identifier(row['proname'])}({types})"
    return names


@cache
def _system_operators() -> dict[int, str]:
    """All are of pg_catalog; a name that several have is written with it."""
    rows = static_rows("pg_operator")
    count = Counter(row["oprname"] for row in rows)
    return {row["oid"]: ("" if count[row["oprname"]] == 1 else "pg_catalog.") + row["oprname"] for row in rows}


@cache
def _system_operators_of_types() -> dict[int, str]:
    def name(oid: int) -> str:
        return plain_type_name(oid) if oid else "NONE"

    return {row["oid"]: f"{row['oprname']}({name(row['oprleft'])},{name(row['oprright'])})" for row in static_rows("pg_operator")}


_FIXED: Final[dict[int, Callable[[], dict[int, str]]]] = {
    REGPROC: _system_functions,
    REGPROCEDURE: _system_procedures,
    REGOPER: _system_operators,
    REGOPERATOR: _system_operators_of_types,
}
"""Kinds whose objects are PostgreSQL's own alone."""


@cache
def _system_roles() -> dict[int, str]:
    return {row["oid"]: row["rolname"] for row in static_rows("pg_authid")}
