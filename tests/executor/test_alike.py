"""Nodes that hold a table in the same way share what is worked out of a query for one of them; others do not."""

from __future__ import annotations

import pytest

from fedgate.catalog.snapshot import Snapshot
from fedgate.executor.fitting import Fitter
from fedgate.executor.replicas import Candidate, tables_of
from fedgate.planner import make_plan
from fedgate.sql.bind import BindContext, bind
from fedgate.sql.parse import parse
from tests.executor.helpers import TABLE, node, placement


@pytest.mark.parametrize(
    ("text", "distinct"),
    [
        ("SELECT device, count(*) FROM r WHERE n < 3 GROUP BY device", ["abd", "c", "e"]),
        ("SELECT _shard, count(*) FROM r GROUP BY 1", ["a", "b", "c", "d", "e"]),
        ("SELECT count(*) FROM r WHERE EXISTS (SELECT FROM r AS s WHERE s._node = r._node)", ["a", "b", "c", "d", "e"]),
    ],
)
def test_alike(text: str, distinct: list[str]) -> None:
    nodes = [node(name, "duckdb" if name == "e" else "sqlite", f"{name}.db") for name in "abcde"]
    elsewhere = {"temp": {"absent": True}}
    placements = [placement(name, **({"columns": elsewhere} if name == "c" else {})) for name in "abcde"]
    snapshot = Snapshot.build([TABLE, *nodes, *placements])
    plan = make_plan(bind(parse(text)[0], snapshot, BindContext()), snapshot)
    exchange = plan.exchanges[0]
    assert exchange.sharded is not None
    assert exchange.sharded_rel is not None
    fitter, found = Fitter(), dict[int, str]()
    kept = []  # so that no two have the same id
    for shard in snapshot.shards(exchange.sharded):
        where = Candidate(shard.placements[0].node, dict.fromkeys(tables_of(exchange), shard.placements[0]))
        fitted = fitter.fitted(exchange, shard.name, shard.home, where, "UTC")
        kept.append(fitted)
        found[id(fitted)] = found.get(id(fitted), "") + shard.name
    assert sorted(found.values()) == distinct
