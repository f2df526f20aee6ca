"""The same rows placed in seven ways, in one catalog: each way is a schema with the trap tables, so that search_path picks one."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.fleets.build import ALL, Fleet, build
from tests.fleets.layout import Layout, NodeSpec, PlacementSpec, Row, Stored
from tests.fleets.source import SourceTable

NODES = (
    NodeSpec("d1", "duckdb"),
    NodeSpec("s1", "sqlite"),
    NodeSpec("p1", "parquet"),
    NodeSpec("s2", "sqlite"),
    NodeSpec("d2", "duckdb"),
)
HABITS = {"s2": {"ts": Stored("at_us", encoding="unix_us")}, "p1": {"note": Stored("remark")}}
Cut = Callable[[int, Row], str]


def _turns(count: int) -> tuple[Cut, tuple[str, ...]]:
    return (lambda at, _: f"p{at % count}"), tuple(f"p{i}" for i in range(count))


def _skewed(at: int, row: Row) -> str:
    return "rare" if at % 100 == 0 else "lonely" if row["device"] == "3" else "most"


def _hashed(_: int, row: Row) -> str:
    return f"h{zlib.crc32(repr(sorted(row.items())).encode()) % 3}"


WAYS: dict[str, tuple[Cut, tuple[str, ...]] | None] = {
    "one": _turns(1),
    "two": _turns(2),
    "five": _turns(5),
    "twenty": _turns(20),
    "copied": None,
    "skewed": (_skewed, ("most", "rare", "lonely")),
    "hollow": (_hashed, ("h0", "empty", "h1", "h2", "void")),
}
"""By schema: how readings are cut and the shards, of which some have no row; None: replicated."""


def placements_fleet(tables: dict[str, SourceTable], directory: Path) -> Fleet:
    """The trap tables in each way: readings as WAYS say, devices replicated, or cut where readings are not."""
    placed: list[PlacementSpec] = []
    cuts: dict[str, Cut] = {}
    named: dict[str, SourceTable] = {}
    for way, cut in WAYS.items():
        halves = _turns(2) if cut is None else None
        for name, how in (("readings", cut), ("devices", halves)):
            table = f"{way}.{name}"
            named[table] = replace(tables[name], name=table)
            shards = (ALL,) if how is None else how[1]
            if how is not None:
                cuts[table] = how[0]
            homes = [(shard, node) for shard in shards for node in NODES] if how is None else _dealt(shards)
            placed += [
                PlacementSpec(
                    table,
                    node.name,
                    shard,
                    HABITS.get(node.name, {}) if name == "readings" else {},
                    relation=f"{way}_{name}_{shard}",
                )
                for shard, node in homes
            ]
    return build(Layout("placements", NODES, tuple(placed), cuts), named, {}, directory, _no_database)


def _dealt(shards: tuple[str, ...]) -> list[tuple[str, NodeSpec]]:
    return [(shard, NODES[at % len(NODES)]) for at, shard in enumerate(shards)]


def _no_database(name: str) -> str:
    raise AssertionError("no node of this fleet is a PostgreSQL")
