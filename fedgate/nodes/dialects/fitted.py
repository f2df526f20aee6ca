"""What `fit` gives the executor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fedgate.fragment import Part, Slot
from fedgate.sql.tree import Query
from fedgate.types.values import Value


@dataclass(frozen=True, slots=True)
class Fitted:
    """One canonical block for one node.

    With `residual` None there is exactly one part and its rows are the block's rows. Otherwise the parts are superset scans, one
    per TableRef (or one part of values with counts), and the gateway runs `residual`, the same block reading them as ExchangeRefs
    by the parts' names.
    `literal` renders slots in the engine's dialect; `notes` say what could not be sent and why (EXPLAIN prints them).
    """

    parts: tuple[Part, ...]
    residual: Query | None
    literal: Callable[[Slot, Value], str]
    notes: tuple[str, ...] = ()
