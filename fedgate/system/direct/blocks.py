"""One SELECT: rows of FROM, grouped, windowed, made into target rows, then distinct, sorted and cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fedgate.sql.tree import Aggref, Block, Expr, FuncExpr, GroupRef, SubLink, Var, WindowFunc, is_query, walk
from fedgate.system.direct.aggregates import Fold, compile_aggregate
from fedgate.system.direct.joins import Step, compile_from
from fedgate.system.direct.kinds import is_simple
from fedgate.system.direct.runtime import Env, Eval, NotDirectError, Row, Rows
from fedgate.system.direct.sorting import compile_limit, compile_order, unique, with_ctes

if TYPE_CHECKING:
    from fedgate.system.direct.compile import Compiler


@dataclass(slots=True)
class Grouping:
    """The groups of a block while its targets are compiled: keys first, then aggregates, in the row at `slot`."""

    slot: int
    keys: int
    aggregates: list[Aggref] = field(default_factory=list)

    def place(self, e: Aggref | GroupRef) -> int:
        """Where the value is in a group's row."""
        if isinstance(e, GroupRef):
            return e.index
        for place, known in enumerate(self.aggregates):
            if known is e or known == e:
                return self.keys + place
        self.aggregates.append(e)
        return self.keys + len(self.aggregates) - 1


def compile_block(c: Compiler, block: Block) -> Rows:
    """The block's rows."""
    if block.grouping_sets is not None or block.with_ties:
        raise NotDirectError("a block of that kind")
    return with_ctes(c, block.ctes, lambda: _compile(c, block))


def _compile(c: Compiler, block: Block) -> Rows:
    step = compile_from(c, block.from_, block.where)
    if block.grouped:
        made = _grouped(c, block, step)
    elif any(isinstance(n, WindowFunc) for t in block.targets for n in walk(t.expr)):
        made = _windowed(c, block, step)
    else:
        made = _plain(c, block, step)
    ids = [t.id for t in block.targets]
    order = compile_order(block.order_by, ids)
    limit = compile_limit(c, block.limit, block.offset)
    shown = [place for place, t in enumerate(block.targets) if not t.junk]
    cut = len(shown) < len(ids)
    distinct = _distinct(block, ids)

    def run(env: Env) -> list[Row]:
        rows = made(env)
        if distinct is not None:
            rows = distinct(rows if block.distinct is True or order is None else order(rows))
        if order is not None and (distinct is None or block.distinct is True):
            rows = order(rows)
        rows = limit(env, rows)
        return [tuple([row[place] for place in shown]) for row in rows] if cut else rows

    return run


def _distinct(block: Block, ids: list[int]) -> Callable[[list[Row]], list[Row]] | None:
    if block.distinct is False:
        return None
    if block.distinct is True:
        if not all(is_simple(t.expr.type.oid) for t in block.targets):
            raise NotDirectError("distinct values of that type")
        return unique
    assert isinstance(block.distinct, tuple)
    places = [ids.index(id_) for id_ in block.distinct]

    def first(rows: list[Row]) -> list[Row]:
        found: dict[Row, Row] = {}
        for row in rows:
            found.setdefault(tuple([row[place] for place in places]), row)
        return list(found.values())

    return first


# ------------------------------------------------------------------------------------------------------------ target rows


def _targets(c: Compiler, exprs: Sequence[Expr]) -> Callable[[Env], Iterator[Row]]:
    """The rows of a target list for the row that is open: one, or as many as its longest set has."""
    c.sets.append([])
    made = [c.expr(e) for e in exprs]
    sets = c.sets.pop()
    if not sets:

        def one(env: Env) -> Iterator[Row]:
            yield tuple([e(env) for e in made])

        return one
    from fedgate.system.direct.sets import elements

    makers = [(elements(c, e), slot) for e, slot in sets]

    def several(env: Env) -> Iterator[Row]:
        lists = [(maker(env), slot) for maker, slot in makers]
        for place in range(max(len(items) for items, _ in lists)):
            for items, slot in lists:
                env[slot] = items[place] if place < len(items) else None
            yield tuple([e(env) for e in made])

    return several


def _plain(c: Compiler, block: Block, step: Step) -> Rows:
    has_sets = any(isinstance(n, FuncExpr) and n.returns_set for t in block.targets for n in walk(t.expr))
    if has_sets:
        targets = _targets(c, [t.expr for t in block.targets])

        def spread(env: Env) -> list[Row]:
            rows: list[Row] = []
            step(env, lambda env: rows.extend(targets(env)))
            return rows

        return spread
    made = [c.expr(t.expr) for t in block.targets]

    def run(env: Env) -> list[Row]:
        rows: list[Row] = []
        step(env, lambda env: rows.append(tuple([e(env) for e in made])))
        return rows

    return run


