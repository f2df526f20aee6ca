"""Local times: conversions between timestamptz and timestamp in a zone, by ICU for IANA names and by arithmetic for fixed
offsets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit, quote
from fedgate.sql.functions.udf import define
from fedgate.sql.numeric.vectors import plain
from fedgate.types.arrow_values import from_numbers
from fedgate.types.civil import SECOND_US
from fedgate.types.clock_in import ZoneRangeError, read_offset
from fedgate.types.datetime_tokens import BadFormatError
from fedgate.types.values import TIMESTAMP_INFINITY, Interval
from fedgate.types.zones import Zone, abbreviated_zone, find_zone


def to_local(cx: Emit, x: str) -> str:
    """A timestamptz as the session's local timestamp."""
    return local_in(x, session(cx))


def to_zoned(cx: Emit, x: str) -> str:
    """A local timestamp of the session as timestamptz."""
    return zoned_in(x, session(cx))


def session(cx: Emit) -> Zone:
    zone = find_zone(cx.timezone)
    if zone is None:
        raise SqlError("22023", f'invalid value for parameter "TimeZone": "{cx.timezone}"')
    return zone


def local_in(x: str, zone: Zone) -> str:
    if (offset := fixed_offset(zone)) is not None:
        return f"pg_shift_local({x}, {offset * 1_000_000})"
    # ICU knows places; what changes by other rules is computed here.
    return f"{'pg_to_local' if zone.info else 'pg_local_in'}({x}, {quote(zone.name)})"


def zoned_in(x: str, zone: Zone) -> str:
    if (offset := fixed_offset(zone)) is not None:
        return f"pg_shift_zoned({x}, {-offset * 1_000_000})"
    return f"{'pg_to_tz' if zone.info else 'pg_zoned_in'}({x}, {quote(zone.name)})"


def fixed_offset(zone: Zone) -> int | None:
    """Seconds east of UTC of a zone that never changes."""
    return zone.fixed if isinstance(zone.fixed, int) else None


def constant_zone(e: E) -> Zone | None:
    """The zone that a constant names. Raises SqlError 22023 for one that is not known."""
    if not e.literal or e.value is None:
        return None
    if isinstance(e.value, Interval):
        if e.value.months or e.value.days:
            raise SqlError("22023", "interval time zone must not include months or days")
        return Zone("", e.value.microseconds // 1_000_000)
    return named(str(e.value))


@lru_cache(maxsize=256)
def named(name: str) -> Zone:
    """The zone that AT TIME ZONE means by a text: an abbreviation first. Raises SqlError 22023."""
    zone = abbreviated_zone(name) or find_zone(name)
    if zone is None:
        raise SqlError("22023", f'time zone "{name}" not recognized')
    return zone


@lru_cache(maxsize=256)
def written_zone(name: str) -> Zone:
    """The zone that make_timestamptz means by a text: signed numbers count east, as in texts of times. Raises SqlError 22023."""
    if name[:1].isdigit():
        hint = 'Numeric time zones must have "-" or "+" as first character.'
        raise SqlError("22023", f'invalid input syntax for type numeric time zone: "{name}"', hint=hint)
    try:
        return Zone(name, read_offset(name))
    except ZoneRangeError:
        raise SqlError("22023", f'numeric time zone "{name}" out of range') from None
    except BadFormatError:
        return named(name)


Ints: TypeAlias = "npt.NDArray[np.int64]"


def _by_zone(
    offsets: Callable[[Zone, Ints], Ints | int], kind: pa.DataType, sign: int, zone: Callable[[str], Zone] = named
) -> Callable[[Any, Any], pa.Array]:
    """A function of columns of times and of zones' names, a zone at a time. Infinite times stay, whatever the zone is called."""

    def call(times: Any, names: Any) -> pa.Array:
        at = plain(times)
        encoded = pc.dictionary_encode(plain(names))
        valid = pc.and_(at.is_valid(), encoded.indices.is_valid()).to_numpy(zero_copy_only=False)
        values = pc.fill_null(at.cast(pa.int64()), 0).to_numpy().copy()
        finite = valid & (np.abs(values) < TIMESTAMP_INFINITY)
        places = pc.fill_null(encoded.indices, 0).to_numpy()
        for place, name in enumerate(encoded.dictionary.to_pylist()):
            rows = np.flatnonzero(finite & (places == place))
            if len(rows):
                values[rows] += sign * SECOND_US * offsets(zone(name), values[rows])
        return from_numbers(values, ~valid, kind)

    return call


_LOCAL, _ZONED = pa.timestamp("us"), pa.timestamp("us", tz="UTC")
define("pg_local_in", ["TIMESTAMPTZ", "VARCHAR"], "TIMESTAMP", _by_zone(lambda zone, at: zone.offsets(at), _LOCAL, 1))
for _name, _zone in (("pg_zoned_in", named), ("pg_zoned_by", written_zone)):
    _call = _by_zone(lambda zone, at: zone.offsets_of_locals(at), _ZONED, -1, _zone)
    define(_name, ["TIMESTAMP", "VARCHAR"], "TIMESTAMPTZ", _call)
