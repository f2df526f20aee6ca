"""Rows of information_schema for schemas, tables, views and columns; keys, rights and routines are in files of their own.

Source: https://www.postgresql.org/docs/15/information-schema.html; nothing can be written, so nothing is updatable or insertable.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from fedgate.schema import Column
from fedgate.system import information_keys, information_rights, information_routines
from fedgate.system.build import Row, Rows, static_rows
from fedgate.system.facts import DATABASE, OWNER, Facts
from fedgate.system.objects import Shown, system_relations, type_rows
from fedgate.system.pg_views import view_definition
from fedgate.system.tables import kinds
from fedgate.types import BY_OID, SqlType, format_type
from fedgate.types.catalog import numeric_precision_scale

_BITS: Final = {21: 16, 23: 32, 20: 64, 700: 24, 701: 53}
_STRINGS: Final = (1042, 1043)
_COLLATIONS: Final = {950: "C", 951: "POSIX"}
_SECONDS: Final = (1083, 1114, 1184, 1186, 1266)
_HEADER: Final = 4
_OCTETS_PER_CHARACTER: Final = 4
_TEXT_OCTETS: Final = 2**30


_TABLE_TYPES: Final = {"r": "BASE TABLE", "v": "VIEW", "t": "LOCAL TEMPORARY"}


def schemata(shown: Shown, facts: Facts) -> Iterator[Row]:
    for name in shown.schemas:
        yield {"catalog_name": DATABASE, "schema_name": name, "schema_owner": "pg_database_owner" if name == "public" else OWNER}


def tables(shown: Shown, facts: Facts) -> Iterator[Row]:
    ours = ((r.schema, r.name, "t" if r.temporary else r.kind) for r in shown.relations)
    for schema, name, kind in (*ours, *((t.schema, t.name, kinds()[t.schema, t.name]) for t in system_relations())):
        yield {
            "table_catalog": DATABASE,
            "table_schema": schema,
            "table_name": name,
            "table_type": _TABLE_TYPES[kind],
            "is_insertable_into": "YES" if kind == "t" else "NO",
            "is_typed": "NO",
        }


def views(shown: Shown, facts: Facts) -> Iterator[Row]:
    ours = ((r.schema, r.name, view_definition(r)) for r in shown.relations if r.kind == "v")
    system = ((t.schema, t.name, None) for t in system_relations() if kinds()[t.schema, t.name] == "v")
    for schema, name, query in (*ours, *system):
        yield {
            "table_catalog": DATABASE,
            "table_schema": schema,
            "table_name": name,
            "view_definition": query,
            "check_option": "NONE",
            "is_updatable": "NO",
            "is_insertable_into": "NO",
            "is_trigger_updatable": "NO",
            "is_trigger_deletable": "NO",
            "is_trigger_insertable_into": "NO",
        }


def columns(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        for column in relation.columns:
            yield _column(relation.schema, relation.name, column)
    yield from _system_columns()


@cache
def _system_columns() -> tuple[Row, ...]:
    """Those of PostgreSQL's own relations; a column of a domain has its base type, and the domain's name."""
    domains = {row["oid"]: row["typname"] for row in static_rows("pg_type") if row["typtype"] == "d"}
    of = {(row["attrelid"], row["attnum"]): row for row in static_rows("pg_attribute")}
    found = []
    for table in system_relations():
        for column in table.columns:
            attribute = of[table.oid, column.attnum]
            row = {**_column(table.schema, table.name, column), **_collated(attribute["attcollation"])}
            domain = domains.get(attribute["atttypid"])
            if domain is not None:
                row = {**row, "domain_catalog": DATABASE, "domain_schema": "information_schema", "domain_name": domain}
            found.append(row)
    return tuple(found)


def _column(schema: str, table: str, column: Column) -> Row:
    return {
        "table_catalog": DATABASE,
        "table_schema": schema,
        "table_name": table,
        "column_name": column.name,
        "ordinal_position": column.attnum,
        "is_nullable": "NO" if column.not_null else "YES",
        **_type(column.type),
        "dtd_identifier": str(column.attnum),
        "is_self_referencing": "NO",
        "is_identity": "NO",
        "identity_cycle": "NO",
        "is_generated": "NEVER",
        "is_updatable": "NO",
    }


@cache
def _type(type_: SqlType) -> Row:
    oid = type_.oid
    row = type_rows()[oid]
    described = {"data_type": "ARRAY"} if row["typlen"] == -1 and row["typelem"] else _plain_type(oid, type_.typmod)
    return {
        **described,
        **_collated(row["typcollation"]),
        "udt_catalog": DATABASE,
        "udt_schema": "pg_catalog",
        "udt_name": row["typname"],
    }


def _collated(collation: int) -> dict[str, Any]:
    """A collation that is not the database's."""
    name = _COLLATIONS.get(collation)
    if name is None:
        return {}
    return {"collation_catalog": DATABASE, "collation_schema": "pg_catalog", "collation_name": name}


