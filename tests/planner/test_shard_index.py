"""The index of shards says what a look at each shard says, and asks few of many."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import pytest

from fedgate.catalog.model import CHECK_REL, Shard
from fedgate.planner import prune
from fedgate.planner.domains import Domain, Elements
from fedgate.planner.plan import Exchange
from fedgate.planner.prune import may, shard_cases, surviving
from fedgate.sql.tree import BOOL, ArrayExpr, BooleanTest, BoolExpr, Const, Expr, NullTest, OpExpr, Param, ScalarArrayOp
from fedgate.types import SqlType
from fedgate.types.values import Value
from tests.planner.test_prune import DEVICE, SITE, exchange
from tests.planner.world import READINGS, TEXT, var

INT4 = SqlType(23)
OK = var(READINGS, "ok")
OPERATORS = ("=", "<>", "<", "<=", ">", ">=")


def shard(name: str, check: Expr | None) -> Shard:
    return Shard(name, name, (), check)


def compared(dice: random.Random, name: str | None = None) -> Expr:
    name = name or dice.choice(OPERATORS)
    if dice.random() < 0.5:
        args: tuple[Expr, ...] = (SITE, Const(TEXT, dice.choice("abcdef")))
        oids = (25, 25)
    else:
        number = dice.randint(0, 12)
        args, oids = (DEVICE, Param(f"p{number}", INT4) if dice.random() < 0.3 else Const(INT4, number)), (23, 23)
    if dice.random() < 0.2:
        args, name = args[::-1], {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(name, name)
    return OpExpr(name, args, oids, BOOL, 96)


def predicate(dice: random.Random, depth: int) -> Expr:
    kind = dice.randint(0, 9)
    if depth and kind < 3:
        parts = tuple(predicate(dice, depth - 1) for _ in range(dice.randint(2, 3)))
        return BoolExpr("and" if kind == 0 else "or", parts)
    if depth and kind == 3:
        return BoolExpr("not", (predicate(dice, depth - 1),))
    if kind == 4:
        items = tuple(
            Const(TEXT, dice.choice([*"abcdef", None]) if dice.random() < 0.3 else dice.choice("abcdef")) for _ in range(3)
        )
        return ScalarArrayOp("=", SITE, ArrayExpr(items, SqlType(1009)), (25, 1009), False, 98)
    if kind == 5:
        return NullTest(dice.choice((SITE, DEVICE)), dice.random() < 0.5)
    if kind == 6:
        return OK
    if kind == 7:
        return BooleanTest(compared(dice), dice.choice(("true", "false", "unknown")), dice.random() < 0.5)
    return compared(dice)


@pytest.mark.parametrize("seed", range(5))
def test_the_index_leaves_out_at_least_what_a_look_at_each_shard_does_and_never_a_row(seed: int) -> None:
    dice = random.Random(seed)
    shards = [shard(f"n{i:02}", predicate(dice, 2) if i % 7 else None) for i in range(30)]
    values: dict[str, Value] = {f"p{i}": i for i in range(13)}
    for _ in range(40):
        parts = tuple(predicate(dice, 2) for _ in range(dice.randint(1, 3)))
        kept, pruned = surviving(exchange(*parts), shards, values)
        assert [s for s, _ in pruned] == [s for s in shards if s not in kept]
        looked = [s for s in shards if all(_may(part, s, values) for part in parts)]
        assert set(kept) <= set(looked)
        for s in set(looked) - set(kept):
            assert not _has_row(parts, s, values), (s.check, parts)


def _may(part: Expr, s: Shard, values: dict[str, Value]) -> bool:
    return any(may(part, CHECK_REL, case, values) for case in shard_cases(READINGS, s))


def _has_row(parts: Sequence[Expr], s: Shard, values: dict[str, Value]) -> bool:
    """Whether one of all rows of small values passes the check (or makes it NULL) and the parts."""
    for site in (*"abcdefg", "aa", None):
        for device in (*range(-1, 14), None):
            for ok in (True, False, None):
                row = {SITE.col: site, DEVICE.col: device, OK.col: ok}
                if s.check is not None and _value(s.check, row, values) is False:
                    continue
                if all(_value(part, row, values) is True for part in parts):
                    return True
    return False


def _value(expr: Expr, row: dict[int, Value], values: dict[str, Value]) -> Value:
    """The expression's value for a row, in three values."""
    match expr:
        case Const(value=value):
            return value
        case Param(name=name):
            return values[name]
        case BoolExpr(op="not", args=(arg,)):
            inner = _value(arg, row, values)
            return None if inner is None else not inner
        case BoolExpr(op=op, args=args):
            found = [_value(arg, row, values) for arg in args]
            absorbing = op == "or"
            return absorbing if absorbing in found else None if None in found else not absorbing
        case OpExpr(name=name, args=(left, right)):
            a, b = _value(left, row, values), _value(right, row, values)
            return None if a is None or b is None else _OPERATORS[name](a, b)
        case ScalarArrayOp(left=left, right=ArrayExpr(elements=elements)):
            a = _value(left, row, values)
            items = [_value(e, row, values) for e in elements]
            return None if a is None else True if a in items else None if None in items else False
        case NullTest(arg=arg, negated=negated):
            return (_value(arg, row, values) is None) != negated
        case BooleanTest(arg=arg, test=test, negated=negated):
            return (_value(arg, row, values) is {"true": True, "false": False, "unknown": None}[test]) != negated
        case _:
            return row[expr.col]  # type: ignore[union-attr]


