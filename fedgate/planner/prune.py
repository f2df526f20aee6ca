"""Which shards a statement has to ask: `may(predicate, case)` at execution, when the parameters' values are known.

Contract: a shard is left out only if no row of it can make the predicate TRUE. Rows of a shard make its check true or NULL,
hold NULL in columns that every placement lacks, and the shard's own values in `_shard` and `_node`. Anything that is not
understood may be true.

Usual conditions are looked up in an index of all shards (`shard_index`). `outcomes` is the closer look: it gives what a predicate
may come to on a row of a case, some of TRUE, FALSE and NULL, never too few. So NOT, OR and IS … need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Final, overload

from fedgate.catalog.model import Shard
from fedgate.planner.cases import NEGATED, cases_of
from fedgate.planner.domains import (
    ANY,
    FLIPPED,
    Case,
    Domain,
    Elements,
    column_of,
    comparable,
    comparable_array,
    compare,
    comparison,
    ordered,
)
from fedgate.planner.known import Known
from fedgate.planner.plan import Exchange
from fedgate.planner.reach import is_never
from fedgate.planner.shard_index import ShardIndex
from fedgate.planner.show import Names, names_of, show
from fedgate.schema import NODE_ATTNUM, SHARD_ATTNUM, Table
from fedgate.sql.tree import (
    Block,
    BooleanTest,
    BoolExpr,
    Const,
    DistinctExpr,
    Expr,
    FuncExpr,
    NullTest,
    OpExpr,
    Param,
    RowCompare,
    ScalarArrayOp,
    Var,
    conjuncts,
    walk,
)
from fedgate.types.values import Value

INDEXES_MAX: Final = 64

Outcomes = frozenset[bool | None]
T: Final[Outcomes] = frozenset([True])
F: Final[Outcomes] = frozenset([False])
N: Final[Outcomes] = frozenset([None])
UNKNOWN: Final[Outcomes] = T | F | N


def surviving(
    exchange: Exchange, shards: Sequence[Shard], values: Mapping[str, Value], timezone: str | None = None
) -> tuple[tuple[Shard, ...], Sequence[tuple[Shard, str]]]:
    """(the shards to ask in their order, those left out with the reason). `values` are the parameters' by name; `timezone` is the
    session's, without which conditions that depend on it prune nothing.

    Of an exchange without a sharded table all are kept. Reasons are found when they are read.
    """
    conditions = (*exchange.prune, *exchange.granted)
    if exchange.sharded is None or not conditions:
        return tuple(shards), ()
    assert exchange.sharded_rel is not None
    index = index_of(exchange.sharded, tuple(shards))
    known = Known(exchange.sharded_rel, values, timezone)
    possible, more = index.possible(conditions, known)
    if more:
        possible = _judged(index, range(len(index.cases)) if possible is None else sorted(possible), conditions, known)
    if possible is None:
        return tuple(shards), ()
    kept = {index.owner[n] for n in possible}
    left_out = tuple(shard for i, shard in enumerate(shards) if i not in kept)
    return tuple(shards[i] for i in sorted(kept)), LeftOut(exchange, left_out, known)


def asks_nothing(exchange: Exchange) -> bool:
    """Whether no row of a replicated table is wanted, whatever its rows are."""
    where = exchange.block.where if isinstance(exchange.block, Block) else None
    return exchange.sharded is None and any(is_never(part) for part in conjuncts(where))


def _judged(index: ShardIndex, numbers: Iterable[int], parts: tuple[Expr, ...], known: Known) -> set[int]:
    """The cases in which the conjuncts may hold; cases that are alike in the columns read are judged once."""
    columns = sorted({node.col for part in parts for node in walk(part) if isinstance(node, Var) and node.rel == known.rel})
    verdicts: dict[tuple[Domain | None, ...], bool] = {}
    kept = set()
    for n in numbers:
        case = index.cases[n]
        alike = tuple(case.get(column) for column in columns)
        if alike not in verdicts:
            verdicts[alike] = _Judge(known, case).all_of(parts, None) is None
        if verdicts[alike]:
            kept.add(n)
    return kept


class LeftOut(Sequence[tuple[Shard, str]]):
    """Shards that are not asked, and why."""

    def __init__(self, exchange: Exchange, shards: tuple[Shard, ...], known: Known) -> None:
        self._exchange, self._shards, self._known = exchange, shards, known

    def __len__(self) -> int:
        return len(self._shards)

    @overload
    def __getitem__(self, place: int) -> tuple[Shard, str]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[Shard, str]]: ...
    def __getitem__(self, place: int | slice) -> tuple[Shard, str] | Sequence[tuple[Shard, str]]:
        if isinstance(place, slice):
            return LeftOut(self._exchange, self._shards[place], self._known)
        return self._shards[place], self._reason(self._shards[place])

    def _reason(self, shard: Shard) -> str:
        assert self._exchange.sharded is not None
        names = cache(lambda: names_of(self._exchange.block))
        found = (
            _Judge(self._known, case).all_of(self._exchange.prune, names) for case in shard_cases(self._exchange.sharded, shard)
        )
        otherwise = "no row of it is granted" if self._exchange.granted else "its check admits no row"
        return next((reason for reason in found if reason is not None), otherwise)


def index_of(table: Table, shards: tuple[Shard, ...]) -> ShardIndex:
    """Depends on the snapshot alone, not on what a role may see of the table."""
    return _index_of(table.whole or table, shards)


@lru_cache(maxsize=INDEXES_MAX)
def _index_of(table: Table, shards: tuple[Shard, ...]) -> ShardIndex:
    return ShardIndex(shard_cases(table, shard) for shard in shards)


def make_ready(tables: Iterable[tuple[Table, tuple[Shard, ...]]]) -> None:
    """Index the shards of tables, so that no statement waits for it: half a second for ten thousand."""
    for table, shards in tables:
        if not table.replicated:
            index_of(table, shards)


def shard_cases(table: Table, shard: Shard) -> tuple[Case, ...]:
    """What is known of the shard's rows."""
    not_null = {c.attnum for c in table.columns if c.not_null}
    known: dict[int, Domain] = {
        SHARD_ATTNUM: Domain(frozenset([shard.name]), null=False),
        NODE_ATTNUM: Domain(frozenset([shard.home]), null=False),
    }
    absent = [frozenset(i for i, column in enumerate(p.columns, 1) if column.absent) for p in shard.placements]
    for attnum in frozenset.intersection(*absent) if absent else ():
        known[attnum] = Domain(frozenset())
        not_null.discard(attnum)
    cases = []
    for case in cases_of(shard.check):
        whole = {**case, **known}
        cases.append({n: replace(d, null=False) if d.null and n in not_null else d for n, d in whole.items()})
        for n in not_null - whole.keys():
            cases[-1][n] = Domain(null=False)
    return tuple(cases)