def _plain_type(oid: int, typmod: int) -> dict[str, Any]:
    described: dict[str, Any] = {"data_type": "character" if oid == _STRINGS[0] else format_type(oid)}
    if oid in _BITS:
        described |= {"numeric_precision": _BITS[oid], "numeric_precision_radix": 2}
        if oid in (20, 21, 23):
            described["numeric_scale"] = 0
    elif oid == 1700:
        described["numeric_precision_radix"] = 10
        if (found := numeric_precision_scale(typmod)) is not None:
            described |= {"numeric_precision": found[0], "numeric_scale": found[1]}
    elif oid in _STRINGS and typmod >= 0:
        length = typmod - _HEADER
        described |= {"character_maximum_length": length, "character_octet_length": length * _OCTETS_PER_CHARACTER}
    elif oid in (25, *_STRINGS):
        described["character_octet_length"] = _TEXT_OCTETS
    elif oid == 1082:
        described["datetime_precision"] = 0
    elif oid in _SECONDS:
        described["datetime_precision"] = typmod if typmod >= 0 else 6
    return described


def element_types(shown: Shown, facts: Facts) -> Iterator[Row]:
    """The elements of columns that are arrays."""
    for relation in shown.relations:
        for column in relation.columns:
            if column.type.pg.is_array:
                element = _type(SqlType(BY_OID[column.type.oid].element_oid))
                yield {
                    "object_catalog": DATABASE,
                    "object_schema": relation.schema,
                    "object_name": relation.name,
                    "object_type": "TABLE",
                    "collection_type_identifier": str(column.attnum),
                    "data_type": element["data_type"],
                    **{name: element[name] for name in ("udt_catalog", "udt_schema", "udt_name")},
                    "dtd_identifier": f"a{column.attnum}",
                }


def data_type_privileges(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        for column in relation.columns:
            yield {
                "object_catalog": DATABASE,
                "object_schema": relation.schema,
                "object_name": relation.name,
                "object_type": "TABLE",
                "dtd_identifier": str(column.attnum),
            }


def column_udt_usage(shown: Shown, facts: Facts) -> Iterator[Row]:
    for relation in shown.relations:
        for column in relation.columns:
            yield {
                **{name: value for name, value in _type(column.type).items() if name.startswith("udt_")},
                "table_catalog": DATABASE,
                "table_schema": relation.schema,
                "table_name": relation.name,
                "column_name": column.name,
            }


def information_schema_catalog_name(shown: Shown, facts: Facts) -> Iterator[Row]:
    yield {"catalog_name": DATABASE}


def collations(shown: Shown, facts: Facts) -> Iterator[Row]:
    for row in static_rows("pg_collation"):
        yield {**_collation(row), "pad_attribute": "NO PAD"}


def collation_character_set_applicability(shown: Shown, facts: Facts) -> Iterator[Row]:
    for row in static_rows("pg_collation"):
        yield {**_collation(row), "character_set_name": "UTF8"}


def _collation(row: Row) -> dict[str, Any]:
    return {"collation_catalog": DATABASE, "collation_schema": "pg_catalog", "collation_name": row["collname"]}


ROWS: Final[dict[str, Rows]] = {
    **{
        rows.__name__: rows
        for rows in (
            *(schemata, tables, views, columns, element_types, data_type_privileges, column_udt_usage),
            *(information_schema_catalog_name, collations, collation_character_set_applicability),
        )
    },
    **information_keys.ROWS,
    **information_rights.ROWS,
    **information_routines.ROWS,
}
LIVE: Final = frozenset(information_rights.ROWS)
