"""Finals of avg, variance and standard deviation over exact numbers: from n, sum and sum of squares, with PostgreSQL's scales."""

from __future__ import annotations

from decimal import Decimal

from fedgate.sql.functions.udf import scalar
from fedgate.sql.numeric import rules
from fedgate.sql.numeric.functions import square_root

_T = "VARCHAR"


@scalar("num_avg_final", [_T, "BIGINT"], _T)
def num_avg_final(total: str, n: int) -> str | None:
    return rules.write(rules.divide(Decimal(total), Decimal(n))) if n else None


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
    # vsumX2 = N * sum(X^2) - sum(X)^2
    numerator = rules.subtract(rules.multiply(count, squares), rules.multiply(total, total))
    if numerator <= 0:
        return Decimal(0)
    divisor = rules.multiply(count, Decimal(n - 1) if sample else count)
    result = rules.quotient(numerator, divisor, rules.division_scale(numerator, divisor))
    return square_root(result, rules.division_scale(numerator, divisor)) if root else result


def _install(name: str, *, sample: bool, root: bool) -> None:
    def finish(n: int, total: str, squares: str) -> str | None:
        value = variance(n, Decimal(total), Decimal(squares), sample=sample, root=root)
        return None if value is None else rules.write(value)

    def whole(items: list[str | None]) -> str | None:
        present = [Decimal(i) for i in items if i is not None]
        total = squares = Decimal(0)
        for value in present:
            total = rules.add(total, value)
            squares = rules.add(squares, rules.multiply(value, value))
        result = variance(len(present), total, squares, sample=sample, root=root)
        return None if result is None else rules.write(result)

    def finish_or_null(n: int | None, total: str | None, squares: str | None) -> str | None:
        return None if n is None or total is None or squares is None else finish(n, total, squares)

    scalar(name, ["BIGINT", _T, _T], _T, strict=False)(finish_or_null)
    scalar(f"{name}_list", ["VARCHAR[]"], _T)(whole)


for _kind, _root in (("var", False), ("stddev", True)):
    for _suffix, _sample in (("samp", True), ("pop", False)):
        _install(f"num_{_kind}_{_suffix}", sample=_sample, root=_root)


@scalar("num_distinct", ["VARCHAR[]"], "VARCHAR[]")
def num_distinct(items: list[str | None]) -> list[str]:
    seen: dict[bytes, str] = {}
    for item in items:
        if item is not None:
            seen.setdefault(rules.order_key(Decimal(item)), item)
    return [seen[k] for k in sorted(seen)]