def may(predicate: Expr, rel: int, case: Case, values: Mapping[str, Value], timezone: str | None = None) -> bool:
    """Whether the predicate over relation `rel` can be TRUE for a row of the case."""
    return True in _Judge(Known(rel, values, timezone), case).outcomes(predicate)


class _Judge:
    """One case of one shard; `case` narrows as conjuncts are taken to hold."""

    def __init__(self, known: Known, case: Case) -> None:
        self._known = known
        self._case = dict(case)

    def all_of(self, parts: Iterable[Expr], names: Callable[[], Names] | None) -> str | None:
        """None when all conjuncts may hold together for one row, else what stands against it (with `names`)."""
        for part in parts:
            if True not in self.outcomes(part):
                column = self._domain_column(part)
                known = self._case.get(column.col) if column else None
                if names is None:
                    return ""
                called = names()
                if known is None or column is None:
                    return f"{show(part, called)} is never true here"
                return f"{show(part, called)} contradicts {show(column, called)} {known}"
            narrowing = self._known.narrowing(part)
            if narrowing is not None:
                col, found = narrowing
                self._case[col] = self._case.get(col, ANY).meet(found)
        return None

    # ------------------------------------------------------------------------------------------------ outcomes

    def outcomes(self, expr: Expr) -> Outcomes:
        """What `expr` may come to."""
        if isinstance(expr, (Const, Param)):
            known, value = self._known.value(expr)
            return _truth(value) if known else UNKNOWN
        if isinstance(expr, BoolExpr):
            return self._bool(expr)
        if isinstance(expr, OpExpr):
            compared = self._comparison(expr)
            return self._computed(expr) if compared == UNKNOWN else compared
        if isinstance(expr, ScalarArrayOp):
            compared = self._array(expr)
            parts = self._known.each(expr) if compared == UNKNOWN else None
            return compared if parts is None else self._bool(BoolExpr("or", parts)) | N
        if isinstance(expr, (RowCompare, FuncExpr)):
            return self._computed(expr)
        if isinstance(expr, NullTest):
            return self._null_test(expr)
        if isinstance(expr, BooleanTest):
            return self._boolean_test(expr)
        if isinstance(expr, DistinctExpr):
            return self._distinct(expr)
        if isinstance(expr, Var) and expr.rel == self._known.rel and expr.type.oid == 16:
            domain = self.domain(expr)
            found = {v for v in (True, False) if domain.admits(v)}
            return frozenset(found) | (N if domain.null else frozenset())
        return UNKNOWN

    def _bool(self, expr: BoolExpr) -> Outcomes:
        parts = [self.outcomes(arg) for arg in expr.args]
        if expr.op == "not":
            return frozenset(None if v is None else not v for v in parts[0])
        absorbing = expr.op == "or"
        result: Outcomes = frozenset([not absorbing])
        for part in parts:
            result = frozenset(_combine(a, b, absorbing) for a in result for b in part)
        return result

    def _computed(self, expr: Expr) -> Outcomes:
        """Of a condition on what is computed of a column: only whether it, or its opposite, may be met."""
        opposite = replace(expr, name=NEGATED[expr.name]) if isinstance(expr, OpExpr) and expr.name in NEGATED else None
        return frozenset(v for v, part in ((True, expr), (False, opposite)) if part is None or self._meets(part)) | N

    def _meets(self, part: Expr) -> bool:
        narrowing = self._known.narrowing(part)
        if narrowing is None:
            return True
        found = self._case.get(narrowing[0], ANY).meet(narrowing[1])
        return found.null or not found.empty

    def _comparison(self, expr: OpExpr) -> Outcomes:
        if len(expr.args) != 2 or expr.name not in FLIPPED or not comparable(*expr.arg_types):
            return UNKNOWN
        left, right = expr.args
        name = expr.name
        if column_of(right) is not None and column_of(left) is None:
            left, right, name = right, left, FLIPPED[name]
        known, value = self._known.value(right)
        if not known:
            return UNKNOWN
        if value is None:
            return N
        if not ordered(value):
            return UNKNOWN
        column = column_of(left)
        if column is None or column.rel != self._known.rel:
            left_known, left_value = self._known.value(left)
            if not left_known or (left_value is not None and not ordered(left_value)):
                return UNKNOWN
            return N if left_value is None else frozenset([compare(name, left_value, value)])
        return _column_outcomes(self.domain(column), name, value)

    def _array(self, expr: ScalarArrayOp) -> Outcomes:
        if expr.name not in FLIPPED or not comparable_array(expr):
            return UNKNOWN
        items = self._known.items(expr.right)
        column = column_of(expr.left)
        if items is None or column is None or column.rel != self._known.rel:
            return UNKNOWN
        elements = self._known.elements(expr.right)
        if elements is None:
            return UNKNOWN
        if not items:
            return T if expr.all else F
        domain = self.domain(column)
        if (expr.name, expr.all) in (("=", False), ("<>", True)):
            return _element_outcomes(domain, elements, element=expr.name == "=")
        result: Outcomes = frozenset([expr.all])
        for item in items:
            part = N if item is None else _column_outcomes(domain, expr.name, item)
            result = frozenset(_combine(a, b, not expr.all) for a in result for b in part)
            if result == UNKNOWN:
                break
        return result

    def _null_test(self, expr: NullTest) -> Outcomes:
        column = column_of(expr.arg)
        if column is None or column.rel != self._known.rel:
            known, value = self._known.value(expr.arg)
            return frozenset([(value is None) != expr.negated]) if known else UNKNOWN
        domain = self.domain(column)
        found = ({True} if domain.null else set()) | (set() if domain.empty else {False})
        return frozenset(v != expr.negated for v in found)

    def _boolean_test(self, expr: BooleanTest) -> Outcomes:
        wanted = {"true": True, "false": False, "unknown": None}[expr.test]
        return frozenset((v is wanted) != expr.negated for v in self.outcomes(expr.arg))

    def _distinct(self, expr: DistinctExpr) -> Outcomes:
        equal = self._comparison(OpExpr("=", (expr.left, expr.right), expr.arg_types, expr.type, expr.oid))
        if None in equal:  # which side is NULL is not known here
            equal = T | F if self._meets(replace(expr, negated=True)) else F
        return frozenset((not v) != expr.negated for v in equal)

    # ------------------------------------------------------------------------------------------------ values and domains

    def domain(self, column: Var) -> Domain:
        return self._case.get(column.col, ANY)

    def _domain_column(self, part: Expr) -> Var | None:
        """The one column that a conjunct is about, if it is a comparison that `_narrow` understands or a reason can name."""
        sides: tuple[Expr, ...] = ()
        if isinstance(part, OpExpr):
            sides = part.args
        elif isinstance(part, ScalarArrayOp):
            sides = (part.left,)
        elif isinstance(part, (NullTest, BooleanTest)):
            sides = (part.arg,)
        columns = [c for c in map(column_of, sides) if c is not None and c.rel == self._known.rel]
        if not columns and (narrowing := self._known.narrowing(part)) is not None:
            columns = [node for node in walk(part) if isinstance(node, Var) and node.col == narrowing[0]][:1]
        return columns[0] if len(columns) == 1 else None


