"""Frames: ROWS, RANGE and GROUPS between two ends.

RANGE with distances adds them to the sort key. Where DuckDB's own sum would not be PostgreSQL's, the key is its place on a line of
whole numbers and a distance is that between two places (`numeric.places`).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from fedgate.sql.functions.calls import Sort
from fedgate.sql.functions.carriers import Dec, E, error
from fedgate.sql.functions.emit import INTEGERS, against, dyn
from fedgate.sql.lower.state import Lowering
from fedgate.sql.numeric import places
from fedgate.sql.tree import Expr, Frame, SortBy, WindowFunc
from fedgate.types.catalog import NUMERIC

_FLOATS = frozenset({700, 701})
_TIME = 1083
_STATIC_DIGITS_MAX = 35  # a distance between two such keys has one digit more, and another one between two steps of the scale
_BOUNDS = {
    "unbounded_preceding": "UNBOUNDED PRECEDING",
    "unbounded_following": "UNBOUNDED FOLLOWING",
    "current_row": "CURRENT ROW",
}
_EXCLUDE = {"": "", "current_row": " EXCLUDE CURRENT ROW", "group": " EXCLUDE GROUP", "ties": " EXCLUDE TIES"}


def distant(frame: Frame | None) -> bool:
    """Are the frame's ends found by adding to the one sort key?"""
    return frame is not None and frame.mode == "range" and (frame.start_offset is not None or frame.end_offset is not None)


def scaled(lo: Lowering, window: WindowFunc) -> Expr | None:
    """The sort key whose digits after the point must be known before the window can be written, None for most windows."""
    if not distant(window.frame) or window.order_by[0].expr.type.oid != NUMERIC:
        return None
    expr = window.order_by[0].expr
    return None if _static(lo.expr(expr)) else expr


def _static(by: E) -> bool:
    return by.dec is not None and by.dec.p <= _STATIC_DIGITS_MAX


def measured(lo: Lowering, frame: Frame, by: SortBy, sort: Sort) -> Sort:
    """A key that a distance can be added to: of integers a sum beyond the type is no error but beyond every row."""
    key = sort.value
    if key.oid in INTEGERS:
        return replace(sort, sql=f"CAST({sort.sql} AS HUGEINT)")
    if key.oid == NUMERIC and not _static(key):
        return replace(sort, sql=f"CAST(num_place({dyn(key)}, {lo.scope.scales[by.expr]}) AS HUGEINT)")
    if key.oid == _TIME:
        return replace(sort, sql=f"epoch_us({key.sql})")
    if key.oid in _FLOATS:
        double = f"CAST({key.sql} AS DOUBLE)"
        return replace(sort, sql=f"CAST(pg_float_place({double}) AS HUGEINT)" if _by_places(lo, frame) else double)
    return sort


def _by_places(lo: Lowering, frame: Frame) -> bool:
    """Whether a distance of floats is, or may be, other than a number: an infinite key less an infinite distance is no NaN here."""
    offsets = [lo.expr(o) for o in (frame.start_offset, frame.end_offset) if o is not None]
    return not all(o.literal and isinstance(o.value, float) and 0 <= o.value < float("inf") for o in offsets)


def render(lo: Lowering, frame: Frame, by: SortBy | None, sort: Sort | None) -> str:
    """The frame's text. `sort` is the first sort key, as `measured` where the frame is `distant`."""
    start = _bound(lo, frame, frame.start, frame.start_offset, by, sort)
    end = _bound(lo, frame, frame.end, frame.end_offset, by, sort)
    return f"{frame.mode.upper()} BETWEEN {start} AND {end}{_EXCLUDE[frame.exclude]}"


def _bound(lo: Lowering, frame: Frame, name: str, offset: Expr | None, by: SortBy | None, sort: Sort | None) -> str:
    if offset is None:
        return _BOUNDS[name]
    distance = lo.expr(offset)
    if by is None or sort is None or not distant(frame):
        return f"{distance.sql} {name.upper()}"
    if not distance.literal or distance.is_null:  # the merge engine would take NULL for no bound
        missing = f"frame {'starting' if offset is frame.start_offset else 'ending'} offset must not be null"
        distance = replace(distance, sql=f"coalesce({distance.sql}, {error('22004', missing)})")
    up = (name == "following") != by.descending
    outward = offset is frame.start_offset if name == "preceding" else offset is frame.end_offset
    return f"{_distance(lo, frame, distance, by, sort, up, outward)} {name.upper()}"


def _distance(lo: Lowering, frame: Frame, distance: E, by: SortBy, sort: Sort, up: bool, outward: bool) -> str:
    """A distance between keys of a sort, in a type that is added to them; `up` to greater ones."""
    key = sort.value
    if key.oid in INTEGERS:
        return f"CAST({distance.sql} AS HUGEINT)"
    if key.oid == _TIME:  # of an interval only the hours and what is below them
        return _microseconds(distance.sql)
    if key.oid == NUMERIC and _static(key):
        return _fixed(lo, distance, key.dec)
    if key.oid == NUMERIC:
        end = f"CAST(num_end({dyn(key)}, {dyn(distance)}, {lo.scope.scales[by.expr]}, {up}, {outward}) AS HUGEINT)"
    elif key.oid in _FLOATS and _by_places(lo, frame):
        end = f"pg_float_end(CAST({key.sql} AS DOUBLE), {distance.sql}, {up}, {outward})"
    else:
        return distance.sql
    return f"coalesce({f'{end} - {sort.sql}' if up else f'{sort.sql} - {end}'}, 0)"


def _microseconds(interval: str) -> str:
    parts = (("hour", 3_600_000_000), ("minute", 60_000_000), ("microsecond", 1))
    return "(" + " + ".join(f"date_part('{part}', {interval}) * {size}" for part, size in parts) + ")"


def _fixed(lo: Lowering, distance: E, key: Dec | None) -> str:
    """A distance between keys of a static numeric: two are at most two tops apart; between steps of their scale all are alike."""
    assert key is not None
    measure = against(lo.cx, distance, Dec(key.p + 1, key.s))
    assert measure is not None
    if distance.dec is not None or (isinstance(distance.value, Decimal) and not distance.value.is_nan()):
        return measure
    return f"CASE WHEN {distance.sql} = 'NaN' THEN {error('22013', places.INVALID)} ELSE {measure} END"
