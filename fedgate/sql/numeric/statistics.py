"""Finals of avg, variance and standard deviation over exact numbers: from n, sum and sum of squares, with PostgreSQL's scales."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fedgate.sql.functions.udf import define, scalar
from fedgate.sql.numeric import rules, vectors
from fedgate.sql.numeric.functions import square_root
from fedgate.sql.numeric.rules import CONTEXT

_T = "VARCHAR"


def avg_final(total: Any, n: Any) -> pa.Array:
    """total / n, NULL where n is 0."""
    counts = vectors.plain(n)
    return vectors.divide(total, pc.if_else(pc.equal(counts, 0), None, pc.cast(counts, pa.string())))


define("num_avg_final", [_T, "BIGINT"], _T, avg_final)


@scalar("num_limbs", [_T, _T, _T], _T)
def num_limbs(high: str, cross: str, low: str) -> str:
    """The sum of squares of 64-bit integers from the sums over their 32-bit halves."""
    return str((int(high) << 64) + (int(cross) << 33) + int(low))


def variance(n: int, total: Decimal, squares: Decimal, *, sample: bool, root: bool) -> Decimal | None:
    """numeric_stddev_internal: NULL where the divisor is not positive; zero when the numerator is not."""
    if n == 0 or (sample and n < 2):
        return None
    if not (total.is_finite() and squares.is_finite()):
        return rules.NAN
    count = Decimal(n)
    # N * sum(X^2) - sum(X)^2, exact: neither must fit the format, only what comes of them.
    numerator = CONTEXT.subtract(CONTEXT.multiply(count, squares), CONTEXT.multiply(total, total))
    if numerator <= 0:
        return Decimal(0)
    divisor = CONTEXT.multiply(count, Decimal(n - 1) if sample else count)
    result = rules.quotient(numerator, divisor, rules.division_scale(numerator, divisor))
    return square_root(result, rules.scale(result)) if root else rules.fitting(result)


def _moments(items: list[str | None] | None) -> tuple[int, Decimal, Decimal] | None:
    """Number, sum and sum of squares of what is not NULL."""
    present = [Decimal(i) for i in items or () if i is not None]
    total = squares = Decimal(0)
    for value in present:
        total = CONTEXT.add(total, value)
        squares = CONTEXT.add(squares, CONTEXT.multiply(value, value))
    return (len(present), total, squares) if present else None


def _install(name: str, *, sample: bool, root: bool) -> None:
    def finish(n: int, total: str, squares: str) -> str | None:
        value = variance(n, Decimal(total), Decimal(squares), sample=sample, root=root)
        return None if value is None else rules.write(value)

    def whole(column: Any) -> pa.Array:
        quick = vectors.sums(column)
        groups = [_moments(items) for items in column.to_pylist()] if quick is None else quick
        results = [None if g is None else variance(*g, sample=sample, root=root) for g in groups]
        return pa.array([None if r is None else rules.write(r) for r in results], pa.string())

    def finish_or_null(n: int | None, total: str | None, squares: str | None) -> str | None:
        return None if n is None or total is None or squares is None else finish(n, total, squares)

    scalar(name, ["BIGINT", _T, _T], _T, strict=False)(finish_or_null)
    define(f"{name}_list", ["VARCHAR[]"], _T, whole)


for _kind, _root in (("var", False), ("stddev", True)):
    for _suffix, _sample in (("samp", True), ("pop", False)):
        _install(f"num_{_kind}_{_suffix}", sample=_sample, root=_root)


@scalar("num_distinct", ["VARCHAR[]"], "VARCHAR[]")
def num_distinct(items: list[str | None]) -> list[str]:
    seen: dict[bytes, str] = {}
    for item in dict.fromkeys(items):
        if item is not None:
            seen.setdefault(rules.order_key(Decimal(item)), item)
    return [seen[k] for k in sorted(seen)]