_OPERATORS: dict[str, Callable[[object, object], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}


def _ranges(count: int) -> list[Shard]:
    """Shards of a site and of ten devices each."""
    made = []
    for i in range(count):
        site = OpExpr("=", (SITE, Const(TEXT, f"s{i:06}")), (25, 25), BOOL, 98)
        low = OpExpr(">=", (DEVICE, Const(INT4, 10 * i)), (23, 23), BOOL, 525)
        high = OpExpr("<", (DEVICE, Const(INT4, 10 * i + 10)), (23, 23), BOOL, 97)
        made.append(shard(f"s{i:06}", BoolExpr("and", (site, low, high))))
    return made


def _best_ms(asked: Exchange, shards: list[Shard]) -> float:
    surviving(asked, shards, {})
    times = []
    for _ in range(7):
        began = time.perf_counter()
        surviving(asked, shards, {})
        times.append(time.perf_counter() - began)
    return min(times) * 1000


@pytest.mark.parametrize(
    "part",
    [
        OpExpr("=", (SITE, Const(TEXT, "s000077")), (25, 25), BOOL, 98),
        OpExpr("=", (DEVICE, Const(INT4, 777)), (23, 23), BOOL, 96),
        OpExpr("=", (OpExpr("/", (DEVICE, Const(INT4, 10)), (23, 23), INT4, 528), Const(INT4, 77)), (23, 23), BOOL, 96),
        OpExpr("~~", (SITE, Const(TEXT, "s00007%")), (25, 25), BOOL, 1209),
        BoolExpr("or", tuple(OpExpr("=", (DEVICE, Const(INT4, n)), (23, 23), BOOL, 96) for n in range(0, 800, 20))),
    ],
    ids=["site", "range", "computed", "prefix", "or"],
)
def test_pruning_does_not_look_at_each_shard(monkeypatch: pytest.MonkeyPatch, part: Expr) -> None:
    shards = _ranges(5_000)

    def looked(*_: object) -> None:
        raise AssertionError("a shard was looked at")

    asked = exchange(part)
    monkeypatch.setattr(prune, "_judged", looked)
    kept, pruned = surviving(asked, shards, {})
    assert 1 <= len(kept) <= 40
    assert len(kept) + len(pruned) == 5_000
    few, many = _best_ms(asked, shards[:100]), _best_ms(asked, shards)
    # Fifty times as many shards: what is left to do for each of them is next to nothing.
    assert many < 5 * max(few, 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_elements_are_looked_for_as_one_by_one(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(300):
        items = [dice.choice([None, *range(12)]) for _ in range(dice.randint(0, 9))]
        ends = [dice.choice([None, *range(12)]) for _ in range(2)]
        ranged = Domain(None, ends[0], dice.random() < 0.5, ends[1], dice.random() < 0.5)
        finite = Domain(frozenset(dice.sample(range(12), dice.randint(0, 4))))
        elements = Elements(items)
        present = [item for item in items if item is not None]
        for domain in (ranged, finite):
            assert elements.meets(domain) == any(domain.admits(item) for item in present)
        assert elements.cover(finite) == all(value in present for value in finite.values or ())
        assert not elements.cover(ranged)


def test_more_keys_than_shards_find_their_shards() -> None:
    shards = tuple(shard(f"n{n}", BoolExpr("and", (ordering(">=", 100 * n), ordering("<", 100 * n + 100)))) for n in range(50))
    shards += (shard("low", ordering("<", 0)), shard("high", ordering(">=", 5000)))
    keys = ScalarArrayOp("=", DEVICE, Param("k0", SqlType(1007)), (23, 1007), False, 96)
    wanted = tuple(n for n in range(-300, 2000, 3) if n // 100 not in (4, 7))
    kept, left_out = surviving(exchange(keys), shards, {"k0": wanted})
    assert [s.name for s in kept] == [*(f"n{n}" for n in range(20) if n not in (4, 7)), "low"]
    assert {s.name for s, _ in left_out} == {"n4", "n7", *(f"n{n}" for n in range(20, 50)), "high"}


def ordering(name: str, number: int) -> OpExpr:
    return OpExpr(name, (DEVICE, Const(INT4, number)), (23, 23), BOOL, 0)


def test_an_index_that_was_made_ready_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shards = tuple(_ranges(50))
    prune.make_ready([(READINGS, shards)])

    def made(*_: object) -> None:
        raise AssertionError("an index was made")

    monkeypatch.setattr(prune, "ShardIndex", made)
    asked = exchange(OpExpr("=", (DEVICE, Const(INT4, 77)), (23, 23), BOOL, 96))
    assert [s.name for s in surviving(asked, shards, {})[0]] == ["s000007"]
