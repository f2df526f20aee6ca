"""Sums of a group's quotients, from their numerators and divisors: no quotient becomes a text of its own.

Each quotient is rounded to the digits that PostgreSQL gives it, exactly; their sum has the most digits of any of them.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fedgate.sql.numeric import rules, vectors
from fedgate.sql.numeric.vectors import Ints

_LIMB = np.uint64(10**9)


def sums(pairs: Any, x_digits: int, y_digits: int) -> list[tuple[int, Decimal] | None]:
    """Number and sum of x / y of each list of pairs, None for a list without any. Raises SqlError 22012.

    x and y are int64, the numbers without their points, which have so many digits behind it.
    """
    values, stretches, valid = vectors.lists(pairs)
    x, y = (np.asarray(part.to_numpy(), np.int64) for part in values.flatten())
    groups = np.full(len(values), -1, np.int64)
    for number, (start, end) in enumerate(stretches):
        groups[start:end] = number
    if np.any((y == 0) & (groups >= 0)):
        raise rules.division_by_zero()
    found: list[Counter[int]] = [Counter() for _ in stretches]
    x_scale, y_scale = np.full(len(x), x_digits), np.full(len(y), y_digits)
    plan = vectors.division(x, x_scale, y, y_scale)
    for kind in np.unique(plan.kinds[plan.quick & (groups >= 0)]):
        at = np.flatnonzero(plan.quick & (plan.kinds == kind) & (groups >= 0))
        _add(found, groups[at], plan, at, int(kind) >> 16, int(kind) & 0xFFFF)
    for i in np.flatnonzero(~plan.quick & (groups >= 0)).tolist():
        quotient = rules.divide(rules.from_unscaled(int(x[i]), x_digits), rules.from_unscaled(int(y[i]), y_digits))
        digits = rules.scale(quotient)
        found[groups[i]][digits] += rules.unscaled(quotient, digits)
    return [
        (end - start, _total(sums_)) if present and end > start else None
        for (start, end), sums_, present in zip(stretches, found, valid.tolist(), strict=True)
    ]


def _total(by_digits: Counter[int]) -> Decimal:
    most = max(by_digits)
    return rules.from_unscaled(sum(value * 10 ** (most - digits) for digits, value in by_digits.items()), most)


def _add(found: list[Counter[int]], groups: Ints, plan: vectors.Division, at: Ints, added: int, digits: int) -> None:
    """Adds the quotients of rows `at`, all with as many digits, to their groups' sums."""
    whole, parts, step = vectors.quotient_digits(plan.x[at], plan.y[at], added)
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    sign = np.where(plan.negative[at], -1, 1)

    def total(part: NDArray[np.uint64]) -> list[int]:
        return [int(v) for v in np.add.reduceat(sign * part.astype(np.int64), first)]

    limbs = [*zip(total(whole // _LIMB), total(whole % _LIMB), strict=True)]
    amounts = [high * 10**9 + low for high, low in limbs]
    for part in parts:
        amounts = [amount * 10**step + more for amount, more in zip(amounts, total(part), strict=True)]
    surplus = 10 ** (step * len(parts) - added)
    for group, amount in zip(groups[first].tolist(), amounts, strict=True):
        found[group][digits] += amount // surplus


def texts(found: list[tuple[int, Decimal] | None]) -> pa.Array:
    return pa.array([None if one is None else rules.write(one[1]) for one in found], pa.string())


def averages(found: list[tuple[int, Decimal] | None]) -> pa.Array:
    return vectors.divide(texts(found), pa.array([None if one is None else str(one[0]) for one in found], pa.string()))
