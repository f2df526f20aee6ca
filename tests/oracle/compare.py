"""Is an answer PostgreSQL's? Names, OIDs, text and SQLSTATE are exact; what PostgreSQL leaves open, and float sums, are not.

float8 sums and averages may differ by 1e-12 of the sum of the magnitudes, variances and correlations by 1e-9, and float4 sums,
which PostgreSQL accumulates in float4, by 1e-6; that applies to float columns of statements with such an aggregate only.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from fedgate.errors import BEYOND_DIGITS
from tests.oracle.wire import Outcome

Order = Literal["exact", "set", "open"]
FLOAT4, FLOAT8 = 700, 701
OPEN_ERRORS = frozenset({"22012", "22003", "22P02"})
NEVER_OPEN = re.compile(f"stored value|{BEYOND_DIGITS}")
"""What is said of a value that does not fit its column, and of a sum that has no end in PostgreSQL: no order of evaluation does."""
UNSUPPORTED = "0A000"
FIRST_NORMAL_OID = 16_384
FLOAT4_SUMS = 1e-6
_SUMS = re.compile(r"\b(sum|avg)\s*\(", re.IGNORECASE)
_GROUPS = re.compile(r"\b(group\s+by|distinct|union|intersect|except)\b", re.IGNORECASE)
_MOMENTS = re.compile(r"\b(stddev\w*|var_\w+|variance|corr|covar_\w+|regr_\w+)\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A float may be off by `relative` of itself plus `absolute`; with `zeros`, 0 may be -0: PostgreSQL leaves open which is shown
    of equal values that are grouped."""

    relative: float = 0.0
    absolute: float = 0.0
    zeros: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: Literal["equal", "unsupported", "evaluation order", "wrong"]
    reason: str = ""


def tolerance(statement: str, magnitude: float) -> Tolerance:
    """`magnitude`: the largest sum of magnitudes that the statement's tables can give."""
    zeros = bool(_GROUPS.search(statement))
    if _MOMENTS.search(statement):
        return Tolerance(1e-9, 1e-9, zeros)
    if _SUMS.search(statement):
        return Tolerance(1e-12, 1e-12 * magnitude, zeros)
    return Tolerance(zeros=zeros)


_ITEM = r"\d+(?:\s+asc|\s+desc)?(?:\s+nulls\s+\w+)?"
_ORDINALS = re.compile(rf"\border\s+by\s+({_ITEM}(?:\s*,\s*{_ITEM})*)\s*$", re.IGNORECASE)


def sort_columns(statement: str) -> tuple[int, ...]:
    """Columns (from 0) that a statement's last ORDER BY names by number; () when it has none or names others."""
    found = _ORDINALS.search(statement)
    return tuple(int(part.split()[0]) - 1 for part in found.group(1).split(",")) if found else ()


def _ties_sorted(rows: list[tuple[str | None, ...]], keys: tuple[int, ...]) -> list[tuple[str | None, ...]]:
    """Rows in their order, but those that ORDER BY calls equal in an order of their own: PostgreSQL leaves it open."""
    runs = itertools.groupby(rows, key=lambda row: tuple(row[k] for k in keys))
    return [row for _, run in runs for row in sorted(run, key=lambda r: [(v is None, v or "") for v in r])]


def compare(expected: Outcome, actual: Outcome, order: Order, allowed: Tolerance, sorted_by: tuple[int, ...] = ()) -> Verdict:
    if actual.sqlstate == UNSUPPORTED and expected.sqlstate != UNSUPPORTED:
        return Verdict("unsupported", actual.message)
    if expected.sqlstate or actual.sqlstate:
        return _errors(expected, actual)
    if _kinds(expected) != _kinds(actual):
        return Verdict("wrong", f"columns (name, oid)\n  expected {expected.columns}\n  got      {actual.columns}")
    if len(expected.rows) != len(actual.rows):
        return Verdict("wrong", f"{len(actual.rows)} rows instead of {len(expected.rows)}\n{difference(expected, actual)}")
    if order == "open":
        return Verdict("equal")
    left, right = (list(expected.rows), list(actual.rows))
    if order == "set":
        left, right = _aligned(left, expected.columns), _aligned(right, expected.columns)
    elif sorted_by and left != right:
        ties = _ties_sorted(left, sorted_by), _ties_sorted(right, sorted_by)
        if ties[0] == ties[1]:
            return Verdict("equal")
    floats = [oid if oid in (FLOAT4, FLOAT8) else 0 for _, oid in expected.columns]
    for at, (a, b) in enumerate(zip(left, right, strict=True)):
        if a != b and not _close(a, b, floats, allowed):
            where = f"row {at + 1}" if order == "exact" else "as a set"
            return Verdict("wrong", f"{where}\n  expected {a}\n  got      {b}\n{difference(expected, actual)}")
    return Verdict("equal")


