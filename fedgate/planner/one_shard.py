"""Which columns tell shards apart: all rows with one value of such a column lie in one shard.

Contract: `apart` says so of some columns of a table together, for rows in which none of `not_null` is NULL. It is so of `_shard`;
of `_node` where no two shards have one home; of the whole shard key; of a column whose domains, as the checks give them, are
disjoint over all shards. NULL is a value like others here, but no shard key says where its rows lie. Of a table of one shard any
columns do. `keys_apart` says so of the keys by which a block groups or partitions its rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fedgate.planner.colocation import shard_key
from fedgate.planner.domains import ANY, Case, Domain
from fedgate.planner.exchange import Split
from fedgate.planner.prune import index_of
from fedgate.schema import NODE_ATTNUM, SHARD_ATTNUM, Table
from fedgate.sql.tree import Block, Expr, NullTest, OpExpr, ScalarArrayOp, TableRef, Var, conjuncts, nullable_rels


def apart(table: Table, columns: Collection[int], not_null: Collection[int], split: Split) -> bool:
    """Whether rows of a table that are equal in all the columns lie in one shard."""
    shards = split.snapshot.shards(table)
    if SHARD_ATTNUM in columns or len(shards) == 1:
        return True
    if NODE_ATTNUM in columns and len({shard.home for shard in shards}) == len(shards):
        return True
    present = {c.attnum for c in table.columns if c.not_null} | set(not_null)
    key = shard_key(table)
    if key and present.issuperset(key) and set(key) <= set(columns):
        return True
    index = index_of(table, shards)
    return any(_disjoint(column, zip(index.cases, index.owner, strict=True), column in present) for column in columns)


def keys_apart(keys: Iterable[Expr], block: Block, tables: Iterable[TableRef], split: Split) -> bool:
    """Whether rows of a block's FROM, which joins these tables shard by shard, that are equal in all keys lie in one shard."""
    sharded = {ref.rel: ref.table for ref in tables if not ref.table.replicated}
    weak = nullable_rels(block.from_)
    columns: dict[int, set[int]] = {rel: set() for rel in sharded if rel not in weak}
    for key in keys:
        if isinstance(key, Var) and key.rel in columns:
            columns[key.rel].add(key.col)
    found = conjuncts(block.where)
    return not sharded or any(
        apart(sharded[rel], read, {c for c in read if any(_rejects_null(p, rel, c) for p in found)}, split)
        for rel, read in columns.items()
    )


def _rejects_null(part: Expr, rel: int, column: int) -> bool:
    """Whether a condition is never TRUE where the column is NULL: a comparison of it, or IS NOT NULL."""

    def is_it(expr: Expr) -> bool:
        return isinstance(expr, Var) and (expr.rel, expr.col) == (rel, column)

    if isinstance(part, NullTest):
        return part.negated and is_it(part.arg)
    if isinstance(part, ScalarArrayOp):
        return not part.all and is_it(part.left)
    return isinstance(part, OpExpr) and part.name in ("=", "<>", "<", "<=", ">", ">=") and any(map(is_it, part.args))


def _disjoint(column: int, cases: Iterable[tuple[Case, int]], present: bool) -> bool:
    """Whether no value of the column is possible in two shards."""
    ranges: list[tuple[Domain, int]] = []
    nulls: set[int] = set()
    for case, owner in cases:
        domain = case.get(column, ANY)
        if domain.null and not present:
            nulls.add(owner)
        if domain.values is not None:
            ranges += [(Domain(low=value, high=value), owner) for value in domain.values]
        elif domain.low is None and domain.high is None:
            return False
        elif not domain.empty:
            ranges.append((domain, owner))
    return len(nulls) <= 1 and _swept(ranges)


def _swept(ranges: list[tuple[Domain, int]]) -> bool:
    """Whether ranges of different owners never meet."""
    lowest = [r for r in ranges if r[0].low is None]
    others = sorted((r for r in ranges if r[0].low is not None), key=lambda r: (r[0].low, r[0].low_open))
    farthest: tuple[Domain, int] | None = None
    for domain, owner in (*lowest, *others):
        if farthest is not None and _meets(farthest[0], domain):
            if owner != farthest[1]:
                return False
            if _ends_by(domain, farthest[0]):
                continue
        farthest = (domain, owner)
    return True


def _ends_by(domain: Domain, other: Domain) -> bool:
    """Whether a range ends no later than another."""
    if domain.high is None or other.high is None:
        return other.high is None
    return (domain.high, not domain.high_open) <= (other.high, not other.high_open)


def _meets(before: Domain, after: Domain) -> bool:
    """Whether a range reaches one that does not begin earlier."""
    if before.high is None or after.low is None:
        return True
    return bool(after.low < before.high or (after.low == before.high and not (after.low_open or before.high_open)))
