"""The fleets of the workloads: eight nodes of all four engines."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from tests.fleets.build import ALL
from tests.fleets.layout import Engine, Layout, NodeSpec, PlacementSpec, Row, Stored

_ENGINES: tuple[Engine, ...] = ("sqlite", "duckdb", "parquet", "postgres", "sqlite", "duckdb", "parquet", "postgres")
NODES = tuple(NodeSpec(f"n{i}", engine) for i, engine in enumerate(_ENGINES))
_SHARDS = tuple(f"s{i}" for i in range(len(NODES)))

Cut = Callable[[int, Row], str]


def _by(column: str) -> Cut:
    return lambda _, row: _SHARDS[int(row[column] or 0) % len(_SHARDS)]


def _scattered(_: int, row: Row) -> str:
    return _SHARDS[zlib.crc32(repr(sorted(row.items())).encode()) % len(_SHARDS)]


def _sharded(table: str, stored: dict[str, Stored]) -> tuple[PlacementSpec, ...]:
    """A shard of the table at every node."""
    return tuple(
        PlacementSpec(table, node.name, shard, stored if node.engine == "sqlite" else {})
        for node, shard in zip(NODES, _SHARDS, strict=True)
    )


def _copies(*tables: str) -> tuple[PlacementSpec, ...]:
    return tuple(PlacementSpec(table, node.name, ALL) for table in tables for node in NODES)


def _layout(
    name: str,
    cuts: dict[str, Cut],
    copies: tuple[str, ...],
    said: dict[str, dict[str, object]],
    stored: dict[str, Stored] | None = None,
) -> Layout:
    """`stored`: the habit of the SQLite nodes."""
    placements = tuple(p for table in cuts for p in _sharded(table, stored or {}))
    return Layout(name, NODES, placements + _copies(*copies), cuts, said)


_MICROSECONDS = {"time": Stored("at_us", encoding="unix_us")}
_TPCH_COPIES = ("region", "nation", "supplier")

TPCH_COLOCATED = _layout(
    "tpch_colocated",
    {
        "customer": _by("c_custkey"),
        "orders": _by("o_orderkey"),
        "lineitem": _by("l_orderkey"),
        "part": _by("p_partkey"),
        "partsupp": _by("ps_partkey"),
    },
    _TPCH_COPIES,
    {
        "customer": {"shard_key": ["c_custkey"]},
        "orders": {"shard_key": ["o_orderkey"]},
        "lineitem": {"shard_key": ["l_orderkey"], "colocated_with": "orders"},
        "part": {"shard_key": ["p_partkey"]},
        "partsupp": {"shard_key": ["ps_partkey"], "colocated_with": "part"},
    },
)
"""Orders with their lines, parts with their suppliers' offers at one node each."""

TPCH_SCATTERED = _layout(
    "tpch_scattered", dict.fromkeys(("customer", "orders", "lineitem", "partsupp"), _scattered), (*_TPCH_COPIES, "part"), {}
)
"""Rows anywhere."""

TSBS_DEVOPS_IOT = _layout(
    "tsbs",
    {"cpu": _by("tags_id"), "readings": _by("tags_id"), "diagnostics": _by("tags_id")},
    ("hosts", "trucks"),
    {"diagnostics": {"shard_key": ["tags_id"]}, "readings": {"shard_key": ["tags_id"], "colocated_with": "diagnostics"}},
    _MICROSECONDS,
)
"""Each host's and truck's rows at one node."""

TSBS_SCATTERED = _layout(
    "tsbs_scattered", dict.fromkeys(("cpu", "readings", "diagnostics"), _scattered), ("hosts", "trucks"), {}, _MICROSECONDS
)
"""Rows anywhere, so that groups span nodes."""
