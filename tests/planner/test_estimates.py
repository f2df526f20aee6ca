"""About how many rows conditions leave: by what placements, checks and keys say, and by PostgreSQL's defaults for the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fedgate.planner.estimates import COPY_ROWS, SHARD_ROWS, query_rows
from fedgate.sql.bind import bind
from fedgate.sql.parse import parse
from tests.planner.golden import CONTEXT, GoldenWorld, world
from tests.planner.world import DEVICES, SITES, World, table

ALL = len(SITES) * SHARD_ROWS


def rows(statement: str, snapshot: World | None = None) -> float:
    snapshot = snapshot or world()
    (raw,) = parse(statement)
    return query_rows(bind(raw, snapshot, CONTEXT).query, snapshot).rows


@pytest.mark.parametrize(
    ("condition", "share"),
    [
        ("device = 1", 1 / 200),
        ("device <> 1", 199 / 200),
        ("device = $1", 1 / 200),
        ("device in (1, 2, 3)", 3 / 200),
        ("device = any($1)", 10 / 200),
        ("device not in (1, 2)", 198 / 200),
        ("site = 's1'", 1 / 5),
        ("site in ('s1', 'd1')", 2 / 5),
        ("device > 3", 1 / 3),
        ("3 > device and device >= 1", 1 / 200),
        ("device > 3 and temp < 1", 1 / 9),
        ("device > 3 or temp < 1", 5 / 9),
        ("not device > 3", 2 / 3),
        ("note like 'a%'", 1 / 200),
        ("note is null", 1 / 200),
        ("note is not null", 199 / 200),
        ("device is not distinct from 3", 1 / 200),
        ("ok", 1 / 2),
        ("ok = true", 1 / 2),
        ("false", 0),
        ("device + 1 = status", 1 / 200),
    ],
)
def test_conditions_take_their_share(condition: str, share: float) -> None:
    assert rows(f"select 1 from readings where {condition}") == pytest.approx(ALL * share)


def test_groups_limits_and_lists() -> None:
    assert rows("select device from readings group by 1") == 200
    assert rows("select site from readings group by 1") == len(SITES)
    assert rows("select site, device from readings group by 1, 2") == 1000
    assert rows("select distinct device from readings where site = 's1' and status = 1 and device = 4") == pytest.approx(2.5)
    assert rows("select count(*) from readings") == 1
    assert rows("select device from readings limit 7") == 7
    assert rows("values (1), (2), (3)") == 3
    assert rows("select device from devices union all select device from readings") == COPY_ROWS + ALL
    assert rows("select r.ts from readings r join devices d on d.device = r.device") == ALL
    assert rows("select x from unnest(array[1, 2, 3]) x") == 3
    assert rows("select x from generate_series(1, 9) x") == 1000


def test_a_whole_primary_key_is_one_row() -> None:
    keyed = table("keyed", "site text, n integer, v integer", oid=20009)
    keyed = replace(keyed, primary_key=("site", "n"))
    snapshot = GoldenWorld(tables=(keyed, DEVICES))
    assert rows("select v from keyed where n = 4", snapshot) == ALL / 200
    assert rows("select v from keyed where n = 4 and site = $1", snapshot) == 1
    assert rows("select v from keyed where n in (1, 2, 3) and 'x' = site", snapshot) == 3
