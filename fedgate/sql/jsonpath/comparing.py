"""How items compare: numbers as numeric, strings by code points, moments across their types; the rest is unknown.

Source: https://www.postgresql.org/docs/15/functions-json.html#JSONPATH-FILTER-EX-TABLE
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from fedgate.errors import SqlError
from fedgate.sql.jsonpath.items import Moment, Value
from fedgate.types.civil import DAY_US, SECOND_US
from fedgate.types.zones import Zone

_TESTS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PLAIN: Final = frozenset((bool, Decimal, str))


def compared(op: str, left: Value, right: Value, zone: Zone | None) -> bool | None:
    """Whether `left op right`; None is unknown. `zone` None: 0A000 where a moment's meaning hangs on the session's zone."""
    kind = type(left)
    if kind is type(right) and kind in _PLAIN:
        return _TESTS[op](left, right)
    if left is None or right is None:
        both = left is None and right is None
        return _TESTS[op](0, 0) if both else op == "!="
    if isinstance(left, Moment) and isinstance(right, Moment):
        keys = _moments(left, right, zone)
        return None if keys is None else _TESTS[op](*keys)
    return None


def _moments(left: Moment, right: Moment, zone: Zone | None) -> tuple[tuple[int, int], tuple[int, int]] | None:
    timed = ("time", "timetz")
    if (left.kind in timed) is not (right.kind in timed):
        return None
    zoned = any(side.kind in ("timetz", "timestamptz") for side in (left, right))
    keys = [_key(side, zoned, zone) for side in (left, right)]
    return keys[0], keys[1]


def _key(moment: Moment, zoned: bool, zone: Zone | None) -> tuple[int, int]:
    """Numbers that compare as the moments do once both are of the wider type."""
    if moment.kind in ("time", "timetz"):
        if not zoned:
            return moment.us, 0
        offset = moment.offset if moment.kind == "timetz" else _today(moment.us, _required(moment, "timetz", zone))
        return moment.us - offset * SECOND_US, -offset
    local = moment.days * DAY_US + moment.us
    if not zoned:
        return local, 0
    if moment.kind == "timestamptz":
        return local - moment.offset * SECOND_US, 0
    return local - _required(moment, "timestamptz", zone).offset_of_local(local) * SECOND_US, 0


def _today(us: int, zone: Zone) -> int:
    """A zone's offset at a time of the clock today."""
    now = time.time_ns() // 1000
    midnight = (now + zone.offset_at(now) * SECOND_US) // DAY_US * DAY_US
    return zone.offset_of_local(midnight + us)


def _required(moment: Moment, wider: str, zone: Zone | None) -> Zone:
    if zone is None:
        message = f"cannot convert value from {moment.kind} to {wider} without time zone usage"
        raise SqlError("0A000", message, hint="Use *_tz() function for time zone support.")
    return zone
