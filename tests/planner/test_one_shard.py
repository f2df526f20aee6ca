"""Which columns tell shards apart, by what the checks say."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from fedgate.catalog.model import Shard
from fedgate.planner.exchange import Split
from fedgate.planner.one_shard import apart
from fedgate.schema import NODE_ATTNUM, SHARD_ATTNUM, Table
from fedgate.sql.tree import BOOL, BoolExpr, Const, Expr, NullTest, OpExpr
from fedgate.types import SqlType
from tests.planner.test_prune import DEVICE, SITE, either, negate, site_in
from tests.planner.world import READINGS, text_equals

S1, S2, S3 = (text_equals(SITE, name) for name in ("s1", "s2", "s3"))


class Snapshot:
    def __init__(self, *checks: Expr | None, homes: tuple[str, ...] = ()) -> None:
        self._shards = tuple(Shard(f"n{i}", homes[i] if homes else f"n{i}", (), check) for i, check in enumerate(checks))

    def shards(self, table: Table) -> tuple[Shard, ...]:
        return self._shards


def tells(column: int, snapshot: Snapshot, *not_null: int, table: Table = READINGS) -> bool:
    split = cast(Split, type("Facts", (), {"snapshot": snapshot}))
    return apart(table, {column}, not_null, split)


def between(low: int, high: int, low_op: str = ">=", high_op: str = "<") -> Expr:
    return BoolExpr("and", (device(low_op, low), device(high_op, high)))


def device(op: str, value: int) -> Expr:
    return OpExpr(op, (DEVICE, Const(SqlType(23), value)), (23, 23), BOOL, 96)


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ((S1, S2, S3), True),
        ((S1, S2, S1), False),
        ((S1, S2, None), False),
        ((either(S1, S2), S3), True),
        ((either(S1, S2), either(S3, S2)), False),
        ((site_in("s1", "s2"), S3), True),
        ((site_in("s1", None), S3), False),  # that check says nothing
        ((S1, NullTest(SITE, False)), True),
        ((S1, NullTest(SITE, True)), False),
        ((S1, negate(S1)), False),  # what is not 's1' may be anything else
    ],
)
def test_sites(checks: tuple[Expr | None, ...], expected: bool) -> None:
    assert tells(SITE.col, Snapshot(*checks), SITE.col) is expected
    # Each check may be NULL or is, so that a NULL site is possible everywhere.
    assert not tells(SITE.col, Snapshot(*checks))


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ((between(0, 10), between(10, 20), between(20, 30)), True),
        ((between(0, 10), between(10, 20, high_op="<="), between(20, 30)), False),
        ((between(0, 10, high_op="<="), between(10, 20)), False),
        ((between(0, 10, high_op="<="), between(10, 20, ">")), True),
        ((device("<", 10), device(">=", 10)), True),
        ((device("<", 10), between(10, 20), device(">", 15)), False),
        ((device("<", 10), device("<", 5)), False),
        ((between(0, 100), device("=", 50)), False),
        ((between(0, 100), device("=", 100)), True),
        ((either(between(0, 30), between(5, 10)), between(20, 25)), False),
        ((either(between(0, 30), between(5, 10)), between(30, 35)), True),
        ((either(between(0, 20), between(10, 20, high_op="<=")), between(20, 30)), False),  # the closed end counts
        ((between(10, 5), between(0, 20), between(20, 30)), True),  # the first one admits no row
    ],
)
def test_ranges(checks: tuple[Expr, ...], expected: bool) -> None:
    assert tells(DEVICE.col, Snapshot(*checks), DEVICE.col) is expected
    assert tells(DEVICE.col, Snapshot(*reversed(checks)), DEVICE.col) is expected


def test_hidden_columns_and_shard_keys() -> None:
    assert tells(SHARD_ATTNUM, Snapshot(None, None))
    assert tells(NODE_ATTNUM, Snapshot(None, None))
    assert not tells(NODE_ATTNUM, Snapshot(None, None, homes=("n", "n")))
    keyed = replace(READINGS, shard_key=("device",))
    assert tells(DEVICE.col, Snapshot(None, None), DEVICE.col, table=keyed)
    assert not tells(DEVICE.col, Snapshot(None, None), table=keyed)
    assert not tells(SITE.col, Snapshot(None, None), SITE.col, table=keyed)
    assert not tells(DEVICE.col, Snapshot(None, None), DEVICE.col, table=replace(READINGS, shard_key=("device", "site")))
