"""Rows of information_schema for routines and their parameters, from pg_proc.

Source: https://www.postgresql.org/docs/15/infoschema-routines.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from fedgate.sql import tables as functions
from fedgate.sql.functions.system import plain_type_name
from fedgate.system.build import Row, Rows, static_rows
from fedgate.system.facts import DATABASE, Facts
from fedgate.system.objects import Shown, type_rows

_KINDS: Final = {"f": "FUNCTION", "p": "PROCEDURE"}
_MODES: Final = {"i": "IN", "o": "OUT", "b": "INOUT", "v": "IN", "t": "OUT"}
_LANGUAGES: Final = {12: "INTERNAL", 13: "C", 14: "SQL"}
_SCHEMAS: Final = {11: "pg_catalog"}


def routines(shown: Shown, facts: Facts) -> Iterator[Row]:
    return iter(_routines())


def parameters(shown: Shown, facts: Facts) -> Iterator[Row]:
    return iter(_parameters())


@cache
def _routines() -> tuple[Row, ...]:
    return tuple(map(_routine, static_rows("pg_proc")))


def _specific(row: Row) -> dict[str, Any]:
    return {
        "specific_catalog": DATABASE,
        "specific_schema": _schema(row),
        "specific_name": f"{row['proname']}_{row['oid']}",
    }


def _schema(row: Row) -> str:
    return _SCHEMAS.get(row["pronamespace"], "information_schema")


def _routine(row: Row) -> Row:
    internal = row["prolang"] == 12
    return {
        **_specific(row),
        "routine_catalog": DATABASE,
        "routine_schema": _schema(row),
        "routine_name": row["proname"],
        "routine_type": _KINDS.get(row["prokind"]),
        **(_type(row["prorettype"], "type_udt_") if row["prokind"] != "p" else {}),
        "dtd_identifier": "0" if row["prokind"] != "p" else None,
        "routine_body": "SQL" if row["prolang"] == 14 else "EXTERNAL",
        "routine_definition": row["prosrc"],
        "external_language": _LANGUAGES.get(row["prolang"], "C"),
        "parameter_style": "GENERAL",
        "is_deterministic": "YES" if row["provolatile"] == "i" else "NO",
        "sql_data_access": "MODIFIES",
        "is_null_call": ("YES" if row["proisstrict"] else "NO") if row["prokind"] != "p" else None,
        "schema_level_routine": "YES",
        "max_dynamic_result_sets": 0,
        "security_type": "DEFINER" if row["prosecdef"] else "INVOKER",
        "as_locator": "NO",
        "is_udt_dependent": "NO",
        "external_name": row["prosrc"] if not internal and row["prolang"] == 13 else None,
    }


@cache
def _parameters() -> tuple[Row, ...]:
    return tuple(parameter for row in static_rows("pg_proc") for parameter in _parameters_of(row))


def _parameters_of(row: Row) -> Iterator[Row]:
    types = row["proallargtypes"] or [int(oid) for oid in row["proargtypes"].split()]
    modes = row["proargmodes"] or ["i"] * len(types)
    names = row["proargnames"] or [""] * len(types)
    found = next((f for f in functions.functions(row["proname"]) if f.oid == row["oid"]), None)
    defaults = found.defaults if found is not None else ()
    inputs = [place for place, mode in enumerate(modes, 1) if mode in "ibv"]
    default = dict(zip(reversed(inputs), reversed(defaults), strict=False))
    for place, (oid, mode, name) in enumerate(zip(types, modes, names, strict=False), 1):
        yield {
            **_specific(row),
            "ordinal_position": place,
            "parameter_mode": _MODES[mode],
            "is_result": "NO",
            "as_locator": "NO",
            "parameter_name": name or None,
            **_type(oid, "udt_"),
            "dtd_identifier": str(place),
            "parameter_default": default.get(place),
        }


@cache
def _type(oid: int, prefix: str) -> dict[str, Any]:
    row = type_rows()[oid]
    schema = _SCHEMAS.get(row["typnamespace"], "information_schema")
    if row["typlen"] == -1 and row["typelem"]:
        named = "ARRAY"
    else:
        named = plain_type_name(oid) if schema == "pg_catalog" else "USER-DEFINED"
    return {"data_type": named, f"{prefix}catalog": DATABASE, f"{prefix}schema": schema, f"{prefix}name": row["typname"]}


ROWS: Final[dict[str, Rows]] = {rows.__name__: rows for rows in (routines, parameters)}
