"""FROM and WHERE: the order in which relations are opened, each by the best index that what is open already gives.

Inner joins are taken apart into relations and conditions; a condition is tested as soon as all that it reads is open. The right
side of a LEFT JOIN is opened as a whole, after the relations that its condition names; when nothing matches it gives NULLs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from fedgate.schema import Table
from fedgate.sql.tree import (
    Coerce,
    CteRef,
    Derived,
    Expr,
    FromItem,
    FunctionRef,
    Join,
    OpExpr,
    ScalarArrayOp,
    TableRef,
    Var,
    conjuncts,
    ids_of,
    leaves,
)
from fedgate.system.direct.runtime import Env, Eval, Mark, NotDirectError, Row

if TYPE_CHECKING:
    from fedgate.system.direct.compile import Compiler

Sink: TypeAlias = "Callable[[Env], None]"
Step: TypeAlias = "Callable[[Env, Sink], None]"
"""Opens rows one after the other, and calls the sink for each."""
Maker: TypeAlias = "Callable[[Step], Step]"
"""A step before the one that it is given."""
_GUESS = 50.0
"""Rows that a subquery is taken to give."""


@dataclass(slots=True)
class _Unit:
    """A relation, or with `inner` the right side of a LEFT JOIN whose condition needs `needs`."""

    rels: frozenset[int]
    leaf: TableRef | Derived | FunctionRef | CteRef | None
    inner: _Plan | None = None
    needs: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Plan:
    units: list[_Unit] = field(default_factory=list)
    conditions: list[Expr] = field(default_factory=list)


def compile_from(c: Compiler, from_: Sequence[FromItem], where: Expr | None) -> Step:
    """What opens each row of a FROM clause in turn."""
    plan = _Plan()
    for item in from_:
        _flatten(item, plan)
    plan.conditions.extend(conjuncts(where))
    return _steps(c, plan)


def _flatten(item: FromItem, plan: _Plan) -> None:
    if not isinstance(item, Join):
        if not isinstance(item, TableRef | Derived | FunctionRef | CteRef):
            raise NotDirectError("from")
        needs = _outside(item)
        plan.units.append(_Unit(frozenset((item.rel,)), item, None, needs))
        return
    if item.kind == "inner":
        _flatten(item.left, plan)
        _flatten(item.right, plan)
        plan.conditions.extend(conjuncts(item.on))
        return
    if item.kind == "full":
        raise NotDirectError("full join")
    left, right = (item.left, item.right) if item.kind == "left" else (item.right, item.left)
    _flatten(left, plan)
    inner = _Plan()
    _flatten(right, inner)
    inner.conditions.extend(conjuncts(item.on))
    rels = frozenset(leaf.rel for leaf in leaves([right]))
    lefts = frozenset(leaf.rel for leaf in leaves([left]))
    needs = frozenset().union(*(ids_of(x) for x in inner.conditions), *(u.needs for u in inner.units)) & lefts
    plan.units.append(_Unit(rels, None, inner, needs))


def _outside(leaf: TableRef | Derived | FunctionRef | CteRef) -> frozenset[int]:
    """Relations that a lateral item reads."""
    if isinstance(leaf, Derived):
        return ids_of(leaf.query) if leaf.lateral else frozenset()
    if isinstance(leaf, FunctionRef):
        return frozenset().union(*(ids_of(f) for f in leaf.functions)) if leaf.functions else frozenset()
    return frozenset()


def _steps(c: Compiler, plan: _Plan) -> Step:
    own = frozenset().union(*(u.rels for u in plan.units)) if plan.units else frozenset()
    _shapes(c, plan.units)
    waiting = [(condition, ids_of(condition) & own) for condition in plan.conditions]
    units = list(plan.units)
    done: frozenset[int] = frozenset()
    steps: list[Maker] = []
    first = [c.expr(x) for x, needs in waiting if not needs]
    waiting = [(x, needs) for x, needs in waiting if needs]
    while units:
        ready = [u for u in units if u.needs & own <= done]
        if not ready:
            raise NotDirectError("order of relations")
        ranked = [(_cost(c, u, waiting, done, own), place, u) for place, u in enumerate(ready)]
        unit = min(ranked, key=lambda r: r[:2])[2]
        units.remove(unit)
        reach = done | unit.rels
        now = [x for x, needs in waiting if needs <= reach]
        waiting = [(x, needs) for x, needs in waiting if not needs <= reach]
        steps.append(_attached(c, unit, now) if unit.inner is not None else _opened(c, unit, now, done, own))
        done = reach
    return _chained(steps, first)


def _shapes(c: Compiler, units: list[_Unit]) -> None:
    for unit in units:
        for rel in unit.rels:
            c.slot(rel)
        if unit.leaf is not None:
            c.shape(unit.leaf)
        else:
            assert unit.inner is not None
            _shapes(c, unit.inner.units)


def _chained(steps: list[Maker], first: list[Eval]) -> Step:
    step: Step = lambda env, sink: sink(env)  # noqa: E731
    for make in reversed(steps):
        step = make(step)
    if not first:
        return step
    rest = step

    def run(env: Env, sink: Sink) -> None:
        for test in first:
            if test(env) is not True:
                return
        rest(env, sink)

    return run


# ------------------------------------------------------------------------------------------------------------ one relation


@dataclass(frozen=True, slots=True)
class _Key:
    """An index that a condition can use: the column's place, and what to look up: one value, or (`many`) a list of them."""

    place: int
    value: Expr
    many: bool