def _grouped(c: Compiler, block: Block, step: Step) -> Rows:
    if not all(is_simple(e.type.oid) for e in block.group_by):
        raise NotDirectError("keys of that type")
    keys = [c.expr(e) for e in block.group_by]
    own = {leaf.rel for leaf in _leaves(block)}
    for target in (*(t.expr for t in block.targets), *((block.having,) if block.having is not None else ())):
        _check_subqueries(target, own)
    grouping = Grouping(c.new_slot(), len(keys))
    c.groups.append(grouping)
    made = [c.expr(t.expr) for t in block.targets]
    having = c.expr(block.having) if block.having is not None else None
    c.groups.pop()
    folds: list[Callable[[], Fold]] = []
    seen = 0
    while seen < len(grouping.aggregates):
        folds.append(compile_aggregate(c, grouping.aggregates[seen]))
        seen += 1
    slot = grouping.slot

    def run(env: Env) -> list[Row]:
        groups: dict[Row, list[Fold]] = {}

        def take(env: Env) -> None:
            key = tuple([k(env) for k in keys])
            state = groups.get(key)
            if state is None:
                state = groups[key] = [fold() for fold in folds]
            for fold in state:
                fold.add(env)

        step(env, take)
        if not keys and not groups:
            groups[()] = [fold() for fold in folds]
        rows = []
        for key, state in groups.items():
            env[slot] = (*key, *[fold.end() for fold in state])
            if having is None or having(env) is True:
                rows.append(tuple([e(env) for e in made]))
        return rows

    return run


def _leaves(block: Block) -> Iterator[Any]:
    from fedgate.sql.tree import leaves

    return leaves(block.from_)


def _check_subqueries(expr: Expr, own: set[int]) -> None:
    """A subquery beside groups must not read the rows below them."""
    for node in walk(expr):
        if isinstance(node, SubLink):
            for inner in walk(node.query, into_queries=True):
                if isinstance(inner, GroupRef | Aggref) and _belongs_outside(inner, node):
                    raise NotDirectError("a subquery over groups")
                if isinstance(inner, Var) and inner.rel in own:
                    raise NotDirectError("a subquery over groups")


def _belongs_outside(inner: object, link: SubLink) -> bool:
    """Whether a group's value in a subquery may be of the block around it: when no block of its own groups."""
    return not any(isinstance(n, Block) and n.grouped for n in walk(link.query, into_queries=True) if is_query(n))


def _windowed(c: Compiler, block: Block, step: Step) -> Rows:
    """row_number() and nothing else."""
    functions: list[WindowFunc] = []
    for target in block.targets:
        for node in walk(target.expr):
            if isinstance(node, WindowFunc):
                if node.name != "row_number" or node.frame is not None:
                    raise NotDirectError(node.name)
                functions.append(node)
    slot = c.new_slot()
    for place, function in enumerate(functions):
        c.windows[id(function)] = (slot, place)
    numbered = [_numbering(c, function) for function in functions]
    made = [c.expr(t.expr) for t in block.targets]

    def run(env: Env) -> list[Row]:
        saved: list[Env] = []
        step(env, lambda env: saved.append(list(env)))
        columns = [number(saved) for number in numbered]
        rows = []
        for row, of in zip(saved, zip(*columns, strict=True), strict=True):
            row[slot] = of
            rows.append(tuple([e(row) for e in made]))
        return rows

    return run


def _numbering(c: Compiler, function: WindowFunc) -> Callable[[list[Env]], list[int]]:
    from fedgate.system.direct.sorting import sort_by

    parts: list[Eval] = [c.expr(e) for e in function.partition_by]
    if not all(is_simple(e.type.oid) for e in (*function.partition_by, *(s.expr for s in function.order_by))):
        raise NotDirectError("a window over that type")
    sort = sort_by(c, function.order_by)

    def number(envs: list[Env]) -> list[int]:
        places = sort(envs)
        counts: dict[Row, int] = {}
        numbers = [0] * len(envs)
        for place in places:
            key = tuple([part(envs[place]) for part in parts])
            numbers[place] = counts[key] = counts.get(key, 0) + 1
        return numbers

    return number
