"""What an engine cannot finish: the node still sends less than its rows, and the gateway finishes what came."""

from __future__ import annotations

import pytest

from fedgate.nodes.dialects.fitted import Fitted
from tests.nodes.dialects.world import World

NUMBERED = "SELECT *, row_number() OVER (PARTITION BY ok ORDER BY ts DESC, id) AS k FROM t WHERE id < 100"


def fitted(world: World, engine: str, sql: str) -> Fitted:
    bench = world.benches[engine]
    return bench.run(sql).fitted


@pytest.mark.parametrize(
    ("engine", "sql", "parts"),
    [
        ("sqlite", "SELECT ok, avg(id) FROM t GROUP BY ok HAVING avg(id) > 2", ["scan_1"]),
        ("sqlite", "SELECT ok, sum(b) FROM t GROUP BY ok HAVING sum(b) > 2 ORDER BY 2 LIMIT 1", ["groups"]),
        ("sqlite", "SELECT ok, count(*) + 1 FROM t GROUP BY ok", ["groups"]),
        ("postgres", "SELECT ok, stddev(s) FROM t GROUP BY ok", ["scan_1"]),
        ("postgres", "SELECT upper(min(x)) FROM t GROUP BY ok", ["groups"]),
        ("sqlite", f"SELECT count(*), upper(min(x)) FROM ({NUMBERED}) q WHERE k <= 2", ["rows"]),
        ("postgres", f"SELECT upper(x) FROM ({NUMBERED}) q WHERE k <= 2", ["rows"]),
        ("postgres", f"SELECT x FROM ({NUMBERED}) q WHERE upper(x) = 'ABC'", ["rows_20"]),
        ("sqlite", "SELECT x FROM (SELECT x, lag(id) OVER (ORDER BY id) AS k FROM t WHERE id < 100) q WHERE k = 1", ["scan_1"]),
    ],
)
def test_the_parts_that_are_sent(world: World, engine: str, sql: str, parts: list[str]) -> None:
    assert [part.name for part in fitted(world, engine, sql).parts] == parts


def test_conditions_of_a_derived_table_go_with_its_scan(world: World) -> None:
    found = fitted(world, "sqlite", "SELECT x FROM (SELECT x, lag(id) OVER (ORDER BY id) AS k FROM t WHERE id < 100) q WHERE k = 1")
    assert "< 100" in "".join(map(str, found.parts[0].template))