def _cost(c: Compiler, unit: _Unit, waiting: list[tuple[Expr, frozenset[int]]], done: frozenset[int], own: frozenset[int]) -> float:
    """About how many rows it gives for one row of what is open."""
    if unit.inner is not None:
        return 1.0 if unit.needs <= done else _GUESS
    leaf = unit.leaf
    if not isinstance(leaf, TableRef):
        return _GUESS
    held = c.held(leaf.table)
    best = float(len(held.rows))
    for condition, _ in waiting:
        if (key := _key(c, condition, leaf.rel, done, own)) is not None:
            index = held.index(key.place)
            best = min(best, len(held.rows) / max(len(index), 1) * (3.0 if key.many else 1.0))
    return best


def _key(c: Compiler, condition: Expr, rel: int, done: frozenset[int], own: frozenset[int]) -> _Key | None:
    """The index that a condition on `rel` can use when of `own` those in `done` are open."""
    if isinstance(condition, OpExpr) and len(condition.args) == 2:
        left, right = condition.args
        if condition.name == "=":
            for column, value in ((left, right), (right, left)):
                place = _place(c, column, rel)
                if place is not None and _open(value, rel, done, own) and c.alike(column, value):
                    return _Key(place, value, False)
    if isinstance(condition, ScalarArrayOp) and condition.name == "=" and not condition.all:
        place = _place(c, condition.left, rel)
        if place is not None and _open(condition.right, rel, done, own):
            return _Key(place, condition.right, True)
    return None


def _place(c: Compiler, expr: Expr, rel: int) -> int | None:
    while isinstance(expr, Coerce) and expr.method == "relabel":
        expr = expr.arg
    if isinstance(expr, Var) and expr.rel == rel:
        return c.place(expr)
    return None


def _open(value: Expr, rel: int, done: frozenset[int], own: frozenset[int]) -> bool:
    reads = ids_of(value)
    return rel not in reads and all(r in done or r not in own for r in reads)


def _opened(c: Compiler, unit: _Unit, conditions: list[Expr], done: frozenset[int], own: frozenset[int]) -> Maker:
    leaf = unit.leaf
    assert leaf is not None
    slot = c.slot(leaf.rel)
    source: Callable[[Env], list[Row]]
    if isinstance(leaf, TableRef):
        keys = [(key, x) for x in conditions if (key := _key(c, x, leaf.rel, done, own)) is not None]
        source = _table_rows(c, leaf.table, keys)
    elif isinstance(leaf, Derived) and not leaf.lateral and c.is_closed(leaf.query):
        keys = [(key, x) for x in conditions if (key := _key(c, x, leaf.rel, done, own)) is not None and not key.many]
        source = _indexed(c, leaf, [key for key, _ in keys]) if keys else c.leaf_rows(leaf)
    else:
        source = c.leaf_rows(leaf)
    tests = [c.expr(x) for x in conditions]

    def make(following: Step) -> Step:
        def run(env: Env, sink: Sink) -> None:
            rows = source(env)
            env[0].count(len(rows))
            for row in rows:
                env[slot] = row
                for test in tests:
                    if test(env) is not True:
                        break
                else:
                    following(env, sink)

        return run

    return make


def _table_rows(c: Compiler, table: Table, keys: list[tuple[_Key, Expr]]) -> Callable[[Env], list[Row]]:
    if not keys:
        return lambda env: env[0].held(table).rows
    held = c.held(table)
    key, _ = max(keys, key=lambda k: (not k[0].many, len(held.index(k[0].place))))
    place, value = key.place, c.expr(key.value)
    if not key.many:

        def one(env: Env) -> list[Row]:
            index: dict[Any, list[Row]] = env[0].held(table).index(place)
            return index.get(value(env), _NO_ROWS)

        return one

    def several(env: Env) -> list[Row]:
        wanted = value(env)
        index: dict[Any, list[Row]] = env[0].held(table).index(place)
        return [row for one in dict.fromkeys(wanted or ()) for row in index.get(one, _NO_ROWS)]

    return several


def _indexed(c: Compiler, leaf: Derived, keys: list[_Key]) -> Callable[[Env], list[Row]]:
    """The rows of a subquery that reads nothing around it, by the values of all columns that are asked for."""
    rows, places = c.leaf_rows(leaf), [key.place for key in keys]
    values = [c.expr(key.value) for key in keys]
    lasting, mark = c.is_lasting(leaf.query), Mark()

    def made(env: Env) -> dict[tuple[Any, ...], list[Row]]:
        index: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows(env):
            index.setdefault(tuple([row[place] for place in places]), []).append(row)
        return index

    def one(env: Env) -> list[Row]:
        index: dict[tuple[Any, ...], list[Row]] = env[0].answered(mark, lasting, lambda: made(env))
        return index.get(tuple([value(env) for value in values]), _NO_ROWS)

    return one


_NO_ROWS: list[Row] = []


def _attached(c: Compiler, unit: _Unit, conditions: list[Expr]) -> Maker:
    """The right side of a LEFT JOIN; `conditions` are of WHERE, tested after it."""
    assert unit.inner is not None
    nulls = [(c.slot(rel), c.nulls(rel)) for rel in sorted(unit.rels)]
    inner = _steps(c, unit.inner)
    tests = [c.expr(x) for x in conditions]

    def make(following: Step) -> Step:
        def run(env: Env, sink: Sink) -> None:
            matched = False

            def one(env: Env) -> None:
                nonlocal matched
                matched = True
                for test in tests:
                    if test(env) is not True:
                        return
                following(env, sink)

            inner(env, one)
            if not matched:
                for slot, row in nulls:
                    env[slot] = row
                one(env)

        return run

    return make
