"""What the gateway has seen of its nodes, and the replica that it finds nearest."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from fedgate import limits
from fedgate.catalog.model import Node
from fedgate.errors import SqlError
from fedgate.executor.seen import Nodes
from fedgate.nodes.engine import NodeSession
from fedgate.nodes.sqlite import SqliteEngine
from tests.executor.helpers import TABLE, Gateway, context, node, placement, sqlite_file

COUNT = "SELECT count(*) FROM r"


class Clock:
    """A time that the test sets."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def two_copies(directory: Path) -> Gateway:
    """One shard at the nodes a and b, in this order."""
    return Gateway(
        TABLE,
        node("a", "sqlite", directory / "a.db"),
        node("b", "sqlite", directory / "b.db"),
        placement("a", shard="s", priority=1),
        placement("b", shard="s", priority=2),
    )


def test_connect_times_are_weighted_and_age() -> None:
    clock = Clock()
    nodes = Nodes(clock)
    assert nodes.distance_s("a") == 0
    nodes.reached("a", 1.0)
    nodes.reached("a", 2.0)
    assert nodes.distance_s("a") == pytest.approx(1 + limits.CONNECT_WEIGHT)
    nodes.reached("a", None)
    assert nodes.distance_s("a") == pytest.approx(1 + limits.CONNECT_WEIGHT)
    clock.now += limits.CONNECT_TIME_S_MAX + 1
    assert nodes.distance_s("a") == 0
    nodes.reached("a", 0.5)
    assert nodes.distance_s("a") == 0.5


def test_states() -> None:
    clock = Clock()
    nodes = Nodes(clock)
    nodes.failed("a", SqlError("08001", "gone", node="a"), 3.0)
    assert (nodes.all()["a"].state, nodes.all()["a"].last_error, nodes.all()["a"].last_seen) == ("unreachable", "gone", None)
    assert nodes.distance_s("a") == 3.0
    nodes.reached("a", 0.1)
    assert (nodes.all()["a"].state, nodes.all()["a"].last_error, nodes.all()["a"].last_seen) == ("reachable", "gone", clock.now)
    clock.now += 1
    nodes.failed("a", SqlError("22012", "division by zero", node="a"))
    assert (nodes.all()["a"].state, nodes.all()["a"].last_error, nodes.all()["a"].last_seen) == (
        "reachable",
        "division by zero",
        clock.now,
    )


def test_statements_tell(tmp_path: Path) -> None:
    sqlite_file(tmp_path / "a.db", 10)
    gateway = Gateway(TABLE, node("a", "sqlite", tmp_path / "a.db"), node("b", "sqlite", tmp_path / "b.db"), placement("a"))
    assert gateway.executor.nodes.all() == {}
    gateway.rows(COUNT)
    seen = gateway.executor.nodes.all()["a"]
    assert (seen.state, seen.last_error) == ("reachable", None)
    assert seen.last_seen is not None
    (tmp_path / "a.db").unlink()
    with pytest.raises(SqlError, match="does not exist"):
        gateway.rows(COUNT)
    again = gateway.executor.nodes.all()["a"]
    assert (again.state, again.last_seen) == ("unreachable", seen.last_seen)
    assert again.last_error is not None
    assert "does not exist" in again.last_error
    gateway.executor.close()


def test_a_row_error_does_not_make_a_node_unreachable(tmp_path: Path) -> None:
    sqlite_file(tmp_path / "a.db", 10)
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("INSERT INTO r VALUES ('d', 'n/a', 1)")
    connection.close()
    gateway = Gateway(TABLE, node("a", "sqlite", tmp_path / "a.db"), placement("a"))
    with pytest.raises(SqlError, match="n/a"):
        gateway.rows("SELECT temp FROM r")
    seen = gateway.executor.nodes.all()["a"]
    assert seen.state == "reachable"
    assert "n/a" in (seen.last_error or "")
    gateway.executor.close()


def test_a_node_that_could_not_be_reached_is_tried_last_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_file(tmp_path / "b.db", 10)
    gateway = two_copies(tmp_path)
    clock = Clock()
    monkeypatch.setattr(gateway.executor.nodes, "_clock", clock)
    opened, tried = SqliteEngine.connect, []

    def noted(self: SqliteEngine, where: Node, *, timeout_s: float) -> NodeSession:
        tried.append(where.name)
        return opened(self, where, timeout_s=timeout_s)

    monkeypatch.setattr(SqliteEngine, "connect", noted)
    for _ in range(3):
        assert gateway.rows(COUNT) == [(10,)]
    assert tried == ["a", "b", "b", "b"]
    clock.now += limits.CONNECT_TIME_S_MAX + 1
    sqlite_file(tmp_path / "a.db", 10)
    for _ in range(2):
        assert gateway.rows(COUNT) == [(10,)]
    assert tried[4:] == ["a", "a"]
    assert gateway.rows(COUNT, context(replica="primary")) == [(10,)]


def test_the_nearest_replica(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        sqlite_file(tmp_path / f"{name}.db", 10)
    gateway = two_copies(tmp_path)
    gateway.executor.nodes.reached("a", 0.5)
    gateway.executor.nodes.reached("b", 0.001)
    for replica, asked in (("any", "a"), ("primary", "a"), ("nearest", "b")):
        assert gateway.rows(COUNT, context(replica=replica)) == [(10,)]
        assert gateway.asked == [asked], replica
    opened = SqliteEngine.connect

    def broken(self: SqliteEngine, where: Node, *, timeout_s: float) -> NodeSession:
        if where.name == "b":
            raise SqlError("08001", "no way to b", node="b")
        return opened(self, where, timeout_s=timeout_s)

    monkeypatch.setattr(SqliteEngine, "connect", broken)
    for _ in range(2):
        assert gateway.rows(COUNT, context(replica="nearest")) == [(10,)]
        assert gateway.asked == ["a"]
    monkeypatch.undo()
    assert gateway.rows(COUNT, context(replica="nearest")) == [(10,)]
    assert gateway.asked == ["a"], "a node that could not be reached is far away for a while"
    gateway.executor.close()
