"""Builds a fleet: node files, databases and catalog documents from tables and a layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import yaml
from psycopg.conninfo import conninfo_to_dict

from tests.fleets.layout import Layout, NodeSpec, PlacementSpec, Stored
from tests.fleets.source import SourceTable
from tests.fleets.write import local_name, write_file, write_postgres

ALL = "all"
_SUFFIX = {"sqlite": ".db", "duckdb": ".duckdb", "parquet": ""}


@dataclass(frozen=True, slots=True)
class Fleet:
    """`catalog` is the directory of the documents; node files lie below it.

    `shards`: by table and shard, the home node and the rows (of a replicated table: shard "all").
    """

    name: str
    catalog: Path
    shards: dict[str, dict[str, tuple[str, list[tuple[str | None, ...]]]]]


def build(
    layout: Layout,
    tables: dict[str, SourceTable],
    views: dict[str, str],
    directory: Path,
    create_database: Callable[[str], str],
) -> Fleet:
    """Write everything below `directory`. `create_database` makes an empty PostgreSQL database and gives its connection string."""
    (directory / "data").mkdir(parents=True)
    nodes = {node.name: node for node in layout.nodes}
    databases = {node.name: create_database(f"node_{node.name}") for node in layout.nodes if node.engine == "postgres"}
    shards = {name: _cut(layout, table) for name, table in tables.items()}
    for placement in layout.placements:
        table, node = tables[placement.table], nodes[placement.node]
        rows = shards[placement.table].get(placement.shard, []) if placement.shard != ALL else list(table.rows)
        _verify_absent(table, placement, rows)
        if node.engine == "postgres":
            with psycopg.connect(databases[node.name], autocommit=True) as connection:
                write_postgres(connection, relation_of(placement), table, rows, dict(placement.stored))
        else:
            path = directory / "data" / f"{node.name}{_SUFFIX[node.engine]}"
            write_file(node.engine, path, relation_of(placement), table, rows, dict(placement.stored))
    _verify_whole(layout, shards)
    documents = [
        *(_node_document(node, databases) for node in layout.nodes),
        *(_table_document(layout, table) for table in tables.values()),
        *(_placement_document(p, tables[p.table], nodes[p.node]) for p in layout.placements),
        *({"kind": "view", "name": name, "query": text} for name, text in views.items()),
    ]
    (directory / "fleet.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return Fleet(layout.name, directory, {name: _homes(layout, table, shards[name]) for name, table in tables.items()})


def relation_of(placement: PlacementSpec) -> str:
    return placement.relation or (placement.table if placement.shard == ALL else f"{placement.table}_{placement.shard}")


def _cut(layout: Layout, table: SourceTable) -> dict[str, list[tuple[str | None, ...]]]:
    cut = layout.cuts.get(table.name)
    shards: dict[str, list[tuple[str | None, ...]]] = {}
    if cut is not None:
        names = [column.name for column in table.columns]
        for at, row in enumerate(table.rows):
            shards.setdefault(cut(at, dict(zip(names, row, strict=True))), []).append(row)
    return shards


def _homes(
    layout: Layout, table: SourceTable, cut: dict[str, list[tuple[str | None, ...]]]
) -> dict[str, tuple[str, list[tuple[str | None, ...]]]]:
    """A shard's home is its placement of the lowest priority, ties by the node's name."""
    placed = sorted(
        (p for p in layout.placements if p.table == table.name), key=lambda p: (100 if p.priority is None else p.priority, p.node)
    )
    homes: dict[str, str] = {}
    for placement in placed:
        homes.setdefault(placement.shard, placement.node)
    return {shard: (home, cut.get(shard, []) if shard != ALL else list(table.rows)) for shard, home in homes.items()}


def _verify_absent(table: SourceTable, placement: PlacementSpec, rows: list[tuple[str | None, ...]]) -> None:
    for name, how in placement.stored.items():
        place = table.index(name)
        if how.absent and any(row[place] is not None for row in rows):
            raise ValueError(f"{placement.table} at {placement.node}: column {name} is said to be absent but has values")


def _verify_whole(layout: Layout, shards: dict[str, dict[str, list[tuple[str | None, ...]]]]) -> None:
    for name, cut in shards.items():
        placed = {placement.shard for placement in layout.placements if placement.table == name}
        if not placed or set(cut) - placed:
            raise ValueError(f"{layout.name}: shards of {name} without a placement: {sorted(set(cut) - placed)}")


def _node_document(node: NodeSpec, databases: dict[str, str]) -> dict[str, object]:
    url = _postgres_url(databases[node.name]) if node.engine == "postgres" else f"data/{node.name}{_SUFFIX[node.engine]}"
    document: dict[str, object] = {"kind": "node", "name": node.name, "engine": node.engine, "url": url}
    return document | ({"labels": node.labels} if node.labels else {}) | ({"options": node.options} if node.options else {})


def _postgres_url(dsn: str) -> str:
    parts = conninfo_to_dict(dsn)
    return f"postgresql://{parts['user']}@{parts['host']}:{parts['port']}/{parts['dbname']}"


def _table_document(layout: Layout, table: SourceTable) -> dict[str, object]:
    columns = [{"name": column.name, "type": column.type} for column in table.columns]
    distribution = "sharded" if table.name in layout.cuts else "replicated"
    said = layout.said.get(table.name, {})
    return {"kind": "table", "name": table.name, "columns": columns, "distribution": distribution, **said}


def _placement_document(placement: PlacementSpec, table: SourceTable, node: NodeSpec) -> dict[str, object]:
    relation: object = relation_of(placement)
    document: dict[str, object] = {"kind": "placement", "table": table.name, "node": node.name, "relation": relation}
    if placement.shard != ALL:
        document["shard"] = placement.shard
    if placement.priority is not None:
        document["priority"] = placement.priority
    if placement.check is not None:
        document["check"] = placement.check
    types = {column.name: column for column in table.columns}
    maps = {name: _column_map(types[name].name, how, local_name(types[name], how)) for name, how in placement.stored.items()}
    return document | ({"columns": maps} if maps else {})


def _column_map(name: str, how: Stored, local: str) -> object:
    if how.absent:
        return {"absent": True}
    if how.expression is not None:
        return {"expression": how.expression} | ({"inputs": {how.input[0]: how.input[1]}} if how.input else {})
    extra = {key: value for key, value in (("encoding", how.encoding), ("zone", how.zone)) if value is not None}
    if not extra:
        return local
    return ({"from": local} if local != name else {"from": name}) | extra
