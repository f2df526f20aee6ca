"""States of approximate aggregates: small, made of any part of a group's values, merged in any order.

Distinct values: HyperLogLog of Apache DataSketches with 2**LG_K registers. Its estimate is read from the registers alone, so it
depends on the set of values only, not on how they were cut or ordered. Relative standard error: 0.81 %. Up to some 1,500 values
the sketch holds 26 bits of each one's hash instead, which seldom collide: the count is exact, or off by one or two.

Ranks: n sorted values as POINTS of them at equal distances of rank, each standing for n / POINTS values; all of them when there
are no more. The smallest and the largest are kept beside them, and stand for nothing. What a part's points say of the number of its
values up to any bound is off by at most n / (2 * POINTS), so a rank merged of any parts is off by at most RANK_ERROR of all values:
always, not on average. (Of DataSketches' own, KLL tosses coins that cannot be seeded, and merged t-digests promise no bound.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LG_K: Final = 14
POINTS: Final = 512
RANK_ERROR: Final = 1 / (2 * POINTS)
_COUNT: Final = struct.Struct("<q")

Floats = NDArray[np.float64]


# ------------------------------------------------------------------------------------------------ distinct values


def distinct_state(texts: Iterable[str]) -> bytes:
    """The sketch of values that are equal exactly if their texts are."""
    import datasketches  # here, since few processes ever need it

    sketch = datasketches.hll_sketch(LG_K, datasketches.HLL_4)
    for text in texts:
        sketch.update(f"={text}")  # it passes over the empty text
    state: bytes = sketch.serialize_compact()
    return state


def distinct_count(states: Iterable[bytes]) -> int:
    """About how many distinct values the states have seen together; 0 of none."""
    import datasketches

    union = datasketches.hll_union(LG_K)
    for state in states:
        union.update(datasketches.hll_sketch.deserialize(state))
    # Merged with itself it holds the same, and forgets the order of its updates, by which it would estimate otherwise.
    whole = union.get_result(datasketches.HLL_8)
    union.update(whole)
    union.update(whole)
    estimate: float = union.get_estimate()
    return round(estimate)


# ------------------------------------------------------------------------------------------------ ranks


def ranks_state(values: Floats, times: NDArray[np.int64] | None = None) -> bytes:
    """The points of values that occur `times` each (once if None). NaN is above all, as in PostgreSQL."""
    order = np.argsort(values, kind="stable")
    ordered = values[order] + 0.0  # no negative zero: which of two equal values is kept must not show
    n = len(ordered) if times is None else int(times.sum())
    at = np.arange(n)
    if n > POINTS:
        at = np.concatenate([[0], (2 * np.arange(POINTS) + 1) * n // (2 * POINTS), [n - 1]])
    if times is not None:
        at = np.searchsorted(np.cumsum(times[order]), at, side="right")
    return _COUNT.pack(n) + ordered[at].astype("<f8").tobytes()


def quantile(states: Sequence[bytes], fraction: float) -> float | None:
    """A value of the group whose rank is about `fraction` of all: percentile_disc where no part had more than POINTS values."""
    parts = [(_COUNT.unpack_from(s)[0], np.frombuffer(s, "<f8", offset=_COUNT.size)) for s in states]
    parts = [(n, points) for n, points in parts if n]
    if not parts:
        return None
    points = np.concatenate([p for _, p in parts])
    weights = np.concatenate([_weights(n) for n, _ in parts])
    order = np.lexsort((weights, points))
    below = np.cumsum(weights[order])
    wanted = fraction * sum(n for n, _ in parts)
    place = int(np.searchsorted(below, wanted, side="left")) if fraction < 1 else len(points)
    return float(points[order[min(place, len(points) - 1)]])


def _weights(n: int) -> Floats:
    """For how many values each of a state's stands."""
    return np.ones(n) if n <= POINTS else np.concatenate([[0.0], np.full(POINTS, n / POINTS), [0.0]])


def lists(column: Any) -> list[Any]:
    """A list column as one Arrow array (or None) a row."""
    return [item.values if item.is_valid else None for item in column]
