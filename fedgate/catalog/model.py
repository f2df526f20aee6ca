"""What the catalog says, resolved: nodes, placements, shards, groups. Frozen; made by `documents`, held by `snapshot`.

Expressions in documents (`check`, `expression`) are bound here, once: a check over Vars of relation CHECK_REL with the virtual
table's attnums, a column's expression over Vars of relation INPUT_REL whose `col` is the input's place from 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fedgate.schema import Table
from fedgate.sql.tree import Expr
from fedgate.types import SqlType

CHECK_REL = 0
INPUT_REL = 0
ROWS_REL = 0

Engine = Literal["sqlite", "duckdb", "parquet", "postgres", "flightsql"]
Encoding = Literal["iso8601", "unix_s", "unix_ms", "unix_us", "unix_ns", "julian"]


@dataclass(frozen=True, slots=True)
class Node:
    """A member database. `url` is absolute: a file path for file engines, else the document's URL without secrets.

    `credentials` hold references (env:…, file:…) only, resolved when a connection is made.
    """

    name: str
    engine: Engine
    url: str
    labels: dict[str, str] = field(default_factory=dict)
    options: dict[str, object] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class LocalColumn:
    """A column as the node has it. `encoding` None: the engine's own type. `zone`: how zone-less values are read (UTC if None)."""

    name: str
    type: SqlType
    encoding: Encoding | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where a virtual column comes from at one placement.

    Exactly one of: `source` (one local column), `expression` over `inputs`, or neither: absent, reads as NULL.
    """

    source: LocalColumn | None = None
    expression: Expr | None = None
    inputs: tuple[LocalColumn, ...] = ()

    @property
    def absent(self) -> bool:
        return self.source is None and self.expression is None


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """One node's copy of one shard. `columns[i]` maps the table's column of attnum i + 1. `relation` is (schema or None, name);
    for parquet the name is a path or glob below the node's url. `rows`: about how many there are, if somebody has said it.
    """

    table: Table
    node: Node
    shard: str
    relation: tuple[str | None, str]
    columns: tuple[ColumnMap, ...]
    priority: int = 100
    check: Expr | None = None
    check_text: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    comment: str | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """One part of a table's rows and its live placements, lowest priority first (ties by node name).

    `home` is the first placement's node: what `_node` says. `check` is the conjunction of the placements' checks.
    """

    name: str
    home: str
    placements: tuple[Placement, ...]
    check: Expr | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of nodes: a selector's terms (key, operator, value), all of which must hold."""

    name: str
    selector: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A document that was set aside: shown in fedgate.problems, in the log and by `check`."""

    kind: str
    name: str
    message: str
    since: float
