"""The generator is the ground that every comparison stands on: what it writes is read back by the engines themselves."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import yaml

from tests.conftest import PostgresServer
from tests.fleets.build import build
from tests.fleets.layout import Stored
from tests.fleets.layouts import LAYOUTS
from tests.fleets.traps import TrapFleets


@pytest.fixture(scope="module")
def fleets(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> TrapFleets:
    return TrapFleets(postgres, tmp_path_factory.mktemp("fleets"))


def documents(fleets: TrapFleets, name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((fleets.fleet(name).catalog / "fleet.yaml").read_text()))


def rows_at(fleets: TrapFleets, name: str, node: dict[str, Any], query: str) -> list[tuple[Any, ...]]:
    place = fleets.fleet(name).catalog / node["url"]
    if node["engine"] == "sqlite":
        connection = sqlite3.connect(place)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()
    if node["engine"] == "postgres":
        with psycopg.connect(node["url"]) as server:
            return server.execute(query.encode()).fetchall()
    with duckdb.connect(str(place) if node["engine"] == "duckdb" else ":memory:") as database:
        return database.execute(query).fetchall()


@pytest.mark.parametrize("name", LAYOUTS)
def test_first_replicas_hold_each_row_of_the_union_once(fleets: TrapFleets, name: str) -> None:
    everything = documents(fleets, name)
    nodes = {d["name"]: d for d in everything if d["kind"] == "node"}
    counted: dict[str, int] = {}
    for table in ("readings", "devices"):
        shards: dict[str, tuple[int, dict[str, Any]]] = {}
        for d in everything:
            if d["kind"] == "placement" and d["table"] == table:
                shards.setdefault(d.get("shard", "all"), (d.get("priority", 100), d))
        for _, d in shards.values():
            node = nodes[d["node"]]
            place = fleets.fleet(name).catalog / node["url"]
            relation = f"read_parquet('{place}/{d['relation']}/*.parquet')" if node["engine"] == "parquet" else f'"{d["relation"]}"'
            counted[table] = counted.get(table, 0) + rows_at(fleets, name, node, f"SELECT count(*) FROM {relation}")[0][0]
    assert counted == {"readings": 2000, "devices": 24}


def test_encodings_of_one_moment(fleets: TrapFleets) -> None:
    """s1 stores microseconds, s2 ISO text, d1 Berlin's clock: each is turned back here by the engine's own means."""
    nodes = {d["name"]: d for d in documents(fleets, "sites") if d["kind"] == "node"}
    with psycopg.connect(fleets.union) as union:
        wanted = {
            site: union.execute(
                "SELECT (extract(epoch FROM min(ts)) * 1000000)::bigint, (extract(epoch FROM max(ts)) * 1000000)::bigint "
                "FROM readings WHERE site = %s", (site,),
            ).fetchone()
            for site in ("s1", "s2", "d1", "p1", "g1")
        }  # fmt: skip
    micro = "(unixepoch(substr({0}, 1, 19) || 'Z') * 1000000 + CAST(substr({0} || '000000', 21, 6) AS INTEGER))"
    low, high = (micro.format(f"trim({f}(stamp), 'Z')") for f in ("min", "max"))
    berlin, epoch = "epoch_us(timezone('Europe/Berlin', {}(local_ts)))", '(extract(epoch FROM {}("time")) * 1000000)::bigint'
    queries = {
        "s1": "SELECT min(at_us), max(at_us) FROM readings_s1",
        "s2": f"SELECT {low}, {high} FROM readings_s2",
        "d1": f"SELECT {berlin.format('min')}, {berlin.format('max')} FROM readings_d1",
        "p1": f"SELECT min(at_us), max(at_us) FROM '{fleets.fleet('sites').catalog}/data/p1/readings_p1/*.parquet'",
        "g1": f"SELECT {epoch.format('min')}, {epoch.format('max')} FROM readings_g1",
    }
    assert {site: rows_at(fleets, "sites", nodes[site], query)[0] for site, query in queries.items()} == wanted


def test_a_column_with_values_cannot_be_called_absent(fleets: TrapFleets, tmp_path: Path, postgres: PostgresServer) -> None:
    layout = LAYOUTS["single"]
    wrong = replace(layout, placements=(replace(layout.placements[0], stored={"site": Stored(absent=True)}), layout.placements[1]))
    with pytest.raises(ValueError, match="column site is said to be absent"):
        build(wrong, fleets.tables, fleets.views, tmp_path, postgres.create_database)
