"""A fleet as dashboards see it: flights and weather by airport on four engines, carriers and rules at each; rows in schema.sql."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg

from tests.conftest import PostgresServer
from tests.fleets.build import ALL
from tests.fleets.layout import Engine, Layout, NodeSpec, PlacementSpec, Stored
from tests.fleets.union import Union, UnionFleet

SCHEMA = Path(__file__).with_name("schema.sql")
_AIRPORTS: dict[str, Engine] = {"EWR": "sqlite", "JFK": "duckdb", "LGA": "parquet", "PHL": "postgres"}
_NODES = {airport: NodeSpec(airport.lower(), engine, {"site": airport}) for airport, engine in _AIRPORTS.items()}
_SHARDED = ("flights", "weather")
_COPIED = ("airlines", "Fare Rules")
_TIME = Stored("at_s", encoding="unix_s")
"""How the SQLite node keeps times."""
_RELATIONS = {"Fare Rules": "fare_rules"}

LAYOUT = Layout(
    "bi",
    tuple(_NODES.values()),
    tuple(
        PlacementSpec(
            table, node.name, airport, {"time_hour": _TIME} if node.engine == "sqlite" else {}, check=f"origin = '{airport}'"
        )
        for table in _SHARDED
        for airport, node in _NODES.items()
    )
    + tuple(PlacementSpec(table, node.name, ALL, relation=_RELATIONS.get(table)) for table in _COPIED for node in _NODES.values()),
    {table: lambda _, row: str(row["origin"]) for table in _SHARDED},
)


class BiFleet(UnionFleet):
    """`union` is the database that has it all, `fleet` the same in pieces."""

    def __init__(self, postgres: PostgresServer, directory: Path) -> None:
        Union.__init__(self, postgres, "bi", SCHEMA)
        self.fleet = self.build(replace(LAYOUT, said=_said(self.union)), directory)


def _said(union: str) -> dict[str, dict[str, object]]:
    """What PostgreSQL's catalogs say of each table, as its document says it: NOT NULL, comments, primary keys."""
    said: dict[str, dict[str, object]] = {}
    with psycopg.connect(union, autocommit=True) as connection:
        for name, oid, comment in connection.execute(
            "SELECT relname, oid, obj_description(oid, 'pg_class') FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall():
            columns = [
                {"name": column, "type": spelling, "not_null": not_null} | ({"comment": told} if told else {})
                for column, spelling, not_null, told in connection.execute(
                    "SELECT attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum) "
                    "FROM pg_attribute WHERE attrelid = %s AND attnum > 0 ORDER BY attnum",
                    (oid,),
                )
            ]
            key = [
                column
                for (column,) in connection.execute(
                    "SELECT a.attname FROM pg_constraint c, unnest(c.conkey) WITH ORDINALITY AS k (num, place), pg_attribute a "
                    "WHERE c.contype = 'p' AND c.conrelid = %s AND a.attrelid = %s AND a.attnum = k.num ORDER BY k.place",
                    (oid, oid),
                )
            ]
            said[name] = (
                {"columns": columns}
                | ({"comment": comment} if comment else {})
                | ({"primary_key": key} if key else {})
                | ({"shard_key": ["origin"]} if name in _SHARDED else {})
                | ({"colocated_with": "flights"} if name == "weather" else {})
            )
    return said