def kind_of(oid: int) -> int:
    """A type's OID; of the row types of tables, which no two servers number alike, the first that a table can have."""
    return min(oid, FIRST_NORMAL_OID)


def _kinds(outcome: Outcome) -> list[tuple[str, int]]:
    return [(name, kind_of(oid)) for name, oid in outcome.columns]


def _errors(expected: Outcome, actual: Outcome) -> Verdict:
    if expected.sqlstate == actual.sqlstate:
        return Verdict("equal")
    states = {expected.sqlstate, actual.sqlstate} - {None}
    said = f"expected {_said(expected)}\n  got      {_said(actual)}"
    if states <= OPEN_ERRORS and not NEVER_OPEN.search(actual.message):
        return Verdict("evaluation order", said)
    return Verdict("wrong", f"outcome\n  {said}")


def _said(outcome: Outcome) -> str:
    return f"{outcome.sqlstate} {outcome.message}" if outcome.sqlstate else f"{len(outcome.rows)} rows, first {outcome.rows[:1]}"


def difference(expected: Outcome, actual: Outcome, limit: int = 5) -> str:
    """The rows that only one side has."""
    missing, extra = Counter(expected.rows), Counter(actual.rows)
    lines = [f"  - {row}" for row in list((missing - extra).elements())[:limit]]
    return "\n".join(lines + [f"  + {row}" for row in list((extra - missing).elements())[:limit]])


def _aligned(rows: list[tuple[str | None, ...]], columns: tuple[tuple[str, int], ...]) -> list[tuple[str | None, ...]]:
    """Rows in an order of their own: exact columns first, then floats by value, so that last digits do not reorder."""
    exact = [i for i, (_, oid) in enumerate(columns) if oid not in (FLOAT4, FLOAT8)]
    floats = [i for i, (_, oid) in enumerate(columns) if oid in (FLOAT4, FLOAT8)]

    def key(row: tuple[str | None, ...]) -> tuple[object, ...]:
        texts = tuple((row[i] is None, row[i] or "") for i in exact)
        return (*texts, *(_sortable(row[i]) for i in floats))

    return sorted(rows, key=key)


def _sortable(text: str | None) -> tuple[int, float, float]:
    """0 comes after -0, which it equals: else each of many rows would lie where the other set has the other zero."""
    if text is None:
        return (2, 0.0, 0.0)
    value = float(text)
    return (1, 0.0, 0.0) if math.isnan(value) else (0, value, math.copysign(1, value))


def _close(a: tuple[str | None, ...], b: tuple[str | None, ...], floats: list[int], allowed: Tolerance) -> bool:
    return all(x == y or (oid != 0 and _near(x, y, allowed, oid)) for x, y, oid in zip(a, b, floats, strict=True))


def _near(a: str | None, b: str | None, allowed: Tolerance, oid: int) -> bool:
    if a is None or b is None:
        return False
    x, y = float(a), float(b)
    if allowed.zeros and x == y == 0:
        return True
    if not allowed.relative:
        return False
    if not (math.isfinite(x) and math.isfinite(y)):
        return False
    relative = max(allowed.relative, FLOAT4_SUMS) if oid == FLOAT4 else allowed.relative
    return abs(x - y) <= relative * max(abs(x), abs(y)) + allowed.absolute
