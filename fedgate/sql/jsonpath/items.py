"""What a path walks over: JSON values as Python has them, and moments that .datetime() makes.

null is None, a number Decimal (its exponent is minus the display scale), an array a list, an object a dict in jsonb's order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from fedgate.types.datetime_text import date_text, time_text
from fedgate.types.json_text import quote_json
from fedgate.types.numeric_text import numeric_text

Kind = Literal["date", "time", "timetz", "timestamp", "timestamptz"]
_KINDS: Final = {
    "date": "date",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
}
_ERA: Final = " BC"


@dataclass(frozen=True, slots=True)
class Moment:
    """As written: `days` since 1970-01-01, `us` of the day by the clock of `offset` (seconds east of UTC, 0 without a zone)."""

    kind: Kind
    days: int = 0
    us: int = 0
    offset: int = 0

    def text(self) -> str:
        """ISO 8601, with the offset's minutes always."""
        day = date_text(self.days)
        body, era = (day[: -len(_ERA)], _ERA) if day.endswith(_ERA) else (day, "")
        if self.kind == "date":
            return day
        clock = time_text(self.us)
        if self.kind in ("timetz", "timestamptz"):
            hours, minutes = divmod(abs(self.offset) // 60, 60)
            clock += f"{'-' if self.offset < 0 else '+'}{hours:02d}:{minutes:02d}"
        return clock if self.kind in ("time", "timetz") else f"{body}T{clock}{era}"


Value: TypeAlias = Any
"""None, bool, Decimal, str, list, dict or Moment."""
Outcome = Literal["found", "none", "error"]
Found: TypeAlias = "list[Value] | None"
"""Where items are put; None where it only counts whether there is one."""


class Base(NamedTuple):
    """The document that objects are identified in, and its number."""

    document: Value
    number: int


def read(text: str) -> Value:
    """The value of jsonb's canonical text."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def write(value: Value) -> str:
    """jsonb's canonical text. Raises RecursionError for what is nested deeper than Python calls."""
    if isinstance(value, str):
        return quote_json(value)
    if isinstance(value, dict):
        return "{" + ", ".join([f"{quote_json(key)}: {write(inner)}" for key, inner in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join([write(inner) for inner in value]) + "]"
    if isinstance(value, Decimal):
        return numeric_text(value)
    if isinstance(value, Moment):
        return quote_json(value.text())
    return {None: "null", True: "true", False: "false"}[value]


def type_name(value: Value) -> str:
    """What .type() says."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case Decimal():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case Moment():
            return _KINDS[value.kind]
    return "object"
