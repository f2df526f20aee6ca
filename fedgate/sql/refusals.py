"""What to do instead: the words and hints of 0A000 for whole families of types and functions that fedgate does not have.

A user wrote `to_tsvector(…) @@ …`, not the type `regconfig` at which binding fails first: the message names the family.
"""

from __future__ import annotations

from typing import Final

from fedgate.errors import SqlError, unsupported

XML: Final = 142
DIMENSIONS: Final = "Arrays here have one dimension; jsonb holds arrays of arrays."
_SEARCH: Final = ("text search", "Use ILIKE, or ~ with a regular expression.")
_GEOMETRY_HINT: Final = "Keep coordinates in columns of their own: sqrt((x1 - x2) ^ 2 + (y1 - y2) ^ 2) is a distance."
_RANGE_HINT: Final = "Keep two columns and compare them: lower <= x AND x < upper; OVERLAPS compares periods of time."
_NETWORK_HINT: Final = "Keep addresses as text; split_part and ~ take them apart."
_GEOMETRIC = (600, 601, 602, 603, 604, 628, 718)
_RANGES = (3831, 3904, 3906, 3908, 3910, 3912, 3926, 4451, 4532, 4533, 4534, 4535, 4536, 4537, 4538, 5080)

_TYPES: Final[dict[int, tuple[str | None, str]]] = {
    **dict.fromkeys((3614, 3615, 3642, 3734, 3769), _SEARCH),
    **dict.fromkeys(_GEOMETRIC, (None, _GEOMETRY_HINT)),
    **dict.fromkeys(_RANGES, (None, _RANGE_HINT)),
    **dict.fromkeys((650, 774, 829, 869), (None, _NETWORK_HINT)),
    XML: ("XML", "Use json or jsonb."),
    790: (None, "Cast to numeric; to_char(x, 'L999G999D00') writes amounts."),
    1266: (None, "Use time, or timestamptz; localtime is the time of day in the session's zone."),
    1560: (None, "Use integers with & | # << >>, or bytea."),
    1562: (None, "Use integers with & | # << >>, or bytea."),
}
_CALLS: Final[dict[str, tuple[str | None, str]]] = {
    "@@": _SEARCH,
    "@@@": _SEARCH,
    "<->": (None, _GEOMETRY_HINT),
    "pg_sleep": (None, "SELECT pg_sleep(1) alone waits."),
    "set_config": (None, "SET does it."),
    "txid_current": (None, "Transactions of the gateway have no numbers."),
    "hashtext": (None, "md5(x) gives a hash."),
    "xpath": ("XML", "Use json or jsonb."),
}
_LISTED: Final = "PostgreSQL has it; fedgate's function table does not list it yet."


def refused_type(oid: int, name: str, position: int | None) -> SqlError:
    """0A000 for a type without values here. `name` is as format_type writes it."""
    what, hint = _TYPES.get(oid, (None, None))
    return unsupported(what or f"type {name}", hint=hint, position=position)


def refused_call(name: str, shown: str, position: int | None) -> SqlError:
    """0A000 for a function, operator or aggregate that has no lowering; `shown` is it with its argument types."""
    what, hint = _CALLS.get(name, (None, _LISTED))
    return unsupported(what or shown, hint=hint, position=position)


def several_dimensions(position: int | None = None) -> SqlError:
    """0A000 for arrays of arrays."""
    return unsupported("an array of more than one dimension", hint=DIMENSIONS, position=position)
