"""partial_aggregate: nodes aggregate their own rows, the gateway merges what they send.

Precondition: FROM and WHERE are local (`locality`); keys and aggregate arguments are free of subqueries, volatile calls and
outer references; every aggregate is decomposable; nothing of the rows but keys is read outside aggregates. Nodes group by all
keys, the finest of the grouping sets. Aggregates with DISTINCT are made of the distinct values, ordered-set aggregates of values
with counts: nodes group by those too, and what adds up still does over the finer groups. Where that is wanted of several arguments
each has an exchange of its own (`branches`), since the combinations of their values may be as many as the rows. Of
`(array_agg(x ORDER BY t))[1]` nodes send the first row of each group. Grouping sets, HAVING, windows, DISTINCT, ORDER BY and LIMIT
stay above, unchanged.

A subquery that is correlated by equalities only (`correlation`) is taken for all outer rows at once: nodes group by what must equal
a value of the outer row as well, and the equalities stay above.

A key without columns is never sent: a constant in GROUP BY would be read as an ordinal, and a scalar aggregate over no rows is
a row where a group is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from fedgate.planner import aggregates
from fedgate.planner.aggregates import Order
from fedgate.planner.branches import Branch, Branches, DeclinedError
from fedgate.planner.calls import count_star
from fedgate.planner.correlation import Correlation, correlation
from fedgate.planner.exchange import Split
from fedgate.planner.locality import Local, local_block
from fedgate.planner.reach import sendable
from fedgate.planner.treetools import columns_used, every, has_vars, map_blocks, own, substitute
from fedgate.sql.tree import (
    Aggref,
    Block,
    BooleanTest,
    Case,
    Const,
    Expr,
    Query,
    SortBy,
    Subscript,
    Var,
    When,
    conjunction,
    is_query,
    transform,
)
from fedgate.wording import counted

NAME = "partial_aggregate"
_Finish = Callable[[], Expr]


def partial_aggregate(query: Query, split: Split) -> Query:
    """Every block that groups rows of local tables as a merge over an exchange of partial aggregates."""
    return map_blocks(query, lambda block: _block(block, split) if block.grouped else block)


def _block(block: Block, split: Split) -> Block:
    found = correlation(block) or Correlation(block.where)
    rows = replace(block, where=found.inside)
    local = local_block(rows, NAME, split)
    if local is None:
        return block
    try:
        return _Merger(rows, local, Branches(local, split, rows.where, split.ids.rel()), found).rewrite()
    except DeclinedError as reason:
        split.declined(NAME, f"{local.label}: {reason}")
        return block


@dataclass(slots=True)
class _Merger:
    block: Block
    local: Local
    asked: Branches
    found: Correlation
    merged: dict[Aggref, Expr] = field(default_factory=dict)
    late: list[tuple[Aggref, Branch]] = field(default_factory=list)

    def rewrite(self) -> Block:
        final_keys = [self.asked.key(key) if has_vars(key) else self._constant(key) for key in self.block.group_by]
        if self.block.group_by and not self.asked.keys:
            raise DeclinedError("all keys are constant")
        links = self.found.linked({key: self.asked.key(key) for key in self.found.keys})
        calls = self._calls()
        # Keys first: what finishes a call is made when all columns of all branches are known.
        finish: dict[Aggref, _Finish] = {}
        plain: list[Aggref] = []
        for call in calls:
            made = self._of_values(call)
            if made is None:
                plain.append(call)
            else:
                finish[call] = made
        finish.update(self._plain(plain))
        for node, branch in self.late:
            self.asked.partial(node, branch)
        self.merged = {call: finish[call]() for call in calls}
        return replace(self._final(tuple(final_keys)), where=links)

    def _constant(self, key: Expr) -> Expr:
        if not sendable(key, frozenset()):
            raise DeclinedError("a key holds what only the gateway evaluates")
        return key

    # ------------------------------------------------------------------------------------------------ plain aggregates

    def _plain(self, calls: list[Aggref]) -> dict[Aggref, _Finish]:
        """Aggregates of partial aggregates; they ride on the first exchange that groups finer, if there is one."""
        found = [(call, self._parts(call)) for call in calls]
        grouped = next((b for b in self.asked.all if b.order is None and not b.apart), None)
        if not found and self.asked.all:
            return {}
        branch = grouped or self.asked.branch("plain")
        order: Order = ()
        if any(p.ordered for _, p in found):
            order = self._order(branch, grouped is not None)
        columns = [(call, p, [self.asked.partial(node, branch) for node in p.nodes]) for call, p in found]
        if not self.asked.columns:
            self.asked.partial(count_star(), branch)
        return {call: _finisher(p, places, order) for call, p, places in columns}

    def _order(self, branch: Branch, finer: bool) -> Order:
        """In which order floats are added up: by shard, then by what else tells rows of one group apart."""
        if self.local.shard is None:
            return ()
        shard = self.asked.key(self.local.shard, branch)
        several = finer or self.block.grouping_sets is not None
        rest = [v for v in self.asked.keys_of(branch) if v != shard] if several else []
        return tuple(SortBy(v, False, False) for v in (shard, *rest))

    def _parts(self, call: Aggref) -> aggregates.Parts:
        self._require_sendable(call)
        if call.order_by and call.name not in aggregates.ORDERLESS:
            raise DeclinedError(f"{call.name} depends on the order of its rows")
        found = aggregates.parts(call)
        if isinstance(found, str):
            raise DeclinedError(found)
        return found

    def _require_sendable(self, call: Aggref) -> None:
        filters = () if call.filter is None else (call.filter,)
        for expr in (*call.args, *(s.expr for s in call.order_by), *filters):
            if not sendable(expr, self.local.rels):
                raise DeclinedError(f"{call.name} reads what only the gateway evaluates")

    # ------------------------------------------------------------------------------------------------ aggregates of values

    def _of_values(self, call: Aggref) -> _Finish | None:
        """The aggregate over what nodes send of its values; None if partial aggregates serve."""
        if aggregates.needs_distinct(call):
            return self._distinct(call)
        if call.name in aggregates.COUNTED:
            return self._counted(call)
        if call.name in aggregates.SKETCHED:
            return self._sketched(call)
        if call in self._firsts():
            return self._first(call)
        return None

    def _distinct(self, call: Aggref) -> _Finish:
        """A DISTINCT aggregate over the distinct values that nodes send as keys; what FILTER excludes is sent as NULL."""
        if call.within_group or not any(has_vars(a) for a in call.args):
            raise DeclinedError(f"{call.name}(DISTINCT …) of a constant")
        self._require_sendable(call)
        if call.filter is not None and call.name not in aggregates.SKIPS_NULL:
            raise DeclinedError(f"{call.name}(DISTINCT …) with this FILTER")
        if call.name not in aggregates.ORDERLESS and not all(s.expr in call.args for s in call.order_by):
            raise DeclinedError(f"{call.name} is ordered by more than its arguments")
        values = {arg: _filtered(arg, call.filter) for arg in call.args if has_vars(arg)}
        branch = self.asked.branch(frozenset(values.values()))
        places = {arg: self.asked.key(value, branch) for arg, value in values.items()}
        order: Order = ()
        if call.name not in aggregates.ORDERLESS:
            order = tuple(replace(s, expr=places.get(s.expr, s.expr)) for s in call.order_by)
        args = tuple(places.get(a, a) for a in call.args)

        def finish() -> Expr:
            told = None if call.name in aggregates.SKIPS_NULL else self.asked.tag(branch)
            return replace(call, args=args, filter=told, order_by=order)

        return finish

    def _counted(self, call: Aggref) -> _Finish:
        """An ordered-set aggregate over values with counts."""
        self._require_sendable(call)
        if any(has_vars(a) for a in call.args):
            raise DeclinedError(f"{call.name} of a fraction that rows give")
        if not aggregates.countable(call):
            raise DeclinedError(f"{call.name} of {call.order_by[0].expr.type}, whose equal values are not identical")
        if not has_vars(call.order_by[0].expr):
            raise DeclinedError(f"{call.name} of a constant")
        value = _filtered(call.order_by[0].expr, call.filter)
        branch = self.asked.branch(frozenset([value]))
        place = self.asked.key(value, branch)
        self.late.append((count_star(), branch))

        def finish() -> Expr:
            made = aggregates.counted(call, place, self.asked.partial(count_star(), branch))
            # The block's own keys stand in the rows of every branch, where they are not counted.
            return replace(made, filter=self.asked.tag(branch)) if value in self.asked.keys else made

        return finish

    def _sketched(self, call: Aggref) -> _Finish:
        """An approximate aggregate over states, which nodes send of each group, or the gateway makes of a node's values."""
        self._require_sendable(call)
        value = _filtered(call.args[0], call.filter)
        if not has_vars(value) or any(has_vars(a) for a in call.args[1:]):
            raise DeclinedError(f"{call.name} of a constant")
        branch = self.asked.branch(("states", value), apart=True)
        node = aggregates.sketch(call, value)
        self.late.append((node, branch))
        return lambda: aggregates.sketched(call, self.asked.partial(node, branch))

    def _first(self, call: Aggref) -> _Finish:
        """An aggregate of which only the first row of its order counts."""
        self._require_sendable(call)
        order = tuple(s for s in call.order_by if has_vars(s.expr))
        if not order:
            raise DeclinedError(f"{call.name} depends on the order of its rows")
        # A condition that is the same for all rows is kept for the end.
        chosen = BooleanTest(call.filter, "true", False) if call.filter is not None and has_vars(call.filter) else None
        if chosen is not None:
            order = (SortBy(chosen, True, True), *order)
        branch = self.asked.branch(order, order)
        places = {e: self.asked.key(e, branch) for e in (*(s.expr for s in order), *call.args) if has_vars(e)}

        def finish() -> Expr:
            told = (self.asked.tag(branch), call.filter if chosen is None else places[chosen])
            wanted = tuple(t for t in told if t is not None)
            args = tuple(places.get(a, a) for a in call.args)
            sort = tuple(replace(s, expr=places.get(s.expr, s.expr)) for s in call.order_by)
            return replace(call, args=args, order_by=sort, filter=conjunction(wanted) if wanted else None)

        return finish

    # ------------------------------------------------------------------------------------------------ the block's own calls

    def _exprs(self) -> tuple[Expr, ...]:
        having = () if self.block.having is None else (self.block.having,)
        return (*(t.expr for t in self.block.targets), *having)

    def _calls(self) -> list[Aggref]:
        """The block's own aggregates, each once."""
        found: list[Aggref] = []
        for expr in self._exprs():
            for node in own(expr):
                if isinstance(node, Aggref) and node not in found:
                    found.append(node)
        return found

    def _firsts(self) -> frozenset[Aggref]:
        """Lists of which nothing is read but the first element."""
        nodes = [node for expr in self._exprs() for node in own(expr)]
        uses = Counter(n for n in nodes if isinstance(n, Aggref) and n.name in aggregates.LISTS and not n.distinct)
        heads = Counter(n.arg for n in nodes if isinstance(n, Subscript) and _is_first(n))
        return frozenset(call for call, times in uses.items() if call.order_by and heads[call] == times)

    # ------------------------------------------------------------------------------------------------ the final block

    def _final(self, final_keys: tuple[Expr, ...]) -> Block:
        block, asked = self.block, self.asked
        plain_keys = {(k.rel, k.col): asked.key(k) for k in asked.keys if isinstance(k, Var)}
        # Merged calls hold Vars of the exchange only, so that the second step touches nested queries' references alone.
        targets = tuple(replace(t, expr=self._merge(t.expr, plain_keys)) for t in block.targets)
        having = None if block.having is None else self._merge(block.having, plain_keys)
        final = replace(block, targets=targets, having=having, group_by=final_keys, where=None, from_=())
        for rel in self.local.rels:
            if columns_used(final, rel):
                raise DeclinedError("a nested query reads columns that are no keys")
        made = asked.from_()
        keys = sum(c.key for c in asked.columns)
        partials = len(asked.columns) - keys
        several = f", {len(asked.all)} exchanges" if len(asked.all) > 1 else ""
        said = f"{counted(keys, 'key')}, {counted(partials, 'partial aggregate')}{several}"
        asked.split.fired(NAME, f"{self.local.label}: {said}")
        return replace(final, from_=(made,))

    def _merge(self, expr: Expr, plain_keys: Mapping[tuple[int, int], Expr]) -> Expr:
        def swap(node: Expr) -> Expr:
            return self.merged.get(node, node) if isinstance(node, Aggref) else node

        merged: Expr = transform(expr, swap)
        holds_query = any(is_query(n) for n in every(merged))
        found: Expr = substitute(merged, plain_keys, self.asked.split.ids) if holds_query else merged
        return found


def _finisher(parts: aggregates.Parts, places: list[Var], order: Order) -> _Finish:
    return lambda: parts.merge(places, order)


def _is_first(node: Subscript) -> bool:
    return not node.slice and isinstance(node.index, Const) and node.index.value == 1


def _filtered(arg: Expr, condition: Expr | None) -> Expr:
    if condition is None:
        return arg
    return Case((When(condition, arg),), Const(arg.type, None), arg.type)
