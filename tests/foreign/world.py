"""Two servers with the same database `fedgate`: a PostgreSQL 15 of our own, and a gateway over a fleet that is cut from its rows.

On both a client logs in as `tester`. The schema `plant` holds a table whose name and columns need quotes. What only a
gateway has, the views of the schema `fedgate`, the PostgreSQL gets by name and columns; and it keeps no other database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.conftest import PostgresServer
from tests.fleets.build import build
from tests.fleets.layout import Engine, Layout, NodeSpec, PlacementSpec, Row, Stored
from tests.fleets.source import read_tables, read_views
from tests.oracle.gateway import serving
from tools.lib.cluster import Cluster

DATABASE, USER = "fedgate", "tester"
_SITES = {"north": "sqlite", "south": "duckdb", "east": "parquet"}
_NODES: dict[str, Engine] = {"sqlite": "sqlite", "duckdb": "duckdb", "parquet": "parquet", "pg": "postgres"}
_PAUSE = Stored(expression="iv::interval", input=("iv", "text"), local="v")
_ODD = "Odd names"
_KINDS = Path(__file__).parents[1] / "fleets" / "kinds.sql"
_VIEW_TYPES = (
    "SELECT relname, attname, format_type(atttypid, atttypmod) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
    "WHERE relnamespace = 'fedgate'::regnamespace AND attnum > 0 ORDER BY 1, attnum"
)

_VIEW_COMMENTS = (
    "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class WHERE relnamespace = 'fedgate'::regnamespace AND relkind = 'v'"
)


@dataclass(frozen=True, slots=True)
class Server:
    """Where a client is sent to."""

    host: str
    port: int
    name: str

    @property
    def dsn(self) -> str:
        return f"host={self.host} port={self.port} user={USER} dbname={DATABASE}"


@dataclass(frozen=True, slots=True)
class World:
    postgres: Server
    fedgate: Server


@contextmanager
def world(nodes: PostgresServer, directory: Path) -> Iterator[World]:
    """Both servers, running. `nodes` is the PostgreSQL that the fleet's PostgreSQL node gets a database of."""
    cluster = Cluster()
    cluster.start()
    try:
        own = _administer(cluster)
        with psycopg.connect(own, autocommit=True) as connection:
            catalog = _fleet(connection, nodes, directory)
            with serving(catalog) as gateway:
                fedgate = Server("127.0.0.1", gateway.port, "fedgate")
                _mirror(connection, fedgate)
                yield World(Server("127.0.0.1", cluster.port, "PostgreSQL"), fedgate)
    finally:
        cluster.stop()


def _administer(cluster: Cluster) -> str:
    """Names as a gateway has them: the owner of everything is `fedgate`, and so is the only database. Its connection string."""
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE passing SUPERUSER LOGIN")
    passing = f"host=127.0.0.1 port={cluster.port} user=passing dbname="
    with psycopg.connect(passing + "postgres", autocommit=True) as connection:
        connection.execute("ALTER ROLE postgres RENAME TO fedgate")
        connection.execute("CREATE DATABASE fedgate OWNER fedgate")
        connection.execute("CREATE ROLE tester LOGIN")
    own = f"host=127.0.0.1 port={cluster.port} user=fedgate dbname=fedgate"
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute("DROP ROLE passing")
        connection.execute("DROP EXTENSION plpgsql")
        connection.execute("UPDATE pg_database SET datistemplate = false")
        for name in ("postgres", "template1", "template0"):
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    return own


def _fleet(connection: psycopg.Connection, nodes: PostgresServer, directory: Path) -> Path:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(Path(__file__).with_name("world.sql").read_bytes())
    connection.execute(_KINDS.read_bytes())
    connection.execute("CREATE SCHEMA plant")
    tables = read_tables(connection)
    said = {name: _said(connection, name) for name in tables}
    connection.execute(sql.SQL("ALTER TABLE {} SET SCHEMA plant").format(sql.Identifier(_ODD)))
    odd = f"plant.{_ODD}"
    tables[odd] = replace(tables.pop(_ODD), name=odd)
    said[odd] = said.pop(_ODD)
    return build(_layout(odd, said), tables, read_views(connection), directory, nodes.create_database).catalog


def _layout(odd: str, said: dict[str, dict[str, Any]]) -> Layout:
    placed = [
        *(PlacementSpec("readings", node, site, check=f"site = '{site}'") for site, node in _SITES.items()),
        *(PlacementSpec("devices", node, "all", {"pause": _PAUSE}) for node in ("sqlite", "duckdb")),
        PlacementSpec(odd, "sqlite", "all", relation="odd"),
        PlacementSpec("kinds", "pg", "all"),
    ]  # fmt: skip
    cuts = {"readings": _site}
    return Layout("foreign", tuple(NodeSpec(*node) for node in _NODES.items()), tuple(placed), cuts, said)


def _site(_: int, row: Row) -> str:
    return str(row["site"])


def _said(connection: psycopg.Connection, table: str) -> dict[str, Any]:
    """What a table's document says beyond names and types: NOT NULL, the key, comments."""
    columns = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        (f'public."{table}"',),
    ).fetchall()
    key = connection.execute(
        "SELECT attname FROM pg_constraint, unnest(conkey) WITH ORDINALITY AS k(n, at) JOIN pg_attribute ON attnum = n "
        "WHERE contype = 'p' AND conrelid = %s::regclass AND attrelid = conrelid ORDER BY at",
        (f'public."{table}"',),
    ).fetchall()
    (comment,) = connection.execute("SELECT obj_description(%s::regclass, 'pg_class')", (f'public."{table}"',)).fetchall()[0]
    documents = [
        {"name": name, "type": type_} | ({"not_null": True} if fixed else {}) | ({"comment": about} if about else {})
        for name, type_, fixed, about in columns
    ]
    said: dict[str, Any] = {"columns": documents}
    if key:
        said["primary_key"] = [name for (name,) in key]
    return said | ({"comment": comment} if comment else {})


def _mirror(connection: psycopg.Connection, gateway: Server) -> None:
    """The schema `fedgate` in the PostgreSQL: the same views and columns, without rows; and what `tester` may do."""
    views: dict[str, list[tuple[str, str]]] = {}
    with closing(psycopg.connect(gateway.dsn, autocommit=True)) as asked:
        for view, column, type_ in asked.execute(_VIEW_TYPES):
            views.setdefault(view, []).append((column, type_))
        comments = asked.execute(_VIEW_COMMENTS).fetchall()
    connection.execute("CREATE SCHEMA fedgate")
    for view, columns in views.items():
        picked = sql.SQL(", ").join(sql.SQL("NULL::{} AS {}").format(sql.SQL(t), sql.Identifier(c)) for c, t in columns)
        connection.execute(sql.SQL("CREATE VIEW fedgate.{} AS SELECT {} WHERE false").format(sql.Identifier(view), picked))
    for view, comment in comments:
        connection.execute(sql.SQL("COMMENT ON VIEW fedgate.{} IS {}").format(sql.Identifier(view), comment))
    for schema in ("public", "plant", "fedgate"):
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO tester").format(sql.Identifier(schema)))
        connection.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO tester").format(sql.Identifier(schema)))
