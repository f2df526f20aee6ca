"""Pruning, on hand-built predicates: a shard goes only when no row of it can pass."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from fedgate.catalog.model import CHECK_REL, ColumnMap, Shard
from fedgate.planner.cases import cases_of
from fedgate.planner.exchange import scan_block
from fedgate.planner.plan import Exchange
from fedgate.planner.prune import may, surviving
from fedgate.schema import NODE_ATTNUM, SHARD_ATTNUM
from fedgate.sql.tree import (
    BOOL,
    ArrayExpr,
    BooleanTest,
    BoolExpr,
    Coerce,
    Const,
    DistinctExpr,
    Expr,
    NullTest,
    OpExpr,
    Param,
    ScalarArrayOp,
    TableRef,
    Var,
)
from fedgate.types import SqlType
from fedgate.types.values import Value
from tests.planner.world import READINGS, TEXT, World, text_equals, var

INT4 = SqlType(23)
FLOAT8 = SqlType(701)
SITE = var(READINGS, "site")
DEVICE = var(READINGS, "device")
TEMP = var(READINGS, "temp")


def ints(name: str, value: Value) -> OpExpr:
    return OpExpr(name, (DEVICE, Const(INT4, value)), (23, 23), BOOL, 96)


def site_in(*values: str | None) -> ScalarArrayOp:
    return ScalarArrayOp("=", SITE, ArrayExpr(tuple(Const(TEXT, v) for v in values), SqlType(1009)), (25, 1009), False, 98)


def both(*parts: Expr) -> BoolExpr:
    return BoolExpr("and", parts)


def either(*parts: Expr) -> BoolExpr:
    return BoolExpr("or", parts)


def negate(part: Expr) -> BoolExpr:
    return BoolExpr("not", (part,))


def possible(check: Expr, predicate: Expr, values: dict[str, Value] | None = None) -> bool:
    return any(may(predicate, CHECK_REL, case, values or {}) for case in cases_of(check))


S1 = text_equals(SITE, "s1")
S2 = text_equals(SITE, "s2")
NULL_SITE = NullTest(SITE, False)


@pytest.mark.parametrize(
    ("check", "predicate", "expected"),
    [
        (S1, S1, True),
        (S1, S2, False),
        (S1, negate(S1), False),
        (S1, negate(S2), True),
        (S1, NULL_SITE, True),  # a check that is NULL holds: the site may be NULL
        (S1, DistinctExpr(SITE, Const(TEXT, "s1"), (25, 25), False, 98), True),
        (S1, BooleanTest(S1, "true", True), True),
        (S1, BooleanTest(S2, "true", False), False),
        (S1, either(S2, NULL_SITE), True),
        (S1, either(S2, text_equals(SITE, "s3")), False),
        (S1, both(S1, ints(">", 3)), True),
        (S1, site_in("s2", "s3"), False),
        (S1, site_in("s2", None), False),
        (S1, site_in("s1", None), True),
        (S1, negate(site_in("s1", "s2")), False),
        (S1, negate(site_in("s2", None)), False),
        (either(S1, S2), text_equals(SITE, "s3"), False),
        (either(S1, S2), S2, True),
        (site_in("s1", "s2"), text_equals(SITE, "s3"), False),
        (site_in("s1", None), text_equals(SITE, "s3"), True),  # that check is never false
        (either(both(S1, ints("<", 5)), both(S2, ints(">=", 5))), both(S2, ints("<", 5)), False),
        (ints(">=", 100), ints("<", 100), False),
        (ints(">=", 100), ints("<=", 100), True),
        (ints(">", 100), ints("<=", 100), False),
        (both(ints(">=", 1), ints("<=", 5)), ints("=", 6), False),
        (both(ints(">=", 1), ints("<=", 5)), ints("<>", 6), True),
        (both(ints(">=", 1), ints("<=", 5)), negate(ints("<>", 6)), False),
        (negate(S1), S1, False),
        (negate(S1), S2, True),
        (negate(S1), NULL_SITE, True),
        (negate(either(S1, S2)), site_in("s1", "s2"), False),
        (negate(either(S1, S2)), site_in("s1", "s3"), True),
        (negate(site_in("s1", "s2")), S2, False),
        (negate(site_in("s1", None)), S1, True),  # that check is never true
        (negate(ints("<", 5)), ints("<=", 4), False),
        (negate(NULL_SITE), NULL_SITE, False),
        (NULL_SITE, S1, False),
        (NullTest(SITE, True), DistinctExpr(SITE, Const(TEXT, None), (25, 25), True, 98), False),
        (S1, DistinctExpr(SITE, Const(TEXT, "s2"), (25, 25), True, 98), False),
        (S1, DistinctExpr(SITE, Const(TEXT, "s1"), (25, 25), True, 98), True),
        (S1, Const(BOOL, None), False),
        (S1, Const(BOOL, False), False),
    ],
)
def test_may(check: Expr, predicate: Expr, expected: bool) -> None:
    assert possible(check, predicate) is expected


def test_nan_is_not_ordered_as_python_does() -> None:
    nan = OpExpr("=", (TEMP, Const(FLOAT8, float("nan"))), (701, 701), BOOL, 670)
    assert possible(OpExpr(">", (TEMP, Const(FLOAT8, 5.0)), (701, 701), BOOL, 674), nan)
    assert possible(nan, OpExpr(">", (TEMP, Const(FLOAT8, 5.0)), (701, 701), BOOL, 674))


def test_a_column_of_another_relation_says_nothing() -> None:
    ok = var(READINGS, "ok")
    assert not possible(negate(ok), ok)
    assert possible(negate(ok), replace(ok, rel=99))
    assert possible(S1, replace(S2, args=(replace(SITE, rel=99), S2.args[1])))


def test_parameters_are_read_at_execution() -> None:
    predicate = OpExpr("=", (SITE, Param("1", TEXT)), (25, 25), BOOL, 98)
    assert possible(S1, predicate)  # unknown: may
    assert possible(S1, predicate, {"1": "s1"})
    assert not possible(S1, predicate, {"1": "s2"})
    assert not possible(S1, predicate, {"1": None})
    members = ScalarArrayOp("=", SITE, Param("q0", SqlType(1009)), (25, 1009), False, 98)
    assert not possible(S1, members, {"q0": ("s2",)})
    assert not possible(S1, members, {"q0": ()})
    assert possible(S1, members, {"q0": ("s2", "s1")})


def test_conversions_that_keep_the_value_are_seen_through() -> None:
    wide = Coerce(DEVICE, SqlType(20), "function", False)
    predicate = OpExpr("=", (wide, Const(SqlType(20), 7)), (20, 20), BOOL, 410)
    assert not possible(ints("<", 5), predicate)
    narrow = Coerce(DEVICE, SqlType(21), "function", True)
    assert possible(ints("<", 5), OpExpr("=", (narrow, Const(SqlType(21), 7)), (21, 21), BOOL, 94))


def exchange(*parts: Expr) -> Exchange:
    ref = TableRef(CHECK_REL, READINGS)
    block = scan_block(ref, [1], None)
    return Exchange("x0", "scan", block, pa.schema([("c1", pa.string())]), READINGS, CHECK_REL, parts)


def test_node_and_shard_prune_without_a_check() -> None:
    world = World()
    for attnum in (SHARD_ATTNUM, NODE_ATTNUM):
        kept, pruned = surviving(exchange(text_equals(Var(CHECK_REL, attnum, TEXT), "s1")), world.shards(READINGS), {})
        assert [s.name for s in kept] == ["s1"]
        assert [s.name for s, _ in pruned] == ["d1", "g1", "p1", "s2"]


def test_conjuncts_are_taken_together_and_the_reason_is_said() -> None:
    kept, pruned = surviving(exchange(S1, S2), World().shards(READINGS), {})
    assert kept == ()
    assert pruned[0][1] == "site = 's2' contradicts site = 's1'"


def test_a_column_that_no_placement_has_is_null() -> None:
    (whole, *_) = World().shards(READINGS)
    (placement,) = whole.placements
    without = replace(placement, columns=(ColumnMap(), *placement.columns[1:]))
    shard = Shard("s", "s", (without,))
    assert surviving(exchange(S1), [shard], {})[0] == ()
    assert surviving(exchange(NULL_SITE), [shard], {})[0] == (shard,)
    replicas = Shard("s", "s", (without, placement))
    assert surviving(exchange(S1), [replicas], {})[0] == (replicas,)
