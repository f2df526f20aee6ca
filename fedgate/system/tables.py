"""The definitions of all system relations: pg_catalog and information_schema as in PostgreSQL 15, and the schema `fedgate`.

Contract: one Table object per relation for the life of the process. OIDs of PostgreSQL's relations are PostgreSQL's; those of the
schema `fedgate` are below 16384 too, so that they never meet a virtual table's.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from fedgate.catalog import oids
from fedgate.schema import Column, Table
from fedgate.types import BY_OID, SqlType, parse_type

DATA: Final = Path(__file__).parent / "data"
SCHEMAS: Final = ("pg_catalog", "information_schema", "fedgate")
OWN: Final = "fedgate"
_OWN_FIRST, _OWN_LAST = 15_000, 16_383

# relation -> (comment, columns)
_FEDGATE: Final[dict[str, tuple[str, str]]] = {
    "nodes": (
        "Member databases, and what the gateway last saw of them",
        "name text, engine text, url text, labels jsonb, state text, last_error text, last_seen timestamptz",
    ),
    "tables": ("Virtual tables", "schema text, name text, distribution text, shards bigint, labels jsonb, comment text"),
    "placements": (
        "Which node holds which shard of a table",
        "table text, node text, shard text, relation text, priority integer, check text, labels jsonb",
    ),
    "groups": ("Named sets of nodes", "name text, selector text, nodes text[], comment text"),
    "settings": ("Settings of this session", "name text, value text, default text, unit text, about text"),
    "problems": (
        "Documents that were set aside, placements that nodes contradict",
        "kind text, name text, message text, since timestamptz",
    ),
    "last_query_nodes": (
        "What each node did for the last statement of this session",
        "query_id bigint, node text, shard text, state text, rows bigint, bytes bigint, milliseconds double precision, sql text, "
        "error text",
    ),
    "queries": (
        "Statements that run or ran lately",
        "query_id bigint, user text, started timestamptz, state text, milliseconds double precision, rows bigint, query text, "
        "error text",
    ),
}


@cache
def tables() -> dict[tuple[str, str], Table]:
    """All system relations by (schema, name)."""
    found = {}
    for line in (DATA / "relations.tsv").read_text(encoding="utf-8").splitlines():
        schema, name, oid, _, described = line.split("\t")
        found[(schema, name)] = Table(
            schema,
            name,
            tuple(
                Column(place, column, SqlType(_type(type_), typmod), not_null)
                for place, (column, type_, typmod, not_null) in enumerate(json.loads(described), 1)
            ),
            int(oid),
            kind="system",
        )
    numbers = oids.assign((("table", OWN, name) for name in _FEDGATE), _OWN_FIRST, _OWN_LAST)
    for name, (comment, written) in _FEDGATE.items():
        columns = tuple(
            Column(place, column, parse_type(type_))
            for place, (column, _, type_) in enumerate((item.strip().partition(" ") for item in written.split(",")), 1)
        )
        found[(OWN, name)] = Table(OWN, name, columns, numbers[("table", OWN, name)], kind="system", comment=comment)
    return found


def _type(oid: int) -> int:
    """The type of a column: text for what has no carrier."""
    return oid if oid in BY_OID else 25


@cache
def kinds() -> dict[tuple[str, str], str]:
    """pg_class.relkind of every system relation."""
    lines = (line.split("\t", 4) for line in (DATA / "relations.tsv").read_text(encoding="utf-8").splitlines())
    return {**{(schema, name): kind for schema, name, _, kind, _ in lines}, **{(OWN, name): "v" for name in _FEDGATE}}
