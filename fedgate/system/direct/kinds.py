"""Types whose values mean the same in Python as in PostgreSQL, by kind."""

from __future__ import annotations

from typing import Final

from fedgate.types import BY_OID, OID_TYPES

BOOL: Final = 16
INTEGERS: Final = frozenset((20, 21, 23)) | OID_TYPES
TEXTS: Final = frozenset((18, 19, 25, 1043))
VECTORS: Final = frozenset((22, 30))
RANGES: Final = {20: ("bigint", 2**63), 21: ("smallint", 2**15), 23: ("integer", 2**31)}
_PASSING: Final = frozenset((114, 194, 700, 701, 1033, 1082, 1114, 1184, 2950, 3802, 869, *VECTORS))
"""Types that are only handed on."""
ARRAYS: Final = {
    pg.oid: pg.element_oid for pg in BY_OID.values() if pg.is_array and pg.element_oid in {BOOL, *INTEGERS, *TEXTS, 1033, 700}
}


def kind(oid: int) -> str | None:
    """What values of the type can be compared with; None: with nothing here."""
    if oid in INTEGERS:
        return "integer"
    if oid in TEXTS:
        return "text"
    if oid == BOOL:
        return "boolean"
    if oid in ARRAYS and kind(ARRAYS[oid]) is not None:
        return "array"
    return None


def is_simple(oid: int) -> bool:
    """Whether its values are computed with here."""
    return kind(oid) is not None


def passes(oid: int) -> bool:
    """Whether a column of the type can be answered with."""
    return is_simple(oid) or oid in _PASSING or oid in ARRAYS
