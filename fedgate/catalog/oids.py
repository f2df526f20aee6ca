"""OIDs of the catalog's objects: a stable hash of (kind, schema, name), equal on every gateway and after every restart.

Contract: above 16384 (PostgreSQL's FirstNormalObjectId) and below 2^31, so that clients which read them signed are right too.
Collisions move on by one in order of name; kinds that share a system catalog are given out together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

FIRST: Final = 16_385
LAST: Final = 2**31 - 1


def assign(objects: Iterable[tuple[str, str, str]], first: int = FIRST, last: int = LAST) -> dict[tuple[str, str, str], int]:
    """An OID for each (kind, schema, name)."""
    span = last - first + 1
    taken: set[int] = set()
    result: dict[tuple[str, str, str], int] = {}
    for key in sorted(set(objects), key=lambda k: (k[1], k[2], k[0])):
        digest = hashlib.sha256("\0".join(key).encode()).digest()
        oid = int.from_bytes(digest[:8], "big") % span
        while oid in taken:
            oid = (oid + 1) % span
        taken.add(oid)
        result[key] = first + oid
    return result
