"""format(): texts with places for values.

A place is `%[position$][flags][width]type`, read as PostgreSQL reads it: a number without `$` ends it but for the type, a width may
be an argument. Source: https://www.postgresql.org/docs/15/functions-string.html#FUNCTIONS-STRING-FORMAT
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fedgate.errors import SqlError
from fedgate.sql.functions.carriers import E, Emit
from fedgate.sql.functions.emit import INT4, as_output, output_list
from fedgate.sql.functions.quoting import quote_identifier, quote_text
from fedgate.sql.functions.table import function
from fedgate.sql.functions.udf import scalar
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.text_in import parse

_T: Final = "VARCHAR"
_INT_MAX: Final = 2**31 - 1
_PLACE: Final = re.compile(r"(?:(\d+)(?!\d|\$)|(?:(\d+)\$)?(-*)(?:(\*)(?:(\d+)(\$)?)?|(\d+))?)", re.ASCII)


def _format(cx: Emit, a: tuple[E, ...], node: Any) -> str:
    if node.variadic:
        return f"pg_format({a[0].sql}, {output_list(cx, a[1])})"
    items = ", ".join(as_output(cx, e) for e in a[1:])
    return f"pg_format({a[0].sql}, CAST([{items}] AS VARCHAR[]))"


@dataclass(slots=True)
class _Arguments:
    """The texts of the arguments; `next` is the one that a place without a number takes, from 1."""

    items: Sequence[str | None]
    next: int = 1

    def take(self, position: str | None) -> str | None:
        if position is not None:
            self.next = _number(position)
            if self.next == 0:
                raise SqlError("22023", "format specifies argument 0, but arguments are numbered from 1")
        if self.next > len(self.items):
            raise SqlError("22023", "too few arguments for format()")
        self.next += 1
        return self.items[self.next - 2]


@scalar("pg_format", [_T, "VARCHAR[]"], _T, strict=False)
def format_(pattern: str | None, items: Sequence[str | None] | None) -> str | None:
    """What format() gives; no array at all is an empty one. Raises SqlError 22023, 22003, 22004, 22P02."""
    if pattern is None:
        return None
    arguments, out, at = _Arguments(items or ()), [], 0
    while (mark := pattern.find("%", at)) >= 0:
        out.append(pattern[at:mark])
        if pattern.startswith("%", mark + 1):
            out.append("%")
            at = mark + 2
        else:
            text, at = _place(pattern, mark + 1, arguments)
            out.append(text)
    return "".join(out) + pattern[at:]


def _place(pattern: str, start: int, arguments: _Arguments) -> tuple[str, int]:
    """What stands for the place behind the `%`, and where the text goes on."""
    found = _PLACE.match(pattern, start)
    assert found is not None  # it matches nothing, too
    only, position, flags, indirect, at, closed, direct = found.groups()
    for digits in (only, position, at, direct):
        _number(digits or "0")
    if at is not None and closed is None and found.end() < len(pattern):
        raise SqlError("22023", 'width argument position must be ended by "$"')
    kind = pattern[found.end() : found.end() + 1]
    if not kind:
        raise SqlError("22023", "unterminated format() type specifier", hint='For a single "%" use "%%".')
    for zero in (position, at):
        if zero is not None and not int(zero):
            raise SqlError("22023", "format specifies argument 0, but arguments are numbered from 1")
    if kind not in "sIL":
        raise SqlError("22023", f'unrecognized format() type specifier "{kind}"', hint='For a single "%" use "%%".')
    width = _number(only or direct or "0")
    if indirect:
        wide = arguments.take(at)
        width = 0 if wide is None else int(parse(wide, INT4, DEFAULT_STYLE))  # type: ignore[arg-type]
    shown = _shown(kind, arguments.take(position))
    if width < -_INT_MAX:
        raise SqlError("22003", "number is out of range")
    return shown.ljust(abs(width)) if flags or width < 0 else shown.rjust(width), found.end() + 1


def _number(digits: str) -> int:
    if len(digits.lstrip("0")) > 10 or int(digits) > _INT_MAX:
        raise SqlError("22003", "number is out of range")
    return int(digits)


def _shown(kind: str, value: str | None) -> str:
    if kind == "L":
        return "NULL" if value is None else quote_text(value)
    if kind == "I" and value is None:
        raise SqlError("22004", "null values cannot be formatted as an SQL identifier")
    return quote_identifier(value or "") if kind == "I" else value or ""


function("format", "string", _format)
function("format", "string, any...", _format)
