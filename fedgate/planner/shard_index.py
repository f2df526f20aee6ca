"""Which shards a predicate may concern, without a look at each: an index of what the shards' cases say of each column.

Contract: made once for the cases of all shards of a table. `possible` gives the numbers of the cases in which all conjuncts may be
TRUE for a row, and whether that is all that can be said; never too few of them. What it understands are comparisons of a column
with known values, `= ANY`, IS NULL, boolean columns, and AND, OR and NOT of these.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any, TypeAlias

from fedgate.planner.cases import NEGATED
from fedgate.planner.domains import ANY, FLIPPED, Case, Domain, Elements, comparable, compare, ordered
from fedgate.planner.known import Known
from fedgate.sql.tree import BooleanTest, BoolExpr, Const, DistinctExpr, Expr, NullTest, OpExpr, Param, ScalarArrayOp, Var

Numbers: TypeAlias = set[int]


class ShardIndex:
    """`owner[n]` is the number of the shard that has case n."""

    def __init__(self, cases: Iterable[Sequence[Case]]) -> None:
        self.owner: list[int] = []
        self.cases: list[Case] = []
        for shard, its in enumerate(cases):
            self.owner += [shard] * len(its)
            self.cases += its
        self._columns: dict[int, _Column] = {}

    def possible(self, parts: Sequence[Expr], known: Known) -> tuple[Numbers | None, bool]:
        """(the cases, None for all of them; whether a closer look can leave out more)."""
        question = _Question(self, known)
        return question.all_of(parts), question.open

    def column(self, col: int) -> _Column:
        found = self._columns.get(col)
        if found is None:
            found = self._columns[col] = _Column([case.get(col, ANY) for case in self.cases])
        return found


class _Question:
    """One predicate. `open` is set where a condition is met that only a closer look understands."""

    def __init__(self, index: ShardIndex, known: Known) -> None:
        self._index = index
        self._known = known
        self.open = False

    def all_of(self, parts: Iterable[Expr]) -> Numbers | None:
        """What may hold together: conditions on one column are first made one."""
        domains: dict[int, Domain] = {}
        found: Numbers | None = None
        for part in parts:
            narrowing = self._known.narrowing(part)
            if narrowing is not None:
                col, domain = narrowing
                domains[col] = domains[col].meet(domain) if col in domains else domain
            else:
                found = _both(found, self._one(part))
        for col, domain in domains.items():
            found = _both(found, self._index.column(col).admitting(domain))
        return found

    def _one(self, part: Expr) -> Numbers | None:
        """Of a condition that is no plain one of a column."""
        if isinstance(part, BoolExpr):
            if part.op == "and":
                return self.all_of(part.args)
            return self._any_of(part.args) if part.op == "or" else self._not(part.args[0])
        if isinstance(part, (Const, Param)):
            known, value = self._known.value(part)
            return set() if known and value is not True else None
        if isinstance(part, OpExpr):
            return self._operator(part)
        if isinstance(part, BooleanTest) and not part.negated and part.test != "unknown":
            return self.all_of((part.arg,)) if part.test == "true" else self._not(part.arg)
        if isinstance(part, ScalarArrayOp) and (each := self._known.each(part)) is not None:
            return self._any_of(each)
        self.open |= isinstance(part, (BooleanTest, DistinctExpr, ScalarArrayOp))
        return None

    def _any_of(self, parts: Sequence[Expr]) -> Numbers | None:
        found: Numbers = set()
        for part in parts:
            some = self.all_of((part,))
            if some is None:
                return None
            found |= some
        return found

    def _not(self, part: Expr) -> Numbers | None:
        if isinstance(part, BoolExpr):
            if part.op == "not":
                return self.all_of(part.args)
            negated = tuple(BoolExpr("not", (arg,)) for arg in part.args)
            return self._any_of(negated) if part.op == "and" else self.all_of(negated)
        if isinstance(part, OpExpr) and part.name in NEGATED and len(part.args) == 2:
            return self.all_of((replace(part, name=NEGATED[part.name]),))
        if isinstance(part, NullTest):
            return self.all_of((replace(part, negated=not part.negated),))
        if isinstance(part, ScalarArrayOp) and part.name == "=" and not part.all:
            narrowing, items = self._known.narrowing(part), self._known.items(part.right)
            if narrowing is not None and items:  # of no elements it is false for NULL, too
                return set() if None in items else self._index.column(narrowing[0]).other_than(items)
        if isinstance(part, Var) and part.rel == self._known.rel:
            return self._index.column(part.col).admitting(Domain(frozenset([False]), null=False))
        self.open = True
        return None

    def _operator(self, part: OpExpr) -> Numbers | None:
        """`column <> value`, by the way that = is understood; or a comparison of values.

        Of what is computed of a column the opposite of = says nothing: a NULL may be something else (`coalesce(column, 1) <> 2`).
        """
        if part.name not in FLIPPED or len(part.args) != 2 or not comparable(*part.arg_types):
            return None
        plain = part.name == "<>" and any(self._known.column(arg) is not None for arg in part.args)
        if plain and (equal := self._known.narrowing(replace(part, name="="))) is not None:
            col, domain = equal
            if domain.values is None:
                return None
            return self._index.column(col).other_than(tuple(domain.values)) if domain.values else set()
        (left_known, left), (right_known, right) = (self._known.value(arg) for arg in part.args)
        if not (left_known and right_known) or not (ordered(left) and ordered(right)):
            return None
        return None if left is not None and right is not None and compare(part.name, left, right) else set()


class _Column:
    """What all cases say of one column.

    Ranges with both ends are sorted by the lower one, with the farthest upper end so far beside it: those that meet a range lie
    together when ranges do not overlap much.
    """

    def __init__(self, domains: Sequence[Domain]) -> None:
        self._domains = domains
        self._points: dict[Any, list[int]] = {}
        self._free: Numbers = set()
        self._without: Numbers = set()  # free but for some values
        both: list[tuple[Any, int]] = []
        low_only: list[tuple[Any, int]] = []
        high_only: list[tuple[Any, int]] = []
        for n, domain in enumerate(domains):
            if domain.values is not None:
                for value in domain.values:
                    self._points.setdefault(value, []).append(n)
            elif domain.empty:
                continue
            elif domain.low is None and domain.high is None:
                (self._without if domain.but else self._free).add(n)
            elif domain.high is None:
                low_only.append((domain.low, n))
            elif domain.low is None:
                high_only.append((domain.high, n))
            else:
                both.append((domain.low, n))
        self._sorted_points: list[Any] | None = None
        self._both = _Sorted(both)
        self._farthest = list(accumulate((domains[n].high for n in self._both.numbers), max))
        self._low_only, self._high_only = _Sorted(low_only), _Sorted(high_only)
        self._ranges = bool(both or low_only or high_only)

    def admitting(self, wanted: Domain) -> Numbers:
        """The cases whose domain shares something with `wanted`."""
        if wanted.values is not None:
            found = {n for value in self._points.keys() & wanted.values for n in self._points[value]}
            if self._ranges:
                found.update(self._holding(wanted))
            if wanted.values:
                found |= self._free
                found.update(n for n in self._without if any(map(self._domains[n].admits, wanted.values)))
        elif wanted.low is None and wanted.high is None:
            found = {n for n, domain in enumerate(self._domains) if not domain.empty}
        else:
            found = {n for value in self._between(wanted.low, wanted.high) if wanted.admits(value) for n in self._points[value]}
            found |= self._free | self._without
            found.update(self._meeting(wanted.low, wanted.high, wanted))
        if wanted.null:
            found |= {n for n, domain in enumerate(self._domains) if domain.null}
        return found

    def other_than(self, values: Sequence[Any]) -> Numbers:
        """The cases in which the column may be something else than each of the values."""
        hits = Counter(n for value in set(values) for n in self._points.get(value, ()))
        gone = {n for n, count in hits.items() if count == len(self._domains[n].values or ())}
        return {n for n, domain in enumerate(self._domains) if n not in gone and not domain.empty}

    def _between(self, low: Any, high: Any) -> list[Any]:
        if self._sorted_points is None:
            self._sorted_points = sorted(self._points)
        first = 0 if low is None else bisect_left(self._sorted_points, low)
        last = len(self._sorted_points) if high is None else bisect_right(self._sorted_points, high)
        return self._sorted_points[first:last]

    def _holding(self, wanted: Domain) -> Iterable[int]:
        """The ranges that hold one of the values: looked for by the fewer of both."""
        assert wanted.values is not None
        if len(wanted.values) <= len(self._domains):
            return (n for value in wanted.values for n in self._meeting(value, value, wanted))
        elements = Elements(wanted.values)
        ranges = (*self._both.numbers, *self._low_only.numbers, *self._high_only.numbers)
        return (n for n in ranges if elements.meets(self._domains[n]))

    def _meeting(self, low: Any, high: Any, wanted: Domain) -> Iterable[int]:
        """The ranges that share something with [low, high]; of `wanted`, unless it is finite."""
        first = 0 if low is None else bisect_left(self._farthest, low)
        found = self._both.numbers[first : self._both.up_to(high)]
        found += self._low_only.numbers[: self._low_only.up_to(high)]
        found += self._high_only.numbers[0 if low is None else bisect_left(self._high_only.keys, low) :]
        if wanted.values is not None:
            return (n for n in found if self._domains[n].admits(low))
        return (n for n in found if not _misses(self._domains[n], wanted))


def _misses(a: Domain, b: Domain) -> bool:
    """Whether two ranges share nothing."""
    return _below(a, b) or _below(b, a)


def _below(a: Domain, b: Domain) -> bool:
    if a.high is None or b.low is None:
        return False
    return bool(a.high < b.low or (a.high == b.low and (a.high_open or b.low_open)))


class _Sorted:
    """Case numbers in the order of a key."""

    def __init__(self, entries: list[tuple[Any, int]]) -> None:
        entries.sort(key=lambda entry: entry[0])
        self.keys = [key for key, _ in entries]
        self.numbers = [n for _, n in entries]

    def up_to(self, key: Any) -> int:
        return len(self.keys) if key is None else bisect_right(self.keys, key)


def _both(a: Numbers | None, b: Numbers | None) -> Numbers | None:
    if a is None or b is None:
        return b if a is None else a
    return a & b
