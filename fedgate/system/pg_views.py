"""Rows of PostgreSQL's views over relations: pg_tables, pg_views, pg_indexes.

Source: https://www.postgresql.org/docs/15/views.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fedgate.sql.functions.quoting import quote_identifier
from fedgate.system.build import Row, Rows
from fedgate.system.facts import OWNER, Facts
from fedgate.system.objects import Index, Relation, Shown, system_relations
from fedgate.system.tables import kinds

_NONE: Final = {"hasrules": False, "hastriggers": False, "rowsecurity": False}


def pg_tables(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        if relation.kind == "r":
            yield {
                "schemaname": relation.schema,
                "tablename": relation.name,
                "tableowner": OWNER,
                "hasindexes": relation.key is not None,
                **_NONE,
            }
    for table in system_relations():
        if kinds()[table.schema, table.name] == "r":
            yield {
                "schemaname": table.schema,
                "tablename": table.name,
                "tableowner": OWNER,
                "hasindexes": table.schema == "pg_catalog",
                **_NONE,
            }


def pg_views(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        if relation.kind == "v":
            yield {
                "schemaname": relation.schema,
                "viewname": relation.name,
                "viewowner": OWNER,
                "definition": view_definition(relation),
            }
    for table in system_relations():
        if kinds()[table.schema, table.name] == "v":
            yield {"schemaname": table.schema, "viewname": table.name, "viewowner": OWNER}


def view_definition(relation: Relation) -> str | None:
    """A view's query as its document has it, ended as PostgreSQL ends it; None for the system's own."""
    return None if relation.query is None else " " + relation.query.strip().rstrip(";").rstrip() + ";"


def pg_indexes(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        if relation.key is not None:
            yield {
                "schemaname": relation.schema,
                "tablename": relation.name,
                "indexname": relation.key.name,
                "indexdef": index_definition(relation, relation.key),
            }


def index_definition(relation: Relation, index: Index) -> str:
    """The statement that would make a primary key's index."""
    columns = ", ".join(quote_identifier(column.name) for column in index.columns)
    table = f"{quote_identifier(relation.schema)}.{quote_identifier(relation.name)}"
    return f"CREATE UNIQUE INDEX {quote_identifier(index.name)} ON {table} USING btree ({columns})"


ROWS: Final[dict[str, Rows]] = {rows.__name__: rows for rows in (pg_tables, pg_views, pg_indexes)}
