"""Rows of information_schema for constraints: primary keys, and columns that are not null, which it takes for checks.

Source: https://www.postgresql.org/docs/15/infoschema-table-constraints.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fedgate.system.build import Row, Rows
from fedgate.system.facts import DATABASE, Facts
from fedgate.system.objects import Relation, Shown


def _named(shown: Shown, relation: Relation, name: str) -> dict[str, Any]:
    return {
        "constraint_catalog": DATABASE,
        "constraint_schema": relation.schema,
        "constraint_name": name,
        **_table(relation),
    }


def _table(relation: Relation) -> dict[str, Any]:
    return {"table_catalog": DATABASE, "table_schema": relation.schema, "table_name": relation.name}


def _not_null(shown: Shown) -> Iterator[tuple[Relation, str, str]]:
    """(relation, constraint, column) of each column that is not null."""
    for relation in shown.relations:
        for column in relation.columns:
            if column.not_null and relation.kind == "r":
                yield relation, f"{shown.schemas[relation.schema]}_{relation.oid}_{column.attnum}_not_null", column.name


def table_constraints(shown: Shown, facts: Facts) -> Iterator[Row]:
    rest = {"is_deferrable": "NO", "initially_deferred": "NO", "enforced": "YES"}
    for relation in shown.relations:
        if relation.key is not None:
            yield {
                **_named(shown, relation, relation.key.name),
                **rest,
                "constraint_type": "PRIMARY KEY",
            }
    for relation, name, _ in _not_null(shown):
        yield {**_named(shown, relation, name), **rest, "constraint_type": "CHECK"}


def check_constraints(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation, name, column in _not_null(shown):
        yield {
            "constraint_catalog": DATABASE,
            "constraint_schema": relation.schema,
            "constraint_name": name,
            "check_clause": f"{column} IS NOT NULL",
        }


def key_column_usage(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        if relation.key is not None:
            for place, column in enumerate(relation.key.columns, 1):
                named = _named(shown, relation, relation.key.name)
                yield {**named, "column_name": column.name, "ordinal_position": place}


def constraint_column_usage(shown: Shown, facts: Facts) -> Iterator[Row]:
    for row in key_column_usage(shown, facts):
        yield {name: value for name, value in row.items() if name != "ordinal_position"}


def constraint_table_usage(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        if relation.key is not None:
            yield _named(shown, relation, relation.key.name)


ROWS: Final[dict[str, Rows]] = {
    rows.__name__: rows
    for rows in (table_constraints, check_constraints, key_column_usage, constraint_column_usage, constraint_table_usage)
}
