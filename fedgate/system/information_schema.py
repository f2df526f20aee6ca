"""Rows of information_schema that come from the snapshot.

Source: https://www.postgresql.org/docs/15/information-schema.html; nothing can be written, so nothing is updatable or insertable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fedgate.catalog.snapshot import Snapshot
from fedgate.schema import Column
from fedgate.system.build import Row
from fedgate.system.facts import DATABASE, OWNER, Facts
from fedgate.system.objects import relations, schema_oids, type_rows
from fedgate.system.pg_catalog import Rows, primary_key_name
from fedgate.types import format_type
from fedgate.types.catalog import numeric_precision_scale

_BITS: Final = {21: 16, 23: 32, 20: 64, 700: 24, 701: 53}
_STRINGS: Final = (1042, 1043)
_SECONDS: Final = (1083, 1114, 1184, 1186)
_HEADER: Final = 4
_OCTETS_PER_CHARACTER: Final = 4
_TEXT_OCTETS: Final = 2**30


def schemata(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for name in schema_oids(snapshot):
        yield {"catalog_name": DATABASE, "schema_name": name, "schema_owner": OWNER}


def tables(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for relation in relations(snapshot):
        yield {
            "table_catalog": DATABASE,
            "table_schema": relation.schema,
            "table_name": relation.name,
            "table_type": "BASE TABLE" if relation.kind == "r" else "VIEW",
            "is_insertable_into": "NO",
            "is_typed": "NO",
        }


def views(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for relation in relations(snapshot):
        if relation.kind == "v":
            yield {
                "table_catalog": DATABASE,
                "table_schema": relation.schema,
                "table_name": relation.name,
                "view_definition": relation.query,
                "check_option": "NONE",
                "is_updatable": "NO",
                "is_insertable_into": "NO",
                "is_trigger_updatable": "NO",
                "is_trigger_deletable": "NO",
                "is_trigger_insertable_into": "NO",
            }


def columns(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for relation in relations(snapshot):
        for column in relation.columns:
            yield {
                "table_catalog": DATABASE,
                "table_schema": relation.schema,
                "table_name": relation.name,
                "column_name": column.name,
                "ordinal_position": column.attnum,
                "is_nullable": "NO" if column.not_null else "YES",
                **_type(column),
                "udt_catalog": DATABASE,
                "udt_schema": "pg_catalog",
                "udt_name": type_rows()[column.type.oid]["typname"],
                "dtd_identifier": str(column.attnum),
                "is_self_referencing": "NO",
                "is_identity": "NO",
                "identity_cycle": "NO",
                "is_generated": "NEVER",
                "is_updatable": "NO",
            }


def _type(column: Column) -> dict[str, Any]:
    oid, typmod = column.type.oid, column.type.typmod
    if column.type.pg.is_array:
        return {"data_type": "ARRAY"}
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


def table_constraints(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for relation in relations(snapshot):
        if relation.primary_key:
            yield {
                "constraint_catalog": DATABASE,
                "constraint_schema": relation.schema,
                "constraint_name": primary_key_name(relation),
                "table_catalog": DATABASE,
                "table_schema": relation.schema,
                "table_name": relation.name,
                "constraint_type": "PRIMARY KEY",
                "is_deferrable": "NO",
                "initially_deferred": "NO",
                "enforced": "NO",
            }


def key_column_usage(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    for relation in relations(snapshot):
        for place, name in enumerate(relation.primary_key, 1):
            yield {
                "constraint_catalog": DATABASE,
                "constraint_schema": relation.schema,
                "constraint_name": primary_key_name(relation),
                "table_catalog": DATABASE,
                "table_schema": relation.schema,
                "table_name": relation.name,
                "column_name": name,
                "ordinal_position": place,
            }


def information_schema_catalog_name(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    yield {"catalog_name": DATABASE}


def enabled_roles(snapshot: Snapshot, facts: Facts) -> Iterator[Row]:
    yield {"role_name": facts.user}


ROWS: dict[str, Rows] = {
    rows.__name__: rows
    for rows in (
        *(schemata, tables, views, columns, table_constraints, key_column_usage),
        *(information_schema_catalog_name, enabled_roles),
    )
}
