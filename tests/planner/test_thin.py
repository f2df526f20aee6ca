"""The smallest plans, on hand-built trees: no binder is needed here."""

from __future__ import annotations

import pytest

from fedgate.planner import make_plan
from fedgate.planner.check import BrokenTreeError, check
from fedgate.sql.tree import (
    Block,
    BoundQuery,
    ExchangeRef,
    Expr,
    FuncExpr,
    Join,
    NullTest,
    OpExpr,
    TableRef,
    Target,
    Var,
    conjunction,
)
from fedgate.types import SqlType
from tests.planner.world import DEVICES, READINGS, World, text_equals, var

FLOAT8 = SqlType(701)


def bound(block: Block) -> BoundQuery:
    return BoundQuery(block, (), 100)


def test_a_scan_takes_its_columns_and_its_conjuncts() -> None:
    random = OpExpr(">", (var(READINGS, "temp", 1), FuncExpr("random", (), (), FLOAT8, 1598)), (701, 701), SqlType(16), 674)
    site = text_equals(var(READINGS, "site", 1), "s1")
    block = Block((Target(1, var(READINGS, "device", 1), "device"),), (TableRef(1, READINGS),), where=_and(random, site))
    plan = make_plan(bound(block), World(), checked=True)
    (exchange,) = plan.exchanges
    assert exchange.schema.names == ["c2", "c4"]
    assert exchange.prune == (site,)
    assert isinstance(exchange.block, Block)
    assert exchange.block.where == site
    assert isinstance(plan.final, Block)
    assert plan.final.where == random
    assert isinstance(plan.final.from_[0], ExchangeRef)
    check(plan.final)


def test_a_filter_does_not_reach_the_nullable_side() -> None:
    on = OpExpr("=", (var(DEVICES, "device", 2), var(READINGS, "device", 1)), (23, 23), SqlType(16), 96)
    join = Join("left", TableRef(2, DEVICES), TableRef(1, READINGS), on)
    absent = NullTest(var(READINGS, "site", 1), False)
    block = Block((Target(1, var(DEVICES, "device", 2), "device"),), (join,), where=absent)
    plan = make_plan(bound(block), World(), checked=True)
    assert isinstance(plan.final, Block)
    assert plan.final.where == absent
    assert all(isinstance(x.block, Block) and x.block.where is None for x in plan.exchanges)


def test_check_sees_a_var_of_nothing() -> None:
    block = Block((Target(1, Var(7, 1, FLOAT8), "x"),), (TableRef(1, READINGS),))
    with pytest.raises(BrokenTreeError, match="not in sight"):
        check(block)


def _and(*parts: Expr) -> Expr | None:

    return conjunction(parts)
