"""A layout says how tables are cut into shards, which nodes hold them, and how each node stores its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Engine = Literal["sqlite", "duckdb", "parquet", "postgres"]
Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Stored:
    """How one column is stored at a placement; the default: under its own name, in the engine's own type.

    `name` another name; `encoding`, `zone` as in the catalog; `expression` how the catalog gets the column back from `input`, the
    local column that is filled with `local` (SQL over the text `v`); `absent`: not there, so all its rows must be NULL.
    """

    name: str | None = None
    encoding: str | None = None
    zone: str | None = None
    expression: str | None = None
    input: tuple[str, str] | None = None
    local: str | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class NodeSpec:
    name: str
    engine: Engine
    labels: dict[str, str] = field(default_factory=dict)
    options: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlacementSpec:
    """One copy of shard `shard` of `table` at `node`. shard "all": a replicated table's copy."""

    table: str
    node: str
    shard: str
    stored: Mapping[str, Stored] = field(default_factory=dict)
    check: str | None = None
    priority: int | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """`cuts` gives, for each sharded table, the shard of a row; tables without a cut are replicated. `said`: what else a table's
    document says."""

    name: str
    nodes: tuple[NodeSpec, ...]
    placements: tuple[PlacementSpec, ...]
    cuts: Mapping[str, Callable[[int, Row], str]]
    said: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
