"""A session over one small SQLite node, in process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fedgate.catalog.snapshot import Snapshot
from fedgate.executor.run import Executor
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from fedgate.types import text_out


@dataclass(frozen=True)
class Fixed:
    """A catalog that never changes."""

    one: Snapshot

    def snapshot(self) -> Snapshot:
        return self.one


class Asker:
    """Runs scripts in a session and gives the rows of the last statement as texts."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.tag = ""

    def __call__(self, script: str) -> list[tuple[str | None, ...]]:
        rows: list[tuple[str | None, ...]] = []
        for raw in self.session.parse_script(script):
            result = self.session.run(raw)
            rows = []
            if result.rows is not None:
                style = self.session.settings.style
                for batch in result.rows.take(result.limit):
                    texts = [
                        text_out.array_text(batch.column(i), c.type, style).to_pylist() for i, c in enumerate(result.rows.columns)
                    ]
                    rows += list(zip(*texts, strict=True))
            self.tag = result.tag_for(len(rows))
        self.session.end_script()
        return rows


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    made = Executor()
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("node") / "n.db"
    with sqlite3.connect(path) as node:
        node.execute("CREATE TABLE t (n INTEGER, name TEXT, at TEXT)")
        rows = [(n, f"name {n}", f"2024-01-{n:02d}T00:00:00Z") for n in range(1, 31)]
        node.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    node.close()
    documents: list[dict[str, Any]] = [
        {"kind": "node", "name": "n1", "engine": "sqlite", "url": str(path)},
        {
            "kind": "table",
            "name": "t",
            "columns": [
                {"name": "n", "type": "integer"},
                {"name": "name", "type": "text"},
                {"name": "at", "type": "timestamptz"},
            ],
        },
        {"kind": "placement", "table": "t", "node": "n1", "relation": "t"},
    ]
    executor = Executor()
    yield Engine(Fixed(Snapshot.build(documents)), executor)
    executor.close()


@pytest.fixture
def ask(engine: Engine) -> Iterator[Asker]:
    session = Session(engine, user="ana", process_id=7)
    yield Asker(session)
    session.close()
