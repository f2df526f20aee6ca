""".datetime(): a string as a moment, by a template or by the forms of ISO 8601 that PostgreSQL tries.

Templates are those of to_timestamp, read strictly: separators and texts must be in the string as they are in the template, the
string ends where the template does, and only `-./,':; ` separate.
Source: https://www.postgresql.org/docs/15/functions-json.html#FUNCTIONS-SQLJSON-OP-TABLE
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final

from fedgate.cache import of_texts
from fedgate.errors import SqlError
from fedgate.sql.functions.datetime_input import Fields, Reader, moment_of
from fedgate.sql.functions.datetime_template import Part, parts
from fedgate.sql.jsonpath.items import Kind, Moment, Value
from fedgate.types.civil import DATE_END, DATE_MIN, DAY_US, SECOND_US, TIMESTAMP_MIN, days_from_civil

_SEPARATORS: Final = frozenset("-./,':; ")
_SPACES: Final = " \t\n\v\f\r"
_ZONES: Final = ("TZH:TZM", "TZH", "")
_CLOCKS: Final = tuple(f"HH24:MI:SS{fraction}{zone}" for fraction, zone in itertools.product((".US", ""), _ZONES))
_DATED: Final = (
    "YYYY-MM-DD",
    *(f"YYYY-MM-DD{between}{clock}" for between, clock in itertools.product((" ", '"T"'), _CLOCKS)),
)
_BEGINNING: Final = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+([-:])")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_TIMESTAMP_END: Final = days_from_civil(294_277, 1, 1) * DAY_US
_CLOCK_NAMES: Final = "A.M. AM P.M. PM HH HH12 HH24 MI SS MS US FF1 FF2 FF3 FF4 FF5 FF6 SSSS SSSSS"
_CLOCK: Final = frozenset(_CLOCK_NAMES.split())
_ZONE: Final = frozenset(("TZ", "TZH", "TZM", "OF"))


class ItemError(Exception):
    """What is wrong with an item: an error where it is not silent."""

    def __init__(self, sqlstate: str, message: str, *, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate, self.message, self.detail, self.hint = sqlstate, message, detail, hint


@dataclass(slots=True)
class _StrictReader(Reader):
    fixed: bool = True

    def run(self) -> Fields:
        for place, part in enumerate(self.parts):
            if self.at >= len(self.text):
                raise SqlError("22007", "input string is too short for datetime format")
            if part.kind in ("space", "separator"):
                self._same(part, "separator")
            elif part.kind == "text":
                self._same(part, "character")
            else:
                self._mode(part.name)
                self._field(part, place)
        if self.text[self.at :].strip(_SPACES):
            raise SqlError("22007", "trailing characters remain in input string after datetime format")
        return self.got

    def _same(self, part: Part, what: str) -> None:
        if self._here != part.text:
            raise SqlError("22007", f'unmatched format {what} "{part.text}"')
        self.at += 1


def moment(value: Value, template: str | None) -> Moment:
    """The string's moment. Raises ItemError; SqlError for a template that is none, even where errors are silent."""
    if not isinstance(value, str):
        raise ItemError("22031", "jsonpath item method .datetime() can only be applied to a string")
    if template is not None:
        known = strict_parts(template)
        try:
            return _read(value, known)
        except SqlError as error:
            raise ItemError(error.sqlstate, error.message, detail=error.detail, hint=error.hint) from None
    begins = _BEGINNING.match(value)
    for form in () if begins is None else _DATED if begins[1] == "-" else _CLOCKS:
        try:
            return _read(value, strict_parts(form))
        except SqlError:
            continue
    hint = "Use a datetime template argument to specify the input data format."
    raise ItemError("22031", f'datetime format is not recognized: "{value}"', hint=hint)


@of_texts(256)
def strict_parts(template: str) -> tuple[Part, ...]:
    """A template's parts. Raises SqlError 22007 for a separator that the standard lacks."""
    for part in parts(_QUOTED.sub(" ", template)):
        if part.kind != "field" and part.text not in _SEPARATORS:
            raise SqlError("22007", f'invalid datetime format separator: "{part.text}"')
    return parts(template)


def _read(text: str, known: tuple[Part, ...]) -> Moment:
    read = moment_of(_StrictReader(known, text).run(), text)
    kind = _kind(known)
    us = read.us
    if read.precision:
        unit = int(10 ** (6 - read.precision))
        us = (us + unit // 2) // unit * unit
    days, us = (read.days, us) if kind in ("time", "timetz") else (read.days + us // DAY_US, us % DAY_US)
    offset = read.offset or 0
    made = Moment(kind, 0 if kind in ("time", "timetz") else days, us, offset)
    if kind == "date" and not DATE_MIN <= days < DATE_END:
        raise SqlError("22008", f'date out of range: "{text}"')
    if kind.startswith("timestamp") and not TIMESTAMP_MIN <= days * DAY_US + us - offset * SECOND_US < _TIMESTAMP_END:
        raise SqlError("22008", f"{kind} out of range")
    return made


def _kind(known: tuple[Part, ...]) -> Kind:
    """The type that a template's fields make up. Raises SqlError 22007."""
    names = {part.name for part in known if part.kind == "field"} - {"FX"}
    timed, zoned = bool(names & _CLOCK), bool(names & _ZONE)
    dated = bool(names - _CLOCK - _ZONE - {"IW"})  # PostgreSQL 15 does not count the week of ISO 8601
    if not timed:
        if zoned and dated:
            raise SqlError("22007", "datetime format is zoned but not timed")
        if not dated:
            raise SqlError("22007", "datetime format is not dated and not timed")
        return "date"
    if dated:
        return "timestamptz" if zoned else "timestamp"
    return "timetz" if zoned else "time"
