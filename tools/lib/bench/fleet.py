"""Eight PostgreSQL nodes of readings, a hub with postgres_fdw over them, one DuckDB with the union, and a catalog."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import yaml

from tools.lib.cluster import Cluster

NODES = 8
SENSORS = 200
CLUSTER_SETTINGS = {"shared_buffers": "512MB", "work_mem": "64MB", "max_parallel_workers_per_gather": "0"}
COLUMNS = (
    ("site", "integer"),
    ("sensor", "integer"),
    ("ts", "timestamptz"),
    ("temp", "double precision"),
    ("hum", "real"),
    ("status", "smallint"),
)
# hashint4 spreads values without a random seed: every run measures the same rows.
_FILL = """
INSERT INTO readings
SELECT {site}, (abs(hashint4(i)) % {sensors})::int,
       timestamptz '2024-01-01 00:00+00' + i * interval '10 s' + {site} * interval '1 s',
       (abs(hashint4(i + {site})) % 60000) / 1000.0 - 15, ((i * 31) % 801) / 8.0, (i % 5)::smallint
FROM generate_series(1, {rows}) AS i"""


@dataclass(frozen=True, slots=True)
class BenchFleet:
    """Connection strings of the nodes and the hub, the DuckDB file, and the catalog's directory."""

    nodes: tuple[str, ...]
    hub: str
    union: Path
    catalog: Path


def build(cluster: Cluster, directory: Path, rows: int) -> BenchFleet:
    nodes = tuple(_database(cluster, f"node{site}") for site in range(NODES))
    for site, dsn in enumerate(nodes):
        with psycopg.connect(dsn, autocommit=True) as connection:
            declared = ", ".join(f"{name} {kind}" for name, kind in COLUMNS)
            connection.execute(f"CREATE TABLE readings ({declared})".encode())
            connection.execute(_FILL.format(site=site, sensors=SENSORS, rows=rows).encode())
            _make_sensors(connection)
            connection.execute("CREATE INDEX ON readings (sensor, ts)")
            connection.execute("VACUUM ANALYZE")
    hub = _hub(cluster, nodes)
    catalog = directory / "catalog"
    catalog.mkdir()
    (catalog / "fleet.yaml").write_text(yaml.safe_dump_all(_documents(cluster), sort_keys=False))
    return BenchFleet(nodes, hub, _union(directory, nodes), catalog)


def _database(cluster: Cluster, name: str) -> str:
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return cluster.dsn.replace("dbname=postgres", f"dbname={name}")


def _make_sensors(connection: psycopg.Connection) -> None:
    connection.execute(
        f"CREATE TABLE sensors AS SELECT i AS sensor, (ARRAY['A1', 'B2', 'C3', 'D4'])[i % 4 + 1] AS model "
        f"FROM generate_series(0, {SENSORS - 1}) AS i".encode()
    )


def _hub(cluster: Cluster, nodes: tuple[str, ...]) -> str:
    """As its manual advises for speed: partitions, asynchronous scans, large fetches, remote estimates."""
    hub = _database(cluster, "hub")
    declared = ", ".join(f"{name} {kind}" for name, kind in COLUMNS)
    with psycopg.connect(hub, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgres_fdw")
        connection.execute(f"CREATE TABLE readings ({declared}) PARTITION BY LIST (site)".encode())
        for site in range(len(nodes)):
            connection.execute(
                f"CREATE SERVER node{site} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '{cluster.port}', "
                f"dbname 'node{site}', async_capable 'true', fetch_size '10000', use_remote_estimate 'true')".encode()
            )
            connection.execute(f"CREATE USER MAPPING FOR postgres SERVER node{site} OPTIONS (user 'postgres')".encode())
            connection.execute(
                f"CREATE FOREIGN TABLE readings{site} PARTITION OF readings FOR VALUES IN ({site}) "
                f"SERVER node{site} OPTIONS (table_name 'readings')".encode()
            )
        _make_sensors(connection)
        connection.execute("SET enable_partitionwise_aggregate = on")
        connection.execute("ALTER DATABASE hub SET enable_partitionwise_aggregate = on")
        connection.execute("ANALYZE")
    return hub


def _documents(cluster: Cluster) -> list[dict[str, object]]:
    columns = [{"name": name, "type": kind} for name, kind in COLUMNS]
    sensors = [{"name": "sensor", "type": "integer"}, {"name": "model", "type": "text"}]
    documents: list[dict[str, object]] = [
        {"kind": "table", "name": "readings", "columns": columns},
        {"kind": "table", "name": "sensors", "columns": sensors, "distribution": "replicated"},
    ]
    for site in range(NODES):
        url = f"postgresql://postgres@127.0.0.1:{cluster.port}/node{site}"
        documents += [
            {"kind": "node", "name": f"node{site}", "engine": "postgres", "url": url},
            {"kind": "placement", "table": "readings", "node": f"node{site}", "relation": "readings", "check": f"site = {site}"},
            {"kind": "placement", "table": "sensors", "node": f"node{site}", "relation": "sensors"},
        ]
    return documents


def _union(directory: Path, nodes: tuple[str, ...]) -> Path:
    """All rows in one DuckDB, through CSV: the one format that both sides read without loss here."""
    path = directory / "union.duckdb"
    kinds = {
        "integer": "INTEGER",
        "double precision": "DOUBLE",
        "real": "REAL",
        "smallint": "SMALLINT",
        "timestamptz": "TIMESTAMPTZ",
        "text": "VARCHAR",
    }
    with duckdb.connect(str(path)) as target:
        target.execute("SET TimeZone = 'UTC'")
        target.execute(f"CREATE TABLE readings ({', '.join(f'{name} {kinds[kind]}' for name, kind in COLUMNS)})")
        target.execute("CREATE TABLE sensors (sensor INTEGER, model VARCHAR)")
        for at, dsn in enumerate(nodes):
            with psycopg.connect(dsn) as source:
                for table in ("readings", "sensors") if at == 0 else ("readings",):
                    file = directory / "rows.csv"
                    with (
                        file.open("wb") as out,
                        source.cursor() as cursor,
                        cursor.copy(f"COPY {table} TO STDOUT CSV".encode()) as copy,
                    ):
                        for block in copy:
                            out.write(block)
                    target.execute(f"INSERT INTO {table} FROM read_csv('{file}', header = false, all_varchar = true)")
                    file.unlink()
    return path
