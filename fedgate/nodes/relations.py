"""How node SQL names a local relation on the engines that run on DuckDB.

A session makes one temporary view for each relation of its fragments, over the attached file's table or the Parquet files found
when it opened; the dialect writes the view's name. Search paths stay DuckDB's own, so that nothing a site has defined in its file
(a macro called like a built-in function) can change the meaning of a fragment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from fedgate.fragment import TypedView


def quote(name: str) -> str:
    """An identifier in double quotes, as DuckDB, SQLite and PostgreSQL read it."""
    return '"' + name.replace('"', '""') + '"'


def qualified(relation: tuple[str | None, str]) -> str:
    """`"schema"."name"`, or `"name"` alone, for engines that are asked by the local name."""
    schema, name = relation
    return quote(name) if schema is None else f"{quote(schema)}.{quote(name)}"


def view_name(relation: tuple[str | None, str]) -> str:
    """The unquoted name of the session's view over a local relation; distinct relations have distinct names."""
    name = qualified(relation)
    if name == name.lower():
        return name
    # DuckDB ignores the case of names, and files do not
    return f"{name} {hashlib.blake2b(name.encode(), digest_size=6).hexdigest()}"


def duckdb_relation(relation: tuple[str | None, str]) -> str:
    """The SQL by which duckdb and parquet fragments name a local relation (schema or None, name)."""
    return f"temp.{quote(view_name(relation))}"


def shown_sql(sql: str, relations: Iterable[tuple[str | None, str]], views: Iterable[TypedView]) -> str:
    """A fragment's SQL for people: a session's views are called as the relations that they are over."""
    for view in views:
        sql = sql.replace(f"temp.{quote(view.name)}", qualified(view.relation))
    for relation in relations:
        sql = sql.replace(duckdb_relation(relation), qualified(relation))
    return sql
