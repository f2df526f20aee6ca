"""Checks and canonical texts of setting values: what SET accepts and what SHOW prints.

Rules are PostgreSQL's (https://www.postgresql.org/docs/15/config-setting.html): booleans by unambiguous prefix, integers with
units, enums without regard to case. A value that does not fit is 22023 with the choices or the range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from fedgate.errors import SqlError
from fedgate.settings.table import SPELLING, Setting
from fedgate.types.posix_zones import offset_name
from fedgate.types.zones import find_zone

_BOOL_WORDS = {"true": "on", "yes": "on", "on": "on", "1": "on", "false": "off", "no": "off", "off": "off", "0": "off"}
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*$", re.IGNORECASE)
_TIME_UNITS = {"us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_SIZE_UNITS = {"B": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_UNITS: dict[str, Mapping[str, float]] = {"ms": _TIME_UNITS, "s": _TIME_UNITS, "kB": _SIZE_UNITS, "bytes": _SIZE_UNITS}
_DATE_STYLES = {"iso": "ISO", "sql": "SQL", "postgres": "Postgres", "german": "German"}


def canonical(setting: Setting, text: str, current: str) -> str:
    """The text that is stored and shown for `text`. Raises SqlError 22023 (or 0A000 for an encoding)."""
    match setting.kind:
        case "bool":
            return _bool(setting, text)
        case "enum":
            return _enum(setting, text)
        case "int" | "real":
            return _number(setting, text)
        case "timezone":
            return timezone(text)
        case "datestyle":
            return _datestyle(text, current)
        case "encoding":
            return _encoding(text)
        case _:
            return text


def invalid(setting: Setting, text: str, hint: str | None = None, detail: str | None = None) -> SqlError:
    return SqlError("22023", f'invalid value for parameter "{shown_name(setting.name)}": "{text}"', hint=hint, detail=detail)


def shown_name(name: str) -> str:
    return SPELLING.get(name, name)


def milliseconds(stored: str) -> int:
    """The number of milliseconds of a stored time setting (`30s`, `500`)."""
    match = _NUMBER.match(stored)
    assert match, stored
    return int(float(match[1]) * _TIME_UNITS[match[2] or "ms"])


def size_bytes(stored: str) -> int:
    match = _NUMBER.match(stored)
    assert match, stored
    return int(float(match[1]) * _SIZE_UNITS[match[2] or "B"])


def _bool(setting: Setting, text: str) -> str:
    word = text.strip().lower()
    hits = {value for key, value in _BOOL_WORDS.items() if word and key.startswith(word)} if word != "o" else set()
    if len(hits) != 1:
        raise SqlError("22023", f'parameter "{shown_name(setting.name)}" requires a Boolean value')
    return hits.pop()


def _enum(setting: Setting, text: str) -> str:
    word = text.strip().lower()
    if (meant := next((choice for choice in setting.choices if choice.lower() == word), None)) is not None:
        return meant
    if set(setting.choices) & {"on", "off"} and word in _BOOL_WORDS and _BOOL_WORDS[word] in setting.choices:
        return _BOOL_WORDS[word]
    if word in setting.later:
        raise SqlError(
            "0A000",
            f'value "{word}" of parameter "{shown_name(setting.name)}" is not supported',
            hint=f"Available values: {', '.join(setting.choices)}.",
        )
    raise invalid(setting, text, hint=f"Available values: {', '.join(setting.choices)}.")


def _number(setting: Setting, text: str) -> str:
    match = _NUMBER.match(text)
    units = _UNITS.get(setting.unit, {})
    if not match or (match[2] and match[2] not in units):
        hint = f"Valid units for this parameter are {', '.join(map(repr, units))}.".replace("'", '"') if match and units else None
        raise invalid(setting, text, hint=hint)
    base = {"ms": 1.0, "s": 1000.0, "kB": 1024.0, "bytes": 1.0}.get(setting.unit, 1.0)
    value = float(match[1]) * (units[match[2]] / base if match[2] else 1)
    if setting.kind == "int":
        value = float(round(value))
    if not setting.minimum <= value <= setting.maximum:
        shown = int(value) if setting.kind == "int" else value
        low, high = (int(setting.minimum), int(setting.maximum)) if setting.kind == "int" else (setting.minimum, setting.maximum)
        unit = f" {setting.unit}" if setting.unit else ""
        raise SqlError(
            "22023",
            f'{shown}{unit} is outside the valid range for parameter "{shown_name(setting.name)}" ({low} .. {high})',
        )
    if setting.kind == "real":
        return f"{value:g}"
    return _with_unit(int(value), setting.unit)


def _with_unit(value: int, unit: str) -> str:
    """PostgreSQL shows the largest unit that divides the value; 0 has none."""
    if not unit or value <= 0:
        return str(value)
    if unit == "bytes":
        ladder = [(1024**3, "GB"), (1024**2, "MB"), (1024, "kB")]
        return next((f"{value // size}{name}" for size, name in ladder if value % size == 0), str(value))
    ladder = {
        "ms": [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"), (1, "ms")],
        "s": [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")],
        "kB": [(1024**3, "TB"), (1024**2, "GB"), (1024, "MB"), (1, "kB")],
    }[unit]
    return next(f"{value // size}{name}" for size, name in ladder if value % size == 0)


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() if name not in ("localtime", "Factory")}


def timezone(text: str) -> str:
    """Canonical name of a time zone: an IANA name in any case, POSIX text (`UTC+3` is west of UTC), or a number of hours (`-8`,
    `5.5`), which counts east and is kept as `<-08>+08`.
    """
    known = _zones().get(text.lower())
    if known:
        return known
    if text.lower() in ("default", "local", "z"):
        return "UTC"
    bad = f'invalid value for parameter "TimeZone": "{text}"'
    if re.fullmatch(_HOURS, text, re.ASCII):
        named = find_zone(offset_name(math.trunc(float(text) * 3600)))
        if named is None:
            raise SqlError("22023", bad, detail="UTC timezone offset is out of range.")
        return named.name
    named = find_zone(text)
    if named is None:
        raise SqlError("22023", bad)
    if named.info is None and named.offset_at(_UNIX_OF_2000_US) % 60:
        detail = "PostgreSQL does not support leap seconds."
        raise SqlError("22023", f'time zone "{text}" appears to use leap seconds', detail=detail)
    return named.name


_HOURS: Final = r"\s*[+-]?(?:\d{1,9}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?"
_UNIX_OF_2000_US: Final = 946_684_800_000_000


def _datestyle(text: str, current: str) -> str:
    """`German, DMY`: a form and an order, each as it is unless the text names it. German means DMY unless an order is named."""
    style: str | None = None
    order: str | None = None
    german = False
    for word in (w.strip().strip('"').lower() for w in text.split(",") if text.strip()):
        form, named = _DATE_STYLES.get("postgres" if word.startswith("postgres") else word), _date_order(word)
        if word == "default":
            style, order = style or "ISO", order or "MDY"
        elif form is None and named is None:
            raise _bad_datestyle(text, f'Unrecognized key word: "{word}".')
        elif (form and style not in (None, form)) or (named and order not in (None, named)):
            raise _bad_datestyle(text, 'Conflicting "datestyle" specifications.')
        else:
            style, order = form or style, named or order
            german = german or form == "German"
    kept_style, kept_order = (part.strip() for part in current.split(","))
    return f"{style or kept_style}, {order or ('DMY' if german else kept_order)}"


def _date_order(word: str) -> str | None:
    if word == "ymd":
        return "YMD"
    if word == "dmy" or word.startswith("euro"):
        return "DMY"
    return "MDY" if word in ("mdy", "us") or word.startswith("noneuro") else None


def _bad_datestyle(text: str, detail: str) -> SqlError:
    return SqlError("22023", f'invalid value for parameter "DateStyle": "{text}"', detail=detail)


def _encoding(text: str) -> str:
    if re.sub(r"[^a-z0-9]", "", text.lower()) in ("utf8", "unicode"):
        return "UTF8"
    raise SqlError("0A000", f'client encoding "{text}" is not supported', hint="Use UTF8.")
