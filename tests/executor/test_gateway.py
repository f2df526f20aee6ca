"""The gateway's configuration reaches executor and nodes, and clients see what it has seen of nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fedgate import config, server
from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.nodes import secrets
from fedgate.pgwire.connection import Backend
from fedgate.pgwire.transport import Listener
from fedgate.session.engine import Engine
from fedgate.session.session import Session
from tests.executor.helpers import TABLE, node, placement, sqlite_file


def write_catalog(place: Path, *documents: dict[str, Any]) -> Path:
    place.mkdir(exist_ok=True)
    (place / "all.json").write_text(json.dumps([*documents]))
    return place


@contextmanager
def session(loaded: config.Config) -> Iterator[Session]:
    with server.engine(loaded) as engine:
        made = Session(engine, user="ana")
        yield made
        made.close()


def ask(client: Session, text: str) -> list[tuple[Any, ...]]:
    (raw,) = client.parse_script(text)
    try:
        rows = client.run(raw).rows
        assert rows is not None
        return [row for batch in rows.take() for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)]
    except SqlError:
        client.failed()
        raise
    finally:
        client.end_script()


def test_sessions_are_told_where_they_are_from_the_first_one_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = write_catalog(tmp_path / "catalog", TABLE)
    engines: list[Engine] = []
    told: list[dict[str, str]] = []

    def backend(engine: Engine, *rest: Any) -> Backend:
        engines.append(engine)
        return Backend(engine, *rest)

    monkeypatch.setattr(server, "Backend", backend)
    monkeypatch.setattr(Listener, "start", lambda self: told.append(dict(engines[0].defaults)))
    loaded = config.Config(catalog=place, listen=("127.0.0.1", 0), max_connections=7)
    with server.running(loaded) as gateway:
        assert len(told) == 1
        assert told[0].items() >= {"port": str(gateway.address[1]), "max_connections": "7"}.items()


def test_states_of_nodes_are_shown(tmp_path: Path) -> None:
    place = write_catalog(
        tmp_path / "catalog",
        TABLE,
        node("a", "sqlite", "a.db"),
        node("b", "sqlite", "b.db"),
        node("c", "sqlite", "c.db"),
        placement("a"),
        placement("b"),
    )
    sqlite_file(place / "a.db", 3)
    with session(config.load(None, catalog=str(place))) as client:
        states = "SELECT name, state, last_error IS NULL, last_seen > now() - interval '1 minute' FROM fedgate.nodes ORDER BY 1"
        assert ask(client, states) == [(n, "unknown", True, None) for n in "abc"]
        assert ask(client, "SELECT count(*) FROM r WHERE _node = 'a'") == [(3,)]
        with pytest.raises(SqlError, match='node "b"'):
            ask(client, "SELECT count(*) FROM r WHERE _node = 'b'")
        assert ask(client, states) == [
            ("a", "reachable", True, True),
            ("b", "unreachable", False, None),
            ("c", "unknown", True, None),
        ]


def test_files_outside_the_data_roots_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    sqlite_file(tmp_path / "data" / "a.db", 3)
    place = write_catalog(
        tmp_path / "catalog",
        TABLE,
        node("a", "sqlite", "../data/a.db"),
        node("l", "sqlite", "l.db"),
        placement("a"),
        placement("l"),
    )
    (place / "l.db").symlink_to(tmp_path / "data" / "a.db")
    with session(config.load(None, catalog=str(place))) as client:
        for name in "al":
            with pytest.raises(SqlError, match=rf'node "{name}": ".*{name}\.db" is not below the data roots') as caught:
                ask(client, f"SELECT count(*) FROM r WHERE _node = '{name}'")
            assert (caught.value.sqlstate, caught.value.node) == ("08001", name)
    toml = tmp_path / "fedgate.toml"
    toml.write_text('data_roots = ["data", "catalog"]\n')
    with session(config.load(toml)) as client:
        assert ask(client, "SELECT count(*) FROM r") == [(6,)]


def test_a_link_out_of_a_parquet_directory_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    place = write_catalog(tmp_path / "catalog", TABLE, node("a", "parquet", "lake"), placement("a"))
    (place / "lake").mkdir()
    (place / "lake" / "r").symlink_to(tmp_path / "elsewhere")
    with session(config.load(None, catalog=str(place))) as client, pytest.raises(SqlError, match="data roots"):
        ask(client, "SELECT count(*) FROM r")


def test_the_files_fields_are_honoured(tmp_path: Path) -> None:
    place = write_catalog(tmp_path / "catalog")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "password").write_text("hush\n")
    (tmp_path / "scratch").mkdir()
    toml = tmp_path / "fedgate.toml"
    toml.write_text('secrets_directory = "secrets"\ntemp_directory = "scratch"\nmerge_memory = "128MB"\nmerge_threads = 1\n')
    named = Snapshot.build([node("n", "postgres", "postgresql://h/d", credentials={"password": "file:password"})]).nodes["n"]
    with server.engine(config.load(toml)) as engine:
        assert secrets.resolve(named, {"h"}) == {"password": "hush"}
        with engine.executor.merge.cursor() as cursor:
            found = cursor.execute(
                "SELECT current_setting('temp_directory'), current_setting('memory_limit'), current_setting('threads')"
            ).fetchone()
        assert found is not None
        assert Path(found[0]).parent.parent == tmp_path / "scratch"
        assert found[1:] == ("128.0 MiB", 1)
    assert list((tmp_path / "scratch").iterdir()) == []
    with pytest.raises(SqlError, match="not available"):
        secrets.resolve(named, {"h"})
    assert place.exists()


@pytest.mark.parametrize("line", ['merge_memory = "lots"', 'merge_memory = "1MB"', "merge_threads = 0"])
def test_bad_fields(tmp_path: Path, line: str) -> None:
    toml = tmp_path / "fedgate.toml"
    toml.write_text(line + "\n")
    with pytest.raises(SqlError, match="merge_") as caught:
        config.load(toml)
    assert caught.value.sqlstate == "F0000"