def _truth(value: Value) -> Outcomes:
    return frozenset([value]) if value is None or isinstance(value, bool) else UNKNOWN


def _combine(a: bool | None, b: bool | None, absorbing: bool) -> bool | None:
    """a OR b (absorbing True), a AND b (absorbing False), in three values."""
    if a is absorbing or b is absorbing:
        return absorbing
    return None if a is None or b is None else not absorbing


def _element_outcomes(domain: Domain, elements: Elements, *, element: bool) -> Outcomes:
    """What `column = ANY (…)` may come to, `column <> ALL (…)` when not `element`; there are elements, or NULLs among them."""
    found: set[bool | None] = {None} if domain.null else set()
    if elements.meets(domain):
        found.add(element)
    if not domain.empty and not elements.cover(domain):
        found.add(None if elements.null else not element)
    return frozenset(found)


def _column_outcomes(domain: Domain, name: str, value: Value) -> Outcomes:
    """What `column name value` may come to when the column's values are in the domain; value is not NULL."""
    found: set[bool | None] = {None} if domain.null else set()
    if domain.values is not None:
        return frozenset(found | {compare(name, v, value) for v in domain.values})
    if domain.empty:
        return frozenset(found)
    if name in ("=", "<>"):
        equal = {False, True} if domain.admits(value) else {False}
        return frozenset(found | {e == (name == "=") for e in equal})
    passing = comparison(name, value)
    failing = comparison({"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[name], value)
    assert passing is not None
    assert failing is not None
    if not domain.meet(passing).empty:
        found.add(True)
    if not domain.meet(failing).empty:
        found.add(False)
    return frozenset(found)
