"""An engine over a catalog without nodes: all that these tests read is metadata."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from fedgate.catalog.snapshot import Snapshot
from fedgate.executor.run import Executor
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from fedgate.system.names import NAMED_TYPES, RegNames
from fedgate.types import text_out

DOCUMENTS: tuple[Mapping[str, Any], ...] = (
    {"kind": "node", "name": "a", "engine": "sqlite", "url": "/nowhere/a.db", "labels": {"region": "eu", "a": "1"}},
    {
        "kind": "table",
        "name": "flights",
        "comment": "all flights",
        "columns": [
            {"name": "id", "type": "integer", "not_null": True, "comment": "its number"},
            {"name": "name", "type": "varchar(20)"},
            {"name": "code", "type": "char(3)"},
            {"name": "price", "type": "numeric(12,4)"},
            {"name": "any_number", "type": "numeric"},
            {"name": "at", "type": "timestamptz"},
            {"name": "about", "type": "timestamp(3)"},
            {"name": "day", "type": "date"},
            {"name": "ratio", "type": "real"},
            {"name": "tags", "type": "text[]"},
            {"name": "more", "type": "jsonb"},
        ],
        "primary_key": ["id"],
    },
    {"kind": "table", "name": "plant.Sensors", "columns": [{"name": "Odd name", "type": "bigint"}]},
    {"kind": "view", "name": "v", "query": "SELECT id, name FROM flights"},
    {"kind": "placement", "table": "flights", "node": "a", "relation": ["main", "flights"], "check": "id > 0"},
    {"kind": "group", "name": "g", "selector": "region=eu"},
    {"kind": "table", "name": "broken", "columns": [{"name": "x", "type": "integr"}]},
)

DDL = """
    create table flights (id int not null, name varchar(20), code char(3), price numeric(12,4), any_number numeric, at timestamptz,
        about timestamp(3), day date, ratio real, tags text[], more jsonb, primary key (id));
    create view v as select id, name from flights;
    create schema plant;
    create table plant."Sensors" ("Odd name" bigint);
    comment on table flights is 'all flights';
    comment on column flights.id is 'its number';
"""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A catalog that does not change."""

    only: Snapshot

    def snapshot(self) -> Snapshot:
        return self.only


@dataclass(frozen=True, slots=True)
class Answer:
    """Column names, type OIDs, rows as text."""

    names: tuple[str, ...]
    types: tuple[int, ...]
    rows: list[tuple[str | None, ...]]


class Metadata:
    """The engine, and SQL on it."""

    def __init__(self, documents: tuple[Mapping[str, Any], ...] = DOCUMENTS, user: str = "ann") -> None:
        self.snapshot = Snapshot.build(documents, now=1_700_000_000.0)
        self._user = user
        self._executor = Executor()
        self._engine = Engine(Fixed(self.snapshot), self._executor)

    def close(self) -> None:
        self._executor.close()

    def session(self) -> Session:
        """A session of its own; close it."""
        return Session(self._engine, user=self._user)

    def do(self, session: Session, statement: str) -> None:
        """Run a statement without rows."""
        (raw,) = session.parse_script(statement)
        session.run(raw)

    def ask(self, statement: str, session: Session | None = None) -> Answer:
        """The answer to a statement, in a session of its own unless one is given."""
        if session is None:
            with closing(self.session()) as alone:
                return self.ask(statement, alone)
        (raw,) = session.parse_script(statement)
        rows = session.run(raw).rows
        assert rows is not None
        style = session.settings.style
        names = RegNames(self._engine.shown(session.context()), ("public",))
        texts: list[tuple[str | None, ...]] = []
        for batch in rows.take():
            columns = [
                (
                    names.texts(column.type.oid, array)
                    if column.type.oid in NAMED_TYPES
                    else text_out.array_text(array, column.type, style)
                ).to_pylist()
                for array, column in zip(batch.columns, rows.columns, strict=True)
            ]
            texts.extend(zip(*columns, strict=True))
        return Answer(tuple(c.name for c in rows.columns), tuple(c.type.oid for c in rows.columns), texts)
