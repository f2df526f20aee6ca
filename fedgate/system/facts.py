"""What the server knows and the catalog does not: filled by the session, read by the rows of system relations.

Contract: each callable is asked at most once per statement and relation, and must be quick and touch no node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fedgate.nodes.misplaced import Misplaced
from fedgate.schema import TempTables

DATABASE: Final = "fedgate"
OWNER: Final = "fedgate"


@dataclass(frozen=True, slots=True)
class SettingFact:
    """A setting as pg_settings and fedgate.settings show it. `minimum`, `maximum`, `unit` are None where they mean nothing."""

    name: str
    value: str
    default: str
    about: str
    vartype: str = "string"
    unit: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    choices: tuple[str, ...] = ()
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class NodeFact:
    """What the gateway last saw of a node. `last_seen` is seconds since 1970."""

    state: str
    last_error: str | None = None
    last_seen: float | None = None


@dataclass(frozen=True, slots=True)
class QueryNodeFact:
    """What one node did for the session's last statement."""

    query_id: int
    node: str
    shard: str
    state: str
    rows: int | None
    bytes: int | None
    milliseconds: float
    sql: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class QueryFact:
    """A statement that runs or ran lately. `started` is seconds since 1970."""

    query_id: int
    user: str
    started: float
    state: str
    milliseconds: float | None
    rows: int | None
    query: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedFact:
    """A prepared statement of the session; times are microseconds since 1970, `types` OIDs."""

    name: str
    statement: str
    prepared_us: int
    types: tuple[int, ...]
    from_sql: bool


@dataclass(frozen=True, slots=True)
class CursorFact:
    """An open cursor or portal of the session."""

    name: str
    statement: str
    holdable: bool
    binary: bool
    created_us: int


@dataclass(frozen=True, slots=True)
class TlsFact:
    """How a connection is encrypted, as pg_stat_ssl shows it."""

    version: str
    cipher: str
    bits: int


@dataclass(frozen=True, slots=True)
class BackendFact:
    """A session as pg_stat_activity shows it; times are microseconds since 1970. Of another role's only the first fields."""

    pid: int
    user: str
    application_name: str
    query: str
    state: str | None = None
    address: str | None = None
    port: int | None = None
    backend_start_us: int | None = None
    xact_start_us: int | None = None
    query_start_us: int | None = None
    state_change_us: int | None = None
    wait_event: str | None = None
    kind: str | None = None
    tls: TlsFact | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it, for one statement of one session."""

    user: str = OWNER
    temp: TempTables | None = None
    settings: Callable[[], Sequence[SettingFact]] = tuple
    node_states: Callable[[], Mapping[str, NodeFact]] = dict
    lacking: Callable[[], Sequence[Misplaced]] = tuple
    last_query_nodes: Callable[[], Sequence[QueryNodeFact]] = tuple
    queries: Callable[[], Sequence[QueryFact]] = tuple
    backends: Callable[[], Sequence[BackendFact]] = tuple
    prepared: Callable[[], Sequence[PreparedFact]] = tuple
    cursors: Callable[[], Sequence[CursorFact]] = tuple
