"""Secrets go to the hosts that they are for, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fedgate.catalog.documents import Document
from fedgate.catalog.model import Node
from fedgate.catalog.snapshot import Snapshot
from fedgate.errors import SqlError
from fedgate.nodes import secrets
from fedgate.nodes.postgres import conninfo

REFERENCE = "env:FEDGATE_SECRET_TEST"


@pytest.fixture(autouse=True)
def hush(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FEDGATE_SECRET_TEST", "hush")
    monkeypatch.setenv("OTHER", "hush")
    secrets.set_hosts({})
    yield
    secrets.set_hosts({})


def node(url: str, reference: str = REFERENCE) -> Node:
    return Node("n", "postgres", url, credentials={"password": reference})


def sent(url: str) -> bool:
    try:
        return "hush" in conninfo(node(url), 3)
    except SqlError as error:
        return "hush" in f"{error.message} {error.hint}" or error.sqlstate != "08001"


def test_a_secret_stays_with_the_host_that_it_was_first_sent_to() -> None:
    assert sent("postgresql://db.example/x")
    assert sent("postgresql://u@DB.example.:7777/y?sslmode=require")
    for other in (
        "postgresql://evil.example/x",
        "postgresql://db.example,evil.example/x",
        "postgresql://db.example/x?host=evil.example",
        "postgresql://db.example/x?hostaddr=127.0.0.2",
        "postgresql:///x?service=other",
        "postgresql:///x",
    ):
        assert not sent(other), other
    assert sent("postgresql://db.example/x")


@pytest.mark.parametrize(
    ("approved", "host", "goes"),
    [
        (("db.example",), "db.example", True),
        (("*.example",), "db.example", True),
        (("*.example",), "db.example.evil", False),
        (("a.example", "b.example"), "b.example", True),
        ((), "db.example", False),
    ],
)
def test_the_configuration_says_which_hosts(approved: tuple[str, ...], host: str, goes: bool) -> None:
    secrets.set_hosts({REFERENCE: approved})
    assert sent(f"postgresql://{host}/x") == goes


@pytest.mark.parametrize("reference", ["env:OTHER", "OTHER", "file:../outside", "file:link", "file:/etc/passwd"])
def test_nothing_else_can_be_named(tmp_path: Path, reference: str) -> None:
    inside = tmp_path / "secrets"
    inside.mkdir()
    (tmp_path / "outside").write_text("hush")
    (inside / "link").symlink_to(tmp_path / "outside")
    secrets.set_directory(inside)
    try:
        with pytest.raises(SqlError, match="is not available to this gateway"):
            secrets.resolve(node("postgresql://h/d", reference), {"h"})
    finally:
        secrets.set_directory(None)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://u:hush@h/d?sslmode=require", "postgresql://u:***@h/d?sslmode=require"),
        ("postgresql://h/d?password=hush&user=u", "postgresql://h/d?password=***&user=u"),
        ("could not connect: host=h password=hush user=u", "could not connect: host=h password=*** user=u"),
        ("/data/jfk.db", "/data/jfk.db"),
    ],
)
def test_redacted(text: str, shown: str) -> None:
    assert secrets.redacted(text) == shown


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"engine": "sqlite", "url": "/etc/x.db"}, "only an operator's document may name files of this machine"),
        ({"engine": "duckdb", "url": "file:///etc/x.db"}, "only an operator's document may name files of this machine"),
        (
            {"engine": "postgres", "url": "postgresql://h/d", "credentials": {"password": REFERENCE}},
            "only an operator's document may name secrets",
        ),
        ({"engine": "postgres", "url": "postgresql://h/d"}, None),
    ],
)
def test_documents_of_others_name_neither_secrets_nor_files(body: Mapping[str, Any], said: str | None) -> None:
    document = Document("node", "n", {"kind": "node", "name": "n", **body}, by_operator=False)
    assert [p.message for p in Snapshot.build([document]).problems] == ([said] if said else [])
